// SPDX-License-Identifier: Apache-2.0
/* Thresholds that could never hold are told before a run. */
#include "spec/load.h"

#include "spec_case.h"

#define E(expr) SPEC_A "expect: [" expr "]\n"

#define IOR(expr)                                                                                  \
	"runtime: native\ncontainers:\n  b: {command: [x]}\n  a: {workload: {ior: {}}}\nexpect: "  \
	"[" expr "]\n"

static const struct spec_case cases[] = {
	{ "expect must parse", SPEC_A "expect:\n  - a.exit_code\n",
	  "f:6:5: expect: expected TARGET.METRIC CMP VALUE with one of < <= > >= == !=, got "
	  "'a.exit_code'\n" },
	{ "expect names a target", SPEC_A "expect: [bb.exit_code == 0]\n",
	  "f:5:10: unknown target 'bb'\n" },
	{ "expect suggests a target",
	  "runtime: native\ncontainers: {victim: {command: [x]}}\nexpect: vitcim.exit_code == 0\n",
	  "f:3:9: unknown target 'vitcim'; did you mean 'victim'?\n" },
	{ "expect knows the host", SPEC_A "expect: [host.block.write.bytes > 0]\n", "" },
	{ "expect names a known layer", SPEC_A "expect: [a.blok.read.p99 < 5ms]\n",
	  "f:5:10: expect: unknown metric 'blok'; did you mean 'block'?\n" },
	{ "an operation that is none", E("a.block.wirte.p99 < 5ms"),
	  "f:5:10: expect: unknown metric 'wirte'; did you mean 'write'?\n" },
	{ "a latency is no size", E("a.block.read.p99 < 5MiB"),
	  "f:5:10: expect: 'block.read.p99' is a time, such as 5ms, but is compared with a "
	  "size\n" },
	{ "a percentile that is not kept", E("a.block.read.p95 < 5ms"),
	  "f:5:10: expect: unknown metric 'p95'; did you mean 'p90'?\n" },
	{ "a percentile as people write it", E("a.block.read.p99.9 < 5ms"),
	  "f:5:10: expect: 'p99' has no part '9'\n" },
	{ "a part of the latency", E("a.block.read.queue.p99 < 5ms, a.block.other.device.max < 1s"),
	  "" },
	{ "requests have no queue of their own", E("a.block.read.queue.ios > 5"),
	  "f:5:10: expect: unknown metric 'ios'\n" },
	{ "an operation is no value", E("a.block.read > 5"),
	  "f:5:10: expect: expected more after 'read', such as ios\n" },
	{ "a part is no value", E("a.block.read.device < 5ms"),
	  "f:5:10: expect: expected more after 'device', such as p50\n" },
	{ "an exit code is a number", E("a.exit_code.x == 0"),
	  "f:5:10: expect: 'exit_code' has no part 'x'\n" },
	{ "results of any operation", E("a.results.create.iops > 5, a.results.write.total_s < 1m"),
	  "" },
	{ "what no tool reports", E("a.results.write.bw_mibs > 5"),
	  "f:5:10: expect: unknown metric 'bw_mibs'; did you mean 'bw_mib_s'?\n" },
	{ "an operation of results is no value", E("a.results.write > 5"),
	  "f:5:10: expect: expected more after 'write', such as bytes\n" },
	{ "a statistic of a cgroup, but not none", E("a.cgroup.cpu_usage_ns < 5s, a.cgroup == 1"),
	  "f:5:38: expect: expected more after 'cgroup', such as cpu_usage_ns\n" },
	{ "no statistic of the page cache", E("a.pagecache.hit_ratoi > 0.5"),
	  "f:5:10: expect: unknown metric 'hit_ratoi'; did you mean 'hit_ratio'?\n" },
	{ "operations of words", E("a.results.file creation.iops > 5"), "" },
	{ "what IOR does", IOR("a.results.write.bw_mib_s > 5, a.results.remove.total_s < 1m"), "" },
	{ "and what it does not", IOR("a.results.wirte.bw_mib_s > 5"),
	  "f:5:10: unknown operation of ior 'wirte'; did you mean 'write'?\n" },
	{ "nor by other words", IOR("a.results.file creation.iops > 5"),
	  "f:5:10: unknown operation of ior 'file creation'\n" },
	{ "others than IOR may", IOR("b.results.wirte.bw_mib_s > 5"), "" },
	{ "a target with a dot",
	  "runtime: native\ncontainers: {a.b: {command: [x]}}\nexpect: a.b.block.read.p99 < 5ms\n",
	  "" },
	{ "what resctrl tells", E("a.rdt.mbm_total_bytes < 1g, a.rdt.class_changes == 0"), "" },
	{ "and what it does not", E("a.rdt.mbm_bytes < 1g"),
	  "f:5:10: expect: unknown metric 'mbm_bytes'\n" },
	{ "layers of later versions are left alone", E("a.perf.read.what.p99 < 5ms"), "" },
	{ "a file system call", E("a.vfs.fsync.p99 < 5ms"), "" },
	{ "a file system call by another name", E("a.vfs.sync.p99 < 5ms"),
	  "f:5:10: expect: unknown metric 'sync'; did you mean 'fsync'?\n" },
	{ "a part that is empty", E("a.block..p99 < 5ms"), "f:5:10: expect: unknown metric ''\n" },
	{ "what is relative has no base", E("a.vfs.read.p99 > +10%"),
	  "f:5:10: expect: +10% is of a base, which one run does not have: `cbpf compare "
	  "--fail-if` "
	  "does\n" },
	{ "target and metric are both told", E("b.blok.read.p99 < 5ms"),
	  "f:5:10: unknown target 'b'\nf:5:10: expect: unknown metric 'blok'; did you mean "
	  "'block'?\n" },
};

static void says_what_is_wrong(void **state)
{
	(void)state;
	spec_case_run_all(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
