// SPDX-License-Identifier: Apache-2.0
/* The block collector over a probe that the test plays. */
#include <errno.h>
#include <linux/types.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/loss.h"
#include "fake_block.h"
#include "fake_run.h"
#include "launch/target.h"
#include "sample/collector.h"
#include "sample/frame.h"
#include "sample/owner.h"
#include "unit.h"

#define DEV (8u << 20)

size_t block_probe_rows(struct block_probe *p, const struct block_row **ret_rows)
{
	*ret_rows = p->rows;
	return p->n_rows;
}

void block_probe_losses(struct block_probe *p, struct losses *l)
{
	(void)p;
	loss_set(l, "block.start_missing", 3, "requests that were under way before");
}

/* No cgroup of this test has a path. */
int cgroup_path_of_id(const struct cgroup_layout *l, bool io, uint64_t id, char *path, size_t size)
{
	(void)l;
	(void)io;
	(void)id;
	(void)path;
	(void)size;
	return -ENOENT;
}

static struct fake_block block;
static struct owner_table owners;
static struct losses losses = LOSSES_INIT;
static struct target target;
static struct target_set set = { &target, 1 };
static struct cgroup_layout layout = { .v2 = "/nowhere", .io_on_v2 = true };
static struct frame frame;
static void *collector;

static void io(size_t i, uint64_t ns)
{
	static unsigned int bank;

	fake_block_io(&block, i, bank++ % FAKE_BLOCK_BANKS, 512, ns, ns);
}

static void add_row_why(uint64_t id, const char *name, enum block_why why)
{
	fake_block_add(&block, &(struct block_key){ id, DEV, BLOCK_READ, why }, name);
}

static void add_row(uint64_t id, const char *name)
{
	add_row_why(id, name, id ? BLOCK_WHY_OWNED : BLOCK_WHY_NO_CGROUP);
}

static int setup(void **state)
{
	struct collector_env env = { .targets = &set,
				     .cgroups = &layout,
				     .owners = &owners,
				     .block = &block.probe,
				     .losses = &losses };
	struct err err = { 0 };

	(void)state;
	fake_block_init(&block);
	memset(&target, 0, sizeof(target));
	losses.n = 0;
	strcpy(target.name, "load");
	target.cg.io_id = 50;
	atomic_store(&target.published, true);
	owner_table_init(&owners, &set);
	if (frame_init(&frame, 1, LAYER_BLOCKS * FAKE_BLOCK_ROWS, &err))
		return -1;
	return collector_block.open(&env, &collector, &err);
}

static int teardown(void **state)
{
	(void)state;
	collector_block.close(collector);
	frame_fini(&frame);
	return 0;
}

static void sweep(bool last)
{
	frame_reset(&frame);
	frame.last = last;
	collector_block.read(collector, &frame);
}

static uint64_t ios_of(uint32_t owner)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < frame.n_hists; i++)
		if (frame.hists[i].owner == owner && frame.hists[i].layer == LAYER_BLOCK_TOTAL)
			sum += frame.hists[i].ios;
	return sum;
}

static void needs_a_probe(void **state)
{
	struct collector_env env = {
		.targets = &set, .cgroups = &layout, .owners = &owners, .losses = &losses
	};
	struct err err = { 0 };
	void *none = NULL;

	(void)state;
	assert_int_equal(collector_block.open(&env, &none, &err), -EINVAL);
	collector_block.close(NULL);
}

static void owners_get_their_own(void **state)
{
	(void)state;
	sweep(false);
	assert_int_equal(frame.n_hists, 0);
	add_row(50, "load");
	add_row(0, "");
	io(0, 1000);
	io(0, 1000);
	io(1, 1000);
	sweep(false);
	assert_int_equal(ios_of(0), 2);
	assert_int_equal(ios_of(owner_unattributed(1, BLOCK_WHY_NO_CGROUP)), 1);
	/* Nothing happened since: nothing is put. */
	sweep(false);
	assert_int_equal(frame.n_hists, 0);
	/* A row that appears later. */
	add_row(50, "load");
	io(2, 5);
	sweep(false);
	assert_int_equal(ios_of(0), 1);
	assert_int_equal(losses.n, 0);
}

