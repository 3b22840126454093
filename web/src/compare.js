// SPDX-License-Identifier: Apache-2.0
// Runs side by side: what was unlike about them, what changed, and their latencies one over the other.
import { axisStyle, chart, legendStyle, redraw } from "./charts.js";
import { percentileName, steps, tips } from "./cdf.js";
import { ink, sideColor } from "./colors.js";
import { data } from "./data.js";
import { h, section, table } from "./dom.js";
import * as f from "./format.js";
import { tipText } from "./timeline.js";

const CHANGES = 30; // metrics with a bar
const c = data.comparison || {};
const runs = c.runs || [];
const sides = [...new Set(runs.map((r) => r.side))].sort((a, b) => a - b);
const isGroups = c.basis === "groups";
const isTested = (c.metrics || []).some((m) => m.tests); // of single runs, those whose tool repeated itself
const others = sides.filter((s) => s > 0);
const number = (side) => String(side + 1); // as in a terminal
const membersOf = (side) => runs.filter((r) => r.side === side);
const nameOf = (side) => `${number(side)}: ${membersOf(side)[0].name || membersOf(side)[0].id}`;

// As `cbpf compare` shows it in a terminal.
function value(path, v) {
	if (path.endsWith("bytes_per_s"))
		return f.rate(v);
	if (path.endsWith("bytes") && !path.startsWith("perf."))
		return f.bytes(v);
	if (/_ns($|\.)/.test(path) || (/^(block|vfs)\./.test(path) && /\.p(50|99)$/.test(path)))
		return f.ns(v);
	return path.endsWith("-clock") ? f.ns(v) : Number.isInteger(v) ? f.count(v) : f.plain(v);
}

const change = (v) => !Number.isFinite(v) ? "-" : (v > 0 ? "+" : "") + f.plain(v) + " %";
const interval = (ci) => ci && ci.every(Number.isFinite) ? `${change(ci[0])} to ${change(ci[1])}` : "-";
const testOf = (m, side) => (m.tests || [])[side] || {};
const differs = (m) => others.some((s) => testOf(m, s).verdict === "differs");
const mostChange = (m) => Math.max(...others.map((s) => Math.abs((m.change_pct || [])[s]) || 0));

function whatIsCompared() {
	return h("ul.plain", sides.map((s) => h("li",
		h("span.key", { style: { background: sideColor(s, "light") } }), h("b", number(s)), s ? " " : " (the base) ",
		membersOf(s).map((r, i) => [i > 0 && ", ", r.name || "", " ", h("code", r.id),
			r.status && r.status !== "ok" && h("span.bad", ` ${r.status}`)]))));
}

function verdict() {
	const found = (c.metrics || []).filter(differs), crossed = c.crossed || 0;
	const few = (c.metrics || []).some((m) => others.some((s) => testOf(m, s).verdict === "not enough repetitions"));
	const say = [];

	if ((c.thresholds || []).length)
		say.push(h("li", crossed ? h("span.bad", `${crossed} of ${c.thresholds.length} thresholds were crossed.`) :
			`None of ${c.thresholds.length} thresholds was crossed.`));
	if (!isGroups)
		say.push(h("li", "One run each is no basis to tell a difference from noise: repeat the runs."));
	else if (few)
		say.push(h("li", "Not enough repetitions to tell every difference from chance",
			c.family && c.family.needed ? `: ${c.family.needed} of each side would do.` : "."));
	if (!isGroups && isTested)
		say.push(h("li", `${found.length} of ${c.metrics.filter((m) => m.tests).length} metrics that the tool repeated differ. Samples: ${
			c.samples}, which tell less than separate runs would.`));
	if (isGroups)
		say.push(h("li", found.length ? `${found.length} of ${c.metrics.length} metrics differ, by a test for all of them together.` :
			"No metric differs, by a test for all of them together."));
	if ((c.warnings || []).length)
		say.push(h("li", h("a", { href: "#warnings" }, `${c.warnings.length} things were unlike about the runs`),
			": they may be why the numbers are."));
	return h("section.verdict", { id: "verdict", "aria-label": "Verdict" },
		h("div.trust." + (crossed ? "bad" : isGroups && !few ? "good" : "care"), h("ul", say)), whatIsCompared());
}

