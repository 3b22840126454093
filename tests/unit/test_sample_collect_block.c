// SPDX-License-Identifier: Apache-2.0
/* The block collector over a probe that the test plays. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/hist.h"
#include "base/loss.h"
#include "launch/target.h"
#include "probe/block.h"
#include "sample/collector.h"
#include "sample/frame.h"
#include "sample/owner.h"

#define N_SLOTS 3

struct block_probe {
	size_t n;
	struct block_row rows[N_SLOTS];
	struct block_slot slots[N_SLOTS];
};

size_t block_probe_rows(struct block_probe *p, const struct block_row **ret_rows)
{
	*ret_rows = p->rows;
	return p->n;
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

static struct block_probe probe;
static struct owner_table owners;
static struct losses losses = LOSSES_INIT;
static struct target target;
static struct target_set set = { &target, 1 };
static struct cgroup_layout layout = { .v2 = "/nowhere", .io_on_v2 = true };
static struct frame frame;
static void *collector;

static void io(size_t i, uint64_t ns)
{
	struct block_slot *s = &probe.slots[i];

	s->ios++;
	s->bytes += 512;
	hist_add(&s->queue, ns);
	hist_add(&s->device, ns);
	hist_add(&s->total, 2 * ns);
}

static void add_row(uint64_t id, const char *name)
{
	struct block_row *r = &probe.rows[probe.n];

	*r = (struct block_row){ .key = { id, 8 << 20, BLOCK_READ }, .now = &probe.slots[probe.n] };
	strcpy(r->name, name);
	probe.n++;
}

static int setup(void **state)
{
	struct collector_env env = { &set, &layout, &owners, &probe, &losses };
	struct err err = { 0 };

	(void)state;
	memset(&probe, 0, sizeof(probe));
	memset(&target, 0, sizeof(target));
	losses.n = 0;
	strcpy(target.name, "load");
	target.cg.io_id = 50;
	atomic_store(&target.published, true);
	owner_table_init(&owners, &set);
	if (frame_init(&frame, 1, 3 * N_SLOTS, &err))
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
	struct collector_env env = { &set, &layout, &owners, NULL, &losses };
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
	assert_int_equal(ios_of(owner_unattributed(1)), 1);
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
	assert_int_equal(ios_of(2), 2);
	assert_string_equal(owners.v[2].name, "stranger");
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
	frame.max_hists = 3; /* room for one row at a time */
	for (size_t i = 0; i < 3; i++)
		io(i, 10 + i);
	for (int k = 0; k < 3; k++) {
		/* The first row is busy all the time and must not starve the others. */
		io(0, 10);
		sweep(true);
		assert_int_equal(frame.n_hists, 3);
		assert_int_equal(frame.hists_dropped, k < 2 ? 6 : 3);
		seen[k] = frame.hists[0].ios;
	}
	assert_int_equal(seen[0] + seen[1] + seen[2], 4);
	sweep(true);
	assert_int_equal(frame.hists[0].ios, 2);
	assert_int_equal(frame.hists_dropped, 0);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(needs_a_probe),
		CASE(owners_get_their_own),
		CASE(what_is_held_back_comes_at_the_end),
		CASE(a_full_frame_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
