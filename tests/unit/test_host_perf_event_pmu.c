// SPDX-License-Identifier: Apache-2.0
/* Formats of terms, those that a kernel has never printed among them. */
#include "host/perf_event_pmu.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "unit.h"

static const struct {
	const char *text;
	int code;
	uint64_t value, config[3]; /* what the value becomes */
	const char *why;
} cases[] = {
	{ "config:0-7", 0, 0xff, { 0xff }, "as most are" },
	{ "config:5", 0, 1, { 0x20 }, "one bit" },
	{ "config:63", 0, 1, { 1ull << 63 }, "the last bit" },
	{ "config:0-63", 0, ~0ull, { ~0ull }, "all of them" },
	{ "config1:1-63", 0, ~0ull >> 1, { 0, ~1ull }, "all but one" },
	{ "config2:0-7,32-39", 0, 0x1234, { 0, 0, 0x1200000034 }, "in two places" },
	{ "config:32-39,0-7", 0, 0x1234, { 0x3400000012 }, "the first range has the lowest bits" },
	{ "config:0,2,4,6", 0, 0xf, { 0x55 }, "single bits" },
	{ "config:0-7", -ERANGE, 0x100, { 0 }, "one bit too many" },
	{ "config:0,2", -ERANGE, 4, { 0 }, "too many for single bits" },
	{ "config:0-7,0-7", -EBADMSG, 0, { 0 }, "twice the same bits" },
	{ "config:0-8,8-9", -EBADMSG, 0, { 0 }, "overlapping" },
	{ "config:7-0", -EBADMSG, 0, { 0 }, "the wrong way round" },
	{ "config:64", -EBADMSG, 0, { 0 }, "beyond the last bit" },
	{ "config:0-64", -EBADMSG, 0, { 0 }, "a range beyond it" },
	{ "config:999999999999", -EBADMSG, 0, { 0 }, "a large number" },
	{ "config:-1", -EBADMSG, 0, { 0 }, "negative" },
	{ "config:0-", -EBADMSG, 0, { 0 }, "half a range" },
	{ "config:0,", -EBADMSG, 0, { 0 }, "a comma too many" },
	{ "config:", -EBADMSG, 0, { 0 }, "no bits" },
	{ "config", -EBADMSG, 0, { 0 }, "nothing else" },
	{ "config3:0-63", -EBADMSG, 0, { 0 }, "a newer kernel's" },
	{ "config:0-7 ", -EBADMSG, 0, { 0 }, "a space" },
	{ "config:0x1", -EBADMSG, 0, { 0 }, "hexadecimal" },
	{ "config:0,1,2,3,4,5,6,7,8", -EBADMSG, 0, { 0 }, "more ranges than are kept" },
	{ "Config:0", -EBADMSG, 0, { 0 }, "another case" },
	{ "", -EBADMSG, 0, { 0 }, "nothing" },
};

static void test_formats(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct perf_format f;
		uint64_t config[3] = { 0 };
		int rc = perf_format_parse(cases[i].text, &f);

		if (!rc)
			rc = perf_format_put(&f, cases[i].value, config);
		if (rc != cases[i].code || memcmp(config, cases[i].config, sizeof(config)))
			fail_msg("'%s' (%s): %d, %#llx, %#llx, %#llx", cases[i].text, cases[i].why,
				 rc, (unsigned long long)config[0], (unsigned long long)config[1],
				 (unsigned long long)config[2]);
	}
}

static void what_is_not_of_the_term_stays(void **state)
{
	struct perf_format f;
	uint64_t config[3] = { ~0ull, 1, 2 };

	(void)state;
	assert_int_equal(perf_format_parse("config:8-15", &f), 0);
	assert_int_equal(perf_format_put(&f, 0x12, config), 0);
	assert_true(config[0] == 0xffffffffffff12ff);
	assert_int_equal(perf_format_put(&f, 0x123, config), -ERANGE);
	assert_true(config[0] == 0xffffffffffff12ff);
	assert_int_equal(config[1] + config[2], 3);
}

static void test_values(void **state)
{
	static const struct {
		const char *text;
		int code;
		uint64_t value;
	} values[] = {
		{ "0", 0, 0 },
		{ "10", 0, 10 },
		{ "0x1F", 0, 31 },
		{ "18446744073709551615", 0, ~0ull },
		{ "18446744073709551616", -EINVAL, 0 },
		{ "-1", -EINVAL, 0 },
		{ "+1", -EINVAL, 0 },
		{ " 1", -EINVAL, 0 },
		{ "1 ", -EINVAL, 0 },
		{ "1k", -EINVAL, 0 },
		{ "?", -EINVAL, 0 },
		{ "", -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		uint64_t value = 0;

		if (perf_value_parse(values[i].text, &value) != values[i].code ||
		    (!values[i].code && value != values[i].value))
			fail_msg("'%s': %llu", values[i].text, (unsigned long long)value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formats),
		cmocka_unit_test(what_is_not_of_the_term_stays),
		cmocka_unit_test(test_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
