// SPDX-License-Identifier: Apache-2.0
/* Who was in a device within a tick: what is new is put once, what is held is put later. */
#include "sample/share_delta.h"

#include <errno.h>
#include <linux/types.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "fake_block.h"
#include "sample/frame.h"
#include "sample/owner_map.h"
#include "unit.h"

#define DEV (8u << 20)

/* Owners as the test wants them: by cgroup id 10 to 13; -EAGAIN: not known yet. */
enum { LOAD, NEIGHBOUR, NOBODY = 7, OTHERS = 8 };
static int owner_of[4];
static bool asked_last;

int owner_map_find(const struct owner_map *m, uint64_t id)
{
	(void)m;
	return id >= 10 && id < 10 + ARRAY_SIZE(owner_of) ? (int)id - 10 : -ENOENT;
}

int owner_map_get(struct owner_map *m, int handle, bool last)
{
	(void)m;
	asked_last = last;
	return owner_of[handle];
}

int owner_map_nobody(const struct owner_map *m, unsigned int why)
{
	(void)why;
	(void)m;
	return NOBODY;
}

int owner_map_others(struct owner_map *m)
{
	(void)m;
	return OTHERS;
}

static struct fake_block block;
static struct block_disk *disk = &block.disks[0];
static struct share_delta *delta;
static struct frame frame;
static uint64_t now_ns;

static int setup(void **state)
{
	struct err err = { 0 };

	(void)state;
	fake_block_init(&block);
	*disk = (struct block_disk){ .dev = DEV, .n_sharers = 2, .name = "sda" };
	disk->sharer[0].tag = 10;
	disk->sharer[1].tag = 11;
	for (size_t i = 0; i < ARRAY_SIZE(owner_of); i++)
		owner_of[i] = i;
	now_ns = 1000;
	return frame_init(&frame, 1, LAYER_BLOCKS, &err) || share_delta_open(&delta, &err);
}

static int teardown(void **state)
{
	(void)state;
	share_delta_close(delta);
	frame_fini(&frame);
	return 0;
}

/* For @ns, sharers 0 and 1 have @a and @b requests in the device, as the kernel side counts. */
static void served(uint64_t ns, uint32_t a, uint32_t b)
{
	const uint32_t n[] = { a, b };

	for (size_t k = 0; k < 2; k++) {
		disk->sharer[k].depth_ns += ns * n[k];
		disk->sharer[k].share += (ns << BLOCK_SHARE_SHIFT) / (a + b) * n[k];
		if (n[k] > disk->sharer[k].max)
			disk->sharer[k].max = n[k];
	}
	disk->busy_ns += ns;
	disk->depth_ns += ns * (a + b);
	if (a + b > disk->max_depth)
		disk->max_depth = a + b;
	now_ns += ns;
	disk->last_ns = now_ns;
}

/* Requests of @victim lost @ns, a multiple of 32, to @aggressor. */
static void lost(unsigned int victim, unsigned int aggressor, uint64_t ns)
{
	static unsigned int bank;

	block.crosses[bank++ % FAKE_BLOCK_BANKS].ns[victim][aggressor] += ns >> BLOCK_SNAP_SHIFT;
}

static void sweep(bool last)
{
	frame_reset(&frame);
	share_delta_put(delta, &block.probe, NULL, now_ns, last, &frame);
}

static const struct frame_share *share_of(uint32_t owner)
{
	for (size_t i = 0; i < frame.n_shares; i++)
		if (frame.shares[i].owner == owner)
			return &frame.shares[i];
	fail_msg("owner %u has no share", owner);
	return NULL;
}

static uint64_t lost_in_frame(uint32_t victim, uint32_t aggressor)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < frame.n_crosses; i++)
		if (frame.crosses[i].victim == victim && frame.crosses[i].aggressor == aggressor)
			sum += frame.crosses[i].ns;
	return sum;
}

