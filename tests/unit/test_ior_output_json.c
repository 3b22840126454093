// SPDX-License-Identifier: Apache-2.0
/* The JSON summary, read back. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "ior/output.h"
#include "ior_report.h"
#include "unit.h"

static json_t *load(const char *error, bool aborted)
{
	char *text = print_sample(&output_json, 0, error, aborted);
	json_error_t why;
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &why);

	if (!root)
		fail_msg("%s at %d:%d of\n%s", why.text, why.line, why.column, text);
	free(text);
	return root;
}

static void test_a_finished_run(void **state)
{
	json_t *root = load(NULL, false), *test, *results, *row;

	(void)state;
	test = json_array_get(json_object_get(root, "tests"), 0);
	results = json_object_get(test, "Results");
	assert_int_equal(json_array_size(results), 2);
	row = json_array_get(results, 0);
	assert_string_equal(json_string_value(json_object_get(row, "access")), "write");
	assert_true(json_number_value(json_object_get(row, "bwMiB")) == 1892.15);
	assert_true(json_number_value(json_object_get(row, "latency")) == 0.001054);
	assert_int_equal(json_integer_value(json_object_get(row, "bytes")), 32 << 20);
	assert_int_equal(json_integer_value(json_object_get(row, "beginNs")), 1000);
	assert_int_equal(json_integer_value(json_object_get(row, "endNs")), 16913000);
	assert_int_equal(json_integer_value(json_object_get(row, "iter")), 1);
	assert_int_equal(json_array_size(json_object_get(root, "summary")), 2);
	assert_non_null(json_object_get(root, "Finished"));
	assert_null(json_object_get(root, "Error"));
	json_decref(root);
}

static void test_text_is_escaped(void **state)
{
	json_t *root = load(NULL, false);

	(void)state;
	assert_string_equal(json_string_value(json_object_get(root, "Command line")),
			    "ior -o \"a\\b\"\t");
	json_decref(root);
}

static const struct {
	const char *why;
	const char *error;
	bool aborted, finished;
	size_t summaries;
} ends[] = {
	{ "wrong data: all was run, and it failed", "wrong data", false, true, 2 },
	{ "an abort has no summary and no end", "disk \"full\"", true, false, 0 },
};

static void test_failures(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		json_t *root = load(ends[i].error, ends[i].aborted);
		const char *error = json_string_value(json_object_get(root, "Error"));

		if (!error || strcmp(error, ends[i].error) ||
		    !json_object_get(root, "Finished") == ends[i].finished ||
		    json_array_size(json_object_get(root, "summary")) != ends[i].summaries)
			fail_msg("%s", ends[i].why);
		json_decref(root);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_finished_run),
		cmocka_unit_test(test_text_is_escaped),
		cmocka_unit_test(test_failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
