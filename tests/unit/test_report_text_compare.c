// SPDX-License-Identifier: Apache-2.0
/* A comparison in a terminal: what is told how, and that it fits. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "json_case.h"
#include "report/compare.h"
#include "report/report.h"
#include "report/table.h"

#define WIDTH 80

#define RUNS(more)                                                                                 \
	"'runs':[{'id':'20260102T030405-demo-00aa','status':'ok','version':'0.1.0','duration_s':"  \
	"0.4,'hostname':'h'},{'id':'b','status':'failed'}" more "],"
#define WARNINGS(list) "{" RUNS("") "'warnings':[" list "],'metrics':[],'basis':'single runs'}"
#define METRICS(list) "{" RUNS("") "'warnings':[],'metrics':[" list "],'basis':'single runs'}"
#define METRIC(path, a, b, change)                                                                 \
	"{'target':'t','path':'" path "','values':[" #a "," #b "],'change_pct':[0," #change "]}"
#define WORDS "eleven bytes of the same words, and again the same, and once more the same "
#define X50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static const struct {
	const char *json, *want, *never, *why;
} cases[] = {
	{ WARNINGS(""), "warnings  none\n", "absent", "nothing is unlike" },
	{ WARNINGS(""), "  1 (base)  20260102T030405-demo-00aa  ok      0.1.0  400 ms  h\n", NULL,
	  "the first run" },
	{ WARNINGS(""), "  2         b                          failed  -           -  -\n", NULL,
	  "one of which little is known" },
	{ "{'runs':[{'id':'a','axes':{'x':'1','y':'2'}},{'id':'b'}],'warnings':[],'metrics':[],"
	  "'basis':'single runs'}",
	  "\n  1 (base)  x=1 y=2\n  2         -\n\n", NULL, "combinations of a matrix" },
	{ WARNINGS(""), "no target in common", NULL, "and nothing was measured" },
	{ WARNINGS(""), "1 run each: differences may be noise; repeat the run\n", NULL,
	  "the basis" },

	{ WARNINGS("{'what':'host','path':'disks.vda.scheduler','values':['mq-deadline','none']}"),
	  "\n  host  disks.vda.scheduler: mq-deadline / none\n", NULL, "a fact" },
	{ WARNINGS("{'what':'host','path':'disks.vdb','values':[null,{'name':'vdb'}]}"),
	  "  host  disks.vdb: absent / present\n", NULL, "an entry that was added" },
	{ WARNINGS("{'what':'host','path':'cpu.turbo','values':[true,false]}"),
	  "cpu.turbo: true / false\n", NULL, "a flag" },
	{ WARNINGS("{'what':'host','path':'x','values':[1,1.5]}"), "x: 1 / 1.5\n", NULL,
	  "numbers" },
	{ WARNINGS("{'what':'host','path':'x','values':['',[]]}"), "x: \"\" / []\n", NULL,
	  "empty" },
	{ WARNINGS("{'what':'host','path':'memory_bytes','values':[25276063744,25276067840]}"),
	  "memory_bytes: 25276063744 / 25276067840\n", NULL, "small differences are seen" },
	{ WARNINGS("{'what':'host','path':'m.options','values':[['rw','noatime'],['rw']]}"),
	  "m.options: rw, noatime / rw\n", NULL, "a list" },
	{ WARNINGS("{'what':'host','path':'','values':['known','unknown']}"),
	  "  host  known / unknown\n", "host: ", "all of it" },
	{ WARNINGS("{'what':'version','path':'version','values':['0.1.0','0.2.0']}"),
	  "  version  0.1.0 / 0.2.0\n", "version:", "what needs no path" },
	{ WARNINGS("{'what':'interval','path':'interval_ns','values':[100000000,50000000]}"),
	  "  interval  100 ms / 50.0 ms\n", NULL, "times" },
	{ WARNINGS("{'what':'target','path':'b','values':[true,null]}"),
	  "  target  b: present / absent\n", NULL, "a target" },
	{ WARNINGS("{'what':'loss','path':'vfs.missed','values':[3,null],'reason':'too much'},"
		   "{'what':'host','path':'kernel','values':['a','b']}"),
	  "  loss  vfs.missed: 3 / none (too much)\n  host  kernel: a / b\n", NULL, "a loss" },
	{ WARNINGS("{'what':'spec','path':'c','values':['" WORDS "one','" WORDS "two']}"),
	  "c: ... one / ... two\n", "eleven", "long values from where they differ" },
	{ WARNINGS("{'what':'spec','path':'c','values':['" X50 X50 X50 X50 X50 "',null]}"),
	  "x...\n        / absent", X50 X50 X50 X50 "x", "and no longer than can be read" },
	{ WARNINGS("{'what':'host','path':'x\\u001b[31m','values':['a\\n','b']}"), "x?[31m: a? / b",
	  "\033", "no control characters" },
	{ WARNINGS("{'what':'host','path':'ä','values':['ö','中']}"), "ä: ö / 中\n", NULL,
	  "other languages" },

	{ METRICS(METRIC("block.read.ios", 300, 330, 10)),
	  "t\n  metric            1    2  change\n  block.read.ios  300  330   +10 %\n", NULL,
	  "a count" },
	{ METRICS(METRIC("block.read.ios", 300, null, null)), "  300  -       -\n", NULL,
	  "absent is no 0" },
	{ METRICS(METRIC("block.read.ios", 0, 3, null)), "  0  3  from 0\n", NULL,
	  "no percentage of 0" },
	{ METRICS(METRIC("block.read.ios", 7, 7, 0)), "  7  7     0 %\n", NULL, "no change" },
	{ METRICS(METRIC("block.read.bytes", 1048576, 4096, -99.609375)),
	  "  1.0 MiB  4.0 KiB  -100 %\n", NULL, "sizes" },
	{ METRICS(METRIC("block.read.queue.p99", 1500000, 1501500, 0.1)), "1.50 ms  +0.1 %\n", NULL,
	  "latencies" },
	{ METRICS(METRIC("sched.runq_ns.p99", 1500, 1500, 0)), "1.50 us  1.50 us", NULL,
	  "percentiles within an object" },
	{ METRICS(METRIC("cgroup.cpu_usage_ns", 2000000000, 1, -99.9)), "2.00 s", NULL, "time" },
	{ METRICS(METRIC("perf.task-clock", 2000000000, 1, -99.9)), "2.00 s", NULL, "a clock" },
	{ METRICS(METRIC("perf.page-faults", 20, 1, -99.9)), "  20  1", NULL, "an event" },
	{ METRICS(METRIC("perf.instructions_per_cycle", 0.5, 1.25, 150)), "0.50  1.25  +150 %",
	  NULL, "a rate" },
	{ METRICS(METRIC("rdt.mbm_total_bytes_per_s", 1048576, 1048576, 0)), "1.0 MiB/s", NULL,
	  "a bandwidth" },
	{ METRICS(METRIC("results.write.bw_mib_s", 10.5, 21, 100)), "10.5  21  +100 %", NULL,
	  "what a tool says" },
	{ METRICS(METRIC("block.read.ios", 1, 1, 0)), "1 run each", NULL, "the basis" },
};

static void check_width(const char *text, const char *why)
{
	char copy[8192], *rest = copy, *line;

	snprintf(copy, sizeof(copy), "%s", text);
	while ((line = strsep(&rest, "\n")))
		if (text_width(line) > WIDTH && !strstr(line, "xxx"))
			fail_msg("%s: %zu columns: %s", why, text_width(line), line);
}

static void what_is_told(void **state)
{
	const struct report_style style = { .width = WIDTH };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_buf struct buf out = BUF_INIT(65536);
		json_t *json = json_case(cases[i].json);

		assert_int_equal(report_compare_text(json, &style, &out), 0);
		if (!strstr(buf_str(&out), cases[i].want) ||
		    (cases[i].never && strstr(buf_str(&out), cases[i].never)))
			fail_msg("%s:\n%s", cases[i].why, buf_str(&out));
		check_width(buf_str(&out), cases[i].why);
		json_decref(json);
	}
}

/* Runs that do not fit beside each other are further tables, each with the base. */
static void many_runs(void **state)
{
	static const struct {
		int width;
		const char *want, *why;
	} rows[] = {
		{ 120,
		  "t\n  metric  1  2  change  3  change  4  change  5  change\n"
		  "  a.b     4  2   -50 %  4     0 %  8  +100 %  -       -\n\n1 run",
		  "all" },
		{ 65,
		  "t\n  metric  1  2  change  3  change\n  a.b     4  2   -50 %  4     0 %\n"
		  "  metric  1  4  change  5  change\n  a.b     4  8  +100 %  -       -\n\n1 run",
		  "two and two" },
		{ 40, "  metric  1  5  change\n  a.b     4  -       -\n\n1 run", "one each" },
	};
	json_t *json = json_case(
		"{" RUNS(",{'id':'c'},{'id':'d'},{'id':'e'}") "'warnings':[],'metrics':[{'target':"
							      "'t','path':'a.b','values':[4,2,4,8,"
							      "null],'change_pct':[0,-50,0,100,"
							      "null]}],'basis':'single runs'}");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct report_style style = { .width = rows[i].width };
		cleanup_buf struct buf out = BUF_INIT(65536);

		assert_int_equal(report_compare_text(json, &style, &out), 0);
		if (!strstr(buf_str(&out), rows[i].want))
			fail_msg("%s:\n%s", rows[i].why, buf_str(&out));
	}
	json_decref(json);
}

static void targets_have_tables(void **state)
{
	const struct report_style style = { .width = WIDTH };
	cleanup_buf struct buf out = BUF_INIT(65536);
	json_t *json = json_case(METRICS(METRIC("a.b", 1, 1, 0) ",{'target':'u','path':'a.b',"
								"'values':[1,1],'change_pct':[0,0]"
								"}"));

	(void)state;
	assert_int_equal(report_compare_text(json, &style, &out), 0);
	assert_non_null(strstr(buf_str(&out), "\nt\n  metric"));
	assert_non_null(strstr(buf_str(&out), "\n\nu\n  metric"));
	json_decref(json);
}

static void a_full_buffer(void **state)
{
	const struct report_style style = { .width = WIDTH };
	cleanup_buf struct buf out = BUF_INIT(100);
	json_t *json = json_case(METRICS(METRIC("a.b", 1, 1, 0)));

	(void)state;
	assert_int_equal(report_compare_text(json, &style, &out), -EMSGSIZE);
	json_decref(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_told),
		cmocka_unit_test(many_runs),
		cmocka_unit_test(targets_have_tables),
		cmocka_unit_test(a_full_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
