// SPDX-License-Identifier: Apache-2.0
/* Stacks in words; that the kernel's side finds them is seen in tests/integration/profile.bats. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "probe/profile_internal.h"
#include "symbol/files.h"
#include "symbol/kernel.h"
#include "symbol/space.h"
#include "unit.h"

static struct kernel_symbols *kernel;
static struct spaces *spaces;
static struct symbol_files *files;
static const struct profile_key key = { .target = 0, .tgid = 7 };

static int set_up(void **state)
{
	char path[] = "/tmp/test_probe_profile.XXXXXX";
	FILE *file = fdopen(mkstemp(path), "w");
	struct err err = { 0 };

	(void)state;
	fputs("ffffffff81000000 T entry\nffffffff81000100 t vfs_read\nffffffff81000200 t copy\n",
	      file);
	fclose(file);
	assert_int_equal(kernel_symbols_open(path, &kernel, &err), 0);
	unlink(path);
	assert_int_equal(spaces_open(NULL, &spaces), 0);
	assert_int_equal(symbol_files_open(1, 8, &files), 0);
	spaces_feed(spaces, &(struct space_event){ .time_ns = 1, .kind = SPACE_EXEC, .tgid = 7 });
	spaces_feed(spaces, &(struct space_event){ .time_ns = 2,
						   .kind = SPACE_MAP,
						   .tgid = 7,
						   .start = 0x400000,
						   .end = 0x500000,
						   .offset = 0x1000,
						   .path = "/usr/bin/a;b" });
	spaces_feed(spaces, &(struct space_event){ .time_ns = 2,
						   .kind = SPACE_MAP,
						   .tgid = 7,
						   .start = 0x700000,
						   .end = 0x701000,
						   .path = "[vdso]" });
	spaces_feed(spaces, &(struct space_event){ .time_ns = 2,
						   .kind = SPACE_MAP,
						   .tgid = 7,
						   .start = 0x800000,
						   .end = 0x801000,
						   .path = "//anon" });
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	kernel_symbols_close(kernel);
	spaces_close(spaces);
	symbol_files_close(files);
	return 0;
}

static void folds_to(const struct profile_stack *stack, const char *want)
{
	const struct profile_names names = { .kernel = kernel, .spaces = spaces, .files = files };
	cleanup_buf struct buf text = BUF_INIT(65536);

	assert_int_equal(profile_fold(&names, &key, stack, &text), 0);
	assert_string_equal(buf_str(&text), want);
}

static void from_the_outside_in(void **state)
{
	struct profile_stack s = { .first_ns = 10, .comm = "fio", .n_kernel = 3, .n_user = 2 };

	(void)state;
	s.frames[0] = 0xffffffff81000204;
	s.frames[1] = 0xffffffff81000120;
	s.frames[2] = 0xffffffff81000010;
	s.frames[PROFILE_KERNEL] = 0x400010;
	s.frames[PROFILE_KERNEL + 1] = 0x400100;
	/* Of a caller, the call; of the innermost one, where it is. */
	folds_to(&s, "fio;[a_b+0x10ff];[a_b+0x1010];entry_[k];vfs_read_[k];copy_[k]");
}

static void a_caller_is_who_called(void **state)
{
	struct profile_stack s = { .first_ns = 10, .comm = "x", .n_kernel = 2 };

	(void)state;
	s.frames[0] = 0xffffffff81000200;
	s.frames[1] =
		0xffffffff81000200; /* vfs_read ends with the call: it returns behind itself */
	folds_to(&s, "x;vfs_read_[k];copy_[k]");
}

static void what_has_no_name_says_so(void **state)
{
	struct profile_stack s = { .first_ns = 10, .comm = "a;b\nc", .n_kernel = 1, .n_user = 3 };

	(void)state;
	s.frames[0] = 0x1000;
	s.frames[PROFILE_KERNEL] = 0x700010;
	s.frames[PROFILE_KERNEL + 1] = 0x800010;
	s.frames[PROFILE_KERNEL + 2] = 0x900010;
	folds_to(&s, "a_b_c;[unknown];[anon];[vdso];[unknown]_[k]");
	s.n_kernel = s.n_user = 0;
	folds_to(&s, "a_b_c");
	*s.comm = '\0';
	folds_to(&s, "_");
	strcpy(s.comm, "[x]_[k]");
	folds_to(&s, "_x]____");
	strcpy(s.comm, "a;b\nc");
	s.n_user = 1;
	s.first_ns = 1; /* nothing was mapped yet */
	folds_to(&s, "a_b_c;[unknown]");
}

