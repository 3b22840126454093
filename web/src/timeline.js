// SPDX-License-Identifier: Apache-2.0
// Everything over time: phases, rates, latencies, processors, memory, pressure, devices; one zoom for all.
import { axisStyle, chart, legendStyle, moveBy, onZoomChange, redraw, timeAxis, timeZoom, zoom, zoomBy, zoomTo }
	from "./charts.js";
import { ink, parts, targetColor } from "./colors.js";
import { axisWords, begin, data, ends, last, latencies, lines, OTHERS, own, workName, phases, report, since,
	targetName, targets } from "./data.js";
import { h, section } from "./dom.js";
import * as f from "./format.js";
import { found, NOTE, repetitions, shade } from "./warmup.js";

const grid = { left: 74, right: 16, top: 30, bottom: 24 };
const SHOWN = 8; // targets with lines at first
const shown = new Set();

// A value holds from the end of the bin before to that of its own: a step begins there, the first at its begin.
const points = (v) => [[begin(0), v[0]], ...v.map((y, i) => [ends[i], y])];

// From the least to the most of a tick, behind the line.
function band(line, color, name, opacity) {
	if (!line.min)
		return null;
	return {
		type: "custom", name, silent: true, z: 1, tooltip: { show: false },
		data: line.min.map((min, i) => [begin(i), ends[i], min, line.max[i]]).filter((p) => p[2] !== null && p[3] > p[2]),
		encode: { x: [0, 1], y: [2, 3] }, clip: true,
		renderItem: (params, api) => {
			const a = api.coord([api.value(0), api.value(3)]), b = api.coord([api.value(1), api.value(2)]);

			return { type: "rect", shape: { x: a[0], y: a[1], width: Math.max(b[0] - a[0], 1), height: b[1] - a[1] },
				style: { fill: color, opacity } };
		},
	};
}

function tip(unit) {
	const show = f.byUnit[unit] || f.plain;

	return (v) => show(v === undefined || v === null ? NaN : +v);
}

// Ticks of a value axis: those of bytes at multiples of their unit, which are no round numbers.
function ticks(unit, list, stack) {
	if (!unit.startsWith("bytes"))
		return {};
	const tops = list.map((l) => stack ? l.line.mean : l.line.max || l.line.mean);
	const all = stack ? ends.map((_, i) => tops.reduce((sum, v) => sum + (v[i] || 0), 0)) : tops.flat();
	const most = all.reduce((m, v) => v > m ? v : m, 0);
	const step = f.byteStep(most);

	return most > 0 ? { interval: step, max: step * Math.ceil(most / step) } : {};
}

// [{name, target, line, dash}] as lines; those of targets that are not chosen are left out.
function linesOption(t, unit, list, more = {}) {
	const chosen = list.filter((l) => l.always || shown.has(l.target));
	const visible = chosen.length ? chosen : list.slice(0, SHOWN);

	return {
		grid, legend: legendStyle(t, { data: visible.map((l) => l.name) }), dataZoom: timeZoom(),
		xAxis: timeAxis(t),
		yAxis: { type: "value", ...axisStyle(t, { axisLabel: { formatter: tip(unit) } }), min: more.log ? undefined : 0,
			...ticks(unit, visible, more.stack), ...more.yAxis },
		tooltip: { trigger: "axis", confine: true, order: "valueDesc", valueFormatter: tip(unit),
			backgroundColor: ink[t].panel, borderColor: ink[t].line, textStyle: { color: ink[t].fg, fontSize: 12 } },
		series: visible.flatMap((l) => {
			const color = targetColor(l.target, t);

			return [{
				type: "line", name: l.name, data: points(l.line.mean), showSymbol: ends.length < 2, symbolSize: 5,
				// Without one the legend has the line alone: solid or dashed.
				symbol: ends.length < 2 ? "emptyCircle" : "none", step: "start", connectNulls: false, z: 3, color,
				lineStyle: { width: 1.5, type: l.dash || "solid", color }, itemStyle: { color },
				stack: more.stack, areaStyle: more.stack ? { opacity: 0.7 } : undefined,
			}, more.stack || more.log ? null : band(l.line, color, l.name,
				Math.min(0.18, 0.8 / visible.length))].filter(Boolean);
		}).concat(shade((more.shaded || []).filter((a) => shown.has(a.target)), t) || []),
	};
}

