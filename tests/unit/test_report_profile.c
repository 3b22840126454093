// SPDX-License-Identifier: Apache-2.0
/* A profile's part of a report, from stacks whose sums are known. */
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "fake_report.h"
#include "fake_run.h"
#include "report/internal.h"
#include "unit.h"

static struct fake_run run;
static struct err err;
static struct building b;

static int setup(void **state)
{
	(void)state;
	fake_run_begin(&run, "victim");
	fake_run_tick(&run, 0);
	err = (struct err){ 0 };
	b = (struct building){ .store = run.store, .err = &err };
	/* The first ran, the second never did, the third is nobody's. */
	b.report = json_pack("{s:[{s:i, s:i}, {s:i}, {s:i}]}", "targets", "id", 0, "start_ns", 1,
			     "id", 1, "id", 2);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	json_decref(b.report);
	fake_run_fini(&run);
	return 0;
}

static void put_stacks(const struct store_profile_stack *stacks, size_t n)
{
	const struct store_profile p = { .frequency_hz = 99,
					 .samples = 1000,
					 .idle = 700,
					 .others = 190,
					 .lost = 9,
					 .stacks = stacks,
					 .n_stacks = n };

	if (store_put_profile(run.store, &p, &err))
		fail_msg("%s", err.text);
	assert_int_equal(build_profile(&b), 0);
	assert_false(b.out_of_memory);
}

static json_int_t number(const char *path)
{
	return json_integer_value(fake_at(b.report, path));
}

/* "main 3 9, f 2 2": name, self and total of each. */
static const char *functions(void)
{
	static char text[1024];
	json_t *f;
	size_t i;

	*text = '\0';
	json_array_foreach(fake_at(b.report, "targets.0.profile.functions"), i, f)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s %lld %lld",
			 i ? ", " : "", json_string_value(json_object_get(f, "name")),
			 json_integer_value(json_object_get(f, "self")),
			 json_integer_value(json_object_get(f, "total")));
	return text;
}

static void what_was_not_sampled_is_absent(void **state)
{
	(void)state;
	assert_int_equal(build_profile(&b), 0);
	assert_null(json_object_get(b.report, "profile"));
	assert_null(fake_find(b.report, "targets.0.profile"));
	/* nor do older runs have the tables */
	assert_int_equal(sqlite3_exec(store_db(run.store),
				      "DROP TABLE profile; DROP TABLE profile_run", NULL, NULL,
				      NULL),
			 SQLITE_OK);
	assert_int_equal(build_profile(&b), 0);
	assert_null(json_object_get(b.report, "profile"));
}

static void who_ran_and_was_never_found_has_none(void **state)
{
	(void)state;
	put_stacks(NULL, 0);
	assert_int_equal(number("targets.0.profile.samples"), 0);
	assert_int_equal(number("targets.0.profile.cpu_ns"), 0);
	assert_null(fake_find(b.report, "targets.0.profile.error_pct"));
	assert_int_equal(json_array_size(fake_at(b.report, "targets.0.profile.stacks")), 0);
	assert_int_equal(json_array_size(fake_at(b.report, "targets.0.profile.functions")), 0);
	assert_null(fake_find(b.report, "targets.1.profile"));
	assert_int_equal(number("profile.targets"), 0);
}

static const struct store_profile_stack known[] = {
	{ 0, "sh;main;f;g", 4 },
	{ 0, "sh;main;f", 2 },
	{ 0, "sh;main;read;vfs_read_[k]", 50 },
	{ 0, "sh;main;read;[ext4+0x12]_[k]", 3 },
	{ 0, "sh;main;[libc.so.6+0x8a0]", 5 },
	{ 0, "sh;[unknown]", 1 },
	{ 0, "worker_[k]", 2 }, /* a task that calls itself so, and no place */
	{ 0, "sh;main;f;h", 4 },
	{ 1, "sh;main;f;g", 30 },
	{ 7, "sh;main", 1 }, /* of whom nothing is known */
};

static const struct {
	const char *path;
	long long want;
	const char *why;
} numbers[] = {
	{ "targets.0.profile.frequency_hz", 99, "as it was sampled" },
	{ "targets.0.profile.samples", 71, "all of its own" },
	{ "targets.0.profile.cpu_ns", 717171717, "each for 1 / 99 s" },
	{ "targets.0.profile.kernel_samples", 53, "whose leaf is there" },
	{ "targets.0.profile.unknown_samples", 11, "whose leaf has no name, or there is none" },
	{ "targets.1.profile.samples", 30, "also of one whose start is not known" },
	{ "profile.frequency_hz", 99, "the run's" },
	{ "profile.samples", 1000, "all that were taken" },
	{ "profile.idle", 700, "nobody's" },
	{ "profile.others", 190, "other tasks'" },
	{ "profile.lost", 9, "without a stack" },
	{ "profile.targets", 102, "told" },
};

