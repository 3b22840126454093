// SPDX-License-Identifier: Apache-2.0
/* The transfer loop against a backend in memory: deadlines, wear-out, repetition. */
#include "ior/transfer.h"

#include <mpi.h>

#include "ior/world.h"
#include "ior_fake.h"
#include "unit.h"

#define N 100000ull

static struct world world;

static const struct {
	const char *why;
	struct ior_options o;
	uint64_t limit;
	uint64_t least, most; /* transfers */
	int stonewalled;
} cases[] = {
	{ "nothing stops it", { 0 }, UINT64_MAX, N, N, 0 },
	{ "a limit stops it", { 0 }, 7, 7, 7, 0 },
	{ "nothing to do", { 0 }, 0, 0, 0, 0 },
	{ "a deadline stops it", { .deadline_s = 1, .io_delay_us = 100000 }, UINT64_MAX, 1, 20, 1 },
	{ "a deadline that is far stops nothing", { .deadline_s = 600 }, 50, 50, 50, 0 },
	{ "wear-out of the only rank adds nothing",
	  { .deadline_s = 1, .io_delay_us = 100000, .wear_out = 1 },
	  UINT64_MAX,
	  1,
	  20,
	  1 },
	{ "a minimum starts over", { .min_duration_s = 1, .io_delay_us = 10000 }, 2, 3, 200, 0 },
};

static void test_ends(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ior_options o = cases[i].o;
		struct phase p = { .kind = PHASE_WRITE, .limit = cases[i].limit };
		struct transfer t = { .phase = &p, .file = &fake };
		struct rank_result r = { 0 };
		struct engine e;
		struct err err;

		o.block_bytes = N * 8;
		o.transfer_bytes = 8;
		o.segments = 1;
		fake = (struct fake){ 0 };
		assert_int_equal(engine_init(&e, &o, &world, &err), 0);
		e.backend = &backend_fake;
		t.engine = &e;
		t.err = &err;
		offsets_init(&t.offsets, &o, 0, 1, 0);
		if (transfer_run(&t, &r) || r.transfers < cases[i].least ||
		    r.transfers > cases[i].most || r.stonewalled != cases[i].stonewalled ||
		    (uint64_t)fake.writes != r.transfers)
			fail_msg("%s: %llu transfers, stonewalled %d", cases[i].why,
				 (unsigned long long)r.transfers, r.stonewalled);
		engine_fini(&e);
	}
}

static void test_calls_are_recorded(void **state)
{
	struct ior_options o = {
		.block_bytes = 32, .transfer_bytes = 8, .segments = 1, .op_csv = "unused"
	};
	struct phase p = { .kind = PHASE_READ, .limit = UINT64_MAX };
	struct transfer t = { .phase = &p, .file = &fake };
	struct rank_result r = { 0 };
	struct engine e;
	struct err err;

	(void)state;
	fake = (struct fake){ 0 };
	assert_int_equal(engine_init(&e, &o, &world, &err), 0);
	e.backend = &backend_fake;
	t.engine = &e;
	t.err = &err;
	offsets_init(&t.offsets, &o, 0, 1, 0);
	assert_int_equal(transfer_run(&t, &r), 0);
	assert_int_equal(e.oplog.n, 4);
	assert_int_equal(e.oplog.dropped, 0);
	engine_fini(&e);
}

int main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_calls_are_recorded),
	};
	struct err err;
	int rc;

	world_preset_env();
	MPI_Init(&argc, &argv);
	rc = world_init(&world, &err) || cmocka_run_group_tests(tests, NULL, NULL);
	MPI_Finalize();
	return rc;
}
