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
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "symbol/files_table.h"
#include "unit.h"

__attribute__((noinline)) void test_symbol_files_landmark(void);
void test_symbol_files_landmark(void)
{
	__asm__ volatile("");
}

static char own[PATH_MAX], dir[] = "/tmp/test_symbol_files.XXXXXX", copy[sizeof(dir) + 16];
static struct symbol_files *files;

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
	assert_int_equal(symbol_files_open(2, 4, &files), 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	symbol_files_close(files);
	unlink(copy);
	return rmdir(dir);
}

static void lack_is(enum symbol_lack why, size_t n)
{
	for (int i = 0; i < SYMBOL_LACKS; i++)
		assert_int_equal(symbol_files_lack(files, i), i == (int)why ? n : 0);
}

/* Until the helper has answered all; in the tests nothing is asked for then. */
static void settle(void)
{
	const struct symbol_patience patience = { .silent_ns = 20 * NSEC_PER_SEC,
						  .ns = 30 * NSEC_PER_SEC };

	symbol_files_name(files, &patience);
}

/* As the root of @target: the directory, as a process has it that is gone then. */
static void root_is_dir(uint32_t target)
{
	int ready[2], end[2];
	char c = 0;
	pid_t pid;

	assert_int_equal(pipe(ready) | pipe(end), 0);
	pid = fork();
	if (!pid) {
		close(end[1]);
		if (chroot(dir) || write(ready[1], &c, 1) != 1 || read(end[0], &c, 1))
			_exit(1);
		_exit(0);
	}
	close(ready[1]);
	close(end[0]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	symbol_files_root(files, target, pid, true);
	/* For as long as the helper takes to open it, and some times more. */
	for (int i = 0; i < 100 || (i < 10000 && !files->roots[target].known);
	     i++) { /* told again it waits for the answer, and is of no harm */
		usleep(1000);
		symbol_files_tend(files);
		symbol_files_root(files, target, pid, true);
	}
	close(end[1]);
	close(ready[0]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

#define NOBODY 0x3fffffff /* no process has that number */

static const char *name_at(const struct space_map *m, uint64_t offset)
{
	symbol_files_ask(files, m, offset);
	settle();
	return symbol_files_at(files, m, offset);
}

static void need_root(void)
{
	if (!geteuid())
		return;
	print_message("links of map_files, and other roots, need root\n");
	skip();
}

static void the_mapping_leads_to_its_file(void **state)
{
	uint64_t offset;
	struct space_map m = landmark(&offset), other;

	(void)state;
	need_root();
	m.path = "/not/where/it/was";
	symbol_files_want(files, 0, getpid(), &m);
	symbol_files_want(files, 0, getpid(), &m);
	for (uint64_t i = 0; i < 1000; i++) /* more than one message has */
		symbol_files_ask(files, &m, (1ull << 40) + i);
	assert_string_equal(name_at(&m, offset), "test_symbol_files_landmark");
	assert_int_equal(symbol_files_count(files), 1);
	lack_is(SYMBOL_LACKS, 0);
	assert_null(symbol_files_at(files, &m, 1ull << 40)); /* no function is there */
	assert_null(symbol_files_at(files, &m, offset + 1)); /* nobody asked */
	other = m;
	other.file.generation++;
	assert_null(symbol_files_at(files, &other, offset)); /* another file */
}

/* Something else is mapped there by now, and nothing at its path. */
static void another_mapping_is_not_it(void **state)
{
	uint64_t offset;
	struct space_map m = landmark(&offset);

	(void)state;
	need_root();
	m.file.inode++;
	m.path = "/not/where/it/was";
	symbol_files_want(files, 0, getpid(), &m);
	settle();
	lack_is(SYMBOL_GONE, 1);
}

/* Of a process that is gone, by its path below what was its root; open, it may be removed. */
static void a_path_leads_there_too(void **state)
{
	struct space_map m = of_copy();
	uint64_t offset;

	(void)state;
	need_root();
	(void)landmark(&offset);
	symbol_files_want(files, 0, NOBODY, &m);
	settle();
	lack_is(SYMBOL_GONE, 1); /* nobody has said where */
	root_is_dir(0);
	symbol_files_want(files, 0, NOBODY, &m);
	settle();
	lack_is(SYMBOL_LACKS, 0);
	assert_int_equal(unlink(copy), 0);
	assert_string_equal(name_at(&m, offset), "test_symbol_files_landmark");
}

static void another_file_at_its_path_is_not_it(void **state)
{
	struct space_map m = of_copy();
	char moved[sizeof(copy) + 8];

	(void)state;
	need_root();
	root_is_dir(0);
	snprintf(moved, sizeof(moved), "%s.old", copy);
	assert_int_equal(rename(copy, moved), 0);
	make_copy();
	symbol_files_want(files, 0, NOBODY, &m);
	settle();
	lack_is(SYMBOL_GONE, 1);
	assert_int_equal(rename(moved, copy), 0);
	symbol_files_want(files, 0, NOBODY, &m);
	settle();
	lack_is(SYMBOL_LACKS, 0);
}

/* It is the same file, with what another program has in it. */
static void what_is_written_to_is_another_one(void **state)
{
	struct space_map m = of_copy();
	uint64_t offset;

	(void)state;
	need_root();
	(void)landmark(&offset);
	root_is_dir(0);
	symbol_files_want(files, 0, NOBODY, &m);
	settle();
	lack_is(SYMBOL_LACKS, 0);
	usleep(20000); /* file systems tell times to some ms */
	make_copy();
	assert_null(name_at(&m, offset));
	lack_is(SYMBOL_BAD, 1);
}

static void two_files_at_one_path_are_two(void **state)
{
	struct space_map m = of_copy(), other = m;

	(void)state;
	need_root();
	root_is_dir(0);
	symbol_files_want(files, 0, NOBODY, &m);
	other.file.inode++;
	symbol_files_want(files, 0, NOBODY, &other);
	settle();
	assert_int_equal(symbol_files_count(files), 1);
	lack_is(SYMBOL_GONE, 1);
}

/* Four files: one for each target, and two for who comes first. */
static void room_is_shared_and_told(void **state)
{
	struct space_map m = of_copy();
	char name[sizeof(copy) + 8], path[16];

	(void)state;
	need_root();
	root_is_dir(0);
	root_is_dir(1);
	for (int i = 0; i < 5; i++) {
		snprintf(name, sizeof(name), "%s%d", copy, i);
		assert_int_equal(link(copy, name), 0);
	}
	for (int i = 0; i < 5; i++) {
		snprintf(path, sizeof(path), "/program%d", i);
		m.path = path;
		symbol_files_want(files, 0, NOBODY, &m);
	}
	settle();
	assert_int_equal(symbol_files_count(files), 3);
	lack_is(SYMBOL_ROOM, 2);
	/* Of those that had no room another target has some for one. */
	symbol_files_want(files, 1, NOBODY, &m);
	settle();
	assert_int_equal(symbol_files_count(files), 4);
	lack_is(SYMBOL_ROOM, 1);
	for (int i = 0; i < 5; i++) {
		snprintf(name, sizeof(name), "%s%d", copy, i);
		unlink(name);
	}
}

static void what_is_no_file_is_not_looked_for(void **state)
{
	struct space_map m = { .path = "//anon" };
	int fd;

	(void)state;
	symbol_files_want(files, 0, getpid(), &m);
	m.path = "[vdso]";
	symbol_files_want(files, 0, getpid(), &m);
	settle();
	assert_int_equal(symbol_files_count(files), 0);
	lack_is(SYMBOL_LACKS, 0);
	need_root();
	fd = open(copy, O_WRONLY | O_TRUNC);
	assert_true(write(fd, "no ELF file", 11) == 11);
	close(fd);
	m = of_copy();
	root_is_dir(0);
	symbol_files_want(files, 0, NOBODY, &m);
	settle();
	assert_null(name_at(&m, 0));
	lack_is(SYMBOL_BAD, 1);
	symbol_files_close(NULL);
}

/* What was found out before is all that there will be. */
static void patience_ends_at_once(void **state)
{
	const atomic_bool yes = true;
	const struct symbol_patience none = { .silent_ns = NSEC_PER_SEC,
					      .ns = NSEC_PER_SEC,
					      .at_once = &yes };
	struct space_map m = of_copy();

	(void)state;
	symbol_files_want(files, 0, getpid(), &m);
	symbol_files_ask(files, &m, 0);
	symbol_files_name(files, &none);
	assert_null(symbol_files_at(files, &m, 0));
	lack_is(SYMBOL_SILENT, 1);
}

/* A container's process that was gone before its root was known: it is asked for once, not for as long as a run lasts. */
static void who_is_gone_is_asked_once(void **state)
{
	struct root *r = &files->roots[1];

	(void)state;
	symbol_files_root(files, 1, NOBODY, true);
	assert_true(r->asked);
	for (int i = 0; i < 10000 && r->asked; i++) {
		usleep(1000);
		symbol_files_tend(files);
	}
	assert_false(r->asked || r->known);
	symbol_files_root(files, 1, NOBODY, true);
	assert_false(r->asked);
	/* Ours is not a container's, which it may become. */
	symbol_files_root(files, 1, getpid(), true);
	for (int i = 0; i < 10000 && r->asked; i++) {
		usleep(1000);
		symbol_files_tend(files);
	}
	assert_false(r->asked || r->known);
	symbol_files_root(files, 1, getpid(), true);
	assert_true(r->asked);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_mapping_leads_to_its_file),
		TEST(another_mapping_is_not_it),
		TEST(a_path_leads_there_too),
		TEST(another_file_at_its_path_is_not_it),
		TEST(what_is_written_to_is_another_one),
		TEST(two_files_at_one_path_are_two),
		TEST(room_is_shared_and_told),
		TEST(what_is_no_file_is_not_looked_for),
		TEST(patience_ends_at_once),
		TEST(who_is_gone_is_asked_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
