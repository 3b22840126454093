// SPDX-License-Identifier: Apache-2.0
/* The owner table: order, kinds, and what happens when it is full. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "launch/target.h"
#include "sample/owner.h"

static struct owner_table table;

static void targets_come_first(void **state)
{
	struct target v[2] = { { .name = "web", .container_id = "abc" }, { .name = "load" } };
	struct target_set set = { v, 2 };

	(void)state;
	owner_table_init(&table, &set);
	assert_int_equal(table.n, 3);
	assert_string_equal(table.v[0].name, "web");
	assert_int_equal(table.v[0].kind, OWNER_CONTAINER);
	assert_string_equal(table.v[1].name, "load");
	assert_int_equal(table.v[1].kind, OWNER_WORKLOAD);
	assert_string_equal(table.v[owner_unattributed(2)].name, "unattributed");
	assert_int_equal(table.v[2].kind, OWNER_UNATTRIBUTED);
	assert_int_equal(owner_add(&table, OWNER_CGROUP, "/a/b", 77), 3);
	assert_string_equal(table.v[3].name, "/a/b");
	assert_int_equal(table.v[3].cgroup_id, 77);
}

static void a_full_table_has_a_last_entry_for_all(void **state)
{
	struct target_set set = { NULL, 0 };
	char name[32];

	(void)state;
	owner_table_init(&table, &set);
	for (int i = 1; i < OWNER_MAX + 50; i++) {
		uint32_t at;

		snprintf(name, sizeof(name), "/c%d", i);
		at = owner_add(&table, OWNER_CGROUP, name, i);
		assert_int_equal(at, i < OWNER_MAX - 1 ? i : OWNER_MAX - 1);
	}
	assert_int_equal(table.n, OWNER_MAX);
	assert_string_equal(table.v[OWNER_MAX - 2].name, "/c1022");
	assert_string_equal(table.v[OWNER_MAX - 1].name, "other cgroups");
}

static void a_long_path_keeps_its_end(void **state)
{
	struct target_set set = { NULL, 0 };
	char path[400];
	uint32_t at;

	(void)state;
	memset(path, 'x', sizeof(path));
	strcpy(path + sizeof(path) - 6, "/last");
	owner_table_init(&table, &set);
	at = owner_add(&table, OWNER_CGROUP, path, 1);
	assert_int_equal(strlen(table.v[at].name), sizeof(table.v[at].name) - 1);
	assert_memory_equal(table.v[at].name, "...x", 4);
	assert_non_null(strstr(table.v[at].name, "x/last"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(targets_come_first),
		cmocka_unit_test(a_full_table_has_a_last_entry_for_all),
		cmocka_unit_test(a_long_path_keeps_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
