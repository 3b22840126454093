// SPDX-License-Identifier: Apache-2.0
/* Names of functions: where they end, and what is not shown of them. */
#include "symbol/name.h"

#include <string.h>

#include "base/cleanup.h"
#include "unit.h"

static void cleaned(void **state)
{
	static const struct {
		const char *label, *raw, *want;
	} cases[] = {
		{ "a name stays", "main", "main" },
		{ "a template with its blanks stays", "std::map<int, char>::at(int)",
		  "std::map<int, char>::at(int)" },
		{ "a version goes", "write@@GLIBC_2.2.5", "write" },
		{ "an older version, too", "memcpy@GLIBC_2.2.5", "memcpy" },
		{ "without a name", "", "_" },
		{ "a version alone is no name", "@GLIBC_2.2.5", "_" },
		{ "what separates frames", "a;b", "a_b" },
		{ "what separates stacks", "a\nb\r", "a_b_" },
		{ "controls, DEL among them", "\033[2J\177", "_[2J_" },
		{ "UTF-8 of two to four bytes stays", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
		  "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80" },
		{ "controls beyond ASCII", "a\xc2\x9b", "a__" },
		{ "a byte that only goes on", "a\x80z", "a_z" },
		{ "a character that is cut", "a\xe2\x82", "a__" },
		{ "a form longer than needed", "\xc0\xaf\xe0\x80\xaf", "_____" },
		{ "half of a surrogate pair", "\xed\xa0\x80", "___" },
		{ "beyond all characters", "\xf4\x90\x80\x80\xff", "_____" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t len = symbol_name_length(cases[i].raw, strlen(cases[i].raw));
		char clean[64];

		memset(clean, 'X', sizeof(clean));
		if (symbol_name_clean(clean, cases[i].raw, len) != strlen(cases[i].want) ||
		    strcmp(clean, cases[i].want) != 0)
			fail_msg("%s: '%s'", cases[i].label, clean);
	}
}

static void lengths(void **state)
{
	char raw[2 * SYMBOL_NAME_MAX], clean[SYMBOL_NAME_MAX + 2];

	(void)state;
	/* Where the table ends, a name ends. */
	assert_int_equal(symbol_name_length("abc", 2), 2);
	assert_int_equal(symbol_name_length("abc", 0), 0);
	memset(raw, 'a', sizeof(raw));
	assert_int_equal(symbol_name_length(raw, sizeof(raw)), SYMBOL_NAME_MAX);
	assert_int_equal(symbol_name_clean(clean, raw, SYMBOL_NAME_MAX), SYMBOL_NAME_MAX);
	assert_int_equal(strlen(clean), SYMBOL_NAME_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(cleaned), cmocka_unit_test(lengths) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
