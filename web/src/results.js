// SPDX-License-Identifier: Apache-2.0
// Every repetition of the tools, what the kernel saw of each phase, what was expected; then each target's numbers.
import { own, report, workName } from "./data.js";
import { details, h, section, table } from "./dom.js";
import * as f from "./format.js";
import { sum } from "./model.js";
import { spreadTable, warmUpTable } from "./warmup.js";

function repetitions() {
	const rows = own.flatMap((t) => (t.results || []).map((r) => ({ t, r })));

	return table("Each repetition, as the tool tells", [["target", (x) => x.t.name],
		["operation", (x) => workName(x.r) || f.text(x.r.tool)],
		["MiB/s", (x) => f.plain(x.r.bw_mib_s), "n"], ["IOPS", (x) => f.count(Math.round(x.r.iops)), "n"],
		["moved", (x) => f.bytes(x.r.bytes), "n"], ["open", (x) => f.seconds(x.r.open_s), "n"], ["transfer", (x) => f.seconds(x.r.wrrd_s), "n"],
		["close", (x) => f.seconds(x.r.close_s), "n"], ["total", (x) => f.seconds(x.r.total_s), "n"], ["ranks", (x) => f.count(x.r.tasks), "n"],
		["status", (x) => f.text(x.r.status) + (x.r.message ? ": " + x.r.message : "")]], rows.slice(0, 400),
	(x) => x.r.status && x.r.status !== "ok" ? { class: "alarm" } : {});
}

function ofKernel(p) {
	const ops = Object.values(p.block || {}).map((of) => of[p.op]).filter(Boolean);

	return { bytes: sum(ops.map((o) => o.bytes || 0)), p99: Math.max(...ops.map((o) => (o.total_ns || {}).p99 || NaN)) };
}

function phaseTable() {
	const rows = own.flatMap((t) => (t.phases || []).map((p) => ({ t, p })));

	return table("Each phase, as the kernel saw it", [["target", (x) => x.t.name], ["phase", (x) => workName(x.p)],
		["tool moved", (x) => f.bytes((x.p.tool || {}).bytes), "n"], ["calls moved", (x) => f.bytes((x.p.app || {}).bytes), "n"],
		["devices moved", (x) => x.p.block ? f.bytes(ofKernel(x.p).bytes) : "-", "n"],
		["call p50", (x) => f.ns((((x.p.vfs || {})[x.p.op] || {}).latency_ns || {}).p50), "n"],
		["call p99", (x) => f.ns((((x.p.vfs || {})[x.p.op] || {}).latency_ns || {}).p99), "n"],
		["request p99", (x) => f.ns(ofKernel(x.p).p99), "n"],
		["cores", (x) => f.plain((x.p.cpu || {}).cores), "n"], ["hit ratio", (x) => f.percent((x.p.pagecache || {}).hit_ratio), "n"],
		["bounds from", (x) => f.text(x.p.bounds)]], rows.slice(0, 400));
}

function expected() {
	return table("Expected", [["it", (e) => e.ok ? "held" : "FAILED"], ["threshold", (e) => h("code", e.expr)],
		["was", (e) => e.actual === null || e.actual === undefined ? "no such value" : f.plain(e.actual), "n"]],
	report.expect || [], (e) => e.ok ? {} : { class: "alarm" });
}

export function results() {
	const tables = [expected(), repetitions(), spreadTable(), phaseTable(), warmUpTable(), ranks()].filter(Boolean);

	return tables.length ? section("results", ["Results and phases", "Results"], null, tables) : null;
}

function ranks() {
	const rows = own.flatMap((t) => (t.rank_results || []).map((r) => ({ t, r })));

	return rows.length ? details(`Each rank: ${rows.length} rows`, table("Each rank, as the tool tells",
		[["target", (x) => x.t.name], ["rank", (x) => x.r.rank, "n"], ["operation", (x) => workName(x.r)],
			["MiB/s", (x) => f.plain(x.r.bw_mib_s), "n"], ["moved", (x) => f.bytes(x.r.bytes), "n"],
			["total", (x) => f.seconds(x.r.total_s), "n"], ["on", (x) => f.text(x.r.host)]], rows.slice(0, 2000))) : null;
}

export function calls() {
	const rows = own.flatMap((t) => Object.entries(t.vfs || {}).map(([op, v]) => ({ t, op, v })))
		.sort((a, b) => ((b.v.latency_ns || {}).sum || 0) - ((a.v.latency_ns || {}).sum || 0));
	const total = (t) => sum(Object.values(t.vfs || {}).map((v) => (v.latency_ns || {}).sum || 0));

	return rows.length ? section("calls", ["File system calls", "Calls"], null,
		table("Calls, those that took the most time first", [["target", (x) => x.t.name], ["call", (x) => x.op],
			["calls", (x) => f.count(x.v.calls), "n"], ["bytes", (x) => f.bytes(x.v.bytes), "n"],
			["of the time", (x) => f.percent(((x.v.latency_ns || {}).sum || NaN) / total(x.t)), "n"],
			...["p50", "p99", "max"].map((k) => [k, (x) => f.ns((x.v.latency_ns || {})[k]), "n"]),
			["failed", (x) => x.v.errors ? `${f.count(x.v.errors)}: ` + Object.entries(x.v.errnos || {}).map(([e, n]) =>
				`${e} ${f.count(n)}`).join(", ") : "0"]], rows.slice(0, 120))) : null;
}

// Scalars of an object, by dotted name; distributions by their percentiles.
export function flat(object, prefix = "") {
	return Object.entries(object || {}).flatMap(([key, v]) => {
		const name = prefix + key;

		if (v === null || key === "buckets" || Array.isArray(v))
			return Array.isArray(v) && v.every((x) => typeof x !== "object") ? [[name, v.join(", ")]] : [];
		return typeof v === "object" ? flat(v, name + ".") : [[name, v]];
	});
}

function shown(name, v) {
	if (typeof v !== "number")
		return String(v);
	return /(_|^)bytes$/.test(name) ? f.bytes(v) : /_ns$|_ns\.(p\d+|max|mean|sum)$/.test(name) ? f.ns(v) :
		/_ratio$/.test(name) ? f.percent(v) : /_s$/.test(name) ? f.seconds(v) : f.count(v);
}

export const facts = (object) => h("dl", flat(object).map(([k, v]) => [h("dt", k), h("dd", shown(k, v))]));

export function targetsDetail() {
	const parts = ["cgroup", "sched", "pagecache", "perf", "rdt", "io_check"];

	return own.length ? section("targets", ["Each target in numbers", "Targets"], null, own.map((t) => details(t.name,
		facts(Object.fromEntries(Object.entries(t).filter(([, v]) => v !== null && typeof v !== "object"))),
		parts.filter((p) => t[p]).map((p) => [h("h3", p), facts(t[p])])))) : null;
}
