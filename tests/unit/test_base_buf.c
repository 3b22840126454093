// SPDX-License-Identifier: Apache-2.0
/* Buffers: growth, the limit they are born with, failures that stick. */
#include "base/buf.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void text_adds_up(void **state)
{
	cleanup_buf struct buf b = BUF_INIT(100);

	(void)state;
	assert_string_equal(buf_str(&b), "");
	assert_int_equal(buf_puts(&b, "a"), 0);
	assert_int_equal(buf_put(&b, "b\0c", 3), 0);
	assert_int_equal(buf_printf(&b, "%d-%s", 42, "x"), 0);
	assert_int_equal(b.len, 8);
	assert_memory_equal(b.data, "ab\0c42-x", 9);
}

static void grows_beyond_its_first_size(void **state)
{
	cleanup_buf struct buf b = BUF_INIT(10000);

	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_int_equal(buf_printf(&b, "%d", i % 10), 0);
	assert_int_equal(b.len, 1000);
	assert_int_equal(strlen(b.data), 1000);
	assert_memory_equal(b.data + 990, "0123456789", 11);
}

static void the_limit_is_exact(void **state)
{
	cleanup_buf struct buf b = BUF_INIT(4);

	(void)state;
	assert_int_equal(buf_puts(&b, "1234"), 0);
	assert_int_equal(buf_put(&b, "", 0), 0);
	assert_int_equal(buf_puts(&b, "5"), -EMSGSIZE);
	assert_string_equal(buf_str(&b), "1234");
}

static void the_first_failure_sticks(void **state)
{
	cleanup_buf struct buf b = BUF_INIT(4);

	(void)state;
	assert_int_equal(buf_printf(&b, "%s", "too long"), -EMSGSIZE);
	assert_int_equal(buf_puts(&b, "x"), -EMSGSIZE);
	assert_int_equal(b.failed, -EMSGSIZE);
	assert_string_equal(buf_str(&b), "");
	buf_reset(&b);
	assert_int_equal(b.failed, 0);
	assert_int_equal(buf_puts(&b, "x"), 0);
}

static void a_huge_length_is_refused(void **state)
{
	cleanup_buf struct buf b = BUF_INIT(100);

	(void)state;
	assert_int_equal(buf_puts(&b, "abc"), 0);
	assert_int_equal(buf_put(&b, "x", SIZE_MAX), -EMSGSIZE);
	assert_string_equal(buf_str(&b), "abc");
}

static void steal_hands_over_and_starts_anew(void **state)
{
	cleanup_buf struct buf b = BUF_INIT(4);
	char *s;

	(void)state;
	s = buf_steal(&b);
	assert_string_equal(s, "");
	free(s);
	buf_puts(&b, "abc");
	s = buf_steal(&b);
	assert_string_equal(s, "abc");
	assert_string_equal(buf_str(&b), "");
	assert_int_equal(buf_puts(&b, "12345"), -EMSGSIZE);
	free(s);
}

static void reset_keeps_memory_and_limit(void **state)
{
	cleanup_buf struct buf b = BUF_INIT(10);
	const char *data;

	(void)state;
	buf_puts(&b, "abc");
	data = b.data;
	buf_reset(&b);
	assert_string_equal(buf_str(&b), "");
	assert_ptr_equal(b.data, data);
	buf_fini(&b);
	assert_null(b.data);
	assert_int_equal(b.max, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_adds_up),
		cmocka_unit_test(grows_beyond_its_first_size),
		cmocka_unit_test(the_limit_is_exact),
		cmocka_unit_test(the_first_failure_sticks),
		cmocka_unit_test(a_huge_length_is_refused),
		cmocka_unit_test(steal_hands_over_and_starts_anew),
		cmocka_unit_test(reset_keeps_memory_and_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
