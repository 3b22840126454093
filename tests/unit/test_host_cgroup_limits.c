// SPDX-License-Identifier: Apache-2.0
/* Which lines a limit becomes on v1 and v2, and which limits are refused. */
#include "host/cgroup_limits.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/err.h"

static const struct cgroup_layout v1 = {
	.mode = CGROUP_V1,
	.v1 = { "/c/cpu", "/c/cpuacct", "/c/cpuset", "/c/memory", "/c/blkio", "/c/pids" },
};
static const struct cgroup_layout v2 = {
	.mode = CGROUP_V2,
	.v2 = "/c",
	.v2_controllers = "cpuset cpu io memory hugetlb pids",
	.io_on_v2 = true,
};
static const struct cgroup_layout bare = { .mode = CGROUP_V2, .v2 = "/c", .io_on_v2 = true };

#define LIMITS(...)                                                                                \
	{                                                                                          \
		.cpu_limit = __builtin_nan(""), .memory = UINT64_MAX, .memory_swap = UINT64_MAX,   \
		.pids = UINT64_MAX, .read_iops = UINT64_MAX, .write_iops = UINT64_MAX,             \
		.read_bps = UINT64_MAX, .write_bps = UINT64_MAX, .io_weight = UINT64_MAX,          \
		##__VA_ARGS__                                                                      \
	}

/* A row overrides some of "no limit". */
#ifdef __clang__
#pragma clang diagnostic ignored "-Winitializer-overrides"
#else
#pragma GCC diagnostic ignored "-Woverride-init"
#endif

static const struct {
	const char *label;
	const struct cgroup_layout *l;
	struct cgroup_limits limits;
	int rc;
	const char *want; /* "file=text;..." or a part of the message */
} cases[] = {
	{ "no limits write nothing", &v2, LIMITS(), 0, "" },
	{ "no limits need no controller", &bare, LIMITS(), 0, "" },
	{ "v1 cpus", &v1, LIMITS(.cpus = "0,2-3"), 0, "cpuset.cpus=0,2-3;" },
	{ "v2 cpus", &v2, LIMITS(.cpus = "1"), 0, "cpuset.cpus=1;" },
	{ "v1 cpu_limit", &v1, LIMITS(.cpu_limit = 0.5), 0,
	  "cpu.cfs_period_us=100000;cpu.cfs_quota_us=50000;" },
	{ "v2 cpu_limit", &v2, LIMITS(.cpu_limit = 1.25), 0, "cpu.max=125000 100000;" },
	{ "cpu_limit below the kernel's least", &v2, LIMITS(.cpu_limit = 0.001), -EINVAL,
	  "from 0.01" },
	{ "v1 memory before memory and swap", &v1, LIMITS(.memory = 4096, .memory_swap = 8192), 0,
	  "memory.limit_in_bytes=4096;memory.memsw.limit_in_bytes=8192;" },
	{ "v2 swap is what is left after memory", &v2, LIMITS(.memory = 4096, .memory_swap = 8192),
	  0, "memory.max=4096;memory.swap.max=4096;" },
	{ "swap below memory", &v2, LIMITS(.memory = 4096, .memory_swap = 1), -EINVAL,
	  "cannot be less than memory" },
	{ "swap without memory", &v1, LIMITS(.memory_swap = 1), -EINVAL, "needs memory" },
	{ "pids", &v1, LIMITS(.pids = 7), 0, "pids.max=7;" },
	{ "v1 io", &v1,
	  LIMITS(.io_major = 254, .io_minor = 1, .read_iops = 10, .write_iops = 11, .read_bps = 12,
		 .write_bps = 13),
	  0,
	  "blkio.throttle.read_iops_device=254:1 10;blkio.throttle.write_iops_device=254:1 11;"
	  "blkio.throttle.read_bps_device=254:1 12;blkio.throttle.write_bps_device=254:1 13;" },
	{ "v2 io", &v2, LIMITS(.io_major = 8, .read_iops = 10, .write_bps = 13), 0,
	  "io.max=8:0 riops=10;io.max=8:0 wbps=13;" },
	{ "an io limit of 0", &v2, LIMITS(.read_iops = 0), -EINVAL, "io.read_iops" },
	{ "v1 weight", &v1, LIMITS(.io_weight = 500), 0, "blkio.bfq.weight=500;" },
	{ "v2 weight, least", &v2, LIMITS(.io_weight = 10), 0, "io.weight=default 1;" },
	{ "v2 weight, most", &v2, LIMITS(.io_weight = 1000), 0, "io.weight=default 10000;" },
	{ "a weight out of range", &v2, LIMITS(.io_weight = 5), -EINVAL, "from 10 to 1000" },
	{ "no cpuset is told", &bare, LIMITS(.cpus = "1"), -EOPNOTSUPP, "\"cpuset\"" },
	{ "no io is told", &bare, LIMITS(.read_iops = 1), -EOPNOTSUPP, "\"io\"" },
	{ "no memory is told", &bare, LIMITS(.memory = 1), -EOPNOTSUPP, "\"memory\"" },
};

static void test_writes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct cgroup_writes w = { 0 };
		struct err err = { 0 };
		char text[1024] = "";
		int rc = cgroup_limits_writes(cases[i].l, &cases[i].limits, &w, &err);

		print_message("%s\n", cases[i].label);
		assert_int_equal(rc, cases[i].rc);
		if (rc) {
			assert_non_null(strstr(err.text, cases[i].want));
			continue;
		}
		for (size_t k = 0; k < w.n; k++) {
			assert_int_equal(w.v[k].v2, cases[i].l == &v2);
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s=%s;",
				 w.v[k].file, w.v[k].text);
		}
		assert_string_equal(text, cases[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_writes) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
