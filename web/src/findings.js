// SPDX-License-Identifier: Apache-2.0
// What the rules concluded, with the way to the chart and the rows that show it; and what they could not judge.
import { report } from "./data.js";
import { details, h, section, table } from "./dom.js";
import * as f from "./format.js";

const order = { error: 0, warning: 1, info: 2 };
export const worstFirst = (v) => [...v].sort((a, b) => (order[a.severity] ?? 3) - (order[b.severity] ?? 3));

// Where each is to be seen: the first of these that the page has.
const where = {
	"cache-reads": ["figure-hit_ratio", "topology"], "not-persisted": ["figure-dirty"], tmpfs: ["topology"],
	"writable-layer": ["topology"], "copy-up": ["topology"], "odirect-align": ["calls"], "odirect-lost": ["figure-hit_ratio"],
	compressible: ["topology"], "too-short": ["results"], "few-reps": ["results"], warming: ["results"],
	stonewall: ["results"], straggler: ["results"], imbalance: ["results"], "reorder-noop": ["results"],
	corruption: ["results"], "cpu-throttled": ["figure-cpu"], "memory-reclaim": ["figure-memory"],
	"dirty-throttled": ["budget"], oversubscribed: ["figure-runq", "budget"], "noisy-neighbour": ["interference"],
	"queue-wait": ["distributions"], "shared-file": ["budget"], "shared-inode": ["topology"], llc: ["figure-llc"],
	"io-pressure": ["figure-pressure"], "io-throttled": ["figure-block_bandwidth"], "limit-idle": ["figure-block_bandwidth"],
	saturated: ["interference"], starved: ["interference"], "fsync-bound": ["calls"], "small-io": ["access"],
	misaligned: ["access"], random: ["access"], metadata: ["calls"], split: ["access"], "wb-unowned": ["accounting"],
	rmid: ["losses"], "profiler-cost": ["cost"], "disk-full": ["host"], cma: ["results"], shm: ["results"],
};

function linkOf(finding) {
	return h("a.jump", { href: "#findings", "data-where": (where[finding.id] || ["timeline"]).join(" ") },
		"see it");
}

// Charts may be absent: links are made when all is in place.
export function resolveLinks() {
	for (const a of document.querySelectorAll("a[data-where]")) {
		const id = a.dataset.where.split(" ").find((one) => document.getElementById(one));

		if (id)
			a.href = "#" + id;
		else
			a.remove();
	}
}

function evidence(finding) {
	const e = finding.evidence || {};
	const plain = Object.entries(e).filter(([, v]) => typeof v !== "object" && v !== e.rows);

	return details("evidence",
		h("dl", plain.map(([k, v]) => [h("dt", k), h("dd", typeof v === "number" ? f.plain(v) : String(v))]),
			Object.entries(e.thresholds || {}).map(([k, v]) => [h("dt", `threshold ${finding.id}.${k}`),
				h("dd", String(v))])),
		e.rows && h("p", "Rows: ", h("code", e.rows),
			/\?1/.test(e.rows) && finding.target ? `, ?1 being the id of ${finding.target}` : ""));
}

export function findingRow(finding, isShort) {
	return h("li.finding", h("span.severity." + (finding.severity in order ? finding.severity : "info"),
		finding.severity), " ", finding.target && h("b", finding.target + ": "),
	finding.title && h("span.title", finding.title + ". "), finding.text, " ",
	finding.advice && h("span.advice", "→ ", finding.advice), " ", linkOf(finding),
	!isShort && finding.why && h("p.dim", finding.why), !isShort && evidence(finding));
}

export function findings() {
	const all = worstFirst(report.findings || []);

	return section("findings", "Findings", null,
		all.length ? h("ul.plain", all.map((x) => findingRow(x, false))) : h("p", "No rule found anything."),
		(report.not_judged || []).length && details(`Not judged: ${report.not_judged.length}`,
			table("What a rule would have needed", [["rule", (n) => n.id], ["target", (n) => f.text(n.target)],
				["missing", (n) => n.missing]], report.not_judged)));
}
