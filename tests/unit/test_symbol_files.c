// SPDX-License-Identifier: Apache-2.0
/* Files of targets; what is in one is tested in test_symbol_elf.c. */
#include "symbol/files.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "unit.h"

__attribute__((noinline)) void test_symbol_files_landmark(void);
void test_symbol_files_landmark(void)
{
	__asm__ volatile("");
}

/* This program's path, and where in it the function is. */
static uint64_t landmark(char *path)
{
	unsigned long at = (unsigned long)test_symbol_files_landmark, from, to, offset;
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[PATH_MAX + 100];

	assert_true(n > 0 && maps);
	path[n] = '\0';
	while (fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx %*s %lx", &from, &to, &offset) == 3 && at >= from &&
		    at < to)
			break;
	fclose(maps);
	assert_true(at >= from && at < to);
	return at - from + offset;
}

static int dir_at(const char *path)
{
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static void a_file_is_a_targets_own(void **state)
{
	struct symbol_files *f;
	char path[PATH_MAX];
	uint64_t at = landmark(path);

	(void)state;
	assert_int_equal(symbol_files_open(2, &f), 0);
	assert_false(symbol_files_has_root(f, 1));
	symbol_files_root(f, 1, dir_at("/"));
	assert_true(symbol_files_has_root(f, 1));
	symbol_files_want(f, 1, -1, path);
	symbol_files_want(f, 1, -1, path);
	assert_int_equal(symbol_files_count(f), 1);
	assert_int_equal(symbol_files_missing(f), 0);
	assert_string_equal(symbol_files_at(f, 1, path, at), "test_symbol_files_landmark");
	assert_null(symbol_files_at(f, 0, path, at));
	assert_null(symbol_files_at(f, 1, "/other", at));
	assert_null(symbol_files_at(f, 1, path, 1ull << 40));
	symbol_files_close(f);
}

/* The first root stays, and what was open remains open when the file is gone. */
static void a_process_has_its_own_root(void **state)
{
	char dir[] = "/tmp/test_symbol_files.XXXXXX", path[PATH_MAX], copy[PATH_MAX],
	     command[3 * PATH_MAX];
	struct symbol_files *f;
	uint64_t at = landmark(path);
	int root;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(copy, sizeof(copy), "%s/program", dir);
	snprintf(command, sizeof(command), "cp '%s' '%s'", path, copy);
	assert_int_equal(system(command), 0);
	assert_int_equal(symbol_files_open(1, &f), 0);
	symbol_files_want(f, 0, -1, "/program");
	assert_int_equal(symbol_files_missing(f), 1); /* nobody has said where */
	root = dir_at(dir);
	symbol_files_want(f, 0, root, "/program");
	close(root);
	assert_int_equal(symbol_files_missing(f), 0);
	assert_int_equal(unlink(copy), 0);
	symbol_files_root(f, 0, dir_at("/"));
	symbol_files_root(f, 0, dir_at(dir));
	symbol_files_want(f, 0, -1, "/program");
	assert_string_equal(symbol_files_at(f, 0, "/program", at), "test_symbol_files_landmark");
	symbol_files_want(f, 0, -1, path);
	assert_int_equal(symbol_files_count(f), 2);
	symbol_files_close(f);
	assert_int_equal(rmdir(dir), 0);
}

static void what_is_no_file_is_not_looked_for(void **state)
{
	struct symbol_files *f;

	(void)state;
	assert_int_equal(symbol_files_open(1, &f), 0);
	symbol_files_root(f, 0, dir_at("/"));
	symbol_files_want(f, 0, -1, "//anon");
	symbol_files_want(f, 0, -1, "[vdso]");
	symbol_files_want(f, 7, -1, "/bin/sh");
	assert_int_equal(symbol_files_count(f) + symbol_files_missing(f), 0);
	symbol_files_want(f, 0, -1, "/proc/self/status"); /* no ELF */
	assert_null(symbol_files_at(f, 0, "/proc/self/status", 0));
	symbol_files_close(f);
	symbol_files_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_a_targets_own),
		cmocka_unit_test(a_process_has_its_own_root),
		cmocka_unit_test(what_is_no_file_is_not_looked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
