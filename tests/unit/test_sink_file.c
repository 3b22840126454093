// SPDX-License-Identifier: Apache-2.0
/* Files end with whole lines, whatever happened to whoever wrote them before. */
#include "sink/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "scratch.h"
#include "unit.h"

static const char *const starts[] = { "{\"measure", "cbpf_", NULL };
static const struct sink_file_form form = { .starts = starts };
static char dir[64], path[128];

static int open_file(const char *at, bool append, struct sink_file **ret, struct err *err)
{
	return sink_file_open(&(struct sink_file_config){ .path = at, .append = append }, &form,
			      ret, err);
}

static void assert_holds(const char *want, const char *why)
{
	cleanup_buf struct buf text = BUF_INIT(1 << 24);

	assert_int_equal(fs_slurp_at(AT_FDCWD, path, &text), 0);
	if (strcmp(buf_str(&text), want))
		fail_msg("%s: holds '%s', not '%s'", why, buf_str(&text), want);
}

static const struct {
	const char *before; /* NULL: there is no file */
	bool append;
	int rc;
	const char *after; /* one line "new" was written */
	const char *why;
} opens[] = {
	{ NULL, true, 0, "new\n", "a file that is missing is made" },
	{ "", true, 0, "new\n", "an empty file is fine" },
	{ "a\nb\n", true, 0, "a\nb\nnew\n", "whole lines stay" },
	{ "a\nb\n", false, 0, "new\n", "a file may be begun again" },
	{ "a\ncbpf_block,target=", true, 0, "a\nnew\n", "a torn last line is cut off" },
	{ "a\ncb", true, 0, "a\nnew\n", "also when nearly nothing is there of it" },
	{ "{\"measurement\":", true, 0, "new\n", "also when it is the only one" },
	{ "a\nletter", true, -EEXIST, "a\nletter", "a file of somebody else is left alone" },
	{ "cbpf is", true, -EEXIST, "cbpf is", "however near it is" },
	{ "letter", false, 0, "new\n", "unless it is to be begun again" },
};

static void torn_lines_are_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(opens); i++) {
		struct sink_file *f = NULL;
		struct err err = { 0 };

		unlink(path);
		if (opens[i].before)
			scratch_write(dir, "points", opens[i].before);
		if (open_file(path, opens[i].append, &f, &err) != opens[i].rc)
			fail_msg("%s: %s", opens[i].why, err.text);
		if (f) {
			buf_puts(sink_file_buf(f), "new\n");
			assert_int_equal(sink_file_put(f, &err), 0);
			assert_int_equal(sink_file_flush(f, &err), 0);
		} else {
			assert_non_null(strstr(err.text, path));
		}
		sink_file_close(f);
		assert_holds(opens[i].after, opens[i].why);
	}
}

/* Longer than a block that is read at once. */
static void long_torn_line(void **state)
{
	static char text[200000];
	struct sink_file *f = NULL;
	struct err err = { 0 };

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	memcpy(text, "whole\ncbpf_", 11);
	scratch_write(dir, "points", text);
	assert_int_equal(open_file(path, true, &f, &err), 0);
	sink_file_close(f);
	assert_holds("whole\n", "a long torn line is cut off");
}

static void what_is_not_flushed_is_dropped(void **state)
{
	static char line[300 << 10];
	struct sink_file *f = NULL;
	struct err err = { 0 };

	(void)state;
	unlink(path);
	assert_int_equal(open_file(path, true, &f, &err), 0);
	buf_puts(sink_file_buf(f), "first\n");
	assert_int_equal(sink_file_flush(f, &err), 0);
	memset(line, 'x', sizeof(line) - 2);
	line[sizeof(line) - 2] = '\n';
	buf_puts(sink_file_buf(f), line);
	assert_int_equal(sink_file_put(f, &err), 0); /* large: is written at once */
	sink_file_close(f);
	assert_holds("first\n", "what was written and not flushed is put again later");
}

static void one_writer(void **state)
{
	struct sink_file *f = NULL, *second = NULL;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(open_file(path, true, &f, &err), 0);
	assert_int_equal(open_file(path, true, &second, &err), -EBUSY);
	assert_null(second);
	assert_non_null(strstr(err.text, "locked"));
	sink_file_close(f);
}

