// SPDX-License-Identifier: Apache-2.0
/* The scheduler's collector over a probe that the test plays. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/hist.h"
#include "base/loss.h"
#include "launch/target.h"
#include "probe/sched.h"
#include "sample/collector.h"
#include "sample/frame.h"
#include "unit.h"

#define TARGETS 3

static struct sched_slot slots[TARGETS];
static struct target targets[TARGETS];
static struct target_set set = { targets, TARGETS };
static struct losses losses = LOSSES_INIT;
static struct frame frame;
static void *collector;

void sched_probe_read(struct sched_probe *p, size_t target, uint64_t now_ns, struct sched_slot *ret)
{
	(void)p, (void)now_ns;
	*ret = slots[target];
}

void sched_probe_totals(struct sched_probe *p, size_t target, uint64_t now_ns,
			struct sched_slot *ret)
{
	(void)p, (void)now_ns;
	memcpy(ret, &slots[target], offsetof(struct sched_slot, hists.bucket));
}

void sched_probe_losses(struct sched_probe *p, struct losses *l)
{
	(void)p;
	loss_set(l, "sched.task", 2, "no memory");
}

static void waited(size_t target, enum sched_hist which, uint64_t ns)
{
	struct hist_set *h = &slots[target].hists;

	h->of[which].sum += ns;
	if (ns > h->of[which].max)
		h->of[which].max = ns;
	h->bucket[hist_bucket(ns)][which]++;
}

static void sweep(bool last)
{
	frame_reset(&frame);
	frame.last = last;
	collector_sched.read(collector, &frame);
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
					   .sched = (struct sched_probe *)slots };
	struct err err = { 0 };

	(void)state;
	memset(slots, 0, sizeof(slots));
	memset(targets, 0, sizeof(targets));
	losses.n = 0;
	atomic_store(&targets[0].published, true);
	atomic_store(&targets[2].published, true);
	if (frame_init(&frame, TARGETS, TARGETS * SCHED_HISTS, &err))
		return 1;
	return collector_sched.open(&env, &collector, &err);
}

static int teardown(void **state)
{
	(void)state;
	collector_sched.close(collector);
	frame_fini(&frame);
	return 0;
}

static void totals_are_the_probes(void **state)
{
	(void)state;
	slots[2] = (struct sched_slot){ .oncpu_ns = 11,
					.slices = 12,
					.preempted = 13,
					.missed = 14,
					.off_ns = { 1, 2, 3, 4 } };
	waited(2, SCHED_RUNQ, 500);
	waited(2, SCHED_RUNQ, 700);
	sweep(false);
	assert_null(row_of(1)); /* it has not begun */
	assert_true(frame_has(row_of(0), METRIC_sched_oncpu_ns)); /* 0 is known */
	assert_int_equal(row_of(2)->value[METRIC_sched_oncpu_ns], 11);
	assert_int_equal(row_of(2)->value[METRIC_sched_slices], 12);
	assert_int_equal(row_of(2)->value[METRIC_sched_preempted], 13);
	assert_int_equal(row_of(2)->value[METRIC_sched_missed], 14);
	assert_int_equal(row_of(2)->value[METRIC_sched_io_ns], 1);
	assert_int_equal(row_of(2)->value[METRIC_sched_lock_ns], 2);
	assert_int_equal(row_of(2)->value[METRIC_sched_blocked_ns], 3);
	assert_int_equal(row_of(2)->value[METRIC_sched_sleep_ns], 4);
	assert_int_equal(row_of(2)->value[METRIC_sched_runq_ns], 1200);
}

/* The end of a slice is in no place for a moment. */
static void time_does_not_go_back(void **state)
{
	(void)state;
	slots[0].oncpu_ns = 100;
	sweep(false);
	slots[0].oncpu_ns = 60;
	sweep(false);
	assert_int_equal(row_of(0)->value[METRIC_sched_oncpu_ns], 100);
	slots[0].oncpu_ns = 130;
	sweep(false);
	assert_int_equal(row_of(0)->value[METRIC_sched_oncpu_ns], 130);
}

static void histograms_are_what_came_since(void **state)
{
	static const enum hist_layer layers[] = { LAYER_SCHED_RUNQ, LAYER_SCHED_LOCK };

	(void)state;
	waited(0, SCHED_RUNQ, 1000);
	waited(0, SCHED_RUNQ, 3000);
	waited(0, SCHED_LOCK_NS, 70);
	sweep(false);
	assert_int_equal(frame.n_hists, ARRAY_SIZE(layers));
	for (size_t i = 0; i < ARRAY_SIZE(layers); i++) {
		assert_int_equal(frame.hists[i].layer, layers[i]);
		assert_int_equal(frame.hists[i].owner, 0);
		assert_int_equal(frame.hists[i].dev, 0);
	}
	assert_int_equal(frame.hists[0].count, 2);
	assert_int_equal(frame.hists[0].sum, 4000);
	assert_int_equal(frame.hists[0].max, 3000);
	assert_int_equal(frame.hists[1].count, 1);
	sweep(false);
	assert_int_equal(frame.n_hists, 0);
	waited(0, SCHED_IO_NS, 5);
	sweep(false);
	assert_int_equal(frame.n_hists, 1);
	assert_int_equal(frame.hists[0].layer, LAYER_SCHED_IO);
}

/* One that took no time at all is found by the last sweep. */
static void no_wait_is_left_behind(void **state)
{
	(void)state;
	sweep(false);
	waited(0, SCHED_RUNQ, 0);
	sweep(false);
	assert_int_equal(frame.n_hists, 0);
	sweep(true);
	assert_int_equal(frame.n_hists, 1);
	assert_int_equal(frame.hists[0].count, 1);
}

static void what_finds_no_room_comes_later(void **state)
{
	(void)state;
	waited(0, SCHED_RUNQ, 1000);
	waited(2, SCHED_RUNQ, 2000);
	frame.max_hists = SCHED_HISTS; /* for one target at a time */
	sweep(false);
	assert_int_equal(frame.n_hists, 1);
	assert_int_equal(frame.hists[0].owner, 0);
	assert_int_equal(frame.hists_dropped, SCHED_HISTS);
	waited(0, SCHED_RUNQ, 1000);
	sweep(false);
	assert_int_equal(frame.hists[0].owner, 2);
	sweep(false);
	assert_int_equal(frame.n_hists, 1);
	assert_int_equal(frame.hists[0].owner, 0);
	assert_int_equal(frame.hists[0].count, 1);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(totals_are_the_probes, setup, teardown),
		cmocka_unit_test_setup_teardown(time_does_not_go_back, setup, teardown),
		cmocka_unit_test_setup_teardown(histograms_are_what_came_since, setup, teardown),
		cmocka_unit_test_setup_teardown(no_wait_is_left_behind, setup, teardown),
		cmocka_unit_test_setup_teardown(what_finds_no_room_comes_later, setup, teardown),
		cmocka_unit_test_setup_teardown(losses_are_told_at_the_end, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
