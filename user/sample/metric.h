/* SPDX-License-Identifier: Apache-2.0 */
/* The columns of a sample: one number per target and tick each. */
#ifndef CBPF_SAMPLE_METRIC_H
#define CBPF_SAMPLE_METRIC_H

#include <stdint.h>

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE };

/*
 * X(column, kind, unit, source). Counters are totals since the cgroup was made,
 * as the kernel keeps them: deltas are the reader's. The order is the order of
 * the columns in the database; new ones go to the end.
 */
#define METRICS(X)                                                                                 \
	X(cpu_usage_ns, COUNTER, "ns", "cpu.stat usage_usec, v1 cpuacct.usage")                    \
	X(cpu_user_ns, COUNTER, "ns", "cpu.stat user_usec, v1 cpuacct.usage_user")                 \
	X(cpu_system_ns, COUNTER, "ns", "cpu.stat system_usec, v1 cpuacct.usage_sys")              \
	X(cpu_nr_periods, COUNTER, "periods", "cpu.stat nr_periods")                               \
	X(cpu_nr_throttled, COUNTER, "periods", "cpu.stat nr_throttled")                           \
	X(cpu_throttled_ns, COUNTER, "ns", "cpu.stat throttled_usec, v1 throttled_time")           \
	X(memory_bytes, GAUGE, "bytes", "memory.current, v1 memory.usage_in_bytes")                \
	X(memory_limit_bytes, GAUGE, "bytes", "memory.max, absent when there is none")             \
	X(memory_peak_bytes, GAUGE, "bytes", "memory.peak, v1 memory.max_usage_in_bytes")          \
	X(memory_anon_bytes, GAUGE, "bytes", "memory.stat anon, v1 total_rss")                     \
	X(memory_file_bytes, GAUGE, "bytes", "memory.stat file, v1 total_cache")                   \
	X(memory_swap_bytes, GAUGE, "bytes", "memory.swap.current, v1 total_swap")                 \
	X(memory_dirty_bytes, GAUGE, "bytes", "memory.stat file_dirty, v1 total_dirty")            \
	X(memory_writeback_bytes, GAUGE, "bytes",                                                  \
	  "memory.stat file_writeback, v1 total_writeback")                                        \
	X(memory_events_high, COUNTER, "events", "memory.events high")                             \
	X(memory_events_max, COUNTER, "events", "memory.events max, v1 memory.failcnt")            \
	X(memory_events_oom, COUNTER, "events", "memory.events oom")                               \
	X(memory_events_oom_kill, COUNTER, "events",                                               \
	  "memory.events oom_kill, v1 memory.oom_control")                                         \
	X(pids_current, GAUGE, "tasks", "pids.current")                                            \
	X(io_read_bytes, COUNTER, "bytes", "io.stat rbytes, v1 blkio.throttle.io_service_bytes")   \
	X(io_write_bytes, COUNTER, "bytes", "io.stat wbytes, v1 blkio.throttle.io_service_bytes")  \
	X(io_discard_bytes, COUNTER, "bytes",                                                      \
	  "io.stat dbytes, v1 blkio.throttle.io_service_bytes")                                    \
	X(io_read_ops, COUNTER, "requests", "io.stat rios, v1 blkio.throttle.io_serviced")         \
	X(io_write_ops, COUNTER, "requests", "io.stat wios, v1 blkio.throttle.io_serviced")        \
	X(io_discard_ops, COUNTER, "requests", "io.stat dios, v1 blkio.throttle.io_serviced")      \
	X(cpu_some_ns, COUNTER, "ns", "cpu.pressure some total")                                   \
	X(cpu_full_ns, COUNTER, "ns", "cpu.pressure full total")                                   \
	X(memory_some_ns, COUNTER, "ns", "memory.pressure some total")                             \
	X(memory_full_ns, COUNTER, "ns", "memory.pressure full total")                             \
	X(io_some_ns, COUNTER, "ns", "io.pressure some total")                                     \
	X(io_full_ns, COUNTER, "ns", "io.pressure full total")                                     \
	X(net_rx_bytes, COUNTER, "bytes", "/proc/PID/net/dev, all but lo")                         \
	X(net_tx_bytes, COUNTER, "bytes", "/proc/PID/net/dev, all but lo")                         \
	X(net_rx_packets, COUNTER, "packets", "/proc/PID/net/dev, all but lo")                     \
	X(net_tx_packets, COUNTER, "packets", "/proc/PID/net/dev, all but lo")                     \
	X(sched_oncpu_ns, COUNTER, "ns", "scheduler probe: on a CPU")                              \
	X(sched_slices, COUNTER, "slices", "scheduler probe: times on a CPU that have ended")      \
	X(sched_preempted, COUNTER, "slices", "scheduler probe: of them, the task could go on")    \
	X(sched_missed, COUNTER, "wakeups", "scheduler probe: not seen, so without a wait")        \
	X(sched_runq_ns, COUNTER, "ns", "scheduler probe: able to run, and not running")           \
	X(sched_io_ns, COUNTER, "ns", "scheduler probe: off CPUs, for I/O")                        \
	X(sched_lock_ns, COUNTER, "ns", "scheduler probe: off CPUs, for a lock of the kernel")     \
	X(sched_blocked_ns, COUNTER, "ns", "scheduler probe: off CPUs, uninterruptible otherwise") \
	X(sched_sleep_ns, COUNTER, "ns",                                                           \
	  "scheduler probe: off CPUs, until somebody does something")                              \
	X(sched_throttle_ns, COUNTER, "ns",                                                        \
	  "scheduler probe: off CPUs, since it dirties too fast")                                  \
	X(sched_inode_ns, COUNTER, "ns",                                                           \
	  "scheduler probe: off CPUs, for the lock of a file in use")                              \
	X(sched_journal_ns, COUNTER, "ns",                                                         \
	  "scheduler probe: off CPUs, for the file system's journal")                              \
	X(pagecache_accessed, COUNTER, "pages", "page cache probe: read, once per call")           \
	X(pagecache_missed, COUNTER, "pages", "page cache probe: of them, fetched for that")       \
	X(pagecache_asked, COUNTER, "pages", "page cache probe: of them, by the call itself")      \
	X(pagecache_fetched, COUNTER, "pages", "page cache probe: added to be read")               \
	X(pagecache_wasted, COUNTER, "pages",                                                      \
	  "page cache probe: of them, gone without being read")                                    \
	X(pagecache_faults, COUNTER, "faults", "page cache probe: of mappings of files")           \
	X(pagecache_fault_missed, COUNTER, "faults",                                               \
	  "page cache probe: of them, at fetched pages")                                           \
	X(pagecache_fault_took, COUNTER, "pages",                                                  \
	  "page cache probe: fetched to be read, and mapped first")                                \
	X(pagecache_fault_added, COUNTER, "pages", "page cache probe: added by such faults")       \
	X(pagecache_other_added, COUNTER, "pages",                                                 \
	  "page cache probe: added otherwise, to be written")                                      \
	X(pagecache_dirtied, COUNTER, "pages", "page cache probe: made dirty by its tasks")        \
	X(pagecache_written, COUNTER, "pages",                                                     \
	  "page cache probe: its own written to block devices")                                    \
	X(pagecache_evicted, COUNTER, "pages", "page cache probe: its own put out of the cache")   \
	X(cpu_nr_bursts, COUNTER, "periods", "cpu.stat nr_bursts")                                 \
	X(cpu_burst_ns, COUNTER, "ns", "cpu.stat burst_usec, v1 burst_time")                       \
	X(cpu_nice_ns, COUNTER, "ns", "cpu.stat nice_usec, part of user")                          \
	X(cpu_force_idle_ns, COUNTER, "ns", "cpu.stat core_sched.force_idle_usec")                 \
	X(cpu_quota_ns, GAUGE, "ns", "cpu.max, v1 cpu.cfs_quota_us, absent when there is none")    \
	X(cpu_period_ns, GAUGE, "ns", "cpu.max, v1 cpu.cfs_period_us")                             \
	X(irq_full_ns, COUNTER, "ns", "irq.pressure full total")                                   \
	X(memory_kernel_bytes, GAUGE, "bytes",                                                     \
	  "memory.stat kernel, v1 memory.kmem.usage_in_bytes")                                     \
	X(memory_slab_bytes, GAUGE, "bytes", "memory.stat slab, part of kernel")                   \
	X(memory_sock_bytes, GAUGE, "bytes", "memory.stat sock")                                   \
	X(memory_shmem_bytes, GAUGE, "bytes", "memory.stat shmem, part of file, v1 total_shmem")   \
	X(memory_mapped_bytes, GAUGE, "bytes", "memory.stat file_mapped, v1 total_mapped_file")    \
	X(memory_inactive_file_bytes, GAUGE, "bytes",                                              \
	  "memory.stat inactive_file, v1 total_inactive_file")                                     \
	X(memory_active_file_bytes, GAUGE, "bytes",                                                \
	  "memory.stat active_file, v1 total_active_file")                                         \
	X(memory_unevictable_bytes, GAUGE, "bytes",                                                \
	  "memory.stat unevictable, v1 total_unevictable")                                         \
	X(memory_anon_thp_bytes, GAUGE, "bytes", "memory.stat anon_thp, v1 total_rss_huge")        \
	X(memory_file_thp_bytes, GAUGE, "bytes", "memory.stat file_thp")                           \
	X(memory_zswap_bytes, GAUGE, "bytes", "memory.zswap.current")                              \
	X(memory_pgfault, COUNTER, "faults", "memory.stat pgfault, v1 total_pgfault")              \
	X(memory_pgmajfault, COUNTER, "faults", "memory.stat pgmajfault, v1 total_pgmajfault")     \
	X(memory_pgscan, COUNTER, "pages", "memory.stat pgscan")                                   \
	X(memory_pgsteal, COUNTER, "pages", "memory.stat pgsteal")                                 \
	X(memory_pgactivate, COUNTER, "pages", "memory.stat pgactivate")                           \
	X(memory_refault_anon, COUNTER, "pages",                                                   \
	  "memory.stat workingset_refault_anon, v1 total_workingset_refault_anon")                 \
	X(memory_refault_file, COUNTER, "pages",                                                   \
	  "memory.stat workingset_refault_file, v1 total_workingset_refault_file")                 \
	X(memory_activate_file, COUNTER, "pages", "memory.stat workingset_activate_file")          \
	X(memory_restore_file, COUNTER, "pages", "memory.stat workingset_restore_file")            \
	X(memory_nodereclaim, COUNTER, "nodes", "memory.stat workingset_nodereclaim")              \
	X(memory_thp_fault_alloc, COUNTER, "pages", "memory.stat thp_fault_alloc, huge pages")     \
	X(memory_thp_collapse_alloc, COUNTER, "pages",                                             \
	  "memory.stat thp_collapse_alloc, huge pages")                                            \
	X(memory_events_low, COUNTER, "events", "memory.events low")                               \
	X(memory_events_oom_group_kill, COUNTER, "events", "memory.events oom_group_kill")         \
	X(memory_high_bytes, GAUGE, "bytes", "memory.high, absent when there is none")             \
	X(memory_low_bytes, GAUGE, "bytes", "memory.low, absent when it is all")                   \
	X(memory_min_bytes, GAUGE, "bytes", "memory.min, absent when it is all")                   \
	X(memory_swap_limit_bytes, GAUGE, "bytes", "memory.swap.max, absent when there is none")   \
	X(memory_swap_events_high, COUNTER, "events", "memory.swap.events high")                   \
	X(memory_swap_events_max, COUNTER, "events", "memory.swap.events max")                     \
	X(memory_swap_events_fail, COUNTER, "events", "memory.swap.events fail")                   \
	X(pids_limit, GAUGE, "tasks", "pids.max, absent when there is none")                       \
	X(pids_peak, GAUGE, "tasks", "pids.peak")                                                  \
	X(pids_events_max, COUNTER, "events", "pids.events max")                                   \
	X(io_cost_vrate_bp, GAUGE, "1/100 %", "io.stat cost.vrate, least over devices")            \
	X(io_cost_usage_ns, COUNTER, "ns", "io.stat cost.usage")                                   \
	X(io_cost_wait_ns, COUNTER, "ns", "io.stat cost.wait")                                     \
	X(io_cost_indebt_ns, COUNTER, "ns", "io.stat cost.indebt")                                 \
	X(io_cost_indelay_ns, COUNTER, "ns", "io.stat cost.indelay")                               \
	X(io_latency_depth, GAUGE, "requests",                                                     \
	  "io.stat depth, least over devices, absent when there is no limit")                      \
	X(io_latency_avg_ns, GAUGE, "ns", "io.stat avg_lat, most over devices")                    \
	X(io_latency_window_ns, GAUGE, "ns", "io.stat win, most over devices")                     \
	X(io_latency_missed, GAUGE, "requests", "io.stat missed, of the window")                   \
	X(io_latency_total, GAUGE, "requests", "io.stat total, of the window")                     \
	X(io_delayed_devices, GAUGE, "devices", "io.stat use_delay: tasks are delayed for them")   \
	X(io_delay_ns, GAUGE, "ns", "io.stat delay_nsec, most over devices")                       \
	X(hugetlb_bytes, GAUGE, "bytes", "hugetlb.SIZE.current, v1 usage_in_bytes, all sizes")     \
	X(hugetlb_limit_bytes, GAUGE, "bytes",                                                     \
	  "hugetlb.SIZE.max, v1 limit_in_bytes, all sizes, absent when one has none")              \
	X(hugetlb_events_max, COUNTER, "events", "hugetlb.SIZE.events max, v1 failcnt, all sizes") \
	X(cpuset_cpus, GAUGE, "CPUs", "cpuset.cpus.effective, v1 cpuset.effective_cpus: how many") \
	X(cpuset_mems, GAUGE, "nodes",                                                             \
	  "cpuset.mems.effective, v1 cpuset.effective_mems: how many")                             \
	X(rdt_llc_occupancy_bytes, GAUGE, "bytes", "resctrl llc_occupancy, all L3 caches")         \
	X(rdt_mbm_total_bytes, COUNTER, "bytes", "resctrl mbm_total_bytes, all L3 caches")         \
	X(rdt_mbm_local_bytes, COUNTER, "bytes", "resctrl mbm_local_bytes, all L3 caches")

enum metric {
#define METRIC_ENUM(name, kind, unit, source) METRIC_##name,
	METRICS(METRIC_ENUM)
#undef METRIC_ENUM
		METRIC_COUNT
};

struct metric_desc {
	const char *name;
	enum metric_kind kind;
	const char *unit;
	const char *source;
};

extern const struct metric_desc metric_descs[METRIC_COUNT];

#endif
