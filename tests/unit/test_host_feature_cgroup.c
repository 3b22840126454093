// SPDX-License-Identifier: Apache-2.0
/* Checks of cgroups against made-up mounts, and on this host. */
#include "feature_case.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define V2                                                                                         \
	{                                                                                          \
		"proc/self/mountinfo", "1 1 0:1 / /u rw - cgroup2 c rw\n"                          \
	}
#define V2_IO                                                                                      \
	V2,                                                                                        \
	{                                                                                          \
		"u/cgroup.controllers", "cpu io\n"                                                 \
	}

static const struct feature_case cases[] = {

	{ "pure version 2",
	  "cgroup",
	  { { "proc/self/mountinfo", "1 1 0:1 / /sys/fs/cgroup rw - cgroup2 c rw\n" } },
	  FEATURE_YES,
	  "version 2" },
	{ "hybrid",
	  "cgroup",
	  { { "proc/self/mountinfo", "1 1 0:1 / /u rw - cgroup2 c rw\n"
				     "2 1 0:2 / /b rw - cgroup c rw,blkio\n" } },
	  FEATURE_YES,
	  "hybrid" },
	{ "version 1 alone",
	  "cgroup",
	  { { "proc/self/mountinfo", "2 1 0:2 / /b rw - cgroup c rw,blkio\n" } },
	  FEATURE_DEGRADED,
	  "version 1 only" },
	{ "none at all",
	  "cgroup",
	  { { "proc/self/mountinfo", "2 1 0:2 / / rw - ext4 d rw\n" } },
	  FEATURE_NO,
	  "no cgroup hierarchy" },
	{ "the io controller owns writeback",
	  "cgroup-owner",
	  { { "proc/self/mountinfo", "1 1 0:1 / /u rw - cgroup2 c rw\n" },
	    { "u/cgroup.controllers", "cpu io memory\n" } },
	  FEATURE_YES,
	  "writeback has an owner" },
	{ "blkio does not",
	  "cgroup-owner",
	  { { "proc/self/mountinfo", "2 1 0:2 / /b rw - cgroup c rw,blkio\n" } },
	  FEATURE_DEGRADED,
	  "unattributed" },
	{ "neither is there",
	  "cgroup-owner",
	  { { "proc/self/mountinfo", "1 1 0:1 / /u rw - cgroup2 c rw\n" },
	    { "u/cgroup.controllers", "cpu\n" } },
	  FEATURE_NO,
	  "no owner" },
	{ "a controller of version 2",
	  "cgroup.memory",
	  { { "proc/self/mountinfo", "1 1 0:1 / /u rw - cgroup2 c rw\n" },
	    { "u/cgroup.controllers", "io memory\n" } },
	  FEATURE_YES,
	  "version 2" },
	{ "cpuset is not cpu",
	  "cgroup.cpu",
	  { { "proc/self/mountinfo", "1 1 0:1 / /u rw - cgroup2 c rw\n" },
	    { "u/cgroup.controllers", "cpuset\n" } },
	  FEATURE_DEGRADED,
	  "limits and numbers of cpu are absent" },
	{ "a controller of version 1",
	  "cgroup.pids",
	  { { "proc/self/mountinfo", "2 1 0:2 / /p rw - cgroup c rw,pids\n" } },
	  FEATURE_YES,
	  "version 1 on /p" },
	{ "cgroups may be made",
	  "cgroup-create",
	  { { "proc/self/mountinfo", "1 1 0:1 / /u rw - cgroup2 c rw\n" }, { "u/x", "" } },
	  FEATURE_YES,
	  "/u" },
	{ "or not",
	  "cgroup-create",
	  { { "proc/self/mountinfo", "1 1 0:1 / /u rw - cgroup2 c rw\n" } },
	  FEATURE_NO,
	  "writing to /u" },
	{ "pressure is told",
	  "pressure",
	  { { "proc/pressure/io", "some avg10=0.00\n" } },
	  FEATURE_YES,
	  "/proc/pressure" },
	{ "or is off", "pressure", { { 0 } }, FEATURE_DEGRADED, "No such file" },
};

/* Where the io controller ends, and the command that leads it on. */
static const struct {
	struct feature_case c;
	const char *fix;
} depths[] = {
	{ { "io below the root, and no container",
	    "cgroup-io",
	    { V2_IO, { "u/cgroup.subtree_control", "io\n" }, { "u/system.slice/x", "" } },
	    FEATURE_YES,
	    "no container runs now" },
	  "" },
	{ { "io not even below the root",
	    "cgroup-io",
	    { V2_IO, { "u/cgroup.subtree_control", "cpu\n" } },
	    FEATURE_DEGRADED,
	    "charged to the root" },
	  "echo +io > /u/cgroup.subtree_control" },
	{ { "io for a container, and its monitor does not count",
	    "cgroup-io",
	    { V2_IO,
	      { "u/cgroup.subtree_control", "cpu io\n" },
	      { "u/a/b/docker-" ID ".scope/cgroup.controllers", "io\n" },
	      { "u/a/libpod-conmon-" ID ".scope/cgroup.controllers", "cpu\n" } },
	    FEATURE_YES,
	    "enabled for each of 1 that run now" },
	  "" },
	{ { "io down to the parent of a container",
	    "cgroup-io",
	    { V2_IO,
	      { "u/cgroup.subtree_control", "cpu io\n" },
	      { "u/system.slice/cgroup.controllers", "io\n" },
	      { "u/system.slice/docker-" ID ".scope/cgroup.controllers", "cpu\n" } },
	    FEATURE_DEGRADED,
	    "charged to /system.slice, " },
	  "echo +io | tee /u/system.slice/cgroup.subtree_control" },
	{ { "io for nobody",
	    "cgroup-io",
	    { V2_IO,
	      { "u/cgroup.subtree_control", "cpu\n" },
	      { "u/docker/cgroup.controllers", "cpu\n" },
	      { "u/docker/" ID "/cgroup.controllers", "cpu\n" } },
	    FEATURE_DEGRADED,
	    "charged to /, " },
	  "echo +io | tee /u/cgroup.subtree_control /u/docker/cgroup.subtree_control" },
	{ { "no io controller at all",
	    "cgroup-io",
	    { V2, { "u/cgroup.controllers", "cpu\n" } },
	    FEATURE_DEGRADED,
	    "no io controller" },
	  "boot without cgroup_disable=io" },
	{ { "blkio has its own",
	    "cgroup-io",
	    { { "proc/self/mountinfo", "2 1 0:2 / /b rw - cgroup c rw,blkio\n" } },
	    FEATURE_YES,
	    "blkio of version 1" },
	  "" },
	{ { "version 1 without it",
	    "cgroup-io",
	    { { "proc/self/mountinfo", "2 1 0:2 / /b rw - cgroup c rw,cpu\n" } },
	    FEATURE_DEGRADED,
	    "without blkio" },
	  "mount -t cgroup -o blkio none /sys/fs/cgroup/blkio" },
};

static void test_depths(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(depths) / sizeof(depths[0]); i++)
		assert_string_equal(feature_run(features_cgroup, &depths[i].c).fix, depths[i].fix);
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		feature_run(features_cgroup, &cases[i]);
}

static void test_here(void **state)
{
	(void)state;
	feature_run_real(features_cgroup);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_depths),
		cmocka_unit_test(test_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
