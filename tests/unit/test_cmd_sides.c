// SPDX-License-Identifier: Apache-2.0
/* What stands for which runs, over stores with a run of known numbers each. */
#include "cmd/sides.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "fake_run.h"
#include "unit.h"

#define SECOND "20260102T030406-demo-00bb"
#define OTHER "20260102T030407-demo-00cc"

/* A store with three runs: two repetitions, and one that is of another combination. */
static struct fake_run store, lone;

static void copy(const char *from, const char *to)
{
	char command[2 * PATH_MAX + 64];

	snprintf(command, sizeof(command), "cp -r '%s' '%s'", from, to);
	assert_int_equal(system(command), 0);
}

static void change(const char *dir, const char *sql)
{
	cleanup_free char *path = fs_join(dir, "run.db");
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static int setup(void **state)
{
	char second[PATH_MAX + 64], other[PATH_MAX + 64];

	(void)state;
	fake_run_make(&store, "victim");
	fake_run_make(&lone, "victim");
	snprintf(second, sizeof(second), "%s/%s", store.store_dir, SECOND);
	snprintf(other, sizeof(other), "%s/%s", store.store_dir, OTHER);
	copy(store.dir, second);
	copy(store.dir, other);
	change(store.dir, "UPDATE run SET run_group = '" FAKE_ID "', axes = '{\"x\":\"1\"}'");
	change(second, "UPDATE run SET id = '" SECOND "', run_group = '" FAKE_ID
		       "', axes = '{\"x\":\"1\"}'");
	change(other, "UPDATE run SET id = '" OTHER "', run_group = '" FAKE_ID
		      "', axes = '{\"x\":\"2\"}'");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_run_fini(&lone);
	fake_run_fini(&store);
	return 0;
}

static const struct {
	const char *why, *args[3];
	bool alone, overlap;
	const char *want; /* ends of directories, each with its side before it */
} cases[] = {
	{ "one run is its repetitions", { "LONE", FAKE_ID }, false, false, "0aa 1aa 1bb" },
	{ "by any of them", { SECOND }, false, false, "0aa 0bb" },
	{ "unless it is to be alone", { SECOND, OTHER }, true, false, "0bb 1cc" },
	{ "combinations are not repetitions", { FAKE_ID, OTHER }, false, false, "0aa 0bb 1cc" },
	{ "two repetitions would each be both",
	  { FAKE_ID, SECOND },
	  false,
	  true,
	  "0aa 0bb 1aa 1bb" },
	{ "those with commas are these alone",
	  { FAKE_ID "," OTHER, SECOND },
	  false,
	  true,
	  "0aa 0cc 1aa 1bb" },
	{ "named twice it is one", { SECOND "," SECOND }, false, false, "0bb" },
	{ "a store is all of its runs", { "STORE", "LONE" }, false, false, "0aa 0bb 0cc 1aa" },
	{ "itself, alone", { "LONE", "LONE" }, false, false, "0aa 1aa" },
};

static const char *place(const char *arg)
{
	return !strcmp(arg, "STORE") ? store.store_dir : !strcmp(arg, "LONE") ? lone.dir : arg;
}

static void who_is_on_which_side(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sides s = { 0 };
		struct err err = { 0 };
		char got[128] = "";

		for (size_t a = 0; cases[i].args[a]; a++)
			if (sides_add(&s, store.store_dir, place(cases[i].args[a]), cases[i].alone,
				      &err))
				fail_msg("%s: %s", cases[i].why, err.text);
		for (size_t r = 0; r < s.dirs.n; r++)
			snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%zu%s",
				 r ? " " : "", s.side[r], s.dirs.v[r] + strlen(s.dirs.v[r]) - 2);
		if (strcmp(got, cases[i].want) != 0 || sides_overlap(&s) != cases[i].overlap)
			fail_msg("%s: %s, %s", cases[i].why, got,
				 sides_overlap(&s) ? "overlaps" : "apart");
		sides_fini(&s);
	}
}

static void what_is_no_run(void **state)
{
	static const char *const args[] = { "nothing", "/nonexistent", FAKE_ID ",", "," };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(args); i++) {
		struct sides s = { 0 };
		struct err err = { 0 };

		assert_true(sides_add(&s, store.store_dir, args[i], false, &err) < 0);
		assert_true(err.text[0] != '\0');
		sides_fini(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_on_which_side),
		cmocka_unit_test(what_is_no_run),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
