// SPDX-License-Identifier: Apache-2.0
/* Measurements of the run itself: what happened, what tools and rules said, what it cost. */
#include <stddef.h>

#include "sink/measure_rows.h"

/* After a time of CLOCK_MONOTONIC: in ns since the epoch. r: the table run. */
#define TO_WALL " - r.started_mono_ns + r.started_wall_ns"

static const struct measure_column event_columns[] = {
	RUN_TAGS,
	TAG("target", "container; absent: the run itself"),
	TAG("what", "kind of event: started, running, exited, note, ..."),
	FACT("number", INT, NULL, "in order of arrival"),
	WORDS("text", "for people"),
	END,
};

/* Its ticks are those that end after it: what comes after the last is told at the end. */
const struct measurement cbpf_event = {
	.name = "cbpf_event",
	.help = "Something that happened, at its own time",
	.columns = event_columns,
	.sql = "SELECT NULL, x.mono_ns," RUN_SQL ", x.target, x.what, x.id, x.text FROM event x "
	       "WHERE x.mono_ns > coalesce((SELECT end_ns FROM tick WHERE seq < ?1 ORDER BY seq "
	       "DESC "
	       "LIMIT 1), -1) AND x.mono_ns <= iif(?2 = 9223372036854775807, ?2, "
	       "(SELECT end_ns FROM tick WHERE seq <= ?2 ORDER BY seq DESC LIMIT 1)) "
	       "ORDER BY x.mono_ns, x.id",
};

static const struct measure_column self_columns[] = {
	RUN_TAGS,
	TICK("late_ns", "ns", "from when the sweep was due to when it began"),
	TICK("sweep_ns", "ns", "that it took"),
	END,
};

const struct measurement cbpf_self = {
	.name = "cbpf_self",
	.help = "The profiler's own sweep of a tick",
	.columns = self_columns,
	.sql = "SELECT x.seq, NULL," RUN_SQL
	       ", max(x.begin_ns - x.due_ns, 0), x.end_ns - x.begin_ns "
	       "FROM tick x WHERE " BETWEEN "ORDER BY x.seq",
};

static const struct measure_column cost_columns[] = {
	RUN_TAGS,
	FACT("cpu_s", REAL, "s", "of all CPUs"),
	FACT("rss_max_bytes", INT, "bytes", "memory, at most"),
	FACT("ticks", INT, "ticks", "stored"),
	FACT("overruns", INT, "ticks", "whose sweep took longer than the interval"),
	FACT("skipped", INT, "ticks", "for which the database was too slow"),
	FACT("sweep_mean_us", REAL, "us", "that a sweep took"),
	FACT("sweep_max_us", REAL, "us", "that a sweep took"),
	FACT("late_max_us", REAL, "us", "that a sweep began late"),
	FACT("startup_s", REAL, "s", "until the first process was started"),
	WORDS("block_times", "whose times of block requests were used: own, kernel"),
	END,
};

const struct measurement cbpf_cost = {
	.name = "cbpf_cost",
	.help = "What the profiler itself cost, over the run",
	.when = MEASURE_END,
	.columns = cost_columns,
	.sql = "SELECT 0, NULL," RUN_SQL
	       ", j.self ->> '$.cpu_s', j.self ->> '$.rss_max_bytes', j.self ->> '$.ticks', "
	       "j.self ->> '$.overruns', j.self ->> '$.skipped', j.self ->> '$.sweep_mean_us', "
	       "j.self ->> '$.sweep_max_us', j.self ->> '$.late_max_us', j.self ->> '$.startup_s', "
	       "j.self ->> '$.block_times' FROM (SELECT iif(json_valid(self), self, NULL) AS self "
	       "FROM run) j",
};

static const struct measure_column probe_columns[] = {
	RUN_TAGS,
	TAG("program", "BPF program"),
	FACT("runs", INT, "events", "that it ran for"),
	FACT("run_ns", INT, "ns", "that it ran"),
	END,
};

const struct measurement cbpf_probe = {
	.name = "cbpf_probe",
	.help = "What a BPF program cost, over the run",
	.when = MEASURE_END,
	.columns = probe_columns,
	.sql = "SELECT 0, NULL," RUN_SQL
	       ", p.value ->> '$.program', sum(p.value ->> '$.runs'), sum(p.value ->> '$.run_ns') "
	       "FROM run r, json_each(iif(json_valid(r.self), r.self, NULL), '$.probes') p GROUP "
	       "BY 5",
};

