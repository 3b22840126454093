// SPDX-License-Identifier: Apache-2.0
/* Which IOR is taken, and what is made of what it left. No root. */
#include "launch/workload.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/result.h"
#include "host/cgroup_text.h"
#include "launch/target.h"
#include "plan/plan.h"
#include "scratch.h"

#define DATA "tests/data/ior/"

static int has(void *arg, const char *name, char *path, size_t size, struct err *err)
{
	(void)err;
	if (!cgroup_has_word(arg, name, " "))
		return 0;
	snprintf(path, size, "/there/%s", name);
	return 1;
}

static void test_binary(void **state)
{
	static const struct {
		const char *label, *wanted, *there, *path;
		int rc;
	} cases[] = {
		{ "ior is taken first", NULL, "cbpf-ior ior", "/there/ior", 0 },
		{ "cbpf-ior is what else there is", NULL, "fio cbpf-ior", "/there/cbpf-ior", 0 },
		{ "neither is an error", NULL, "fio", NULL, -ENOENT },
		{ "the spec decides", "my", "my ior", "/there/my", 0 },
		{ "and is not replaced", "my", "ior", NULL, -ENOENT },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct spec_ior ior = { .binary = (char *)cases[i].wanted };
		struct err err = { 0 };
		char path[64];

		print_message("%s\n", cases[i].label);
		assert_int_equal(workload_ior_binary(&ior, has, (void *)cases[i].there, "here",
						     path, sizeof(path), &err),
				 cases[i].rc);
		if (cases[i].rc)
			assert_non_null(strstr(err.text, "here"));
		else
			assert_string_equal(path, cases[i].path);
	}
}

static void test_name(void **state)
{
	struct target t = { 0 };

	(void)state;
	workload_set_binary(&t, "/usr/bin/cbpf-ior");
	assert_string_equal(t.binary, "cbpf-ior");
	workload_set_binary(&t, "ior");
	assert_string_equal(t.binary, "ior");
}

static const struct {
	const char *label;
	bool ior;
	const char *log, *summary; /* files; NULL: none */
	int exit_code, stopped;
	enum result_status status;
	const char *tool, *source;
	bool rows;
} cases[] = {
	{ "the summary is preferred", true, DATA "text-write-read-fpp.txt", DATA "summary.json", 0,
	  0, RESULT_OK, "ior", "json", true },
	{ "without one the log is read", true, DATA "text-write-read-fpp.txt", NULL, 0, 0,
	  RESULT_OK, "ior", "text", true },
	{ "an empty summary is none", true, DATA "text-write-read-fpp.txt", "/dev/null", 0, 0,
	  RESULT_OK, "ior", "text", true },
	{ "a summary that is no JSON is none", true, DATA "text-write-read-fpp.txt", "/etc/passwd",
	  0, 0, RESULT_OK, "ior", "text", true },
	{ "wrong data in the log makes a good summary corrupt", true,
	  DATA "text-incorrect-data.txt", DATA "summary.json", 0, 0, RESULT_CORRUPT, "ior", "json",
	  true },
	{ "a bad exit makes good rows failed", true, DATA "text-write-read-fpp.txt", NULL, 134, 0,
	  RESULT_FAILED, "ior", "text", true },
	{ "unless it was told to stop", true, DATA "text-write-read-fpp.txt", NULL, 143, 1,
	  RESULT_OK, "ior", "text", true },
	{ "an IOR that says nothing has failed", true, "/dev/null", NULL, 0, 0, RESULT_FAILED,
	  "ior", "", false },
	{ "a command may say nothing", false, "/dev/null", NULL, 0, 0, RESULT_OK, "command", "",
	  false },
	{ "or something unknown", false, "/etc/passwd", NULL, 0, 0, RESULT_OK, "command", "",
	  false },
	{ "its exit status counts", false, "/dev/null", NULL, 1, 0, RESULT_FAILED, "command", "",
	  false },
	{ "a command that is a known tool is read", false, DATA "mdtest.txt", NULL, 0, 0, RESULT_OK,
	  "mdtest", "text", true },
};

static void test_results(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct spec_container c = { .workload.has_ior = cases[i].ior ? FLAG_ON : FLAG_OFF };
		struct plan_target plan = { .c = &c };
		struct target t = { .name = "t",
				    .plan = &plan,
				    .start_ns = 1,
				    .exit_code = cases[i].exit_code,
				    .stopped = cases[i].stopped,
				    .binary = "x-ior" };
		struct result_set set = { 0 };
		struct err err = { 0 };

		print_message("%s\n", cases[i].label);
		snprintf(t.log_path, sizeof(t.log_path), "%s", cases[i].log);
		if (cases[i].summary)
			snprintf(t.summary_path, sizeof(t.summary_path), "%s", cases[i].summary);
		assert_int_equal(workload_results(&t, &set, &err), 0);
		assert_int_equal(set.status, cases[i].status);
		assert_string_equal(set.tool, cases[i].tool);
		assert_string_equal(set.source, cases[i].source);
		assert_string_equal(set.binary, "x-ior");
		assert_int_equal(set.n > 0, cases[i].rows);
		assert_int_equal(set.status == RESULT_OK, !*set.message);
		result_set_fini(&set);
	}
}

