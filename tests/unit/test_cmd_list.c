// SPDX-License-Identifier: Apache-2.0
/* cbpf list, over a store with one run of known numbers, an empty one and a broken one. */
#include <jansson.h>

#include "base/fs.h"
#include "fake_run.h"
#include "run_command.h"

static struct fake_run run;

static int setup(void **state)
{
	(void)state;
	fake_run_make(&run, "victim");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_run_fini(&run);
	return 0;
}

static void test_cases(void **state)
{
	const struct run_case cases[] = {
		{ "a line per run", { "--store", run.store_dir }, EXIT_OK, FAKE_ID, "" },
		{ "its status", { "--store", run.store_dir }, EXIT_OK, " ok ", "" },
		{ "a store that is not there is empty",
		  { "--store", "/nonexistent/runs" },
		  EXIT_OK,
		  "",
		  "" },
		{ "empty as JSON",
		  { "--json", "--store", "/nonexistent/runs" },
		  EXIT_OK,
		  "\"runs\": []",
		  "" },
		{ "no argument", { "latest" }, EXIT_USAGE, "", "takes no arguments" },
	};

	(void)state;
	run_cases(&command_list, cases, sizeof(cases) / sizeof(cases[0]));
}

static void test_json(void **state)
{
	const char *const args[] = { "--json", "--store", run.store_dir, NULL };
	static char out[65536], err[4096];
	json_t *o, *first;

	(void)state;
	assert_int_equal(run_command(&command_list, args, out, sizeof(out), err, sizeof(err)), 0);
	o = json_loads(out, 0, NULL);
	first = json_array_get(json_object_get(o, "runs"), 0);
	assert_string_equal(json_string_value(json_object_get(first, "id")), FAKE_ID);
	assert_int_equal(json_integer_value(json_object_get(first, "targets")), 2);
	assert_true(json_integer_value(json_object_get(first, "bytes")) > 0);
	json_decref(o);
}

/* One broken run does not hide the others. */
static void test_broken(void **state)
{
	const char *const args[] = { "--store", run.store_dir, NULL };
	static char out[65536], err[4096];
	char path[512];

	(void)state;
	snprintf(path, sizeof(path), "%s/20260102T030400-broken-00bb", run.store_dir);
	assert_int_equal(fs_mkdirs(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/20260102T030400-broken-00bb/run.db", run.store_dir);
	assert_int_equal(fs_create_at(AT_FDCWD, path, "no database", 11), 0);
	assert_int_equal(run_command(&command_list, args, out, sizeof(out), err, sizeof(err)), 0);
	assert_non_null(strstr(out, FAKE_ID));
	assert_non_null(strstr(err, "broken"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_broken),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
