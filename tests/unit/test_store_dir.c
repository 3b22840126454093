// SPDX-License-Identifier: Apache-2.0
/* Runs are made once, and found by path, id, start of an id, or "latest". */
#include "store/store.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/strlist.h"
#include "unit.h"

static char root[64];
static char store[80];

static void make_run(const char *id)
{
	struct store_run run = { .id = id, .name = "n" };
	cleanup_free char *dir = NULL;
	struct err err = { 0 };
	struct store *s = NULL;

	if (store_make_dir(store, id, &dir, &err) || store_create(dir, &run, &s, &err))
		fail_msg("%s", err.text);
	store_close(s);
}

static int setup(void **state)
{
	(void)state;
	strcpy(root, "/tmp/cbpf-unit-XXXXXX");
	if (!mkdtemp(root))
		return -1;
	snprintf(store, sizeof(store), "%s/a/runs", root);
	make_run("20260101T000000-one-0001");
	make_run("20260101T000000-one-0002");
	make_run("20260102T000000-two-0003");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return fs_remove_tree(root);
}

static const struct {
	const char *run; /* "@" stands for the store's path */
	int rc;
	const char *want; /* end of the directory, or part of the message */
	const char *why;
} finds[] = {
	{ NULL, 0, "20260102T000000-two-0003", "nothing means the latest" },
	{ "latest", 0, "20260102T000000-two-0003", "latest, resolved" },
	{ "20260101T000000-one-0001", 0, "20260101T000000-one-0001", "an id" },
	{ "20260102", 0, "20260102T000000-two-0003", "a unique start of an id" },
	{ "@/20260101T000000-one-0002", 0, "20260101T000000-one-0002", "a directory" },
	{ "@/20260101T000000-one-0002/run.db", 0, "20260101T000000-one-0002", "its database" },
	{ "@/latest", 0, "latest", "the link as a path" },
	{ "20260101", -ENOENT, "2 runs in", "a start that two share names both" },
	{ "20260101", -ENOENT, "one-0002, 20260101T000000-one-0001", "newest first" },
	{ "nope", -ENOENT, "no run called nope in", "unknown" },
	{ "nope", -ENOENT,
	  "runs there: 20260102T000000-two-0003, 20260101T000000-one-0002, "
	  "20260101T000000-one-0001",
	  "unknown lists what is there" },
	{ "", -ENOENT, "no run called  in", "an empty name is no start of everything" },
	{ "@/nope", -ENOENT, "no run.db in it", "a path that is no run" },
	{ "../runs", -ENOENT, "no run.db in it", "a path is never an id" },
};

static void runs_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(finds); i++) {
		cleanup_free char *dir = NULL;
		struct err err = { 0 };
		struct store *s = NULL;
		char run[PATH_MAX];
		const char *got;
		int rc;

		if (finds[i].run)
			snprintf(run, sizeof(run), "%s%s", *finds[i].run == '@' ? store : "",
				 finds[i].run + (*finds[i].run == '@'));
		rc = store_open(store, finds[i].run ? run : NULL, &s, &dir, &err);
		got = dir ? dir : err.text;
		if (rc != finds[i].rc || !strstr(got, finds[i].want))
			fail_msg("%s: rc %d, '%s'", finds[i].why, rc, got);
		store_close(s);
	}
}

static void list_is_sorted(void **state)
{
	struct str_list ids = { 0 };
	struct err err = { 0 };
	char path[128];

	(void)state;
	/* neither a stray file nor a directory without a database is a run */
	snprintf(path, sizeof(path), "%s/20250101T000000-stray", store);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(store_list(store, &ids, &err), 0);
	assert_int_equal(ids.n, 3);
	assert_string_equal(ids.v[0], "20260101T000000-one-0001");
	assert_string_equal(ids.v[2], "20260102T000000-two-0003");
	str_list_fini(&ids);
	assert_int_equal(store_list("/nonexistent", &ids, &err), -ENOENT);
}

static void no_store_is_said(void **state)
{
	struct err err = { 0 };
	struct store *s = NULL;

	(void)state;
	assert_int_equal(store_open("/nonexistent", "x", &s, NULL, &err), -ENOENT);
	assert_non_null(strstr(err.text, "there is no store /nonexistent"));
	assert_non_null(strstr(err.text, "--store"));
}

static const struct {
	const char *store, *id;
	int rc;
	const char *want, *why;
} makes[] = {
	{ NULL, "20260101T000000-one-0001", -EEXIST, "already",
	  "a run is never written over another" },
	{ "/dev/null/runs", "x", -ENOTDIR,
	  "cannot make the store /dev/null/runs: Not a directory; choose another place with "
	  "--store",
	  "a store that cannot be is told, then what to do" },
	{ "/proc/runs", "x", -ENOENT, "/proc/runs", "so is one that may not be" },
	{ NULL, "../x", -EINVAL, "'../x'", "an id is no path" },
	{ NULL, "latest", -EINVAL, "'latest'", "an id is not latest" },
	{ NULL, "", -EINVAL, "''", "an id is something" },
};

static void what_cannot_be_made(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(makes); i++) {
		cleanup_free char *dir = NULL;
		struct err err = { 0 };
		int rc = store_make_dir(makes[i].store ? makes[i].store : store, makes[i].id, &dir,
					&err);

		if (rc != makes[i].rc || !strstr(err.text, makes[i].want) || dir)
			fail_msg("%s: rc %d, '%s'", makes[i].why, rc, err.text);
	}
}

static void a_directory_has_places(void **state)
{
	cleanup_free char *dir = NULL;
	struct err err = { 0 };
	char path[PATH_MAX], to[64] = { 0 };

	(void)state;
	assert_int_equal(store_make_dir(store, "20260103T000000-x-0004", &dir, &err), 0);
	snprintf(path, sizeof(path), "%s/logs", dir);
	assert_int_equal(access(path, W_OK), 0);
	snprintf(path, sizeof(path), "%s/results", dir);
	assert_int_equal(access(path, W_OK), 0);
	snprintf(path, sizeof(path), "%s/latest", store);
	assert_true(readlink(path, to, sizeof(to) - 1) > 0);
	assert_string_equal(to, "20260103T000000-x-0004");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(runs_are_found, setup, teardown),
		cmocka_unit_test_setup_teardown(list_is_sorted, setup, teardown),
		cmocka_unit_test(no_store_is_said),
		cmocka_unit_test_setup_teardown(what_cannot_be_made, setup, teardown),
		cmocka_unit_test_setup_teardown(a_directory_has_places, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
