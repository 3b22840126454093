// SPDX-License-Identifier: Apache-2.0
/* Deltas of block counters: what several cgroups of an owner did within a tick is one. */
#include "sample/block_delta.h"

#include <errno.h>
#include <linux/types.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "fake_block.h"
#include "sample/frame.h"
#include "unit.h"

#define DEV (8 << 20 | 1)

static struct fake_block block;
static struct block_delta *delta;
static struct frame frame;

static int setup(void **state)
{
	struct err err = { 0 };

	(void)state;
	fake_block_init(&block);
	fake_block_add(&block, &(struct block_key){ 5, DEV, BLOCK_WRITE, 0 }, "five");
	return frame_init(&frame, 1, 30, &err) || block_delta_open(&delta, &err);
}

static int teardown(void **state)
{
	(void)state;
	block_delta_close(delta);
	frame_fini(&frame);
	return 0;
}

/* All cgroups here are owner 9's, unless a test says so. */
static void put(size_t i)
{
	assert_int_equal(block_delta_put(delta, i, &block.rows[i], 9, &frame), 0);
}

/* Decoded from the frame, as whoever reads it does. */
static void back_of(const struct frame_hist *h, struct hist *ret)
{
	*ret = (struct hist){ .sum = h->sum, .max = h->max };
	assert_int_equal(hist_decode(frame.blobs + h->blob_at, h->blob_len, ret), 0);
}

/* What one cgroup would have counted alone, had it done what both did. */
static void check_merged(const struct frame_hist *h)
{
	static const struct {
		uint32_t bytes;
		uint64_t queue, device;
	} both[] = { { 4096, 100, 1000 },
		     { 65536, 7000, 40000 },
		     { 4096, 50, 2000 },
		     { 512, 300, 90000 },
		     { 4096, 60, 2000 } };

	for (int layer = 0; layer < LAYER_BLOCKS; layer++) {
		bool sizes = layer == LAYER_BLOCK_SIZE;
		struct hist want = { 0 }, got;

		for (size_t i = 0; i < ARRAY_SIZE(both); i++)
			hist_add(&want, sizes			     ? both[i].bytes - 1
					: layer == LAYER_BLOCK_QUEUE ? both[i].queue
					: layer == LAYER_BLOCK_DEVICE
						? both[i].device
						: both[i].queue + both[i].device);
		back_of(&h[layer], &got);
		assert_memory_equal(got.bucket, want.bucket, sizeof(want.bucket));
		assert_int_equal(h[layer].layer, layer);
		assert_int_equal(h[layer].count, 5);
		assert_int_equal(h[layer].ios, 5);
		assert_int_equal(h[layer].bytes, 65536 + 3 * 4096 + 512);
		assert_int_equal(h[layer].errors, 3);
		assert_int_equal(h[layer].sum, want.sum + (sizes ? 5 : 0));
		assert_int_equal(h[layer].max, want.max + sizes);
		assert_int_equal(h[layer].p50, sizes ? 4096 : hist_quantile(&want, 0.5));
		assert_int_equal(h[layer].p99, sizes ? 65536 : hist_quantile(&want, 0.99));
	}
	/* Of sizes, the sum is what was moved. */
	assert_int_equal(h[LAYER_BLOCK_SIZE].sum, h[LAYER_BLOCK_SIZE].bytes);
}

/* The second cgroup of the same owner is row 1; it does what the first does not. */
static void two_cgroups(bool second_first)
{
	size_t order[] = { second_first, !second_first };

	fake_block_add(&block, &(struct block_key){ 6, DEV, BLOCK_WRITE, 0 }, "six");
	fake_block_io(&block, 0, 0, 4096, 100, 1000);
	fake_block_io(&block, 0, 1, 65536, 7000, 40000);
	fake_block_io(&block, 1, 1, 4096, 50, 2000);
	fake_block_io(&block, 1, 0, 512, 300, 90000);
	fake_block_io(&block, 1, 0, 4096, 60, 2000);
	block.slots[0][0].errors = 1;
	block.slots[1][1].errors = 2;
	block.status[0][10] = 1;
	block.status[1][10] = 2;
	block.slots[0][0].consecutive = 1;
	block.slots[1][0].consecutive = 2;
	block.slots[1][1].forward = 1;
	block.slots[0][1].requeues = 4;
	block.slots[1][1].asked = 5;
	block.rare[0] = (struct block_rare){ .merges = 10, .splits = 20, .partial = 30 };
	block.rare[1] = (struct block_rare){ .merges = 1, .splits = 2, .partial = 3 };
	for (size_t i = 0; i < 2; i++)
		put(order[i]);
}

static void two_cgroups_of_an_owner_are_one(void **state)
{
	static const bool orders[] = { false, true };
	const struct frame_block *b;

	for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
		assert_int_equal(teardown(state), 0);
		assert_int_equal(setup(state), 0);
		two_cgroups(orders[i]);
		b = frame.blocks;
		assert_int_equal(frame.n_hists, LAYER_BLOCKS);
		check_merged(frame.hists);
		assert_int_equal(frame.n_blocks, 1);
		assert_int_equal(b->owner, 9);
		assert_int_equal(b->consecutive, 3);
		assert_int_equal(b->forward, 1);
		assert_int_equal(b->requeues, 4);
		assert_int_equal(b->asked, 5);
		assert_int_equal(b->merges, 11);
		assert_int_equal(b->splits, 22);
		assert_int_equal(b->partial, 33);
		assert_int_equal(b->missed, 0);
		/* The store adds these up. */
		assert_int_equal(frame.n_errors, 2);
		assert_int_equal(frame.errors[0].count + frame.errors[1].count, 3);
	}
}