/* A limit on the size of files stands for a disk that is full. */
static void no_room(void **state)
{
	const struct rlimit small = { 65536, RLIM_INFINITY },
			    any = { RLIM_INFINITY, RLIM_INFINITY };
	struct sink_file *f = NULL;
	struct err err = { 0 };
	int rc;

	(void)state;
	unlink(path);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	rc = open_file(path, true, &f, &err); /* who writes has the limit from us */
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &any), 0);
	assert_int_equal(rc, 0);
	buf_puts(sink_file_buf(f), "first\n");
	assert_int_equal(sink_file_flush(f, &err), 0);
	for (int i = 0; i < 20000; i++)
		buf_puts(sink_file_buf(f), "second\n");
	rc = sink_file_flush(f, &err);
	assert_int_equal(rc, -EFBIG);
	assert_non_null(strstr(err.text, path));
	assert_holds("first\n", "nothing of what did not fit is left");
	assert_int_equal(sink_file_position(f), strlen("first\n"));
	assert_int_equal(sink_file_resume(f, sink_file_position(f), &err), 0);
	buf_puts(sink_file_buf(f), "third\n");
	assert_int_equal(sink_file_flush(f, &err), 0);
	sink_file_close(f);
	assert_holds("first\nthird\n", "and it goes on when there is room");
}

static void odd_places(void **state)
{
	struct sink_file *f = NULL;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(open_file(dir, true, &f, &err), -EISDIR);
	assert_int_equal(open_file("/dev/null/x", true, &f, &err), -ENOTDIR);
	assert_non_null(strstr(err.text, "/dev/null/x"));
	assert_int_equal(open_file("/dev/null", true, &f, &err), 0);
	buf_puts(sink_file_buf(f), "gone\n");
	assert_int_equal(sink_file_flush(f, &err), 0);
	sink_file_close(f);
	assert_int_equal(open_file("/dev/full", true, &f, &err), 0);
	buf_puts(sink_file_buf(f), "refused\n");
	assert_int_equal(sink_file_flush(f, &err), -ENOSPC);
	sink_file_close(f);
}

/* What is there already, since it could not be noted, is not written again. */
static const struct {
	const char *before, *acknowledged, *given, *after, *why;
} resumes[] = {
	{ "a\nb\n", "a\nb\n", "c\n", "a\nb\nc\n", "what was noted stays" },
	{ "a\nb\nc\n", "a\n", "b\nc\nd\n", "a\nb\nc\nd\n", "two lines are there" },
	{ "a\nb\nc\n", "a\n", "b\nc\n", "a\nb\nc\n", "all of it is there" },
	{ "a\nb\ncbpf_x", "a\n", "b\ncbpf_xyz\n", "a\nb\ncbpf_xyz\n", "a line was cut short" },
	{ "a\nb\nother\n", "a\n", "b\nc\n", "a\nb\nother\nc\n", "another's lines follow" },
	{ "a\nb\ncx\n", "a\n", "b\ncy\n", "a\nb\ncx\ncy\n", "one that begins alike is another's" },
	{ "a\nb\ncx\nb\n", "a\n", "b\ncy\nd\n", "a\nb\ncx\nb\ncy\nd\n", "and stays" },
	{ "a\nx\n", "a\n", "b\n", "a\nx\nb\n", "nothing of it is there" },
	{ "a\nb\n", "", "a\nb\nc\n", "a\nb\nc\n", "from the beginning" },
};

static void what_is_there_is_not_doubled(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(resumes); i++) {
		struct sink_file *f = NULL;
		struct err err = { 0 };

		scratch_write(dir, "points", resumes[i].before);
		assert_int_equal(open_file(path, true, &f, &err), 0);
		if (sink_file_resume(f, strlen(resumes[i].acknowledged), &err))
			fail_msg("%s: %s", resumes[i].why, err.text);
		buf_puts(sink_file_buf(f), resumes[i].given);
		assert_int_equal(sink_file_flush(f, &err), 0);
		assert_holds(resumes[i].after, resumes[i].why);
		/* Where it got to is where what comes next goes: told again, nothing changes. */
		assert_int_equal(sink_file_resume(f, strlen(resumes[i].acknowledged), &err), 0);
		buf_puts(sink_file_buf(f), resumes[i].given);
		buf_puts(sink_file_buf(f), "more\n");
		assert_int_equal(sink_file_flush(f, &err), 0);
		if (!strstr(resumes[i].why, "another") && !strstr(resumes[i].why, "and stays") &&
		    !strstr(resumes[i].why, "nothing"))
			assert_int_equal(sink_file_position(f),
					 strlen(resumes[i].after) + strlen("more\n"));
		sink_file_close(f);
	}
}

