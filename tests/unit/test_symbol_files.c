// SPDX-License-Identifier: Apache-2.0
/* Files that were mapped; what is in one is tested in test_symbol_elf.c. */
#include "symbol/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "unit.h"

__attribute__((noinline)) void test_symbol_files_landmark(void);
void test_symbol_files_landmark(void)
{
	__asm__ volatile("");
}

static char own[PATH_MAX], dir[] = "/tmp/test_symbol_files.XXXXXX", copy[sizeof(dir) + 16];
static struct symbol_files *files;
static int here, root; /* this process, and the directory as a root */

/* This program's mapping of the landmark, and where that is in the file. */
static struct space_map landmark(uint64_t *offset)
{
	unsigned long at = (unsigned long)test_symbol_files_landmark, inode;
	FILE *maps = fopen("/proc/self/maps", "r");
	struct space_map m = { .path = own };
	char line[PATH_MAX + 100];
	bool found = false;

	assert_non_null(maps);
	while (!found && fgets(line, sizeof(line), maps))
		found = sscanf(line, "%lx-%lx %*s %lx %x:%x %lu", &m.start, &m.end, &m.offset,
			       &m.file.major, &m.file.minor, &inode) == 6 &&
			at >= m.start && at < m.end;
	fclose(maps);
	assert_true(found);
	m.file.inode = inode;
	*offset = at - m.start + m.offset;
	return m;
}

/* A mapping of the copy, which nobody has. */
static struct space_map of_copy(void)
{
	struct space_map m = { .start = 0x1000, .end = 0x2000, .path = "/program" };
	struct stat st;

	assert_int_equal(stat(copy, &st), 0);
	m.file = (struct space_file){ major(st.st_dev), minor(st.st_dev), st.st_ino, 0 };
	return m;
}

static void make_copy(void)
{
	char command[3 * PATH_MAX];

	snprintf(command, sizeof(command), "cp '%s' '%s'", own, copy);
	assert_int_equal(system(command), 0);
}

static int set_up(void **state)
{
	ssize_t n = readlink("/proc/self/exe", own, sizeof(own) - 1);

	(void)state;
	assert_true(n > 0);
	own[n] = '\0';
	strcpy(strrchr(dir, '.') + 1, "XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(copy, sizeof(copy), "%s/program", dir);
	make_copy();
	here = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	root = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(symbol_files_open(2, &files), 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	symbol_files_close(files);
	close(here);
	close(root);
	unlink(copy);
	return rmdir(dir);
}

static void lack_is(enum symbol_lack why, size_t n)
{
	for (int i = 0; i < SYMBOL_LACKS; i++)
		assert_int_equal(symbol_files_lack(files, i), i == (int)why ? n : 0);
}

static void the_mapping_leads_to_its_file(void **state)
{
	uint64_t offset;
	struct space_map m = landmark(&offset);

	(void)state;
	if (geteuid()) {
		print_message("links of map_files need root\n");
		skip();
	}
	m.path = "/not/where/it/was";
	symbol_files_want(files, &m, here, -1);
	symbol_files_want(files, &m, here, -1);
	assert_int_equal(symbol_files_count(files), 1);
	lack_is(SYMBOL_LACKS, 0);
	assert_string_equal(symbol_files_at(files, &m, offset, -1), "test_symbol_files_landmark");
	assert_null(symbol_files_at(files, &m, 1ull << 40, -1));
	m.file.generation++;
	assert_null(symbol_files_at(files, &m, offset, -1)); /* another file */
}

/* Of a process that is gone, by its path below what was its root; open, it may be removed. */
static void a_path_leads_there_too(void **state)
{
	struct space_map m = of_copy();
	uint64_t offset;

	(void)state;
	(void)landmark(&offset);
	symbol_files_want(files, &m, -1, -1);
	lack_is(SYMBOL_GONE, 1); /* nobody has said where */
	symbol_files_want(files, &m, -1, root);
	lack_is(SYMBOL_LACKS, 0);
	assert_int_equal(unlink(copy), 0);
	assert_string_equal(symbol_files_at(files, &m, offset, -1), "test_symbol_files_landmark");
}

static void another_file_at_its_path_is_not_it(void **state)
{
	struct space_map m = of_copy();
	char moved[sizeof(copy) + 8];

	(void)state;
	snprintf(moved, sizeof(moved), "%s.old", copy);
	assert_int_equal(rename(copy, moved), 0);
	make_copy();
	symbol_files_want(files, &m, -1, root);
	lack_is(SYMBOL_GONE, 1);
	assert_int_equal(rename(moved, copy), 0);
	symbol_files_want(files, &m, -1, root);
	lack_is(SYMBOL_LACKS, 0);
}

static void two_files_at_one_path_are_two(void **state)
{
	struct space_map m = of_copy(), other = m;

	(void)state;
	symbol_files_want(files, &m, -1, root);
	other.file.inode++;
	symbol_files_want(files, &other, -1, root);
	assert_int_equal(symbol_files_count(files), 1);
	lack_is(SYMBOL_GONE, 1);
}

static void room_is_bounded_and_told(void **state)
{
	struct space_map m = of_copy();
	char name[sizeof(copy) + 8], path[16];

	(void)state;
	for (int i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "%s%d", copy, i);
		snprintf(path, sizeof(path), "/program%d", i);
		assert_int_equal(link(copy, name), 0);
		m.path = path;
		symbol_files_want(files, &m, -1, root);
		unlink(name);
	}
	assert_int_equal(symbol_files_count(files), 2);
	lack_is(SYMBOL_ROOM, 1);
}

static void what_is_no_file_is_not_looked_for(void **state)
{
	struct space_map m = { .path = "//anon" };
	int fd;

	(void)state;
	symbol_files_want(files, &m, -1, root);
	m.path = "[vdso]";
	symbol_files_want(files, &m, -1, root);
	assert_int_equal(symbol_files_count(files), 0);
	lack_is(SYMBOL_LACKS, 0);
	fd = open(copy, O_WRONLY | O_TRUNC);
	assert_true(write(fd, "no ELF file", 11) == 11);
	close(fd);
	m = of_copy();
	symbol_files_want(files, &m, -1, root);
	assert_null(symbol_files_at(files, &m, 0, -1));
	lack_is(SYMBOL_BAD, 1);
	symbol_files_close(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_mapping_leads_to_its_file),	  TEST(a_path_leads_there_too),
		TEST(another_file_at_its_path_is_not_it), TEST(two_files_at_one_path_are_two),
		TEST(room_is_bounded_and_told),		  TEST(what_is_no_file_is_not_looked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