function panel(id, title, unit, list, more = {}) {
	if (!list.length)
		return null;
	return chart({ id, title, time: true, height: more.height || 190, words: more.words || "Lines over time, one for each target",
		note: [more.note, (more.shaded || []).length ? NOTE : ""].filter(Boolean).join(" "), controls: more.controls,
		option: (t) => linesOption(t, unit, more.current ? more.current() : list, more) });
}

const dashes = { read: "solid", write: "dashed", discard: "dotted" };

// Reads and writes of a layer: bytes or requests per second.
function rates(layer, key) {
	return latencies(layer).filter((s) => s[key] && (s.op === "read" || s.op === "write"))
		.map((s) => ({ target: s.target, name: `${targetName(s.target)} ${s.op}`, dash: dashes[s.op], line: s[key] }));
}

const simple = (metric, extra = "") => lines(metric).map((l) => ({ target: l.target, line: l,
	name: targetName(l.target) + extra }));

// A choice above a chart, as buttons.
export function choice(label, options, set) {
	const group = h("span.choice", { role: "group", "aria-label": label });

	options.forEach(([value, name], i) => group.append(h("button", { type: "button", "aria-pressed": String(i === 0),
		onclick: (event) => {
			for (const b of group.children)
				b.setAttribute("aria-pressed", String(b === event.currentTarget));
			set(value);
		} }, name)));
	return group;
}

function latencyPanel(layer, id, title, shaded) {
	const all = latencies(layer).filter((s) => ["read", "write", "fsync", ""].includes(s.op));
	let which = "p99";
	const current = () => all.map((s) => ({ target: s.target, name: `${targetName(s.target)} ${s.op}`.trim(),
		dash: dashes[s.op] || "dotted", line: { mean: s[which] } }));

	return panel(id, title, "ns", current(), { current, log: true, shaded, yAxis: { type: "log", min: undefined },
		controls: choice("Percentile", [["p99", "p99"], ["p50", "p50"], ["most", "largest"]], (v) => {
			which = v;
			redraw(id);
		}),
		note: "Percentiles are of all that ended in a point's time, merged from the ticks' histograms, within 3.2 %; " +
			"“largest” is exact." });
}

function pressurePanel() {
	const kinds = [["io_some", "I/O, some"], ["io_full", "I/O, all"], ["cpu_some", "CPU"], ["memory_some", "memory, some"],
		["memory_full", "memory, all"]].filter(([k]) => lines(k).length);
	let which = kinds.length ? kinds[0][0] : "io_some";

	return panel("pressure", "Pressure: part of the time in which tasks stalled", "ratio", kinds.length ? simple(which) : [],
		{ current: () => simple(which), controls: choice("Of", kinds, (v) => {
			which = v;
			redraw("pressure");
		}) });
}

function sharePanels() {
	const devices = [...new Set(lines("share").map((l) => l.device))];

	return devices.map((device, i) => {
		const list = lines("share").filter((l) => l.device === device)
			.map((l) => ({ target: l.target, line: l, name: targetName(l.target), always: true }));

		return panel(i ? "share-" + i : "share", `Who was in ${device}: part of the time`, "ratio", list,
			{ stack: "share", yAxis: { max: (v) => Math.max(1, v.max) },
				note: "While n requests are in the device each counts for the n-th part: the stack is the time in which it was busy." });
	});
}

