// SPDX-License-Identifier: Apache-2.0
/* Totals and extremes of cgroup metrics; what was not read is not there. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "fake_report.h"
#include "fake_run.h"
#include "report/report.h"
#include "unit.h"

#define MIB (1024.0 * 1024)

struct expected {
	const char *path;
	double want; /* NAN: absent */
	const char *why;
};

static const struct expected cases[] = {
	{ "targets.0.cgroup.cpu_usage_ns", 250e6,
	  "a container counts from zero: the total is the last value" },
	{ "targets.0.cgroup.cpu_user_ns", 50e6, "user" },
	{ "targets.0.cgroup.cpu_throttled_ns", 12e6, "throttled" },
	{ "targets.0.cgroup.cpu_cores", 250.0 / 300, "CPU over the time it lived" },
	{ "targets.0.cgroup.memory_max_bytes", 40 * MIB, "largest sample of a gauge" },
	{ "targets.0.cgroup.memory_mean_bytes", 80 * MIB / 3, "mean of a gauge" },
	{ "targets.0.cgroup.memory_limit_bytes", 64 * MIB, "a limit is a limit" },
	{ "targets.0.cgroup.memory_peak_bytes", 44 * MIB, "a peak is the highest" },
	{ "targets.0.cgroup.net_rx_bytes", 2000,
	  "a network name space may be older: the first sample is the base" },
	{ "targets.0.cgroup.memory_swap_max_bytes", NAN, "never read, never told" },
	{ "targets.1.cgroup.cpu_usage_ns", 150e6, "the other target" },
	{ "targets.1.cgroup.memory_max_bytes", NAN, "whose memory could not be read" },
	{ "targets.2.cgroup", NAN, "unattributed has no cgroup" },
};

/* In three ticks after the fake run's own. */
static const struct {
	enum metric metric;
	uint64_t value[3]; /* NOT_READ: absent */
} more[] = {
#define NOT_READ UINT64_MAX
	{ METRIC_cpu_period_ns, { 100000000, 100000000, 100000000 } },
	{ METRIC_cpu_quota_ns, { NOT_READ, 75000000, 225000000 } },
	{ METRIC_pids_peak, { 9, 4, 4 } },
	{ METRIC_pids_limit, { 64, 64, 64 } },
	{ METRIC_memory_active_file_bytes, { 10, 40, 10 } },
	{ METRIC_memory_refault_file, { 11, 22, 33 } },
	{ METRIC_io_latency_avg_ns, { 1000, 2000, 3000 } },
};

static const struct expected of_more[] = {
	{ "targets.0.cgroup.pids_limit", 64, "of tasks too" },
	{ "targets.0.cgroup.pids_peak", 9, "the highest, although somebody reset it" },
	{ "targets.0.cgroup.cpu_quota_ns", 225e6, "a limit that was changed: the last" },
	{ "targets.0.cgroup.cpu_period_ns", 100e6, "and its period" },
	{ "targets.0.cgroup.cpu_limit_cores", 2.25, "the one over the other" },
	{ "targets.1.cgroup.cpu_limit_cores", NAN, "no limit is none" },
	{ "targets.0.cgroup.memory_active_file_max_bytes", 40, "another gauge" },
	{ "targets.0.cgroup.memory_active_file_mean_bytes", 20, "and its mean" },
	{ "targets.0.cgroup.memory_refault_file", 33, "pages that came back" },
	{ "targets.0.cgroup.io_latency_avg_max_ns", 3000, "the unit stays at the end" },
	{ "targets.0.cgroup.io_latency_avg_mean_ns", 2000, "of both" },
};

static void expect_all(json_t *report, const struct expected *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		json_t *got = fake_find(report, v[i].path);

		if (isnan(v[i].want) ? got != NULL
				     : fabs(json_number_value(got) - v[i].want) > 0.5e-6)
			fail_msg("%s: %s is %f", v[i].why, v[i].path, json_number_value(got));
	}
}

