// SPDX-License-Identifier: Apache-2.0
/* Names, sizes and removal of test files. */
#include "ior/files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "ior/options.h"
#include "unit.h"

static const struct {
	const char *why, *file;
	int fpp, unique, rank, multi, rep;
	const char *path;
} names[] = {
	{ "shared: the name itself", "/a/f", 0, 0, 3, 0, 2, "/a/f" },
	{ "own: eight digits", "/a/f", 1, 0, 3, 0, 2, "/a/f.00000003" },
	{ "own: a large rank", "f", 1, 0, 12345, 0, 2, "f.00012345" },
	{ "own directory below the directory", "/a/f", 1, 1, 3, 0, 2, "/a/3/f.00000003" },
	{ "own directory below the working directory", "f", 1, 1, 0, 0, 2, "0/f.00000000" },
	{ "own directory below the root", "/f", 1, 1, 1, 0, 2, "/1/f.00000001" },
	{ "of a repetition: its number", "/a/f", 0, 0, 3, 1, 0, "/a/f.0" },
	{ "of a repetition: behind the rank", "/a/f", 1, 0, 3, 1, 12, "/a/f.00000003.12" },
	{ "of a repetition: in a directory", "/a/f", 1, 1, 3, 1, 2, "/a/3/f.00000003.2" },
	{ "of none yet", "/a/f", 1, 0, 3, 1, -1, "/a/f.00000003" },
};

static void test_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct ior_options o = { .test_file = (char *)names[i].file,
					 .file_per_proc = names[i].fpp,
					 .unique_dir = names[i].unique,
					 .multi_file = names[i].multi };
		int rank = names[i].rank, rep = names[i].rep;
		char path[64];
		struct err err;

		assert_int_equal(files_path(&o, rank, rep, path, sizeof(path), &err), 0);
		if (strcmp(path, names[i].path))
			fail_msg("%s: got %s", names[i].why, path);
		assert_int_equal(files_path(&o, rank, rep, path, 4, &err),
				 strlen(names[i].path) < 4 ? 0 : -ENAMETOOLONG);
	}
}

static int enter_dir(void **state)
{
	static char dir[] = "/tmp/cbpf-test-XXXXXX";

	*state = mkdtemp(dir);
	return *state && !chdir(dir) ? 0 : -1;
}

static int leave_dir(void **state)
{
	return chdir("/") || rmdir(*state);
}

static void put(const char *path, off_t size)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fclose(f);
	assert_int_equal(truncate(path, size), 0);
}

static void test_size_and_removal(void **state)
{
	struct ior_options o = { 0 };
	struct err err;
	uint64_t size;

	(void)state;
	put("f", 12345);
	assert_int_equal(files_size("f", &size, &err), 0);
	assert_int_equal(size, 12345);
	assert_int_equal(files_size("ufs:f", &size, &err), 0);
	assert_int_equal(files_remove(&o, "f", &err), 0);
	assert_int_equal(access("f", F_OK), -1);
	assert_int_equal(files_remove(&o, "f", &err), 0); /* a missing file is fine */
	assert_int_equal(files_size("f", &size, &err), -ENOENT);
	assert_non_null(strstr(err.text, "'f'"));
}

static void test_only_regular_files_are_removed(void **state)
{
	struct ior_options o = { 0 };
	struct err err;
	uint64_t size;

	(void)state;
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_int_equal(files_size("fifo", &size, &err), 0);
	assert_true(size == UINT64_MAX);
	assert_int_equal(files_remove(&o, "fifo", &err), 0);
	assert_int_equal(access("fifo", F_OK), 0);
	unlink("fifo");
}

static void test_unique_directories(void **state)
{
	struct ior_options o = { .unique_dir = 1 };
	struct err err;

	(void)state;
	assert_int_equal(files_make_dir(&o, "7/f", &err), 0);
	assert_int_equal(files_make_dir(&o, "7/f", &err), 0); /* it may exist */
	put("7/f", 1);
	put("7/other", 1);
	assert_int_equal(files_remove(&o, "7/f", &err), 0);
	assert_int_equal(access("7/other", F_OK), 0);
	unlink("7/other");
	put("7/f", 1);
	assert_int_equal(files_remove(&o, "7/f", &err), 0);
	assert_int_equal(access("7", F_OK), -1);
	assert_int_equal(files_make_dir(&o, "no/such/7/f", &err), -ENOENT);
}

static void test_counts_come_back(void **state)
{
	struct err err;
	uint64_t n = 0;

	(void)state;
	assert_int_equal(files_put_count("count", 123456789012ull, &err), 0);
	assert_int_equal(files_get_count("count", &n, &err), 0);
	assert_true(n == 123456789012ull);
	put("count", 0);
	assert_int_equal(files_get_count("count", &n, &err), -EBADMSG);
	unlink("count");
	assert_int_equal(files_get_count("count", &n, &err), -ENOENT);
	assert_int_equal(files_put_count("no/such", 1, &err), -ENOENT);
}

static void test_space(void **state)
{
	struct files_space s;

	(void)state;
	assert_int_equal(files_space("f", &s), 0);
	assert_true(s.bytes > 0 && s.used_pct >= 0 && s.used_pct <= 100);
	assert_int_equal(files_space("no/such/f", &s), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_size_and_removal),
		cmocka_unit_test(test_only_regular_files_are_removed),
		cmocka_unit_test(test_unique_directories),
		cmocka_unit_test(test_counts_come_back),
		cmocka_unit_test(test_space),
	};

	return cmocka_run_group_tests(tests, enter_dir, leave_dir);
}
