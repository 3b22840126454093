// SPDX-License-Identifier: Apache-2.0
/* cbpf export, over a run of known numbers whose spec has no sinks. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake_run.h"
#include "run_command.h"

static struct fake_run run;
static char path[512], set_path[600], csv[512], set_csv[600];

/* As it would be stored with a run. */
static void put_spec(void)
{
	char db[PATH_MAX + 8];
	sqlite3 *to;

	snprintf(db, sizeof(db), "%.4000s/run.db", run.dir);
	assert_int_equal(sqlite3_open(db, &to), SQLITE_OK);
	assert_int_equal(sqlite3_exec(to,
				      "UPDATE run SET spec = 'name: demo\nruntime: native\n"
				      "containers: {victim: {command: \"true\"}}\n'",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	assert_int_equal(sqlite3_close(to), SQLITE_OK);
}

static int setup(void **state)
{
	(void)state;
	fake_run_make(&run, "victim");
	put_spec();
	snprintf(path, sizeof(path), "%s/points.jsonl", run.root);
	snprintf(set_path, sizeof(set_path), "sinks.jsonl.path=%s", path);
	snprintf(csv, sizeof(csv), "%s/tables/" FAKE_ID "/tick.csv", run.root);
	snprintf(set_csv, sizeof(set_csv), "sinks.csv.path=%s/tables", run.root);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_run_fini(&run);
	return 0;
}

static void test_usage(void **state)
{
	const struct run_case cases[] = {
		{ "two runs", { run.dir, run.dir }, EXIT_USAGE, "", "export takes one RUN" },
		{ "no such sink",
		  { "--sink", "influx", run.dir },
		  EXIT_USAGE,
		  "",
		  "no sink is called 'influx'" },
		{ "one that only serves",
		  { "--sink", "openmetrics", run.dir },
		  EXIT_USAGE,
		  "",
		  "cbpf run --listen" },
		{ "no sinks in the spec", { run.dir }, EXIT_USAGE, "", "name one with --sink" },
		{ "no such key",
		  { "--set", "sinks.jsonl.file=x", run.dir },
		  EXIT_USAGE,
		  "",
		  "unknown key 'file'" },
		{ "no such run",
		  { "--store", run.store_dir, "20990101T000000-x" },
		  EXIT_USAGE,
		  "",
		  "no run called" },
	};

	(void)state;
	run_cases(&command_export, cases, sizeof(cases) / sizeof(cases[0]));
}

static size_t lines(void)
{
	FILE *f = fopen(path, "r");
	size_t n = 0;

	for (int c; f && (c = fgetc(f)) != EOF;)
		n += c == '\n';
	if (f)
		fclose(f);
	return n;
}

/* All of it, then nothing, and with --again all of it once more. */
static void test_again(void **state)
{
	const struct run_case first[] = {
		{ "the first time",
		  { "--sink", "jsonl", "--set", set_path, run.dir },
		  EXIT_OK,
		  "",
		  "points in" },
	};
	const struct run_case second[] = {
		{ "the second time",
		  { "--sink", "jsonl", "--set", set_path, run.dir },
		  EXIT_OK,
		  "",
		  "has all of it already" },
	};
	const struct run_case again[] = {
		{ "once more",
		  { "--again", "--quiet", "--sink", "jsonl", "--set", set_path, run.dir },
		  EXIT_OK,
		  "",
		  "" },
	};
	size_t n;

	(void)state;
	run_cases(&command_export, first, 1);
	n = lines();
	assert_true(n > 50);
	run_cases(&command_export, second, 1);
	assert_int_equal(lines(), n);
	run_cases(&command_export, again, 1);
	assert_int_equal(lines(), 2 * n);
}

static void test_csv(void **state)
{
	const struct run_case cases[] = {
		{ "tables", { "--sink", "csv", "--set", set_csv, run.dir }, EXIT_OK, "", "" },
	};

	(void)state;
	run_cases(&command_export, cases, 1);
	assert_int_equal(access(csv, R_OK), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_usage),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_csv),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
