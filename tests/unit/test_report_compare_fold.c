// SPDX-License-Identifier: Apache-2.0
/* Warnings about runs become warnings about sides; and distances of latencies. */
#include <string.h>

#include "base/cleanup.h"
#include "base/strlist.h"
#include "fake_report.h"
#include "json_case.h"
#include "report/compare_parts.h"

static const size_t sides[] = { 0, 0, 1, 1 };
static const struct compare_options options = { .sides = sides };

static const struct {
	const char *before, *after, *why;
} cases[] = {
	{ "[]", "[]", "nothing" },
	{ "[{'what':'host','path':'k','values':['a','a','b','b']}]",
	  "[{'what':'host','path':'k','values':['a','b']}]", "sides differ" },
	{ "[{'what':'host','path':'k','values':['a','b','b','b']}]",
	  "[{'what':'host','path':'k','values':[{'differ':['a','b']},'b']}]",
	  "runs of a side differ" },
	{ "[{'what':'host','path':'k','values':[null,null,'b','b']}]",
	  "[{'what':'host','path':'k','values':[null,'b']}]", "one side lacks it" },
	{ "[{'what':'loss','path':'k','values':[1,null,null,2]}]", "[]",
	  "now and then both lose something" },
	{ "[{'what':'loss','path':'k','values':[null,null,3,2],'reason':'x'}]",
	  "[{'what':'loss','path':'k','values':[null,5],'reason':'x'}]", "only one does" },
	{ "[{'what':'loss','path':'k','values':[1,null,1,1]},{'what':'host','path':'k','values':[1,"
	  "1,2,2]}]",
	  "[{'what':'host','path':'k','values':[1,2]}]", "what comes after it stays" },
};

static void folded(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		json_t *array = json_case(cases[i].before);

		assert_int_equal(compare_fold_warnings(&options, 4, array), 0);
		json_case_is(array, cases[i].after, cases[i].why);
		json_decref(array);
	}
}

static void runs_alone_stay_as_they_are(void **state)
{
	json_t *array = json_case(cases[4].before);

	(void)state;
	assert_int_equal(compare_fold_warnings(NULL, 4, array), 0);
	json_case_is(array, cases[4].before, "single runs");
	json_decref(array);
}

#define HIST(n, low) "{'count':" #n ",'sum':1,'max':" #low ",'buckets':[[" #low "," #n "]]}"
#define RUN(target) "{'status':'ok','targets':[{'name':'a','kind':'container'," target "}]}"
#define READS(n, low) RUN("'vfs':{'read':{'latency_ns':" HIST(n, low) "}}")

static json_t *distances(const char *const *texts, size_t n, const struct compare_options *o)
{
	struct compare_run runs[4];
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++)
		runs[i] = (struct compare_run){ json_case(texts[i]), NULL };
	assert_int_equal(compare_distributions(runs, n, o, array), 0);
	for (size_t i = 0; i < n; i++)
		json_decref((json_t *)runs[i].report);
	return array;
}

static void latencies_are_apart(void **state)
{
	static const char *const two[] = { READS(4, 3), READS(1, 8) };
	static const char *const four[] = { READS(1, 3), READS(1, 5), READS(3, 3), READS(1, 5) };
	static const char *const stacked[] = {
		RUN("'block':{'vda':{'write':{'total_ns':" HIST(
			2, 4) "}},'dm':{'write':{'stacked':true,'total_ns':" HIST(2, 15) "}}}"),
		RUN("'block':{'vda':{'write':{'total_ns':" HIST(2, 6) "}}}"),
	};
	json_t *got = distances(two, 2, NULL);

	(void)state;
	json_case_is(
		got,
		"[{'target':'a','path':'vfs.read','count':[4,1],'ks':[0,1],'wasserstein_ns':[0,"
		"5]}]",
		"single runs");
	json_decref(got);
	got = distances(four, 4, &options);
	json_case_is(got,
		     "[{'target':'a','path':'vfs.read','count':[2,4],'ks':[0,0.25],"
		     "'wasserstein_ns':[0,0.5]}]",
		     "runs of a side are one distribution");
	json_decref(got);
	got = distances(stacked, 2, NULL);
	json_case_is(got,
		     "[{'target':'a','path':'block.write','count':[2,2],'ks':[0,1],"
		     "'wasserstein_ns':[0,2]}]",
		     "the same requests are counted once");
	json_decref(got);
}

static void buckets_of_each_side_on_request(void **state)
{
	static const char *const three[] = { READS(4, 3), READS(1, 8), RUN("'vfs':{}") };
	static const struct compare_options o = { .buckets = true };
	json_t *got = distances(three, 3, &o), *each;

	(void)state;
	each = json_object_get(json_array_get(got, 0), "sides");
	assert_int_equal(json_array_size(each), 3);
	json_case_is(json_object_get(json_array_get(each, 0), "buckets"), "[[3,4]]", "base");
	json_case_is(json_object_get(json_array_get(each, 1), "buckets"), "[[8,1]]", "other");
	assert_int_equal(json_object_size(json_array_get(each, 2)), 0);
	json_decref(got);
}

static void only_what_is_wanted(void **state)
{
	static const char *const two[] = { READS(4, 3), READS(1, 8) };
	struct str_list patterns = { 0 };
	const struct compare_options o = { .metrics = &patterns };
	json_t *got;

	(void)state;
	assert_int_equal(str_list_add(&patterns, "a.vfs.write.*"), 0);
	got = distances(two, 2, &o);
	assert_int_equal(json_array_size(got), 0);
	json_decref(got);
	assert_int_equal(str_list_add(&patterns, "a.vfs.read.p99"), 0);
	got = distances(two, 2, &o);
	assert_int_equal(json_array_size(got), 1);
	json_decref(got);
	str_list_fini(&patterns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folded),
		cmocka_unit_test(runs_alone_stay_as_they_are),
		cmocka_unit_test(latencies_are_apart),
		cmocka_unit_test(buckets_of_each_side_on_request),
		cmocka_unit_test(only_what_is_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
