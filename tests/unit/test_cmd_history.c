// SPDX-License-Identifier: Apache-2.0
/* cbpf compare --history, over stores with a run of known numbers each. */
#include <sqlite3.h>
#include <stdio.h>

#include "fake_run.h"
#include "run_command.h"

static struct fake_run run, other;

static int setup(void **state)
{
	(void)state;
	fake_run_make(&run, "victim");
	fake_run_make(&other, "victim");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_run_fini(&other);
	fake_run_fini(&run);
	return 0;
}

static void test_cases(void **state)
{
	const struct run_case cases[] = {
		{ "two runs",
		  { "--history", run.dir, other.dir },
		  EXIT_OK,
		  "metrics changed their level. 2 runs are not enough",
		  "" },
		{ "as JSON",
		  { "--history", "--json", run.store_dir, other.store_dir },
		  EXIT_OK,
		  "\"changes\": []",
		  "" },
		{ "only some metrics",
		  { "--history", "--metric", "victim.block.read.ios", run.dir, other.dir },
		  EXIT_OK,
		  "0 of 1 metrics",
		  "" },
		{ "the same run twice is one",
		  { "--history", run.dir, run.dir },
		  EXIT_USAGE,
		  "",
		  "a history takes two runs or more that ended well, there are 1" },
		{ "a store, which has one run",
		  { "--history", "--store", run.store_dir },
		  EXIT_USAGE,
		  "",
		  "there are 1" },
		{ "a test has no place in it",
		  { "--history", "--junit", "x.xml", run.dir, other.dir },
		  EXIT_USAGE,
		  "",
		  "--junit tells what became of --fail-if" },
		{ "no store",
		  { "--history", "--store", "/nonexistent" },
		  EXIT_WORKLOAD,
		  "",
		  "/nonexistent" },
		{ "no such run", { "--history", run.dir, "nope" }, EXIT_WORKLOAD, "", "nope" },
		{ "a threshold has no base",
		  { "--history", "--fail-if", "victim.exit_code > 0", run.dir, other.dir },
		  EXIT_USAGE,
		  "",
		  "--fail-if takes a base" },
	};

	(void)state;
	run_cases(&command_compare, cases, sizeof(cases) / sizeof(cases[0]));
}

static void change_other(const char *sql)
{
	char path[PATH_MAX + 16];
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/run.db", other.dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

/* Of two runs one was interrupted, or is of another spec. */
static void what_is_not_alike(void **state)
{
	const struct run_case alone = { "it is named, not dropped",
					{ "--history", run.dir, other.dir },
					EXIT_USAGE,
					"",
					"is left out: its status is interrupted" };
	const struct run_case unlike = { "another spec",
					 { "--history", run.dir, other.dir },
					 EXIT_OK,
					 "specs: what changed may be theirs.",
					 "" };

	(void)state;
	change_other("UPDATE run SET status = 'interrupted'");
	run_cases(&command_compare, &alone, 1);
	change_other("UPDATE run SET status = 'ok', spec_sha256 = 'other'");
	run_cases(&command_compare, &unlike, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(what_is_not_alike),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
