// SPDX-License-Identifier: Apache-2.0
/* cbpf parse, over what real tools printed. */
#include <jansson.h>

#include "run_command.h"

#define DATA "tests/data/ior/"

static const struct run_case cases[] = {
	{ "IOR's text as a table", { DATA "text-write-read-fpp.txt" }, EXIT_OK, "write", "" },
	{ "the second test of a script",
	  { DATA "script.txt" },
	  EXIT_OK,
	  "\n1: write                0        16777216",
	  "" },
	{ "IOR's JSON", { "--json", DATA "summary.json" }, EXIT_OK, "\"status\":\"ok\"", "" },
	{ "mdtest's rates", { "--json", DATA "mdtest.txt" }, EXIT_OK, "\"tool\":\"mdtest\"", "" },
	{ "incorrect data is a failure",
	  { "--json", DATA "text-incorrect-data.txt" },
	  EXIT_WORKLOAD,
	  "\"status\":\"corrupt\"",
	  "" },
	{ "no file", { NULL }, EXIT_USAGE, "", "takes one FILE" },
	{ "a missing file", { "none" }, EXIT_USAGE, "", "reading none: No such file" },
	{ "a directory", { "tests" }, EXIT_USAGE, "", "reading tests" },
	{ "some other text", { "Makefile" }, EXIT_USAGE, "", "Makefile: " },
};

static void test_cases(void **state)
{
	(void)state;
	run_cases(&command_parse, cases, sizeof(cases) / sizeof(cases[0]));
}

/* With --json there is one object on stdout, and its rows carry what was printed. */
static void test_json(void **state)
{
	static const char *const args[] = { "--json", DATA "text-write-read-fpp.txt", NULL };
	static char out[1 << 20], err[4096];
	json_t *o;

	(void)state;
	assert_int_equal(run_command(&command_parse, args, out, sizeof(out), err, sizeof(err)), 0);
	o = json_loads(out, 0, NULL);
	assert_non_null(o);
	assert_string_equal(json_string_value(json_object_get(o, "tool")), "ior");
	assert_true(json_array_size(json_object_get(o, "results")) > 0);
	json_decref(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
