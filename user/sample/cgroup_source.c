// SPDX-License-Identifier: Apache-2.0
/* The table of cgroup files. */
#include "sample/cgroup_source.h"

#include "base/cleanup.h"
#include "sample/frame.h"

#define KEY TEXT_KEY

static const struct text_key cpu_v2[] = {
	KEY("usage_usec", cpu_usage_ns, 1000),
	KEY("user_usec", cpu_user_ns, 1000),
	KEY("system_usec", cpu_system_ns, 1000),
	KEY("nice_usec", cpu_nice_ns, 1000),
	KEY("core_sched.force_idle_usec", cpu_force_idle_ns, 1000),
	KEY("nr_periods", cpu_nr_periods, 1),
	KEY("nr_throttled", cpu_nr_throttled, 1),
	KEY("throttled_usec", cpu_throttled_ns, 1000),
	KEY("nr_bursts", cpu_nr_bursts, 1),
	KEY("burst_usec", cpu_burst_ns, 1000),
};
static const struct text_key cpu_v1[] = {
	KEY("nr_periods", cpu_nr_periods, 1),	    KEY("nr_throttled", cpu_nr_throttled, 1),
	KEY("throttled_time", cpu_throttled_ns, 1), KEY("nr_bursts", cpu_nr_bursts, 1),
	KEY("burst_time", cpu_burst_ns, 1),
};
/* Before Linux 5.9 only pages of files were told to come back, without a suffix. */
static const struct text_key memory_v2[] = {
	KEY("anon", memory_anon_bytes, 1),
	KEY("file", memory_file_bytes, 1),
	KEY("kernel", memory_kernel_bytes, 1),
	KEY("sock", memory_sock_bytes, 1),
	KEY("shmem", memory_shmem_bytes, 1),
	KEY("file_mapped", memory_mapped_bytes, 1),
	KEY("file_dirty", memory_dirty_bytes, 1),
	KEY("file_writeback", memory_writeback_bytes, 1),
	KEY("anon_thp", memory_anon_thp_bytes, 1),
	KEY("file_thp", memory_file_thp_bytes, 1),
	KEY("inactive_file", memory_inactive_file_bytes, 1),
	KEY("active_file", memory_active_file_bytes, 1),
	KEY("unevictable", memory_unevictable_bytes, 1),
	KEY("slab", memory_slab_bytes, 1),
	KEY("workingset_refault_anon", memory_refault_anon, 1),
	KEY("workingset_refault_file", memory_refault_file, 1),
	KEY("workingset_refault", memory_refault_file, 1),
	KEY("workingset_activate_file", memory_activate_file, 1),
	KEY("workingset_activate", memory_activate_file, 1),
	KEY("workingset_restore_file", memory_restore_file, 1),
	KEY("workingset_restore", memory_restore_file, 1),
	KEY("workingset_nodereclaim", memory_nodereclaim, 1),
	KEY("pgscan", memory_pgscan, 1),
	KEY("pgsteal", memory_pgsteal, 1),
	KEY("pgfault", memory_pgfault, 1),
	KEY("pgmajfault", memory_pgmajfault, 1),
	KEY("pgactivate", memory_pgactivate, 1),
	KEY("thp_fault_alloc", memory_thp_fault_alloc, 1),
	KEY("thp_collapse_alloc", memory_thp_collapse_alloc, 1),
};
static const struct text_key memory_v1[] = {
	KEY("total_rss", memory_anon_bytes, 1),
	KEY("total_rss_huge", memory_anon_thp_bytes, 1),
	KEY("total_cache", memory_file_bytes, 1),
	KEY("total_shmem", memory_shmem_bytes, 1),
	KEY("total_mapped_file", memory_mapped_bytes, 1),
	KEY("total_swap", memory_swap_bytes, 1),
	KEY("total_dirty", memory_dirty_bytes, 1),
	KEY("total_writeback", memory_writeback_bytes, 1),
	KEY("total_inactive_file", memory_inactive_file_bytes, 1),
	KEY("total_active_file", memory_active_file_bytes, 1),
	KEY("total_unevictable", memory_unevictable_bytes, 1),
	KEY("total_workingset_refault_anon", memory_refault_anon, 1),
	KEY("total_workingset_refault_file", memory_refault_file, 1),
	KEY("total_pgfault", memory_pgfault, 1),
	KEY("total_pgmajfault", memory_pgmajfault, 1),
};
static const struct text_key memory_events[] = {
	KEY("low", memory_events_low, 1),
	KEY("high", memory_events_high, 1),
	KEY("max", memory_events_max, 1),
	KEY("oom", memory_events_oom, 1),
	KEY("oom_kill", memory_events_oom_kill, 1),
	KEY("oom_group_kill", memory_events_oom_group_kill, 1),
};
static const struct text_key swap_events[] = {
	KEY("high", memory_swap_events_high, 1),
	KEY("max", memory_swap_events_max, 1),
	KEY("fail", memory_swap_events_fail, 1),
};
static const struct text_key oom_control[] = {
	KEY("oom_kill", memory_events_oom_kill, 1),
};
static const struct text_key pids_events[] = {
	KEY("max", pids_events_max, 1),
};

