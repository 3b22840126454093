// SPDX-License-Identifier: Apache-2.0
/* A profile in a terminal: what was sampled, where most was found, what is missing. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "report/format.h"
#include "report/report.h"
#include "report/text_parts.h"
#include "unit.h"

static const struct report_style style = { .width = 200 };

static const struct {
	const char *target, *want, *why;
} rows[] = {
	{ "{}", "", "nobody looked" },
	{ "{\"profile\": {\"frequency_hz\": 99, \"samples\": 0}}",
	  "  profile   0 samples at 99 Hz\n", "never found on a CPU" },
	{ "{\"profile\": {\"frequency_hz\": 99, \"samples\": 200, \"cpu_ns\": 2020202020, "
	  "\"kernel_samples\": 122, \"unknown_samples\": 0, \"functions\": [{\"name\": \"a_[k]\", "
	  "\"self\": 100, \"total\": 100}, {\"name\": \"b\", \"self\": 2, \"total\": 200}, "
	  "{\"name\": \"c\", \"self\": 0, \"total\": 200}]}}",
	  "  profile   200 samples at 99 Hz: 2.02 s on CPUs, 61 % in the kernel; most in a_[k] "
	  "50 %, b 1 %\n",
	  "functions that have any of their own" },
	{ "{\"profile\": {\"frequency_hz\": 9, \"samples\": 6, \"cpu_ns\": 600, "
	  "\"kernel_samples\": 0, \"unknown_samples\": 3, \"functions\": [{\"name\": \"a\", "
	  "\"self\": 1}, {\"name\": \"b\", \"self\": 1}, {\"name\": \"c\", \"self\": 1}, "
	  "{\"name\": \"d\", \"self\": 1}, {\"name\": \"e\", \"self\": 1}, {\"name\": \"f\", "
	  "\"self\": 1}]}}",
	  "  profile   6 samples at 9 Hz: 600 ns on CPUs, 0 % in the kernel, 50 % where nothing "
	  "has a name; most in a 17 %, b 17 %, c 17 %, d 17 %, e 17 %\n",
	  "five of them, and what has no name" },
	{ "{\"profile\": {\"frequency_hz\": 9, \"samples\": 1, \"cpu_ns\": 1, \"kernel_samples\": "
	  "1, \"functions\": [{\"name\": "
	  "\"a123456789b123456789c123456789d123456789e123456789f123456789\\u001b\", \"self\": "
	  "1}]}}",
	  "  profile   1 samples at 9 Hz: 1 ns on CPUs, 100 % in the kernel; most in "
	  "a123456789b123456789c123456789d123456789e123456789f123.. 100 %\n",
	  "a long name is cut" },
	{ "{\"profile\": {\"frequency_hz\": 9, \"samples\": 1, \"cpu_ns\": 1, \"kernel_samples\": "
	  "1, \"functions\": [{\"name\": \"\\u001b[2J\", \"self\": 1}]}}",
	  "  profile   1 samples at 9 Hz: 1 ns on CPUs, 100 % in the kernel; most in ?[2J 100 %\n",
	  "what a terminal obeys is not told" },
};

static void told(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		json_t *target = json_loads(rows[i].target, 0, NULL);
		cleanup_buf struct buf out = BUF_INIT(4096);

		assert_non_null(target);
		assert_int_equal(text_profile(target, &style, &out), 0);
		if (strcmp(buf_str(&out), rows[i].want))
			fail_msg("%s: %s", rows[i].why, buf_str(&out));
		json_decref(target);
	}
}

static const struct {
	const char *report, *want, *why;
} gaps[] = {
	{ "{}", "", "nobody looked" },
	{ "{\"profile\": {\"samples\": 990, \"expected\": 1000, \"lost\": 0}}", "",
	  "one in a hundred may be missing" },
	{ "{\"profile\": {\"samples\": 1010, \"expected\": 1000, \"lost\": 0}}", "", "too many" },
	{ "{\"profile\": {\"samples\": 989, \"expected\": 1000, \"lost\": 0}}",
	  "1.1 % of the 1000 expected samples are missing: who had the CPUs then is not known",
	  "more than that" },
	{ "{\"profile\": {\"samples\": 0, \"expected\": 1000, \"lost\": 0}}",
	  "100 % of the 1000 expected samples are missing: who had the CPUs then is not known",
	  "all" },
	{ "{\"profile\": {\"samples\": 500, \"lost\": 0}}", "",
	  "how many there should be is not known" },
	{ "{\"profile\": {\"samples\": 500, \"lost\": 3}}",
	  "stacks of targets that could not be kept: 3", "lost ones" },
	{ "{\"profile\": {\"samples\": 500, \"expected\": 1000, \"lost\": 3}}",
	  "50 % of the 1000 expected samples are missing: who had the CPUs then is not known; "
	  "stacks of targets that could not be kept: 3",
	  "both" },
};

static void what_is_missing(void **state)
{
	char want[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(gaps); i++) {
		json_t *report = json_loads(gaps[i].report, 0, NULL);
		cleanup_buf struct buf words = BUF_INIT(4096), text = BUF_INIT(4096);

		assert_non_null(report);
		assert_int_equal(put_profile_gap(&words, report), 0);
		assert_int_equal(text_profile_gap(report, &style, &text), 0);
		snprintf(want, sizeof(want), *gaps[i].want ? "profile  %s\n\n" : "%s",
			 gaps[i].want);
		if (strcmp(buf_str(&words), gaps[i].want) || strcmp(buf_str(&text), want))
			fail_msg("%s: %s", gaps[i].why, buf_str(&text));
		json_decref(report);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(told),
		cmocka_unit_test(what_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
