// SPDX-License-Identifier: Apache-2.0
/* One target in a terminal: each piece appears when its numbers are there, and only then. */
#include "report/text_parts.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "report/report.h"
#include "unit.h"

static const struct {
	const char *target, *want, *never, *why;
} rows[] = {
	{ "{'name': 'a', 'kind': 'container', 'exit_code': 137}", "a  container, exit 137\n", "cpu",
	  "a title, and no more" },
	{ "{'name': 'a', 'kind': 'container', 'state': 'failed', 'failure': 'no such image'}",
	  "a  container, failed\n  no such image\n", "exit", "why it failed" },
	{ "{'name': 'a', 'kind': 'container', 'results': [{'tool': 'ior', 'status': 'corrupt', "
	  "'message': 'Incorrect data', 'op': 'read', 'iteration': 0, 'iops': 5}]}",
	  "ior corrupt: Incorrect data\n", "nan", "corrupt data is told beside its numbers" },
	{ "{'name': 'a', 'kind': 'container', 'results': [{'tool': 'ior', 'status': 'ok', 'op': "
	  "'read', 'iteration': 0, 'iops': 5}]}",
	  "  read  0      -     5      -     -\n", "nan", "not reported is a dash" },
	{ "{'name': 'a', 'kind': 'container', 'block': {'sda': {'read': {'ios': 5, 'bytes': 20480, "
	  "'errors': 0, 'active_ns': 1000000000}}}}",
	  "  sda read       5  20.0 KiB          -     5  0.02       0\n", "latency",
	  "requests without any latency" },
	{ "{'name': 'a', 'kind': 'container', 'block': {'dm-0': {'read': {'ios': 5, 'stacked': "
	  "true}}, 'sda': {'read': {'ios': 5}}}}",
	  "  dm-0 read (stacked)", "nan", "a stacked device is marked" },
	{ "{'name': 'a', 'kind': 'container', 'block': {'sda': {'read': {'ios': 5}}, 'sdb': "
	  "{'read': {'ios': 6}}}, 'block_total': {'read': {'ios': 11, 'bytes': 4096, 'errors': 1, "
	  "'devices': 2}}}",
	  "  all disks read   11  4.0 KiB          -     -     -       1\n", "nan",
	  "two disks have a sum" },
	{ "{'name': 'a', 'kind': 'container', 'block': {'sda': {'read': {'ios': 5}}}, "
	  "'block_total': {'read': {'ios': 5, 'devices': 1}}}",
	  "  sda read ", "all disks", "one disk is its own" },
	{ "{'name': 'a', 'kind': 'container', 'attribution': 'ancestor', 'attribution_reason': "
	  "'charged to /x'}",
	  "  owner     ancestor: charged to /x\n", "writeback",
	  "coarse attribution is told, with or without rows" },
	{ "{'name': 'a', 'kind': 'container', 'attribution': 'exact', 'writeback': "
	  "'unattributed'}",
	  "  owner     exact; buffered writeback is unattributed\n", ":", "version 1" },
	{ "{'name': 'a', 'kind': 'container', 'attribution': 'exact'}", "a  container\n", "owner",
	  "what is as it should be needs no line" },
	{ "{'name': 'a', 'kind': 'container', 'vfs': {'open': {'calls': 3, 'errors': 3, 'errnos': "
	  "{'ENOENT': 2, 'EIO': 1}}, 'read': {'calls': 1, 'errors': 1, 'errnos': {'EAGAIN': 1}}}}",
	  "\n  failed    read EAGAIN 1, open ENOENT 2, EIO 1\n", "nan", "what failed, and why" },
	{ "{'name': 'a', 'kind': 'container', 'vfs': {'open': {'calls': 3, 'errors': 0}}}", "open",
	  "failed", "nothing that failed" },
	{ "{'name': 'a', 'kind': 'container', 'sched': {'oncpu_ns': 1000, 'preempted': 3, "
	  "'preempted_by': {'b': 2, '(kernel)': 1}}}",
	  "preempted 3 times\n            by b 2, (kernel) 1\n", "more", "who took its CPUs" },
	{ "{'name': 'a', 'kind': 'container', 'sched': {'oncpu_ns': 1000, 'preempted': 20, "
	  "'preempted_by': {'b': 9, 'c': 5, 'd': 3, 'e': 2, 'f': 1}}}",
	  "            by b 9, c 5, d 3, 2 more 3\n", "e 2", "and most of all" },
	{ "{'name': 'a', 'kind': 'container', 'sched': {'oncpu_ns': 1000, 'preempted': 0}}",
	  "preempted 0 times\n", " by ", "nobody" },
	{ "{'name': 'a', 'kind': 'container', 'sched': {'oncpu_ns': 1000, 'preempted': 1, "
	  "'preempted_by': {'x\\u001b[2Jy': 1}}}",
	  "            by x?[2Jy 1\n", "\x1b", "a name from elsewhere does nothing to a terminal" },
	{ "{'name': 'a', 'kind': 'container', 'sched': {'oncpu_ns': 1000, 'io_wait_sum_ns': 1000, "
	  "'lock_wait_sum_ns': 2000, 'inode_lock_sum_ns': 3000, 'blocked_sum_ns': 4000, "
	  "'sleep_sum_ns': 6000}}",
	  "            off CPUs 1.00 us for I/O, 5.00 us for locks (3.00 us of files), 4.00\n"
	  "            us otherwise blocked, 6.00 us asleep\n",
	  "nan", "what it waited for; locks of files are locks" },
	{ "{'name': 'a', 'kind': 'container', 'sched': {'oncpu_ns': 1000}}",
	  "off CPUs - for I/O, - for locks, - otherwise blocked\n", "asleep", "what is not known" },
	{ "{'name': 'a', 'kind': 'container', 'pagecache': {'accessed_pages': 9, 'hit_ratio': 0.5, "
	  "'faults': 4, 'fault_hit_ratio': 0.25}}",
	  "9 pages read, 50 % hits, - dirtied\n            4 faults of mapped files (25 % hits), ",
	  "ahead", "ratios of reads and of faults" },
	{ "{'name': 'a', 'kind': 'container', 'pagecache': {'accessed_pages': 9, 'faults': 4}}",
	  "4 faults of mapped files, ", "hits", "and neither where it is not known" },
	{ "{'name': 'a', 'kind': 'container', 'files': [{'path': 'x', 'reads': 4}], 'files_total': "
	  "{'files': 9, 'write_bytes_ratio': 0.5}}",
	  "\n  9 files in the table have - of the bytes read and 50 % of those written\n", "nan",
	  "how much of what it did the files have" },
	{ "{'name': 'a', 'kind': 'container', 'cgroup': {'cpu_usage_ns': 500000000, 'cpu_cores': "
	  "0.25}}",
	  "  cpu       500 ms = 0.25 cores\n", "user", "CPU without its parts" },
	{ "{'name': 'a', 'kind': 'container', 'cgroup': {'cpu_usage_ns': 1840000, 'cpu_user_ns': "
	  "1000000, 'cpu_system_ns': 3000000}}",
	  "  cpu       1.84 ms, 25 % user, 75 % system\n", "-",
	  "the parts are sampled and can exceed the exact sum: shares of each other" },
	{ "{'name': 'a', 'kind': 'container', 'cgroup': {'cpu_usage_ns': 1840000, 'cpu_user_ns': "
	  "0, 'cpu_system_ns': 0}}",
	  "  cpu       1.84 ms\n", "user", "no sample fell into it: its parts are unknown" },
	{ "{'name': 'a', 'kind': 'container', 'cgroup': {'memory_max_bytes': 1048576}}",
	  "  memory    max 1.0 MiB sampled, peak -, limit none\n", "OOM",
	  "memory without a limit" },
	{ "{'name': 'a', 'kind': 'container', 'cgroup': {'cpu_usage_ns': 1000, "
	  "'cpu_limit_cores': 1.5}}",
	  "  cpu       1.00 us, limit 1.50 cores\n", "throttled", "a limit of the CPU" },
	{ "{'name': 'a', 'kind': 'container', 'cgroup': {'memory_max_bytes': 1, "
	  "'memory_refault_file': 12}}",
	  "limit none, 12 pages of files read again soon after reclaim\n", "OOM",
	  "a cache that is too small" },
	{ "{'name': 'a', 'kind': 'container', 'cgroup': {'memory_max_bytes': 1, "
	  "'memory_refault_file': 0}}",
	  "limit none\n", "again", "one that is not" },
	{ "{'name': 'a', 'kind': 'container', 'cgroup': {'memory_max_bytes': 1, "
	  "'memory_events_oom_kill': 2}}",
	  ", 2 OOM kills\n", "cpu", "OOM kills are told" },
	{ "{'name': 'a', 'kind': 'container', 'cgroup': {'io_some_ns': 250, 'watched_ns': 1000}}",
	  "  pressure  io 250 ns (25 %)\n", "memory", "pressure of what has any" },
	{ "{'name': 'a', 'kind': 'container', 'cgroup': {'cpu_some_ns': 5000, 'watched_ns': 1000}}",
	  "  pressure  cpu 5.00 us\n", "%", "no share above the whole" },
	{ "{'name': 'a', 'kind': 'container', 'cgroup': {'net_rx_bytes': 2048, 'net_tx_bytes': 0}}",
	  "  network   2.0 KiB in, 0 B out\n", "cpu", "network" },
	{ "{'name': 'a', 'kind': 'container', 'rdt': {'llc_occupancy_max_bytes': 1048576, "
	  "'llc_occupancy_mean_bytes': 524288, 'mbm_total_bytes': 2097152, 'mbm_local_bytes': "
	  "1048576, 'mbm_total_bytes_per_s': 5000000}}",
	  "  rdt       L3 1.0 MiB at most, 512.0 KiB mean; 2.0 MiB to and from memory, 5\n"
	  "            MB/s, 50 % local\n",
	  "class", "caches and bandwidth" },
	{ "{'name': 'a', 'kind': 'container', 'rdt': {'mbm_total_bytes': 0, 'mbm_local_bytes': 0, "
	  "'class': '/', 'schemata': 'L3:0=f\\nMB:0=10'}}",
	  "  rdt       0 B to and from memory; class / (L3:0=f MB:0=10)\n", "local",
	  "none has no local part; a class and its schemata" },
	{ "{'name': 'a', 'kind': 'container', 'rdt': {}}", "a  container\n", "rdt",
	  "nothing was measured" },
};

static json_t *load(const char *text)
{
	char copy[1024];

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *p = copy; *p; p++)
		if (*p == '\'')
			*p = '"';
	return json_loads(copy, 0, NULL);
}

static void pieces(void **state)
{
	struct report_style style = { .width = 80 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_buf struct buf out = BUF_INIT(65536);
		json_t *t = load(rows[i].target);

		assert_non_null(t);
		assert_int_equal(text_target(t, &style, &out), 0);
		if (!strstr(buf_str(&out), rows[i].want) || strstr(buf_str(&out), rows[i].never))
			fail_msg("%s: %s", rows[i].why, buf_str(&out));
		json_decref(t);
	}
}

static const struct {
	const char *target;
	bool own;
} kinds[] = {
	{ "{'kind': 'container'}", true },
	{ "{'kind': 'workload'}", true },
	{ "{'kind': 'cgroup'}", false },
	{ "{'kind': 'host'}", false },
	{ "{}", false },
};

static void own(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		json_t *t = load(kinds[i].target);

		assert_int_equal(is_own_target(t), kinds[i].own);
		json_decref(t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces),
		cmocka_unit_test(own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