static void what_is_too_deep_is_cut_off(void **state)
{
	struct profile_stack s = { .first_ns = 10, .n_kernel = 10000, .n_user = 10000 };
	const struct profile_names names = { .kernel = NULL, .spaces = spaces, .files = files };
	cleanup_buf struct buf text = BUF_INIT(65536);

	(void)state;
	memset(s.comm, 'c', sizeof(s.comm)); /* without an end */
	assert_int_equal(profile_fold(&names, &key, &s, &text), 0);
	assert_memory_equal(buf_str(&text), "cccccccccccccccc;[cut off];[unknown];", 37);
	assert_non_null(strstr(buf_str(&text), ";[unknown];[cut off]_[k];[unknown]_[k];"));
}

/* A sysctl may have the kernel stop before there is no more room. */
static void what_the_kernel_cuts_off_is_told(void **state)
{
	struct profile_stack s = { .first_ns = 10, .comm = "x", .n_kernel = 2, .n_user = 2 };
	struct profile_names names = { .spaces = spaces, .files = files, .depth_max = 2 };
	cleanup_buf struct buf text = BUF_INIT(65536);

	(void)state;
	assert_int_equal(profile_fold(&names, &key, &s, &text), 0);
	assert_string_equal(buf_str(&text), "x;[cut off];[unknown];[unknown];[cut off]_[k];"
					    "[unknown]_[k];[unknown]_[k]");
	buf_reset(&text);
	names.depth_max = 3;
	assert_int_equal(profile_fold(&names, &key, &s, &text), 0);
	assert_string_equal(buf_str(&text), "x;[unknown];[unknown];[unknown]_[k];[unknown]_[k]");
}

/* Of what processes have mapped nothing is known: the kernel's names are, all the same. */
static void without_mappings_there_is_the_kernel(void **state)
{
	struct profile_stack s = { .first_ns = 10, .comm = "x", .n_kernel = 1, .n_user = 2 };
	const struct profile_names names = { .kernel = kernel };
	cleanup_buf struct buf text = BUF_INIT(65536);

	(void)state;
	s.frames[0] = 0xffffffff81000120;
	profile_fold_ask(&names, &key, &s);
	assert_int_equal(profile_fold(&names, &key, &s, &text), 0);
	assert_string_equal(buf_str(&text), "x;[unknown];[unknown];vfs_read_[k]");
}

/* This program's own function. */
static void named_by_its_file(void **state)
{
	const struct symbol_patience patience = { .silent_ns = 20 * NSEC_PER_SEC,
						  .ns = 20 * NSEC_PER_SEC };
	const struct profile_names names = { .spaces = spaces, .files = files };
	unsigned long at = (unsigned long)set_up, from, to, offset, inode;
	unsigned int major, minor;
	struct profile_stack s = { .first_ns = 10, .comm = "t", .n_user = 1 };
	char line[PATH_MAX + 100], path[PATH_MAX];
	FILE *maps = fopen("/proc/self/maps", "r");
	struct space_map map;
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	(void)state;
	assert_true(maps && n > 0);
	path[n] = '\0';
	while (fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx %*s %lx %x:%x %lu", &from, &to, &offset, &major, &minor,
			   &inode) == 6 &&
		    at >= from && at < to)
			break;
	fclose(maps);
	spaces_feed(spaces, &(struct space_event){ .time_ns = 3,
						   .kind = SPACE_MAP,
						   .tgid = 7,
						   .start = from,
						   .end = to,
						   .offset = offset,
						   .file = { major, minor, inode, 0 },
						   .path = path });
	s.frames[PROFILE_KERNEL] = at;
	assert_true(spaces_find(spaces, 7, 10, at, &map));
	symbol_files_want(files, 0, getpid(), &map);
	profile_fold_ask(&names, &key, &s);
	symbol_files_name(files, &patience);
	folds_to(&s, "t;set_up");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(from_the_outside_in, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_caller_is_who_called, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_has_no_name_says_so, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_too_deep_is_cut_off, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_the_kernel_cuts_off_is_told, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(without_mappings_there_is_the_kernel, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(named_by_its_file, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