// The time of calls by parts, of one target at a time.
function budgetPanel() {
	const with_ = own.filter((t) => t.budget && t.budget.timeline);
	let of = with_[0];

	if (!of)
		return null;
	const select = h("select", { "aria-label": "Target", onchange: (e) => {
		of = with_[e.target.selectedIndex];
		redraw("budget-time");
	} }, with_.map((t) => h("option", t.name)));

	return chart({ id: "budget-time", title: "Where the time of calls went", time: true, height: 200, controls: select,
		words: "Stacked parts of the time that calls of one target took, over time",
		note: `Seconds of calls per second: two tasks in calls at once make 2.`,
		option: (t) => {
			const line = of.budget.timeline;
			const at = line.end_ns.map(since);
			const from = (i) => i ? line.end_ns[i - 1] : line.begin_ns;

			return {
				grid, legend: legendStyle(t), dataZoom: timeZoom(), xAxis: timeAxis(t),
				yAxis: { type: "value", min: 0, ...axisStyle(t, { axisLabel: { formatter: f.plain } }) },
				tooltip: { trigger: "axis", confine: true, valueFormatter: (v) => f.plain(+v) + " s/s",
					backgroundColor: ink[t].panel, borderColor: ink[t].line, textStyle: { color: ink[t].fg, fontSize: 12 } },
				series: parts.filter((p) => line[p.key] && line[p.key].some((v) => v > 0)).map((p) => ({
					type: "line", name: p.name, stack: "b", step: "start", showSymbol: false, color: p.color,
					lineStyle: { width: 0 }, areaStyle: { opacity: 0.9, color: p.color },
					data: line[p.key].flatMap((v, i) => {
						const y = v / Math.max(1, line.end_ns[i] - from(i));

						return i ? [[at[i], y]] : [[since(line.begin_ns), y], [at[i], y]];
					}),
				})),
			};
		} });
}

// What the tools did when, and how long each target lived.
function phasesChart() {
	const rows = own.filter((t) => t.start_ns !== undefined);
	const bars = [], lives = [];
	const warm = [...found("throughput"), ...found("latency"), ...repetitions()]
		.map((a) => [rows.findIndex((r) => r.id === a.target), a.from, a.to, a.words]).filter((a) => a[0] >= 0);

	for (const t of rows)
		lives.push([rows.indexOf(t), since(t.start_ns), t.end_ns === undefined ? last : since(t.end_ns), t.name]);
	for (const p of phases)
		bars.push([rows.indexOf(p.target), since(p.begin_ns), since(p.end_ns), workName(p),
			p.tool ? p.tool.bw_mib_s : null]);
	if (!rows.length)
		return null;
	const bar = (color, height) => (params, api) => {
		const a = api.coord([api.value(1), api.value(0)]), b = api.coord([api.value(2), api.value(0)]);
		const tall = Math.min(height, api.size([0, 1])[1] * 0.8), width = Math.max(b[0] - a[0], 1);
		const item = params.seriesName === "phases" ? bars[params.dataIndex] : null;

		return { type: "group", children: [
			{ type: "rect", shape: { x: a[0], y: a[1] - tall / 2, width, height: tall, r: 2 },
				style: { fill: color(item, api.value(0)), stroke: api.visual("color"), lineWidth: 0 } },
			item && width > 46 && tall > 9 ? { type: "text", style: { text: item[3], x: a[0] + 4, y: a[1],
				textVerticalAlign: "middle", fontSize: 11, fill: "#fff", width: width - 8, overflow: "truncate" } } : null,
		].filter(Boolean) };
	};

	return chart({ id: "phases", title: "Phases", time: true, height: 60 + Math.min(rows.length, 24) * (rows.length > 10 ? 15 : 26),
		words: "One row for each target: when it lived, when its tool wrote and read, and what of that was warm-up",
		note: warm.length ? "The strip below a phase is warm-up: its begin, or all of a first repetition." : "",
		option: (t) => ({
			grid: { ...grid, left: 120, top: 8 }, dataZoom: timeZoom(), xAxis: timeAxis(t),
			yAxis: { type: "category", inverse: true, data: rows.map((r) => r.name),
				...axisStyle(t, { splitLine: false, axisLabel: { width: 108, overflow: "truncate" } }) },
			tooltip: { trigger: "item", confine: true, backgroundColor: ink[t].panel, borderColor: ink[t].line,
				textStyle: { color: ink[t].fg, fontSize: 12 }, formatter: (p) => tipText(p.seriesName === "phases" ?
					`${rows[p.value[0]].name}: ${p.value[3]}\n${f.seconds(p.value[1])} to ${f.seconds(p.value[2])}` +
					(typeof p.value[4] === "number" ? `\n${f.plain(p.value[4])} MiB/s` : "") :
					p.seriesName === "warm-up" ? `${p.value[3]}\nuntil ${f.seconds(p.value[2])}` : `${p.value[3]} ran from ${f.seconds(p.value[1])} to ${f.seconds(p.value[2])}`) },
			series: [
				{ type: "custom", name: "life", data: lives, encode: { x: [1, 2], y: 0 }, clip: true,
					renderItem: bar((_, row) => ink[t].line, 4) },
				{ type: "custom", name: "phases", data: bars, encode: { x: [1, 2], y: 0 }, clip: true,
					renderItem: bar((item) => /write/.test(item[3]) ? "#b4501a" : /read/.test(item[3]) ? "#0b62b8" : "#5c636b", 18) },
				...warm.length ? [{ type: "custom", name: "warm-up", data: warm, encode: { x: [1, 2], y: 0 }, clip: true, z: 4,
					renderItem: (params, api) => {
						const a = api.coord([api.value(1), api.value(0)]), b = api.coord([api.value(2), api.value(0)]);

						return { type: "rect", shape: { x: a[0], y: a[1] + 7, width: Math.max(b[0] - a[0], 1), height: 4 },
							style: { fill: t === "dark" ? "#f2cc60" : "#9a6700" } };
					} }] : [],
			],
		}) });
}

