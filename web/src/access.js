// SPDX-License-Identifier: Apache-2.0
// How large calls and requests were, and in which order they lay.
import { axisStyle, chart, legendStyle, redraw } from "./charts.js";
import { ink } from "./colors.js";
import { own } from "./data.js";
import { h, section, table } from "./dom.js";
import * as f from "./format.js";
import { tipText } from "./timeline.js";

// The bins that Darshan uses, in order.
const bins = ["0_100", "100_1K", "1K_10K", "10K_100K", "100K_1M", "1M_4M", "4M_10M", "10M_100M", "100M_1G", "1G_PLUS"];
const binName = (b) => b.replace("_PLUS", " and more").replace("_", " to ");
const kinds = [["read", "call", "#0b62b8"], ["write", "call", "#b4501a"], ["read", "request", "#79b8ff"], ["write", "request", "#f2a36b"]];

// Requests of one target and operation, all leaf devices together.
function requests(t, op) {
	return Object.entries(t.block || {}).filter(([, ops]) => ops[op] && !ops[op].stacked).map(([device, ops]) => ({ device, ...ops[op] }));
}

function binsOf(t, op, what) {
	const list = what === "call" ? [((t.vfs || {})[op] || {}).size_bytes] : requests(t, op).map((r) => r.size);
	const n = bins.map(() => 0);

	for (const size of list)
		for (const [bin, count] of Object.entries((size || {}).darshan || {}))
			n[bins.indexOf(bin)] += count;
	return n;
}

function sizes(list) {
	let of = list[0];
	const select = list.length > 1 ? h("select", { "aria-label": "Target", onchange: (e) => {
		of = list[e.target.selectedIndex];
		redraw("sizes");
	} }, list.map((t) => h("option", t.name))) : h("span.dim", of.name);

	return chart({ id: "sizes", title: "Sizes of calls and of requests", height: 260, controls: select,
		words: "Bars: how many calls and requests of one target were of each size",
		option: (t) => ({
			grid: { left: 74, right: 16, top: 30, bottom: 40 }, legend: legendStyle(t),
			xAxis: { type: "category", data: bins.map(binName), name: "bytes", nameLocation: "middle", nameGap: 24,
				...axisStyle(t, { splitLine: false }) },
			yAxis: { type: "value", min: 0, ...axisStyle(t, { axisLabel: { formatter: f.count } }) },
			tooltip: { trigger: "axis", confine: true, valueFormatter: f.count, backgroundColor: ink[t].panel,
				borderColor: ink[t].line, textStyle: { color: ink[t].fg, fontSize: 12 } },
			series: kinds.map(([op, what, color]) => ({ type: "bar", name: `${op} ${what}s`, color, data: binsOf(of, op, what) }))
				.filter((s) => s.data.some((v) => v > 0)),
		}) });
}

const orders = [["consecutive", "where the one before ended", "#4e79a7"], ["forward", "further on", "#59a14f"],
	["backward", "before it", "#e15759"], ["unknown", "order not known", "#9c9c9c"]];

function order(rows) {
	return chart({ id: "order", title: "Where requests began", height: 90 + 24 * Math.min(rows.length, 30),
		words: "Bars: parts of requests that began where the one before ended, further on, or before it",
		option: (t) => ({
			grid: { left: 190, right: 24, top: 30, bottom: 24 }, legend: legendStyle(t),
			xAxis: { type: "value", min: 0, max: 1, ...axisStyle(t, { axisLabel: { formatter: f.percent } }) },
			yAxis: { type: "category", inverse: true, data: rows.map((r) => r.name), ...axisStyle(t, { splitLine: false, axisLabel: {
				width: 178, overflow: "truncate" } }) },
			tooltip: { trigger: "item", confine: true, backgroundColor: ink[t].panel, borderColor: ink[t].line,
				textStyle: { color: ink[t].fg, fontSize: 12 }, formatter: (p) => tipText(
					`${rows[p.dataIndex].name}\n${p.seriesName}: ${f.percent(p.value)}`) },
			series: orders.map(([key, words, color]) => ({ type: "bar", stack: "o", name: words, color, barMaxWidth: 18,
				data: rows.map((r) => r.ios > 0 ? (key === "unknown" ?
					Math.max(0, r.ios - r.consecutive - r.forward - r.backward) : r[key]) / r.ios : 0) }))
				.filter((s) => s.data.some((v) => v > 0)),
		}) });
}

export function access() {
	const sized = own.filter((t) => kinds.some(([op, what]) => binsOf(t, op, what).some((n) => n > 0)));
	const rows = own.flatMap((t) => ["read", "write"].flatMap((op) => requests(t, op)
		.map((r) => ({ name: `${t.name} ${r.device} ${op}`, ...r }))));
	const ordered = rows.filter((r) => r.ios > 0 && r.consecutive !== undefined).slice(0, 30);

	if (!sized.length && !rows.length)
		return null;
	return section("access", ["Size and order of access", "Access"], "Calls are what the program asked for, requests what devices got.",
		h("div.panels", sized.length ? sizes(sized) : null, ordered.length ? order(ordered) : null),
		table("Requests", [["of", (r) => r.name], ["requests", (r) => f.count(r.ios), "n"], ["bytes", (r) => f.bytes(r.bytes), "n"],
			["size p50", (r) => f.bytes((r.size || {}).p50), "n"], ["p99", (r) => f.bytes((r.size || {}).p99), "n"],
			["sequential", (r) => f.percent(r.sequential_ratio), "n"], ["merged into others", (r) => f.count(r.merges), "n"],
			["split", (r) => f.count(r.splits), "n"], ["errors", (r) => f.count(r.errors), "n"]], rows.slice(0, 60)));
}
