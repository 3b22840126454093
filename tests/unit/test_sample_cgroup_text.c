// SPDX-License-Identifier: Apache-2.0
/* Scanners of cgroup files: what each kernel prints, what is cut, what is garbage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "sample/cgroup_text.h"
#include "sample/frame.h"

#define ABSENT UINT64_MAX

static void u64(void **state)
{
	static const struct {
		const char *label, *text;
		uint64_t want;
	} cases[] = {
		{ "a number and its newline", "4096\n", 4096 },
		{ "zero is a value", "0\n", 0 },
		{ "no newline is fine", "12", 12 },
		{ "no limit is absent", "max\n", ABSENT },
		{ "an empty file is absent", "", ABSENT },
		{ "a sign is garbage", "-1\n", ABSENT },
		{ "blanks in front are garbage", " 1\n", ABSENT },
		{ "text behind is garbage", "1 2\n", ABSENT },
		{ "too large is absent", "18446744073709551616\n", ABSENT },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t v = ABSENT;
		bool ok = cgroup_text_u64(cases[i].text, &v);

		if (ok != (cases[i].want != ABSENT) || v != cases[i].want)
			fail_msg("%s: %llu", cases[i].label, (unsigned long long)v);
	}
}

static uint64_t get(const struct frame_row *row, enum metric m)
{
	return frame_has(row, m) ? row->value[m] : ABSENT;
}

static void flat(void **state)
{
	static const struct text_key keys[] = {
		TEXT_KEY("usage_usec", cpu_usage_ns, 1000),
		TEXT_KEY("high", memory_events_high, 1),
	};
	static const struct {
		const char *label, *text;
		uint64_t usage, high;
	} cases[] = {
		{ "both keys, one scaled", "usage_usec 5\nhigh 7\n", 5000, 7 },
		{ "other keys are passed over", "x 1\nhigh 7\ny 2\n", ABSENT, 7 },
		{ "a longer key is another key", "high_water 9\nusage_usecs 1\n", ABSENT, ABSENT },
		{ "a cut last line is no value", "high 7\nusage_usec 12", ABSENT, 7 },
		{ "a word instead of a number", "high max\nusage_usec 1\n", 1000, ABSENT },
		{ "a product that overflows", "usage_usec 18446744073709551615\n", ABSENT, ABSENT },
		{ "nothing", "", ABSENT, ABSENT },
		{ "empty lines", "\n\nhigh 1\n\n", ABSENT, 1 },
		{ "a key alone", "high\nusage_usec 1\n", 1000, ABSENT },
		{ "a key and no value", "high \nusage_usec 1\n", 1000, ABSENT },
		{ "a negative value", "high -1\nusage_usec -5\n", ABSENT, ABSENT },
		{ "a value that overflows", "high 18446744073709551616\n", ABSENT, ABSENT },
		{ "the largest value", "high 18446744073709551614\n", ABSENT, UINT64_MAX - 1 },
		{ "the same key twice: the latter", "high 1\nhigh 2\n", ABSENT, 2 },
		{ "the latter is garbage", "high 1\nhigh -2\n", ABSENT, 1 },
		{ "two values", "high 1 2\n", ABSENT, ABSENT },
		{ "a tab is no separator", "high\t1\n", ABSENT, ABSENT },
		{ "no newline at all", "high 7", ABSENT, ABSENT },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct frame_row row = { 0 };

		cgroup_text_flat(cases[i].text, keys, ARRAY_SIZE(keys), &row);
		if (get(&row, METRIC_cpu_usage_ns) != cases[i].usage ||
		    get(&row, METRIC_memory_events_high) != cases[i].high)
			fail_msg("%s", cases[i].label);
	}
}

static void pressure(void **state)
{
	static const struct {
		const char *label, *text;
		uint64_t some, full;
	} cases[] = {
		{ "both lines, in ns",
		  "some avg10=0.00 avg60=0.10 avg300=0.00 total=12\n"
		  "full avg10=0.00 avg60=0.00 avg300=0.00 total=3\n",
		  12000, 3000 },
		{ "older kernels have no full line for the CPU",
		  "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n", 0, ABSENT },
		{ "a cut line is no value",
		  "some avg10=0.00 avg60=0.00 avg300=0.00 total=12\n"
		  "full avg10=0.00 avg60=0.00 avg300=0.00 total=1",
		  12000, ABSENT },
		{ "a line without a total does not take the next line's",
		  "some avg10=0.00\nfull avg10=0.00 total=1\n", ABSENT, 1000 },
		{ "garbage", "somewhat total=1\n", ABSENT, ABSENT },
		{ "a negative total", "some avg10=0.00 total=-1\n", ABSENT, ABSENT },
		{ "a total that overflows", "some avg10=0.00 total=18446744073709551615\n", ABSENT,
		  ABSENT },
		{ "interrupts have the full line alone",
		  "full avg10=0.00 avg60=0.00 avg300=0.00 total=4\n", ABSENT, 4000 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct frame_row row = { 0 };

		cgroup_text_pressure(cases[i].text, METRIC_io_some_ns, METRIC_io_full_ns, &row);
		if (get(&row, METRIC_io_some_ns) != cases[i].some ||
		    get(&row, METRIC_io_full_ns) != cases[i].full)
			fail_msg("%s", cases[i].label);
	}
}

static void pressure_of_what_has_no_some(void **state)
{
	struct frame_row row = { 0 };

	(void)state;
	cgroup_text_pressure("some avg10=0.00 avg60=0.00 avg300=0.00 total=9\n"
			     "full avg10=0.00 avg60=0.00 avg300=0.00 total=4\n",
			     METRIC_COUNT, METRIC_irq_full_ns, &row);
	assert_int_equal(get(&row, METRIC_irq_full_ns), 4000);
	row.present[METRIC_irq_full_ns / 64] = 0;
	assert_true(frame_row_empty(&row));
}

static void quota(void **state)
{
	static const struct {
		const char *label, *text;
		uint64_t quota, period;
	} cases[] = {
		{ "a limit, in ns", "50000 100000\n", 50000000, 100000000 },
		{ "more than one CPU", "250000 100000\n", 250000000, 100000000 },
		{ "no limit has no quota", "max 100000\n", ABSENT, 100000000 },
		{ "a cut file is nothing", "50000 1000", ABSENT, ABSENT },
		{ "nor is half of one", "50000", ABSENT, ABSENT },
		{ "nor an empty one", "", ABSENT, ABSENT },
		{ "nor no limit without a period", "max\n", ABSENT, ABSENT },
		{ "a sign is garbage", "-1 100000\n", ABSENT, ABSENT },
		{ "in either", "50000 -100000\n", ABSENT, ABSENT },
		{ "another word is garbage", "maximum 100000\n", ABSENT, ABSENT },
		{ "text behind is garbage", "max 100000 0\n", ABSENT, ABSENT },
		{ "too large in ns", "18446744073709551615 100000\n", ABSENT, ABSENT },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct frame_row row = { 0 };

		cgroup_text_quota(cases[i].text, METRIC_cpu_quota_ns, METRIC_cpu_period_ns, &row);
		if (get(&row, METRIC_cpu_quota_ns) != cases[i].quota ||
		    get(&row, METRIC_cpu_period_ns) != cases[i].period)
			fail_msg("%s", cases[i].label);
	}
}

static void list(void **state)
{
	static const struct {
		const char *label, *text;
		uint64_t want;
	} cases[] = {
		{ "one", "0\n", 1 },
		{ "a range", "0-3\n", 4 },
		{ "ranges and single ones", "0-3,8,10-11\n", 7 },
		{ "none, as of a v1 cpuset that was never set", "\n", 0 },
		{ "an empty file is absent", "", ABSENT },
		{ "a cut list is absent", "0-3,1", ABSENT },
		{ "and so is a cut range", "0-", ABSENT },
		{ "a range without its end", "0-\n", ABSENT },
		{ "a comma without what follows", "0,\n", ABSENT },
		{ "backwards", "3-0\n", ABSENT },
		{ "the same twice", "1,1\n", ABSENT },
		{ "overlapping", "0-3,2-5\n", ABSENT },
		{ "a sign", "-1\n", ABSENT },
		{ "words", "all\n", ABSENT },
		{ "more than any machine has", "0-18446744073709551615\n", ABSENT },
		{ "a second line", "0-3\n4\n", ABSENT },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t v = ABSENT;
		bool ok = cgroup_text_list(cases[i].text, &v);

		if (ok != (cases[i].want != ABSENT) || v != cases[i].want)
			fail_msg("%s: %llu", cases[i].label, (unsigned long long)v);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(u64),	    cmocka_unit_test(flat),
		cmocka_unit_test(pressure), cmocka_unit_test(pressure_of_what_has_no_some),
		cmocka_unit_test(quota),    cmocka_unit_test(list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
