// SPDX-License-Identifier: Apache-2.0
/* Failures in words: outermost context first, never longer than their room. */
#include "base/err.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void set_adds_the_words_of_errno(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_int_equal(err_set(&err, -ENOENT, "opening %s", "x.yml"), -ENOENT);
	assert_int_equal(err.code, -ENOENT);
	assert_string_equal(err.text, "opening x.yml: No such file or directory");
}

static void say_is_complete(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_int_equal(err_say(&err, -EINVAL, "expected %d", 5), -EINVAL);
	assert_string_equal(err.text, "expected 5");
}

static void wrap_goes_in_front(void **state)
{
	struct err err = { 0 };

	(void)state;
	err_set(&err, -EACCES, "opening b");
	assert_int_equal(err_wrap(&err, "reading %s", "a"), -EACCES);
	assert_int_equal(err_wrap(&err, "run"), -EACCES);
	assert_string_equal(err.text, "run: reading a: opening b: Permission denied");
	assert_int_equal(err.code, -EACCES);
}

static void the_newest_failure_replaces(void **state)
{
	struct err err = { 0 };

	(void)state;
	err_say(&err, -EIO, "a very long first message");
	err_say(&err, -EINVAL, "b");
	assert_string_equal(err.text, "b");
	assert_int_equal(err.code, -EINVAL);
}

static void long_messages_are_cut(void **state)
{
	struct err err = { 0 };
	char big[3000];

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	err_set(&err, -EIO, "%s", big);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	assert_int_equal(err_wrap(&err, "context"), -EIO);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	assert_memory_equal(err.text, "context: xxx", 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_adds_the_words_of_errno),
		cmocka_unit_test(say_is_complete),
		cmocka_unit_test(wrap_goes_in_front),
		cmocka_unit_test(the_newest_failure_replaces),
		cmocka_unit_test(long_messages_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
