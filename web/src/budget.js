// SPDX-License-Identifier: Apache-2.0
// The time of calls by what it went to: of each target, and of each phase of one.
import { axisStyle, chart, legendStyle, redraw } from "./charts.js";
import { ink, parts } from "./colors.js";
import { own, workName } from "./data.js";
import { h, section, table } from "./dom.js";
import * as f from "./format.js";
import { tipText } from "./timeline.js";

function bars(id, title, rows, words, controls, current) {
	const list = () => current ? current() : rows;

	return chart({ id, title, words, controls, height: 70 + 26 * Math.min(rows.length, 40),
		option: (t) => {
			const shown = list();

			return {
				grid: { left: 150, right: 90, top: 30, bottom: 24 }, legend: legendStyle(t),
				xAxis: { type: "value", min: 0, max: 1, ...axisStyle(t, { axisLabel: { formatter: f.percent } }) },
				yAxis: { type: "category", inverse: true, data: shown.map((r) => r.name),
					...axisStyle(t, { splitLine: false, axisLabel: { width: 138, overflow: "truncate" } }) },
				tooltip: { trigger: "item", confine: true, backgroundColor: ink[t].panel, borderColor: ink[t].line,
					textStyle: { color: ink[t].fg, fontSize: 12 }, formatter: (p) => {
						const row = shown[p.dataIndex], part = parts.find((one) => one.name === p.seriesName);

						return tipText(`${row.name}\n${part.words}: ${f.ns(row.budget[part.key])} (${f.percent(p.value)})`);
					} },
				series: parts.filter((p) => shown.some((r) => r.budget[p.key] > 0)).map((p, i, all) => ({
					type: "bar", name: p.name, stack: "b", color: p.color, barMaxWidth: 20,
					data: shown.map((r) => r.budget[p.key] > 0 ? r.budget[p.key] / r.budget.total_ns : 0),
					label: i + 1 < all.length ? undefined : { show: true, position: "right", color: ink[t].dim, fontSize: 11,
						formatter: (x) => f.ns(shown[x.dataIndex].budget.total_ns) },
				})),
			};
		} });
}

export function budgets() {
	const rows = own.filter((t) => t.budget && t.budget.total_ns > 0).map((t) => ({ name: t.name, budget: t.budget, target: t }));
	const phasesOf = (r) => (r.budget.phases || []).filter((p) => p.total_ns > 0).map((p) => ({ name: workName(p), budget: p }));
	const phased = rows.filter((r) => phasesOf(r).length);

	if (!rows.length)
		return null;
	let of = phased[0];
	const select = phased.length > 1 && h("select", { "aria-label": "Target", onchange: (e) => {
		of = phased[e.target.selectedIndex];
		redraw("budget-phases");
	} }, phased.map((r) => h("option", r.name)));
	const longest = phased.length ? phased.map(phasesOf).reduce((a, b) => a.length >= b.length ? a : b) : [];

	return section("budget", ["Where the time of calls went", "Time"],
		"All time that tasks spent in file system calls, each part once; what is other is not explained.",
		h("div.panels",
			bars("budget-targets", "Of each target", rows, "One bar for each target, its parts side by side"),
			of ? bars("budget-phases", phased.length > 1 ? "Of each phase of" : `Of each phase of ${of.name}`, longest,
				"One bar for each phase of one target", select, () => phasesOf(of)) : null),
		table("In numbers", [["target", (r) => r.name], ["in calls", (r) => f.ns(r.budget.total_ns), "n"],
			...parts.filter((p) => rows.some((r) => r.budget[p.key] > 0)).map((p) =>
				[p.name, (r) => f.percent(r.budget[p.key] / r.budget.total_ns), "n"])], rows));
}
