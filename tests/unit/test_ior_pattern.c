// SPDX-License-Identifier: Apache-2.0
/* Test data: any wrong byte is found, wherever it is, in every kind of data. */
#include "ior/pattern.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "unit.h"

#define XFER 2048

static const enum ior_packet kinds[] = { PACKET_GENERIC, PACKET_OFFSET, PACKET_INCOMPRESSIBLE,
					 PACKET_TIMESTAMP, PACKET_RANDOM };
#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void start(struct pattern *p, enum ior_packet kind, size_t size, uint32_t signature)
{
	struct err err;

	assert_int_equal(pattern_init(p, kind, size, &err), 0);
	pattern_sign(p, signature);
}

static void test_right_data_passes(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_KINDS; i++) {
		struct pattern_mismatch m;
		uint8_t copy[XFER];
		struct pattern p;

		start(&p, kinds[i], XFER, 5);
		memcpy(copy, pattern_at(&p, 3, 1 << 20), XFER);
		(void)pattern_at(&p, 0, 0); /* another transfer in between */
		assert_true(pattern_verify(&p, 3, 1 << 20, copy, &m));
		pattern_fini(&p);
	}
}

static void test_each_flipped_byte_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_KINDS; i++) {
		struct pattern p;
		uint8_t copy[XFER];

		start(&p, kinds[i], XFER, 5);
		memcpy(copy, pattern_at(&p, 0, 8 * XFER), XFER);
		for (size_t at = 0; at < XFER; at++) {
			struct pattern_mismatch m;

			copy[at] ^= 0x10;
			if (pattern_verify(&p, 0, 8 * XFER, copy, &m) || m.at != at ||
			    m.found != copy[at] || (m.expected ^ m.found) != 0x10)
				fail_msg("kind %zu: byte %zu passed", i, at);
			copy[at] ^= 0x10;
		}
		pattern_fini(&p);
	}
}

static const struct {
	const char *why;
	uint64_t file, offset;
	uint32_t signature;
	bool unsigned_too; /* also noticed by kinds without signature */
} strays[] = {
	{ "data of another offset", 0, 2 * XFER, 5, true },
	{ "data of another file", 1, XFER, 5, true },
	{ "data of an earlier run", 0, XFER, 6, false },
};

static void test_stray_data_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_KINDS; i++) {
		for (size_t c = 0; c < sizeof(strays) / sizeof(strays[0]); c++) {
			struct pattern_mismatch m;
			uint8_t copy[XFER];
			struct pattern p;

			if (kinds[i] == PACKET_OFFSET && !strays[c].unsigned_too)
				continue;
			start(&p, kinds[i], XFER, strays[c].signature);
			memcpy(copy, pattern_at(&p, strays[c].file, strays[c].offset), XFER);
			pattern_sign(&p, 5);
			if (pattern_verify(&p, 0, XFER, copy, &m))
				fail_msg("kind %zu: %s passed", i, strays[c].why);
			pattern_fini(&p);
		}
	}
}

/* A sector that landed in the place of its neighbour. */
static void test_swapped_sectors_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_KINDS; i++) {
		uint8_t copy[XFER], sector[512];
		struct pattern_mismatch m;
		struct pattern p;

		start(&p, kinds[i], XFER, 5);
		memcpy(copy, pattern_at(&p, 0, 0), XFER);
		memcpy(sector, copy, 512);
		memcpy(copy, copy + 512, 512);
		memcpy(copy + 512, sector, 512);
		assert_false(pattern_verify(&p, 0, 0, copy, &m));
		pattern_fini(&p);
	}
}

static void test_zeroes_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_KINDS; i++) {
		static const uint8_t zero[XFER];
		struct pattern_mismatch m;
		struct pattern p;

		start(&p, kinds[i], XFER, 0);
		assert_false(pattern_verify(&p, 0, 0, zero, &m));
		pattern_fini(&p);
	}
}

/* The words as documented, for a reader that shares no code with us. */
static void test_documented_words(void **state)
{
	const uint64_t *w;
	struct pattern p;

	(void)state;
	start(&p, PACKET_GENERIC, XFER, 0xabcd);
	w = pattern_at(&p, 2, 4096);
	assert_true(w[0] == (4096 ^ 2ull << 48));
	assert_true(w[1] == (0xabcdull << 32 | 8));
	assert_true(w[64] == ((4096 + 512) ^ 2ull << 48));
	assert_true(w[255] == (0xabcdull << 32 | 255 * 8));
	pattern_fini(&p);
	start(&p, PACKET_TIMESTAMP, XFER, 0xabcd);
	w = pattern_at(&p, 0, 4096);
	assert_true(w[0] == 4096 && w[1] == 0x0000abcd0000abcdull);
	pattern_fini(&p);
	start(&p, PACKET_OFFSET, XFER, 0xabcd);
	w = pattern_at(&p, 0, 4096);
	assert_true(w[0] == 4096 && w[1] == 8 && w[65] == 65 * 8);
	pattern_fini(&p);
}

static void test_signature_can_be_learnt(void **state)
{
	static const struct {
		const char *why;
		enum ior_packet kind;
		size_t size;
		int rc;
	} cases[] = {
		{ "generic data carries it", PACKET_GENERIC, XFER, 0 },
		{ "timestamp data carries it", PACKET_TIMESTAMP, 16, 0 },
		{ "a transfer of one word has no room", PACKET_GENERIC, 8, -1 },
		{ "offset data has none", PACKET_OFFSET, XFER, -1 },
		{ "random data hides it", PACKET_RANDOM, XFER, -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t got = 0;
		struct pattern p;
		int rc;

		start(&p, cases[i].kind, cases[i].size, 0x1234);
		rc = pattern_learn(&p, pattern_at(&p, 0, 0), &got);
		if (!rc != !cases[i].rc || (!rc && got != 0x1234))
			fail_msg("%s", cases[i].why);
		pattern_fini(&p);
	}
}

/* Deduplication must not find the same block twice, nor a compressor repeat one. */
static void test_incompressible_blocks_differ(void **state)
{
	enum { BLOCK = 4096, N = 64 };
	uint8_t *all = malloc(BLOCK * N);
	struct pattern p;
	int equal = 0;

	(void)state;
	start(&p, PACKET_INCOMPRESSIBLE, BLOCK, 0);
	for (uint64_t i = 0; i < N; i++)
		memcpy(all + i * BLOCK, pattern_at(&p, 0, i * BLOCK), BLOCK);
	for (int a = 0; a < N; a++)
		for (int b = a + 1; b < N; b++)
			equal += !memcmp(all + a * BLOCK + 8, all + b * BLOCK + 8, 256);
	assert_true(equal < N / 8);
	free(all);
	pattern_fini(&p);
}

static void test_buffers_are_aligned_for_direct_io(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_KINDS; i++) {
		struct pattern p;

		start(&p, kinds[i], XFER, 9);
		for (uint64_t k = 0; k < 100; k++)
			assert_int_equal((uintptr_t)pattern_at(&p, 0, k * XFER) % PATTERN_ALIGN, 0);
		pattern_fini(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_right_data_passes),
		cmocka_unit_test(test_each_flipped_byte_is_found),
		cmocka_unit_test(test_stray_data_is_found),
		cmocka_unit_test(test_swapped_sectors_are_found),
		cmocka_unit_test(test_zeroes_are_found),
		cmocka_unit_test(test_documented_words),
		cmocka_unit_test(test_signature_can_be_learnt),
		cmocka_unit_test(test_incompressible_blocks_differ),
		cmocka_unit_test(test_buffers_are_aligned_for_direct_io),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
