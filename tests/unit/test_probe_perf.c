// SPDX-License-Identifier: Apache-2.0
/* The perf probe without a kernel that helps; what it counts is seen in tests/integration/perf.bats. */
#include "probe/perf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/loss.h"
#include "base/strlist.h"
#include "probe/perf_internal.h"
#include "unit.h"

static void closing_nothing_is_fine(void **state)
{
	(void)state;
	perf_probe_close(NULL);
}

static void layout_is_the_same_on_both_sides(void **state)
{
	(void)state;
	assert_int_equal(sizeof(struct perf_reading), 24); /* read as an array */
	assert_int_equal(sizeof(struct perf_cpu) % 64, 0); /* cache lines of its own */
	assert_int_equal(sizeof(struct perf_count), 24); /* as the kernel gives it */
	assert_int_equal(PERF_EVENTS, 32); /* bits of based and switch_events */
}

static void backends_have_names(void **state)
{
	(void)state;
	assert_string_equal(perf_backends[PERF_AUTO], "auto");
	assert_string_equal(perf_backends[PERF_BPF], "bpf");
	assert_string_equal(perf_backends[PERF_CGROUP], "cgroup");
}

/* A descriptor that reads as an event does. */
static int played_event(uint64_t value, uint64_t enabled_ns, uint64_t running_ns)
{
	const struct perf_count c = { value, enabled_ns, running_ns };
	int fd = memfd_create("event", MFD_CLOEXEC);

	assert_int_equal(pwrite(fd, &c, sizeof(c), 0), sizeof(c));
	return fd;
}

static void an_event_is_the_sum_over_cpus(void **state)
{
	struct perf_probe p = { .n_cpus = 3 };
	int fds[3] = { played_event(1, 10, 100), -1, played_event(2, 20, 200) };
	struct perf_count sum;

	(void)state;
	assert_true(perf_sum_cpus(&p, fds, &sum));
	assert_int_equal(sum.value, 3);
	assert_int_equal(sum.enabled_ns, 30);
	assert_int_equal(sum.running_ns, 300);
	/* Read to its end: what cannot be read makes the sum unknown. */
	assert_false(perf_sum_cpus(&p, fds, &sum));
	perf_close_cpus(&p, fds);
	assert_int_equal(fds[0], -1);
	assert_true(perf_sum_cpus(&p, fds, &sum));
	assert_int_equal(sum.value, 0);
}

static void a_target_that_is_not_added_is_not_counted(void **state)
{
	struct perf_probe p = {
		.backend = PERF_CGROUP, .n_targets = 2, .n_events = 1, .n_cpus = 1
	};
	struct losses losses = LOSSES_INIT;
	struct perf_count c;

	(void)state;
	p.target_fds = calloc(2, sizeof(*p.target_fds));
	assert_false(perf_probe_read(&p, 0, 0, &c));
	assert_false(perf_probe_read(&p, 2, 0, &c));
	assert_false(perf_probe_read(&p, 0, 1, &c));
	assert_false(perf_probe_others(&p, 0, &c));
	assert_false(perf_probe_cpus(&p, 0, &c));
	assert_int_equal(perf_probe_add(&p, 0, "/nowhere"), -ENOENT);
	assert_int_equal(perf_probe_add(&p, 2, "/tmp"), -EINVAL);
	perf_probe_losses(&p, &losses);
	assert_int_equal(losses.n, 1);
	assert_string_equal(losses.v[0].what, "perf.targets");
	perf_by_cgroup_close(&p);
}

static void what_is_missing_is_told_once_for_each_reason(void **state)
{
	struct perf_probe p = { .n_missing = 3, .too_many = 2 };
	struct losses losses = LOSSES_INIT;

	(void)state;
	strcpy(p.missing[0].name, "cycles");
	strcpy(p.missing[1].name, "nothing");
	strcpy(p.missing[2].name, "instructions");
	for (size_t i = 0; i < 3; i++)
		strcpy(p.missing[i].why, i == 1 ? "no such event" : "no counter");
	p.missing[0].no_counter = p.missing[2].no_counter = true;
	for (int again = 0; again < 2; again++) {
		perf_probe_losses(&p, &losses);
		assert_int_equal(losses.n, 3);
	}
	for (size_t i = 0; i < losses.n; i++) {
		const struct loss *l = &losses.v[i];

		if (!strcmp(l->what, "perf.hardware")) {
			assert_string_equal(l->reason, "cycles, instructions: no counter");
			assert_int_equal(l->count, 2);
		} else if (!strcmp(l->what, "perf.nothing")) {
			assert_string_equal(l->reason, "no such event");
		} else {
			assert_string_equal(l->what, "perf.events");
			assert_int_equal(l->count, 2);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(closing_nothing_is_fine),
		cmocka_unit_test(layout_is_the_same_on_both_sides),
		cmocka_unit_test(backends_have_names),
		cmocka_unit_test(an_event_is_the_sum_over_cpus),
		cmocka_unit_test(a_target_that_is_not_added_is_not_counted),
		cmocka_unit_test(what_is_missing_is_told_once_for_each_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
