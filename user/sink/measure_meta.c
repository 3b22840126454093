// SPDX-License-Identifier: Apache-2.0
/* container-bench's measurements of a run and its containers, told at the end. */
#include <stddef.h>

#include "sink/measure_rows.h"

static const struct measure_column meta_columns[] = {
	RUN_TAGS,
	WORDS("benchmark_name", "of the spec"),
	WORDS("description", "of the spec"),
	WORDS("trace_checksum", "SHA-256 of the spec"),
	FACT("duration_seconds", INT, "s", "whole seconds that it took"),
	WORDS("benchmark_started", "RFC 3339, UTC"),
	WORDS("benchmark_finished",
	      "RFC 3339, UTC; no tag of any measurement, since it is not known "
	      "while the run lasts, and would be another series"),
	FACT("total_containers", INT, "containers", "of the spec"),
	WORDS("driver_version", "of cbpf"),
	WORDS("used_scheduler", "of the spec"),
	WORDS("hostname", "of the host"),
	WORDS("execution_host", "the same"),
	WORDS("os_info", "its operating system"),
	WORDS("kernel_version", "its kernel"),
	WORDS("cpu_vendor", "GenuineIntel, ..."),
	WORDS("cpu_model", "in words"),
	FACT("total_cpu_cores", INT, "cores", "online"),
	FACT("cpu_threads", INT, "CPUs", "online"),
	FACT("cpu_sockets", INT, "sockets", "online"),
	FACT("l1_cache_size_kb", REAL, "KiB", "data, of the first CPU"),
	FACT("l2_cache_size_kb", REAL, "KiB", "of the first CPU"),
	FACT("l3_cache_size_bytes", INT, "bytes", "of the first CPU"),
	FACT("l3_cache_size_mb", REAL, "MiB", "the same"),
	FACT("l3_cache_ways", INT, "ways", "that it can be shared out in, or has"),
	FACT("rdt_supported", BOOL, NULL, "resctrl is there; absent: nobody looked, or it is not"),
	FACT("rdt_monitoring_supported", BOOL, NULL, "it can monitor"),
	FACT("rdt_allocation_supported", BOOL, NULL, "it can allocate caches or bandwidth"),
	FACT("max_duration_seconds", INT, "s", "as the spec has it"),
	FACT("sampling_frequency_ms", INT, "ms", "between two ticks"),
	FACT("total_sampling_steps", INT, "points",
	     "containers times ticks that have a row of sample"),
	FACT("total_measurements", INT, "rows", "of all tables with a row in each tick"),
	WORDS("config_file", "the spec as resolved, secrets replaced"),
	FACT("perf_enabled", BOOL, NULL, "events were counted"),
	FACT("docker_stats_enabled", BOOL, NULL, "cgroups were read"),
	FACT("rdt_enabled", BOOL, NULL, "caches were monitored"),
	END,
};

/* j.host: what the host is. Of the first CPU's cache of a level, without that of instructions. */
#define CACHE(level, key)                                                                          \
	"(SELECT CAST(c.value ->> '$." key "' AS INTEGER) FROM json_each(j.host, '$.cpu.caches') " \
	"c WHERE c.value ->> '$.level' = " level " AND "                                           \
	"coalesce(c.value ->> '$.type', '') <> 'Instruction' LIMIT 1)"
#define L1_KIB CACHE("1", "size") /* "48K" is 48 as a number */
#define L2_KIB CACHE("2", "size")
#define L3_KIB CACHE("3", "size")
#define L3_WAYS CACHE("3", "ways")

