// SPDX-License-Identifier: Apache-2.0
/* Checks of privileges against made-up process states, and on this host. */
#include "feature_case.h"

static const struct feature_case cases[] = {

	{ "everything is effective",
	  "cap-bpf",
	  { { "proc/self/status", "Name:\tx\nCapEff:\t000001ffffffffff\n" } },
	  FEATURE_YES,
	  "loading BPF" },
	{ "nothing is",
	  "cap-bpf",
	  { { "proc/self/status", "CapEff:\t0000000000000000\n" } },
	  FEATURE_NO,
	  "not effective" },
	{ "CAP_SYS_ADMIN includes CAP_BPF",
	  "cap-bpf",
	  { { "proc/self/status", "CapEff:\t0000000000200000\n" } },
	  FEATURE_YES,
	  "included" },
	{ "CAP_PERFMON alone",
	  "cap-perfmon",
	  { { "proc/self/status", "CapEff:\t0000004000000000\n" } },
	  FEATURE_YES,
	  "tracepoints" },
	{ "what is not needed only degrades",
	  "cap-sys-resource",
	  { { "proc/self/status", "CapEff:\t000001fffeffffff\n" } },
	  FEATURE_DEGRADED,
	  "raising resource limits" },
	{ "permitted is not effective",
	  "cap-kill",
	  { { "proc/self/status", "CapPrm:\tffffffffffffffff\nCapEff:\t0000000000000000\n" } },
	  FEATURE_DEGRADED,
	  "not effective" },
	{ "no status", "cap-bpf", { { 0 } }, FEATURE_NO, "No such file" },
	{ "the initial user namespace",
	  "user-namespace",
	  { { "proc/self/uid_map", "         0          0 4294967295\n" } },
	  FEATURE_YES,
	  "initial" },
	{ "a user namespace of its own",
	  "user-namespace",
	  { { "proc/self/uid_map", "         0       1000          1\n" } },
	  FEATURE_NO,
	  "one of its own" },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		feature_run(features_caps, &cases[i]);
}

static void test_here(void **state)
{
	(void)state;
	feature_run_real(features_caps);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