#define V2(name, ctrl, parse, m)                                                                   \
	{                                                                                          \
		name, NULL, NULL, false, ctrl, parse, { METRIC_##m }, NULL, 0                      \
	}
#define V1(name, ctrl, parse, m)                                                                   \
	{                                                                                          \
		name, NULL, NULL, true, ctrl, parse, { METRIC_##m }, NULL, 0                       \
	}
#define OPTIONAL(group, name, is_v1, ctrl, parse, m)                                               \
	{                                                                                          \
		name, NULL, group, is_v1, ctrl, parse, { METRIC_##m }, NULL, 0                     \
	}
#define FLAT(group, name, is_v1, ctrl, table)                                                      \
	{                                                                                          \
		name, NULL, group, is_v1, ctrl, PARSE_FLAT, { 0 }, table, ARRAY_SIZE(table)        \
	}
#define PRESSURE(group, name, some, full)                                                          \
	{                                                                                          \
		name, NULL, group, false, CG_NCTRL, PARSE_PRESSURE, { some, METRIC_##full }, NULL, \
			0                                                                          \
	}
#define BLKIO(name, else_name, read, write, discard)                                               \
	{                                                                                          \
		name, else_name, NULL, true, CG_BLKIO, PARSE_BLKIO,                                \
			{ METRIC_##read, METRIC_##write, METRIC_##discard }, NULL, 0               \
	}

const struct cgroup_source cgroup_sources[] = {
	FLAT(NULL, "cpu.stat", false, CG_CPUACCT, cpu_v2),
	{ "cpu.max",
	  NULL,
	  "cpu.max",
	  false,
	  CG_CPU,
	  PARSE_QUOTA,
	  { METRIC_cpu_quota_ns, METRIC_cpu_period_ns },
	  NULL,
	  0 },
	V2("memory.current", CG_MEMORY, PARSE_U64, memory_bytes),
	V2("memory.max", CG_MEMORY, PARSE_LIMIT, memory_limit_bytes),
	V2("memory.peak", CG_MEMORY, PARSE_U64, memory_peak_bytes),
	V2("memory.swap.current", CG_MEMORY, PARSE_U64, memory_swap_bytes),
	FLAT(NULL, "memory.stat", false, CG_MEMORY, memory_v2),
	FLAT(NULL, "memory.events", false, CG_MEMORY, memory_events),
	OPTIONAL("memory.high/low/min", "memory.high", false, CG_MEMORY, PARSE_LIMIT,
		 memory_high_bytes),
	OPTIONAL("memory.high/low/min", "memory.low", false, CG_MEMORY, PARSE_LIMIT,
		 memory_low_bytes),
	OPTIONAL("memory.high/low/min", "memory.min", false, CG_MEMORY, PARSE_LIMIT,
		 memory_min_bytes),
	OPTIONAL("memory.swap.max/events", "memory.swap.max", false, CG_MEMORY, PARSE_LIMIT,
		 memory_swap_limit_bytes),
	FLAT("memory.swap.max/events", "memory.swap.events", false, CG_MEMORY, swap_events),
	OPTIONAL("memory.zswap", "memory.zswap.current", false, CG_MEMORY, PARSE_U64,
		 memory_zswap_bytes),
	V2("pids.current", CG_PIDS, PARSE_U64, pids_current),
	OPTIONAL("pids.max/events", "pids.max", false, CG_PIDS, PARSE_LIMIT, pids_limit),
	FLAT("pids.max/events", "pids.events", false, CG_PIDS, pids_events),
	OPTIONAL("pids.peak", "pids.peak", false, CG_PIDS, PARSE_U64, pids_peak),
	V2("io.stat", CG_BLKIO, PARSE_IO_STAT, io_read_bytes),
	PRESSURE(NULL, "cpu.pressure", METRIC_cpu_some_ns, cpu_full_ns),
	PRESSURE(NULL, "memory.pressure", METRIC_memory_some_ns, memory_full_ns),
	PRESSURE(NULL, "io.pressure", METRIC_io_some_ns, io_full_ns),
	PRESSURE("irq.pressure", "irq.pressure", METRIC_COUNT, irq_full_ns),
	OPTIONAL("cpuset", "cpuset.cpus.effective", false, CG_CPUSET, PARSE_LIST, cpuset_cpus),
	OPTIONAL("cpuset", "cpuset.mems.effective", false, CG_CPUSET, PARSE_LIST, cpuset_mems),
	V1("cpuacct.usage", CG_CPUACCT, PARSE_U64, cpu_usage_ns),
	V1("cpuacct.usage_user", CG_CPUACCT, PARSE_U64, cpu_user_ns),
	V1("cpuacct.usage_sys", CG_CPUACCT, PARSE_U64, cpu_system_ns),
	FLAT(NULL, "cpu.stat", true, CG_CPU, cpu_v1),
	/* -1 without a limit */
	OPTIONAL("cpu.cfs_quota/period", "cpu.cfs_quota_us", true, CG_CPU, PARSE_US, cpu_quota_ns),
	OPTIONAL("cpu.cfs_quota/period", "cpu.cfs_period_us", true, CG_CPU, PARSE_US,
		 cpu_period_ns),
	V1("memory.usage_in_bytes", CG_MEMORY, PARSE_U64, memory_bytes),
	V1("memory.limit_in_bytes", CG_MEMORY, PARSE_LIMIT, memory_limit_bytes),
	V1("memory.max_usage_in_bytes", CG_MEMORY, PARSE_U64, memory_peak_bytes),
	FLAT(NULL, "memory.stat", true, CG_MEMORY, memory_v1),
	V1("memory.failcnt", CG_MEMORY, PARSE_U64, memory_events_max),
	FLAT(NULL, "memory.oom_control", true, CG_MEMORY, oom_control),
	OPTIONAL("memory.kmem", "memory.kmem.usage_in_bytes", true, CG_MEMORY, PARSE_U64,
		 memory_kernel_bytes),
	V1("pids.current", CG_PIDS, PARSE_U64, pids_current),
	OPTIONAL("pids.max/events", "pids.max", true, CG_PIDS, PARSE_LIMIT, pids_limit),
	FLAT("pids.max/events", "pids.events", true, CG_PIDS, pids_events),
	OPTIONAL("pids.peak", "pids.peak", true, CG_PIDS, PARSE_U64, pids_peak),
	BLKIO("blkio.throttle.io_service_bytes_recursive", "blkio.throttle.io_service_bytes",
	      io_read_bytes, io_write_bytes, io_discard_bytes),
	BLKIO("blkio.throttle.io_serviced_recursive", "blkio.throttle.io_serviced", io_read_ops,
	      io_write_ops, io_discard_ops),
	OPTIONAL("cpuset", "cpuset.effective_cpus", true, CG_CPUSET, PARSE_LIST, cpuset_cpus),
	OPTIONAL("cpuset", "cpuset.effective_mems", true, CG_CPUSET, PARSE_LIST, cpuset_mems),
};
const size_t cgroup_n_sources = ARRAY_SIZE(cgroup_sources);
_Static_assert(ARRAY_SIZE(cgroup_sources) <= CGROUP_SOURCES_MAX, "a place for each descriptor");

void cgroup_source_parse(const struct cgroup_source *src, const char *text,
			 device_is_stacked_fn stacked, void *arg, struct frame_row *row)
{
	const enum metric *m = src->metric;
	uint64_t v;

	switch (src->parse) {
	case PARSE_U64:
		if (cgroup_text_u64(text, &v))
			frame_put(row, m[0], v);
		break;
	case PARSE_US:
		if (cgroup_text_u64(text, &v) && !__builtin_mul_overflow(v, 1000, &v))
			frame_put(row, m[0], v);
		break;
	case PARSE_LIMIT:
		if (cgroup_text_u64(text, &v) && cgroup_is_limit(v))
			frame_put(row, m[0], v);
		break;
	case PARSE_FLAT: cgroup_text_flat(text, src->keys, src->n_keys, row); break;
	case PARSE_PRESSURE: cgroup_text_pressure(text, m[0], m[1], row); break;
	case PARSE_QUOTA: cgroup_text_quota(text, m[0], m[1], row); break;
	case PARSE_LIST:
		if (cgroup_text_list(text, &v))
			frame_put(row, m[0], v);
		break;
	case PARSE_IO_STAT: cgroup_text_io_stat(text, stacked, arg, row); break;
	case PARSE_BLKIO: cgroup_text_blkio(text, stacked, arg, m[0], m[1], m[2], row); break;
	}
}
