// SPDX-License-Identifier: Apache-2.0
/* SQL values and histograms as JSON. */
#include "report/internal.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "fake_run.h"
#include "unit.h"

static const struct {
	const char *sql, *want, *why;
} cases[] = {
	{ "SELECT 7 AS a", "{\"a\":7}", "an integer" },
	{ "SELECT 1.5 AS a, 'x' AS b", "{\"a\":1.5,\"b\":\"x\"}", "a real and a text" },
	{ "SELECT NULL AS a, 0 AS b", "{\"b\":0}", "NULL is absent, zero is not" },
	{ "SELECT CAST(x'41ff42' AS TEXT) AS a", "{\"a\":\"A?B\"}",
	  "text that is no UTF-8 keeps what can be kept" },
	{ "SELECT x'00' AS a", "{}", "a blob is not for JSON" },
};

static void rows_become_objects(void **state)
{
	struct err err = { 0 };
	struct fake_run r;

	(void)state;
	fake_run_begin(&r, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct building b = { .store = r.store, .err = &err };
		sqlite3_stmt *row = query(&b, cases[i].sql);
		json_t *o = json_object();
		char *text;

		while (next(&b, &row))
			put_row(&b, o, row);
		text = json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS);
		if (strcmp(text, cases[i].want) || err.code || b.out_of_memory)
			fail_msg("%s: %s", cases[i].why, text);
		free(text);
		json_decref(o);
	}
	fake_run_fini(&r);
}

static void bad_sql_is_told(void **state)
{
	struct err err = { 0 };
	struct fake_run r;
	sqlite3_stmt *row;

	(void)state;
	fake_run_begin(&r, NULL);
	struct building b = { .store = r.store, .err = &err };
	row = query(&b, "SELECT nope FROM run");
	assert_null(row);
	assert_false(next(&b, &row));
	assert_non_null(strstr(err.text, "nope"));
	assert_true(has_column(&b, "device", "leaves"));
	assert_false(has_column(&b, "device", "twigs"));
	assert_false(has_column(&b, "forest", "leaves"));
	assert_int_equal(query_int(&b, "SELECT 5", 1), 5);
	assert_int_equal(query_int(&b, "SELECT NULL", 1), 1);
	assert_int_equal(query_int(&b, "SELECT 5 WHERE 0", 1), 1);
	fake_run_fini(&r);
}

static void histogram_there_and_back(void **state)
{
	static const uint64_t values[] = { 0, 1, 15, 16, 17, 1000, 123456789, 1ull << 36, ~0ull };
	struct hist h = { 0 }, back = { 0 };
	struct building b = { 0 };
	json_t *json;

	(void)state;
	for (size_t i = 0; i + 1 < ARRAY_SIZE(values); i++)
		hist_add(&h, values[i]);
	json = json_hist(&b, &h);
	hist_of_json(json, &back);
	assert_memory_equal(&h, &back, sizeof(h));
	/* and merges */
	hist_of_json(json, &back);
	assert_int_equal(back.count, 2 * h.count);
	assert_int_equal(back.max, h.max);
	json_decref(json);
	hist_of_json(NULL, &back);
	assert_int_equal(back.count, 2 * h.count);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_become_objects),
		cmocka_unit_test(bad_sql_is_told),
		cmocka_unit_test(histogram_there_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
