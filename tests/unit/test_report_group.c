// SPDX-License-Identifier: Apache-2.0
/* Runs of a group added up: what has a part in a number, and what is absent. */
#include "report/group.h"

#include <math.h>

#include "base/buf.h"
#include "base/err.h"
#include "json_case.h"
#include "report/report.h"

#define RUN(id, axes, status, targets)                                                             \
	"{'id':'" id "','group':'g','name':'n','group_runs':4,'repetition':0,'axes':" axes         \
	",'status':'" status "','backends':{'block':'x'},'targets':[" targets "]}"
#define RESULT(op, bw, iops) "{'op':'" op "','bw_mib_s':" #bw ",'iops':" #iops "}"
#define HIST(low, n) "{'count':" #n ",'sum':0,'max':1000,'buckets':[[" #low "," #n "]]}"
#define TARGET(results, more)                                                                      \
	"{'name':'a','kind':'container','duration_s':2,'results':[" results "]" more "}"

static json_t *group_of(const char *const *runs)
{
	struct report_group *g = report_group_open();
	struct err err = { 0 };
	json_t *group = NULL;

	assert_non_null(g);
	for (; *runs; runs++) {
		json_t *report = json_case(*runs);

		assert_int_equal(report_group_add(g, report, &err), 0);
		json_decref(report);
	}
	assert_int_equal(report_group_json(g, &group, &err), 0);
	report_group_close(g);
	return group;
}

static const struct {
	const char *why, *runs[4], *want; /* of "matrix" */
} cases[] = {
	{ "a tool's repetitions are one value of a run",
	  { RUN("r", "{'x':'1'}", "ok",
		TARGET(RESULT("write", 100, 10) "," RESULT("write", 300, 30), "")) },
	  "[{'axes':{'x':'1'},'ok':1,'runs':[{'id':'r','status':'ok','repetition':0}],'targets':[{"
	  "'name':'a','ops':[{'op':'write','source':'tool','bw_mib_s':{'n':1,'mean':200.0,'min':"
	  "200.0,'max':200.0},'iops':{'n':1,'mean':20.0,'min':20.0,'max':20.0},'device_bytes':0}]}]"
	  "}]" },
	{ "runs of the same values are one row, and those that failed have no part",
	  { RUN("r", "{'x':'1'}", "ok", TARGET(RESULT("read", 1, null), "")),
	    RUN("s", "{'x':'1'}", "ok", TARGET(RESULT("read", 3, null), "")),
	    RUN("t", "{'x':'1'}", "failed", TARGET(RESULT("read", 9, null), "")) },
	  "[{'axes':{'x':'1'},'ok':2,'runs':[{'id':'r','status':'ok','repetition':0},{'id':'s',"
	  "'status':'ok','repetition':0},{'id':'t','status':'failed','repetition':0}],'targets':[{"
	  "'name':'a','ops':[{'op':'read','source':'tool','bw_mib_s':{'n':2,'mean':2.0,'min':1.0,"
	  "'max':3.0,'stddev':1.4142135623730951},'device_bytes':0}]}]}]" },
	{ "percentiles and the hit ratio are of all calls and pages together",
	  { RUN("r", "{'x':'1'}", "ok",
		TARGET(RESULT("read", 1, null),
		       ",'vfs':{'read':{'latency_ns':" HIST(
			       16,
			       99) "}},'block':{'vda':{'read':{"
				   "'total_ns':" HIST(
					   16,
					   1) ",'bytes':7}},'dm-0':{'read':{'stacked':true,"
					      "'total_ns':" HIST(
						      64,
						      5) "}}},'block_total':{'read':{'bytes':7}},"
							 "'pagecache':{'accessed_pages':10,'missed_"
							 "pages':10,'hit_ratio':0}")),
	    RUN("s", "{'x':'1'}", "ok",
		TARGET(RESULT("read", 1, null),
		       ",'vfs':{'read':{'latency_ns':" HIST(
			       64, 101) "}},"
					"'block_total':{'read':{'bytes':9}},"
					"'pagecache':{'accessed_pages':30,'missed_pages':0,'hit_"
					"ratio':1}")) },
	  "[{'axes':{'x':'1'},'ok':2,'runs':[{'id':'r','status':'ok','repetition':0},{'id':'s',"
	  "'status':'ok','repetition':0}],'targets':[{'name':'a','hit_ratio':0.75,'accessed_pages':"
	  "20,'ops':[{'op':"
	  "'read','source':'tool','bw_mib_s':{'n':2,'mean':1.0,'min':1.0,'max':1.0,'stddev':0.0},"
	  "'vfs_ns':{'count':200,'p50':65,'p99':65},'block_ns':{'count':1,'p50':16,'p99':16},"
	  "'device_bytes':8}]}]}]" },
	{ "without a tool it is what calls have moved while it ran",
	  { RUN("r", "{'x':'1'}", "ok",
		TARGET("", ",'vfs':{'write':{'calls':10,'bytes':4194304}}")) },
	  "[{'axes':{'x':'1'},'ok':1,'runs':[{'id':'r','status':'ok','repetition':0}],'targets':[{"
	  "'name':'a','ops':[{'op':'write','source':'calls','bw_mib_s':{'n':1,'mean':2.0,'min':2.0,"
	  "'max':2.0},'iops':{'n':1,'mean':5.0,'min':5.0,'max':5.0},'vfs_bytes':4194304,'device_"
	  "bytes':0}]}]}]" },
	{ "nobody else is a row, and what was not seen is absent",
	  { "{'id':'r','group':'g','status':'ok','targets':[{'name':'host','kind':'host'}," TARGET(
		  RESULT("write", 1, null), "") "]}" },
	  "[{'axes':{},'ok':1,'runs':[{'id':'r','status':'ok'}],'targets':[{'name':'a','ops':[{"
	  "'op':'write','source':'tool','bw_mib_s':{'n':1,'mean':1.0,'min':1.0,'max':1.0}}]}]}]" },
	{ "rows are in the order of runs",
	  { RUN("r", "{'x':'2'}", "ok", ""), RUN("s", "{'x':'1'}", "interrupted", ""),
	    RUN("t", "{'x':'2'}", "ok", "") },
	  "[{'axes':{'x':'2'},'ok':2,'runs':[{'id':'r','status':'ok','repetition':0},{'id':'t',"
	  "'status':'ok','repetition':0}],'targets':[]},{'axes':{'x':'1'},'ok':0,'runs':[{'id':'s',"
	  "'status':'interrupted','repetition':0}],'targets':[]}]" },
};

