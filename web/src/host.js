// SPDX-License-Identifier: Apache-2.0
// The host, the spec, what happened; what was lost, what adds up to what, and what measuring cost.
import { data, report, since } from "./data.js";
import { details, h, section, table } from "./dom.js";
import * as f from "./format.js";
import { facts } from "./results.js";

export function host() {
	return section("host", ["Host and spec", "Host"], null,
		h("div.columns",
			h("div", h("h3", "Host"), facts(report.host),
				h("h3", "Backends"), facts(report.backends)),
			h("div", h("h3", "Run"), facts(Object.fromEntries(Object.entries(report).filter(([, v]) => v !== null && typeof v !== "object"))),
				data.spec ? [h("h3", "Spec, as it was resolved"), h("pre", { tabindex: 0 }, h("code", data.spec))] : null)),
		(report.events || []).length ? details(`Events: ${report.events.length}`, table("What happened",
			[["at", (e) => f.seconds(since(e.mono_ns))], ["target", (e) => f.text(e.target)], ["what", (e) => e.what],
				["in words", (e) => f.text(e.text)]], report.events.slice(0, 2000))) : null);
}

function accounted(d) {
	const ops = ["read", "write", "discard"].filter((op) => d[op]);
	const row = (name, of, key) => ({ name, cells: ops.map((op) => f.bytes(((of || {})[op] || {})[key])) });

	return table(d.name + (d.label ? " " + d.label : "") + (d.stacked ? ` (stacked on ${(d.leaves || []).join(", ")})` : ""),
		[["whose", (r) => r.name], ...ops.map((op, i) => [op, (r) => r.cells[i], "n"])],
		[...(d.owners || []).slice(0, 30).map((o) => row(o.target, o, "bytes")), row("sum", d, "bytes"),
			row("/proc/diskstats", d, "kernel_bytes"), row("residual", d, "residual_bytes")]);
}

export function accounting() {
	return (report.devices || []).length ? section("accounting", "Accounting",
		"Everyone's bytes beside the kernel's own counters: what is left is the residual.",
		h("div.columns", report.devices.map((d) => h("div", accounted(d))))) : null;
}

export function losses() {
	const list = report.losses || [];

	return section("losses", ["Losses: what was dropped, missed, or could not be measured", "Losses"], null,
		list.length ? table("All of them", [["what", (l) => l.what], ["how often", (l) => f.count(l.count), "n"], ["why", (l) => l.reason]], list) :
			h("p", "None."));
}

export function cost() {
	const self = report.self || {};
	const probes = (self.probes || []).map((p) => ({ ...p, each: p.runs > 0 ? p.run_ns / p.runs : NaN }))
		.sort((a, b) => (b.run_ns || 0) - (a.run_ns || 0));

	return section("cost", ["What measuring cost", "Cost"], null,
		h("p", `The profiler took ${f.seconds(self.cpu_s)} of CPU (${f.percent(self.cpu_s / report.duration_s)} of one core), ` +
			`${f.bytes(self.rss_max_bytes)} of memory; ${f.count(self.ticks)} ticks, of which ${f.count(self.overruns)} took longer than the ` +
			`interval of ${f.ns(report.interval_ns)}; a sweep took ${f.ns(self.sweep_mean_us * 1e3)} (at most ${f.ns(self.sweep_max_us * 1e3)}) ` +
			`and began at most ${f.ns(self.late_max_us * 1e3)} late.`),
		table("Programs in the kernel", [["program", (p) => p.program], ["runs", (p) => f.count(p.runs), "n"],
			["each", (p) => f.ns(p.each), "n"], ["together", (p) => f.ns(p.run_ns), "n"]], probes));
}