/* Each has its own memory: in the next tick only one of them is active. */
static void what_was_merged_is_not_told_again(void **state)
{
	struct hist got;

	(void)state;
	two_cgroups(false);
	frame_reset(&frame);
	fake_block_io(&block, 1, 0, 8192, 5, 5);
	for (size_t i = 0; i < 2; i++)
		put(i);
	assert_int_equal(frame.n_hists, LAYER_BLOCKS);
	assert_int_equal(frame.hists[LAYER_BLOCK_TOTAL].ios, 1);
	assert_int_equal(frame.hists[LAYER_BLOCK_TOTAL].count, 1);
	assert_int_equal(frame.hists[LAYER_BLOCK_TOTAL].errors, 0);
	assert_int_equal(frame.hists[LAYER_BLOCK_SIZE].p50, 8192);
	back_of(&frame.hists[LAYER_BLOCK_TOTAL], &got);
	assert_int_equal(got.bucket[10], 1);
	assert_int_equal(frame.n_blocks + frame.n_errors, 0);
}

static void others_are_not_merged(void **state)
{
	static const struct {
		struct block_key key;
		uint32_t owner;
		const char *sentence;
	} cases[] = {
		{ { 6, DEV, BLOCK_WRITE, 0 }, 8, "another owner" },
		{ { 6, DEV, BLOCK_READ, 0 }, 9, "another operation" },
		{ { 6, DEV + 16, BLOCK_WRITE, 0 }, 9, "another device" },
	};

	(void)state;
	fake_block_io(&block, 0, 0, 4096, 100, 1000);
	block.slots[0][0].consecutive = 1;
	put(0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t at = fake_block_add(&block, &cases[i].key, "six");

		print_message("%s\n", cases[i].sentence);
		fake_block_io(&block, at, 0, 512, 7, 7);
		block.slots[at][0].consecutive = 1;
		assert_int_equal(
			block_delta_put(delta, at, &block.rows[at], cases[i].owner, &frame), 0);
		assert_int_equal(frame.n_hists, (i + 2) * LAYER_BLOCKS);
		assert_int_equal(frame.n_blocks, i + 2);
		assert_int_equal(frame.hists[frame.n_hists - 1].ios, 1);
		assert_int_equal(frame.blocks[i + 1].consecutive, 1);
	}
	/* Nor did the first one change. */
	assert_int_equal(frame.hists[LAYER_BLOCK_TOTAL].ios, 1);
}

/* One of the two has no latency and no size: the other's stay as they are. */
static void a_cgroup_without_latency_is_merged(void **state)
{
	const struct frame_hist *h = frame.hists;

	(void)state;
	fake_block_add(&block, &(struct block_key){ 6, DEV, BLOCK_WRITE, 0 }, "six");
	block.slots[1][0].ios = 2;
	block.slots[1][0].bytes = 1024;
	fake_block_io(&block, 0, 0, 4096, 100, 1000);
	for (size_t i = 0; i < 4; i++) {
		/* In both orders. */
		size_t at = i == 0 || i == 3;

		if (i == 2) {
			frame_reset(&frame);
			block.slots[1][0].ios += 2;
			block.slots[1][0].bytes += 1024;
			fake_block_io(&block, 0, 0, 4096, 100, 1000);
		}
		put(at);
		if (i % 2 == 0)
			continue;
		assert_int_equal(frame.n_hists, LAYER_BLOCKS);
		for (int layer = 0; layer < LAYER_BLOCKS; layer++) {
			assert_int_equal(h[layer].ios, 3);
			assert_int_equal(h[layer].bytes, 5120);
			assert_int_equal(h[layer].count, 1);
		}
		assert_int_equal(h[LAYER_BLOCK_SIZE].sum, 4096);
		assert_int_equal(h[LAYER_BLOCK_SIZE].max, 4096);
		assert_int_equal(h[LAYER_BLOCK_SIZE].p999, 4096);
		assert_int_equal(h[LAYER_BLOCK_TOTAL].sum, 1100);
	}
}

/* A second cgroup that finds no room leaves what the first has put. */
static void no_room_for_the_second_changes_nothing(void **state)
{
	size_t max_blobs = frame.max_blobs;
	struct frame_hist before[LAYER_BLOCKS];

	(void)state;
	fake_block_io(&block, 0, 0, 4096, 100, 1000);
	put(0);
	memcpy(before, frame.hists, sizeof(before));
	fake_block_add(&block, &(struct block_key){ 6, DEV, BLOCK_WRITE, 0 }, "six");
	fake_block_io(&block, 1, 0, 512, 7, 7);
	frame.max_blobs = frame.n_blobs + 3;
	assert_int_equal(block_delta_put(delta, 1, &block.rows[1], 9, &frame), -ENOSPC);
	frame.max_blobs = max_blobs;
	assert_memory_equal(before, frame.hists, sizeof(before));
	assert_int_equal(frame.n_hists, LAYER_BLOCKS);
	assert_true(block_delta_changed(delta, 1, &block.rows[1]));
	put(1);
	assert_int_equal(frame.hists[LAYER_BLOCK_TOTAL].count, 2);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(two_cgroups_of_an_owner_are_one),
		CASE(what_was_merged_is_not_told_again),
		CASE(others_are_not_merged),
		CASE(a_cgroup_without_latency_is_merged),
		CASE(no_room_for_the_second_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
