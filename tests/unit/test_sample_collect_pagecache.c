// SPDX-License-Identifier: Apache-2.0
/* The page cache's collector over a probe that the test plays. */
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/loss.h"
#include "launch/target.h"
#include "probe/pagecache.h"
#include "sample/collector.h"
#include "sample/frame.h"
#include "unit.h"

#define TARGETS 3

static struct pagecache_slot slots[TARGETS];
static bool has_memory[TARGETS];
static struct target targets[TARGETS];
static struct target_set set = { targets, TARGETS };
static struct losses losses = LOSSES_INIT;
static struct frame frame;
static void *collector;

void pagecache_probe_read(const struct pagecache_probe *p, size_t target,
			  struct pagecache_slot *ret)
{
	(void)p;
	*ret = slots[target];
}

bool pagecache_probe_counts(const struct pagecache_probe *p, size_t target,
			    enum pagecache_counter counter)
{
	(void)p;
	return counter < PAGECACHE_WRITTEN_BYTES || has_memory[target];
}

void pagecache_probe_losses(struct pagecache_probe *p, struct losses *l)
{
	(void)p;
	loss_set(l, "pagecache.pages", 2, "no room");
}

static void sweep(bool last)
{
	frame_reset(&frame);
	frame.last = last;
	collector_pagecache.read(collector, &frame);
}

static const struct frame_row *row_of(uint32_t owner)
{
	for (size_t i = 0; i < frame.n_rows; i++)
		if (frame.rows[i].owner == owner)
			return &frame.rows[i];
	return NULL;
}

static int setup(void **state)
{
	const struct collector_env env = { .targets = &set,
					   .losses = &losses,
					   .pagecache = (struct pagecache_probe *)slots };
	struct err err = { 0 };

	(void)state;
	memset(slots, 0, sizeof(slots));
	memset(has_memory, 0, sizeof(has_memory));
	memset(targets, 0, sizeof(targets));
	losses.n = 0;
	atomic_store(&targets[0].published, true);
	atomic_store(&targets[2].published, true);
	if (frame_init(&frame, TARGETS, 0, &err))
		return 1;
	return collector_pagecache.open(&env, &collector, &err);
}

static int teardown(void **state)
{
	(void)state;
	collector_pagecache.close(collector);
	frame_fini(&frame);
	return 0;
}

static void totals_are_the_probes(void **state)
{
	static const enum metric columns[] = {
		[PAGECACHE_ACCESSED] = METRIC_pagecache_accessed,
		[PAGECACHE_MISSED] = METRIC_pagecache_missed,
		[PAGECACHE_ASKED] = METRIC_pagecache_asked,
		[PAGECACHE_FETCHED] = METRIC_pagecache_fetched,
		[PAGECACHE_WASTED] = METRIC_pagecache_wasted,
		[PAGECACHE_FAULT_ADDED] = METRIC_pagecache_fault_added,
		[PAGECACHE_OTHER_ADDED] = METRIC_pagecache_other_added,
		[PAGECACHE_FAULTS] = METRIC_pagecache_faults,
		[PAGECACHE_FAULT_MISSED] = METRIC_pagecache_fault_missed,
		[PAGECACHE_FAULT_TOOK] = METRIC_pagecache_fault_took,
		[PAGECACHE_DIRTIED] = METRIC_pagecache_dirtied,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		slots[2].n[i] = 10 + i;
	sweep(false);
	assert_null(row_of(1)); /* it has not begun */
	assert_true(frame_has(row_of(0), METRIC_pagecache_accessed)); /* 0 is known */
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		assert_int_equal(row_of(2)->value[columns[i]], 10 + i);
}

static void what_is_not_known_is_absent(void **state)
{
	(void)state;
	has_memory[2] = true;
	slots[2].n[PAGECACHE_WRITTEN_BYTES] = 5 * sysconf(_SC_PAGESIZE) + 1;
	slots[2].n[PAGECACHE_EVICTED] = 7;
	sweep(false);
	assert_false(frame_has(row_of(0), METRIC_pagecache_written));
	assert_false(frame_has(row_of(0), METRIC_pagecache_evicted));
	assert_int_equal(row_of(2)->value[METRIC_pagecache_written], 5);
	assert_int_equal(row_of(2)->value[METRIC_pagecache_evicted], 7);
}

static void losses_are_told_at_the_end(void **state)
{
	(void)state;
	sweep(false);
	assert_int_equal(losses.n, 0);
	sweep(true);
	assert_int_equal(losses.n, 1);
	assert_int_equal(losses.v[0].count, 2);
}

static void without_a_probe_it_does_not_open(void **state)
{
	const struct collector_env env = { .targets = &set };
	struct err err = { 0 };
	void *none;

	(void)state;
	assert_true(collector_pagecache.open(&env, &none, &err) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(totals_are_the_probes, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_not_known_is_absent, setup, teardown),
		cmocka_unit_test_setup_teardown(losses_are_told_at_the_end, setup, teardown),
		cmocka_unit_test(without_a_probe_it_does_not_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
