// SPDX-License-Identifier: Apache-2.0
/* Well-formed and other UTF-8. */
#include "base/utf8.h"

#include <string.h>

#include "unit.h"

static const struct {
	const char *label, *text;
	size_t n; /* of the first code point; 0: not UTF-8 */
	unsigned int cp;
} cases[] = {
	{ "a letter", "a", 1, 'a' },
	{ "the end", "", 1, 0 },
	{ "two bytes, the least", "\xc2\x80", 2, 0x80 },
	{ "two bytes, the most", "\xdf\xbf", 2, 0x7ff },
	{ "three bytes, the least", "\xe0\xa0\x80", 3, 0x800 },
	{ "three bytes, the most", "\xef\xbf\xbf", 3, 0xffff },
	{ "four bytes, the least", "\xf0\x90\x80\x80", 4, 0x10000 },
	{ "four bytes, the most", "\xf4\x8f\xbf\xbf", 4, 0x10ffff },
	{ "beyond Unicode", "\xf4\x90\x80\x80", 0, 0 },
	{ "overlong, two bytes", "\xc1\xbf", 0, 0 },
	{ "overlong, three bytes", "\xe0\x9f\xbf", 0, 0 },
	{ "overlong, four bytes", "\xf0\x8f\xbf\xbf", 0, 0 },
	{ "a surrogate", "\xed\xa0\x80", 0, 0 },
	{ "a continuation alone", "\x80", 0, 0 },
	{ "cut after one of two", "\xc3", 0, 0 },
	{ "cut after two of three", "\xe2\x82", 0, 0 },
	{ "cut after three of four", "\xf0\x9f\x98", 0, 0 },
	{ "a letter inside", "\xe2x\x82", 0, 0 },
	{ "no first byte", "\xff", 0, 0 },
};

static void code_points_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unsigned int cp = 0;
		size_t n = utf8_next(cases[i].text, &cp);

		if (n != cases[i].n || cp != cases[i].cp)
			fail_msg("%s: %zu bytes, U+%04x", cases[i].label, n, cp);
		if (utf8_valid(cases[i].text) != (cases[i].n > 0))
			fail_msg("%s: valid", cases[i].label);
	}
}

static void text_is_cleaned(void **state)
{
	char text[] = "a\xc3\xa9\t\x7f\xc2\x9b\xff\xe2\x82z\xe2";

	(void)state;
	utf8_clean(text);
	assert_string_equal(text, "a\xc3\xa9    ???z?");
	assert_true(utf8_valid(text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(code_points_are_read),
		cmocka_unit_test(text_is_cleaned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
