// SPDX-License-Identifier: Apache-2.0
// The first screen: what was run, what it reached, where the time went, whose fault that was, and whether to believe it.
import { own, report, workName } from "./data.js";
import { ink, targetColor } from "./colors.js";
import { axisStyle, chart, legendStyle, theme } from "./charts.js";
import { h, table } from "./dom.js";
import { findingRow, worstFirst } from "./findings.js";
import * as f from "./format.js";
import { blame, results, shares, trust } from "./model.js";

const TOP = 4, TARGETS = 8, LINES = 12;
const statusWords = {
	ok: "ended well", failed: "failed", interrupted: "interrupted", killed: "killed", running: "still running",
};

function header() {
	const host = report.host || {};
	const axes = Object.entries(report.axes || {}).map(([k, v]) => `${k}=${v}`).join(" ");

	return h("header", { id: "top" },
		h("h1", report.name || report.id, " ",
			h("span.badge." + (report.status === "ok" ? "good" : "bad"),
				statusWords[report.status] || report.status)),
		h("p.dim", report.id, axes && ", " + axes, ", ", report.started, ", lasted ",
			f.seconds(report.duration_s), ", on ", f.text(host.hostname), ", Linux ", f.text(host.kernel),
			", runtime ", f.text(report.runtime)));
}

// "-t 4096 -b 67108864" is what IOR users read; a path and its outputs are not.
function shortCommand(t) {
	const r = (t.results || []).find((one) => one.command);
	const words = r ? r.command.split(/\s+/).slice(1) : [];
	const kept = [];

	for (let i = 0; i < words.length; i++) {
		if (words[i] === "-O" || words[i] === "-o")
			i++;
		else
			kept.push(words[i]);
	}
	return r ? `${r.tool} ${kept.join(" ")}` : t.binary || "";
}

function whatRan() {
	return own.slice(0, TARGETS).map((t) => h("li",
		h("span.key", { style: { background: targetColor(t.id, theme()) }, "data-target": t.id }),
		h("b", t.name), " ", t.image && h("span.dim", t.image + " "),
		h("code", shortCommand(t)),
		t.exit_code > 0 && h("span.bad", ` exit status ${t.exit_code}`)));
}

function numbers() {
	const columns = [
		["target", (g) => g.target.name],
		["operation", (g) => workName(g) || g.tool],
		["MiB/s", (g) => f.plain(g.mean), "n"],
		["±", (g) => Number.isFinite(g.deviation) ? f.percent(g.deviation / g.mean) : "-", "n"],
		["least – most", (g) => g.bw.length > 1 ?
			`${f.plain(Math.min(...g.bw))} – ${f.plain(Math.max(...g.bw))}` : "-", "n"],
		["IOPS", (g) => f.count(Math.round(g.iops)), "n"],
		["seconds each", (g) => f.plain(g.total), "n"],
		["repetitions", (g) => g.rows.length, "n"],
	];
	const rows = results().filter((g) => g.bw.length || Number.isFinite(g.iops));

	return table("What the benchmark says: mean over repetitions, ± standard deviation", columns,
		rows.slice(0, 16)) || h("p", "No tool of this run gave numbers.");
}

// Bandwidth of each repetition: whether they agree, and which one does not.
function repetitions() {
	const groups = results().filter((g) => g.bw.length > 1).slice(0, LINES);
	const most = Math.max(0, ...groups.map((g) => g.bw.length));

	return groups.length ? chart({ id: "repetitions", title: "MiB/s of each repetition", height: 190,
		words: "One line for each target and operation, one point for each repetition",
		option: (t) => ({
			grid: { left: 60, right: 16, top: 30, bottom: 24 }, legend: legendStyle(t),
			xAxis: { type: "category", data: Array.from({ length: most }, (_, i) => i), ...axisStyle(t, { splitLine: false }) },
			yAxis: { type: "value", min: 0, ...axisStyle(t, { axisLabel: { formatter: f.plain } }) },
			tooltip: { trigger: "axis", confine: true, valueFormatter: (v) => f.plain(v) + " MiB/s",
				backgroundColor: ink[t].panel, borderColor: ink[t].line, textStyle: { color: ink[t].fg, fontSize: 12 } },
			series: groups.map((g) => ({ type: "line", name: `${g.target.name} ${workName(g) || g.tool}`, data: g.bw, symbol: "circle",
				symbolSize: 7, color: targetColor(g.target.id, t), lineStyle: { width: 1.5, type: g.op === "write" ? "dashed" : "solid" } })),
		}) }) : null;
}

