// SPDX-License-Identifier: Apache-2.0
/* Deltas of block counters: what is new is put once, what finds no room is put later. */
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
static const struct block_row *row = &block.rows[0];
static struct block_slot *slot = block.slots[0];
static struct block_rare *rare = &block.rare[0];
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

/* One request of 4096 bytes, queued @q ns, @d ns in the device, counted by whichever CPU. */
static void request(uint64_t q, uint64_t d)
{
	static unsigned int bank;

	fake_block_io(&block, 0, bank++ % FAKE_BLOCK_BANKS, 4096, q, d);
}

static int put(size_t i)
{
	return block_delta_put(delta, i, row, 9, &frame);
}

static void all_layers_with_the_same_counts(void **state)
{
	static struct block_counts counts;
	const struct frame_hist *h = frame.hists;
	struct hist back = { 0 };

	(void)state;
	assert_false(block_delta_changed(delta, 3, row));
	request(100, 1000);
	request(200, 5000);
	slot[1].errors = 1;
	assert_true(block_delta_changed(delta, 3, row));
	assert_int_equal(put(3), 0);
	assert_int_equal(frame.n_hists, LAYER_BLOCKS);
	for (int i = 0; i < LAYER_BLOCKS; i++) {
		assert_int_equal(h[i].layer, i);
		assert_int_equal(h[i].owner, 9);
		assert_int_equal(h[i].op, BLOCK_WRITE);
		assert_int_equal(h[i].dev, DEV);
		assert_int_equal(h[i].ios, 2);
		assert_int_equal(h[i].bytes, 8192);
		assert_int_equal(h[i].errors, 1);
		assert_int_equal(h[i].count, 2);
	}
	assert_int_equal(h[LAYER_BLOCK_QUEUE].sum, 300);
	assert_int_equal(h[LAYER_BLOCK_DEVICE].max, 5000);
	assert_int_equal(h[LAYER_BLOCK_TOTAL].sum, 6300);
	/* Within the bound of a bucket. */
	assert_in_range(h[LAYER_BLOCK_DEVICE].p50, 969, 1031);
	assert_in_range(h[LAYER_BLOCK_DEVICE].p999, 4844, 5000);
	block_row_read(row, &counts);
	assert_int_equal(hist_decode(frame.blobs + h[1].blob_at, h[1].blob_len, &back), 0);
	for (unsigned int i = 0; i < HIST_BUCKETS; i++)
		assert_int_equal(back.bucket[i], counts.sum.hists.bucket[i][BLOCK_DEVICE]);
	assert_int_equal(h[LAYER_BLOCKS - 1].blob_at + h[LAYER_BLOCKS - 1].blob_len, frame.n_blobs);
}

