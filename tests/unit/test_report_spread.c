// SPDX-License-Identifier: Apache-2.0
/* The spread of repetitions as JSON: what is not there is absent. */
#include "report/spread.h"

#include "base/cleanup.h"
#include "json_case.h"
#include "unit.h"

static const struct {
	const char *why;
	double v[8];
	size_t n;
	bool rises;
	const char *want;
} rows[] = {
	{ "one value has no spread",
	  { 5 },
	  1,
	  true,
	  "{'n': 1, 'mean': 5, 'median': 5, 'min': 5, 'max': 5, 'outliers': [], 'settled': 'too "
	  "few'}" },
	{ "a rise: the first",
	  { 50, 100, 102 },
	  3,
	  true,
	  "{'n': 3, 'mean': 84, 'median': 100, 'min': 50, 'max': 102, 'outliers': [], 'settled': "
	  "'found', 'warm_up': 1, 'steady_mean': 101}" },
	{ "of times it is none",
	  { 50, 100, 102 },
	  3,
	  false,
	  "{'n': 3, 'mean': 84, 'median': 100, 'min': 50, 'max': 102, 'outliers': [], 'settled': "
	  "'too few'}" },
	{ "an outlier by its number",
	  { 100, 101, 99, 100, 8, 102 },
	  6,
	  true,
	  "{'n': 6, 'mean': 85, 'median': 100, 'min': 8, 'max': 102, 'outliers': "
	  "[14], 'settled': 'none'}" },
	{ "a rise that does not end",
	  { 1, 2, 3, 4 },
	  4,
	  true,
	  "{'n': 4, 'mean': 2.5, 'median': 2.5, 'min': 1, 'max': 4, 'outliers': [], 'settled': "
	  "'not "
	  "settled'}" },
};

static void as_json(void **state)
{
	static const size_t of[] = { 10, 11, 12, 13, 14, 15, 16, 17 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		json_t *o = spread_json(rows[i].v, of, rows[i].n, rows[i].rises);

		assert_int_equal(json_object_get(o, "stddev") != NULL, rows[i].n > 1);
		assert_int_equal(json_array_size(json_object_get(o, "ci")), rows[i].n > 1 ? 2 : 0);
		json_object_del(o, "stddev");
		json_object_del(o, "ci");
		json_case_is(o, rows[i].want, rows[i].why);
		json_decref(o);
	}
}

static void what_rises(void **state)
{
	(void)state;
	assert_true(spread_rises("results.write.bw_mib_s"));
	assert_true(spread_rises("results.read.iops"));
	assert_false(spread_rises("results.read.total_s"));
	assert_false(spread_rises("block.read.iops"));
	assert_false(spread_rises("results"));
	assert_false(spread_rises(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_json),
		cmocka_unit_test(what_rises),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