/* IOR's exit status means something. */
static void test_exit_words(void **state)
{
	static const struct {
		const char *label, *log, *words;
		int exit_code;
	} exits[] = {
		{ "a write was refused", DATA "text-write-read-fpp.txt", "no space is left", 134 },
		{ "a file could not be opened", DATA "text-write-read-fpp.txt", "opened", 255 },
		{ "an option was refused", DATA "text-write-read-fpp.txt", "option", 1 },
		{ "data errors, if there are no words of them", DATA "text-write-read-fpp.txt",
		  "twice the number of data errors", 6 },
		{ "of another tool nothing is known", DATA "mdtest.txt", "status 6", 6 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(exits); i++) {
		struct spec_container c = { .workload.has_ior = FLAG_OFF };
		struct plan_target plan = { .c = &c };
		struct target t = {
			.name = "t", .plan = &plan, .start_ns = 1, .exit_code = exits[i].exit_code
		};
		struct result_set set = { 0 };
		struct err err = { 0 };

		print_message("%s\n", exits[i].label);
		snprintf(t.log_path, sizeof(t.log_path), "%s", exits[i].log);
		assert_int_equal(workload_results(&t, &set, &err), 0);
		assert_int_equal(set.status, RESULT_FAILED);
		assert_non_null(strstr(set.message, exits[i].words));
		result_set_fini(&set);
	}
}

/* Copies of samples as a run leaves them, below a directory of the test's own. */
static char dir[64];

static void leave(const char *name, const char *sample)
{
	cleanup_buf struct buf text = BUF_INIT(1 << 20);

	assert_int_equal(fs_slurp_at(AT_FDCWD, sample, &text), 0);
	scratch_write(dir, name, buf_str(&text));
}

/* A target with a write and a read that ran one by one, or all at once. */
static void results_of(bool phases, bool ranks, struct result_set *ret)
{
	struct spec_container c = { .workload = { .has_ior = FLAG_ON,
						  .ior = { .write = FLAG_UNSET,
							   .read = FLAG_UNSET,
							   .verify_write = FLAG_UNSET,
							   .verify_read = FLAG_UNSET,
							   .repetitions = 1,
							   .rank_details = ranks ? FLAG_ON
										 : FLAG_UNSET } } };
	struct plan_target plan = { .c = &c };
	struct target t = { .name = "t", .plan = &plan, .start_ns = 1, .phases = phases ? 2 : 0 };
	struct err err = { 0 };

	snprintf(t.summary_path, sizeof(t.summary_path), "%s/t.json", dir);
	*ret = (struct result_set){ 0 };
	assert_int_equal(workload_results(&t, ret, &err), 0);
}

static void test_phases(void **state)
{
	struct result_set set;

	(void)state;
	scratch_make(dir);
	results_of(true, false, &set);
	assert_int_equal(set.status, RESULT_FAILED); /* nothing is there */
	leave("t.0.json", DATA "summary.json");
	results_of(true, false, &set);
	assert_int_equal(set.status, RESULT_FAILED);
	assert_non_null(strstr(set.message, "only 1 of its 2 phases"));
	assert_int_equal(set.n, 4);
	result_set_fini(&set);
	leave("t.1.json", DATA "summary-4.0.json");
	results_of(true, false, &set);
	assert_int_equal(set.status, RESULT_OK);
	assert_int_equal(set.n, 8);
	/* Of whatever repetition IOR thought: the one that the phase is of. */
	assert_int_equal(set.v[3].iteration, 0);
	assert_int_equal(set.v[7].iteration, 0);
	result_set_fini(&set);
	assert_int_equal(fs_remove_tree(dir), 0);
}

static void test_ranks(void **state)
{
	struct result_set set;

	(void)state;
	scratch_make(dir);
	leave("t.json", DATA "summary.json");
	leave("t.ranks.csv", DATA "ranks.csv");
	results_of(false, false, &set);
	assert_int_equal(set.n, 4); /* nobody asked for them */
	result_set_fini(&set);
	results_of(false, true, &set);
	assert_int_equal(set.status, RESULT_OK);
	assert_int_equal(set.n, 12);
	assert_int_equal(set.v[3].rank, -1);
	assert_int_equal(set.v[11].rank, 1);
	assert_int_equal(set.v[11].iteration, 1);
	result_set_fini(&set);
	/* A file that is cut is told, and its rows too. */
	scratch_write(dir, "t.ranks.csv", "write,0,0.1,0.1,10,1");
	results_of(false, true, &set);
	assert_int_equal(set.status, RESULT_FAILED);
	assert_non_null(strstr(set.message, "of its ranks: "));
	result_set_fini(&set);
	assert_int_equal(fs_remove_tree(dir), 0);
}

static void test_never_started(void **state)
{
	struct spec_container c = { .workload.has_ior = FLAG_ON };
	struct plan_target plan = { .c = &c };
	struct target t = { .name = "t", .plan = &plan };
	struct result_set set;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(workload_results(&t, &set, &err), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_binary),	      cmocka_unit_test(test_name),
		cmocka_unit_test(test_results),	      cmocka_unit_test(test_exit_words),
		cmocka_unit_test(test_phases),	      cmocka_unit_test(test_ranks),
		cmocka_unit_test(test_never_started),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
