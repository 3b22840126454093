// SPDX-License-Identifier: Apache-2.0
/* Files end with whole lines, whatever happened to whoever wrote them before. */
#include "sink/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "scratch.h"
#include "unit.h"

static const char *const starts[] = { "{\"measure", "cbpf_", NULL };
static const struct sink_file_form form = { .starts = starts };
static char dir[64], path[128];

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
		if (sink_file_open(path, opens[i].append, &form, &f, &err) != opens[i].rc)
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
	assert_int_equal(sink_file_open(path, true, &form, &f, &err), 0);
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
	assert_int_equal(sink_file_open(path, true, &form, &f, &err), 0);
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
	assert_int_equal(sink_file_open(path, true, &form, &f, &err), 0);
	assert_int_equal(sink_file_open(path, true, &form, &second, &err), -EBUSY);
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
	assert_int_equal(sink_file_open(path, true, &form, &f, &err), 0);
	buf_puts(sink_file_buf(f), "first\n");
	assert_int_equal(sink_file_flush(f, &err), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	for (int i = 0; i < 20000; i++)
		buf_puts(sink_file_buf(f), "second\n");
	rc = sink_file_flush(f, &err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &any), 0);
	assert_int_equal(rc, -EFBIG);
	assert_non_null(strstr(err.text, path));
	assert_holds("first\n", "nothing of what did not fit is left");
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
	assert_int_equal(sink_file_open(dir, true, &form, &f, &err), -EISDIR);
	assert_int_equal(sink_file_open("/dev/null/x", true, &form, &f, &err), -ENOTDIR);
	assert_non_null(strstr(err.text, "/dev/null/x"));
	assert_int_equal(sink_file_open("/dev/null", true, &form, &f, &err), 0);
	buf_puts(sink_file_buf(f), "gone\n");
	assert_int_equal(sink_file_flush(f, &err), 0);
	sink_file_close(f);
	assert_int_equal(sink_file_open("/dev/full", true, &form, &f, &err), 0);
	buf_puts(sink_file_buf(f), "refused\n");
	assert_int_equal(sink_file_flush(f, &err), -ENOSPC);
	sink_file_close(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(torn_lines_are_cut),
		cmocka_unit_test(long_torn_line),
		cmocka_unit_test(what_is_not_flushed_is_dropped),
		cmocka_unit_test(one_writer),
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
