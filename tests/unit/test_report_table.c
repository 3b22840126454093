// SPDX-License-Identifier: Apache-2.0
/* Tables of text: widths, cuts, and what a terminal must not get. */
#include "report/table.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "report/report.h"
#include "unit.h"

static const struct {
	const char *align;
	int width, indent, gap;
	bool unicode;
	const char *cells[8];
	const char *want, *why;
} tables[] = {
	{ "lr", 80, 0, 0, true, { "a", "1", "bcd", "22" }, "a     1\nbcd  22\n", "aligned" },
	{ "lr", 80, 2, 1, true, { "a", "1" }, "  a 1\n", "indent and gap" },
	{ "ll", 80, 0, 0, true, { "aa", "", "b", "c" }, "aa\nb   c\n", "no blanks at line ends" },
	{ "lr", 12, 0, 0, true, { "abcdefghijkl", "12" }, "abcdefg…  12\n", "cut to the width" },
	{ "lr", 12, 0, 0, false, { "abcdefghijkl", "12" }, "abcdefg~  12\n", "cut in ASCII" },
	{ "mr", 12, 0, 0, true, { "abcdefghijkl", "12" }, "ab…hijkl  12\n", "cut in the middle" },
	{ "mr", 13, 0, 0, false, { "äbcdefghijkl", "1" }, "äbc~ghijkl  1\n", "of characters" },
	{ "m", 80, 0, 0, true, { "abc", "d" }, "abc\nd\n", "or not at all" },
	{ "lr",
	  3,
	  0,
	  0,
	  true,
	  { "abcdefghijkl", "12" },
	  "abcdefg…  12\n",
	  "never below what tells names apart" },
	{ "lr",
	  80,
	  0,
	  0,
	  true,
	  { "äöü", "1", "abcd", "2" },
	  "äöü   1\nabcd  2\n",
	  "characters, not bytes, are counted" },
	{ "l", 80, 0, 0, true, { "a\033[31mb\n" }, "a?[31mb?\n", "no control characters" },
	{ "l", 80, 0, 0, true, { "a\302\233b" }, "a?b\n", "nor those of ISO 8859" },
	{ "l", 80, 0, 0, true, { "a\377b" }, "a?b\n", "nor what is no UTF-8" },
	{ "lr", 80, 0, 0, true, { "a" }, "", "half a row is none" },
};

static void layout(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		struct report_style style = { .unicode = tables[i].unicode,
					      .width = tables[i].width };
		struct table t = { .align = tables[i].align,
				   .indent = tables[i].indent,
				   .gap = tables[i].gap };
		cleanup_buf struct buf out = BUF_INIT(4096);

		for (size_t c = 0; tables[i].cells[c]; c++)
			table_add(&t, "%s", tables[i].cells[c]);
		assert_int_equal(table_print(&t, &style, &out), 0);
		if (strcmp(buf_str(&out), tables[i].want))
			fail_msg("%s: '%s'", tables[i].why, buf_str(&out));
		table_fini(&t);
	}
}

static const struct {
	int width, at, indent;
	const char *text, *want, *why;
} wraps[] = {
	{ 20, 4, 4, "a few words", "a few words", "fits" },
	{ 12, 4, 4, "a few words", "a few\n    words", "breaks at a blank" },
	{ 12, 4, 4, "unbreakable", "unbreakable", "what has no blank is not broken" },
	{ 12, 9, 4, "then more", "\n    then\n    more", "begins anew when nothing fits" },
	{ 0, 4, 4, "a few words", "a few words", "no width, no breaks" },
	{ 20, 4, 4, "  two   blanks ", "two blanks", "blanks are one" },
	{ 20, 0, 0, "a\033b", "a?b", "no control characters" },
	{ 20, 0, 0, "", "", "nothing" },
};

static void wrapping(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wraps); i++) {
		struct report_style style = { .width = wraps[i].width };
		cleanup_buf struct buf out = BUF_INIT(4096);

		text_wrap(&out, &style, wraps[i].at, wraps[i].indent, wraps[i].text);
		if (strcmp(buf_str(&out), wraps[i].want))
			fail_msg("%s: '%s'", wraps[i].why, buf_str(&out));
	}
}

static void colour_only_when_asked(void **state)
{
	struct report_style style = { .colour = true, .width = 80 };
	struct table t = { .align = "l", .heading = true };
	cleanup_buf struct buf out = BUF_INIT(4096);

	(void)state;
	text_toned(&out, &style, TONE_BAD, "x\033");
	assert_string_equal(buf_str(&out), "\033[31;1mx?\033[0m");
	buf_reset(&out);
	style.colour = false;
	text_toned(&out, &style, TONE_BAD, "x");
	assert_string_equal(buf_str(&out), "x");
	buf_reset(&out);
	style.colour = true;
	table_add(&t, "head");
	table_add(&t, "body");
	table_print(&t, &style, &out);
	assert_string_equal(buf_str(&out), "\033[2mhead\033[0m\nbody\n");
	table_fini(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layout),
		cmocka_unit_test(wrapping),
		cmocka_unit_test(colour_only_when_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
