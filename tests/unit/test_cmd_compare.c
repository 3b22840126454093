// SPDX-License-Identifier: Apache-2.0
/* cbpf compare, over two stores with a run of known numbers each. */
#include <jansson.h>
#include <sqlite3.h>

#include "fake_report.h"
#include "fake_run.h"
#include "report/compare.h"
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
		{ "by directory", { run.dir, other.dir }, EXIT_OK, "block.read.ios", "" },
		{ "three", { run.dir, other.dir, run.dir }, EXIT_OK, "  3 ", "" },
		{ "by what they are called in a store",
		  { "--store", run.store_dir, "latest", FAKE_ID },
		  EXIT_OK,
		  "1 run each: differences may be noise",
		  "" },
		{ "nothing", { NULL }, EXIT_USAGE, "", "compare takes two RUNs or more, got none" },
		{ "one run", { run.dir }, EXIT_USAGE, "", "compare takes two RUNs or more" },
		{ "no such run",
		  { "--store", run.store_dir, "latest", "20990101T000000-x" },
		  EXIT_WORKLOAD,
		  "",
		  "no run called 20990101T000000-x" },
		{ "no store",
		  { "--store", "/nonexistent", "a", "b" },
		  EXIT_WORKLOAD,
		  "",
		  "/nonexistent" },
		{ "nothing between commas",
		  { run.dir, ",,b" },
		  EXIT_USAGE,
		  "",
		  "',,b' has an empty part" },
		{ "nothing before a comma",
		  { "--history", ",b" },
		  EXIT_USAGE,
		  "",
		  "',b' has an empty part" },
		{ "no such option", { "--wrong", run.dir, other.dir }, EXIT_USAGE, "", "--wrong" },
	};

	(void)state;
	run_cases(&command_compare, cases, sizeof(cases) / sizeof(cases[0]));
}

static json_t *as_json(void)
{
	const char *const args[] = { "--json", run.dir, other.dir, NULL };
	static char out[1 << 20], err[4096];
	json_t *o;

	assert_int_equal(run_command(&command_compare, args, out, sizeof(out), err, sizeof(err)),
			 0);
	o = json_loads(out, 0, NULL);
	assert_non_null(o);
	return o;
}

static void test_json(void **state)
{
	json_t *o = as_json();

	(void)state;
	assert_string_equal(json_string_value(fake_at(o, "runs.1.id")), FAKE_ID);
	assert_string_equal(json_string_value(fake_at(o, "basis")), "single runs");
	assert_string_equal(json_string_value(fake_at(o, "metrics.0.target")), "victim");
	json_decref(o);
}

/* The one warning of @what, or NULL. */
static json_t *warning_of(json_t *comparison, const char *what)
{
	json_t *w, *found = NULL;
	size_t i;

	json_array_foreach(fake_at(comparison, "warnings"), i, w) {
		if (strcmp(json_string_value(fake_at(w, "what")), what))
			continue;
		assert_null(found);
		found = w;
	}
	return found;
}

static void change(const char *sql)
{
	sqlite3 *db;
	char path[PATH_MAX + 8];

	snprintf(path, sizeof(path), "%s/run.db", other.dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

/* Specs are YAML in the database; one that cannot be read is not the same as another. */
static void test_specs(void **state)
{
	static const struct {
		const char *sql, *path, *second; /* path NULL: no warning */
		const char *why;
	} rows[] = {
		{ "UPDATE run SET spec = 'name: demo'", NULL, NULL, "the same in other words" },
		{ "UPDATE run SET spec = '{name: demo, repeat: 2}'", "repeat", "2", "another key" },
		{ "UPDATE run SET spec = 'name: ['", "", "unknown", "no YAML" },
		{ "UPDATE run SET spec = NULL", "", "unknown", "none" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *o, *w;

		change(rows[i].sql);
		o = as_json();
		w = warning_of(o, "spec");
		if (!w != !rows[i].path ||
		    (w && (strcmp(json_string_value(fake_at(w, "path")), rows[i].path) ||
			   strcmp(json_string_value(fake_at(w, "values.1")), rows[i].second))))
			fail_msg("%s", rows[i].why);
		json_decref(o);
	}
}

static void test_too_many(void **state)
{
	char *argv[COMPARE_RUNS_MAX + 3] = { (char *)"cbpf", (char *)"compare" };
	const struct command *const all[] = { &command_compare, NULL };
	static char text[4096];
	struct capture err;
	int status;

	(void)state;
	for (int i = 0; i <= COMPARE_RUNS_MAX; i++)
		argv[2 + i] = run.dir;
	capture_begin(&err, STDERR_FILENO);
	status = dispatch(all, COMPARE_RUNS_MAX + 3, argv);
	capture_end(&err, text, sizeof(text));
	assert_int_equal(status, EXIT_USAGE);
	assert_non_null(strstr(text, "64 RUNs at most"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_specs),
		cmocka_unit_test(test_too_many),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
