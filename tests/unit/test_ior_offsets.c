// SPDX-License-Identifier: Apache-2.0
/* Where transfers go: layout of shared and own files, random orders without loss. */
#include "ior/offsets.h"

#include <stdlib.h>
#include <string.h>

#include "ior/options.h"
#include "unit.h"

static const struct {
	const char *why;
	int fpp, rank, tasks;
	uint64_t k, offset;
} places[] = {
	/* transfer 10, block 20, 3 segments */
	{ "shared: rank 0 starts the file", 0, 0, 2, 0, 0 },
	{ "shared: second transfer of the block", 0, 0, 2, 1, 10 },
	{ "shared: rank 1 follows rank 0's block", 0, 1, 2, 0, 20 },
	{ "shared: the next segment follows all blocks", 0, 0, 2, 2, 40 },
	{ "shared: last transfer of the last rank ends the file", 0, 1, 2, 5, 110 },
	{ "own file: rank 1 starts at 0", 1, 1, 2, 0, 0 },
	{ "own file: segments are adjacent", 1, 1, 2, 2, 20 },
	{ "own file: last transfer", 1, 1, 2, 5, 50 },
	{ "one task: shared is contiguous", 0, 0, 1, 5, 50 },
};

static struct ior_options small(int fpp, int random)
{
	return (struct ior_options){ .block_bytes = 20,
				     .transfer_bytes = 10,
				     .segments = 3,
				     .file_per_proc = fpp,
				     .random_offset = random };
}

static void test_places(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct ior_options o = small(places[i].fpp, 0);
		struct offsets f;

		offsets_init(&f, &o, places[i].rank, places[i].tasks, 0);
		assert_int_equal(f.n, 6);
		if (offsets_at(&f, places[i].k) != places[i].offset)
			fail_msg("%s: got %llu", places[i].why,
				 (unsigned long long)offsets_at(&f, places[i].k));
	}
}

static void test_permutation_is_one(void **state)
{
	static const uint64_t sizes[] = { 1, 2, 3, 4, 5, 7, 16, 17, 63, 64, 65, 1000, 4096, 10007 };

	(void)state;
	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		for (uint64_t key = 0; key < 5; key++) {
			uint8_t *seen = calloc(sizes[s], 1);
			struct permutation p;

			permutation_init(&p, sizes[s], key);
			for (uint64_t i = 0; i < sizes[s]; i++) {
				uint64_t at = permutation_at(&p, i);

				if (at >= sizes[s] || seen[at]++)
					fail_msg("n %llu key %llu: %llu twice or outside",
						 (unsigned long long)sizes[s],
						 (unsigned long long)key, (unsigned long long)at);
			}
			free(seen);
		}
	}
}

static void test_permutation_of_a_huge_file(void **state)
{
	struct permutation p;

	(void)state;
	permutation_init(&p, 1ull << 62, 1);
	assert_true(permutation_at(&p, 12345) < 1ull << 62);
	assert_true(permutation_at(&p, 12345) != permutation_at(&p, 12346));
}

/* Each transfer of a shared file belongs to exactly one task, in no plain order. */
static void test_random_covers_a_shared_file(void **state)
{
	enum { TASKS = 3, N = 6 * TASKS };
	struct ior_options o = small(0, 1);
	int seen[N] = { 0 }, in_order = 0;

	(void)state;
	for (int rank = 0; rank < TASKS; rank++) {
		struct offsets f;

		offsets_init(&f, &o, rank, TASKS, 0);
		for (uint64_t k = 0; k < f.n; k++) {
			uint64_t at = offsets_at(&f, k) / 10;

			assert_true(at < N);
			seen[at]++;
			in_order += at == (uint64_t)rank * f.n + k;
		}
	}
	for (int i = 0; i < N; i++)
		assert_int_equal(seen[i], 1);
	assert_true(in_order < N / 2);
}

static void test_random_covers_own_files(void **state)
{
	struct ior_options o = small(1, 1);

	(void)state;
	for (int rank = 0; rank < 4; rank++) {
		int seen[6] = { 0 };
		struct offsets f;

		offsets_init(&f, &o, rank, 4, 0);
		for (uint64_t k = 0; k < f.n; k++)
			seen[offsets_at(&f, k) / 10]++;
		for (int i = 0; i < 6; i++)
			assert_int_equal(seen[i], 1);
	}
}

static void test_replacement_stays_inside_and_repeats(void **state)
{
	struct ior_options o = small(0, 2);
	int seen[12] = { 0 }, missed = 0;
	struct offsets f, again;

	(void)state;
	o.segments = 6;
	for (int rank = 0; rank < 2; rank++) {
		offsets_init(&f, &o, rank, 2, 0);
		offsets_init(&again, &o, rank, 2, 0);
		for (uint64_t k = 0; k < f.n; k++) {
			assert_true(offsets_at(&f, k) < 240);
			assert_int_equal(offsets_at(&f, k) % 10, 0);
			assert_int_equal(offsets_at(&f, k), offsets_at(&again, k));
			seen[offsets_at(&f, k) / 20]++;
		}
	}
	for (int i = 0; i < 12; i++)
		missed += seen[i] == 0;
	assert_true(missed < 12);
}

static const struct {
	const char *why;
	int64_t seed;
	bool same;
} seeds[] = {
	{ "no seed: each repetition the same", 0, true },
	{ "a seed: each repetition the same", 7, true },
	{ "a negative seed: each repetition another", -7, false },
};

static void test_seed_over_repetitions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
		struct ior_options o = { .block_bytes = 1 << 20,
					 .transfer_bytes = 1024,
					 .segments = 1,
					 .random_offset = 1,
					 .reorder_seed = seeds[i].seed };
		struct offsets a, b;
		int equal = 0;

		offsets_init(&a, &o, 0, 1, 0);
		offsets_init(&b, &o, 0, 1, 1);
		for (uint64_t k = 0; k < a.n; k++)
			equal += offsets_at(&a, k) == offsets_at(&b, k);
		if ((equal == (int)a.n) != seeds[i].same)
			fail_msg("%s: %d equal", seeds[i].why, equal);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_permutation_is_one),
		cmocka_unit_test(test_permutation_of_a_huge_file),
		cmocka_unit_test(test_random_covers_a_shared_file),
		cmocka_unit_test(test_random_covers_own_files),
		cmocka_unit_test(test_replacement_stays_inside_and_repeats),
		cmocka_unit_test(test_seed_over_repetitions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
