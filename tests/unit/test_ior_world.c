// SPDX-License-Identifier: Apache-2.0
/* One rank alone: counts, clocks, verdicts. Several ranks: tests/integration/ior.bats. */
#include "ior/world.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "unit.h"

static const struct {
	const char *why;
	uint64_t v[4];
	int n, distinct;
} counts[] = {
	{ "nothing", { 0 }, 0, 0 },
	{ "one", { 7 }, 1, 1 },
	{ "all the same", { 7, 7, 7, 7 }, 4, 1 },
	{ "alternating", { 7, 9, 7, 9 }, 4, 2 },
	{ "all different", { 4, 3, 2, 1 }, 4, 4 },
};

static void test_counts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		uint64_t v[4];

		memcpy(v, counts[i].v, sizeof(v));
		if (world_count_distinct(v, counts[i].n) != counts[i].distinct)
			fail_msg("%s", counts[i].why);
	}
}

static void test_alone(void **state)
{
	struct err err = { 0 };
	struct world w;
	uint64_t before, now;

	(void)state;
	assert_int_equal(world_init(&w, &err), 0);
	assert_int_equal(w.rank, 0);
	assert_int_equal(w.size, 1);
	assert_int_equal(w.nodes, 1);
	assert_int_equal(w.tasks_per_node, 1);
	assert_int_equal(w.skew_ns, 0);
	before = clock_mono_ns();
	now = world_now_ns(&w);
	assert_true(now >= before && now <= clock_mono_ns());
	world_delay(&w, 0);
}

static void test_verdicts(void **state)
{
	struct err err = { 0 };
	struct world w;

	(void)state;
	assert_int_equal(world_init(&w, &err), 0);
	assert_int_equal(world_agree(&w, 0, &err), 0);
	err_say(&err, -ENOSPC, "full");
	assert_int_equal(world_agree(&w, -ENOSPC, &err), -ENOSPC);
	assert_string_equal(err.text, "full");
}

static void test_the_user_s_settings_win(void **state)
{
	(void)state;
	setenv("OMPI_MCA_btl_vader_single_copy_mechanism", "cma", 1);
	world_preset_env();
	assert_string_equal(getenv("OMPI_MCA_btl_vader_single_copy_mechanism"), "cma");
}

int main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_alone),
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_the_user_s_settings_win),
	};
	int rc;

	world_preset_env();
	MPI_Init(&argc, &argv);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	MPI_Finalize();
	return rc;
}
