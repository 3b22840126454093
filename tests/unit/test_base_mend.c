// SPDX-License-Identifier: Apache-2.0
/* What is UTF-8 stays, and of what is not each bad byte is a question mark. */
#include "base/mend.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "unit.h"

static const struct {
	const char *text, *want, *why;
} rows[] = {
	{ "", "", "nothing" },
	{ "a;b [x]", "a;b [x]", "ASCII" },
	{ "\x01\x7f", "\x01\x7f", "control characters are characters" },
	{ "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f", "two bytes" },
	{ "\xe2\x82\xac", "\xe2\x82\xac", "three bytes" },
	{ "\xf0\x9f\x90\x9d", "\xf0\x9f\x90\x9d", "four bytes" },
	{ "\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf", "the last code point" },
	{ "\xf4\x90\x80\x80", "????", "past the last" },
	{ "\xed\x9f\xbf", "\xed\x9f\xbf", "the last before the surrogates" },
	{ "\xed\xa0\x80", "???", "a surrogate" },
	{ "\xc0\xaf", "??", "a slash in two bytes" },
	{ "\xe0\x80\xaf", "???", "and in three" },
	{ "\xf0\x80\x80\xaf", "????", "and in four" },
	{ "a\xff"
	  "b",
	  "a?b", "no first byte" },
	{ "a\x80"
	  "b",
	  "a?b", "a later one without a first" },
	{ "a\xc3", "a?", "cut after one of two" },
	{ "a\xe2\x82", "a??", "cut after two of three" },
	{ "a\xf0\x9f\x90", "a???", "cut after three of four" },
	{ "\xe2\x82"
	  "a\xc3\xbc",
	  "??a\xc3\xbc", "what follows is looked at again" },
	{ "\xc3\xe2\x82\xac", "?\xe2\x82\xac", "also when it begins another" },
};

static void bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_free char *got = mend_utf8(rows[i].text);

		assert_non_null(got);
		if (strcmp(got, rows[i].want))
			fail_msg("%s: %s", rows[i].why, got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(bytes) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