function thresholds() {
	return table("Thresholds", [["it", (t) => t.crossed ? "CROSSED" : "held"], ["threshold", (t) => h("code", t.expr)],
		["side", (t) => number(t.side)], ["what decided", (t) => f.text(t.text)]],
	c.thresholds || [], (t) => t.crossed ? { class: "alarm" } : {});
}

const SHOWN = 200; // characters of a fact

// As the terminal has it: what is absent is no zero, and what has parts that differ is told by those.
function words(v, w) {
	if (v === null || v === undefined)
		return w.what === "loss" ? "none" : "absent";
	if (typeof v === "object" && v.differ)
		return v.differ.map((one) => words(one, w)).join(" | ");
	if (Array.isArray(v) && !v.some((one) => typeof one === "object"))
		return v.length ? v.map((one) => words(one, w)).join(", ") : "[]";
	if (typeof v === "object" || (v === true && w.what === "target"))
		return "present";
	if (typeof v === "number" && w.path.endsWith("_ns"))
		return f.ns(v);
	return v === "" ? '""' : String(v).length > SHOWN ? String(v).slice(0, SHOWN) + "..." : String(v);
}

function warnings() {
	return (c.warnings || []).length ? section("warnings", ["What was unlike about the runs", "Unlike"],
		"It may be why their numbers are.",
		table("Facts of hosts, keys of specs, versions, losses", [["of", (w) => w.what],
			["which", (w) => [f.text(w.path), w.reason && h("div.dim", w.reason)]],
			...sides.map((s) => [number(s), (w) => words((w.values || [])[s], w)])], c.warnings)) : null;
}

function bars(t) {
	const list = (c.metrics || []).filter((m) => mostChange(m) > 0)
		.sort((a, b) => differs(b) - differs(a) || mostChange(b) - mostChange(a)).slice(0, CHANGES).reverse();
	const names = list.map((m) => `${m.target} ${m.path}`);

	return {
		grid: { left: 260, right: 60, top: 30, bottom: 40 }, legend: legendStyle(t),
		tooltip: { ...tips(t), formatter: (p) => tipText(`${names[p.dataIndex]}\n${p.seriesName}: ${change(p.data.pct)}` +
			(p.data.ci ? `\n95 %: ${interval(p.data.ci)}` : "")) },
		// A few that are ten times as much hide all others on a linear axis.
		xAxis: { type: "value", name: "change in percent", nameLocation: "middle", nameGap: 24, min: -100, max: 100,
			...axisStyle(t) },
		yAxis: { type: "category", data: names, ...axisStyle(t, { splitLine: false,
			axisLabel: { width: 240, overflow: "truncate", interval: 0 } }) },
		series: others.map((s) => ({ type: "bar", name: nameOf(s), color: sideColor(s, t), barMaxWidth: 12,
			data: list.map((m) => {
				const pct = m.change_pct[s];

				return Number.isFinite(pct) ? { value: Math.max(-100, Math.min(100, pct)), pct,
					ci: testOf(m, s).change_ci_pct,
					itemStyle: { opacity: !m.tests || testOf(m, s).verdict === "differs" ? 1 : 0.35 } } : { value: null };
			}) })),
	};
}

function changes() {
	const some = (c.metrics || []).filter((m) => mostChange(m) > 0);

	if (!(c.metrics || []).length)
		return null;
	return section("changes", ["What changed", "Changes"],
		isGroups ? "Means of each side, with what they changed against the base and the 95 % confidence interval of that. " +
			"Full bars differ by the test; pale ones may be chance." : "Of single runs: a change may be noise." +
			(isTested ? ` What has a verdict was repeated; samples: ${c.samples}.` : ""),
		some.length ? chart({ id: "changes", title: some.length > CHANGES ? `The ${CHANGES} largest changes` : "Changes",
			height: 90 + 22 * Math.min(CHANGES, some.length), option: bars,
			words: "Change of each metric against the base, in percent",
			note: "Bars end at 100 %; the numbers do not." }) : h("p", "No metric changed."),
		table("All metrics", [["target", (m) => m.target], ["metric", (m) => h("code", m.path)],
			...sides.map((s) => [number(s), (m) => value(m.path, m.values[s]), "n"]),
			...others.flatMap((s) => [[`${number(s)}: change`, (m) => change((m.change_pct || [])[s]), "n"],
				...isTested ? [["95 %", (m) => interval(testOf(m, s).change_ci_pct), "n"],
					["p, adjusted", (m) => f.plain(testOf(m, s).p_adjusted), "n"],
					["verdict", (m) => f.text(testOf(m, s).verdict)]] : []])],
		c.metrics, (m) => differs(m) ? { class: "differs" } : {}));
}