static void nobodys_by_reason(void **state)
{
	(void)state;
	for (int why = BLOCK_WHY_NO_CGROUP; why < BLOCK_WHYS; why++) {
		add_row_why(0, "", why);
		for (int k = 0; k < why; k++)
			io(why - 1, 10);
	}
	sweep(false);
	for (int why = BLOCK_WHY_NO_CGROUP; why < BLOCK_WHYS; why++)
		assert_int_equal(ios_of(owner_unattributed(1, why)), why);
}

/* Shares come with the same sweep, as of now. */
static void who_is_in_a_device(void **state)
{
	struct block_disk *d = &block.disks[0];

	(void)state;
	add_row(50, "load");
	io(0, 10);
	d->dev = DEV;
	strcpy(d->name, "sda");
	d->n_sharers = 1;
	d->depth = d->max_depth = 1;
	d->last_ns = clock_mono_ns() - 1000;
	d->sharer[0] = (struct block_sharer){ .tag = 50, .in_device = 1, .max = 1 };
	sweep(false);
	assert_int_equal(frame.n_depths, 1);
	assert_string_equal(frame.depths[0].name, "sda");
	assert_true(frame.depths[0].busy_ns >= 1000);
	assert_int_equal(frame.n_shares, 1);
	assert_int_equal(frame.shares[0].owner, 0);
	assert_int_equal(frame.shares[0].share_ns, frame.depths[0].busy_ns);
}

static void what_is_held_back_comes_at_the_end(void **state)
{
	(void)state;
	atomic_store(&target.published, false);
	sweep(false); /* the first one, before targets are started, holds nothing back */
	add_row(77, "stranger");
	io(0, 10);
	sweep(false);
	assert_int_equal(frame.n_hists, 0);
	assert_int_equal(frame.hists_dropped, 0);
	io(0, 10);
	sweep(true);
	assert_int_equal(ios_of(1 + OWNER_REASONS), 2);
	assert_string_equal(owners.v[1 + OWNER_REASONS].name, "stranger");
	/* What the kernel side lost is told with the last sweep. */
	assert_int_equal(losses.n, 1);
	assert_int_equal(losses.v[0].count, 3);
}

static void a_full_frame_loses_nothing(void **state)
{
	uint64_t seen[3] = { 0 };

	(void)state;
	add_row(50, "load");
	add_row(0, "");
	add_row(50, "load");
	frame.max_hists = LAYER_BLOCKS; /* room for one row at a time */
	for (size_t i = 0; i < 3; i++)
		io(i, 10 + i);
	for (int k = 0; k < 3; k++) {
		/* The first row is busy all the time and must not starve the others. */
		io(0, 10);
		sweep(false);
		assert_int_equal(frame.n_hists, LAYER_BLOCKS);
		assert_int_equal(frame.hists_dropped, LAYER_BLOCKS * (k < 2 ? 2 : 1));
		seen[k] = frame.hists[0].ios;
	}
	assert_int_equal(seen[0] + seen[1] + seen[2], 4);
	/* The last sweep is done again until there is nothing left, as the pipeline does it. */
	sweep(true);
	assert_int_equal(frame.hists[0].ios, 2);
	sweep(true);
	assert_int_equal(frame.n_hists, 0);
	assert_int_equal(frame.hists_dropped, 0);
}