/* They are counted less 1: what is told is bytes again. */
static void sizes_are_bytes(void **state)
{
	static const struct {
		uint32_t bytes[3];
		uint64_t sum, p50, p99, max;
		const char *sentence;
	} cases[] = {
		{ { 512, 512, 512 }, 1536, 512, 512, 512, "the smallest request there is" },
		{ { 4096, 4096, 4096 }, 12288, 4096, 4096, 4096, "a power of two is exact" },
		{ { 4096, 4096, 1 << 20 }, 1056768, 4096, 1 << 20, 1 << 20, "two of them too" },
		{ { 5120, 5120, 5120 }, 15360, 5120, 5120, 5120, "a sixteenth between two is" },
		{ { 4608, 4608, 65536 }, 74752, 4608, 65536, 65536, "an odd number of sectors" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct frame_hist *h = &frame.hists[LAYER_BLOCK_SIZE];

		print_message("%s\n", cases[i].sentence);
		memset(slot, 0, sizeof(block.slots[0]));
		for (size_t k = 0; k < 3; k++)
			fake_block_io(&block, 0, k % FAKE_BLOCK_BANKS, cases[i].bytes[k], 1, 1);
		frame_reset(&frame);
		/* Each case is a row of its own. */
		assert_int_equal(put(i), 0);
		assert_int_equal(h->count, 3);
		assert_int_equal(h->sum, cases[i].sum);
		assert_int_equal(h->sum, h->bytes);
		assert_int_equal(h->p50, cases[i].p50);
		assert_int_equal(h->p99, cases[i].p99);
		assert_int_equal(h->p999, cases[i].max);
		assert_int_equal(h->max, cases[i].max);
	}
}

static void only_what_is_new(void **state)
{
	(void)state;
	request(100, 1000);
	assert_int_equal(put(0), 0);
	assert_false(block_delta_changed(delta, 0, row));
	/* Another row has its own memory. */
	assert_true(block_delta_changed(delta, BLOCK_MAX_ROWS - 1, row));
	request(1, 1);
	frame_reset(&frame);
	assert_int_equal(put(0), 0);
	assert_int_equal(frame.hists[LAYER_BLOCK_TOTAL].ios, 1);
	assert_int_equal(frame.hists[LAYER_BLOCK_TOTAL].count, 1);
	assert_int_equal(frame.hists[LAYER_BLOCK_TOTAL].max, 2);
	assert_int_equal(frame.hists[LAYER_BLOCK_SIZE].count, 1);
	assert_int_equal(frame.hists[LAYER_BLOCK_SIZE].sum, 4096);
}

static void requests_without_a_start_have_no_latency(void **state)
{
	(void)state;
	slot->ios = 4;
	slot->bytes = 1;
	assert_true(block_delta_changed(delta, 0, row));
	assert_int_equal(put(0), 0);
	assert_int_equal(frame.hists[0].ios, 4);
	assert_int_equal(frame.hists[0].count, 0);
	assert_int_equal(frame.hists[0].blob_len, 0);
	/* Of no size nothing is told, not even 0 + 1. */
	assert_int_equal(frame.hists[LAYER_BLOCK_SIZE].sum, 0);
	assert_int_equal(frame.hists[LAYER_BLOCK_SIZE].max, 0);
	/* Nor is there anything to say beside. */
	assert_int_equal(frame.n_blocks + frame.n_errors, 0);
}

/* Buckets are 32 bits wide: what is counted across their end is not lost. */
static void buckets_wrap(void **state)
{
	unsigned int b = hist_bucket(1000);

	(void)state;
	slot[0].hists.bucket[b][BLOCK_DEVICE] = 0x7fffffff;
	slot[1].hists.bucket[b][BLOCK_DEVICE] = 0x7fffffff;
	slot[0].ios = slot[1].ios = 1;
	assert_int_equal(put(0), 0);
	assert_int_equal(frame.hists[LAYER_BLOCK_DEVICE].count, 0xfffffffe);
	request(1, 1000);
	request(1, 1000);
	request(1, 1000);
	frame_reset(&frame);
	assert_int_equal(put(0), 0);
	assert_int_equal(frame.hists[LAYER_BLOCK_DEVICE].count, 3);
	assert_int_equal(frame.hists[LAYER_BLOCK_DEVICE].ios, 3);
}

static void what_has_no_latency_is_beside(void **state)
{
	const struct frame_block *b = frame.blocks;

	(void)state;
	slot[0].ios = 20;
	slot[0].asked = 1;
	slot[1].asked = 1;
	slot[1].ios = 20;
	slot[0].consecutive = 3;
	slot[1].forward = 4;
	slot[1].requeues = 5;
	rare->merges = 6;
	rare->splits = 7;
	rare->partial = 8;
	rare->missed_ios = 9;
	rare->missed_bytes = 9 * 4096;
	assert_int_equal(put(0), 0);
	assert_int_equal(frame.n_blocks, 1);
	assert_int_equal(b->owner, 9);
	assert_int_equal(b->op, BLOCK_WRITE);
	assert_int_equal(b->dev, DEV);
	assert_int_equal(b->asked, 2);
	assert_int_equal(b->consecutive, 3);
	assert_int_equal(b->forward, 4);
	assert_int_equal(b->requeues, 5);
	assert_int_equal(b->merges, 6);
	assert_int_equal(b->splits, 7);
	assert_int_equal(b->partial, 8);
	assert_int_equal(b->missed, 9);
	/* What was missed is done all the same. */
	assert_int_equal(frame.hists[0].ios, 49);
	assert_int_equal(frame.hists[0].bytes, 9 * 4096);

	rare->splits++;
	frame_reset(&frame);
	assert_true(block_delta_changed(delta, 0, row));
	assert_int_equal(put(0), 0);
	assert_int_equal(frame.n_blocks, 1);
	assert_int_equal(b->splits, 1);
	assert_int_equal(b->asked + b->consecutive + b->forward + b->requeues + b->merges +
				 b->partial + b->missed,
			 0);
	/* A tick with nothing of it has no row. */
	request(1, 1);
	frame_reset(&frame);
	assert_int_equal(put(0), 0);
	assert_int_equal(frame.n_blocks, 0);
}

static void errors_by_status(void **state)
{
	const struct frame_error *e = frame.errors;

	(void)state;
	slot->ios = slot->errors = 3;
	block.status[0][10] = 2;
	block.status[0][BLOCK_STATUSES - 1] = 1;
	assert_int_equal(put(0), 0);
	assert_int_equal(frame.n_errors, 2);
	assert_int_equal(e[0].status, 10);
	assert_int_equal(e[0].count, 2);
	assert_int_equal(e[0].owner, 9);
	assert_int_equal(e[0].op, BLOCK_WRITE);
	assert_int_equal(e[0].dev, DEV);
	assert_int_equal(e[1].status, BLOCK_STATUSES - 1);
	assert_int_equal(e[1].count, 1);
	slot->ios = slot->errors = 4;
	block.status[0][10] = 3;
	frame_reset(&frame);
	assert_int_equal(put(0), 0);
	assert_int_equal(frame.n_errors, 1);
	assert_int_equal(e[0].count, 1);
}

static void what_finds_no_room_stays(void **state)
{
	static const struct {
		size_t *max, left;
		const char *sentence;
	} cases[] = {
		{ &frame.max_hists, LAYER_BLOCKS - 1, "not all of the layers fit" },
		{ &frame.max_blobs, 3, "the histograms' bytes do not" },
		{ &frame.max_blocks, 0, "what has no latency does not" },
		{ &frame.max_errors, BLOCK_STATUSES - 1, "not every kind of error would" },
	};

	(void)state;
	request(100, 1000);
	rare->merges = 1;
	block.status[0][1] = 1;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t max = *cases[i].max;

		print_message("%s\n", cases[i].sentence);
		*cases[i].max = cases[i].left;
		assert_int_equal(put(0), -ENOSPC);
		*cases[i].max = max;
		assert_int_equal(frame.n_hists + frame.n_blobs, 0);
		assert_int_equal(frame.n_blocks + frame.n_errors, 0);
		assert_true(block_delta_changed(delta, 0, row));
	}
	request(100, 1000);
	assert_int_equal(put(0), 0);
	assert_int_equal(frame.hists[0].ios, 2);
	assert_int_equal(frame.n_blocks, 1);
	assert_int_equal(frame.n_errors, 1);
}

