// SPDX-License-Identifier: Apache-2.0
/* The metric table: names that SQL and line protocol can take, each once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sample/metric.h"

static void names_are_plain_and_unique(void **state)
{
	(void)state;
	for (int i = 0; i < METRIC_COUNT; i++) {
		const struct metric_desc *d = &metric_descs[i];

		assert_int_equal(strspn(d->name, "abcdefghijklmnopqrstuvwxyz_"), strlen(d->name));
		assert_true(strlen(d->unit) > 0 && strlen(d->source) > 0);
		for (int k = 0; k < i; k++)
			assert_string_not_equal(d->name, metric_descs[k].name);
	}
}

static void units_stand_in_the_names(void **state)
{
	static const char *const units[] = { "ns", "bytes" };

	(void)state;
	for (int i = 0; i < METRIC_COUNT; i++) {
		const struct metric_desc *d = &metric_descs[i];

		for (int u = 0; u < 2; u++) {
			const char *suffix = strrchr(d->name, '_') + 1;

			assert_int_equal(!strcmp(d->unit, units[u]), !strcmp(suffix, units[u]));
		}
	}
}

static void rows_stand_at_their_number(void **state)
{
	(void)state;
	assert_string_equal(metric_descs[METRIC_memory_bytes].name, "memory_bytes");
	assert_int_equal(metric_descs[METRIC_memory_bytes].kind, METRIC_GAUGE);
	assert_string_equal(metric_descs[METRIC_net_tx_packets].name, "net_tx_packets");
	assert_int_equal(metric_descs[METRIC_net_tx_packets].kind, METRIC_COUNTER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_plain_and_unique),
		cmocka_unit_test(units_stand_in_the_names),
		cmocka_unit_test(rows_stand_at_their_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