/* Longer than what is compared at once, and what differs is in the middle of a line. */
static void much_is_there(void **state)
{
	cleanup_buf struct buf mine = BUF_INIT(1 << 20), all = BUF_INIT(1 << 21);
	struct sink_file *f = NULL;
	struct err err = { 0 };

	(void)state;
	for (int i = 0; i < 20000; i++)
		buf_printf(&mine, "cbpf_x number=%d\n", i);
	buf_put(&all, mine.data, 200000);
	scratch_write(dir, "points", buf_str(&all));
	assert_int_equal(open_file(path, true, &f, &err), 0);
	assert_int_equal(sink_file_resume(f, 0, &err), 0);
	buf_put(sink_file_buf(f), mine.data, mine.len);
	assert_int_equal(sink_file_flush(f, &err), 0);
	assert_int_equal(sink_file_position(f), mine.len);
	sink_file_close(f);
	assert_holds(buf_str(&mine), "the rest came after it");
}

static void a_file_that_was_cut(void **state)
{
	struct sink_file *f = NULL;
	struct err err = { 0 };

	(void)state;
	scratch_write(dir, "points", "a\n");
	assert_int_equal(open_file(path, true, &f, &err), 0);
	assert_int_equal(sink_file_resume(f, 3, &err), -ESTALE);
	assert_int_equal(sink_file_resume(f, 2, &err), 0);
	sink_file_close(f);
}

/* Into the file of the other tests. */
static int read_all(const char *fifo)
{
	int from = open(fifo, O_RDONLY), to = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	char block[4096];
	ssize_t n;

	while ((n = read(from, block, sizeof(block))) > 0)
		if (write(to, block, n) != n)
			return 1;
	return n < 0 || from < 0 || to < 0;
}

/* Nobody reads it: what it costs is what was allowed; then it is read, and has each line once. */
static void a_pipe_that_nobody_reads(void **state)
{
	static char big[600000];
	atomic_bool stop = false;
	struct sink_file *f = NULL;
	struct err err = { 0 };
	int rc, status = -1;
	char fifo[160];
	pid_t reader;

	(void)state;
	snprintf(fifo, sizeof(fifo), "%s/fifo", dir);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(sink_file_open(&(struct sink_file_config){ .path = fifo,
								    .append = true,
								    .stop = &stop,
								    .retry_for_ns = 1000000000 },
					&form, &f, &err),
			 0);
	assert_true(sink_file_is_empty(f));
	for (size_t i = 0; i < sizeof(big) - 1; i++)
		big[i] = i % 50 == 49 ? '\n' : (char)('a' + i % 26);
	buf_puts(sink_file_buf(f), big);
	assert_int_equal(sink_file_put(f, &err), -EAGAIN);
	assert_int_equal(sink_file_flush(f, &err), -EAGAIN);
	assert_non_null(strstr(err.text, fifo));
	stop = true;
	assert_int_equal(sink_file_flush(f, &err), -ECANCELED);
	stop = false;
	reader = fork();
	if (!reader)
		_exit(read_all(fifo));
	/* All that was given up is given again. */
	do {
		rc = sink_file_resume(f, 0, &err);
		if (!rc)
			buf_puts(sink_file_buf(f), big);
		if (!rc)
			rc = sink_file_flush(f, &err);
	} while (rc == -EAGAIN);
	assert_int_equal(rc, 0);
	assert_int_equal(sink_file_position(f), sizeof(big) - 1);
	sink_file_close(f);
	waitpid(reader, &status, 0);
	assert_int_equal(status, 0);
	assert_holds(big, "each line once");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(torn_lines_are_cut),
		cmocka_unit_test(long_torn_line),
		cmocka_unit_test(what_is_not_flushed_is_dropped),
		cmocka_unit_test(one_writer),
		cmocka_unit_test(what_is_there_is_not_doubled),
		cmocka_unit_test(much_is_there),
		cmocka_unit_test(a_file_that_was_cut),
		cmocka_unit_test(a_pipe_that_nobody_reads),
		cmocka_unit_test(no_room),
		cmocka_unit_test(odd_places),
	};
	int rc;

	scratch_make(dir);
	snprintf(path, sizeof(path), "%s/points", dir);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	fs_remove_tree(dir);
	return rc;
}
