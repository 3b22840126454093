// SPDX-License-Identifier: Apache-2.0
/* Finding the runs of a group in a store. */
#include "cmd/group.h"

#include "cmd/command.h"
#include "commands.h"
#include "fake_run.h"
#include "json_case.h"

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

static void groups_are_found(void **state)
{
	const struct {
		const char *why, *store, *run;
		int status;
		const char *err; /* words in it */
	} cases[] = {
		{ "of the latest run", run.store_dir, NULL, EXIT_OK, "" },
		{ "by the id of a run of it", run.store_dir, FAKE_ID, EXIT_OK, "" },
		{ "by a directory, wherever the store is", "/nonexistent", run.dir, EXIT_OK, "" },
		{ "a group without runs", run.store_dir, "20260102T030405-none-00aa", EXIT_USAGE,
		  "no run of a group called 20260102T030405-none-00aa" },
		{ "no store", "/nonexistent", NULL, EXIT_USAGE, "/nonexistent" },
		{ "no run's directory", run.store_dir, "/nonexistent/x", EXIT_USAGE,
		  "/nonexistent/x" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		static char err[8192];
		json_t *group = NULL, *runs;
		struct capture e;
		int status;

		capture_begin(&e, STDERR_FILENO);
		status = group_build(cases[i].store, cases[i].run, &group);
		capture_end(&e, err, sizeof(err));
		if (status != cases[i].status || !strstr(err, cases[i].err))
			fail_msg("%s: %d, %s", cases[i].why, status, err);
		if (status != EXIT_OK)
			continue;
		runs = json_object_get(json_array_get(json_object_get(group, "matrix"), 0), "runs");
		assert_int_equal(json_array_size(runs), 1);
		assert_string_equal(
			json_string_value(json_object_get(json_array_get(runs, 0), "id")), FAKE_ID);
		json_decref(group);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_are_found),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
