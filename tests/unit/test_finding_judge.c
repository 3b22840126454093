// SPDX-License-Identifier: Apache-2.0
/* What becomes of a verdict: its words, its evidence, its order, and thresholds of one's own. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "finding/finding.h"
#include "unit.h"

static json_t *report(void)
{
	return json_loads(
		"{\"backends\": {\"block\": \"tp_btf\"}, \"targets\": ["
		"{\"name\": \"a\", \"kind\": \"container\", \"results\": [{\"tool\": \"ior\", "
		"\"op\": \"read\", \"bw_mib_s\": 100, \"total_s\": 0.5, \"status\": \"corrupt\"}], "
		"\"application\": {\"read\": {\"bytes\": 1000000000}}, "
		"\"block_total\": {\"read\": {\"bytes\": 150000000}}},"
		"{\"name\": \"host\", \"kind\": \"host\", \"results\": [{\"status\": "
		"\"corrupt\"}]}]}",
		0, NULL);
}

static const json_t *of(const json_t *findings, const char *id)
{
	json_t *f;
	size_t i;

	json_array_foreach(findings, i, f)
		if (!strcmp(json_string_value(json_object_get(f, "id")), id))
			return f;
	return NULL;
}

static void judge(const json_t *thresholds, json_t **findings, json_t **not_judged)
{
	json_t *r = report();
	struct err err = { 0 };

	assert_non_null(r);
	assert_int_equal(findings_judge(r, thresholds, findings, not_judged, &err), 0);
	json_decref(r);
}

static void test_shape(void **state)
{
	json_t *findings, *not_judged, *f;
	const char *before = "error";
	size_t i;

	(void)state;
	judge(NULL, &findings, &not_judged);
	assert_true(json_array_size(findings) >= 3);
	/* The worst comes first, and only what the run is about is judged. */
	assert_string_equal(json_string_value(json_object_get(json_array_get(findings, 0), "id")),
			    "corruption");
	json_array_foreach(findings, i, f) {
		const char *severity = json_string_value(json_object_get(f, "severity"));
		const char *target = json_string_value(json_object_get(f, "target"));

		assert_true(!target || !strcmp(target, "a"));
		assert_false(!strcmp(before, "info") && strcmp(severity, "info"));
		assert_false(!strcmp(before, "warning") && !strcmp(severity, "error"));
		before = severity;
		assert_non_null(json_string_value(json_object_get(f, "text")));
		assert_non_null(json_string_value(json_object_get(f, "why")));
		assert_non_null(json_string_value(json_object_get(f, "advice")));
		assert_true(json_is_object(json_object_get(f, "evidence")));
	}
	f = (json_t *)of(findings, "too-short");
	assert_non_null(f);
	assert_true(json_number_value(json_object_get(
			    json_object_get(json_object_get(f, "evidence"), "thresholds"),
			    "seconds")) == 1);
	assert_non_null(of(not_judged, "straggler"));
	json_decref(findings);
	json_decref(not_judged);
}

/* 15 % came from the device: it is what the spec says that decides. */
static void test_thresholds(void **state)
{
	json_t *set = json_pack("{s:f}", "cache-reads.ratio", 0.2), *findings, *not_judged;

	(void)state;
	judge(NULL, &findings, &not_judged);
	assert_null(of(findings, "cache-reads"));
	json_decref(findings);
	json_decref(not_judged);
	judge(set, &findings, &not_judged);
	assert_non_null(of(findings, "cache-reads"));
	json_decref(findings);
	json_decref(not_judged);
	json_decref(set);
}

static void test_names(void **state)
{
	(void)state;
	assert_non_null(finding_threshold("cache-reads.ratio"));
	assert_non_null(finding_threshold("few-reps.deviation"));
	assert_null(finding_threshold("cache-reads"));
	assert_null(finding_threshold("cache-reads.rate"));
	assert_null(finding_threshold("cache.ratio"));
	assert_null(finding_threshold(""));
}

/* Each has words for everything, and an id that is no other's. */
static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; finding_rules[i]; i++) {
		const struct finding_rule *r = finding_rules[i];

		assert_non_null(r->title);
		assert_non_null(r->why);
		assert_non_null(r->advice);
		assert_true(!strcmp(r->severity, "info") || !strcmp(r->severity, "warning") ||
			    !strcmp(r->severity, "error"));
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(r->id, finding_rules[k]->id);
		for (const struct finding_threshold *t = r->thresholds; t->name; t++)
			assert_true(t->help && t->unit && t->preset > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shape),
		cmocka_unit_test(test_thresholds),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
