// SPDX-License-Identifier: Apache-2.0
// Who cost whom time in each device, and who was in it.
import { axisStyle, chart, redraw } from "./charts.js";
import { ink } from "./colors.js";
import { isOwn, report, targets } from "./data.js";
import { h, section, table } from "./dom.js";
import * as f from "./format.js";
import { sum } from "./model.js";
import { choice, tipText } from "./timeline.js";

const MOST = 30; // rows and columns

// Time of a target's requests in a device.
function timeIn(name, device) {
	const t = targets.find((one) => one.name === name);

	return t ? sum(Object.values((t.block || {})[device] || {}).map((o) => o.total_ns ? o.total_ns.sum : 0)) : 0;
}

function matrix(device) {
	const rows = (report.interference || []).filter((i) => i.device === device);
	const weight = (key) => {
		const of = new Map();

		for (const r of rows)
			of.set(r[key], (of.get(r[key]) || 0) + r.ns);
		const isFirst = (name) => targets.some((t) => t.name === name && isOwn(t));

		return [...of].sort((a, b) => isFirst(b[0]) - isFirst(a[0]) || b[1] - a[1]).map(([name]) => name).slice(0, MOST);
	};

	return { rows, victims: weight("victim"), aggressors: weight("aggressor") };
}

function matrixChart(devices) {
	let device = devices[0];
	const height = 130 + 30 * Math.max(...devices.map((d) => matrix(d).victims.length));

	return chart({ id: "interference-matrix", title: "Of the time of requests (rows), the part that went to others (columns)", height,
		controls: devices.length > 1 ? choice("Device", devices.map((d) => [d, d]), (d) => {
			device = d;
			redraw("interference-matrix");
		}) : h("span.dim", device),
		words: "Matrix of who waited for whom in a device",
		option: (t) => {
			const m = matrix(device);
			const cells = m.rows.filter((r) => m.victims.includes(r.victim) && m.aggressors.includes(r.aggressor))
				.map((r) => ({ ratio: timeIn(r.victim, device) > 0 ? r.ns / timeIn(r.victim, device) : 0, ...r }));

			return {
				grid: { left: 190, right: 20, top: 10, bottom: 90 },
				xAxis: { type: "category", data: m.aggressors, ...axisStyle(t, { splitLine: false, axisLabel: {
					rotate: 30, width: 130, overflow: "truncate", interval: 0 } }) },
				yAxis: { type: "category", inverse: true, data: m.victims, ...axisStyle(t, { splitLine: false, axisLabel: {
					width: 178, overflow: "truncate", interval: 0 } }) },
				visualMap: { show: false, min: 0, max: Math.max(0.01, ...cells.map((c) => c.ratio)), dimension: 2,
					inRange: { color: t === "dark" ? ["#1c2026", "#7a2e1d", "#f0673f"] : ["#ffffff", "#fdbb84", "#d7301f"] } },
				tooltip: { trigger: "item", confine: true, backgroundColor: ink[t].panel, borderColor: ink[t].line,
					textStyle: { color: ink[t].fg, fontSize: 12 }, formatter: (p) => tipText(
						`${cells[p.dataIndex].victim} lost ${f.ns(cells[p.dataIndex].ns)} to ${cells[p.dataIndex].aggressor}\n` +
						`${f.percent(cells[p.dataIndex].ratio)} of the time of its requests`) },
				series: [{ type: "heatmap", name: device,
					data: cells.map((c) => [m.aggressors.indexOf(c.aggressor), m.victims.indexOf(c.victim), c.ratio]),
					label: { show: m.aggressors.length <= 16, color: ink[t].fg, fontSize: 11, formatter: (p) =>
						p.value[2] >= 0.001 ? f.percent(p.value[2]) : "" },
					itemStyle: { borderColor: ink[t].line, borderWidth: 1 } }],
			};
		} });
}

export function interference() {
	const devices = [...new Set((report.interference || []).map((i) => i.device))]
		.sort((a, b) => sum(matrix(b).rows.map((r) => r.ns)) - sum(matrix(a).rows.map((r) => r.ns)));
	const sharing = targets.flatMap((t) => Object.entries(t.sharing || {}).map(([device, s]) => ({ t, device, ...s })))
		.sort((a, b) => b.share_ns - a.share_ns);

	if (!devices.length && !sharing.length)
		return null;
	return section("interference", ["Who was in whose way", "Interference"],
		"While requests of one waited or were served, the device was busy for others, too: by that they cost it time.",
		devices.length ? matrixChart(devices) : h("p", "Nobody waited for anybody else's requests."),
		table("Who was in each device", [["who", (s) => s.t.name], ["device", (s) => s.device],
			["busy for it", (s) => f.ns(s.share_ns), "n"], ["of its busy time", (s) => f.percent(s.share_ratio), "n"],
			["requests at once, mean", (s) => f.plain(s.depth_mean), "n"], ["at most", (s) => f.count(s.depth_max), "n"]],
		sharing.slice(0, 40)),
		table("Devices", [["device", (d) => d.name + (d.stacked ? " (stacked)" : "")], ["kind", (d) => f.text(d.kind)],
			["busy, as the kernel tells", (d) => f.ns(d.busy_ns), "n"],
			["busy, as seen", (d) => f.ns((d.probe || {}).busy_ns), "n"],
			["requests at once, mean", (d) => f.plain((d.probe || {}).depth_mean), "n"],
			["at most", (d) => f.count((d.probe || {}).depth_max), "n"]], report.devices || []));
}
