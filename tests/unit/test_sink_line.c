// SPDX-License-Identifier: Apache-2.0
/* Line protocol: what is escaped, what is left out, what is refused. */
#include "sink/line.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "fake_point.h"
#include "unit.h"

#define BAD(text) "-" text /* the reason, in part */

/* A point "m,TAG f=1i 1" for each. */
static const struct {
	const char *label, *tag, *want;
} tags[] = {
	{ "plain text is as it is", "a.b-c/d:e", "t=a.b-c/d:e" },
	{ "space, comma and equals sign are escaped", "a b,c=d", "t=a\\ b\\,c\\=d" },
	{ "at both ends, too", " a ", "t=\\ a\\ " },
	{ "quotes are nothing special in a tag", "\"a\" 'b'", "t=\"a\"\\ 'b'" },
	{ "nor is a backslash before a letter", "C:\\dir\\new", "t=C:\\dir\\new" },
	{ "nor one before another", "a\\\\b", "t=a\\\\b" },
	{ "nor before a quote", "a\\\"b", "t=a\\\"b" },
	{ "UTF-8 stays", "caf\xc3\xa9 \xf0\x9f\x98\x80", "t=caf\xc3\xa9\\ \xf0\x9f\x98\x80" },
	{ "so do tabs and other controls",
	  "a\tb\x01"
	  "c",
	  "t=a\tb\x01"
	  "c" },
	{ "a comment sign is one at the start of a line only", "#a", "t=#a" },
	{ "an empty tag is left out", "", "" },
	{ "an absent tag is left out", NULL, "" },
	{ "a backslash at the end would escape what comes next", "a\\",
	  BAD("ends with a backslash") },
	{ "two of them, too", "a\\\\", BAD("ends with a backslash") },
	{ "a backslash before a comma is ambiguous", "a\\,b", BAD("backslash before a comma") },
	{ "before a space", "a\\ b", BAD("backslash before a comma") },
	{ "before an equals sign", "a\\=b", BAD("backslash before a comma") },
	{ "the second of two before a comma", "a\\\\,b", BAD("backslash before a comma") },
	{ "a newline would end the line", "a\nb", BAD("newline") },
	{ "a newline alone", "\n", BAD("newline") },
	{ "what is not UTF-8 would be replaced", "a\xff", BAD("not UTF-8") },
	{ "a part of a character", "a\xc3", BAD("not UTF-8") },
	{ "a surrogate", "\xed\xa0\x80", BAD("not UTF-8") },
};

static const struct {
	const char *label, *text, *want;
} texts[] = {
	{ "plain text is quoted", "a", "\"a\"" },
	{ "an empty text is a value", "", "\"\"" },
	{ "spaces, commas, equals signs are nothing special", "a b,c=d", "\"a b,c=d\"" },
	{ "quotes are escaped", "\"a\"", "\"\\\"a\\\"\"" },
	{ "so are backslashes", "a\\", "\"a\\\\\"" },
	{ "before a quote, both", "\\\"", "\"\\\\\\\"\"" },
	{ "newlines stay", "a\nb\r\n", "\"a\nb\r\n\"" },
	{ "UTF-8 stays", "\xe2\x82\xac", "\"\xe2\x82\xac\"" },
	{ "controls stay", "\t\x01\x7f", "\"\t\x01\x7f\"" },
	{ "what is not UTF-8 is refused", "\xff", BAD("field f: it is not UTF-8") },
};

static const struct {
	const char *label;
	double value;
	const char *want;
} reals[] = {
	{ "whole numbers need no point: without i it is a real", 5, "5" },
	{ "negative ones", -3, "-3" },
	{ "zero", 0, "0" },
	{ "minus zero is another zero", -0.0, "-0" },
	{ "as few digits as come back", 0.1, "0.1" },
	{ "as many as are needed", 0.1 + 0.2, "0.30000000000000004" },
	{ "large", 1e300, "1e+300" },
	{ "beyond the integers of a double", 1e17, "1e+17" },
	{ "the largest", 1.7976931348623157e308, "1.7976931348623157e+308" },
	{ "the smallest", 4.9406564584124654e-324, "4.94065645841247e-324" },
};

