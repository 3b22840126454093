// SPDX-License-Identifier: Apache-2.0
/* Points as JSON Lines: exact text, and what JSON has not is told. */
#include <fcntl.h>
#include <math.h>
#include <string.h>

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
	fake_real(p, "share", 0.25);
	fake_bool(p, "stacked", true);
	fake_text(p, "scheduler", "none");
}

static void hostile(struct point *p)
{
	fake_tag(p, "target", "a \"b\", c\\d\ne=\xc3\xa9");
	fake_int(p, "ios", INT64_MIN);
	fake_int(p, "bytes", INT64_MAX);
	fake_real(p, "cache_a\"b", 1e300);
}

static void odd_numbers(struct point *p)
{
	fake_int(p, "ios", 1);
	fake_real(p, "share", NAN);
	fake_real(p, "busy", INFINITY);
	fake_real(p, "cache_x", -INFINITY);
}

static void nothing_left(struct point *p)
{
	fake_real(p, "share", NAN);
}

static void odd_bytes(struct point *p)
{
	fake_tag(p, "target", "x\xff\xc3y");
	fake_int(p, "ios", 1);
	fake_text(p, "scheduler", "\x80");
	fake_real(p, "cache_\xfe", 1);
}

#define BEGIN "{\"measurement\":\"cbpf_block\",\"time_ns\":1764155040223456789,"

static const struct {
	void (*make)(struct point *p);
	const char *want;
	uint64_t not_finite, not_utf8;
	const char *why;
} cases[] = {
	{ plain,
	  BEGIN "\"tags\":{\"op\":\"read\"},\"fields\":{\"ios\":12,\"share\":0.25,"
		"\"stacked\":true,\"scheduler\":\"none\"}}\n",
	  0, 0, "each type as JSON has it, in their order" },
	{ hostile,
	  BEGIN "\"tags\":{\"target\":\"a \\\"b\\\", c\\\\d\\ne=\xc3\xa9\"},\"fields\":{\"ios\":"
		"-9223372036854775808,\"bytes\":9223372036854775807,\"cache_a\\\"b\":"
		"1.0000000000000001e300}}\n",
	  0, 0, "text is escaped, numbers are exact" },
	{ odd_numbers, BEGIN "\"tags\":{},\"fields\":{\"ios\":1}}\n", 3, 0,
	  "what is no number is left out" },
	{ nothing_left, "", 1, 0, "a point without fields is none" },
	{ odd_bytes,
	  BEGIN "\"tags\":{\"target\":\"x??y\"},\"fields\":{\"ios\":1,\"scheduler\":\"?\","
		"\"cache_?\":1.0}}\n",
	  0, 2, "what is no UTF-8 is mended" },
};

/* Told as the sink's, with these words in the reason. */
static uint64_t lost(const struct losses *l, const char *words)
{
	uint64_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->v[i].what, "sink.jsonl") && strstr(l->v[i].reason, words))
			n += l->v[i].count;
	return n;
}

static void points_become_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_buf struct buf text = BUF_INIT(1 << 20);
		struct losses losses = LOSSES_INIT;
		struct sink *s = NULL;
		struct err err = { 0 };
		struct point p;

		if (file_jsonl_open(&(struct sink_file_config){ .path = path, .append = false },
				    &losses, &s, &err))
			fail_msg("%s", err.text);
		assert_string_equal(s->ops->name, "jsonl");
		assert_memory_equal(s->where, "jsonl /", 7);
		fake_point(&p, &fake_block, 1);
		cases[i].make(&p);
		assert_int_equal(s->ops->put(s, &p, &err), 0);
		assert_int_equal(s->ops->flush(s, &err), 0);
		sink_close(s);
		assert_int_equal(fs_slurp_at(AT_FDCWD, path, &text), 0);
		if (strcmp(buf_str(&text), cases[i].want))
			fail_msg("%s: %s", cases[i].why, buf_str(&text));
		if (lost(&losses, "no finite number") != cases[i].not_finite ||
		    lost(&losses, "no UTF-8") != cases[i].not_utf8)
			fail_msg("%s: is not told so", cases[i].why);
	}
}

static void lines_are_appended(void **state)
{
	cleanup_buf struct buf text = BUF_INIT(1 << 20);
	struct losses losses = LOSSES_INIT;
	struct err err = { 0 };
	size_t lines = 0;

	(void)state;
	unlink(path);
	for (int64_t seq = 0; seq < 3; seq++) {
		struct sink *s = NULL;
		struct point p;

		assert_int_equal(file_jsonl_open(&(struct sink_file_config){ .path = path,
									     .append = true },
						 &losses, &s, &err),
				 0);
		fake_point(&p, &fake_block, seq);
		plain(&p);
		assert_int_equal(s->ops->put(s, &p, &err), 0);
		assert_int_equal(s->ops->flush(s, &err), 0);
		assert_int_equal(s->ops->put(s, &p, &err), 0); /* is not flushed */
		sink_close(s);
	}
	assert_int_equal(fs_slurp_at(AT_FDCWD, path, &text), 0);
	for (const char *c = buf_str(&text); *c; c++)
		lines += *c == '\n';
	assert_int_equal(lines, 3);
}

static void no_place_is_told(void **state)
{
	struct losses losses = LOSSES_INIT;
	struct sink *s = NULL;
	struct err err = { 0 };

	(void)state;
	assert_int_not_equal(file_jsonl_open(&(struct sink_file_config){ .path = "/dev/null/x",
									 .append = true },
					     &losses, &s, &err),
			     0);
	assert_null(s);
	assert_non_null(strstr(err.text, "/dev/null/x"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(points_become_lines),
		cmocka_unit_test(lines_are_appended),
		cmocka_unit_test(no_place_is_told),
	};
	int rc;

	scratch_make(dir);
	snprintf(path, sizeof(path), "%s/points.jsonl", dir);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	fs_remove_tree(dir);
	return rc;
}
