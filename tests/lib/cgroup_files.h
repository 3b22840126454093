/* SPDX-License-Identifier: Apache-2.0 */
/* Files of a cgroup as kernels print them, and what is to be read from them. */
#ifndef CBPF_TESTS_CGROUP_FILES_H
#define CBPF_TESTS_CGROUP_FILES_H

#include <stdint.h>

#include "sample/metric.h"

#define PSI(n) "some avg10=0.00 avg60=0.00 avg300=0.00 total=" n "\n"

struct file {
	const char *name, *text;
};

/* As far as the same values are told there, what both versions say is the same. */
static const struct file v2_files[] = {
	{ "cpu.stat", "usage_usec 10\nuser_usec 6\nsystem_usec 4\nnice_usec 2\n"
		      "core_sched.force_idle_usec 5\nnr_periods 1\nnr_throttled 2\n"
		      "throttled_usec 3\nnr_bursts 7\nburst_usec 8\n" },
	{ "cpu.max", "150000 100000\n" },
	{ "memory.current", "100\n" },
	{ "memory.max", "max\n" },
	{ "memory.peak", "200\n" },
	{ "memory.high", "90\n" },
	{ "memory.low", "0\n" },
	{ "memory.min", "max\n" },
	{ "memory.swap.current", "0\n" },
	{ "memory.swap.max", "0\n" },
	{ "memory.swap.events", "high 1\nmax 2\nfail 3\n" },
	{ "memory.zswap.current", "6\n" },
	{ "memory.stat",
	  "anon 1\nfile 2\nkernel 9\nkernel_stack 90\nsock 10\nshmem 11\nfile_mapped 12\n"
	  "file_dirty 3\nfile_writeback 4\nanon_thp 13\nfile_thp 14\ninactive_anon 91\n"
	  "active_anon 92\ninactive_file 15\nactive_file 16\nunevictable 17\n"
	  "slab_reclaimable 93\nslab_unreclaimable 94\nslab 18\nworkingset_refault_anon 19\n"
	  "workingset_refault_file 20\nworkingset_activate_anon 95\n"
	  "workingset_activate_file 21\nworkingset_restore_anon 96\n"
	  "workingset_restore_file 22\nworkingset_nodereclaim 23\npgscan 24\npgsteal 25\n"
	  "pgscan_kswapd 97\npgfault 26\npgmajfault 27\npgrefill 98\npgactivate 28\n"
	  "thp_fault_alloc 29\nthp_collapse_alloc 30\n" },
	{ "memory.events", "low 5\nhigh 1\nmax 2\noom 3\noom_kill 4\noom_group_kill 6\n" },
	{ "pids.current", "5\n" },
	{ "pids.max", "50\n" },
	{ "pids.peak", "7\n" },
	{ "pids.events", "max 3\n" },
	{ "io.stat", "254:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6 cost.usage=8 "
		     "missed=1 total=2 depth=9\n"
		     "7:0 rbytes=9 wbytes=9 rios=9 wios=9 dbytes=9 dios=9\n" },
	{ "cpu.pressure", PSI("7") },
	{ "memory.pressure", PSI("8") },
	{ "io.pressure", PSI("9") "full avg10=0.00 avg60=0.00 avg300=0.00 total=10\n" },
	{ "irq.pressure", "full avg10=0.00 avg60=0.00 avg300=0.00 total=11\n" },
	{ "cpuset.cpus.effective", "0-2,5\n" },
	{ "cpuset.mems.effective", "0\n" },
	{ "hugetlb.2MB.current", "2097152\n" },
	{ "hugetlb.2MB.max", "4194304\n" },
	{ "hugetlb.2MB.events", "max 3\n" },
	{ "hugetlb.2MB.rsvd.current", "9\n" },
	{ "hugetlb.1GB.current", "0\n" },
	{ "hugetlb.1GB.max", "1073741824\n" },
	{ "hugetlb.1GB.events", "max 1\n" },
};

static const struct file v1_files[] = {
	{ "cpuacct/cpuacct.usage", "10000\n" },
	{ "cpuacct/cpuacct.usage_user", "6000\n" },
	{ "cpuacct/cpuacct.usage_sys", "4000\n" },
	{ "cpu/cpu.stat", "nr_periods 1\nnr_throttled 2\nthrottled_time 3000\nwait_sum 9\n"
			  "nr_bursts 7\nburst_time 8000\n" },
	{ "cpu/cpu.cfs_quota_us", "150000\n" },
	{ "cpu/cpu.cfs_period_us", "100000\n" },
	{ "memory/memory.usage_in_bytes", "100\n" },
	{ "memory/memory.limit_in_bytes", "9223372036854771712\n" },
	{ "memory/memory.max_usage_in_bytes", "200\n" },
	{ "memory/memory.stat",
	  "cache 9\nrss 9\nswap 9\ndirty 9\nwriteback 9\ninactive_file 90\npgfault 90\n"
	  "total_cache 2\ntotal_rss 1\ntotal_rss_huge 13\ntotal_shmem 11\n"
	  "total_mapped_file 12\ntotal_dirty 3\ntotal_writeback 4\n"
	  "total_workingset_refault_anon 19\ntotal_workingset_refault_file 20\ntotal_swap 0\n"
	  "total_pgfault 26\ntotal_pgmajfault 27\ntotal_inactive_file 15\n"
	  "total_active_file 16\ntotal_unevictable 17\n" },
	{ "memory/memory.failcnt", "2\n" },
	{ "memory/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 4\n" },
	{ "memory/memory.kmem.usage_in_bytes", "9\n" },
	{ "pids/pids.current", "5\n" },
	{ "pids/pids.max", "50\n" },
	{ "pids/pids.peak", "7\n" },
	{ "pids/pids.events", "max 3\n" },
	{ "blkio/blkio.throttle.io_service_bytes_recursive",
	  "254:0 Read 1\n254:0 Write 2\n254:0 Discard 5\n7:0 Read 9\nTotal 17\n" },
	{ "blkio/blkio.throttle.io_serviced_recursive",
	  "254:0 Read 3\n254:0 Write 4\n254:0 Discard 6\nTotal 13\n" },
	{ "cpuset/cpuset.effective_cpus", "0-2,5\n" },
	{ "cpuset/cpuset.effective_mems", "0\n" },
	{ "hugetlb/hugetlb.2MB.usage_in_bytes", "2097152\n" },
	{ "hugetlb/hugetlb.2MB.limit_in_bytes", "4194304\n" },
	{ "hugetlb/hugetlb.2MB.failcnt", "3\n" },
	{ "hugetlb/hugetlb.2MB.max_usage_in_bytes", "9\n" },
	{ "hugetlb/hugetlb.1GB.usage_in_bytes", "0\n" },
	{ "hugetlb/hugetlb.1GB.limit_in_bytes", "1073741824\n" },
	{ "hugetlb/hugetlb.1GB.failcnt", "1\n" },
};

