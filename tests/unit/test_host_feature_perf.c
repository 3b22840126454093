// SPDX-License-Identifier: Apache-2.0
/* Checks of hardware against made-up files, and on this host. */
#include "feature_case.h"

static const struct feature_case cases[] = {

	{ "resctrl is mounted and monitors",
	  "resctrl",
	  { { "proc/self/mountinfo", "1 1 0:1 / /sys/fs/resctrl rw - resctrl r rw\n" },
	    { "sys/fs/resctrl/info/last_cmd_status", "ok\n" },
	    { "sys/fs/resctrl/info/L3_MON/num_rmids", "176\n" },
	    { "sys/fs/resctrl/info/L3_MON/mon_features", "llc_occupancy\nmbm_total_bytes\n" },
	    { "sys/fs/resctrl/mon_data/mon_L3_00/llc_occupancy", "0\n" } },
	  FEATURE_YES,
	  "/sys/fs/resctrl: llc_occupancy, mbm_total_bytes of 1 L3 cache, 176 RMIDs" },
	{ "resctrl is mounted and only allocates",
	  "resctrl",
	  { { "proc/self/mountinfo", "1 1 0:1 / /sys/fs/resctrl rw - resctrl r rw\n" },
	    { "sys/fs/resctrl/info/last_cmd_status", "ok\n" } },
	  FEATURE_NO,
	  "cannot monitor" },
	{ "resctrl could be",
	  "resctrl",
	  { { "proc/filesystems", "nodev\tresctrl\n" } },
	  FEATURE_DEGRADED,
	  "not mounted" },
	{ "the CPU has it, the kernel not",
	  "resctrl",
	  { { "proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu cqm rdt_a\n" } },
	  FEATURE_NO,
	  "the CPU has RDT" },
	{ "a flag that only begins so",
	  "resctrl",
	  { { "proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu cqm_llc\n" } },
	  FEATURE_NO,
	  "neither" },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		feature_run(features_perf, &cases[i]);
}

static void test_here(void **state)
{
	(void)state;
	feature_run_real(features_perf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
