// SPDX-License-Identifier: Apache-2.0
/* The tick: due times are exact multiples, missed ticks are counted. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "sample/sampler.h"

static void due_times_are_multiples(void **state)
{
	struct err err = { 0 };
	struct ticker t;
	uint64_t due;

	(void)state;
	assert_int_equal(ticker_open(&t, NSEC_PER_MSEC, &err), 0);
	assert_true(fcntl(t.fd, F_GETFD) & FD_CLOEXEC);
	for (int i = 0; i < 20; i++) {
		uint64_t before = t.seq;

		assert_int_equal(ticker_wait(&t, &due), 0);
		assert_true(t.seq > before);
		assert_true(due == t.first_ns + (t.seq - 1) * NSEC_PER_MSEC);
		assert_true(clock_mono_ns() >= due);
	}
	/* Every tick was either handed out or counted as an overrun. */
	assert_int_equal(t.seq, 20 + t.overruns);
	ticker_close(&t);
	assert_int_equal(t.fd, -1);
	ticker_close(&t);
}

static void missed_ticks_are_overruns(void **state)
{
	struct err err = { 0 };
	struct ticker t;
	uint64_t due;

	(void)state;
	assert_int_equal(ticker_open(&t, NSEC_PER_MSEC, &err), 0);
	clock_sleep_until(t.first_ns + 5 * NSEC_PER_MSEC);
	assert_int_equal(ticker_wait(&t, &due), 0);
	assert_true(t.seq >= 6);
	assert_int_equal(t.overruns, t.seq - 1);
	assert_true(due >= t.first_ns + 5 * NSEC_PER_MSEC);
	ticker_close(&t);
}

static void can_be_polled(void **state)
{
	struct pollfd p = { .events = POLLIN };
	struct err err = { 0 };
	struct ticker t;

	(void)state;
	assert_int_equal(ticker_open(&t, NSEC_PER_MSEC, &err), 0);
	p.fd = t.fd;
	assert_int_equal(poll(&p, 1, -1), 1);
	ticker_close(&t);
}

static void refuses_no_interval(void **state)
{
	struct err err = { 0 };
	struct ticker t;

	(void)state;
	assert_int_equal(ticker_open(&t, 0, &err), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(due_times_are_multiples),
		cmocka_unit_test(missed_ticks_are_overruns),
		cmocka_unit_test(can_be_polled),
		cmocka_unit_test(refuses_no_interval),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
