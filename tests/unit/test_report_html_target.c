// SPDX-License-Identifier: Apache-2.0
/* One target in HTML: what is there is shown, what is not is not. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "report/html_parts.h"
#include "unit.h"

static const struct {
	const char *target, *want, *never, *why;
} rows[] = {
	{ "{\"name\": \"a\", \"kind\": \"container\", \"exit_code\": 1}", "exit 1", "<table>",
	  "a title" },
	{ "{\"name\": \"a\", \"failure\": \"no <image>\"}", "no &lt;image&gt;", "no <image>",
	  "why it failed, escaped" },
	{ "{\"results\": [{\"tool\": \"ior\", \"op\": \"read\", \"iops\": 5}]}",
	  "<td class=\"n\">5</td>", "nan", "a result" },
	{ "{\"results\": [{\"tool\": \"ior\", \"status\": \"failed\", \"message\": \"cut\"}]}",
	  "ior failed: cut", "<table>", "a failed one" },
	{ "{\"block\": {\"dm-0\": {\"read\": {\"ios\": 5, \"stacked\": true}}}}",
	  "dm-0 read (stacked)", "<svg", "a stacked device without latencies" },
	{ "{\"block\": {\"sda\": {\"read\": {\"ios\": 5}}}, \"application\": {\"read\": "
	  "{\"bytes\": 4096}}}",
	  "the tool says it moved 4.0 KiB", "nan", "application beside device bytes" },
	{ "{\"block_total\": {\"read\": {\"ios\": 11, \"bytes\": 4096, \"devices\": 2}, "
	  "\"write\": {\"ios\": 1, \"devices\": 1}}}",
	  "<h3>all disks read</h3>\n<p>11 requests, 4.0 KiB", "all disks write",
	  "several disks have a sum, one is its own" },
	{ "{\"attribution\": \"ancestor\", \"attribution_reason\": \"charged to <x>\", "
	  "\"writeback\": \"unattributed\"}",
	  "Owner of block I/O: ancestor: charged to &lt;x&gt;", "<x>", "coarse attribution" },
	{ "{\"files\": [{\"path\": \"/a<b>\", \"reads\": 4, \"read_ns\": 8000, \"flags\": "
	  "[\"rdonly\", \"direct\"]}]}",
	  "<td>/a&lt;b&gt;</td><td>unknown</td><td>rdonly,direct</td>", "<b>",
	  "files, escaped, with their flags by name" },
	{ "{\"files\": [{\"path\": \"x\", \"reads\": 4, \"read_ns\": 8000, \"writes\": 0, "
	  "\"write_ns\": 0}]}",
	  "<td class=\"n\">2.00 us</td>", "nan",
	  "what a call took on average, where there was any" },
	{ "{\"vfs\": {\"open\": {\"calls\": 3, \"errors\": 3, \"errnos\": {\"ENOENT\": 2, "
	  "\"EIO\": 1}}}}",
	  "<td class=\"n\">3 (ENOENT 2, EIO 1)</td>", "nan", "what failed, and why" },
	{ "{\"vfs\": {\"open\": {\"calls\": 3, \"errors\": 0}}}", "<td class=\"n\">0</td>", "(",
	  "nothing that failed" },
	{ "{\"sched\": {\"oncpu_ns\": 1000, \"inode_lock_sum_ns\": 2000, \"preempted\": 3, "
	  "\"preempted_by\": {\"<b>\": 3}}}",
	  "<td>waited for the lock of the file itself</td><td class=\"n\">2.00 us</td></tr>\n"
	  "<tr><td>preempted, times</td><td class=\"n\">3</td></tr>\n"
	  "<tr><td></td><td class=\"n\">by &lt;b&gt; 3</td></tr>",
	  "asleep", "what tasks waited for, and who took their CPUs" },
	{ "{\"pagecache\": {\"accessed_pages\": 8, \"hit_ratio\": 0.5, \"faults\": 4}}",
	  "<tr><td>hits of reads</td><td class=\"n\">50 %</td></tr>\n"
	  "<tr><td>faults of mapped files</td><td class=\"n\">4</td></tr>",
	  "hits of faults", "what the page cache had" },
	{ "{\"perf\": {\"events\": {\"task-clock\": {\"running_pct\": 100}, \"cycles\": "
	  "{\"running_pct\": 50}}, \"task-clock\": 2000, \"cycles\": 10, "
	  "\"instructions_per_cycle\": 1.5}}",
	  "<td>task-clock</td><td class=\"n\">2.00 us</td><td class=\"n\">100 %</td></tr>\n"
	  "<tr><td>cycles</td><td class=\"n\">10</td><td class=\"n\">50 %</td></tr>\n"
	  "<tr><td>instructions_per_cycle</td><td class=\"n\">1.50</td></tr>",
	  "nan", "events, and what follows from them" },
	{ "{\"files\": [{\"path\": \"x\", \"reads\": 4}], \"files_total\": {\"files\": 9, "
	  "\"read_bytes_ratio\": 0.5}}",
	  "have 50 % of the bytes that were read and - of those written", "nan",
	  "how much of what was read the files have" },
	{ "{\"files\": []}", "<section>", "<table>", "no files" },
	{ "{\"attribution\": \"exact\"}", "<section>", "Owner", "exact needs no words" },
	{ "{\"cgroup\": {\"cpuset_cpus_list\": \"0-2,5\"}}", "<td class=\"n\">0-2,5</td>", "nan",
	  "a statistic that is no number" },
	{ "{\"rdt\": {\"domains\": [{\"domain\": 3, \"llc_occupancy_max_bytes\": 1048576, "
	  "\"l3_ways\": 4}]}}",
	  "<td>3</td><td class=\"n\">1.0 MiB</td><td class=\"n\">-</td>", "nan", "an L3 cache" },
	{ "{\"rdt\": {\"class\": \"/\"}}", "<section>", "<table>", "no cache was read" },
	{ "{\"cgroup\": {\"cpu_usage_ns\": 500000000}}", "CPU 500 ms", "cores",
	  "CPU of a target whose life is unknown" },
};

static void pieces(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		json_t *t = json_loads(rows[i].target, 0, NULL);
		cleanup_buf struct buf out = BUF_INIT(1 << 16);

		assert_non_null(t);
		assert_int_equal(html_target(&out, t, 1 << 20), 0);
		if (!strstr(buf_str(&out), rows[i].want) || strstr(buf_str(&out), rows[i].never))
			fail_msg("%s: %s", rows[i].why, buf_str(&out));
		json_decref(t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(pieces) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