static const struct {
	const char *label, *measurement, *tag, *field, *want;
} names[] = {
	{ "names are escaped", "m x,y=z", "t x,y=z", "f x,y=z",
	  "m\\ x\\,y=z,t\\ x\\,y\\=z=v f\\ x\\,y\\=z=1i 1\n" },
	{ "a quote in a name opens a text for some readers", "m", "t", "cpu/\"e\"/",
	  BAD("it holds a quote") },
	{ "a measurement has a name", "", "t", "f", BAD("measurement '': it is empty") },
	{ "a tag has one", "m", "", "f", BAD("name of tag '': it is empty") },
	{ "a field has one", "m", "t", "", BAD("name of field '': it is empty") },
	{ "a line with # is a comment", "#m", "t", "f", BAD("would be a comment") },
	{ "leading white space would be skipped", "\tm", "t", "f", BAD("control character") },
	{ "names end with no backslash", "m\\", "t", "f", BAD("ends with a backslash") },
	{ "nor do tags'", "m", "t\\", "f", BAD("ends with a backslash") },
	{ "nor do fields'", "m", "t", "f\\", BAD("ends with a backslash") },
	{ "names have one line", "m", "t", "f\nm f=2i 2",
	  BAD("name of field 'f m f=2i 2': it holds a newline") },
	{ "names are UTF-8", "m", "t", "\xff", BAD("name of field '?': it is not UTF-8") },
	{ "time is the server's own name for a field", "m", "t", "time", BAD("keeps this name") },
	{ "and for a tag", "m", "time", "f", BAD("keeps this name") },
};

static const char *encode(const struct fake_point *f, struct buf *out, struct line_note *told)
{
	int rc;

	buf_reset(out);
	buf_puts(out, "before\n");
	rc = line_append(&f->p, out, told);
	assert_memory_equal(out->data, "before\n", 7);
	if (rc) {
		assert_int_equal(rc, -EINVAL);
		assert_string_equal(out->data, "before\n");
		assert_true(*told->why);
		return NULL;
	}
	assert_string_equal(told->why, "");
	return out->data + 7;
}

static void judge(const char *label, const char *line, const struct line_note *told,
		  const char *want)
{
	if (*want == '-' ? line || !strstr(told->why, want + 1) : !line || strcmp(line, want) != 0)
		fail_msg("%s: %s%s, want %s", label, line ? line : "refused: ", told->why, want);
}

static void tags_are_escaped_left_out_or_refused(void **state)
{
	struct buf out = BUF_INIT(1 << 20);
	struct line_note told;
	struct fake_point f;
	char want[256];

	(void)state;
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		fake_point_init(&f, "m", 1);
		fake_point_tag(&f, "t", tags[i].tag);
		fake_point_int(&f, "f", 1);
		snprintf(want, sizeof(want), "m%s%s f=1i 1\n", *tags[i].want ? "," : "",
			 tags[i].want);
		judge(tags[i].label, encode(&f, &out, &told), &told,
		      *tags[i].want == '-' ? tags[i].want : want);
	}
	buf_fini(&out);
}

static void texts_are_quoted(void **state)
{
	struct buf out = BUF_INIT(1 << 20);
	struct line_note told;
	struct fake_point f;
	char want[256];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		fake_point_init(&f, "m", 1);
		fake_point_text(&f, "f", texts[i].text);
		snprintf(want, sizeof(want), "m f=%s 1\n", texts[i].want);
		judge(texts[i].label, encode(&f, &out, &told), &told,
		      *texts[i].want == '-' ? texts[i].want : want);
	}
	buf_fini(&out);
}

static void reals_come_back(void **state)
{
	struct buf out = BUF_INIT(1 << 20);
	struct line_note told;
	struct fake_point f;
	char want[256];

	(void)state;
	for (size_t i = 0; i < sizeof(reals) / sizeof(reals[0]); i++) {
		fake_point_init(&f, "m", 1);
		fake_point_real(&f, "f", reals[i].value);
		snprintf(want, sizeof(want), "m f=%s 1\n", reals[i].want);
		judge(reals[i].label, encode(&f, &out, &told), &told, want);
		assert_true(strtod(reals[i].want, NULL) == reals[i].value);
	}
	buf_fini(&out);
}

static void names_are_escaped_or_refused(void **state)
{
	struct buf out = BUF_INIT(1 << 20);
	struct line_note told;
	struct fake_point f;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		fake_point_init(&f, names[i].measurement, 1);
		fake_point_tag(&f, names[i].tag, "v");
		fake_point_int(&f, names[i].field, 1);
		judge(names[i].label, encode(&f, &out, &told), &told, names[i].want);
	}
	buf_fini(&out);
}

static void integers_have_their_edges(void **state)
{
	struct buf out = BUF_INIT(1 << 20);
	struct line_note told;
	struct fake_point f;

	(void)state;
	fake_point_init(&f, "m", INT64_MAX - 1);
	fake_point_int(&f, "a", INT64_MAX);
	fake_point_int(&f, "b", INT64_MIN);
	fake_point_int(&f, "c", 0);
	fake_point_int(&f, "d", -1);
	fake_point_bool(&f, "e", true);
	fake_point_bool(&f, "f", false);
	assert_string_equal(encode(&f, &out, &told),
			    "m a=9223372036854775807i,b=-9223372036854775808i,c=0i,d=-1i,e=true,"
			    "f=false 9223372036854775806\n");
	f.p.time_ns = INT64_MAX;
	assert_null(encode(&f, &out, &told));
	f.p.time_ns = INT64_MIN + 1;
	assert_null(encode(&f, &out, &told));
	f.p.time_ns = INT64_MIN + 2;
	assert_non_null(encode(&f, &out, &told));
	buf_fini(&out);
}

