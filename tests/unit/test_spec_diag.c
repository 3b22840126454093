// SPDX-License-Identifier: Apache-2.0
/* Messages: order, repetition, bounds. */
#include "spec/diag.h"

#include <string.h>

#include "base/buf.h"
#include "unit.h"

static struct diag_mark at(size_t line, size_t col)
{
	return (struct diag_mark){ .line = line, .col = col };
}

static void messages_are_sorted(void **state)
{
	struct diag_mark set = { .origin = "k" };
	struct buf out = BUF_INIT(4096);
	struct diag d = { 0 };

	(void)state;
	diag_error(&d, set, "first %s", "told");
	diag_error(&d, at(10, 1), "late");
	diag_error(&d, at(2, 9), "right");
	diag_warn(&d, at(2, 1), "left");
	diag_error(&d, at(2, 9), "right again");
	assert_int_equal(d.errors, 4);
	diag_flush(&d, "f", &out);
	assert_string_equal(buf_str(&out), "f:2:1: warning: left\n"
					   "f:2:9: right\n"
					   "f:2:9: right again\n"
					   "f:10:1: late\n"
					   "--set k: first told\n");
	diag_fini(&d);
	buf_fini(&out);
}

static void the_same_is_told_once(void **state)
{
	struct buf out = BUF_INIT(4096);
	struct diag d = { 0 };

	(void)state;
	diag_error(&d, at(1, 1), "x");
	diag_error(&d, at(1, 1), "x");
	diag_error(&d, at(1, 2), "x");
	diag_flush(&d, "f", &out);
	assert_string_equal(buf_str(&out), "f:1:1: x\nf:1:2: x\n");
	assert_int_equal(d.errors, 2);
	diag_fini(&d);
	buf_fini(&out);
}

static void later_checks_leave_wrong_values_alone(void **state)
{
	struct buf out = BUF_INIT(4096);
	struct diag d = { 0 };

	(void)state;
	diag_error(&d, at(1, 1), "not a size");
	diag_warn(&d, at(2, 1), "odd");
	d.checking = true;
	diag_error(&d, at(1, 1), "missing");
	diag_error(&d, at(2, 1), "wrong");
	diag_flush(&d, "f", &out);
	assert_string_equal(buf_str(&out),
			    "f:1:1: not a size\nf:2:1: warning: odd\nf:2:1: wrong\n");
	diag_fini(&d);
	buf_fini(&out);
}

static void a_message_is_one_clean_line(void **state)
{
	struct buf out = BUF_INIT(4096);
	struct diag d = { 0 };

	(void)state;
	diag_error(&d, at(1, 1), "got 'a\nb\x1b[1m\xff'");
	diag_flush(&d, "f", &out);
	assert_string_equal(buf_str(&out), "f:1:1: got 'a b [1m?'\n");
	diag_fini(&d);
	buf_fini(&out);
}

static void there_is_an_end(void **state)
{
	struct buf out = BUF_INIT(65536);
	struct diag d = { 0 };

	(void)state;
	for (int i = 1; i <= 250; i++)
		diag_error(&d, at(i, 1), "x");
	assert_int_equal(d.errors, 250);
	diag_flush(&d, "f", &out);
	assert_non_null(strstr(buf_str(&out), "f:200:1: x\nf:1:1: and 50 more errors\n"));
	diag_fini(&d);
	buf_fini(&out);
}

static void places_are_found(void **state)
{
	struct diag d = { 0 };
	int field = 0, parent = 0, other = 0;

	(void)state;
	diag_place(&d, &parent, at(1, 1));
	for (size_t i = 0; i < 100; i++)
		diag_place(&d, &other, at(i, 5));
	diag_place(&d, &field, at(3, 3));
	diag_place(&d, &field, at(4, 4));
	assert_int_equal(diag_find(&d, &field, &parent).line, 4);
	assert_int_equal(diag_find(&d, &other, NULL).line, 99);
	assert_int_equal(diag_find(&d, &state, &parent).line, 1);
	assert_int_equal(diag_find(&d, NULL, NULL).line, 1);
	diag_fini(&d);
}

static void variants_are_told_where_they_differ(void **state)
{
	struct buf out = BUF_INIT(4096);
	struct diag d = { 0 };

	(void)state;
	diag_error(&d, at(1, 1), "before");
	for (int i = 0; i < 3; i++) {
		static const char *const labels[] = { "a=1", "a=2", "a=3" };

		diag_variant(&d, labels[i]);
		diag_error(&d, at(2, 1), "of all");
		diag_error(&d, at(2, 1), "of all");
		if (i)
			diag_error(&d, at(3, 1), "of two");
		if (i == 2)
			diag_warn(&d, at(4, 1), "of one");
	}
	diag_variant(&d, NULL);
	diag_error(&d, at(5, 1), "after");
	assert_int_equal(d.errors, 4);
	diag_flush(&d, "f", &out);
	assert_string_equal(buf_str(&out), "f:1:1: before\n"
					   "f:2:1: of all\n"
					   "f:3:1: of two (a=2, and 1 more)\n"
					   "f:4:1: warning: of one (a=3)\n"
					   "f:5:1: after\n");
	diag_fini(&d);
	buf_fini(&out);
}

static void a_wrong_value_hides_checks_of_its_own_variant_alone(void **state)
{
	struct buf out = BUF_INIT(4096);
	struct diag d = { 0 };

	(void)state;
	diag_variant(&d, "a=1");
	diag_error(&d, at(1, 1), "no size");
	d.checking = true;
	diag_error(&d, at(1, 1), "missing");
	diag_variant(&d, "a=2");
	d.checking = true;
	diag_error(&d, at(1, 1), "too small");
	diag_flush(&d, "f", &out);
	assert_string_equal(buf_str(&out), "f:1:1: no size (a=1)\nf:1:1: too small (a=2)\n");
	diag_fini(&d);
	buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(variants_are_told_where_they_differ),
		cmocka_unit_test(a_wrong_value_hides_checks_of_its_own_variant_alone),
		cmocka_unit_test(messages_are_sorted),
		cmocka_unit_test(the_same_is_told_once),
		cmocka_unit_test(later_checks_leave_wrong_values_alone),
		cmocka_unit_test(a_message_is_one_clean_line),
		cmocka_unit_test(there_is_an_end),
		cmocka_unit_test(places_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
