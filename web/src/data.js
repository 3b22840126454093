// SPDX-License-Identifier: Apache-2.0
// What the file holds: the report, as `cbpf report --json` has it, and series over time.

export const data = JSON.parse(document.getElementById("data").textContent);
export const report = data.report || {}; // of a comparison there is none
export const targets = report.targets || [];
export const OTHERS = -1;

const byId = new Map(targets.map((t) => [t.id, t]));

export const isOwn = (t) => t.kind === "container" || t.kind === "workload" ||
	(t.kind !== "host" && t.kind !== "unattributed" && t.start_ns !== undefined);
export const own = targets.filter(isOwn);

export const targetName = (id) => id === OTHERS ? "everyone else" :
	byId.has(id) ? byId.get(id).name : "target " + id;
export const targetOf = (id) => byId.get(id);

// Seconds since the run began.
export const since = (monoNs) => (monoNs - report.started_mono_ns) / 1e9;
export const ends = data.axis ? data.axis.end_s : [];
export const last = ends.length ? ends[ends.length - 1] : report.duration_s || 0;
export const begin = (i) => i ? ends[i - 1] : 0;
export const tickSeconds = (report.interval_ns || 0) / 1e9;

export const lines = (metric) => (data.lines || []).filter((l) => l.metric === metric);
export const latencies = (layer) => (data.latency || []).filter((l) => l.layer === layer);

// Of tools' own phases: those of all targets, in order of time.
export const phases = own.flatMap((t) => (t.phases || []).map((p) => ({ ...p, target: t })))
	.filter((p) => p.begin_ns !== undefined && p.end_ns !== undefined)
	.sort((a, b) => a.begin_ns - b.begin_ns);

// "write 0", of a later test of several "1: write 0", of a job of several "job write 0": as in a terminal.
export const workName = (r) => (r.test > 0 ? `${r.test}: ` : "") +
	[r.job, r.op, r.iteration].filter((v) => v !== undefined && v !== null).join(" ");

// Words for what is down-sampled, for each caption.
export const axisWords = () => data.axis && data.axis.per > 1 ?
	`Each point is the mean of ${data.axis.per} ticks; bars behind the lines reach from the least to the ` +
	"largest value of a single tick, so no peak is lost. " : "Each point is one tick. ";
