// SPDX-License-Identifier: Apache-2.0
/*
 * Measurements of the columns of a sample. Each of them is in one of the lists below: the
 * compiler complains of a constant that is not used when one is forgotten.
 */
#include <stddef.h>

#include "sink/measure_rows.h"
#include "store/store.h" /* and the metrics of the frames that it takes */

#define KIND_COUNTER COLUMN_TOTAL
#define KIND_GAUGE COLUMN_GAUGE
#define METRIC_FACTS(name, kind, unit, source)                                                     \
	static const char unit_##name[] = unit, source_##name[] = source;                          \
	enum { kind_##name = KIND_##kind };
METRICS(METRIC_FACTS)

#define COLUMN(name)                                                                               \
	{ #name, (enum column_kind)kind_##name, TYPE_INT, unit_##name, source_##name, false },
#define SELECTED(name) ", x." #name

#define FROM_SAMPLE " FROM sample x" JOIN_TARGET " WHERE " BETWEEN "ORDER BY x.seq"

#define PAGECACHE_METRICS(X)                                                                       \
	X(pagecache_accessed)                                                                      \
	X(pagecache_missed)                                                                        \
	X(pagecache_asked)                                                                         \
	X(pagecache_fetched)                                                                       \
	X(pagecache_wasted)                                                                        \
	X(pagecache_faults)                                                                        \
	X(pagecache_fault_missed)                                                                  \
	X(pagecache_fault_took)                                                                    \
	X(pagecache_fault_added)                                                                   \
	X(pagecache_other_added)                                                                   \
	X(pagecache_dirtied)                                                                       \
	X(pagecache_written)                                                                       \
	X(pagecache_evicted)

#define PRESSURE_METRICS(X)                                                                        \
	X(cpu_some_ns)                                                                             \
	X(cpu_full_ns)                                                                             \
	X(memory_some_ns)                                                                          \
	X(memory_full_ns)                                                                          \
	X(io_some_ns)                                                                              \
	X(io_full_ns)                                                                              \
	X(irq_full_ns)

#define SCHED_METRICS(X)                                                                           \
	X(sched_oncpu_ns)                                                                          \
	X(sched_slices)                                                                            \
	X(sched_preempted)                                                                         \
	X(sched_missed)                                                                            \
	X(sched_runq_ns)                                                                           \
	X(sched_io_ns)                                                                             \
	X(sched_lock_ns)                                                                           \
	X(sched_blocked_ns)                                                                        \
	X(sched_sleep_ns)                                                                          \
	X(sched_throttle_ns)                                                                       \
	X(sched_inode_ns)                                                                          \
	X(sched_journal_ns)

#define CGROUP_METRICS(X)                                                                          \
	X(cpu_usage_ns)                                                                            \
	X(cpu_user_ns)                                                                             \
	X(cpu_system_ns)                                                                           \
	X(cpu_nr_periods)                                                                          \
	X(cpu_nr_throttled)                                                                        \
	X(cpu_throttled_ns)                                                                        \
	X(memory_bytes)                                                                            \
	X(memory_limit_bytes)                                                                      \
	X(memory_peak_bytes)                                                                       \
	X(memory_anon_bytes)                                                                       \
	X(memory_file_bytes)                                                                       \
	X(memory_swap_bytes)                                                                       \
	X(memory_dirty_bytes)                                                                      \
	X(memory_writeback_bytes)                                                                  \
	X(memory_events_high)                                                                      \
	X(memory_events_max)                                                                       \
	X(memory_events_oom)                                                                       \
	X(memory_events_oom_kill)                                                                  \
	X(pids_current)                                                                            \
	X(io_read_bytes)                                                                           \
	X(io_write_bytes)                                                                          \
	X(io_discard_bytes)                                                                        \
	X(io_read_ops)                                                                             \
	X(io_write_ops)                                                                            \
	X(io_discard_ops)                                                                          \
	X(net_rx_bytes)                                                                            \
	X(net_tx_bytes)                                                                            \
	X(net_rx_packets)                                                                          \
	X(net_tx_packets)                                                                          \
	X(cpu_nr_bursts)                                                                           \
	X(cpu_burst_ns)                                                                            \
	X(cpu_nice_ns)                                                                             \
	X(cpu_force_idle_ns)                                                                       \
	X(cpu_quota_ns)                                                                            \
	X(cpu_period_ns)                                                                           \
	X(memory_kernel_bytes)                                                                     \
	X(memory_slab_bytes)                                                                       \
	X(memory_sock_bytes)                                                                       \
	X(memory_shmem_bytes)                                                                      \
	X(memory_mapped_bytes)                                                                     \
	X(memory_inactive_file_bytes)                                                              \
	X(memory_active_file_bytes)                                                                \
	X(memory_unevictable_bytes)                                                                \
	X(memory_anon_thp_bytes)                                                                   \
	X(memory_file_thp_bytes)                                                                   \
	X(memory_zswap_bytes)                                                                      \
	X(memory_pgfault)                                                                          \
	X(memory_pgmajfault)                                                                       \
	X(memory_pgscan)                                                                           \
	X(memory_pgsteal)                                                                          \
	X(memory_pgactivate)                                                                       \
	X(memory_refault_anon)                                                                     \
	X(memory_refault_file)                                                                     \
	X(memory_activate_file)                                                                    \
	X(memory_restore_file)                                                                     \
	X(memory_nodereclaim)                                                                      \
	X(memory_thp_fault_alloc)                                                                  \
	X(memory_thp_collapse_alloc)                                                               \
	X(memory_events_low)                                                                       \
	X(memory_events_oom_group_kill)                                                            \
	X(memory_high_bytes)                                                                       \
	X(memory_low_bytes)                                                                        \
	X(memory_min_bytes)                                                                        \
	X(memory_swap_limit_bytes)                                                                 \
	X(memory_swap_events_high)                                                                 \
	X(memory_swap_events_max)                                                                  \
	X(memory_swap_events_fail)                                                                 \
	X(pids_limit)                                                                              \
	X(pids_peak)                                                                               \
	X(pids_events_max)                                                                         \
	X(io_cost_vrate_bp)                                                                        \
	X(io_cost_usage_ns)                                                                        \
	X(io_cost_wait_ns)                                                                         \
	X(io_cost_indebt_ns)                                                                       \
	X(io_cost_indelay_ns)                                                                      \
	X(io_latency_depth)                                                                        \
	X(io_latency_avg_ns)                                                                       \
	X(io_latency_window_ns)                                                                    \
	X(io_latency_missed)                                                                       \
	X(io_latency_total)                                                                        \
	X(io_delayed_devices)                                                                      \
	X(io_delay_ns)                                                                             \
	X(hugetlb_bytes)                                                                           \
	X(hugetlb_limit_bytes)                                                                     \
	X(hugetlb_events_max)                                                                      \
	X(cpuset_cpus)                                                                             \
	X(cpuset_mems)                                                                             \
	X(rdt_llc_occupancy_bytes)                                                                 \
	X(rdt_mbm_total_bytes)                                                                     \
	X(rdt_mbm_local_bytes)

#define PAGECACHE_SQL PAGECACHE_METRICS(SELECTED)
#define PAGECACHE_COLUMNS PAGECACHE_METRICS(COLUMN)

static const struct measure_column pagecache_columns[] = {
	RUN_TAGS,
	TARGET_TAGS,
	PAGECACHE_COLUMNS END,
};

const struct measurement cbpf_pagecache = {
	.name = "cbpf_pagecache",
	.help = "The page cache as a container used it: totals at the end of a tick",
	.columns = pagecache_columns,
	.sql = "SELECT x.seq, NULL," RUN_SQL TARGET_SQL PAGECACHE_SQL FROM_SAMPLE,
};

#define PRESSURE_SQL PRESSURE_METRICS(SELECTED)
#define PRESSURE_COLUMNS PRESSURE_METRICS(COLUMN)

static const struct measure_column pressure_columns[] = {
	RUN_TAGS,
	TARGET_TAGS,
	PRESSURE_COLUMNS END,
};

const struct measurement cbpf_pressure = {
	.name = "cbpf_pressure",
	.help = "Time in which some or all tasks of a container waited for a resource (PSI): "
		"totals at the end of a tick",
	.columns = pressure_columns,
	.sql = "SELECT x.seq, NULL," RUN_SQL TARGET_SQL PRESSURE_SQL FROM_SAMPLE,
};

#define CGROUP_SQL CGROUP_METRICS(SELECTED)
#define CGROUP_COLUMNS CGROUP_METRICS(COLUMN)

static const struct measure_column cgroup_columns[] = {
	RUN_TAGS,
	TARGET_TAGS,
	CGROUP_COLUMNS END,
};

const struct measurement cbpf_cgroup = {
	.name = "cbpf_cgroup",
	.help = "What the kernel's own accounting says of a container at the end of a tick",
	.columns = cgroup_columns,
	.sql = "SELECT x.seq, NULL," RUN_SQL TARGET_SQL CGROUP_SQL FROM_SAMPLE,
};

#define SCHED_SQL SCHED_METRICS(SELECTED)
#define SCHED_COLUMNS SCHED_METRICS(COLUMN)

static const struct measure_column sched_columns[] = {
	RUN_TAGS,
	TARGET_TAGS,
	SCHED_COLUMNS HIST_COLUMNS("runq", "ns", "waits"),
	HIST_COLUMNS("io", "ns", "waits"),
	HIST_COLUMNS("lock", "ns", "waits"),
	HIST_COLUMNS("other", "ns", "waits"),
	END,
};

static const char *const sched_hists[] = { "runq", "io", "lock", "other", NULL };

#define RUNQ HIST_SQL(r)
#define IO HIST_SQL(i)
#define LOCK HIST_SQL(l)
#define OTHER HIST_SQL(o)
#define RUNQ_BLOB HIST_BLOB(r)
#define IO_BLOB HIST_BLOB(i)
#define LOCK_BLOB HIST_BLOB(l)
#define OTHER_BLOB HIST_BLOB(o)
#define JOIN_RUNQ JOIN_LAYER(r, "sched_runq", "''", "0")
#define JOIN_IO JOIN_LAYER(i, "sched_io", "''", "0")
#define JOIN_LOCK JOIN_LAYER(l, "sched_lock", "''", "0")
#define JOIN_OTHER JOIN_LAYER(o, "sched_other", "''", "0")

const struct measurement cbpf_sched = {
	.name = "cbpf_sched",
	.help = "What the scheduler did with a container's tasks: totals at the end of a tick; "
		"waits that ended within it: for a CPU (runq), for I/O, for a lock of the kernel, "
		"others",
	.columns = sched_columns,
	.sql = "SELECT x.seq, NULL," RUN_SQL TARGET_SQL SCHED_SQL RUNQ IO LOCK OTHER RUNQ_BLOB
		IO_BLOB LOCK_BLOB OTHER_BLOB
	       " FROM sample x" JOIN_TARGET JOIN_RUNQ JOIN_IO JOIN_LOCK JOIN_OTHER " WHERE " BETWEEN
	       "ORDER BY x.seq",
	.hists = sched_hists,
};

static const struct measure_column sched_bucket_columns[] = {
	RUN_TAGS, TARGET_TAGS, TAG("layer", "runq, io, lock, other: in ns"), BUCKET_COLUMNS, END,
};

const struct measurement cbpf_sched_bucket = {
	.name = "cbpf_sched_bucket",
	.help = "A bucket of one of cbpf_sched's histograms, as those of cbpf_block_bucket",
	.columns = sched_bucket_columns,
	.sql = "SELECT x.seq, NULL," RUN_SQL TARGET_SQL
	       ", substr(x.layer, 7), x.buckets, 0 FROM histogram x" JOIN_TARGET
	       " WHERE x.layer BETWEEN 'sched' AND 'sched~' AND x.count > 0 AND " BETWEEN
	       "ORDER BY x.seq",
	.buckets = true,
};

static const struct measure_column cpuset_columns[] = {
	RUN_TAGS,
	TARGET_TAGS,
	STATE("cpus", "CPUs that it may use, as the kernel writes lists: 0-3,8"),
	STATE("mems", "memory nodes, the same"),
	END,
};

const struct measurement cbpf_cpuset = {
	.name = "cbpf_cpuset",
	.help = "What a container may run on: told in its first tick, and when that has changed",
	.columns = cpuset_columns,
	.sql = "SELECT x.seq, NULL," RUN_SQL TARGET_SQL ", x.cpus, x.mems FROM cpuset x" JOIN_TARGET
	       " WHERE " BETWEEN "ORDER BY x.seq",
};

static const struct measure_column preemption_columns[] = {
	RUN_TAGS,
	TARGET_TAGS,
	TAG("by", "target; others: other processes; kernel: its threads; nobody: a quota was used "
		  "up"),
	TAG("by_target", "which, where it was one"),
	FACT("count", INT, "slices", "over the whole run"),
	END,
};

const struct measurement cbpf_preemption = {
	.name = "cbpf_preemption",
	.help = "How often a container's tasks lost a CPU although they could have gone on, and to "
		"whom",
	.when = MEASURE_END,
	.columns = preemption_columns,
	.sql = "SELECT 0, NULL," RUN_SQL TARGET_SQL
	       ", x.by, b.name, sum(x.count) FROM preemption x "
	       "JOIN target t ON t.id = x.victim LEFT JOIN target b ON b.id = x.by_target "
	       "GROUP BY x.victim, x.by, x.by_target",
};