static void tags_are_in_the_order_of_their_names(void **state)
{
	struct buf out = BUF_INIT(1 << 20);
	struct line_note told;
	struct fake_point f;

	(void)state;
	fake_point_init(&f, "m", 1);
	fake_point_tag(&f, "zone", "1");
	fake_point_tag(&f, "Host", "2");
	fake_point_tag(&f, "empty", "");
	fake_point_tag(&f, "a", "3");
	fake_point_tag(&f, "ab", "4");
	fake_point_int(&f, "z", 1);
	fake_point_int(&f, "a", 2);
	assert_string_equal(encode(&f, &out, &told), "m,Host=2,a=3,ab=4,zone=1 z=1i,a=2i 1\n");
	fake_point_tag(&f, "Host", "3");
	assert_null(encode(&f, &out, &told));
	assert_string_equal(told.why, "tag Host is there twice");
	buf_fini(&out);
}

static void what_is_not_finite_is_left_out(void **state)
{
	struct buf out = BUF_INIT(1 << 20);
	struct line_note told;
	struct fake_point f;

	(void)state;
	fake_point_init(&f, "m", 1);
	fake_point_real(&f, "a", NAN);
	fake_point_real(&f, "b", 1.5);
	fake_point_real(&f, "c", INFINITY);
	fake_point_real(&f, "d", -INFINITY);
	assert_string_equal(encode(&f, &out, &told), "m b=1.5 1\n");
	assert_int_equal(told.left_out, 3);
	fake_point_init(&f, "m", 1);
	fake_point_real(&f, "a", NAN);
	assert_null(encode(&f, &out, &told));
	assert_int_equal(told.left_out, 1);
	assert_string_equal(told.why, "no field with a value is left");
	fake_point_init(&f, "m", 1);
	fake_point_tag(&f, "t", "v");
	assert_null(encode(&f, &out, &told));
	buf_fini(&out);
}

static char *repeat(char c, size_t n)
{
	char *text = malloc(n + 1);

	assert_non_null(text);
	memset(text, c, n);
	text[n] = '\0';
	return text;
}

static void lengths_have_limits(void **state)
{
	char *most = repeat('x', LINE_TEXT_MAX), *over = repeat('x', LINE_TEXT_MAX + 1);
	char *key = repeat('x', LINE_KEY_MAX - strlen("m,t=") - 4 - strlen("f"));
	char *spaces = repeat(' ', LINE_KEY_MAX / 2);
	struct buf out = BUF_INIT(1 << 20);
	struct line_note told;
	struct fake_point f;

	(void)state;
	fake_point_init(&f, "m", 1);
	fake_point_text(&f, "f", most);
	assert_non_null(encode(&f, &out, &told));
	fake_point_init(&f, "m", 1);
	fake_point_text(&f, "f", over);
	assert_null(encode(&f, &out, &told));
	fake_point_init(&f, "m", 1);
	fake_point_tag(&f, "t", key);
	fake_point_int(&f, "f", 1);
	assert_non_null(encode(&f, &out, &told));
	fake_point_int(&f, "ff", 1);
	assert_null(encode(&f, &out, &told));
	/* It counts as it is escaped. */
	fake_point_init(&f, "m", 1);
	fake_point_tag(&f, "t", spaces);
	fake_point_int(&f, "f", 1);
	assert_null(encode(&f, &out, &told));
	fake_point_init(&f, "m", 1);
	fake_point_tag(&f, "t", over);
	fake_point_int(&f, "f", 1);
	assert_null(encode(&f, &out, &told));
	assert_string_equal(told.why, "tag t: it is over 64 KiB");
	free(most);
	free(over);
	free(key);
	free(spaces);
	buf_fini(&out);
}

static void a_full_buffer_is_no_refusal(void **state)
{
	struct buf out = BUF_INIT(8);
	struct line_note told;
	struct fake_point f;

	(void)state;
	buf_puts(&out, "a\n");
	fake_point_init(&f, "m", 1);
	fake_point_int(&f, "f", 1);
	assert_int_equal(line_append(&f.p, &out, &told), -EMSGSIZE);
	assert_string_equal(buf_str(&out), "a\n");
	assert_string_equal(told.why, "");
	buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tags_are_escaped_left_out_or_refused),
		cmocka_unit_test(texts_are_quoted),
		cmocka_unit_test(reals_come_back),
		cmocka_unit_test(names_are_escaped_or_refused),
		cmocka_unit_test(integers_have_their_edges),
		cmocka_unit_test(tags_are_in_the_order_of_their_names),
		cmocka_unit_test(what_is_not_finite_is_left_out),
		cmocka_unit_test(lengths_have_limits),
		cmocka_unit_test(a_full_buffer_is_no_refusal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
