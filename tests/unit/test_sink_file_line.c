// SPDX-License-Identifier: Apache-2.0
/* Points as line protocol in a file: what it cannot say is told, and the rest is there. */
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/loss.h"
#include "fake_points.h"
#include "scratch.h"
#include "sink/file.h"
#include "sink/sink.h"
#include "unit.h"

static char dir[64], path[128];

static void plain(struct point *p)
{
	fake_tag(p, "op", "read");
	fake_int(p, "ios", 12);
	fake_text(p, "scheduler", "a \"b\"");
}

static void odd_numbers(struct point *p)
{
	fake_int(p, "ios", 1);
	fake_real(p, "share", NAN);
	fake_real(p, "busy", INFINITY);
}

static void refused(struct point *p)
{
	fake_tag(p, "target", "ends with \\");
	fake_int(p, "ios", 1);
}

static const struct {
	void (*make)(struct point *p);
	const char *want;
	uint64_t lost;
	const char *why;
} cases[] = {
	{ plain, "cbpf_block,op=read ios=12i,scheduler=\"a \\\"b\\\"\" 1764155040223456789\n", 0,
	  "a line" },
	{ odd_numbers, "cbpf_block ios=1i 1764155040223456789\n", 2,
	  "what is no number is left out" },
	{ refused, "", 1, "a point that it cannot carry is left out whole" },
};

static void points_become_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_buf struct buf text = BUF_INIT(1 << 20);
		struct losses losses = LOSSES_INIT;
		struct sink *s = NULL;
		struct err err = { 0 };
		struct point p;
		uint64_t lost = 0;

		if (file_line_open(&(struct sink_file_config){ .path = path, .append = false },
				   &losses, &s, &err))
			fail_msg("%s", err.text);
		assert_memory_equal(s->where, "line /", 6);
		fake_point(&p, &fake_block, 1);
		cases[i].make(&p);
		assert_int_equal(s->ops->put(s, &p, &err), 0);
		assert_int_equal(s->ops->flush(s, &err), 0);
		sink_close(s);
		assert_int_equal(fs_slurp_at(AT_FDCWD, path, &text), 0);
		if (strcmp(buf_str(&text), cases[i].want))
			fail_msg("%s: %s", cases[i].why, buf_str(&text));
		for (size_t k = 0; k < losses.n; k++) {
			assert_string_equal(losses.v[k].what, "sink.line");
			lost += losses.v[k].count;
		}
		if (lost != cases[i].lost)
			fail_msg("%s: is not told so", cases[i].why);
	}
}

/* What a writer that was killed left of a line goes; a newline in a text ends none. */
static void torn_lines_go(void **state)
{
	static const char whole[] = "cbpf_block ios=1i 1764155040223456789\n";
	static const char *const torn[] = {
		"",
		"cbpf_block ios",
		"benchmark_meta spec=\"name: x\n",
		"cbpf_x s=\"a\nb\nc 1\n",
		"cbpf_block ios=1i 176415504022345678",
		"c",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(torn); i++) {
		cleanup_buf struct buf before = BUF_INIT(1 << 16), after = BUF_INIT(1 << 16);
		struct losses losses = LOSSES_INIT;
		struct sink *s = NULL;
		struct err err = { 0 };

		buf_printf(&before, "%s%s", whole, torn[i]);
		unlink(path);
		assert_int_equal(fs_create_at(AT_FDCWD, path, buf_str(&before), before.len), 0);
		if (file_line_open(&(struct sink_file_config){ .path = path, .append = true },
				   &losses, &s, &err))
			fail_msg("%s: %s", torn[i], err.text);
		sink_close(s);
		assert_int_equal(fs_slurp_at(AT_FDCWD, path, &after), 0);
		if (strcmp(buf_str(&after), whole))
			fail_msg("%s: %s", torn[i], buf_str(&after));
	}
}

/* A file of something else stays as it is. */
static void others_are_left(void **state)
{
	static const char text[] = "not a measurement";
	struct losses losses = LOSSES_INIT;
	struct sink *s = NULL;
	struct err err = { 0 };

	(void)state;
	unlink(path);
	assert_int_equal(fs_create_at(AT_FDCWD, path, text, strlen(text)), 0);
	assert_int_not_equal(file_line_open(&(struct sink_file_config){ .path = path,
									.append = true },
					    &losses, &s, &err),
			     0);
	assert_null(s);
	assert_int_not_equal(file_line_open(&(struct sink_file_config){ .path = "/dev/null/x",
									.append = true },
					    &losses, &s, &err),
			     0);
	assert_non_null(strstr(err.text, "/dev/null/x"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(points_become_lines),
		cmocka_unit_test(torn_lines_go),
		cmocka_unit_test(others_are_left),
	};
	int rc;

	scratch_make(dir);
	snprintf(path, sizeof(path), "%s/points.line", dir);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	fs_remove_tree(dir);
	return rc;
}
