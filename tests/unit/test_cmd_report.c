// SPDX-License-Identifier: Apache-2.0
/* cbpf report, over a store with one run of known numbers. */
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake_run.h"
#include "html/html.h"
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
		{ "the latest, when nothing is said",
		  { "--store", run.store_dir },
		  EXIT_OK,
		  "victim",
		  "" },
		{ "by id", { "--store", run.store_dir, FAKE_ID }, EXIT_OK, FAKE_ID, "" },
		{ "by directory", { run.dir }, EXIT_OK, FAKE_ID, "" },
		{ "no such run",
		  { "--store", run.store_dir, "20990101T000000-x" },
		  EXIT_USAGE,
		  "",
		  "20990101T000000-x" },
		{ "no store", { "--store", "/nonexistent" }, EXIT_USAGE, "", "/nonexistent" },
		{ "two runs", { run.dir, run.dir }, EXIT_USAGE, "", "report" },
		{ "a place that cannot be written",
		  { run.dir, "--html", "/nonexistent/report.html" },
		  EXIT_WORKLOAD,
		  NULL,
		  "/nonexistent/report.html" },
		{ "stacks for other tools",
		  { run.dir, "--folded", "-" },
		  EXIT_OK,
		  "victim;cbpf-ior;main;pattern_fill 6\n",
		  "" },
		{ "into a place that cannot be written",
		  { run.dir, "--folded", "/nonexistent/folded" },
		  EXIT_WORKLOAD,
		  "",
		  "/nonexistent/folded" },
		{ "its group",
		  { "--group", "--store", run.store_dir },
		  EXIT_OK,
		  "demo  group " FAKE_ID "  1 run\n",
		  "" },
		{ "a group as JSON",
		  { "--group", run.dir, "--json" },
		  EXIT_OK,
		  "\"matrix\": [",
		  "" },
		{ "a group as HTML",
		  { "--group", run.dir, "--html", "x" },
		  EXIT_USAGE,
		  "",
		  "--group goes with --json or --csv" },
		{ "a group in a place that cannot be written",
		  { "--group", run.dir, "--csv", "/proc/none" },
		  EXIT_WORKLOAD,
		  "",
		  "/proc/none/matrix.csv" },
		{ "two things at once on standard output",
		  { run.dir, "--folded", "-", "--json" },
		  EXIT_USAGE,
		  "",
		  "--folded" },
	};

	(void)state;
	run_cases(&command_report, cases, sizeof(cases) / sizeof(cases[0]));
}

static void test_json(void **state)
{
	const char *const args[] = { "--json", run.dir, NULL };
	static char out[1 << 20], err[4096];
	json_t *o;

	(void)state;
	assert_int_equal(run_command(&command_report, args, out, sizeof(out), err, sizeof(err)), 0);
	o = json_loads(out, 0, NULL);
	assert_int_equal(json_integer_value(json_object_get(o, "schema")), 1);
	assert_string_equal(json_string_value(json_object_get(o, "id")), FAKE_ID);
	json_decref(o);
}

static void test_files(void **state)
{
	char html[512], csv[512], folded[512];
	const char *const args[] = { run.dir,	 "--csv", csv,
				     "--folded", folded,  html_available() ? "--html" : NULL,
				     html,	 NULL };
	static char out[1 << 20], err[4096];
	struct stat st;

	(void)state;
	snprintf(html, sizeof(html), "%s/report.html", run.root);
	snprintf(csv, sizeof(csv), "%s/csv", run.root);
	snprintf(folded, sizeof(folded), "%s/folded", run.root);
	assert_int_equal(run_command(&command_report, args, out, sizeof(out), err, sizeof(err)), 0);
	assert_string_equal(out, "");
	assert_int_equal(stat(folded, &st), 0);
	assert_true(st.st_size > 0);
	assert_int_equal(stat(csv, &st), 0);
	if (html_available()) {
		assert_int_equal(stat(html, &st), 0);
		assert_true(st.st_size > 0);
	}
}

static void test_no_page(void **state)
{
	const char *const args[] = { run.dir, "--html", "page.html", NULL };
	char out[4096], err[4096];

	(void)state;
	if (html_available()) {
		print_message("this build has the page\n");
		skip();
	}
	assert_int_equal(run_command(&command_report, args, out, sizeof(out), err, sizeof(err)), 1);
	assert_non_null(strstr(err, "built without the HTML report"));
	assert_int_equal(access("page.html", F_OK), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_no_page),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