static const struct measure_column run_columns[] = {
	RUN_TAGS,
	WORDS("status", "ok, failed, interrupted, killed"),
	WORDS("run_group", "id of the first repetition of a repeat:"),
	FACT("repetition", INT, "1", "from 0"),
	FACT("group_runs", INT, "runs", "that the group is to have"),
	WORDS("axes", "JSON object: its value of each axis of a matrix:"),
	WORDS("runtime", "docker, podman, native"),
	FACT("interval_ns", INT, "ns", "between two ticks"),
	FACT("started_ns", INT, "ns", "since the epoch"),
	FACT("ended_ns", INT, "ns", "since the epoch"),
	WORDS("backends", "JSON object: collector to backend"),
	WORDS("host_facts", "JSON object: what the host is"),
	END,
};

const struct measurement cbpf_run_meta = {
	.name = "cbpf_run_meta",
	.help = "What of the run benchmark_meta has no name for",
	.when = MEASURE_END,
	.columns = run_columns,
	.sql = "SELECT 0, NULL," RUN_SQL
	       ", ?6, r.run_group, r.repetition, r.group_runs, r.axes, r.runtime, "
	       "r.interval_ns, r.started_wall_ns, "
	       "r.ended_mono_ns" TO_WALL ", r.backends, r.host FROM run r",
};

static const struct measure_column target_columns[] = {
	RUN_TAGS,
	TARGET_TAGS,
	WORDS("image", "absent without an engine"),
	WORDS("container_id", "of the engine"),
	WORDS("cgroup", "path of its cgroup"),
	WORDS("io_cgroup_id", "that block I/O is charged to: a number of 64 bits, as text"),
	WORDS("default_cgroup_id", "in the v2 hierarchy, as text"),
	WORDS("state", "how it ended"),
	WORDS("failure", "why it failed"),
	WORDS("binary", "of its workload: ior, cbpf-ior"),
	FACT("exit_code", INT, "1", "as a shell tells it"),
	FACT("start_ns", INT, "ns", "since the epoch: first process started"),
	FACT("ready_ns", INT, "ns", "readiness check passed"),
	FACT("end_ns", INT, "ns", "last process gone"),
	WORDS("attribution", "of block I/O: exact, ancestor, none; absent: unknown"),
	WORDS("attribution_reason", "why it is not exact"),
	WORDS("writeback", "unattributed; absent: as attribution says"),
	END,
};

const struct measurement cbpf_target_meta = {
	.name = "cbpf_target_meta",
	.help = "What is known of a container, or of whoever else did I/O",
	.when = MEASURE_END,
	.columns = target_columns,
	.sql = "SELECT 0, NULL," RUN_SQL TARGET_SQL
	       ", t.image, t.container_id, t.cgroup, iif(t.io_cgroup_id IS NULL, NULL, "
	       "printf('%llu', t.io_cgroup_id)), iif(t.default_cgroup_id IS NULL, NULL, "
	       "printf('%llu', t.default_cgroup_id)), t.state, t.failure, t.binary, t.exit_code, "
	       "t.start_ns" TO_WALL ", t.ready_ns" TO_WALL ", t.end_ns" TO_WALL
	       ", t.attribution, t.attribution_reason, t.writeback FROM run r, target t ORDER BY "
	       "t.id",
};

static const struct measure_column result_columns[] = {
	RUN_TAGS,
	TARGET_TAGS,
	TAG("number", "of the result within the run, which tells repetitions apart"),
	TAG("tool", "ior, mdtest, md-workbench, fio, command"),
	TAG("op", "write, read, ...; absent: the tool gave no numbers"),
	TAG("rank", "whose own; absent: of all ranks"),
	TAG("job", "of fio"),
	FACT("test", INT, "1", "of a tool that runs several, from 0"),
	FACT("iteration", INT, "1", "repetition within the tool, from 0"),
	WORDS("version", "of the tool"),
	WORDS("binary", "ior, cbpf-ior"),
	WORDS("source", "which of its outputs was read: json, text"),
	WORDS("command", "as it prints it"),
	WORDS("status", "ok, failed, corrupt"),
	WORDS("message", "why it is not ok"),
	FACT("bytes", REAL, "bytes", "moved by all ranks"),
	FACT("bw_mib_s", REAL, "MiB/s", "as the tool says"),
	FACT("iops", REAL, "1/s", "calls per second"),
	FACT("latency_s", REAL, "s", "of a call, mean"),
	FACT("block_kib", REAL, "KiB", "per rank and segment"),
	FACT("xfer_kib", REAL, "KiB", "per call"),
	FACT("open_s", REAL, "s", "in open"),
	FACT("wrrd_s", REAL, "s", "in writes or reads"),
	FACT("close_s", REAL, "s", "in close"),
	FACT("total_s", REAL, "s", "of the operation"),
	FACT("begin_ns", INT, "ns", "since the epoch, where the tool tells"),
	FACT("end_ns", INT, "ns", "the same"),
	FACT("tasks", INT, "ranks", "that took part"),
	FACT("calls", REAL, "calls", "made, of which the times below are"),
	FACT("errors", REAL, "calls", "of them, failed"),
	FACT("min_s", REAL, "s", "of a call: least"),
	FACT("p50_s", REAL, "s", "median"),
	FACT("p90_s", REAL, "s", "90 % took no longer"),
	FACT("p99_s", REAL, "s", "99 %"),
	FACT("p999_s", REAL, "s", "99.9 %"),
	FACT("max_s", REAL, "s", "longest"),
	FACT("stonewall_s", REAL, "s", "when ranks were told to end, of the slowest"),
	END,
};