// Text of a tip as an element, so that names stay text.
export function tipText(text) {
	return h("div", { style: { whiteSpace: "pre-line" } }, text);
}

function toolbar() {
	const where = h("output", { for: "timeline" });
	const tell = () => {
		where.textContent = zoom.from <= 0 && zoom.to >= last ? `whole run, ${f.seconds(last)}` :
			`${f.seconds(zoom.from)} to ${f.seconds(zoom.to)}`;
	};
	const button = (label, title, act) => h("button", { type: "button", title, onclick: act }, label);

	onZoomChange(tell);
	tell();
	return h("div.toolbar", { role: "group", "aria-label": "Part of the run that is shown" },
		button("whole run", "Show all of it (0)", () => zoomTo(0, last)),
		button("+", "Closer (+)", () => zoomBy(0.5)), button("−", "Wider (-)", () => zoomBy(2)),
		button("◀", "Earlier (left)", () => moveBy(-0.25)), button("▶", "Later (right)", () => moveBy(0.25)),
		phases.length ? h("select", { "aria-label": "Show a phase", onchange: (e) => {
			const p = phases[e.target.selectedIndex - 1];

			if (p)
				zoomTo(since(p.begin_ns), since(p.end_ns));
			else
				zoomTo(0, last);
		} }, h("option", "phase…"), phases.map((p) => h("option", `${p.target.name}: ${workName(p)}`))) : null,
		where, targetPicker(), h("span.hint.dim", "Ctrl and wheel zoom, dragging moves; with a chart focused: + - 0 and arrows"));
}

function targetPicker() {
	const some = [...targets.map((t) => t.id), OTHERS].filter((id) =>
		(data.lines || []).some((l) => l.target === id) || (data.latency || []).some((l) => l.target === id));

	if (some.length < 2)
		return null;
	return h("details.picker", h("summary", "targets"), h("fieldset", h("legend", "With lines over time"),
		some.map((id) => h("label", h("input", { type: "checkbox", checked: shown.has(id), onchange: (e) => {
			if (e.target.checked)
				shown.add(id);
			else
				shown.delete(id);
			redraw();
		} }), " ", targetName(id)))));
}

