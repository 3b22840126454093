// SPDX-License-Identifier: Apache-2.0
/* Totals and extremes of cgroup metrics; what was not read is not there. */
#include <math.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "fake_report.h"
#include "fake_run.h"
#include "report/report.h"
#include "unit.h"

#define MIB (1024.0 * 1024)

static const struct {
	const char *path;
	double want; /* NAN: absent */
	const char *why;
} cases[] = {
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

static void values(void **state)
{
	json_t *report = fake_report(NULL);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		json_t *v = fake_find(report, cases[i].path);

		if (isnan(cases[i].want) ? v != NULL
					 : fabs(json_number_value(v) - cases[i].want) > 0.5e-6)
			fail_msg("%s: %s is %f", cases[i].why, cases[i].path, json_number_value(v));
	}
	json_decref(report);
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
		cmocka_unit_test(older_cgroup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
