// SPDX-License-Identifier: Apache-2.0
/* Repetitions within one run: which belong together, and what they have in common. */
#include "report/repetitions.h"

#include "base/cleanup.h"
#include "json_case.h"
#include "report/internal.h"
#include "unit.h"

#define R(op, iteration, more) "{'op': '" op "', 'iteration': " #iteration more "}"

static const struct {
	const char *why, *results, *want; /* of each row: op, test, path, n, mean, samples, ... */
} rows[] = {
	{ "one of each is none", "[" R("write", 0, ", 'bw_mib_s': 5") "]", "[]" },
	{ "by operation and metric",
	  "[" R("write", 0, ", 'bw_mib_s': 5, 'iops': 1, 'total_s': 2") ", " R(
		  "write", 1, ", 'bw_mib_s': 7, 'iops': 1, 'total_s': 4") ", " R("read", 0, "") "]",
	  "[['write', null, 'results.write.bw_mib_s', 2, 6, [5, 7]], ['write', null, "
	  "'results.write.iops', 2, 1, [1, 1]], ['write', null, 'results.write.total_s', 2, 3, [2, "
	  "4]]]" },
	{ "tests of a script and jobs are apart",
	  "[" R("read", 0, ", 'test': 0, 'iops': 1") ", " R(
		  "read", 0,
		  ", 'test': 1, 'iops': 5") ", " R("read", 0,
						   ", 'job': 'x', 'iops': "
						   "8") ", " R("read", 1,
							       ", 'test': 1, 'iops': 7") ", " R("re"
												"a"
												"d",
												1,
												", "
												"'i"
												"op"
												"s'"
												": "
												"8") "]",
	  "[['read', 1, 'results.read.iops', 2, 6, [5, 7]]]" },
	{ "one that does not tell has no part",
	  "[" R("read", 0, ", 'iops': 1") ", " R("read", 1, "") ", " R("read", 2,
								       ", 'iops': 3") "]",
	  "[['read', null, 'results.read.iops', 2, 2, [1, null, 3]]]" },
	{ "a result without an operation is none", "[{'tool': 'ior'}, {'tool': 'ior'}]", "[]" },
};

static json_t *told(const json_t *repetitions)
{
	static const char *const keys[] = { "op", "test", "path", "n", "mean", "samples" };
	json_t *list = json_array(), *r;
	size_t i;

	json_array_foreach(repetitions, i, r) {
		json_t *row = json_array();

		for (size_t k = 0; k < ARRAY_SIZE(keys); k++) {
			json_t *v = json_object_get(r, keys[k]);

			json_array_append_new(row, v ? json_incref(v) : json_null());
		}
		json_array_append_new(list, row);
	}
	return list;
}

static void which_belong_together(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct building b = { .report = json_pack("{s:[{s:o}]}", "targets", "results",
							  json_case(rows[i].results)) };
		json_t *list;

		assert_int_equal(build_repetitions(&b), 0);
		assert_false(b.out_of_memory);
		list = told(json_object_get(json_array_get(json_object_get(b.report, "targets"), 0),
					    "repetitions"));
		json_case_is(list, rows[i].want, rows[i].why);
		json_decref(list);
		json_decref(b.report);
	}
}

/* Of those with numbers the third, but the fourth of all. */
static void outliers_are_indices_of_samples(void **state)
{
	struct building b = { .report = json_object() };
	static const int iops[] = { 100, 101, -1, 5, 99, 100, 102 };
	json_t *results = json_array(), *r;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(iops); i++) {
		r = json_pack("{s:s, s:i}", "op", "read", "iteration", (int)i);
		if (iops[i] >= 0)
			json_object_set_new(r, "iops", json_integer(iops[i]));
		json_array_append_new(results, r);
	}
	json_object_set_new(b.report, "targets", json_pack("[{s:o}]", "results", results));
	assert_int_equal(build_repetitions(&b), 0);
	r = json_array_get(json_object_get(json_array_get(json_object_get(b.report, "targets"), 0),
					   "repetitions"),
			   0);
	json_case_is(json_object_get(r, "outliers"), "[3]", "what stands out");
	json_case_is(json_object_get(r, "n"), "6", "how many tell");
	json_decref(b.report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(which_belong_together),
		cmocka_unit_test(outliers_are_indices_of_samples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