function choose() {
	const busy = (t) => (t.budget && t.budget.total_ns) || (t.cgroup && t.cgroup.cpu_usage_ns) || 0;

	for (const t of [...own].sort((a, b) => busy(b) - busy(a)).slice(0, SHOWN))
		shown.add(t.id);
	for (const t of targets)
		if (t.kind === "unattributed" || t.kind === "host")
			shown.add(t.id);
	if (!own.length)
		shown.add(OTHERS);
}

export function timeline() {
	choose();
	const panels = [
		phasesChart(),
		panel("vfs_bandwidth", "Bandwidth of calls", "bytes/s", rates("vfs", "bytes"), { shaded: found("throughput", "calls") }),
		panel("block_bandwidth", "Bandwidth at devices", "bytes/s", rates("block_total", "bytes"), { shaded: found("throughput", "requests") }),
		latencies("block_total").length ? null :
			panel("cgroup_bandwidth", "Bandwidth by cgroups' own counters", "bytes/s",
				[...simple("cgroup_read", " read"), ...simple("cgroup_write", " write").map((l) => ({ ...l, dash: "dashed" }))]),
		panel("vfs_iops", "Calls per second", "1/s", rates("vfs", "ios")),
		panel("block_iops", "Requests per second (IOPS)", "1/s", rates("block_total", "ios")),
		latencyPanel("vfs", "vfs_latency", "Latency of calls", found("latency", "calls")),
		latencyPanel("block_total", "block_latency", "Latency of requests, queue and device",
			found("latency", "requests")),
		budgetPanel(),
		...sharePanels(),
		panel("hit_ratio", "Page cache hit ratio", "ratio", simple("hit_ratio"), { yAxis: { max: 1 } }),
		panel("cpu", "Processors in use", "cores", simple("cpu")),
		panel("cpu_throttled", "Held back by a CPU quota", "ratio",
			simple("cpu_throttled").filter((l) => l.line.mean.some((v) => v > 0))),
		latencyPanel("sched_runq", "runq", "Waiting for a CPU"),
		pressurePanel(),
		panel("memory", "Memory", "bytes", [...simple("memory"), ...simple("page_cache", " page cache")
			.map((l) => ({ ...l, dash: "dotted" }))]),
		panel("dirty", "Dirty pages and writeback: not on the device yet", "bytes", simple("dirty")),
		panel("network", "Network", "bytes/s", [...simple("net_rx", " received"), ...simple("net_tx", " sent")
			.map((l) => ({ ...l, dash: "dashed" }))].filter((l) => l.line.mean.some((v) => v > 0))),
		panel("llc", "L3 cache occupied", "bytes", simple("llc")),
		panel("memory_bandwidth", "Memory bandwidth", "bytes/s", [...simple("mbm_total"), ...simple("mbm_local", " local")
			.map((l) => ({ ...l, dash: "dotted" }))]),
	].filter(Boolean);

	if (!panels.length || !ends.length)
		return section("timeline", "Over time", null, h("p", "No tick of this run was stored."));
	return section("timeline", "Over time", axisWords() + "Reads are solid, writes dashed.",
		absent(), toolbar(), h("div.panels", panels));
}

// What no chart can show, since nobody measured it.
function absent() {
	const missing = [["vfs", "calls (vfs)", latencies("vfs").length], ["block", "devices (block)", latencies("block_total").length],
		["sched", "scheduler (sched)", latencies("sched_runq").length], ["pagecache", "page cache (pagecache)", lines("hit_ratio").length],
		["cgroup", "cgroups (cgroup)", lines("cpu").length + lines("memory").length],
		["rdt", "L3 cache and memory bandwidth (rdt)", lines("llc").length + lines("mbm_total").length]]
		.filter(([, , n]) => !n).map(([, words]) => words);

	return missing.length ? h("p.note", `Nothing was measured of: ${missing.join(", ")}. See `,
		h("a", { href: "#losses" }, "losses"), " for why.") : null;
}

export const intervalWords = () => report.interval_ns ? f.ns(report.interval_ns) : "-";
