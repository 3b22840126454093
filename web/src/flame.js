// SPDX-License-Identifier: Apache-2.0
// Where tasks were on CPUs, as a flame graph (Gregg, CACM 59(6), 2016): what called is below what was called.
import { chart, redraw } from "./charts.js";
import { ink } from "./colors.js";
import { data, report, targetName, targetOf } from "./data.js";
import { h, section, table } from "./dom.js";
import * as f from "./format.js";
import { tipText } from "./timeline.js";

const ROW = 18, NARROW = 0.0005; // of what is shown: too narrow to be seen
const colors = { light: { kernel: "#9cc7f5", user: "#f7c27f", none: "#d8dce0" },
	dark: { kernel: "#1f4f7d", user: "#7d4b10", none: "#3a4149" } };

function tree(flame) {
	const root = { name: "all", n: 0, children: new Map(), depth: 0 };

	for (const [stack, n] of flame.stacks) {
		let at = root;

		root.n += n;
		for (const frame of stack.split(";")) {
			if (!at.children.has(frame))
				at.children.set(frame, { name: frame, n: 0, children: new Map(), depth: at.depth + 1, up: at });
			at = at.children.get(frame);
			at.n += n;
		}
	}
	return root;
}

// [from, to, depth, node] of what is below @top, and of what is above it on the way.
function layout(top) {
	const cells = [];
	const place = (node, from) => {
		if (node.n / top.n < NARROW)
			return;
		cells.push({ value: [from, from + node.n, node.depth], node });
		for (const child of [...node.children.values()].sort((a, b) => a.name < b.name ? -1 : 1)) {
			place(child, from);
			from += child.n;
		}
	};

	for (let up = top.up; up; up = up.up)
		cells.push({ value: [0, top.n, up.depth], node: up });
	place(top, 0);
	return cells;
}

const kindOf = (node) => node.depth < 2 || /^\[|^\?/.test(node.name) ? "none" : /_\[k\]$/.test(node.name) ? "kernel" : "user";

export function flames() {
	const list = (data.flames || []).filter((one) => one.stacks.length).map((one) => ({ ...one, root: tree(one) }));

	if (!list.length)
		return null;
	let of = list[0], top = of.root;
	const deepest = (node) => Math.max(node.depth, ...[...node.children.values()].map(deepest));
	const height = ROW * (Math.max(...list.map((l) => deepest(l.root))) + 1) + 8;
	const show = (node) => {
		top = node;
		redraw("flame");
	};
	// The widest frame of a function.
	const widest = (node, name) => [...node.children.values()].map((c) => widest(c, name))
		.reduce((a, b) => b && (!a || b.n > a.n) ? b : a, node.name === name ? node : null);
	const controls = h("span.choice",
		list.length > 1 ? h("select", { "aria-label": "Target", onchange: (e) => {
			of = list[e.target.selectedIndex];
			show(of.root);
		} }, list.map((l) => h("option", targetName(l.target)))) : h("span.dim", targetName(of.target)),
		h("button", { type: "button", onclick: () => show(of.root) }, "all"),
		h("button", { type: "button", onclick: () => show(top.up || top) }, "one down"));
	const left = list.reduce((n, l) => n + l.left_out.samples, 0);
	const profile = (targetOf(of.target) || {}).profile || {};

	return section("flame", ["On CPUs: sampled stacks", "Stacks"],
		`${f.count((report.profile || {}).samples)} samples at ${f.count((report.profile || {}).frequency_hz)} Hz on each CPU; ` +
		`of a target with N of them a part is uncertain by 1/√N. Blue is the kernel, orange the program. ` +
		(left ? `Stacks with the least samples had no room: ${f.count(left)} samples of them are left out. ` : "") +
		"A frame that is clicked, or chosen in the table, is as wide as the page.",
		chart({ id: "flame", title: "Flame graph", height, controls, words: "Flame graph of sampled stacks; the table below has its functions",
			ready: (instance) => instance.on("click", (p) => p.data && p.data.node && show(p.data.node)),
			option: (t) => ({
				grid: { left: 2, right: 2, top: 2, bottom: 2 },
				xAxis: { type: "value", min: 0, max: top.n, show: false },
				yAxis: { type: "value", min: 0, max: height / ROW, show: false },
				tooltip: { trigger: "item", confine: true, backgroundColor: ink[t].panel, borderColor: ink[t].line,
					textStyle: { color: ink[t].fg, fontSize: 12 }, formatter: (p) => tipText(
						`${p.data.node.name}\n${p.data.node.n} samples, ${f.percent(p.data.node.n / of.root.n)}`) },
				series: [{ type: "custom", name: "stacks", data: layout(top), encode: { x: [0, 1], y: 2 }, clip: true,
					renderItem: (params, api) => {
						const a = api.coord([api.value(0), api.value(2) + 1]), b = api.coord([api.value(1), api.value(2)]);
						const width = b[0] - a[0], node = params.context.cells[params.dataIndex].node;

						return { type: "group", children: [
							{ type: "rect", shape: { x: a[0], y: a[1], width, height: ROW - 1 },
								style: { fill: colors[t][kindOf(node)] } },
							width > 30 ? { type: "text", silent: true, style: { x: a[0] + 3, y: a[1] + 3, text: node.name, fontSize: 11,
								fill: ink[t].fg, width: width - 6, overflow: "truncate", fontFamily: "ui-monospace, monospace" } } : null,
						].filter(Boolean) };
					} }].map((s) => {
					const cells = s.data, draw = s.renderItem;

					return { ...s, renderItem: (params, api) => {
						params.context.cells = cells;
						return draw(params, api);
					} };
				}),
			}) }),
		table(`Functions of ${targetName(of.target)} with the most samples`, [["function", (x) => h("button", { type: "button", onclick: () => {
			of = list[0];
			show(widest(of.root, x.name) || of.root);
		} }, h("code", x.name))],
			["in itself", (x) => f.percent(x.self / profile.samples), "n"], ["with what it called", (x) => f.percent(x.total / profile.samples), "n"],
			["samples", (x) => x.self, "n"]], (profile.functions || []).slice(0, 20)));
}
