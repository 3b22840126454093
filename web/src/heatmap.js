// SPDX-License-Identifier: Apache-2.0
// Latencies as heatmaps: time to the right, latency upwards, darker where more calls or requests were.
import { axisStyle, chart, start, timeAxis, timeZoom } from "./charts.js";
import { ink } from "./colors.js";
import { begin, data, ends, last, latencies, OTHERS, targetName } from "./data.js";
import { append, h, section } from "./dom.js";
import * as f from "./format.js";
import { sum } from "./model.js";
import { tipText } from "./timeline.js";

const FIRST = 8; // charts that are there from the beginning
const layers = { vfs: "calls", block_total: "requests", sched_runq: "waits for a CPU" };

// Rows are halves of powers of two, as heat.h of the program has them.
const rowNs = (row) => 2 ** Math.floor(row / 2) * (row % 2 ? 1.5 : 1);
function rowOf(ns) {
	const power = Math.floor(Math.log2(Math.max(ns, 1))), part = ns / 2 ** power;

	return 2 * power + (part < 1.5 ? (part - 1) / 0.5 : 1 + (part - 1.5) / 0.5);
}

const scales = {
	light: [[222, 235, 247], [107, 174, 214], [8, 81, 156], [8, 29, 88]],
	dark: [[32, 44, 66], [38, 98, 140], [72, 175, 190], [240, 240, 170]],
};

function colorOf(part, t) {
	const scale = scales[t], at = Math.min(Math.max(part, 0), 0.9999) * (scale.length - 1), i = Math.floor(at);

	return `rgb(${scale[i].map((c, k) => Math.round(c + (scale[i + 1][k] - c) * (at - i))).join(",")})`;
}

function cellsOf(s) {
	const per = data.axis.bins_per_column, cells = [];

	for (let i = 0; i < s.heat.length; i += 3) {
		const first = s.heat[i] * per, lastBin = Math.min(first + per, ends.length) - 1;

		cells.push([begin(first), ends[lastBin], s.heat[i + 1], s.heat[i + 2]]);
	}
	return cells;
}

function heatmap(s) {
	const cells = cellsOf(s), most = Math.max(...cells.map((c) => c[3])), rows = cells.map((c) => c[2]);
	const low = Math.min(...rows), high = Math.max(...rows) + 1;
	const words = layers[s.layer];
	const title = `${targetName(s.target)}: ${s.op ? s.op + " " : ""}${words}`;
	const largest = s.most.map((v, i) => [ends[i], v === null ? null : Math.min(rowOf(v), high)]);

	return chart({ id: `heat-${s.target}-${s.layer}-${s.op || "all"}`, title, time: true, height: 200,
		words: `Heatmap of ${words} by latency over time, and the largest latency as a line`,
		option: (t) => ({
			grid: { left: 74, right: 16, top: 8, bottom: 24 }, dataZoom: timeZoom(), xAxis: timeAxis(t),
			yAxis: { type: "value", min: low, max: high, interval: Math.max(2, 2 * Math.round((high - low) / 12)),
				...axisStyle(t, { axisLabel: { showMinLabel: false, showMaxLabel: false, formatter: (v) => f.ns(rowNs(Math.round(v))) } }) },
			tooltip: { trigger: "item", confine: true, backgroundColor: ink[t].panel, borderColor: ink[t].line,
				textStyle: { color: ink[t].fg, fontSize: 12 }, formatter: (p) => tipText(p.seriesType === "line" ?
					`largest of ${f.seconds(begin(p.dataIndex))} to ${f.seconds(p.value[0])}: ${f.ns(s.most[p.dataIndex])}` :
					`${f.seconds(p.value[0])} to ${f.seconds(p.value[1])}\n${f.ns(rowNs(p.value[2]))} to ${
						f.ns(rowNs(p.value[2] + 1))}\n${f.count(p.value[3])} ${words}`) },
			series: [{
				type: "custom", name: words, data: cells, encode: { x: [0, 1], y: 2 }, clip: true,
				progressive: 4000,
				renderItem: (params, api) => {
					const a = api.coord([api.value(0), api.value(2) + 1]), b = api.coord([api.value(1), api.value(2)]);

					return { type: "rect", shape: { x: a[0], y: a[1], width: Math.max(b[0] - a[0] + 0.4, 1), height: b[1] - a[1] },
						style: { fill: colorOf(Math.log1p(api.value(3)) / Math.log1p(most), t) } };
				},
			}, {
				type: "line", name: "largest", data: largest, step: "start", showSymbol: ends.length < 2, symbolSize: 4,
				lineStyle: { width: 1, color: t === "dark" ? "#fb923c" : "#c2410c" }, itemStyle: { color: "#c2410c" },
			}],
		}) });
}

export function heatmaps() {
	const all = Object.keys(layers).flatMap((layer) => latencies(layer))
		.filter((s) => s.target !== OTHERS && s.heat.length)
		.map((s) => ({ s, time: sum(s.count.map((n, i) => n ? n * s.p50[i] : 0)) }))
		.sort((a, b) => (a.s.layer === "sched_runq") - (b.s.layer === "sched_runq") || b.time - a.time).map((x) => x.s);
	const box = h("div.panels");

	if (!all.length)
		return null;
	append(box, all.slice(0, FIRST).map(heatmap));
	const more = all.length > FIRST && h("button", { type: "button", id: "more-heatmaps", onclick: (e) => {
		append(box, all.slice(FIRST).map(heatmap));
		e.currentTarget.remove();
		start.observe();
	} }, `show ${all.length - FIRST} more`);

	return section("heatmaps", ["Latency over time", "Heatmaps"],
		"Darker is more, on a logarithmic scale; the line is the largest latency, exact. " +
		`A cell is ${f.seconds(last / Math.ceil(ends.length / data.axis.bins_per_column))} wide and half of a power of two high: ` +
		"every call and request is counted in one. " + (data.latency_left_out ?
			`${data.latency_left_out} operations that took the least time are left out.` : ""), box, more);
}