static void only_what_is_new(void **state)
{
	(void)state;
	served(800, 1, 3);
	lost(LOAD, NEIGHBOUR, 320);
	sweep(false);
	assert_int_equal(frame.n_shares, 2);
	assert_int_equal(share_of(LOAD)->dev, DEV);
	assert_int_equal(share_of(LOAD)->share_ns, 200);
	assert_int_equal(share_of(LOAD)->depth_ns, 800);
	assert_int_equal(share_of(NEIGHBOUR)->share_ns, 600);
	assert_int_equal(share_of(NEIGHBOUR)->depth_ns, 2400);
	assert_int_equal(share_of(NEIGHBOUR)->max_depth, 3);
	assert_int_equal(frame.n_crosses, 1);
	assert_int_equal(frame.crosses[0].dev, DEV);
	assert_int_equal(lost_in_frame(LOAD, NEIGHBOUR), 320);

	/* Nothing since: nothing is put. */
	sweep(false);
	assert_int_equal(frame.n_shares + frame.n_crosses + frame.n_depths, 0);

	/* One of them only. */
	served(100, 2, 0);
	lost(NEIGHBOUR, LOAD, 64);
	sweep(false);
	assert_int_equal(frame.n_shares, 1);
	assert_int_equal(share_of(LOAD)->share_ns, 100);
	assert_int_equal(share_of(LOAD)->depth_ns, 200);
	assert_int_equal(share_of(LOAD)->max_depth, 2);
	assert_int_equal(frame.n_crosses, 1);
	assert_int_equal(lost_in_frame(NEIGHBOUR, LOAD), 64);
}

/* A request that is in the device has its share though it has not completed. */
static void as_of_now(void **state)
{
	(void)state;
	disk->depth = disk->max_depth = 1;
	disk->last_ns = 1000;
	disk->sharer[0].in_device = 1;
	now_ns = 1500;
	sweep(false);
	assert_int_equal(share_of(LOAD)->share_ns, 500);
	now_ns = 1700;
	sweep(false);
	assert_int_equal(share_of(LOAD)->share_ns, 200);
	assert_int_equal(frame.depths[0].busy_ns, 700);
	/* It has left at that moment: nothing is counted twice. */
	disk->depth = disk->sharer[0].in_device = 0;
	served(700, 1, 0);
	now_ns = 1800;
	sweep(false);
	assert_int_equal(frame.n_shares, 0);
}

static void devices_are_told_as_totals(void **state)
{
	const struct frame_depth *d = &frame.depths[0];

	(void)state;
	disk->clock_requests = 5;
	disk->clock_unset = 1;
	disk->clock_early = 2;
	disk->clock_early_max_ns = 4000;
	served(100, 1, 1);
	sweep(false);
	served(100, 1, 2);
	sweep(false);
	assert_int_equal(frame.n_depths, 1);
	assert_int_equal(d->dev, DEV);
	assert_string_equal(d->name, "sda");
	assert_int_equal(d->busy_ns, 200);
	assert_int_equal(d->depth_ns, 500);
	assert_int_equal(d->depth, 0);
	assert_int_equal(d->max_depth, 3);
	assert_int_equal(d->clock_requests, 5);
	assert_int_equal(d->clock_unset, 1);
	assert_int_equal(d->clock_early, 2);
	assert_int_equal(d->clock_early_max_ns, 4000);
	/* At the end as well, even if nothing happened. */
	sweep(true);
	assert_int_equal(frame.n_depths, 1);
	assert_int_equal(frame.n_shares, 0);
	assert_true(asked_last);
}

static void every_device_has_its_own(void **state)
{
	(void)state;
	block.disks[1] = *disk;
	block.disks[1].dev = DEV + 16;
	served(100, 1, 1);
	disk = &block.disks[1];
	served(300, 1, 1);
	block.crosses[FAKE_BLOCK_BANKS].ns[0][1] = 1;
	disk = &block.disks[0];
	sweep(false);
	assert_int_equal(frame.n_depths, 2);
	assert_int_equal(frame.n_shares, 4);
	assert_int_equal(frame.shares[0].share_ns, 50);
	assert_int_equal(frame.shares[2].share_ns, 150);
	assert_int_equal(frame.shares[2].dev, DEV + 16);
	assert_int_equal(frame.n_crosses, 1);
	assert_int_equal(frame.crosses[0].dev, DEV + 16);
	assert_int_equal(frame.crosses[0].ns, 32);
}

