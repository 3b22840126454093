// SPDX-License-Identifier: Apache-2.0
/* Which numbers stand side by side, and by how much they differ. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/expect.h"
#include "fake_report.h"
#include "json_case.h"
#include "report/compare_parts.h"
#include "report/report.h"

#define HIST(n, bucket)                                                                            \
	"{'count':" #n ",'sum':1,'max':" #bucket ",'buckets':[[" #bucket "," #n "]]}"
#define RUN(target) "{'targets':[{'name':'a','kind':'container'" target "}]}"

static const struct {
	const char *first, *second;
	const char *want; /* [[target, path, [values], [changes]], ...] */
	const char *why;
} cases[] = {
	{ RUN(""), RUN(""), "[]", "nothing was measured" },
	{ RUN(",'cgroup':{'cpu_usage_ns':200}"), RUN(",'cgroup':{'cpu_usage_ns':250}"),
	  "[['a','cgroup.cpu_usage_ns',[200,250],[0,25]]]", "a quarter more" },
	{ RUN(",'cgroup':{'cpu_usage_ns':200}"), RUN(",'cgroup':{'cpu_usage_ns':150}"),
	  "[['a','cgroup.cpu_usage_ns',[200,150],[0,-25]]]", "less" },
	{ RUN(",'cgroup':{'cpu_usage_ns':0}"), RUN(",'cgroup':{'cpu_usage_ns':0}"),
	  "[['a','cgroup.cpu_usage_ns',[0,0],[0,0]]]", "0 and 0 are the same" },
	{ RUN(",'cgroup':{'cpu_usage_ns':0}"), RUN(",'cgroup':{'cpu_usage_ns':5}"),
	  "[['a','cgroup.cpu_usage_ns',[0,5],[0,null]]]", "nothing is a percentage of 0" },
	{ RUN(",'cgroup':{'cpu_usage_ns':5}"), RUN(""),
	  "[['a','cgroup.cpu_usage_ns',[5,null],[0,null]]]", "absent is not 0" },
	{ RUN(",'cgroup':{'cpu_usage_ns':null}"), RUN(",'cgroup':{'cpu_usage_ns':5}"),
	  "[['a','cgroup.cpu_usage_ns',[null,5],[null,null]]]", "nor is it in the base" },
	{ RUN(",'results':[{'op':'write','bw_mib_s':10.5},{'op':'write','bw_mib_s':11.5},"
	      "{'op':'stat','iops':7}]"),
	  RUN(",'results':[{'op':'read','iops':1},{'op':'write','bw_mib_s':22}]"),
	  "[['a','results.write.bw_mib_s',[11,22],[0,100]],['a','results.stat.iops',[7,null],"
	  "[0,null]],['a','results.read.iops',[null,1],[null,null]]]",
	  "whatever tools have done" },
	{ RUN(",'results':[{'tool':'ior','status':'failed'}]"), RUN(""), "[]",
	  "a tool without results" },
	{ RUN(",'block':{'vda':{'read':{'ios':1,'bytes':512,'total_ns':" HIST(
		  1, 8) "}},'vdb':{'read':{'ios':2,'bytes':512}}}"),
	  RUN(",'block':{'vda':{'read':{'ios':3,'bytes':512}}}"),
	  "[['a','block.read.ios',[3,3],[0,0]],['a','block.read.bytes',[1024,512],[0,-50]],"
	  "['a','block.read.p50',[8,null],[0,null]],['a','block.read.p99',[8,null],[0,null]]]",
	  "sums over devices" },
	{ RUN(",'block':{'vda':{'flush':{'ios':1,'bytes':0}}}"),
	  RUN(",'block':{'vda':{'flush':{'ios':1,'bytes':0}}}"),
	  "[['a','block.flush.ios',[1,1],[0,0]]]", "a flush has no bytes" },
	{ RUN(",'vfs':{'fsync':{'calls':1,'bytes':0,'latency_ns':" HIST(1, 8) "},'mkdir':{'calls':"
									      "1}}"),
	  RUN(""),
	  "[['a','vfs.fsync.calls',[1,null],[0,null]],['a','vfs.fsync.p50',[8,null],[0,null]],"
	  "['a','vfs.fsync.p99',[8,null],[0,null]]]",
	  "calls that move or keep data" },
	{ RUN(",'sched':{'oncpu_ns':2,'runq_ns':{'p99':4}},'pagecache':{'hit_ratio':0.5}"),
	  RUN(",'sched':{'oncpu_ns':1,'runq_ns':{'p99':5}},'pagecache':{'hit_ratio':0.75}"),
	  "[['a','pagecache.hit_ratio',[0.5,0.75],[0,50]],['a','sched.oncpu_ns',[2,1],[0,-50]],"
	  "['a','sched.runq_ns.p99',[4,5],[0,25]]]",
	  "page cache and scheduler" },
	{ RUN(",'perf':{'events':{},'page-faults':4,'instructions_per_cycle':null}"),
	  RUN(",'perf':{'events':{},'x.y':1.5,'page-faults':4}"),
	  "[['a','perf.page-faults',[4,4],[0,0]],['a','perf.x.y',[null,1.5],[null,null]]]",
	  "every event" },
	{ "{'targets':[{'name':'b','kind':'container','exit_code':0,'cgroup':{'cpu_usage_ns':1}}]}",
	  RUN(",'cgroup':{'cpu_usage_ns':1}"), "[]", "a target that one run has alone" },
	{ "{'targets':[{'name':'/x','kind':'cgroup','block':{'vda':{'read':{'ios':1}}}},"
	  "{'name':'host','kind':'host','block':{'vda':{'read':{'ios':1}}}},"
	  "{'name':'unattributed','kind':'unattributed','block':{'vda':{'read':{'ios':1}}}},"
	  "{'name':'unattributed (x)','kind':'unattributed','block':{'vda':{'read':{'ios':2}}}}]}",
	  "{'targets':[{'name':'/x','kind':'cgroup','block':{'vda':{'read':{'ios':1}}}},"
	  "{'name':'host','kind':'host','block':{'vda':{'read':{'ios':2}}}},"
	  "{'name':'unattributed (y)','kind':'unattributed','block':{'vda':{'read':{'ios':3}}}}]}",
	  "[['host','block.read.ios',[1,2],[0,100]],['unattributed','block.read.ios',[3,3],[0,0]]]",
	  "the host's, and what is nobody's, for whatever reason" },
};

