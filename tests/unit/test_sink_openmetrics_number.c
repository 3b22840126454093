// SPDX-License-Identifier: Apache-2.0
/* Numbers have one text each, which reads back as the same. */
#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "sink/openmetrics_parts.h"
#include "unit.h"

static const struct {
	double value;
	const char *text, *plain;
	const char *why;
} numbers[] = {
	{ 0, "0.0", "0", "zero" },
	{ 1, "1.0", "1", "an integer has a point" },
	{ 8191, "8191.0", "8191", "the same" },
	{ 123456, "123456.0", "123456", "up to six digits" },
	{ 1048575, "1.048575e+06", "1.048575e+06", "then there is an exponent" },
	{ 1e6, "1e+06", "1e+06", "the same" },
	{ 0.25, "0.25", "0.25", "a fraction" },
	{ 0.1, "0.1", "0.1", "the shortest that reads back" },
	{ 0.0001, "0.0001", "0.0001", "down to 1e-4" },
	{ 1.023e-6, "1.023e-06", "1.023e-06", "then there is an exponent" },
	{ -2.5, "-2.5", "-2.5", "below zero" },
	{ 1.0 / 3, "0.3333333333333333", "0.3333333333333333", "as many digits as it needs" },
	{ DBL_MAX, "1.7976931348623157e+308", "1.7976931348623157e+308", "the largest" },
	{ DBL_TRUE_MIN, "5e-324", "5e-324", "the smallest" },
};

static void numbers_are_short_and_exact(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		char text[OM_NUMBER_MAX];

		om_number(numbers[i].value, false, text);
		if (strcmp(text, numbers[i].text) || strtod(text, NULL) != numbers[i].value)
			fail_msg("%s: %s", numbers[i].why, text);
		om_number(numbers[i].value, true, text);
		if (strcmp(text, numbers[i].plain))
			fail_msg("%s: %s", numbers[i].why, text);
	}
}

static const struct {
	int64_t value;
	unsigned int digits;
	const char *text;
} decimals[] = {
	{ 0, 0, "0" },
	{ 42, 0, "42" },
	{ INT64_MAX, 0, "9223372036854775807" },
	{ INT64_MIN, 0, "-9223372036854775808" },
	{ 0, 9, "0" },
	{ 1, 9, "0.000000001" },
	{ 1500, 9, "0.0000015" },
	{ 2000000000, 9, "2" },
	{ 2000000010, 9, "2.00000001" },
	{ -1500000000, 9, "-1.5" },
	{ INT64_MAX, 9, "9223372036.854775807" },
	{ INT64_MIN, 9, "-9223372036.854775808" },
	{ 50, 2, "0.5" },
};

static void decimals_are_exact(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(decimals); i++) {
		char text[OM_NUMBER_MAX];

		om_decimal(decimals[i].value, decimals[i].digits, text);
		assert_string_equal(text, decimals[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_short_and_exact),
		cmocka_unit_test(decimals_are_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