struct value {
	enum metric metric;
	uint64_t value;
};

/* The same on v1 and v2. */
static const struct value both[] = { { METRIC_cpu_usage_ns, 10000 },
				     { METRIC_cpu_user_ns, 6000 },
				     { METRIC_cpu_system_ns, 4000 },
				     { METRIC_cpu_nr_periods, 1 },
				     { METRIC_cpu_nr_throttled, 2 },
				     { METRIC_cpu_throttled_ns, 3000 },
				     { METRIC_cpu_nr_bursts, 7 },
				     { METRIC_cpu_burst_ns, 8000 },
				     { METRIC_cpu_quota_ns, 150000000 },
				     { METRIC_cpu_period_ns, 100000000 },
				     { METRIC_memory_bytes, 100 },
				     { METRIC_memory_peak_bytes, 200 },
				     { METRIC_memory_anon_bytes, 1 },
				     { METRIC_memory_file_bytes, 2 },
				     { METRIC_memory_kernel_bytes, 9 },
				     { METRIC_memory_shmem_bytes, 11 },
				     { METRIC_memory_mapped_bytes, 12 },
				     { METRIC_memory_dirty_bytes, 3 },
				     { METRIC_memory_writeback_bytes, 4 },
				     { METRIC_memory_anon_thp_bytes, 13 },
				     { METRIC_memory_inactive_file_bytes, 15 },
				     { METRIC_memory_active_file_bytes, 16 },
				     { METRIC_memory_unevictable_bytes, 17 },
				     { METRIC_memory_refault_anon, 19 },
				     { METRIC_memory_refault_file, 20 },
				     { METRIC_memory_pgfault, 26 },
				     { METRIC_memory_pgmajfault, 27 },
				     { METRIC_memory_swap_bytes, 0 },
				     { METRIC_memory_events_max, 2 },
				     { METRIC_memory_events_oom_kill, 4 },
				     { METRIC_pids_current, 5 },
				     { METRIC_pids_limit, 50 },
				     { METRIC_pids_peak, 7 },
				     { METRIC_pids_events_max, 3 },
				     { METRIC_io_read_bytes, 1 },
				     { METRIC_io_write_bytes, 2 },
				     { METRIC_io_discard_bytes, 5 },
				     { METRIC_io_read_ops, 3 },
				     { METRIC_io_write_ops, 4 },
				     { METRIC_io_discard_ops, 6 },
				     { METRIC_cpuset_cpus, 4 },
				     { METRIC_cpuset_mems, 1 },
				     { METRIC_hugetlb_bytes, 2097152 },
				     { METRIC_hugetlb_limit_bytes, 1077936128 },
				     { METRIC_hugetlb_events_max, 4 } };
static const struct value only_v2[] = {
	{ METRIC_cpu_nice_ns, 2000 },	       { METRIC_cpu_force_idle_ns, 5000 },
	{ METRIC_memory_slab_bytes, 18 },      { METRIC_memory_sock_bytes, 10 },
	{ METRIC_memory_file_thp_bytes, 14 },  { METRIC_memory_zswap_bytes, 6 },
	{ METRIC_memory_pgscan, 24 },	       { METRIC_memory_pgsteal, 25 },
	{ METRIC_memory_pgactivate, 28 },      { METRIC_memory_activate_file, 21 },
	{ METRIC_memory_restore_file, 22 },    { METRIC_memory_nodereclaim, 23 },
	{ METRIC_memory_thp_fault_alloc, 29 }, { METRIC_memory_thp_collapse_alloc, 30 },
	{ METRIC_memory_events_low, 5 },       { METRIC_memory_events_high, 1 },
	{ METRIC_memory_events_oom, 3 },       { METRIC_memory_events_oom_group_kill, 6 },
	{ METRIC_memory_high_bytes, 90 },      { METRIC_memory_low_bytes, 0 },
	{ METRIC_memory_swap_limit_bytes, 0 }, { METRIC_memory_swap_events_high, 1 },
	{ METRIC_memory_swap_events_max, 2 },  { METRIC_memory_swap_events_fail, 3 },
	{ METRIC_io_cost_usage_ns, 8000 },     { METRIC_io_latency_missed, 1 },
	{ METRIC_io_latency_total, 2 },	       { METRIC_io_latency_depth, 9 },
};
static const struct value psi[] = {
	{ METRIC_cpu_some_ns, 7000 }, { METRIC_memory_some_ns, 8000 }, { METRIC_io_some_ns, 9000 },
	{ METRIC_io_full_ns, 10000 }, { METRIC_irq_full_ns, 11000 },
};

#endif
