// SPDX-License-Identifier: Apache-2.0
/* Live counters as they are read: banks added up, devices brought up to a moment. */
#include <linux/types.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hist.h"
#include "fake_block.h"
#include "fake_random.h"
#include "unit.h"

#define DEV (8 << 20)
#define NS(n) ((uint64_t)(n) << BLOCK_SHARE_SHIFT) /* as shares are counted */

static struct fake_block block;
static const struct block_row *row = &block.rows[0];
static struct block_slot *slot = block.slots[0];
static struct block_disk *disk = &block.disks[0];
static struct block_counts counts;
static struct block_disk_view view;

static int setup(void **state)
{
	(void)state;
	fake_block_init(&block);
	fake_block_add(&block, &(struct block_key){ 5, DEV, BLOCK_READ, 0 }, "five");
	return 0;
}

static void nothing_is_zero(void **state)
{
	static const struct block_counts empty;

	(void)state;
	memset(&counts, 0xff, sizeof(counts));
	block_row_read(row, &counts);
	assert_memory_equal(&counts, &empty, sizeof(empty));
	assert_int_equal(block_row_activity(row), 0);
}

static void banks_are_added(void **state)
{
	static const struct {
		size_t at;
		const char *sentence;
	} cases[] = {
		{ offsetof(struct block_slot, ios), "requests" },
		{ offsetof(struct block_slot, bytes), "bytes" },
		{ offsetof(struct block_slot, errors), "errors" },
		{ offsetof(struct block_slot, requeues), "requeues" },
		{ offsetof(struct block_slot, asked), "flushes asked for" },
		{ offsetof(struct block_slot, consecutive), "consecutive ones" },
		{ offsetof(struct block_slot, forward), "those further on" },
		{ offsetof(struct block_slot, hists.of[BLOCK_QUEUE].sum), "time in the queue" },
		{ offsetof(struct block_slot, hists.of[BLOCK_DEVICE].sum), "time in the device" },
		{ offsetof(struct block_slot, hists.of[BLOCK_TOTAL].sum), "all of the time" },
		{ offsetof(struct block_slot, hists.of[BLOCK_SIZE].sum), "sizes" },
	};

	(void)state;
	for (unsigned int b = 0; b < FAKE_BLOCK_BANKS; b++)
		for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
			*(__u64 *)((char *)&slot[b] + cases[i].at) = (i + 1) << 20 * b;
	block_row_read(row, &counts);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t got = *(__u64 *)((char *)&counts.sum + cases[i].at);

		if (got != (i + 1) * ((1 << 20) + 1))
			fail_msg("%s: %#llx", cases[i].sentence, (unsigned long long)got);
	}
}

static void one_bank_is_as_good(void **state)
{
	(void)state;
	block.rows[0].n_banks = 1;
	fake_block_io(&block, 0, 0, 512, 1, 2);
	fake_block_io(&block, 0, 1, 512, 1, 2); /* not this row's */
	block_row_read(row, &counts);
	assert_int_equal(counts.sum.ios, 1);
	assert_int_equal(counts.sum.hists.of[BLOCK_TOTAL].sum, 3);
}

static void the_largest_of_all_banks_is_the_max(void **state)
{
	(void)state;
	fake_block_io(&block, 0, 0, 512, 10, 900);
	fake_block_io(&block, 0, 1, 8192, 70, 20);
	fake_block_io(&block, 0, 0, 4096, 30, 20);
	block_row_read(row, &counts);
	assert_int_equal(counts.sum.hists.of[BLOCK_QUEUE].max, 70);
	assert_int_equal(counts.sum.hists.of[BLOCK_DEVICE].max, 900);
	assert_int_equal(counts.sum.hists.of[BLOCK_TOTAL].max, 910);
	assert_int_equal(counts.sum.hists.of[BLOCK_SIZE].max, 8191);
	assert_int_equal(counts.sum.hists.bucket[hist_bucket(20)][BLOCK_DEVICE], 2);
	assert_int_equal(counts.sum.hists.bucket[hist_bucket(900)][BLOCK_DEVICE], 1);
}

