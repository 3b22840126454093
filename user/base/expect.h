/* SPDX-License-Identifier: Apache-2.0 */
/* Threshold expressions: "victim.block.read.p99 < 5ms", "victim.block.read.p99 > +10%". */
#ifndef CBPF_BASE_EXPECT_H
#define CBPF_BASE_EXPECT_H

#include <stdbool.h>

struct err;

/* What VALUE was written as: 5ms, 4KiB, 200. */
enum expect_unit { EXPECT_NUMBER, EXPECT_TIME, EXPECT_SIZE };
enum expect_cmp { EXPECT_LT, EXPECT_LE, EXPECT_GT, EXPECT_GE, EXPECT_EQ, EXPECT_NE };

/*
 * TARGET.PATH CMP VALUE. PATH is dotted: block.OP.{ios,bytes,errors,count,mean,
 * p50,p90,p99,p999,max} (latency is total_ns unless queue. or device. stands
 * before the percentile), results.OP.{bw_mib_s,iops,bytes,total_s,p99_s,...} (the mean
 * over repetitions, and over tests and jobs; OP may be words, "file creation"), exit_code, or what the report has as a number below vfs,
 * cgroup, pagecache, sched, perf or rdt: sched.runq_ns.p99. VALUE takes units (5ms, 4KiB,
 * 200); durations become ns, sizes bytes. With a sign and % it is a change, relative to the value
 * of a base: +10% is a tenth more.
 */
struct expect {
	char target[128];
	char path[128];
	enum expect_cmp cmp;
	enum expect_unit unit; /* 5m is a time: five minutes */
	double value; /* in percent of the base when @relative */
	bool relative;
};

/*
 * The dot between target and metric in @name, "a.b.block.read.p99": a target may have dots, and is the
 * longest behind which there is a metric. When there is none, what begins like one counts, and then the
 * first dot; NULL: no dot.
 */
const char *expect_target_end(const char *name);
/* 0, or -EINVAL and @err says what was expected and where. */
int expect_parse(const char *text, struct expect *ret, struct err *err);
/*
 * Whether PATH can name a value; which events there are, and which operations a tool has, is not known
 * here. 0, or -EINVAL and @err says which part is none, and what may have been meant.
 */
int expect_check_path(const char *path, struct err *err);
/*
 * Whether VALUE can be what PATH is: a size is no latency, and a number of calls is neither. A plain
 * number always can. 0, or -EINVAL and @err says what it is.
 */
int expect_check_unit(const struct expect *e, struct err *err);
int expect_holds(const struct expect *e, double actual); /* 1 or 0 */
const char *expect_cmp_name(enum expect_cmp cmp);

#endif
