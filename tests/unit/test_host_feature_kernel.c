// SPDX-License-Identifier: Apache-2.0
/* Checks of the kernel against made-up files, and on this host. */
#include "feature_case.h"

static const struct feature_case cases[] = {

	{ "BTF is there", "btf", { { "sys/kernel/btf/vmlinux", "x" } }, FEATURE_YES, "/vmlinux" },
	{ "BTF is not", "btf", { { 0 } }, FEATURE_NO, "No such file" },
	{ "no lockdown file, no lockdown", "lockdown", { { 0 } }, FEATURE_YES, "not locked down" },
	{ "lockdown is off",
	  "lockdown",
	  { { "sys/kernel/security/lockdown", "[none] integrity confidentiality\n" } },
	  FEATURE_YES,
	  "none" },
	{ "integrity allows tracing",
	  "lockdown",
	  { { "sys/kernel/security/lockdown", "none [integrity] confidentiality\n" } },
	  FEATURE_YES,
	  "integrity" },
	{ "confidentiality does not",
	  "lockdown",
	  { { "sys/kernel/security/lockdown", "none integrity [confidentiality]\n" } },
	  FEATURE_NO,
	  "confidentiality" },
	{ "tracefs is mounted",
	  "tracefs",
	  { { "proc/self/mountinfo", "1 1 0:1 / /sys/kernel/tracing rw - tracefs n rw\n" } },
	  FEATURE_YES,
	  "/sys/kernel/tracing" },
	{ "tracefs could be mounted",
	  "tracefs",
	  { { "proc/filesystems", "nodev\ttracefs\n" } },
	  FEATURE_DEGRADED,
	  "not mounted" },
	{ "tracefs is unknown",
	  "tracefs",
	  { { "proc/filesystems", "nodev\tsysfs\n" } },
	  FEATURE_NO,
	  "no tracefs" },
	{ "a mount of bpffs",
	  "bpffs",
	  { { "proc/self/mountinfo", "1 1 0:1 / /sys/fs/bpf rw - bpf bpf rw\n" } },
	  FEATURE_YES,
	  "/sys/fs/bpf" },
	{ "statistics are on",
	  "bpf-stats",
	  { { "proc/sys/kernel/bpf_stats_enabled", "1\n" } },
	  FEATURE_YES,
	  "on for" },
	{ "a fast clock source",
	  "clock-source",
	  { { "sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n" } },
	  FEATURE_YES,
	  "tsc" },
	{ "a slow clock source",
	  "clock-source",
	  { { "sys/devices/system/clocksource/clocksource0/current_clocksource", "hpet\n" } },
	  FEATURE_DEGRADED,
	  "hpet is slow" },
	{ "no clock source", "clock-source", { { 0 } }, FEATURE_DEGRADED, "unknown" },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		feature_run(features_kernel, &cases[i]);
}

static void test_here(void **state)
{
	(void)state;
	feature_run_real(features_kernel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
