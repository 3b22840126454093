// SPDX-License-Identifier: Apache-2.0
/* Who reads whose data. */
#include "ior/reorder.h"

#include <string.h>

#include "ior/options.h"
#include "unit.h"

static const struct {
	const char *why;
	int constant, offset, rank, tasks, per_node, expected;
} shifts[] = {
	{ "without -C a task reads its own data", 0, 1, 3, 4, 2, 3 },
	{ "-C moves by one node", 1, 1, 0, 4, 2, 2 },
	{ "-C wraps around", 1, 1, 3, 4, 2, 1 },
	{ "-C -Q 2 moves by two nodes", 1, 2, 0, 8, 2, 4 },
	{ "-C -Q 0 moves nowhere", 1, 0, 1, 4, 2, 1 },
	{ "-C changes nothing on one node", 1, 1, 1, 4, 4, 1 },
	{ "-C with one task per node", 1, 1, 2, 3, 1, 0 },
	{ "-C with a single task", 1, 1, 0, 1, 1, 0 },
};

static void test_shifts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(shifts) / sizeof(shifts[0]); i++) {
		struct ior_options o = { .reorder_constant = shifts[i].constant,
					 .task_offset = shifts[i].offset };
		int got = -1;

		assert_int_equal(reorder_rank(&o, shifts[i].rank, shifts[i].tasks,
					      shifts[i].per_node, 0, &got),
				 0);
		if (got != shifts[i].expected)
			fail_msg("%s: got %d", shifts[i].why, got);
	}
}

static void map_all(const struct ior_options *o, int tasks, int per_node, int rep, int *map)
{
	for (int r = 0; r < tasks; r++)
		assert_int_equal(reorder_rank(o, r, tasks, per_node, rep, &map[r]), 0);
}

/* Every task's data is read exactly once, at least -Q nodes away where possible. */
static void test_random_is_a_permutation(void **state)
{
	static const int sizes[] = { 1, 2, 3, 8, 64 };

	(void)state;
	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		for (int seed = 0; seed < 8; seed++) {
			struct ior_options o = { .reorder_random = 1,
						 .task_offset = 1,
						 .reorder_seed = seed };
			int map[64], seen[64] = { 0 }, n = sizes[s];

			map_all(&o, n, 1, 0, map);
			for (int r = 0; r < n; r++) {
				assert_in_range(map[r], 0, n - 1);
				assert_int_equal(seen[map[r]]++, 0);
				if (n > 1)
					assert_int_not_equal(map[r], r);
			}
		}
	}
}

static void test_random_is_not_a_shift(void **state)
{
	struct ior_options o = { .reorder_random = 1, .task_offset = 1 };
	int map[64], first, equal = 0;

	(void)state;
	map_all(&o, 64, 1, 0, map);
	first = (map[0] + 64) % 64;
	for (int r = 0; r < 64; r++)
		equal += (map[r] - r + 64) % 64 == first;
	assert_true(equal < 16);
}

static void test_negative_seed_changes_per_repetition(void **state)
{
	struct ior_options o = { .reorder_random = 1, .task_offset = 1, .reorder_seed = -5 };
	int a[64], b[64];

	(void)state;
	map_all(&o, 64, 1, 0, a);
	map_all(&o, 64, 1, 1, b);
	assert_memory_not_equal(a, b, sizeof(a));
	o.reorder_seed = 5;
	map_all(&o, 64, 1, 0, a);
	map_all(&o, 64, 1, 1, b);
	assert_memory_equal(a, b, sizeof(a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shifts),
		cmocka_unit_test(test_random_is_a_permutation),
		cmocka_unit_test(test_random_is_not_a_shift),
		cmocka_unit_test(test_negative_seed_changes_per_repetition),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
