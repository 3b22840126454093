// SPDX-License-Identifier: Apache-2.0
/* Numbers as people read them. */
#include "report/format.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "unit.h"

static const struct {
	struct text (*fn)(const json_t *v);
	const char *json, *want, *why;
} rows[] = {
	{ format_size, "0", "0 B", "nothing moved is a value" },
	{ format_size, "4096", "4.0 KiB", "binary" },
	{ format_size, "-8192", "-8.0 KiB", "a residual may be negative" },
	{ format_size, "null", "-", "absent" },
	{ format_ns, "1234567", "1.23 ms", "ns" },
	{ format_ns, "0", "0 ns", "zero is a value" },
	{ format_ns, "-1", "-", "no time is negative" },
	{ format_seconds, "0.25", "250 ms", "seconds" },
	{ format_count, "0", "0", "none" },
	{ format_count, "9999999", "9999999", "whole" },
	{ format_count, "12345678", "12.3 M", "large" },
	{ format_real, "10.52", "10.5", "three digits" },
	{ format_real, "3.14159", "3.14", "below ten" },
	{ format_real, "345.6", "346", "above a hundred" },
	{ format_real, "20", "20", "whole" },
	{ format_real, "\"x\"", "-", "text is no number" },
};

static void values(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		json_t *v = json_loads(rows[i].json, JSON_DECODE_ANY, NULL);
		struct text got = rows[i].fn(v);

		if (strcmp(got.s, rows[i].want))
			fail_msg("%s: %s is '%s'", rows[i].why, rows[i].json, got.s);
		json_decref(v);
	}
	assert_string_equal(format_size(NULL).s, "-");
}

static const struct {
	double part, of;
	const char *want, *why;
} ratios[] = {
	{ 1, 4, "25 %", "a quarter" },	     { 0, 4, "0 %", "nothing" },
	{ 1, 8000, "0.013 %", "little" },    { -1, 100, "-1 %", "negative" },
	{ 1, 0, "-", "of nothing: absent" }, { NAN, 5, "-", "unknown" },
};

static void parts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ratios); i++)
		if (strcmp(format_ratio(ratios[i].part, ratios[i].of).s, ratios[i].want))
			fail_msg("%s: '%s'", ratios[i].why,
				 format_ratio(ratios[i].part, ratios[i].of).s);
}

static void members(void **state)
{
	json_t *o = json_pack("{s:i, s:s}", "n", 5, "t", "x");

	(void)state;
	assert_true(number_in(o, "n") == 5);
	assert_true(isnan(number_in(o, "t")));
	assert_true(isnan(number_in(NULL, "n")));
	assert_string_equal(text_in(o, "t"), "x");
	assert_null(text_in(o, "n"));
	assert_null(text_in(NULL, "t"));
	json_decref(o);
}

static void results_have_names(void **state)
{
	static const char *const names[][2] = {
		{ "{\"op\": \"write\"}", "write" },
		{ "{\"op\": \"write\", \"test\": 0}", "write" },
		{ "{\"op\": \"read\", \"test\": 2}", "2: read" },
		{ "{\"op\": \"read\", \"job\": \"mix\"}", "mix: read" },
		{ "{}", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		json_t *o = json_loads(names[i][0], 0, NULL);
		char name[64];

		result_name(o, name, sizeof(name));
		assert_string_equal(name, names[i][1]);
		json_decref(o);
	}
}

static void means(void **state)
{
	(void)state;
	assert_string_equal(format_mean_ns(8000, 4).s, "2.00 us");
	assert_string_equal(format_mean_ns(0, 0).s, "-");
	assert_string_equal(format_mean_ns(NAN, 4).s, "-");
	assert_string_equal(format_mean_ns(8000, NAN).s, "-");
}

static const struct {
	const char *device, *want, *why;
} stacks[] = {
	{ "{}", "", "a disk" },
	{ "{\"stacked\": true}", "", "what it rests upon is not known" },
	{ "{\"leaves\": [\"vda\"]}", " on vda", "one disk" },
	{ "{\"leaves\": [\"sda\", \"sdb\"]}", " on sda, sdb", "two" },
	{ "{\"leaves\": []}", " on no disk", "a file in memory" },
	{ "{\"leaves\": [5]}", " on ?", "odd ones do no harm" },
};

static void leaves(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(stacks); i++) {
		json_t *d = json_loads(stacks[i].device, 0, NULL);
		cleanup_buf struct buf out = BUF_INIT(64);

		assert_int_equal(put_leaves(&out, d), 0);
		if (strcmp(buf_str(&out), stacks[i].want))
			fail_msg("%s: '%s'", stacks[i].why, buf_str(&out));
		json_decref(d);
	}
}

static void flags(void **state)
{
	json_t *some = json_pack("[s, s, i]", "rdonly", "direct", 5), *none = json_array();
	cleanup_buf struct buf out = BUF_INIT(64);

	(void)state;
	assert_int_equal(put_flags(&out, none), 0);
	assert_int_equal(put_flags(&out, NULL), 0);
	assert_string_equal(buf_str(&out), "");
	assert_int_equal(put_flags(&out, some), 0);
	assert_string_equal(buf_str(&out), "rdonly,direct,?");
	json_decref(some);
	json_decref(none);
}

static void failures_are_told_by_name(void **state)
{
	cleanup_buf struct buf text = BUF_INIT(64);
	json_t *errnos = json_pack("{s:i, s:i}", "ENOENT", 12000, "EIO", 1);

	(void)state;
	assert_int_equal(put_errnos(&text, NULL), 0);
	assert_string_equal(buf_str(&text), "");
	assert_int_equal(put_errnos(&text, errnos), 0);
	assert_string_equal(buf_str(&text), "ENOENT 12000, EIO 1");
	while (!put_errnos(&text, errnos))
		;
	assert_true(text.failed < 0);
	json_decref(errnos);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failures_are_told_by_name),
		cmocka_unit_test(values),
		cmocka_unit_test(parts),
		cmocka_unit_test(members),
		cmocka_unit_test(results_have_names),
		cmocka_unit_test(means),
		cmocka_unit_test(leaves),
		cmocka_unit_test(flags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