static void sharers_have_owners(void **state)
{
	static const struct {
		uint64_t tag;
		int owner; /* negative: none */
		const char *sentence;
	} cases[] = {
		{ BLOCK_NOBODY(BLOCK_WHY_NO_CGROUP), NOBODY, "what is nobody's" },
		{ 0, OTHERS, "those beyond the ones that are told apart" },
		{ 11, NEIGHBOUR, "a cgroup" },
		{ 99, -1, "a cgroup whose row was not seen yet" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		print_message("%s\n", cases[i].sentence);
		disk->sharer[1].tag = cases[i].tag;
		served(100, 0, 1);
		sweep(false);
		assert_int_equal(frame.n_shares, cases[i].owner >= 0);
		if (cases[i].owner >= 0)
			assert_int_equal(share_of(cases[i].owner)->share_ns, 100);
	}
}

static void whose_owner_is_not_known_is_held(void **state)
{
	(void)state;
	owner_of[1] = -EAGAIN;
	served(200, 1, 1);
	lost(0, 1, 32);
	lost(1, 0, 64);
	sweep(false);
	assert_int_equal(frame.n_shares, 1);
	assert_int_equal(share_of(LOAD)->share_ns, 100);
	assert_int_equal(frame.n_crosses, 0);
	served(200, 1, 1);
	sweep(false);
	assert_int_equal(frame.n_shares, 1);

	owner_of[1] = NEIGHBOUR;
	served(200, 1, 1);
	sweep(false);
	assert_int_equal(share_of(LOAD)->share_ns, 100);
	assert_int_equal(share_of(NEIGHBOUR)->share_ns, 300);
	assert_int_equal(share_of(NEIGHBOUR)->depth_ns, 600);
	assert_int_equal(lost_in_frame(LOAD, NEIGHBOUR), 32);
	assert_int_equal(lost_in_frame(NEIGHBOUR, LOAD), 64);
}

/* Nothing happens any more, but the owner becomes known. */
static void what_is_held_comes_though_the_device_is_idle(void **state)
{
	(void)state;
	owner_of[1] = -EAGAIN;
	served(200, 1, 1);
	lost(0, 1, 32);
	sweep(false);
	assert_int_equal(frame.n_shares, 1);
	sweep(false);
	assert_int_equal(frame.n_shares + frame.n_crosses, 0);
	owner_of[1] = NEIGHBOUR;
	sweep(false);
	assert_int_equal(frame.n_shares, 1);
	assert_int_equal(share_of(NEIGHBOUR)->share_ns, 100);
	assert_int_equal(lost_in_frame(LOAD, NEIGHBOUR), 32);
	/* Once. */
	sweep(false);
	assert_int_equal(frame.n_shares + frame.n_crosses + frame.n_depths, 0);
}

static void what_is_held_comes_at_the_end(void **state)
{
	(void)state;
	owner_of[1] = -EAGAIN;
	served(200, 1, 1);
	lost(0, 1, 32);
	sweep(false);
	assert_int_equal(frame.n_shares, 1);
	owner_of[1] = NEIGHBOUR;
	sweep(true);
	assert_int_equal(frame.n_shares, 1);
	assert_int_equal(share_of(NEIGHBOUR)->share_ns, 100);
	assert_int_equal(lost_in_frame(LOAD, NEIGHBOUR), 32);
}

/* Two cgroups of one container do not interfere with each other. */
static void the_same_owner_is_no_interference(void **state)
{
	(void)state;
	owner_of[1] = LOAD;
	disk->n_sharers = 3;
	disk->sharer[2].tag = BLOCK_NOBODY(BLOCK_WHY_NO_CGROUP);
	served(200, 1, 1);
	lost(0, 1, 320);
	lost(1, 0, 320);
	lost(0, 0, 320); /* nor with itself */
	lost(0, 2, 32);
	lost(1, 2, 64);
	sweep(false);
	assert_int_equal(frame.n_shares, 2);
	for (size_t i = 0; i < frame.n_shares; i++) {
		assert_int_equal(frame.shares[i].owner, LOAD);
		assert_int_equal(frame.shares[i].share_ns, 100);
	}
	assert_int_equal(lost_in_frame(LOAD, LOAD), 0);
	/* Both lose to a third. */
	assert_int_equal(lost_in_frame(LOAD, NOBODY), 96);
}

/* Shares are counted in parts of a ns: what a tick cuts off, a later one tells. */
static void fractions_are_not_lost(void **state)
{
	uint64_t sum[2] = { 0 };

	(void)state;
	for (int i = 0; i < 1000; i++) {
		served(7, 1, 2);
		sweep(false);
		assert_int_equal(frame.n_shares, 2);
		for (size_t k = 0; k < 2; k++)
			sum[k] += share_of(k)->share_ns;
	}
	for (size_t k = 0; k < 2; k++)
		assert_int_equal(sum[k], disk->sharer[k].share >> BLOCK_SHARE_SHIFT);
	/* 2 1/3 ns each time, less a part of a unit, and at the end a part of a ns */
	assert_in_range(sum[0], 2333 - (1000 >> BLOCK_SHARE_SHIFT) - 1, 2333);
}

static void what_finds_no_room_is_carried_over(void **state)
{
	size_t max_shares = frame.max_shares, max_crosses = frame.max_crosses;

	(void)state;
	served(200, 1, 1);
	lost(0, 1, 32);
	lost(1, 0, 64);
	frame.max_shares = 1;
	frame.max_crosses = 1;
	sweep(false);
	assert_int_equal(frame.n_shares, 1);
	assert_int_equal(frame.n_crosses, 1);
	assert_int_equal(share_of(LOAD)->share_ns, 100);
	assert_int_equal(lost_in_frame(LOAD, NEIGHBOUR), 32);
	frame.max_shares = max_shares;
	frame.max_crosses = max_crosses;
	served(20, 0, 1);
	sweep(false);
	assert_int_equal(frame.n_shares, 1);
	assert_int_equal(share_of(NEIGHBOUR)->share_ns, 120);
	assert_int_equal(frame.n_crosses, 1);
	assert_int_equal(lost_in_frame(NEIGHBOUR, LOAD), 64);

	/* Totals that find no room are in the next ones. */
	frame.max_depths = 0;
	served(10, 1, 1);
	sweep(false);
	assert_int_equal(frame.n_depths, 0);
	assert_int_equal(frame.n_shares, 2);
	frame.max_depths = 1;
	served(10, 1, 1);
	sweep(false);
	assert_int_equal(frame.depths[0].busy_ns, 240);
}

/* No request comes after the frame that was too small. */
static void what_found_no_room_comes_though_the_device_is_idle(void **state)
{
	size_t max_shares = frame.max_shares, max_crosses = frame.max_crosses;

	(void)state;
	served(200, 1, 1);
	lost(1, 0, 64);
	frame.max_shares = 1;
	frame.max_crosses = 0;
	sweep(false);
	assert_int_equal(frame.n_shares, 1);
	assert_int_equal(share_of(LOAD)->share_ns, 100);
	frame.max_shares = max_shares;
	sweep(false);
	assert_int_equal(frame.n_shares, 1);
	assert_int_equal(share_of(NEIGHBOUR)->share_ns, 100);
	assert_int_equal(frame.n_crosses, 0);
	frame.max_crosses = max_crosses;
	sweep(false);
	assert_int_equal(frame.n_shares, 0);
	assert_int_equal(lost_in_frame(NEIGHBOUR, LOAD), 64);
	sweep(false);
	assert_int_equal(frame.n_shares + frame.n_crosses + frame.n_depths, 0);
}

/* A view is ahead of a request that was just leaving: the next one seems to go back. */
static void what_seems_to_shrink_is_not_told(void **state)
{
	static const struct {
		int64_t depth_ns, share_ns; /* against the last view */
		uint64_t told; /* once it is 100 ns further on */
		const char *sentence;
	} cases[] = {
		{ -20, -20, 80, "both shrank" },
		{ 20, -20, 80, "its share did" },
		{ -20, 20, 120, "the time of its requests did" },
		{ 0, 20, 120, "no request of it was in the device" },
		{ 0, 0, 100, "nothing happened" },
	};
	struct block_sharer *s = &disk->sharer[0];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		print_message("%s\n", cases[i].sentence);
		served(1000, 1, 1);
		sweep(false);
		assert_int_equal(frame.n_shares, 2);
		/* The neighbour goes on, so that the device is looked at. */
		disk->depth_ns += 10;
		s->depth_ns += cases[i].depth_ns;
		s->share += cases[i].share_ns * (1 << BLOCK_SHARE_SHIFT);
		sweep(false);
		assert_int_equal(frame.n_shares, 0);
		/* What it was ahead is not told twice. */
		disk->depth_ns += 100;
		s->depth_ns += 100;
		s->share += 100 << BLOCK_SHARE_SHIFT;
		sweep(false);
		assert_int_equal(frame.n_shares, 1);
		assert_int_equal(share_of(LOAD)->share_ns, cases[i].told);
		assert_int_equal(share_of(LOAD)->depth_ns, 100 + cases[i].depth_ns);
	}
}

static void closing_nothing_is_fine(void **state)
{
	(void)state;
	share_delta_close(NULL);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(only_what_is_new),
		CASE(as_of_now),
		CASE(devices_are_told_as_totals),
		CASE(every_device_has_its_own),
		CASE(sharers_have_owners),
		CASE(whose_owner_is_not_known_is_held),
		CASE(what_is_held_comes_though_the_device_is_idle),
		CASE(what_is_held_comes_at_the_end),
		CASE(the_same_owner_is_no_interference),
		CASE(fractions_are_not_lost),
		CASE(what_finds_no_room_is_carried_over),
		CASE(what_found_no_room_comes_though_the_device_is_idle),
		CASE(what_seems_to_shrink_is_not_told),
		cmocka_unit_test(closing_nothing_is_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
