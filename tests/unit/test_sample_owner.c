// SPDX-License-Identifier: Apache-2.0
/* The owner table: order, kinds, and what happens when it is full. */
#include "sample/owner.h"

#include <linux/types.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "launch/target.h"
#include "shared/block.h"

static struct owner_table table;

static void targets_come_first(void **state)
{
	struct target v[2] = { { .name = "web", .container_id = "abc" }, { .name = "load" } };
	struct target_set set = { v, 2 };

	(void)state;
	owner_table_init(&table, &set);
	assert_int_equal(table.n, 2 + OWNER_REASONS);
	assert_string_equal(table.v[0].name, "web");
	assert_int_equal(table.v[0].kind, OWNER_CONTAINER);
	assert_string_equal(table.v[1].name, "load");
	assert_int_equal(table.v[1].kind, OWNER_CONTAINER);
	assert_int_equal(owner_add(&table, OWNER_CGROUP, "/a/b", 77), 2 + OWNER_REASONS);
	assert_string_equal(table.v[2 + OWNER_REASONS].name, "/a/b");
	assert_int_equal(table.v[2 + OWNER_REASONS].cgroup_id, 77);
}

static void nobody_has_an_owner_for_each_reason(void **state)
{
	static const struct {
		enum block_why why;
		uint32_t at; /* behind the targets */
		const char *name, *sentence;
	} cases[] = {
		{ BLOCK_WHY_NO_CGROUP, 0, "unattributed", "no cgroup at all: the plain name" },
		{ BLOCK_WHY_METADATA, 1, "unattributed (metadata)", "the file system's own" },
		{ BLOCK_WHY_WRITEBACK, 2, "unattributed (writeback)", "dirtied by somebody" },
		{ BLOCK_WHY_OWNED, 0, "unattributed", "no reason is told: the plain one" },
	};
	struct target v[2] = { { .name = "a" }, { .name = "b" } };
	struct target_set set = { v, 2 };

	(void)state;
	owner_table_init(&table, &set);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint32_t at = owner_unattributed(2, cases[i].why);

		print_message("%s\n", cases[i].sentence);
		assert_int_equal(at, 2 + cases[i].at);
		assert_string_equal(table.v[at].name, cases[i].name);
		assert_int_equal(table.v[at].kind, OWNER_UNATTRIBUTED);
		assert_int_equal(table.v[at].cgroup_id, 0);
	}
}

static void a_full_table_has_a_last_entry_for_all(void **state)
{
	struct target_set set = { NULL, 0 };
	char name[32];

	(void)state;
	owner_table_init(&table, &set);
	for (int i = OWNER_REASONS; i < OWNER_MAX + 50; i++) {
		uint32_t at;

		snprintf(name, sizeof(name), "/c%d", i);
		at = owner_add(&table, OWNER_CGROUP, name, i);
		assert_int_equal(at, i < OWNER_MAX - 1 ? i : OWNER_MAX - 1);
	}
	assert_int_equal(table.n, OWNER_MAX);
	assert_string_equal(table.v[OWNER_MAX - 2].name, "/c1022");
	assert_string_equal(table.v[OWNER_MAX - 1].name, "other cgroups");
}

static void the_most_targets_leave_room_for_the_others(void **state)
{
	static struct target v[OWNER_MAX];
	struct target_set set = { v, OWNER_MAX };
	uint32_t at;

	(void)state;
	owner_table_init(&table, &set);
	assert_int_equal(table.n, OWNER_MAX - 1);
	at = owner_unattributed(OWNER_MAX_TARGETS, BLOCK_WHY_WRITEBACK);
	assert_string_equal(table.v[at].name, "unattributed (writeback)");
	at = owner_add(&table, OWNER_CGROUP, "/c", 1);
	assert_int_equal(at, OWNER_MAX - 1);
	assert_string_equal(table.v[at].name, "other cgroups");
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
		cmocka_unit_test(nobody_has_an_owner_for_each_reason),
		cmocka_unit_test(the_most_targets_leave_room_for_the_others),
		cmocka_unit_test(a_full_table_has_a_last_entry_for_all),
		cmocka_unit_test(a_long_path_keeps_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