const struct measurement benchmark_meta = {
	.name = "benchmark_meta",
	.help = "The run and its host, by container-bench's names",
	.when = MEASURE_END,
	.columns = meta_columns,
	.sql = "SELECT 0, NULL," RUN_SQL ", r.name, r.description, r.spec_sha256, "
	       "(r.ended_mono_ns - r.started_mono_ns) / 1000000000, ?5, "
	       "strftime('%Y-%m-%dT%H:%M:%SZ', (r.started_wall_ns + r.ended_mono_ns - "
	       "r.started_mono_ns) "
	       "/ 1000000000, 'unixepoch'), (SELECT count(*) FROM target WHERE kind = "
	       "'container'), "
	       "r.version, r.scheduler, j.host ->> '$.hostname', j.host ->> '$.hostname', "
	       "j.host ->> '$.os', j.host ->> '$.kernel', j.host ->> '$.cpu.vendor', "
	       "coalesce(j.host ->> '$.cpu.model_name', j.host ->> '$.cpu_model'), "
	       "j.host ->> '$.cpu.cores', coalesce(j.host ->> '$.cpu.threads', j.host ->> "
	       "'$.cpus'), "
	       "j.host ->> '$.cpu.sockets', " L1_KIB ", " L2_KIB ", " L3_KIB " * 1024, " L3_KIB
	       " / 1024.0, coalesce(j.host ->> '$.rdt.l3.ways', " L3_WAYS "), "
	       "iif(j.host ->> '$.rdt' IS NULL, NULL, 1), iif(j.host ->> '$.rdt' IS NULL, NULL, "
	       "1), "
	       "iif(j.host ->> '$.rdt' IS NULL, NULL, "
	       "coalesce(j.host ->> '$.rdt.l3', j.host ->> '$.rdt.mba') IS NOT NULL), "
	       "r.duration_ns / 1000000000, r.interval_ns / 1000000, (SELECT count(*) FROM "
	       "sample), "
	       "(SELECT count(*) FROM sample) + (SELECT count(*) FROM histogram) + "
	       "(SELECT count(*) FROM block) + (SELECT count(*) FROM share) + "
	       "(SELECT count(*) FROM interference) + (SELECT count(*) FROM device_sample) + "
	       "(SELECT count(*) FROM call_time) + (SELECT count(*) FROM perf) + "
	       "(SELECT count(*) FROM rdt), r.spec, j.backends ->> '$.perf' IS NOT NULL, "
	       "EXISTS (SELECT 1 FROM sample WHERE cpu_usage_ns IS NOT NULL), "
	       "j.backends ->> '$.rdt' IS NOT NULL FROM run r, (SELECT iif(json_valid(host), host, "
	       "NULL) "
	       "AS host, iif(json_valid(backends), backends, NULL) AS backends FROM run) j",
};

static const struct measure_column container_columns[] = {
	RUN_TAGS,
	TAG("container_index", "its place in the spec, from 0"),
	TAG("container_name", "of the spec"),
	FACT("start_t", INT, "s", "when it was to start, after the run's start, as all below"),
	FACT("wait_t", INT, "s", "from there to when it did"),
	FACT("stop_t", INT, "s", "when it was to stop: at the latest when the run does"),
	FACT("exit_t", INT, "s", "when it ended"),
	FACT("actual_t", INT, "s", "that it ran"),
	FACT("expected_t", INT, "s", "that it was expected to: the duration of the spec"),
	FACT("delta_t", INT, "s", "actual_t - expected_t"),
	FACT("job_aborted", BOOL, NULL, "it was ended from outside"),
	END,
};

const struct measurement benchmark_container_meta = {
	.name = "benchmark_container_meta",
	.help = "When a container ran, by container-bench's names and in its whole seconds; exact "
		"times are in cbpf_target_meta",
	.when = MEASURE_END,
	.columns = container_columns,
	.sql = "SELECT 0, NULL," RUN_SQL ", t.id, t.name, t.start_after_ns / 1000000000, "
	       "max(0, t.start_ns - r.begin_ns - t.start_after_ns) / 1000000000, "
	       "coalesce(t.stop_after_ns, r.duration_ns) / 1000000000, "
	       "(t.end_ns - r.begin_ns) / 1000000000, (t.end_ns - t.start_ns) / 1000000000, "
	       "r.duration_ns / 1000000000, "
	       "(t.end_ns - t.start_ns) / 1000000000 - r.duration_ns / 1000000000, "
	       "iif(t.state IS NULL, NULL, t.state = 'stopped') "
	       "FROM (SELECT duration_ns, coalesce((SELECT begin_ns FROM tick ORDER BY seq "
	       "LIMIT 1), started_mono_ns) AS begin_ns FROM run) r, target t "
	       "WHERE t.kind = 'container' "
	       "ORDER BY t.id",
};
