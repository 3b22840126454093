// SPDX-License-Identifier: Apache-2.0
/* The table of cgroup files: what must hold for the collector to rely on it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "sample/cgroup_source.h"
#include "sample/frame.h"

static bool stacked(void *arg, uint32_t major, uint32_t minor)
{
	(void)arg;
	(void)minor;
	return major == 7;
}

/* A file is in one directory, so a name is there once; both versions may have it. */
static void each_file_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < cgroup_n_sources; i++)
		for (size_t k = i + 1; k < cgroup_n_sources; k++)
			if (cgroup_sources[i].v1 == cgroup_sources[k].v1 &&
			    !strcmp(cgroup_sources[i].file, cgroup_sources[k].file))
				fail_msg("%s is there twice", cgroup_sources[i].file);
}

/* What is missing is told by group, each once. */
static void groups_are_together(void **state)
{
	const char *last = NULL;

	(void)state;
	for (size_t i = 0; i < cgroup_n_sources; i++) {
		const char *group = cgroup_sources[i].group;

		for (size_t k = 0; group && k + 1 < i; k++)
			if (cgroup_sources[k].group && !strcmp(cgroup_sources[k].group, group) &&
			    cgroup_sources[k].v1 == cgroup_sources[i].v1 &&
			    (!last || strcmp(last, group) != 0))
				fail_msg("%s is not beside its group", cgroup_sources[i].file);
		last = group;
	}
}

/* What a file of one value is taken for, whatever it says. */
static void values(void **state)
{
	static const struct {
		const char *label, *file;
		bool v1;
		const char *text;
		enum metric metric;
		uint64_t want; /* UINT64_MAX: absent */
	} cases[] = {
		{ "a limit", "memory.max", false, "4096\n", METRIC_memory_limit_bytes, 4096 },
		{ "none", "memory.max", false, "max\n", METRIC_memory_limit_bytes, UINT64_MAX },
		{ "zero is one", "memory.swap.max", false, "0\n", METRIC_memory_swap_limit_bytes,
		  0 },
		{ "a limit of v1", "memory.limit_in_bytes", true, "4096\n",
		  METRIC_memory_limit_bytes, 4096 },
		{ "none of v1, pages of 4 KiB", "memory.limit_in_bytes", true,
		  "9223372036854771712\n", METRIC_memory_limit_bytes, UINT64_MAX },
		{ "and of 64 KiB", "memory.limit_in_bytes", true, "9223372036854710272\n",
		  METRIC_memory_limit_bytes, UINT64_MAX },
		{ "negative", "memory.high", false, "-1\n", METRIC_memory_high_bytes, UINT64_MAX },
		{ "huge", "memory.high", false, "99999999999999999999\n", METRIC_memory_high_bytes,
		  UINT64_MAX },
		{ "a quota of v1, in ns", "cpu.cfs_quota_us", true, "50000\n", METRIC_cpu_quota_ns,
		  50000000 },
		{ "none", "cpu.cfs_quota_us", true, "-1\n", METRIC_cpu_quota_ns, UINT64_MAX },
		{ "too large in ns", "cpu.cfs_quota_us", true, "18446744073709551615\n",
		  METRIC_cpu_quota_ns, UINT64_MAX },
		{ "how many CPUs", "cpuset.cpus.effective", false, "0-3\n", METRIC_cpuset_cpus, 4 },
		{ "a gauge", "pids.current", false, "5\n", METRIC_pids_current, 5 },
		{ "events", "pids.events", false, "max 7\n", METRIC_pids_events_max, 7 },
		{ "of v1 too", "pids.events", true, "max 7\n", METRIC_pids_events_max, 7 },
		{ "interrupts", "irq.pressure", false,
		  "full avg10=0.00 avg60=0.00 avg300=0.00 total=1\n", METRIC_irq_full_ns, 1000 },
		{ "a stacked device is not added", "io.stat", false, "7:0 rbytes=5\n",
		  METRIC_io_read_bytes, 0 },
		{ "nor on v1", "blkio.throttle.io_serviced_recursive", true,
		  "7:0 Read 5\n8:0 Read 1\n", METRIC_io_read_ops, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct frame_row row = { 0 };
		bool found = false;

		for (size_t k = 0; k < cgroup_n_sources; k++) {
			const struct cgroup_source *src = &cgroup_sources[k];

			if (src->v1 != cases[i].v1 || strcmp(src->file, cases[i].file))
				continue;
			found = true;
			cgroup_source_parse(src, cases[i].text, stacked, NULL, &row);
		}
		if (!found || frame_has(&row, cases[i].metric) != (cases[i].want != UINT64_MAX) ||
		    (frame_has(&row, cases[i].metric) &&
		     row.value[cases[i].metric] != cases[i].want))
			fail_msg("%s: %s", cases[i].file, cases[i].label);
	}
}

/* No text makes any file put what is another file's. */
static void nothing_from_nothing(void **state)
{
	static const char *const texts[] = { "", "\n", "max\n", "-1\n", "garbage\n", "0-", "8:0" };

	(void)state;
	for (size_t i = 0; i < cgroup_n_sources; i++)
		for (size_t k = 0; k < ARRAY_SIZE(texts); k++) {
			struct frame_row row = { 0 };
			bool zero = cgroup_sources[i].parse == PARSE_IO_STAT ||
				    (cgroup_sources[i].parse == PARSE_LIST && texts[k][0] == '\n');

			cgroup_source_parse(&cgroup_sources[i], texts[k], stacked, NULL, &row);
			if (!zero && !frame_row_empty(&row))
				fail_msg("%s takes '%s'", cgroup_sources[i].file, texts[k]);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_file_once),
		cmocka_unit_test(groups_are_together),
		cmocka_unit_test(values),
		cmocka_unit_test(nothing_from_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
