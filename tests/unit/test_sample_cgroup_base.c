// SPDX-License-Identifier: Apache-2.0
/* Counters of a cgroup that is older than the run. */
#include "sample/cgroup_base.h"

#include "base/cleanup.h"
#include "unit.h"

static void counters_begin_with_the_first_look(void **state)
{
	static const struct {
		const char *label;
		enum metric metric;
		uint64_t read[4], told[4];
	} cases[] = {
		{ "a counter", METRIC_cpu_usage_ns, { 100, 100, 130, 131 }, { 0, 0, 30, 31 } },
		{ "one that was at zero", METRIC_io_read_bytes, { 0, 5, 5, 9 }, { 0, 5, 5, 9 } },
		{ "a gauge is what it is", METRIC_memory_bytes, { 7, 5, 6, 7 }, { 7, 5, 6, 7 } },
		{ "one that was reset begins anew",
		  METRIC_cpu_user_ns,
		  { 100, 110, 3, 5 },
		  { 0, 10, 3, 5 } },
		{ "the largest",
		  METRIC_cpu_usage_ns,
		  { UINT64_MAX - 1, UINT64_MAX, 0, 1 },
		  { 0, 1, 0, 1 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct cgroup_base base = { 0 };

		for (size_t k = 0; k < 4; k++) {
			struct frame_row before = { 0 }, row = { 0 };

			frame_put(&row, cases[i].metric, cases[i].read[k]);
			cgroup_base_apply(&base, &before, &row);
			if (row.value[cases[i].metric] != cases[i].told[k])
				fail_msg("%s: look %zu tells %llu", cases[i].label, k,
					 (unsigned long long)row.value[cases[i].metric]);
		}
	}
}

/* A gap is no zero, and what comes late begins when it does. */
static void what_is_absent_stays_so(void **state)
{
	struct frame_row none = { 0 }, row = { 0 };
	struct cgroup_base base = { 0 };

	(void)state;
	cgroup_base_apply(&base, &none, &row);
	assert_true(frame_row_empty(&row));
	frame_put(&row, METRIC_cpu_usage_ns, 50);
	cgroup_base_apply(&base, &none, &row);
	assert_int_equal(row.value[METRIC_cpu_usage_ns], 0);
}

static void what_others_have_put_is_theirs(void **state)
{
	struct frame_row before = { 0 }, row;
	struct cgroup_base base = { 0 };

	(void)state;
	frame_put(&before, METRIC_cpu_usage_ns, 50);
	row = before;
	frame_put(&row, METRIC_cpu_user_ns, 40);
	cgroup_base_apply(&base, &before, &row);
	assert_int_equal(row.value[METRIC_cpu_usage_ns], 50);
	assert_int_equal(row.value[METRIC_cpu_user_ns], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counters_begin_with_the_first_look),
		cmocka_unit_test(what_is_absent_stays_so),
		cmocka_unit_test(what_others_have_put_is_theirs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