/* The kernel was between two of its updates when we looked: nothing is lost. */
static void a_torn_request_is_completed_later(void **state)
{
	(void)state;
	request(100, 1000);
	/* Bytes and the size come first, the request itself and its times last. */
	slot->bytes += 4096;
	fake_live_add(slot, BLOCK_SIZE, 4095);
	assert_int_equal(put(0), 0);
	assert_int_equal(frame.hists[LAYER_BLOCK_TOTAL].ios, 1);
	assert_int_equal(frame.hists[LAYER_BLOCK_TOTAL].bytes, 8192);
	assert_int_equal(frame.hists[LAYER_BLOCK_TOTAL].count, 1);
	assert_int_equal(frame.hists[LAYER_BLOCK_SIZE].count, 2);
	slot->ios++;
	fake_live_add(slot, BLOCK_TOTAL, 77);
	assert_true(block_delta_changed(delta, 0, row));
	frame_reset(&frame);
	assert_int_equal(put(0), 0);
	assert_int_equal(frame.hists[LAYER_BLOCK_TOTAL].ios, 1);
	assert_int_equal(frame.hists[LAYER_BLOCK_TOTAL].bytes, 0);
	assert_int_equal(frame.hists[LAYER_BLOCK_TOTAL].count, 1);
	assert_int_equal(frame.hists[LAYER_BLOCK_SIZE].count, 0);
	assert_false(block_delta_changed(delta, 0, row));
}

/* A sum was raised and its bucket was not yet. */
static void a_torn_histogram_is_completed_with_the_next_request(void **state)
{
	(void)state;
	request(100, 1000);
	slot->ios++;
	slot->hists.of[BLOCK_DEVICE].sum += 77;
	assert_int_equal(put(0), 0);
	assert_int_equal(frame.hists[LAYER_BLOCK_DEVICE].ios, 2);
	assert_int_equal(frame.hists[LAYER_BLOCK_DEVICE].count, 1);
	slot->hists.bucket[hist_bucket(77)][BLOCK_DEVICE]++;
	request(100, 1000);
	assert_true(block_delta_changed(delta, 0, row));
	frame_reset(&frame);
	assert_int_equal(put(0), 0);
	assert_int_equal(frame.hists[LAYER_BLOCK_DEVICE].ios, 1);
	assert_int_equal(frame.hists[LAYER_BLOCK_DEVICE].count, 2);
}

/* As the last sweep asks every row, whether it is known to have changed or not. */
static void nothing_new_puts_nothing(void **state)
{
	(void)state;
	assert_int_equal(put(0), 0);
	assert_int_equal(frame.n_hists, 0);
	request(100, 1000);
	rare->merges = 1;
	block.status[0][1] = 1;
	assert_int_equal(put(0), 0);
	frame_reset(&frame);
	assert_int_equal(put(0), 0);
	assert_int_equal(frame.n_hists + frame.n_blocks + frame.n_errors + frame.n_blobs, 0);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(all_layers_with_the_same_counts),
		CASE(sizes_are_bytes),
		CASE(only_what_is_new),
		CASE(requests_without_a_start_have_no_latency),
		CASE(buckets_wrap),
		CASE(what_has_no_latency_is_beside),
		CASE(errors_by_status),
		CASE(what_finds_no_room_stays),
		CASE(a_torn_request_is_completed_later),
		CASE(a_torn_histogram_is_completed_with_the_next_request),
		CASE(nothing_new_puts_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
