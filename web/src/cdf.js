// SPDX-License-Identifier: Apache-2.0
// Distributions of latency over the whole run: percentiles on an axis that has room for the tail, and shares below.
import { axisStyle, chart, legendStyle, redraw } from "./charts.js";
import { ink, targetColor } from "./colors.js";
import { own, targets } from "./data.js";
import { h, section, table } from "./dom.js";
import * as f from "./format.js";
import { choice, tipText } from "./timeline.js";

const LINES = 12;
const kinds = [
	["vfs", "calls"], ["total_ns", "requests"], ["queue_ns", "in the queue"], ["device_ns", "in the device"],
	["sched", "waits for a CPU"],
];

// First value after a bucket of the program's histograms: 16 buckets for each power of two.
const after = (low) => low < 16 ? low + 1 : low + 2 ** (Math.floor(Math.log2(low)) - 4);

function distributionsOf(kind) {
	const list = [];
	const add = (t, name, hist, dash) => {
		if (hist && hist.buckets && hist.count > 0)
			list.push({ target: t.id, name, hist, dash });
	};
	const dashes = { read: "solid", write: "dashed" };

	for (const t of kind === "vfs" || kind === "sched" ? own : targets) {
		if (kind === "vfs")
			for (const op of ["read", "write", "fsync", "open"])
				add(t, `${t.name} ${op}`, ((t.vfs || {})[op] || {}).latency_ns, dashes[op] || "dotted");
		else if (kind === "sched")
			add(t, t.name, (t.sched || {}).runq_ns, "solid");
		else
			for (const [device, ops] of Object.entries(t.block || {}))
				for (const op of ["read", "write"])
					if (ops[op] && !ops[op].stacked)
						add(t, `${t.name} ${device} ${op}`, ops[op][kind], dashes[op]);
	}
	return list.sort((a, b) => b.hist.sum - a.hist.sum);
}

// [value below which a part lies, part]
export function steps(hist) {
	let n = 0;

	return hist.buckets.map(([low, count]) => {
		n += count;
		return [Math.min(after(low), Math.max(hist.max, low)) || 1, n / hist.count];
	});
}

export const percentileName = (x) => x <= 1 ? "0 %" : `${+(100 - 100 / x).toFixed(6)} %`;

export const tips = (t) => ({ trigger: "item", confine: true, backgroundColor: ink[t].panel, borderColor: ink[t].line,
	textStyle: { color: ink[t].fg, fontSize: 12 } });

export function distributions() {
	const there = kinds.filter(([k]) => distributionsOf(k).length);

	if (!there.length)
		return null;
	let kind = there[0][0];
	const base = (t, list) => ({ grid: { left: 74, right: 24, top: 30, bottom: 40 }, legend: legendStyle(t),
		list, tooltip: tips(t) });
	const lineOf = (t, l, points) => ({ type: "line", name: l.name, data: points, showSymbol: points.length < 3, symbolSize: 5,
		triggerLineEvent: true, color: targetColor(l.target, t), lineStyle: { width: 1.5, type: l.dash } });
	const controls = choice("Of", there, (v) => {
		kind = v;
		redraw("percentiles");
		redraw("cdf");
	});
	const percentiles = chart({ id: "percentiles", title: "Percentiles", height: 300, controls,
		words: "Latency at each percentile, one line for each target and operation",
		option: (t) => {
			const list = distributionsOf(kind).slice(0, LINES);

			return { ...base(t, list),
				xAxis: { type: "log", min: 1, name: "percentile", nameLocation: "middle", nameGap: 24, ...axisStyle(t, {
					axisLabel: { formatter: percentileName } }) },
				yAxis: { type: "log", ...axisStyle(t, { axisLabel: { formatter: f.ns } }) },
				tooltip: { ...tips(t), formatter: (p) => tipText(`${p.seriesName}\n${percentileName(p.value[0])}: ${f.ns(p.value[1])}`) },
				series: list.map((l) => lineOf(t, l, steps(l.hist).map(([ns, q]) =>
					[1 / Math.max(1 - q, 0.5 / l.hist.count), ns]))) };
		} });
	const cdf = chart({ id: "cdf", title: "Part that took no longer", height: 300,
		words: "Cumulative distribution of latencies on a logarithmic axis",
		option: (t) => {
			const list = distributionsOf(kind).slice(0, LINES);

			return { ...base(t, list),
				xAxis: { type: "log", name: "latency", nameLocation: "middle", nameGap: 24, ...axisStyle(t, { axisLabel: { formatter: f.ns } }) },
				yAxis: { type: "value", min: 0, max: 1, ...axisStyle(t, { axisLabel: { formatter: f.percent } }) },
				tooltip: { ...tips(t), formatter: (p) => tipText(`${p.seriesName}\n${f.percent(p.value[1])} took at most ${f.ns(p.value[0])}`) },
				series: list.map((l) => lineOf(t, l, steps(l.hist))) };
		} });
	const rows = there.flatMap(([k, words]) => distributionsOf(k).map((l) => ({ ...l, words })));

	return section("distributions", ["Distribution of latency", "Distribution"],
		"Over the whole run. Values are within 3.2 %; the largest is exact." +
		(rows.length > LINES ? ` The ${LINES} that took the most time have a line.` : ""),
		h("div.panels", percentiles, cdf),
		table("Latencies of all, in numbers", [["of", (l) => l.name], ["what", (l) => l.words], ["count", (l) => f.count(l.hist.count), "n"],
			["mean", (l) => f.ns(l.hist.sum / l.hist.count), "n"],
			...["p50", "p90", "p99", "p999", "max"].map((k) => [k === "p999" ? "p99.9" : k, (l) => f.ns(l.hist[k]), "n"])],
		rows.slice(0, 60)));
}
