// SPDX-License-Identifier: Apache-2.0
/* What a threshold may compare; each message is that of `validate` as well. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/expect.h"
#include "unit.h"

static const struct {
	const char *path, *error; /* NULL: none */
} cases[] = {
	{ "block.read.p99", NULL },
	{ "block.write.queue.max", NULL },
	{ "results.anything.bw_mib_s", NULL },
	{ "results.file creation.iops", NULL },
	{ "results.read.calls", NULL },
	{ "results.read.errors", NULL },
	{ "results.read.p999_s", NULL },
	{ "results.write.dirty_at_end_bytes", NULL },
	{ "results.read.p95_s", "unknown metric 'p95_s'; did you mean 'p90_s'?" },
	{ "exit_code", NULL },
	{ "perf.page-faults", NULL },
	{ "blok.read.p99", "unknown metric 'blok'; did you mean 'block'?" },
	{ "block.read.p95", "unknown metric 'p95'; did you mean 'p90'?" },
	{ "block..p99", "unknown metric ''" },
	{ "block", "expected more after 'block', such as read" },
	{ "cgroup", "expected more after 'cgroup', such as cpu_usage_ns" },
	{ "cgroup.memory_max_bytes", NULL },
	{ "cgroup.memory_bytes",
	  "unknown metric 'memory_bytes'; did you mean 'memory_max_bytes'?" },
	{ "cgroup.cpu_usag_ns", "unknown metric 'cpu_usag_ns'; did you mean 'cpu_usage_ns'?" },
	{ "pagecache.hit_ratio", NULL },
	{ "pagecache.hit_ratoi", "unknown metric 'hit_ratoi'; did you mean 'hit_ratio'?" },
	{ "sched.runq_ns.p99", NULL },
	{ "sched.preempted_by.neighbour", NULL },
	{ "sched.nonsense.p99", "unknown metric 'nonsense'" },
	{ "sched.runq_ns", "expected more after 'runq_ns', such as p50" },
	{ "profile.kernel_samples", NULL },
	{ "profile.kernel_sample",
	  "unknown metric 'kernel_sample'; did you mean 'kernel_samples'?" },
	{ "perf", "expected more after 'perf', such as a metric" },
	{ "exit_code.x", "'exit_code' has no part 'x'" },
};

static void says_what_is_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct err err = { 0 };
		int rc = expect_check_path(cases[i].path, &err);

		assert_int_equal(rc, cases[i].error ? -EINVAL : 0);
		if (rc && strcmp(err.text, cases[i].error) != 0)
			fail_msg("%s: %s", cases[i].path, err.text);
	}
}

static const struct {
	const char *expr, *error; /* NULL: none */
} units[] = {
	{ "v.block.read.p99 < 5ms", NULL },
	{ "v.block.read.p99 < 5000000", NULL },
	{ "v.block.read.bytes > 4KiB", NULL },
	{ "v.rdt.mbm_total_bytes_per_s > 4MiB", NULL },
	{ "v.results.write.total_s < 5s", NULL },
	{ "v.results.write.bw_mib_s > 100", NULL },
	{ "v.results.read.p99_s < 5ms", NULL },
	{ "v.results.file creation.iops > 100", NULL },
	{ "v.sched.runq_ns.p99 < 5ms", NULL },
	{ "v.perf.task-clock < 5s", NULL },
	{ "v.block.read.p99 > +10%", NULL },
	{ "v.block.read.p99 < 5MiB",
	  "'block.read.p99' is a time, such as 5ms, but is compared with a size" },
	{ "v.block.read.bytes > 5m",
	  "'block.read.bytes' is bytes, such as 4KiB, but is compared with a time" },
	{ "v.results.write.bw_mib_s > 100MiB",
	  "'results.write.bw_mib_s' is a plain number, such as 200, but is compared with a size" },
	{ "v.vfs.read.calls > 5ms",
	  "'vfs.read.calls' is a plain number, such as 200, but is compared with a time" },
	{ "v.vfs.read.count > 5k",
	  "'vfs.read.count' is a plain number, such as 200, but is compared with a size" },
	{ "v.cgroup.cpu_usage_ns > 5KiB",
	  "'cgroup.cpu_usage_ns' is a time, such as 5ms, but is compared with a size" },
	{ "v.exit_code == 1s",
	  "'exit_code' is a plain number, such as 200, but is compared with a time" },
};

static void a_unit_is_that_of_the_metric(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		struct err err = { 0 };
		struct expect e;
		int rc;

		assert_int_equal(expect_parse(units[i].expr, &e, &err), 0);
		rc = expect_check_unit(&e, &err);
		if (rc != (units[i].error ? -EINVAL : 0))
			fail_msg("%s: %d", units[i].expr, rc);
		if (rc && strcmp(err.text, units[i].error) != 0)
			fail_msg("%s: %s", units[i].expr, err.text);
	}
}

static void what_is_too_long_is_refused(void **state)
{
	char path[300] = { 0 };
	struct err err;

	(void)state;
	memset(path, 'a', sizeof(path) - 1);
	assert_int_equal(expect_check_path(path, &err), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_is_wrong),
		cmocka_unit_test(a_unit_is_that_of_the_metric),
		cmocka_unit_test(what_is_too_long_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