/* Banks and their sum are counted modulo 2^32: differences of sums stay right. */
static void buckets_wrap_in_banks_and_in_the_sum(void **state)
{
	static const struct {
		uint32_t before[2], more[2];
		uint64_t n;
		const char *sentence;
	} cases[] = {
		{ { 0, 0 }, { 3, 4 }, 7, "far from the end" },
		{ { UINT32_MAX, 0 }, { 1, 0 }, 1, "one bank wraps" },
		{ { UINT32_MAX, UINT32_MAX }, { 5, 6 }, 11, "both wrap" },
		{ { 0x80000000, 0x7fffffff }, { 1, 0 }, 1, "only their sum does" },
		{ { 7, 9 }, { 0x7fffffff, 0x80000000 }, UINT32_MAX, "the most that can be told" },
	};
	unsigned int b = hist_bucket(1000);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		static struct block_counts before;
		struct hist delta;

		for (unsigned int k = 0; k < 2; k++) {
			slot[k].ios = 1;
			slot[k].hists.bucket[b][BLOCK_TOTAL] = cases[i].before[k];
		}
		block_row_read(row, &before);
		for (unsigned int k = 0; k < 2; k++)
			slot[k].hists.bucket[b][BLOCK_TOTAL] += cases[i].more[k];
		block_row_read(row, &counts);
		hist_set_delta(&counts.sum.hists, &before.sum.hists, BLOCK_TOTAL, &delta);
		if (delta.count != cases[i].n || delta.bucket[b] != cases[i].n)
			fail_msg("%s: %llu", cases[i].sentence, (unsigned long long)delta.count);
	}
}

static void missed_requests_are_done(void **state)
{
	(void)state;
	fake_block_io(&block, 0, 1, 512, 1, 2);
	block.rare[0] = (struct block_rare){
		.missed_ios = 3, .missed_bytes = 3 * 4096, .merges = 4, .splits = 5, .partial = 6
	};
	block.status[0][10] = 7;
	block.status[0][BLOCK_STATUSES - 1] = 8;
	block_row_read(row, &counts);
	assert_int_equal(counts.sum.ios, 4);
	assert_int_equal(counts.sum.bytes, 512 + 3 * 4096);
	/* without a time */
	assert_int_equal(counts.sum.hists.of[BLOCK_TOTAL].sum, 3);
	assert_memory_equal(&counts.rare, &block.rare[0], sizeof(counts.rare));
	assert_memory_equal(counts.status, block.status[0], sizeof(counts.status));
}

static void activity_tells_of_every_event(void **state)
{
	static const struct {
		__u64 *counter;
		const char *sentence;
	} cases[] = {
		{ &block.slots[0][0].ios, "a request" },
		{ &block.slots[0][1].ios, "a request in the last bank" },
		{ &block.slots[0][1].bytes, "a part of one" },
		{ &block.slots[0][1].errors, "an error" },
		{ &block.slots[0][1].requeues, "a requeue" },
		{ &block.slots[0][1].hists.of[BLOCK_TOTAL].sum, "a time" },
		{ &block.slots[0][1].hists.of[BLOCK_DEVICE].sum, "a time in the device" },
		{ &block.rare[0].missed_ios, "a request without a completion" },
		{ &block.rare[0].missed_bytes, "its bytes" },
		{ &block.rare[0].merges, "a merge" },
		{ &block.rare[0].splits, "a split" },
		{ &block.rare[0].partial, "a completion in part" },
	};
	uint64_t before = block_row_activity(row), now;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		++*cases[i].counter;
		now = block_row_activity(row);
		if (now == before)
			fail_msg("%s is not told", cases[i].sentence);
		/* and nothing is told twice */
		assert_int_equal(block_row_activity(row), now);
		before = now;
	}
	/* Another row's do not matter. */
	fake_block_add(&block, &(struct block_key){ 6, DEV, BLOCK_READ, 0 }, "six");
	fake_block_io(&block, 1, 0, 512, 1, 1);
	assert_int_equal(block_row_activity(row), before);
}

static void disks_are_those_in_use(void **state)
{
	static struct block_disk all[BLOCK_MAX_DISKS];

	(void)state;
	assert_int_equal(block_probe_disks(&block.probe), 0);
	block.disks[0].dev = DEV;
	assert_int_equal(block_probe_disks(&block.probe), 1);
	block.disks[1].dev = DEV + 16;
	assert_int_equal(block_probe_disks(&block.probe), 2);
	for (size_t i = 0; i < BLOCK_MAX_DISKS; i++)
		all[i].dev = i + 1;
	block.probe.disks = all;
	assert_int_equal(block_probe_disks(&block.probe), BLOCK_MAX_DISKS);
	/* Without shares there is nothing to be told of them. */
	block.probe.shares = false;
	assert_int_equal(block_probe_disks(&block.probe), 0);
	assert_int_equal(block_disks_seen(&block.probe), BLOCK_MAX_DISKS);
}