static void values(void **state)
{
	json_t *report = fake_report(NULL);

	(void)state;
	expect_all(report, cases, ARRAY_SIZE(cases));
	json_decref(report);
}

/* Of a target that was moved, the last place; of another, its only one. */
static void lists_of_cpus(void **state)
{
	static const char *const lists[] = { "0-3", "0,2", "1" };
	struct err err = { 0 };
	json_t *report = NULL, *victim;
	struct fake_run r;

	(void)state;
	fake_run_begin(&r, NULL);
	for (uint64_t seq = 0; seq < FAKE_TICKS; seq++)
		fake_run_tick(&r, seq);
	for (size_t tick = 0; tick < ARRAY_SIZE(lists); tick++) {
		struct frame_cpuset *c = r.frame.cpusets;

		frame_reset(&r.frame);
		r.frame.seq = FAKE_TICKS + tick;
		r.frame.n_cpusets = tick ? 1 : 2;
		c[0] = (struct frame_cpuset){ .owner = FAKE_VICTIM };
		strcpy(c[0].cpus, lists[tick]);
		c[1] = (struct frame_cpuset){ FAKE_NEIGHBOUR, "7", "0-1" };
		assert_int_equal(store_put_frame(r.store, &r.frame, r.owners, &err), 0);
	}
	assert_int_equal(report_build(r.store, &report, &err), 0);
	victim = fake_find(report, "targets.0.cgroup");
	assert_string_equal(json_string_value(json_object_get(victim, "cpuset_cpus_list")), "1");
	assert_int_equal(json_integer_value(json_object_get(victim, "cpuset_changes")), 2);
	assert_null(json_object_get(victim, "cpuset_mems_list"));
	assert_string_equal(
		json_string_value(fake_find(report, "targets.1.cgroup.cpuset_mems_list")), "0-1");
	assert_int_equal(json_integer_value(fake_find(report, "targets.1.cgroup.cpuset_changes")),
			 0);
	json_decref(report);
	fake_run_fini(&r);
}

static void more_values(void **state)
{
	struct err err = { 0 };
	json_t *report = NULL;
	struct fake_run r;

	(void)state;
	fake_run_begin(&r, NULL);
	for (uint64_t seq = 0; seq < FAKE_TICKS; seq++)
		fake_run_tick(&r, seq);
	for (size_t tick = 0; tick < 3; tick++) {
		struct frame_row *row;

		frame_reset(&r.frame);
		r.frame.seq = FAKE_TICKS + tick;
		row = frame_row_of(&r.frame, FAKE_VICTIM);
		for (size_t i = 0; i < ARRAY_SIZE(more); i++)
			if (more[i].value[tick] != NOT_READ)
				frame_put(row, more[i].metric, more[i].value[tick]);
		assert_int_equal(store_put_frame(r.store, &r.frame, r.owners, &err), 0);
	}
	assert_int_equal(report_build(r.store, &report, &err), 0);
	expect_all(report, of_more, ARRAY_SIZE(of_more));
	json_decref(report);
	fake_run_fini(&r);
}

/* A cgroup that was there before the run is counted from its first sample on. */
static void older_cgroup(void **state)
{
	struct err err = { 0 };
	json_t *report = NULL;
	struct fake_run r;

	(void)state;
	fake_run_begin(&r, NULL);
	r.owners->v[FAKE_NEIGHBOUR].kind = OWNER_CGROUP;
	for (uint64_t seq = 0; seq < FAKE_TICKS; seq++)
		fake_run_tick(&r, seq);
	assert_int_equal(report_build(r.store, &report, &err), 0);
	assert_int_equal(json_integer_value(fake_at(report, "targets.1.cgroup.cpu_usage_ns")),
			 100000000);
	assert_true(fabs(json_real_value(fake_at(report, "targets.1.cgroup.cpu_cores")) - 0.5) <
		    1e-9);
	json_decref(report);
	fake_run_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(more_values),
		cmocka_unit_test(lists_of_cpus),
		cmocka_unit_test(older_cgroup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
