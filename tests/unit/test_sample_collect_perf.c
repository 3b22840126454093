// SPDX-License-Identifier: Apache-2.0
/* The perf collector over a probe that the test plays. */
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/loss.h"
#include "launch/target.h"
#include "probe/perf.h"
#include "sample/collector.h"
#include "sample/frame.h"
#include "unit.h"

#define TARGETS 3
#define EVENTS 2

static struct perf_count counts[TARGETS][EVENTS], others[EVENTS], cpus[EVENTS];
static bool counted[TARGETS], knows_all;
static size_t sweeps;
static struct target targets[TARGETS];
static struct target_set set = { targets, TARGETS };
static struct losses losses = LOSSES_INIT;
static struct frame frame;
static void *collector;

size_t perf_probe_events(const struct perf_probe *p)
{
	(void)p;
	return EVENTS;
}

const struct perf_event *perf_probe_event(const struct perf_probe *p, size_t event)
{
	static const struct perf_event events[EVENTS] = { { .name = "task-clock", .type = 1 },
							  { .name = "cycles", .type = 0 } };

	(void)p;
	return &events[event];
}

void perf_probe_sweep(struct perf_probe *p)
{
	(void)p;
	sweeps++;
}

bool perf_probe_read(const struct perf_probe *p, size_t target, size_t event,
		     struct perf_count *ret)
{
	(void)p;
	assert_true(sweeps > 0);
	*ret = counts[target][event];
	return counted[target];
}

bool perf_probe_others(const struct perf_probe *p, size_t event, struct perf_count *ret)
{
	(void)p;
	*ret = others[event];
	return knows_all;
}

bool perf_probe_cpus(const struct perf_probe *p, size_t event, struct perf_count *ret)
{
	(void)p;
	*ret = cpus[event];
	return knows_all;
}

void perf_probe_losses(struct perf_probe *p, struct losses *l)
{
	(void)p;
	loss_set(l, "perf.hardware", 1, "no counters");
}

static void sweep(bool last)
{
	sweeps = 0;
	frame_reset(&frame);
	frame.last = last;
	collector_perf.read(collector, &frame);
}

static const struct frame_perf *perf_of(uint32_t owner, uint8_t event)
{
	for (size_t i = 0; i < frame.n_perfs; i++)
		if (frame.perfs[i].owner == owner && frame.perfs[i].event == event)
			return &frame.perfs[i];
	return NULL;
}

static int setup(void **state)
{
	const struct collector_env env = { .targets = &set,
					   .losses = &losses,
					   .perf = (struct perf_probe *)counts };
	struct err err = { 0 };

	(void)state;
	memset(counts, 0, sizeof(counts));
	memset(targets, 0, sizeof(targets));
	memset(others, 0, sizeof(others));
	counted[0] = counted[1] = counted[2] = knows_all = true;
	losses.n = 0;
	atomic_store(&targets[0].published, true);
	atomic_store(&targets[2].published, true);
	if (frame_init(&frame, TARGETS, 0, &err) || frame_init_perf(&frame, EVENTS, &err))
		return 1;
	return collector_perf.open(&env, &collector, &err);
}

static int teardown(void **state)
{
	(void)state;
	collector_perf.close(collector);
	frame_fini(&frame);
	return 0;
}

static void events_are_named_once(void **state)
{
	(void)state;
	sweep(false);
	assert_int_equal(frame.n_perf_events, EVENTS);
	assert_string_equal(frame.perf_events[1].name, "cycles");
	assert_int_equal(frame.perf_events[1].id, 1);
	assert_true(frame.perf_events[1].hardware);
	assert_false(frame.perf_events[0].hardware);
	sweep(false);
	assert_int_equal(frame.n_perf_events, 0);
}

static void totals_are_told_when_they_change(void **state)
{
	(void)state;
	counts[2][1] = (struct perf_count){ 7, 20, 10 };
	counts[1][1] = (struct perf_count){ 9, 9, 9 }; /* which has not begun */
	sweep(false);
	assert_int_equal(frame.n_perfs, 1);
	assert_int_equal(perf_of(2, 1)->value, 7);
	assert_int_equal(perf_of(2, 1)->enabled_ns, 20);
	assert_int_equal(perf_of(2, 1)->running_ns, 10);
	sweep(false);
	assert_int_equal(frame.n_perfs, 0);
	/* It had no counter in this tick: the times tell. */
	counts[2][1].enabled_ns = 30;
	others[0].value = 5;
	sweep(false);
	assert_int_equal(frame.n_perfs, 2);
	assert_int_equal(perf_of(2, 1)->enabled_ns, 30);
	assert_int_equal(perf_of(FRAME_PERF_OTHERS, 0)->value, 5);
}

static void at_the_end_all_are_told_zeros_too(void **state)
{
	(void)state;
	cpus[1].value = 11;
	sweep(false);
	assert_int_equal(frame.n_perfs, 0);
	assert_int_equal(losses.n, 0);
	sweep(true);
	assert_int_equal(frame.n_perfs, 2 * EVENTS + 2 * EVENTS);
	assert_int_equal(perf_of(0, 0)->value, 0);
	assert_int_equal(perf_of(FRAME_PERF_CPUS, 1)->value, 11);
	assert_null(perf_of(1, 0));
	assert_int_equal(losses.n, 1);
}

static void what_is_not_counted_is_absent(void **state)
{
	(void)state;
	counted[0] = knows_all = false;
	sweep(true);
	assert_null(perf_of(0, 0));
	assert_non_null(perf_of(2, 0));
	assert_null(perf_of(FRAME_PERF_OTHERS, 0));
	assert_null(perf_of(FRAME_PERF_CPUS, 0));
}

static void without_a_probe_it_does_not_open(void **state)
{
	const struct collector_env env = { .targets = &set };
	struct err err = { 0 };
	void *none;

	(void)state;
	assert_true(collector_perf.open(&env, &none, &err) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(events_are_named_once, setup, teardown),
		cmocka_unit_test_setup_teardown(totals_are_told_when_they_change, setup, teardown),
		cmocka_unit_test_setup_teardown(at_the_end_all_are_told_zeros_too, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_not_counted_is_absent, setup, teardown),
		cmocka_unit_test(without_a_probe_it_does_not_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