static void what_is_told_of_a_device(void **state)
{
	(void)state;
	*disk = (struct block_disk){
		.n_sharers = BLOCK_SHARERS + 5, /* never to be believed */
		.last_ns = 50,
		.busy_ns = 1,
		.depth_ns = 2,
		.max_depth = 4,
		.dev = DEV,
		.clock_requests = 5,
		.clock_unset = 6,
		.clock_early = 7,
		.clock_early_max_ns = 8,
	};
	memset(disk->name, 'x', sizeof(disk->name)); /* without an end */
	disk->sharer[31].share = 9;
	block_probe_disk(&block.probe, 0, 1000, &view);
	assert_int_equal(view.dev, DEV);
	assert_int_equal(strlen(view.name), sizeof(view.name) - 1);
	assert_int_equal(view.busy_ns, 1);
	assert_int_equal(view.depth_ns, 2);
	assert_int_equal(view.depth, 0);
	assert_int_equal(view.max_depth, 4);
	assert_int_equal(view.n_sharers, BLOCK_SHARERS);
	assert_int_equal(view.sharer[31].share, 9);
	assert_int_equal(view.clock_requests, 5);
	assert_int_equal(view.clock_unset, 6);
	assert_int_equal(view.clock_early, 7);
	assert_int_equal(view.clock_early_max_ns, 8);
}