static void runs_are_added_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_t *group = group_of(cases[i].runs), *row;
		size_t k;

		/* Of which another test tells. */
		json_array_foreach(json_object_get(group, "matrix"), k, row)
			json_object_del(row, "metrics");
		json_case_is(json_object_get(group, "matrix"), cases[i].want, cases[i].why);
		json_decref(group);
	}
}

#define WRITE(id, axis, status, bw)                                                                \
	RUN(id, "{'x':'" axis "'}", status, TARGET("{'op':'write','bw_mib_s':" #bw "}", ""))

/* One of another combination, and one that failed, have no part. */
static void repetitions_have_a_spread(void **state)
{
	json_t *group = group_of((const char *const[]){
		WRITE("a", "1", "ok", 10), WRITE("b", "1", "failed", 900), WRITE("c", "2", "ok", 7),
		WRITE("d", "1", "ok", 100), WRITE("e", "1", "ok", 101), WRITE("f", "1", "ok", 99),
		WRITE("g", "1", "ok", 100), WRITE("h", "1", "ok", 102), WRITE("i", "1", "ok", 98),
		NULL });
	json_t *matrix = json_object_get(group, "matrix");
	json_t *m = json_array_get(json_object_get(json_array_get(matrix, 0), "metrics"), 0);

	(void)state;
	json_case_is(json_object_get(m, "path"), "'results.write.bw_mib_s'", "what it is of");
	json_case_is(json_object_get(m, "samples"), "[10,100,101,99,100,102,98]", "of each run");
	json_case_is(json_object_get(m, "n"), "7", "how many");
	json_case_is(json_object_get(m, "median"), "100", "their middle");
	json_case_is(json_object_get(m, "outliers"), "[0]", "the first of the runs stands out");
	json_case_is(json_object_get(m, "warm_up"), "1", "and is warm-up");
	json_case_is(json_object_get(m, "settled"), "'found'", "which is told");
	json_case_is(json_object_get(m, "steady_mean"), "100", "without it");
	assert_true(fabs(json_number_value(json_object_get(m, "mean")) - 610 / 7.0) < 1e-9);
	assert_true(json_number_value(json_object_get(m, "stddev")) > 30);
	assert_int_equal(json_array_size(json_object_get(m, "ci")), 2);
	/* A single run has no spread. */
	assert_null(json_object_get(json_array_get(matrix, 1), "metrics"));
	json_decref(group);
}

static void repetitions_in_a_terminal(void **state)
{
	json_t *group = group_of((const char *const[]){
		WRITE("a", "1", "ok", 10), WRITE("b", "1", "ok", 100), WRITE("c", "1", "ok", 101),
		WRITE("d", "1", "ok", 99), WRITE("e", "1", "ok", 100), WRITE("f", "1", "ok", 102),
		NULL });
	const struct report_style style = { .width = 80 };
	struct buf out = BUF_INIT(1 << 16);

	(void)state;
	assert_int_equal(report_group_text(group, &style, &out), 0);
	if (!strstr(buf_str(&out),
		    "\nrepetitions  x=1\n"
		    "  metric                   n mean median stddev 95 % of mean "
		    "outliers warm-up\n"
		    "  a.results.write.bw_mib_s 6 85.3    100   36.9    46.6..124 1 "
		    "       first 1\n"
		    "    a.results.write.bw_mib_s: mean 85.3, 100 without the first 1\n"))
		fail_msg("%s", buf_str(&out));
	buf_fini(&out);
	json_decref(group);
}

static void a_group_says_what_it_is(void **state)
{
	json_t *group =
		group_of((const char *const[]){ RUN("r", "{'x':'1','y':'2'}", "ok", ""), NULL });

	(void)state;
	json_object_del(group, "matrix");
	json_case_is(group,
		     "{'schema':1,'group':'g','name':'n','runs':1,'planned':4,'axes':['x','y']}",
		     "all but the rows");
	json_decref(group);
}

static const struct {
	const char *why, *json, *want;
} lines[] = {
	{ "without axes and runs", "{'axes':[],'matrix':[]}",
	  "runs,ok,target,op,source,bw_mib_s,bw_stddev_mib_s,iops,vfs_p50_ns,vfs_p99_ns,"
	  "block_p50_ns,block_p99_ns,vfs_bytes,hit_ratio,accessed_pages,device_bytes\r\n" },
	{ "a line for each operation; what is absent is empty",
	  "{'axes':['x'],'matrix':[{'axes':{'x':'1'},'ok':2,'runs':[{},{}],'targets':[{'name':'a',"
	  "'hit_ratio':0.5,'accessed_pages':7,'ops':[{'op':'write','source':'tool','bw_mib_s':{'"
	  "mean':1.5,'stddev':"
	  "0.25},'iops':{'mean':3.0},'vfs_ns':{'p50':1,'p99':2},'vfs_bytes':8},{'op':'read','block_"
	  "ns':{'p50':4,"
	  "'p99':5},'device_bytes':6}]}]}]}",
	  "x,runs,ok,target,op,source,bw_mib_s,bw_stddev_mib_s,iops,vfs_p50_ns,vfs_p99_ns,"
	  "block_p50_ns,block_p99_ns,vfs_bytes,hit_ratio,accessed_pages,device_bytes\r\n"
	  "1,2,2,a,write,tool,1.5,0.25,3,1,2,,,8,0.5,7,\r\n"
	  "1,2,2,a,read,,,,,,,4,5,,0.5,7,6\r\n" },
	{ "a combination without numbers is a line; text is quoted where it must be",
	  "{'axes':['x','y'],'matrix':[{'axes':{'x':'a,b','y':'\\u0022'},'ok':0,'runs':[{}],"
	  "'targets':[]}]}",
	  "x,y,runs,ok,target,op,source,bw_mib_s,bw_stddev_mib_s,iops,vfs_p50_ns,vfs_p99_ns,"
	  "block_p50_ns,block_p99_ns,vfs_bytes,hit_ratio,accessed_pages,device_bytes\r\n"
	  "\"a,b\",\"\"\"\",1,0,,,,,,,,,,,,,,\r\n" },
};

static void lines_are_csv(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct buf out = BUF_INIT(65536);
		json_t *group = json_case(lines[i].json);

		assert_int_equal(report_group_csv(group, &out), 0);
		if (strcmp(buf_str(&out), lines[i].want) != 0)
			fail_msg("%s: got %s", lines[i].why, buf_str(&out));
		json_decref(group);
		buf_fini(&out);
	}
}

static void without_room_it_fails(void **state)
{
	json_t *group = json_case(lines[1].json);
	struct buf out = BUF_INIT(100);

	(void)state;
	assert_true(report_group_csv(group, &out) < 0);
	json_decref(group);
	buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_are_added_up),
		cmocka_unit_test(repetitions_have_a_spread),
		cmocka_unit_test(repetitions_in_a_terminal),
		cmocka_unit_test(a_group_says_what_it_is),
		cmocka_unit_test(lines_are_csv),
		cmocka_unit_test(without_room_it_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