static json_t *flat(const json_t *metrics)
{
	json_t *all = json_array(), *m;
	size_t i;

	json_array_foreach(metrics, i, m)
		json_array_append_new(all, json_pack("[O, O, O, O]", json_object_get(m, "target"),
						     json_object_get(m, "path"),
						     json_object_get(m, "values"),
						     json_object_get(m, "change_pct")));
	return all;
}

static void side_by_side(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		json_t *first = json_case(cases[i].first), *second = json_case(cases[i].second);
		const struct compare_run runs[] = { { first, NULL }, { second, NULL } };
		json_t *metrics = json_array(), *got;

		assert_int_equal(compare_metrics(runs, 2, NULL, metrics), 0);
		got = flat(metrics);
		json_case_is(got, cases[i].want, cases[i].why);
		json_decref(got);
		json_decref(metrics);
		json_decref(second);
		json_decref(first);
	}
}

/* The base is the first, not the one before. */
static void three_runs(void **state)
{
	json_t *a = json_case(RUN(",'cgroup':{'cpu_usage_ns':100}"));
	json_t *b = json_case(RUN(",'cgroup':{'cpu_usage_ns':50}"));
	const struct compare_run runs[] = { { a, NULL }, { b, NULL }, { a, NULL } };
	json_t *metrics = json_array(), *got;

	(void)state;
	assert_int_equal(compare_metrics(runs, 3, NULL, metrics), 0);
	got = flat(metrics);
	json_case_is(got, "[['a','cgroup.cpu_usage_ns',[100,50,100],[0,-50,0]]]", "three");
	json_decref(got);
	json_decref(metrics);
	json_decref(b);
	json_decref(a);
}

/* Each path can be written into a spec, where it means the same number. */
static void paths_are_thresholds(void **state)
{
	json_t *report = fake_report(NULL), *metrics = json_array(), *m;
	const struct compare_run runs[] = { { report, NULL }, { report, NULL } };
	size_t i;

	(void)state;
	assert_int_equal(compare_metrics(runs, 2, NULL, metrics), 0);
	json_array_foreach(metrics, i, m) {
		const char *target = json_string_value(fake_at(m, "target"));
		struct err err = { 0 };
		struct expect e;
		char expr[512];

		snprintf(expr, sizeof(expr), "%s.%s >= 0", target,
			 json_string_value(fake_at(m, "path")));
		if (expect_parse(expr, &e, &err))
			fail_msg("%s", err.text);
		assert_true(report_value(report, e.target, e.path) ==
			    json_number_value(fake_at(m, "values.0")));
	}
	assert_true(i > 20);
	json_decref(metrics);
	json_decref(report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(side_by_side),
		cmocka_unit_test(three_runs),
		cmocka_unit_test(paths_are_thresholds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
