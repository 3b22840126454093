// SPDX-License-Identifier: Apache-2.0
/* One phase of one rank against a backend in memory: calls, counts, failures, times. */
#include "ior/phase.h"

#include <mpi.h>
#include <stdio.h>
#include <unistd.h>

#include "ior/world.h"
#include "ior_fake.h"
#include "unit.h"

/* 4 transfers of 512 bytes, twice. */
static struct ior_options options(void)
{
	return (struct ior_options){
		.test_file = "f", .block_bytes = 2048, .transfer_bytes = 512, .segments = 2
	};
}

static struct world world;

static int run(struct ior_options *o, const struct phase *p, struct rank_result *r, struct err *err)
{
	struct engine e;
	int rc;

	assert_int_equal(engine_init(&e, o, &world, err), 0);
	e.backend = &backend_fake;
	pattern_sign(&e.pattern, 5);
	rc = phase_run(&e, p, r, err);
	engine_fini(&e);
	return rc;
}

static const struct phase write_all = { .kind = PHASE_WRITE, .limit = UINT64_MAX };
static const struct phase check_all = { .kind = PHASE_READ, .verify = true, .limit = UINT64_MAX };

static const struct {
	const char *why;
	struct fake fake;
	int fsync, fsync_per_write;
	int rc;
	const char *words;
	int writes, syncs, closes;
	uint64_t transfers;
} writes[] = {
	{ "all goes well", { .opens = 0 }, 0, 0, 0, "", 8, 0, 1, 8 },
	{ "-e syncs once", { .opens = 0 }, 1, 0, 0, "", 8, 1, 1, 8 },
	{ "-Y syncs each write", { .opens = 0 }, 0, 1, 0, "", 8, 8, 1, 8 },
	{ "a failed open ends it", { .fail_open = 1 }, 1, 0, -ENOENT, "fake open", 0, 0, 0, 0 },
	{ "a failed write ends it", { .fail_at = 3 }, 1, 0, -EIO, "fake write", 3, 0, 1, 2 },
	{ "a failed sync is a failure",
	  { .fail_sync = true },
	  1,
	  0,
	  -EIO,
	  "fake sync",
	  8,
	  1,
	  1,
	  8 },
	{ "a failed close is a failure",
	  { .fail_close = true },
	  0,
	  0,
	  -EIO,
	  "fake close",
	  8,
	  0,
	  1,
	  8 },
	{ "the first of two failures is told",
	  { .fail_at = 1, .fail_close = true },
	  0,
	  0,
	  -EIO,
	  "fake write",
	  1,
	  0,
	  1,
	  0 },
};

static void test_writes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
		struct ior_options o = options();
		struct rank_result r;
		struct err err = { 0 };
		int rc;

		o.fsync = writes[i].fsync;
		o.fsync_per_write = writes[i].fsync_per_write;
		fake = writes[i].fake;
		rc = run(&o, &write_all, &r, &err);
		if (rc != writes[i].rc || strcmp(err.text, writes[i].words) ||
		    fake.writes != writes[i].writes || fake.syncs != writes[i].syncs ||
		    fake.closes != writes[i].closes || r.transfers != writes[i].transfers ||
		    r.bytes != r.transfers * 512)
			fail_msg("%s: rc %d '%s', %d writes, %d syncs, %d closes, %llu done",
				 writes[i].why, rc, err.text, fake.writes, fake.syncs, fake.closes,
				 (unsigned long long)r.transfers);
	}
}

static void test_times_are_in_order(void **state)
{
	struct ior_options o = options();
	struct rank_result r;
	struct err err;

	(void)state;
	fake = (struct fake){ 0 };
	o.barriers = 1;
	assert_int_equal(run(&o, &write_all, &r, &err), 0);
	for (int i = 1; i < T_COUNT; i++)
		assert_true(r.t_ns[i] >= r.t_ns[i - 1]);
}

