// SPDX-License-Identifier: Apache-2.0
// What follows from the report's numbers: where time went, who was in the way, and how far all of it can be trusted.
import { own, report, targetName, targets } from "./data.js";
import { parts } from "./colors.js";
import * as f from "./format.js";

export const sum = (v) => v.reduce((a, b) => a + b, 0);
export const mean = (v) => v.length ? sum(v) / v.length : NaN;
export const deviation = (v) => v.length < 2 ? NaN :
	Math.sqrt(sum(v.map((x) => (x - mean(v)) ** 2)) / (v.length - 1));

// Parts of a budget that are there, largest first.
export function shares(budget) {
	if (!budget || !(budget.total_ns > 0))
		return [];
	return parts.filter((p) => budget[p.key] > 0)
		.map((p) => ({ ...p, ns: budget[p.key], ratio: budget[p.key] / budget.total_ns }))
		.sort((a, b) => b.ns - a.ns);
}

// Time that requests of a target took, those of all leaf devices together; how much of it who cost.
export function blame(t) {
	const ops = Object.entries(t.block || {}).flatMap(([device, of]) =>
		Object.values(of).filter((o) => !o.stacked).map((o) => ({ device, ...o })));
	const total = sum(ops.map((o) => o.total_ns ? o.total_ns.sum : 0));
	const byWho = new Map();

	for (const i of report.interference || [])
		if (i.victim === t.name)
			byWho.set(i.aggressor, (byWho.get(i.aggressor) || 0) + i.ns);
	return { total, who: [...byWho].map(([name, ns]) => ({ name, ns, ratio: total > 0 ? ns / total : NaN }))
		.sort((a, b) => b.ns - a.ns) };
}

// Results of the tools by target, tool, operation, test and job: mean over repetitions.
export function results() {
	const groups = new Map();

	for (const t of own)
		for (const r of t.results || []) {
			const key = JSON.stringify([t.id, r.tool, r.op, r.test || 0, r.job || ""]);

			if (!groups.has(key))
				groups.set(key, { target: t, tool: r.tool, version: r.version, op: r.op, test: r.test, job: r.job, rows: [] });
			groups.get(key).rows.push(r);
		}
	return [...groups.values()].map((g) => {
		const of = (key) => g.rows.map((r) => r[key]).filter((v) => typeof v === "number");
		const bw = of("bw_mib_s");

		return { ...g, bw, mean: mean(bw), deviation: deviation(bw), iops: mean(of("iops")),
			total: mean(of("total_s")), bytes: sum(of("bytes")),
			failed: g.rows.filter((r) => r.status && r.status !== "ok") };
	});
}

// Findings that speak of what the numbers are worth, rather than of what held the run back.
const ofTrust = new Set(["corruption", "cache-reads", "not-persisted", "tmpfs", "odirect-lost", "compressible",
	"reorder-noop", "too-short", "few-reps", "warming", "stonewall", "profiler-cost", "rmid", "wb-unowned"]);

// Of what leaf devices moved, what has no owner by the kernel's count; and where nobody can say: a reason each.
function unaccounted() {
	if (!(report.backends || {}).block)
		return ["whether all that devices moved is accounted for was not measured: it takes the collector block"];
	return (report.devices || []).filter((d) => !d.stacked).flatMap((d) => ["read", "write"].filter((op) => d[op]).map((op) => {
		const { bytes, kernel_bytes: kernel, residual_ratio: ratio } = d[op];
		const what = `what ${d.name} ${op === "read" ? "read" : "wrote"}`;

		if (typeof kernel !== "number")
			return `whether ${what} is accounted for is not known: there is no count by the kernel`;
		if (Math.abs(ratio) > 0.01)
			return `${f.percent(Math.abs(ratio))} of ${what} by the kernel's count is not accounted for`;
		return ratio === undefined && bytes > 0 ? `${what} (${f.bytes(bytes)}) is not in the kernel's count` : null;
	})).filter(Boolean);
}

/*
 * {level: "good"|"care"|"bad", reasons: [{level, text, link}]}. Bad: the run did not end well, or data was
 * wrong. With care: something was lost, does not add up or nobody knows whether it does, or a rule says what the
 * numbers are worth, if only as an info.
 */
export function trust() {
	const reasons = [];
	const add = (level, text, link) => reasons.push({ level, text, link });

	if (report.status === "interrupted" || report.status === "killed")
		add("bad", `the run was ${report.status}: this is what there was until then`, "host");
	else if (report.status === "failed")
		add("bad", "the run failed", "results");
	else if (report.status === "running")
		add("care", "the run has not ended yet", "host");
	for (const t of own) {
		if (t.exit_code !== undefined && t.exit_code !== null && t.exit_code !== 0)
			add("bad", `${t.name} ended with exit status ${t.exit_code}`, "results");
		if (t.failure)
			add("bad", `${t.name}: ${t.failure}`, "results");
		for (const r of t.results || [])
			if (r.status && r.status !== "ok")
				add("bad", `${t.name}: result of ${f.text(r.tool)} is ${r.status}` +
					(r.message ? ": " + r.message : ""), "results");
	}
	for (const e of report.expect || [])
		if (!e.ok)
			add("bad", `expected ${e.expr}, got ${f.plain(e.actual)}`, "results");
	for (const reason of unaccounted())
		add("care", reason, "accounting");
	if (report.self && report.self.overruns > 0)
		add("care", `${report.self.overruns} of ${report.self.ticks} ticks took longer than the interval`, "cost");
	for (const finding of report.findings || [])
		if (ofTrust.has(finding.id))
			add(finding.severity === "error" ? "bad" : "care",
				`${finding.target ? finding.target + ": " : ""}${[finding.title, finding.text].filter(Boolean).join(": ")}`,
				"findings");
	const level = reasons.some((r) => r.level === "bad") ? "bad" : reasons.length ? "care" : "good";

	return { level, reasons };
}

export const deviceNames = () => (report.devices || []).filter((d) => !d.stacked).map((d) => d.name);
export const nobody = () => targets.filter((t) => t.kind === "unattributed").map((t) => targetName(t.id));
