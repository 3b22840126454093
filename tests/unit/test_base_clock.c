// SPDX-License-Identifier: Apache-2.0
/* Clocks: printing is exact, sleeping ends at or after its time. */
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/cleanup.h"

static void rfc3339(void **state)
{
	static const struct {
		const char *label;
		uint64_t ns;
		const char *want;
	} cases[] = {
		{ "the epoch", 0, "1970-01-01T00:00:00.000Z" },
		{ "milliseconds are cut, not rounded", 999999999, "1970-01-01T00:00:00.999Z" },
		{ "a leap day", 1709164800000000000, "2024-02-29T00:00:00.000Z" },
		{ "an instant", 1795256100123456789, "2026-11-21T10:15:00.123Z" },
		{ "past 2038", 4102444800000000000, "2100-01-01T00:00:00.000Z" },
	};
	char text[32];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		clock_rfc3339(cases[i].ns, text, sizeof(text));
		if (strcmp(text, cases[i].want) != 0)
			fail_msg("%s: %s", cases[i].label, text);
	}
	/* As long as the header says. */
	clock_rfc3339(0, text, 25);
	assert_int_equal(strlen(text), 24);
}

static void monotonic_is_what_the_kernel_says(void **state)
{
	struct timespec before, after;
	uint64_t now;

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &before);
	now = clock_mono_ns();
	clock_gettime(CLOCK_MONOTONIC, &after);
	assert_true(now >= before.tv_sec * NSEC_PER_SEC + before.tv_nsec);
	assert_true(now <= after.tv_sec * NSEC_PER_SEC + after.tv_nsec);
	assert_true(clock_mono_ns() >= now);
}

static void wall_is_since_the_epoch(void **state)
{
	time_t before = time(NULL);
	uint64_t now = clock_wall_ns();

	(void)state;
	/* time() may lag by a kernel tick. */
	assert_true(now / NSEC_PER_SEC >= (uint64_t)before);
	assert_true(now / NSEC_PER_SEC <= (uint64_t)time(NULL) + 1);
}

static void sleeping_ends_no_earlier(void **state)
{
	uint64_t until = clock_mono_ns() + 2 * NSEC_PER_MSEC;

	(void)state;
	assert_int_equal(clock_sleep_until(until), 0);
	assert_true(clock_mono_ns() >= until);
	/* A time that has passed is no wait. */
	assert_int_equal(clock_sleep_until(1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc3339),
		cmocka_unit_test(monotonic_is_what_the_kernel_says),
		cmocka_unit_test(wall_is_since_the_epoch),
		cmocka_unit_test(sleeping_ends_no_earlier),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