function bar(budget) {
	return h("div.minibar", { "aria-hidden": "true" }, shares(budget).map((s) =>
		h("span", { style: { width: 100 * s.ratio + "%", background: s.color },
			title: `${s.name}: ${f.ns(s.ns)} (${f.percent(s.ratio)})` })));
}

function fault(t) {
	const b = blame(t), others = b.who.filter((w) => w.name !== t.name);

	if (!(b.total > 0) || !b.who.length)
		return null;
	if (!others.length || !(others[0].ratio > 0))
		return [" Its requests waited for no one else's."];
	if (others[0].ratio < 0.01)
		return [" Of the time of its requests less than 1 % went to anybody else."];
	return [" Of the time of its requests ", others.filter((w) => w.ratio >= 0.01).slice(0, 3).map((w, i) =>
		[i ? ", " : "", h("b", f.percent(w.ratio)), " went to ", h("b", w.name)]), "."];
}

function preempted(t) {
	const by = Object.entries((t.sched || {}).preempted_by || {}).sort((a, b) => b[1] - a[1])[0];

	return by && shares(t.budget)[0] && shares(t.budget)[0].key === "runq_ns" ?
		[` It lost its CPU most often to ${by[0]}.`] : null;
}

function timeOf(t) {
	const s = shares(t.budget);

	if (!s.length)
		return h("li", h("b", t.name), ": ", h("span.dim", "where its time went was not measured"), fault(t));
	return h("li", h("b", t.name), " spent ", f.ns(t.budget.total_ns), " in calls: ",
		s.slice(0, 3).filter((p) => p.ratio >= 0.01).map((p, i) => [i ? ", " : "",
			h("b", f.percent(p.ratio)), " ", p.words]), ".", fault(t), preempted(t), bar(t.budget));
}

function trusted() {
	const t = trust();
	const words = { good: "The numbers can be trusted", care: "Read the numbers with care",
		bad: "Do not trust these numbers as a result" };

	return h("div.trust." + t.level, { role: "status" },
		h("b", words[t.level]),
		t.level === "good" ? ": all ended well, every byte is accounted for within 1 %, no tick was late." :
			h("ul", t.reasons.slice(0, 6).map((r) => h("li", h("a", { href: "#host", "data-where": r.link + " host" }, r.text))),
				t.reasons.length > 6 && h("li", `and ${t.reasons.length - 6} more`)));
}

// Each rule once, with how often it found something.
function top(findings) {
	const first = new Map();

	for (const x of findings)
		first.set(x.id, [(first.get(x.id) || [x])[0], (first.get(x.id) || [x, 0])[1] + 1]);
	return [...first.values()];
}

function whereTimeWent() {
	const some = own.filter((t) => (t.budget && t.budget.total_ns > 0) || blame(t).total > 0)
		.sort((a, b) => ((b.budget || {}).total_ns || 0) - ((a.budget || {}).total_ns || 0));

	return some.length ? h("ul.plain.time", some.slice(0, 4).map(timeOf)) :
		h("p.dim", "That was not measured: it takes the collectors vfs and block.");
}

export function verdict() {
	const findings = worstFirst(report.findings || []);

	return [header(), h("section.verdict", { id: "verdict", "aria-label": "Verdict" },
		trusted(),
		h("div.columns",
			h("div", h("h2", "What was run"),
				report.description && h("p", report.description),
				h("ul.plain", whatRan(), own.length > TARGETS && h("li", `and ${own.length - TARGETS} more targets`)),
				numbers(), repetitions()),
			h("div", h("h2", "Where the time went, and whose fault it was"),
				whereTimeWent(),
				h("h2", "Top findings"),
				findings.length ? h("ul.plain", top(findings).slice(0, TOP).map(([x, n]) => [findingRow(x, true),
					n > 1 && h("li.dim", `and the same of ${n - 1} more`)])) :
					h("p", "No rule found anything."),
				h("p", h("a", { href: "#findings" }, `All ${findings.length} findings`),
					(report.not_judged || []).length ? `, ${report.not_judged.length} not judged` : ""))))];
}