const struct measurement cbpf_result = {
	.name = "cbpf_result",
	.help = "What a tool under test said of one operation; its time is the operation's end "
		"where "
		"that is known",
	.when = MEASURE_END,
	.columns = result_columns,
	.sql = "SELECT 0, x.end_ns," RUN_SQL TARGET_SQL
	       ", x.id, x.tool, x.op, x.rank, x.job, x.test, x.iteration, x.version, x.binary, "
	       "x.source, x.command, "
	       "x.status, "
	       "x.message, x.bytes, x.bw_mib_s, x.iops, x.latency_s, x.block_kib, x.xfer_kib, "
	       "x.open_s, "
	       "x.wrrd_s, x.close_s, x.total_s, x.begin_ns" TO_WALL ", x.end_ns" TO_WALL
	       ", x.tasks, x.calls, x.errors, x.min_s, x.p50_s, x.p90_s, x.p99_s, x.p999_s, "
	       "x.max_s, "
	       "x.stonewall_s FROM run r, result x JOIN target t ON t.id = x.target ORDER BY x.id",
};

static const struct measure_column finding_columns[] = {
	RUN_TAGS,
	TAG("target", "container; absent: the run as a whole"),
	TAG("id", "of the rule"),
	TAG("number", "of the finding within the run"),
	WORDS("severity", "info, warning, error"),
	WORDS("text", "what was seen"),
	WORDS("advice", "what to do"),
	WORDS("evidence", "JSON object"),
	END,
};

const struct measurement cbpf_finding = {
	.name = "cbpf_finding",
	.help = "What the rules concluded",
	.when = MEASURE_END,
	.columns = finding_columns,
	.sql = "SELECT 0, NULL," RUN_SQL ", x.target, x.id, x.row, x.severity, x.text, x.advice, "
	       "x.evidence FROM finding x ORDER BY x.row",
};

static const struct measure_column loss_columns[] = {
	RUN_TAGS,
	TAG("what", "block.start_missing, collector rdt, ..."),
	TAG("reason", "for people; it tells losses of one kind apart"),
	FACT("count", INT, "1", "how often; 1 for a plain fact"),
	END,
};

const struct measurement cbpf_loss = {
	.name = "cbpf_loss",
	.help = "Something that was dropped, missed or could not be measured; what sinks would not "
		"take "
		"is in the run database only",
	.when = MEASURE_END,
	.columns = loss_columns,
	.sql = "SELECT 0, NULL," RUN_SQL
	       ", x.what, x.reason, x.count FROM loss x WHERE x.what NOT LIKE 'sink.%' "
	       "ORDER BY x.what, x.reason",
};

static const struct measure_column expect_columns[] = {
	RUN_TAGS,
	TAG("expr", "as written in the spec"),
	TAG("number", "of the line"),
	FACT("actual", REAL, "1",
	     "in the unit of what is expected; absent: there was no such value"),
	FACT("ok", BOOL, NULL, "it held"),
	END,
};

const struct measurement cbpf_expect = {
	.name = "cbpf_expect",
	.help = "The verdict on a line of expect:",
	.when = MEASURE_END,
	.columns = expect_columns,
	.sql = "SELECT 0, NULL," RUN_SQL
	       ", x.expr, x.id, x.actual, x.ok FROM expect x ORDER BY x.id",
};
