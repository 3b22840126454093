// SPDX-License-Identifier: Apache-2.0
/* Deltas of block counters: what is new is put once, what finds no room is put later. */
#include "sample/block_delta.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "probe/block.h"
#include "sample/frame.h"

static struct block_slot slot;
static struct block_row row = { .key = { 5, 8 << 20 | 1, BLOCK_WRITE }, .now = &slot };
static struct block_delta *delta;
static struct frame frame;

static int setup(void **state)
{
	struct err err = { 0 };

	(void)state;
	memset(&slot, 0, sizeof(slot));
	return frame_init(&frame, 1, 30, &err) || block_delta_open(&delta, &err);
}

static int teardown(void **state)
{
	(void)state;
	block_delta_close(delta);
	frame_fini(&frame);
	return 0;
}

/* One request of 4096 bytes: queued @q ns, @d ns in the device. */
static void request(uint64_t q, uint64_t d)
{
	slot.ios++;
	slot.bytes += 4096;
	hist_add(&slot.queue, q);
	hist_add(&slot.device, d);
	hist_add(&slot.total, q + d);
}

static void three_layers_with_the_same_counts(void **state)
{
	const struct frame_hist *h = frame.hists;
	struct hist back = { 0 };

	(void)state;
	assert_false(block_delta_changed(delta, 3, &row));
	request(100, 1000);
	request(200, 5000);
	slot.errors = 1;
	assert_true(block_delta_changed(delta, 3, &row));
	assert_int_equal(block_delta_put(delta, 3, &row, 9, &frame), 0);
	assert_int_equal(frame.n_hists, 3);
	for (int i = 0; i < LAYER_COUNT; i++) {
		assert_int_equal(h[i].layer, i);
		assert_int_equal(h[i].owner, 9);
		assert_int_equal(h[i].op, BLOCK_WRITE);
		assert_int_equal(h[i].dev, 8 << 20 | 1);
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
	assert_int_equal(hist_decode(frame.blobs + h[1].blob_at, h[1].blob_len, &back), 0);
	assert_memory_equal(back.bucket, slot.device.bucket, sizeof(back.bucket));
	assert_int_equal(h[2].blob_at + h[2].blob_len, frame.n_blobs);
}

static void only_what_is_new(void **state)
{
	(void)state;
	request(100, 1000);
	assert_int_equal(block_delta_put(delta, 0, &row, 0, &frame), 0);
	assert_false(block_delta_changed(delta, 0, &row));
	/* Another row has its own memory. */
	assert_true(block_delta_changed(delta, BLOCK_MAX_SLOTS - 1, &row));
	request(1, 1);
	frame_reset(&frame);
	assert_int_equal(block_delta_put(delta, 0, &row, 0, &frame), 0);
	assert_int_equal(frame.hists[LAYER_BLOCK_TOTAL].ios, 1);
	assert_int_equal(frame.hists[LAYER_BLOCK_TOTAL].count, 1);
	assert_int_equal(frame.hists[LAYER_BLOCK_TOTAL].max, 2);
}

static void requests_without_a_start_have_no_latency(void **state)
{
	(void)state;
	slot.ios = 4;
	slot.bytes = 1;
	assert_true(block_delta_changed(delta, 0, &row));
	assert_int_equal(block_delta_put(delta, 0, &row, 0, &frame), 0);
	assert_int_equal(frame.hists[0].ios, 4);
	assert_int_equal(frame.hists[0].count, 0);
	assert_int_equal(frame.hists[0].blob_len, 0);
}

static void what_finds_no_room_stays(void **state)
{
	size_t max_blobs = frame.max_blobs, max_hists = frame.max_hists;

	(void)state;
	request(100, 1000);
	frame.max_hists = 2;
	assert_int_equal(block_delta_put(delta, 0, &row, 0, &frame), -ENOSPC);
	frame.max_hists = max_hists;
	frame.max_blobs = 3;
	assert_int_equal(block_delta_put(delta, 0, &row, 0, &frame), -ENOSPC);
	assert_int_equal(frame.n_hists, 0);
	assert_int_equal(frame.n_blobs, 0);
	frame.max_blobs = max_blobs;
	request(100, 1000);
	assert_int_equal(block_delta_put(delta, 0, &row, 0, &frame), 0);
	assert_int_equal(frame.hists[0].ios, 2);
}

/* The kernel was between its two updates when we looked: nothing is lost. */
static void a_torn_histogram_is_completed_later(void **state)
{
	(void)state;
	request(100, 1000);
	slot.total.count++; /* counted, not yet in its bucket */
	slot.ios++;
	assert_int_equal(block_delta_put(delta, 0, &row, 0, &frame), 0);
	assert_int_equal(frame.hists[LAYER_BLOCK_TOTAL].ios, 2);
	assert_int_equal(frame.hists[LAYER_BLOCK_TOTAL].count, 1);
	slot.total.bucket[hist_bucket(77)]++;
	assert_true(block_delta_changed(delta, 0, &row));
	frame_reset(&frame);
	assert_int_equal(block_delta_put(delta, 0, &row, 0, &frame), 0);
	assert_int_equal(frame.hists[LAYER_BLOCK_TOTAL].ios, 0);
	assert_int_equal(frame.hists[LAYER_BLOCK_TOTAL].count, 1);
	assert_false(block_delta_changed(delta, 0, &row));
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(three_layers_with_the_same_counts),	CASE(only_what_is_new),
		CASE(requests_without_a_start_have_no_latency), CASE(what_finds_no_room_stays),
		CASE(a_torn_histogram_is_completed_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