/* A container with a cgroup of its own below: one owner, whatever each of them did. */
static void two_cgroups_of_a_target_are_stored(void **state)
{
	static const struct {
		const char *sql;
		int64_t want;
		const char *sentence;
	} cases[] = {
		{ "SELECT count(*) FROM histogram WHERE target = 0 AND op = 'read'", LAYER_BLOCKS,
		  "a row per layer" },
		{ "SELECT min(ios) FROM histogram WHERE target = 0 AND op = 'read'", 3,
		  "requests of both" },
		{ "SELECT min(count) FROM histogram WHERE target = 0 AND op = 'read'", 3,
		  "times and sizes of both" },
		{ "SELECT sum FROM histogram WHERE target = 0 AND op = 'read' AND "
		  "layer = 'block_size'",
		  3 * 512, "sizes are in bytes" },
		{ "SELECT max FROM histogram WHERE target = 0 AND op = 'read' AND "
		  "layer = 'block_total'",
		  60000, "the slowest of both" },
		{ "SELECT merges FROM block WHERE target = 0 AND op = 'read'", 7,
		  "what has no latency" },
		{ "SELECT count FROM block_error WHERE target = 0 AND op = 'read'", 3,
		  "failures of both" },
		{ "SELECT share_ns FROM share WHERE target = 0", 300, "shares of both" },
		{ "SELECT count(*) FROM interference", 0, "they do not disturb each other" },
		{ "SELECT depth_ns FROM device_depth", 700, "the device they are in" },
	};
	struct block_disk *d = &block.disks[0];
	struct err err = { 0 };
	struct fake_run r;

	(void)state;
	strcpy(target.container_id, "c0ffee00c0ffee00");
	add_row(50, "docker-c0ffee00c0ffee00.scope");
	add_row(51, "below-c0ffee00c0ffee00");
	*d = (struct block_disk){ .dev = DEV, .n_sharers = 2, .depth_ns = 700, .name = "sda" };
	for (size_t i = 0; i < 2; i++) {
		io(i, 1000);
		block.rare[i].merges = 3 + i;
		block.status[i][10] = 1 + i;
		d->sharer[i].tag = 50 + i;
		d->sharer[i].depth_ns = 350;
		d->sharer[i].share = (100ull + 100 * i) << BLOCK_SHARE_SHIFT;
		block.crosses[0].ns[i][!i] = 1;
	}
	io(1, 30000);
	sweep(false);
	assert_int_equal(frame.n_hists, LAYER_BLOCKS);
	fake_run_begin(&r, NULL);
	if (store_put_frame(r.store, &frame, &owners, &err))
		fail_msg("%s", err.text);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		sqlite3_stmt *st;

		assert_int_equal(sqlite3_prepare_v2(store_db(r.store), cases[i].sql, -1, &st, NULL),
				 SQLITE_OK);
		assert_int_equal(sqlite3_step(st), SQLITE_ROW);
		if (sqlite3_column_int64(st, 0) != cases[i].want)
			fail_msg("%s: %lld", cases[i].sentence,
				 (long long)sqlite3_column_int64(st, 0));
		sqlite3_finalize(st);
	}
	/* And the one after, with the last of it. */
	io(0, 10);
	io(1, 10);
	sweep(true);
	frame.seq++;
	assert_int_equal(store_put_frame(r.store, &frame, &owners, &err), 0);
	fake_run_fini(&r);
}

/* A request that was being counted when the row was copied: only the last sweep looks again. */
static void the_last_sweep_looks_at_every_row(void **state)
{
	(void)state;
	add_row(50, "load");
	io(0, 10);
	sweep(false);
	assert_int_equal(ios_of(0), 1);
	fake_live_add(&block.slots[0][0], BLOCK_SIZE, 511);
	sweep(false);
	assert_int_equal(frame.n_hists, 0);
	sweep(true);
	assert_int_equal(frame.n_hists, LAYER_BLOCKS);
	assert_int_equal(frame.hists[LAYER_BLOCK_SIZE].count, 1);
	assert_int_equal(frame.hists[LAYER_BLOCK_TOTAL].count, 0);
	assert_int_equal(frame.hists_dropped, 0);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(needs_a_probe),
		CASE(owners_get_their_own),
		CASE(nobodys_by_reason),
		CASE(who_is_in_a_device),
		CASE(what_is_held_back_comes_at_the_end),
		CASE(a_full_frame_loses_nothing),
		CASE(two_cgroups_of_a_target_are_stored),
		CASE(the_last_sweep_looks_at_every_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
