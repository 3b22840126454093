// SPDX-License-Identifier: Apache-2.0
/* What `cbpf run` refuses before it touches the host. Whole runs are integration tests. */
#include "run_command.h"
#include "scratch.h"

static const struct run_case cases[] = {
	{ "no spec", { NULL }, EXIT_USAGE, "", "takes one SPEC" },
	{ "two specs", { "a.yml", "b.yml" }, EXIT_USAGE, "", "takes one SPEC" },
	{ "a spec that is not there", { "none.yml" }, EXIT_USAGE, "", "none.yml" },
	{ "a spec with errors",
	  { "tests/data/spec/bad/keys.yml" },
	  EXIT_USAGE,
	  "",
	  "keys.yml:3:1: unknown key 'intervall'" },
	{ "an override without a value",
	  { "--set", "interval", "tests/data/spec/good/smallest.yml" },
	  EXIT_USAGE,
	  "",
	  "interval" },
	{ "an override of nothing that is known",
	  { "--set", "x=1", "tests/data/spec/good/smallest.yml" },
	  EXIT_USAGE,
	  "",
	  "unknown key 'x'" },
	{ "a flag that is nearly one", { "--jsno", "a.yml" }, EXIT_USAGE, "", "--json" },
};

static void test_cases(void **state)
{
	(void)state;
	run_cases(&command_run, cases, sizeof(cases) / sizeof(cases[0]));
}

/* A refusal leaves no store behind. */
static void test_no_trace(void **state)
{
	char dir[64], store[128];
	const char *const args[] = { "--store", store, "tests/data/spec/bad/keys.yml", NULL };
	char out[4096], err[4096];

	(void)state;
	scratch_make(dir);
	snprintf(store, sizeof(store), "%s/runs", dir);
	assert_int_equal(run_command(&command_run, args, out, sizeof(out), err, sizeof(err)),
			 EXIT_USAGE);
	assert_int_equal(access(store, F_OK), -1);
	assert_int_equal(fs_remove_tree(dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_no_trace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