const lineOf = (t, s, points) => ({ type: "line", name: nameOf(s), data: points, showSymbol: points.length < 3, symbolSize: 5,
	triggerLineEvent: true, color: sideColor(s, t), lineStyle: { width: 1.7 } });

function distributions() {
	const list = (c.distributions || []).filter((d) => (d.sides || []).some((s) => s.count > 0));

	if (!list.length)
		return null;
	let at = list.reduce((best, d, i) => Math.min(...d.count) > Math.min(...list[best].count) ? i : best, 0);
	const pick = h("select", { "aria-label": "Latencies of", onchange: (e) => {
		at = +e.currentTarget.value;
		redraw("percentiles");
		redraw("cdf");
	} }, list.map((d, i) => h("option", { value: i, selected: i === at }, `${d.target} ${d.path}`)));
	const linesOf = (t, points) => sides.filter((s) => (list[at].sides[s] || {}).count > 0)
		.map((s) => lineOf(t, s, points(list[at].sides[s])));
	const base = (t) => ({ grid: { left: 74, right: 24, top: 30, bottom: 40 }, legend: legendStyle(t) });

	return section("distributions", ["Latencies, one over the other", "Latencies"],
		"Of all runs of a side together. Values are within 3.2 %; the largest is exact.",
		h("p", h("label", "Latencies of ", pick)),
		h("div.panels", chart({ id: "percentiles", title: "Percentiles", height: 320,
			words: "Latency at each percentile, one line for each side",
			option: (t) => ({ ...base(t),
				xAxis: { type: "log", min: 1, name: "percentile", nameLocation: "middle", nameGap: 24,
					...axisStyle(t, { axisLabel: { formatter: percentileName } }) },
				yAxis: { type: "log", ...axisStyle(t, { axisLabel: { formatter: f.ns } }) },
				tooltip: { ...tips(t), formatter: (p) => tipText(`${p.seriesName}\n${percentileName(p.value[0])}: ${f.ns(p.value[1])}`) },
				series: linesOf(t, (d) => steps(d).map(([ns, q]) => [1 / Math.max(1 - q, 0.5 / d.count), ns])) }) }),
		chart({ id: "cdf", title: "Part that took no longer", height: 320,
			words: "Cumulative distribution of latencies, one line for each side",
			option: (t) => ({ ...base(t),
				xAxis: { type: "log", name: "latency", nameLocation: "middle", nameGap: 24, ...axisStyle(t, { axisLabel: { formatter: f.ns } }) },
				yAxis: { type: "value", min: 0, max: 1, ...axisStyle(t, { axisLabel: { formatter: f.percent } }) },
				tooltip: { ...tips(t), formatter: (p) => tipText(`${p.seriesName}\n${f.percent(p.value[1])} took at most ${f.ns(p.value[0])}`) },
				series: linesOf(t, steps) }) })),
		table("How far apart they are from the base", [["target", (d) => d.target], ["of", (d) => h("code", d.path)],
			...sides.map((s) => [`${number(s)}: count`, (d) => f.count(d.count[s]), "n"]),
			...others.flatMap((s) => [[`${number(s)}: part (Kolmogorov-Smirnov)`, (d) => f.percent(d.ks[s]), "n"],
				[`${number(s)}: time (Wasserstein)`, (d) => f.ns(d.wasserstein_ns[s]), "n"]])], list));
}

export function comparison() {
	const t = thresholds();

	return { title: sides.map(nameOf).join(" | "),
		parts: [h("header", { id: "top" }, h("h1", sides.map(nameOf).join(" against "))), verdict()],
		sections: [t && section("thresholds", ["Thresholds", "Thresholds"], null, t), changes(), distributions(), warnings()]
			.filter(Boolean) };
}
