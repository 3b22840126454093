// SPDX-License-Identifier: Apache-2.0
/* The table of a group in a terminal. */
#include "base/buf.h"
#include "json_case.h"
#include "report/group.h"
#include "report/report.h"

#define GROUP(axes, runs, rows)                                                                    \
	"{'group':'g','name':'n','runs':" #runs ",'planned':4,'axes':[" axes "],'matrix':[" rows   \
	"]}"
#define ROW(axes, ok, runs, targets)                                                               \
	"{'axes':{" axes "},'ok':" #ok ",'runs':[" runs "],'targets':[" targets "]}"
#define OK "{'status':'ok'}"
#define BAD "{'status':'failed'}"
#define OP(op, bw, more) "{'op':'" op "','bw_mib_s':{'mean':" bw "},'iops':{'mean':20.0}" more "}"
#define OPS(name, ops) "{'name':'" name "','hit_ratio':0.5,'accessed_pages':9,'ops':[" ops "]}"

static const struct {
	const char *why, *json, *want, *never;
} cases[] = {
	{ "a row with both operations names its values once",
	  GROUP("'x'", 1,
		ROW("'x':'4k'", 1, OK,
		    OPS("a", OP("write", "10.0", ",'device_bytes':1048576") "," OP(
				     "read", "30.0",
				     ",'vfs_ns':{'p50':1000,'p99':2000},'block_ns':{'p50':7}")))),
	  "n  group g  1 of 4 runs\n"
	  "  x   op     MiB/s  IOPS      p50      p99  hits   device\n"
	  "  4k  write     10    20        -        -     -  1.0 MiB\n"
	  "      read      30    20  1.00 us  2.00 us  50 %        -\n"
	  "  p50 and p99 are of file system calls",
	  "target" },
	{ "latencies of requests where there are none of calls",
	  GROUP("'x'", 4,
		ROW("'x':'4k'", 1, OK, OPS("a", OP("read", "30.0", ",'block_ns':{'p50':1000}")))),
	  "n  group g  4 runs\n"
	  "  x   op    MiB/s  IOPS      p50  p99  hits  device\n"
	  "  4k  read     30    20  1.00 us    -  50 %       -\n"
	  "  p50 and p99 are of requests to devices",
	  "calls" },
	{ "one that failed has a row and no numbers",
	  GROUP("'x'", 4,
		ROW("'x':'1'", 1, OK, OPS("a", OP("read", "1.0", ""))) "," ROW("'x':'2'", 0, BAD,
									       "")),
	  "  x  runs    op    MiB/s  IOPS  p50  p99  hits  device\n"
	  "  1  ok      read      1    20    -    -  50 %       -\n"
	  "  2  failed  -         -     -    -    -     -       -\n",
	  NULL },
	{ "repetitions are told with their spread",
	  GROUP("'x'", 4,
		ROW("'x':'1'", 2, OK "," OK, OPS("a", OP("read", "10.0,'stddev':0.5", ""))) "," ROW(
			"'x':'2'", 1, OK "," BAD, "")),
	  "  x  runs       op      MiB/s  IOPS  p50  p99  hits  device\n"
	  "  1  2 ok       read  10 ±5 %    20    -    -  50 %       -\n"
	  "  2  1 of 2 ok  -           -     -    -    -     -       -\n",
	  NULL },
	{ "what little is read through the cache says nothing of the rest",
	  GROUP("'x'", 4,
		ROW("'x':'1'", 1, OK,
		    "{'name':'a','hit_ratio':1,'accessed_pages':99,'ops':[" OP(
			    "read", "1.0", ",'vfs_bytes':1048576") "]}")),
	  "  1  read      1    20    -    -     -       -\n", NULL },
	{ "targets have a column where there are several",
	  GROUP("'x'", 4,
		ROW("'x':'1'", 1, OK,
		    OPS("a", OP("read", "1.0", "")) "," OPS("b", OP("read", "2.0", "")))),
	  "  x  target  op    MiB/s  IOPS  p50  p99  hits  device\n"
	  "  1  a       read      1    20    -    -  50 %       -\n"
	  "     b       read      2    20    -    -  50 %       -\n",
	  NULL },
	{ "many axes share one",
	  GROUP("'a','b','c','d'", 4,
		ROW("'a':'1','b':'2','c':'3','d':'4'", 1, OK, OPS("t", OP("read", "1.0", "")))),
	  "  matrix           op    MiB/s", NULL },
	{ "and repetitions alone have none",
	  GROUP("", 4, ROW("", 2, OK "," OK, OPS("t", OP("read", "1.0", "")))),
	  "  runs  op    MiB/s  IOPS  p50  p99  hits  device\n"
	  "  2 ok  read      1    20    -    -  50 %       -\n",
	  NULL },
	{ "no control characters",
	  GROUP("'x'", 4, ROW("'x':'\\u001b[31m'", 1, OK, OPS("t", OP("read", "1.0", "")))),
	  "  ?[31m  read", "\033" },
};

static void groups_are_tables(void **state)
{
	const struct report_style style = { .width = 100, .unicode = true };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out = BUF_INIT(65536);
		json_t *group = json_case(cases[i].json);

		assert_int_equal(report_group_text(group, &style, &out), 0);
		if (!strstr(buf_str(&out), cases[i].want) ||
		    (cases[i].never && strstr(buf_str(&out), cases[i].never)))
			fail_msg("%s: got\n%s", cases[i].why, buf_str(&out));
		json_decref(group);
		buf_fini(&out);
	}
}

static void it_fits_and_fails(void **state)
{
	const struct report_style narrow = { .width = 40 };
	json_t *group = json_case(cases[0].json);
	struct buf out = BUF_INIT(64);

	(void)state;
	assert_true(report_group_text(group, &narrow, &out) < 0);
	json_decref(group);
	buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_are_tables),
		cmocka_unit_test(it_fits_and_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
