// SPDX-License-Identifier: Apache-2.0
/* Lists and maps of strings. */
#include "base/strlist.h"

#include <string.h>

#include "unit.h"

static void a_list_serves_as_argv(void **state)
{
	struct str_list l = { 0 };
	char text[] = "one";

	(void)state;
	assert_int_equal(str_list_add(&l, text), 0);
	text[0] = 'X';
	assert_int_equal(str_list_addf(&l, "%s-%d", "two", 2), 0);
	assert_int_equal(str_list_add(&l, ""), 0);
	assert_int_equal(l.n, 3);
	assert_string_equal(l.v[0], "one");
	assert_string_equal(l.v[1], "two-2");
	assert_string_equal(l.v[2], "");
	assert_null(l.v[3]);
	str_list_fini(&l);
	assert_int_equal(l.n, 0);
	str_list_fini(&l);
}

static void a_copy_is_appended(void **state)
{
	struct str_list from = { 0 }, to = { 0 };

	(void)state;
	assert_int_equal(str_list_copy(&to, &from), 0);
	assert_int_equal(to.n, 0);
	str_list_add(&from, "b");
	str_list_add(&to, "a");
	assert_int_equal(str_list_copy(&to, &from), 0);
	str_list_fini(&from);
	assert_int_equal(to.n, 2);
	assert_string_equal(to.v[1], "b");
	assert_null(to.v[2]);
	str_list_fini(&to);
}

static void a_map_keeps_its_order(void **state)
{
	struct str_map m = { 0 };

	(void)state;
	assert_null(str_map_get(&m, "a"));
	assert_int_equal(str_map_set(&m, "b", "1"), 0);
	assert_int_equal(str_map_set(&m, "a", "2"), 0);
	assert_int_equal(str_map_set(&m, "b", "3"), 0);
	assert_int_equal(m.n, 2);
	assert_string_equal(m.v[0].key, "b");
	assert_string_equal(str_map_get(&m, "b"), "3");
	assert_string_equal(str_map_get(&m, "a"), "2");
	assert_null(str_map_get(&m, "A"));
	str_map_fini(&m);
	assert_int_equal(m.n, 0);
	str_map_fini(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_serves_as_argv),
		cmocka_unit_test(a_copy_is_appended),
		cmocka_unit_test(a_map_keeps_its_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
