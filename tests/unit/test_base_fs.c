// SPDX-License-Identifier: Apache-2.0
/* Small files: whole or not at all, and trees removed without leaving them. */
#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "scratch.h"

static char dir[64];
static int dirfd_;

static int setup(void **state)
{
	(void)state;
	scratch_make(dir);
	dirfd_ = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dirfd_ < 0;
}

static int teardown(void **state)
{
	(void)state;
	close(dirfd_);
	return fs_remove_tree(dir);
}

/* "DIR/name" in one of two buffers that take turns. */
static const char *at(const char *name)
{
	static char paths[2][256];
	static int turn;

	turn = !turn;
	snprintf(paths[turn], sizeof(paths[0]), "%s/%s", dir, name);
	return paths[turn];
}

static void numbers(void **state)
{
	static const struct {
		const char *label, *text;
		int rc;
		uint64_t want;
	} cases[] = {
		{ "a number with a newline", "4096\n", 0, 4096 },
		{ "without one", "4096", 0, 4096 },
		{ "zero", "0\n", 0, 0 },
		{ "the largest", "18446744073709551615\n", 0, UINT64_MAX },
		{ "one more", "18446744073709551616\n", -EBADMSG, 7 },
		{ "no limit is no number", "max\n", -EBADMSG, 7 },
		{ "a sign", "-1\n", -EBADMSG, 7 },
		{ "blanks in front", " 1\n", -EBADMSG, 7 },
		{ "something behind", "1 2\n", -EBADMSG, 7 },
		{ "an empty file", "", -EBADMSG, 7 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t v = 7;
		int rc;

		scratch_write(dir, "n", cases[i].text);
		rc = fs_read_u64_at(dirfd_, "n", &v);
		if (rc != cases[i].rc || v != cases[i].want)
			fail_msg("%s: %d", cases[i].label, rc);
	}
	assert_int_equal(fs_read_u64_at(dirfd_, "absent", &(uint64_t){ 0 }), -ENOENT);
}

static void texts(void **state)
{
	char text[6];

	(void)state;
	scratch_write(dir, "t", "one\ntwo\n");
	assert_int_equal(fs_read_at(dirfd_, "t", text, sizeof(text)), 0);
	assert_string_equal(text, "one\nt"); /* as much as fits */
	scratch_write(dir, "t", "one\n");
	assert_int_equal(fs_read_at(dirfd_, "t", text, sizeof(text)), 0);
	assert_string_equal(text, "one"); /* without its newline */
	scratch_write(dir, "t", "");
	assert_int_equal(fs_read_at(dirfd_, "t", text, sizeof(text)), 0);
	assert_string_equal(text, "");
	assert_int_equal(fs_read_at(dirfd_, "absent", text, sizeof(text)), -ENOENT);
	assert_int_equal(fs_read_at(dirfd_, ".", text, sizeof(text)), -EISDIR);
}

static void whole_files_up_to_a_limit(void **state)
{
	cleanup_buf struct buf b = BUF_INIT(40000), small = BUF_INIT(100);
	char big[30001];

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	scratch_write(dir, "big", big);
	buf_puts(&b, ">");
	assert_int_equal(fs_slurp_at(dirfd_, "big", &b), 0);
	assert_int_equal(b.len, sizeof(big));
	assert_int_equal(fs_slurp_at(dirfd_, "big", &small), -EMSGSIZE);
	assert_int_equal(fs_slurp_at(dirfd_, "absent", &b), -ENOENT);
}

static void writing(void **state)
{
	char text[32];

	(void)state;
	/* Into what is there only, as cgroup files are. */
	assert_int_equal(fs_write_at(dirfd_, "w", "1"), -ENOENT);
	assert_int_equal(fs_create_at(dirfd_, "w", "first", 5), 0);
	assert_int_equal(fs_write_at(dirfd_, "w", "F"), 0);
	assert_int_equal(fs_read_at(dirfd_, "w", text, sizeof(text)), 0);
	assert_string_equal(text, "First");
	/* New content replaces all of the old one. */
	assert_int_equal(fs_create_at(dirfd_, "w", "2", 1), 0);
	assert_int_equal(fs_read_at(dirfd_, "w", text, sizeof(text)), 0);
	assert_string_equal(text, "2");
	assert_int_equal(fs_create_at(dirfd_, "no/where", "x", 1), -ENOENT);
}

static void reading_again_from_an_open_file(void **state)
{
	cleanup_close int fd = -1;
	char text[5];

	(void)state;
	scratch_write(dir, "p", "12\n");
	fd = openat(dirfd_, "p", O_RDONLY | O_CLOEXEC);
	assert_int_equal(fs_pread_text(fd, text, sizeof(text)), 3);
	assert_string_equal(text, "12\n");
	scratch_write(dir, "p", "345678\n");
	assert_int_equal(fs_pread_text(fd, text, sizeof(text)), 4);
	assert_string_equal(text, "3456");
	assert_int_equal(fs_pread_text(-1, text, sizeof(text)), -EBADF);
}

static void directories(void **state)
{
	char path[PATH_MAX + 2];
	struct stat st;

	(void)state;
	assert_int_equal(fs_mkdirs(at("a/b/c"), 0755), 0);
	assert_int_equal(stat(at("a/b/c"), &st), 0);
	assert_true(S_ISDIR(st.st_mode));
	assert_int_equal(fs_mkdirs(at("a/b/c"), 0755), 0);
	assert_int_equal(fs_mkdirs(at("a/d/"), 0755), 0);
	scratch_write(dir, "file", "");
	assert_int_equal(fs_mkdirs(at("file/x"), 0755), -ENOTDIR);
	assert_int_equal(fs_mkdirs("", 0755), -ENAMETOOLONG);
	memset(path, 'x', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(fs_mkdirs(path, 0755), -ENAMETOOLONG);
}

static void trees_go_without_what_they_point_at(void **state)
{
	(void)state;
	scratch_write(dir, "keep/file", "x");
	scratch_write(dir, "tree/a/b/file", "x");
	assert_int_equal(symlinkat("../../keep", dirfd_, "tree/a/link"), 0);
	assert_int_equal(symlinkat("nowhere", dirfd_, "tree/dangling"), 0);
	assert_int_equal(fs_remove_tree(at("tree")), 0);
	assert_int_not_equal(faccessat(dirfd_, "tree", F_OK, 0), 0);
	assert_int_equal(faccessat(dirfd_, "keep/file", F_OK, 0), 0);
	assert_int_equal(fs_remove_tree(at("tree")), -ENOENT);
	/* A link is removed, not followed. */
	assert_int_equal(symlinkat("keep", dirfd_, "link"), 0);
	assert_int_equal(fs_remove_tree(at("link")), 0);
	assert_int_equal(faccessat(dirfd_, "keep/file", F_OK, 0), 0);
}

static void programs_along_a_path(void **state)
{
	cleanup_free char *found = NULL, *none = NULL;
	char path[400];

	(void)state;
	scratch_write(dir, "one/tool", "#!/bin/sh\n"); /* not executable */
	scratch_write(dir, "two/tool", "#!/bin/sh\n");
	assert_int_equal(fs_mkdirs(at("zero/tool"), 0755), 0); /* a directory */
	assert_int_equal(fchmodat(dirfd_, "two/tool", 0755, 0), 0);
	snprintf(path, sizeof(path), "%s/absent:%s/zero:%s/one:%s/two", dir, dir, dir, dir);
	found = fs_find_program("tool", path);
	assert_non_null(found);
	assert_string_equal(found, at("two/tool"));
	none = fs_find_program("other", path);
	assert_null(none);
	assert_null(fs_find_program("tool", NULL));
	assert_null(fs_find_program("tool", ""));
}

static void where_this_program_is(void **state)
{
	char path[PATH_MAX];

	(void)state;
	assert_int_equal(fs_program_dir(path, sizeof(path)), 0);
	assert_int_equal(path[0], '/');
	assert_null(strstr(path, "test_base_fs"));
}

static void joining(void **state)
{
	cleanup_free char *p = fs_join("a", "b/c");

	(void)state;
	assert_string_equal(p, "a/b/c");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(texts),
		cmocka_unit_test(whole_files_up_to_a_limit),
		cmocka_unit_test(writing),
		cmocka_unit_test(reading_again_from_an_open_file),
		cmocka_unit_test(directories),
		cmocka_unit_test(trees_go_without_what_they_point_at),
		cmocka_unit_test(programs_along_a_path),
		cmocka_unit_test(where_this_program_is),
		cmocka_unit_test(joining),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