static void sums(void **state)
{
	(void)state;
	put_stacks(known, ARRAY_SIZE(known));
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		if (number(numbers[i].path) != numbers[i].want)
			fail_msg("%s (%s): %lld", numbers[i].path, numbers[i].why,
				 number(numbers[i].path));
	assert_true(fabs(json_real_value(fake_at(b.report, "targets.0.profile.error_pct")) -
			 100 / sqrt(71)) < 1e-9);
	assert_null(fake_find(b.report, "profile.expected"));
	assert_null(fake_find(b.report, "targets.2.profile"));
}

static void functions_by_their_own_samples(void **state)
{
	(void)state;
	put_stacks(known, ARRAY_SIZE(known));
	assert_string_equal(functions(),
			    "vfs_read_[k] 50 50, [libc.so.6+0x8a0] 5 5, g 4 4, h 4 4, "
			    "[ext4+0x12]_[k] 3 3, f 2 10, [unknown] 1 1, main 0 68, read 0 53");
}

static void stacks_by_samples(void **state)
{
	static const char *const want[] = {
		"sh;main;read;vfs_read_[k]",
		"sh;main;[libc.so.6+0x8a0]",
		"sh;main;f;g",
		"sh;main;f;h",
		"sh;main;read;[ext4+0x12]_[k]",
		"sh;main;f",
		"worker_[k]",
		"sh;[unknown]",
	};
	char path[64];

	(void)state;
	put_stacks(known, ARRAY_SIZE(known));
	assert_int_equal(json_array_size(fake_at(b.report, "targets.0.profile.stacks")),
			 ARRAY_SIZE(want));
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		snprintf(path, sizeof(path), "targets.0.profile.stacks.%zu.stack", i);
		assert_string_equal(json_string_value(fake_at(b.report, path)), want[i]);
	}
	assert_int_equal(number("targets.0.profile.stacks.0.samples"), 50);
}

/* Who calls itself was in a stack once, however often it is there. */
static void recursion(void **state)
{
	static const struct store_profile_stack stacks[] = {
		{ 0, "sh;walk;walk;walk", 5 },
		{ 0, "sh;walk;visit;walk", 3 },
		{ 0, "sh;walk;visit", 2 },
		{ 0, "sh;sh;visit", 1 }, /* a function that is called as the task is */
	};

	(void)state;
	put_stacks(stacks, ARRAY_SIZE(stacks));
	assert_string_equal(functions(), "walk 8 10, visit 3 6, sh 0 1");
}

static void no_more_than_twenty(void **state)
{
	struct store_profile_stack stacks[30];
	char text[30][32];

	(void)state;
	for (int i = 0; i < 30; i++) {
		snprintf(text[i], sizeof(text[i]), "sh;main;f%d", i);
		stacks[i] = (struct store_profile_stack){ 0, text[i], i + 1 };
	}
	put_stacks(stacks, 30);
	assert_int_equal(json_array_size(fake_at(b.report, "targets.0.profile.functions")), 20);
	assert_int_equal(json_array_size(fake_at(b.report, "targets.0.profile.stacks")), 30);
	assert_string_equal(
		json_string_value(fake_at(b.report, "targets.0.profile.functions.19.name")), "f10");
}

/* Of a whole run: what is told of targets is what there is besides. */
static void a_run_adds_up(void **state)
{
	json_t *report = fake_report(NULL), *target;
	json_int_t told = 0;
	size_t i;

	(void)state;
	json_array_foreach(fake_at(report, "targets"), i, target)
		told += json_integer_value(
			json_object_get(json_object_get(target, "profile"), "samples"));
	assert_int_equal(told, 40);
	assert_int_equal(json_integer_value(fake_at(report, "profile.targets")), told);
	assert_int_equal(json_integer_value(fake_at(report, "profile.samples")),
			 told + json_integer_value(fake_at(report, "profile.idle")) +
				 json_integer_value(fake_at(report, "profile.others")));
	assert_int_equal(json_integer_value(fake_at(report, "profile.expected")), 158);
	json_decref(report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_not_sampled_is_absent, setup, teardown),
		cmocka_unit_test_setup_teardown(who_ran_and_was_never_found_has_none, setup,
						teardown),
		cmocka_unit_test_setup_teardown(sums, setup, teardown),
		cmocka_unit_test_setup_teardown(functions_by_their_own_samples, setup, teardown),
		cmocka_unit_test_setup_teardown(stacks_by_samples, setup, teardown),
		cmocka_unit_test_setup_teardown(recursion, setup, teardown),
		cmocka_unit_test_setup_teardown(no_more_than_twenty, setup, teardown),
		cmocka_unit_test(a_run_adds_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