static void test_wrong_data_is_counted(void **state)
{
	struct ior_options o = options();
	struct rank_result r;
	struct err err;

	(void)state;
	fake = (struct fake){ 0 };
	assert_int_equal(run(&o, &write_all, &r, &err), 0);
	assert_int_equal(run(&o, &check_all, &r, &err), 0);
	assert_int_equal(r.wrong_transfers, 0);
	fake.reads = 0;
	fake.flip_at = 2;
	assert_int_equal(run(&o, &check_all, &r, &err), 0);
	assert_int_equal(r.wrong_transfers, 1);
	assert_int_equal(r.wrong_offset, 512 + 3);
	assert_int_equal(r.wrong_expected ^ r.wrong_found, 1);
	assert_int_equal(r.transfers, 8);
}

static void test_limit(void **state)
{
	struct phase p = { .kind = PHASE_READ, .limit = 3 };
	struct ior_options o = options();
	struct rank_result r;
	struct err err;

	(void)state;
	fake = (struct fake){ 0 };
	assert_int_equal(run(&o, &p, &r, &err), 0);
	assert_int_equal(fake.reads, 3);
}

static void test_signature_is_learnt_from_the_file(void **state)
{
	struct ior_options o = options();
	struct rank_result r;
	struct engine e;
	struct err err;

	(void)state;
	fake = (struct fake){ 0 };
	assert_int_equal(run(&o, &write_all, &r, &err), 0);
	assert_int_equal(engine_init(&e, &o, &world, &err), 0);
	e.backend = &backend_fake;
	pattern_sign(&e.pattern, 0);
	phase_learn(&e, 0, 0);
	assert_int_equal(e.pattern.signature, 5);
	fake.fail_open = 1;
	pattern_sign(&e.pattern, 0);
	phase_learn(&e, 0, 0); /* left as it was */
	assert_int_equal(e.pattern.signature, 0);
	engine_fini(&e);
}

static uint64_t resident_bytes(void)
{
	unsigned long long total, resident = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%llu %llu", &total, &resident), 2);
	fclose(f);
	return resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

static const struct {
	const char *why;
	uint64_t bytes;
	int64_t dry_run;
	int rc;
	bool taken;
} hogs[] = {
	{ "none is asked for", 0, 0, 0, false },
	{ "it is there, not only promised", 32 << 20, 0, 0, true },
	{ "a dry run takes none", 32 << 20, 1, 0, false },
	{ "more than an address space holds", INT64_MAX, 0, -ENOMEM, false },
};

static void test_memory_is_taken_and_given_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(hogs) / sizeof(hogs[0]); i++) {
		uint64_t before = resident_bytes(), during;
		struct ior_options o = options();
		struct engine e;
		struct err err = { 0 };
		int rc;

		o.memory_bytes = hogs[i].bytes;
		o.dry_run = hogs[i].dry_run;
		rc = engine_init(&e, &o, &world, &err);
		during = resident_bytes();
		engine_fini(&e);
		if (rc != hogs[i].rc || (during >= before + (32 << 20)) != hogs[i].taken ||
		    resident_bytes() >= before + (16 << 20))
			fail_msg("%s: rc %d '%s', %llu bytes before, %llu during", hogs[i].why, rc,
				 err.text, (unsigned long long)before, (unsigned long long)during);
		if (rc)
			assert_non_null(strstr(err.text, "memoryPerTask"));
	}
}

int main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_writes),
		cmocka_unit_test(test_times_are_in_order),
		cmocka_unit_test(test_wrong_data_is_counted),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_signature_is_learnt_from_the_file),
		cmocka_unit_test(test_memory_is_taken_and_given_back),
	};
	struct err err;
	int rc;

	world_preset_env();
	MPI_Init(&argc, &argv);
	rc = world_init(&world, &err) || cmocka_run_group_tests(tests, NULL, NULL);
	MPI_Finalize();
	return rc;
}
