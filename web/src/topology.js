// SPDX-License-Identifier: Apache-2.0
// Which target used which mount and which device, and what devices rest upon.
import { chart } from "./charts.js";
import { ink, targetColor } from "./colors.js";
import { isOwn, report, targets } from "./data.js";
import { h, section, table } from "./dom.js";
import * as f from "./format.js";
import { sum } from "./model.js";
import { tipText } from "./timeline.js";

const X = { target: 0, mount: 380, device: 760, leaf: 1020 };
const ROW = 34;
const LEAST = 0.001; // of a target's bytes: mounts with less are only in the table

const opBytes = (ops) => sum(Object.values(ops || {}).map((o) => o.bytes || 0));
const opCalls = (ops) => sum(Object.values(ops || {}).map((o) => o.calls || 0));

// device.dev is major << 20 | minor; a mount has "major:minor".
const mountDev = (m) => {
	const [major, minor] = String(m.dev || "").split(":").map(Number);

	return Number.isFinite(minor) ? major * 2 ** 20 + minor : null;
};

function model() {
	const devices = (report.devices || []).filter((d) => d.name);
	const shown = targets.filter((t) => isOwn(t) || t.kind === "unattributed");
	const mounts = new Map(), edges = [];
	const partOf = (dev) => devices.find((d) => d.dev === dev) ||
		devices.filter((d) => d.dev !== undefined && Math.floor(d.dev / 2 ** 20) === Math.floor(dev / 2 ** 20) && d.dev < dev)
			.sort((a, b) => b.dev - a.dev)[0];

	for (const t of shown) {
		const all = sum((t.vfs_mounts || []).map((m) => opBytes(m.ops)));

		for (const m of t.vfs_mounts || []) {
			const key = m.id ? `${m.fs} ${m.mount}` : null;

			if (!key || !opCalls(m.ops) || opBytes(m.ops) < LEAST * all)
				continue;
			mounts.set(key, m);
			edges.push({ from: "t" + t.id, to: "m" + key, bytes: opBytes(m.ops), calls: opCalls(m.ops) });
		}
		for (const [name, ops] of Object.entries(t.block || {}))
			edges.push({ from: "t" + t.id, to: "d" + name, bytes: opBytes(ops), requests: sum(Object.values(ops).map((o) => o.ios || 0)) });
	}
	for (const [key, m] of mounts) {
		const dev = mountDev(m), d = dev === null || dev < 2 ** 20 ? null : partOf(dev);

		if (d)
			edges.push({ from: "m" + key, to: "d" + d.name, lies: true });
	}
	for (const d of devices)
		for (const leaf of d.leaves || [])
			if (leaf !== d.name)
				edges.push({ from: "d" + d.name, to: "d" + leaf, lies: true });
	const used = new Set(edges.flatMap((e) => [e.from, e.to]));

	return { edges: edges.filter((e) => e.from !== e.to), mounts, devices: devices.filter((d) => used.has("d" + d.name)),
		shown: shown.filter((t) => used.has("t" + t.id)) };
}

function nodes(m, t) {
	const column = (list, x, of) => list.map((one, i) => ({ x, y: i * ROW, ...of(one, i) }));
	const label = (position) => ({ show: true, position, color: ink[t].fg, fontSize: 12, width: 300, overflow: "truncate" });

	return [
		...column(m.shown, X.target, (one) => ({ id: "t" + one.id, name: one.name, category: "target", label: label("right"),
			itemStyle: { color: targetColor(one.id, t) } })),
		...column([...m.mounts], X.mount, ([key, one]) => ({ id: "m" + key, name: `${one.mount} (${one.fs})`, category: "mount",
			symbol: "rect", label: label("right"), itemStyle: { color: ink[t].dim } })),
		...column(m.devices.filter((d) => d.stacked), X.device, (d) => ({ id: "d" + d.name,
			name: d.name + (d.label ? " " + d.label : ""), symbol: "diamond", label: label("right"), itemStyle: { color: ink[t].dim } })),
		...column(m.devices.filter((d) => !d.stacked), X.leaf, (d, i) => ({ id: "d" + d.name, y: (m.shown.length + i) * ROW, name: d.name, symbol: "diamond",
			label: label("right"), itemStyle: { color: ink[t].fg } })),
	];
}

export function topology() {
	const m = model();
	const rows = Math.max(m.shown.length + m.devices.filter((d) => !d.stacked).length, m.mounts.size, m.devices.length);
	const most = Math.max(1, ...m.edges.map((e) => e.bytes || 0));

	if (!m.edges.length)
		return null;
	return section("topology", ["What used what", "Topology"],
		"Targets, mounts and devices; lines are as wide as bytes went (logarithmic), dotted ones tell what lies on what. Mounts with less than 0.1 % of the bytes are in the table only.",
		chart({ id: "topology-graph", title: "Targets, mounts, devices", height: 60 + ROW * rows,
			words: "Graph of targets, the mounts they used and the devices they reached",
			option: (t) => ({
				tooltip: { trigger: "item", confine: true, backgroundColor: ink[t].panel, borderColor: ink[t].line,
					textStyle: { color: ink[t].fg, fontSize: 12 }, formatter: (p) => {
						if (p.dataType === "node")
							return tipText(p.data.name);
						return tipText(p.data.lies ? "lies on" : `${f.bytes(p.data.bytes)}, ${p.data.calls !== undefined ?
							f.count(p.data.calls) + " calls" : f.count(p.data.requests) + " requests"}`);
					} },
				series: [{ type: "graph", layout: "none", roam: false, left: 20, right: 130, top: 16, bottom: 16, symbolSize: 12,
					preserveAspect: false, nodes: nodes(m, t), edges: m.edges.map((e) => ({ source: e.from, target: e.to, ...e,
						lineStyle: { width: e.lies ? 1 : 1 + 7 * Math.log1p(e.bytes) / Math.log1p(most), opacity: e.lies ? 0.9 : 0.35,
							type: e.lies ? "dotted" : "solid", color: e.from.startsWith("t") ?
								targetColor(+e.from.slice(1), t) : ink[t].dim } })),
					emphasis: { focus: "adjacency" } }],
			}) }),
		table("Mounts", [["target", (r) => r.t.name], ["mount", (r) => f.text(r.m.mount)], ["file system", (r) => f.text(r.m.fs)],
			["calls", (r) => f.count(opCalls(r.m.ops)), "n"], ["bytes", (r) => f.bytes(opBytes(r.m.ops)), "n"]],
		targets.filter(isOwn).flatMap((t) => (t.vfs_mounts || []).filter((one) => one.id).map((one) => ({ t, m: one }))).slice(0, 60)),
		table("Files used most", [["target", (r) => r.t.name], ["file", (r) => h("code", r.x.path)],
			["read", (r) => f.bytes(r.x.read_bytes), "n"], ["written", (r) => f.bytes(r.x.write_bytes), "n"]],
		targets.filter(isOwn).flatMap((t) => (Array.isArray(t.files) ? t.files : []).slice(0, 10).map((x) => ({ t, x })))));
}