static void a_device_is_brought_up_to_a_moment(void **state)
{
	static const struct {
		uint32_t in_device[2];
		uint64_t now_ns;
		uint64_t busy_ns, depth_ns, share[2]; /* more than at 1000 ns */
		const char *sentence;
	} cases[] = {
		{ { 0, 0 }, 5000, 0, 0, { 0, 0 }, "an idle device stays as it is" },
		{ { 1, 0 }, 1000, 0, 0, { 0, 0 }, "no time has gone by" },
		{ { 1, 0 }, 900, 0, 0, { 0, 0 }, "it is ahead of us: not backwards" },
		{ { 1, 0 }, 1100, 100, 100, { NS(100), 0 }, "alone, all of it is its own" },
		{ { 4, 0 }, 1100, 100, 400, { NS(100), 0 }, "alone with four of its own" },
		{ { 1, 1 }, 1100, 100, 200, { NS(50), NS(50) }, "two halves" },
		{ { 1, 3 }, 1100, 100, 400, { NS(25), NS(75) }, "by how many each has" },
		{ { 1, 2 },
		  1001,
		  1,
		  3,
		  { NS(1) / 3, NS(1) / 3 * 2 },
		  "what cannot be divided is left" },
		{ { 0, 1 },
		  1000 + (1ull << 40),
		  1ull << 40,
		  1ull << 40,
		  { 0, NS(1ull << 40) },
		  "for hours" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint32_t depth = cases[i].in_device[0] + cases[i].in_device[1];

		print_message("%s\n", cases[i].sentence);
		*disk = (struct block_disk){ .dev = DEV,
					     .n_sharers = 2,
					     .last_ns = 1000,
					     .busy_ns = 70,
					     .depth_ns = 80,
					     .depth = depth };
		for (size_t k = 0; k < 2; k++)
			disk->sharer[k] = (struct block_sharer){
				.tag = k + 1,
				.in_device = cases[i].in_device[k],
				.share = 100,
				.depth_ns = 200,
			};
		block_probe_disk(&block.probe, 0, cases[i].now_ns, &view);
		assert_int_equal(view.busy_ns, 70 + cases[i].busy_ns);
		assert_int_equal(view.depth_ns, 80 + cases[i].depth_ns);
		assert_int_equal(view.depth, depth);
		for (size_t k = 0; k < 2; k++) {
			assert_int_equal(view.sharer[k].share, 100 + cases[i].share[k]);
			assert_int_equal(view.sharer[k].depth_ns,
					 200 + cases[i].busy_ns * cases[i].in_device[k]);
		}
		/* The device itself is not changed. */
		assert_int_equal(disk->busy_ns, 70);
		assert_int_equal(disk->last_ns, 1000);
	}
}

/* But for what the division leaves: less than one unit for each request in the device. */
static void shares_add_up_to_the_busy_time(void **state)
{
	(void)state;
	for (int round = 0; round < 10000; round++) {
		uint64_t ns = random_u64() >> (24 + random_u64() % 40), shares = 0, depths = 0;

		memset(disk, 0, sizeof(*disk));
		disk->dev = DEV;
		disk->n_sharers = random_u64() % (BLOCK_SHARERS + 1);
		for (size_t k = 0; k < disk->n_sharers; k++) {
			disk->sharer[k].in_device = random_u64() % 256 >> random_u64() % 9;
			disk->depth += disk->sharer[k].in_device;
		}
		block_probe_disk(&block.probe, 0, ns, &view);
		for (size_t k = 0; k < view.n_sharers; k++) {
			shares += view.sharer[k].share;
			depths += view.sharer[k].depth_ns;
		}
		assert_int_equal(depths, view.depth_ns);
		assert_int_equal(view.busy_ns, disk->depth ? ns : 0);
		assert_true(shares <= NS(view.busy_ns));
		assert_true(NS(view.busy_ns) - shares <= disk->depth);
	}
}

/* Who came or left while another CPU had the device is counted before time goes on. */
static void what_came_late_has_happened(void **state)
{
	static const struct {
		uint32_t late;
		int32_t late_by[2];
		uint32_t depth, in_device[2]; /* then */
		uint64_t busy_ns, depth_ns, share[2];
		const char *sentence;
	} cases[] = {
		{ 0, { 0, 0 }, 2, { 1, 1 }, 100, 200, { NS(50), NS(50) }, "nobody was late" },
		{ 1, { 2, 0 }, 4, { 3, 1 }, 100, 400, { NS(75), NS(25) }, "two came" },
		{ 1, { 0, -1 }, 1, { 1, 0 }, 100, 100, { NS(100), 0 }, "one left" },
		{ 2, { -1, 1 }, 2, { 0, 2 }, 100, 200, { 0, NS(100) }, "one came, one left" },
		{ 1, { 0, 0 }, 2, { 1, 1 }, 100, 200, { NS(50), NS(50) }, "both, of one owner" },
		{ 2, { -1, -1 }, 0, { 0, 0 }, 0, 0, { 0, 0 }, "all left: the device is idle" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		print_message("%s\n", cases[i].sentence);
		*disk = (struct block_disk){ .dev = DEV,
					     .n_sharers = 2,
					     .last_ns = 1000,
					     .depth = 2,
					     .late = cases[i].late };
		for (size_t k = 0; k < 2; k++) {
			disk->sharer[k].in_device = 1;
			disk->late_by[k] = cases[i].late_by[k];
		}
		block_probe_disk(&block.probe, 0, 1100, &view);
		assert_int_equal(view.depth, cases[i].depth);
		assert_int_equal(view.busy_ns, cases[i].busy_ns);
		assert_int_equal(view.depth_ns, cases[i].depth_ns);
		for (size_t k = 0; k < 2; k++) {
			assert_int_equal(view.sharer[k].in_device, cases[i].in_device[k]);
			assert_int_equal(view.sharer[k].share, cases[i].share[k]);
			assert_int_equal(view.sharer[k].depth_ns,
					 cases[i].busy_ns * cases[i].in_device[k]);
		}
		/* It is still for the kernel side to do. */
		assert_int_equal(disk->late, cases[i].late);
		assert_int_equal(disk->depth, 2);
	}
}

static void a_device_that_never_rests_is_read_all_the_same(void **state)
{
	(void)state;
	disk->dev = DEV;
	disk->seq = 3; /* somebody writes, and does not come to an end */
	disk->busy_ns = 42;
	block_probe_disk(&block.probe, 0, 1000, &view);
	assert_int_equal(view.busy_ns, 42);
}

static void losses_of_all_banks(void **state)
{
	(void)state;
	/* Device 1's first bank comes behind all of device 0's. */
	block.crosses[0].ns[2][3] = 100;
	block.crosses[1].ns[2][3] = 10;
	block.crosses[2].ns[2][3] = 1;
	block.crosses[1].ns[3][2] = 1000;
	assert_int_equal(block_probe_cross_ns(&block.probe, 0, 2, 3), 110 * 32);
	assert_int_equal(block_probe_cross_ns(&block.probe, 0, 3, 2), 1000 * 32);
	assert_int_equal(block_probe_cross_ns(&block.probe, 1, 2, 3), 32);
	assert_int_equal(block_probe_cross_ns(&block.probe, 1, 0, 0), 0);
	/* Without shares the kernel side has no room for them: not even looked at. */
	block.probe.shares = false;
	block.probe.crosses = NULL;
	assert_int_equal(block_probe_cross_ns(&block.probe, 0, 2, 3), 0);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup(f, setup)
	const struct CMUnitTest tests[] = {
		CASE(nothing_is_zero),
		CASE(banks_are_added),
		CASE(one_bank_is_as_good),
		CASE(the_largest_of_all_banks_is_the_max),
		CASE(buckets_wrap_in_banks_and_in_the_sum),
		CASE(missed_requests_are_done),
		CASE(activity_tells_of_every_event),
		CASE(disks_are_those_in_use),
		CASE(what_is_told_of_a_device),
		CASE(a_device_is_brought_up_to_a_moment),
		CASE(shares_add_up_to_the_busy_time),
		CASE(what_came_late_has_happened),
		CASE(a_device_that_never_rests_is_read_all_the_same),
		CASE(losses_of_all_banks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
