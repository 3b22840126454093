// SPDX-License-Identifier: Apache-2.0
/* container-bench's measurements that have a point in each tick, by its names. */
#include <stddef.h>

#include "sink/measure_rows.h"

#define STARTED_TAG TAG("benchmark_started", "RFC 3339, UTC")

static const struct measure_column metrics_columns[] = {
	RUN_TAGS,
	TAG("container_index", "its place in the spec, from 0"),
	TAG("container_name", "of the spec"),
	TAG("container_image", "of the spec; absent natively"),
	TAG("container_core", "CPUs that the spec gives it: 0,2,4-7; absent: any"),
	STARTED_TAG,
	GAUGE("step_number", "1", "number of the tick"),
	GAUGE("relative_time", "ns", "since the first point of this measurement"),
	STATE("docker_assigned_cores", "CPUs that it may use, one by one: 0,2,4,5,6,7"),
	TOTAL("docker_cpu_usage_total", "ns", "on CPUs"),
	TOTAL("docker_cpu_usage_kernel", "ns", "of it, in the kernel"),
	TOTAL("docker_cpu_usage_user", "ns", "of it, in user space"),
	RATIO("docker_cpu_usage_percent", "%", "of the tick, on CPUs; 100: one CPU"),
	TOTAL("docker_cpu_throttling", "ns", "kept off CPUs by its quota"),
	GAUGE("docker_memory_usage", "bytes", "page cache included"),
	GAUGE("docker_memory_limit", "bytes", "the host's memory where there is none"),
	GAUGE("docker_memory_cache", "bytes", "file on cgroup v2"),
	GAUGE("docker_memory_rss", "bytes", "anon on cgroup v2"),
	GAUGE("docker_memory_swap", "bytes", "swapped out"),
	RATIO("docker_memory_usage_percent", "%", "usage of limit"),
	TOTAL("docker_network_rx_bytes", "bytes", "received, all interfaces but lo"),
	TOTAL("docker_network_tx_bytes", "bytes", "sent"),
	TOTAL("docker_network_rx_packets", "packets", "received"),
	TOTAL("docker_network_tx_packets", "packets", "sent"),
	TOTAL("docker_disk_read_bytes", "bytes", "io.stat"),
	TOTAL("docker_disk_write_bytes", "bytes", "io.stat"),
	TOTAL("docker_disk_read_ops", "requests", "io.stat"),
	TOTAL("docker_disk_write_ops", "requests", "io.stat"),
	TICK("perf_cache_misses", "events",
	     "of the tick, as all of perf_: scaled where events "
	     "shared a counter, absent where it had none"),
	TICK("perf_cache_references", "events", "last-level cache"),
	TICK("perf_instructions", "instructions", "retired"),
	TICK("perf_cycles", "cycles", "of CPUs"),
	TICK("perf_branch_instructions", "instructions", "branches"),
	TICK("perf_branch_misses", "instructions", "branches that were mispredicted"),
	TICK("perf_bus_cycles", "cycles", "of the bus"),
	TICK("perf_stalls_total", "cycles", "without a retired instruction"),
	TICK("perf_stalls_l3_miss", "cycles", "of them, with a miss of the L3 cache"),
	TICK("perf_stalls_l2_miss", "cycles", "of them, with a miss of the L2 cache"),
	TICK("perf_stalls_l1d_miss", "cycles", "of them, with a miss of the L1 data cache"),
	TICK("perf_stalls_mem_any", "cycles", "of them, with a memory access under way"),
	TICK("perf_resource_stalls_sb", "cycles", "stalled as the store buffer is full"),
	TICK("perf_resource_stalls_scoreboard", "cycles", "stalled by the scoreboard"),
	RATIO("perf_cache_miss_rate", "1",
	      "cache_misses / cache_references; this and those below are absent where "
	      "an event was counted for less than a fifth of the tick"),
	RATIO("perf_branch_miss_rate", "%", "branch_misses / branch_instructions"),
	RATIO("perf_instructions_per_cycle", "1", "instructions / cycles"),
	RATIO("perf_stalled_cycles_percent", "%", "stalls_total / cycles"),
	RATIO("perf_stalls_l3_miss_percent", "%", "stalls_l3_miss / stalls_total"),
	RATIO("perf_theoretical_ipc", "1", "instructions / (cycles - stalls_total)"),
	MANY("perf_*", TICK, INT, "events",
	     "any other event, by its name in small letters with _ for all but letters and digits"),
	STATE("rdt_class_name", "control group; /: the default one"),
	STATE("rdt_mon_group_name", "monitor group"),
	GAUGE("rdt_mba_throttle", "%",
	      "memory bandwidth that its class has, the least of all sockets"),
	STATE("rdt_l3_allocation_string", "the class's line of schemata"),
	STATE("rdt_mba_allocation_string", "the same of memory bandwidth"),
	MANY("rdt_l3_occupancy_socket*", GAUGE, INT, "bytes",
	     "in the L3 cache with this id, as all that end so"),
	MANY("rdt_l3_utilization_pct_socket*", GAUGE, REAL, "%", "of the cache"),
	MANY("rdt_memory_bandwidth_total_socket*", TOTAL, INT, "bytes", "to and from any memory"),
	MANY("rdt_memory_bandwidth_local_socket*", TOTAL, INT, "bytes",
	     "of it, memory of the socket"),
	MANY("rdt_mem_bandwidth_mbps_socket*", GAUGE, REAL, "MB/s",
	     "of the tick: 10^6 bytes of total per second"),
	MANY("rdt_l3_bitmask_socket*", GAUGE, TEXT, NULL, "that its class has, in hexadecimal"),
	MANY("rdt_l3_ways_socket*", GAUGE, INT, "ways", "bits of the mask"),
	MANY("rdt_l3_allocation_pct_socket*", GAUGE, REAL, "%", "of all ways"),
	MANY("rdt_mba_percent_socket*", GAUGE, INT, "%", "memory bandwidth that its class has"),
	END,
};

const struct measurement benchmark_metrics = {
	.name = "benchmark_metrics",
	.help = "A container at the end of a tick, by container-bench's names. docker_ is read "
		"from "
		"its cgroup whatever the runtime, and means what Docker's API means",
	.columns = metrics_columns,
	.sql = "SELECT k.seq, NULL," RUN_SQL
	       ", t.id, t.name, t.image, t.cpus, ?5, k.seq, NULL, NULL, "
	       "s.cpu_usage_ns, s.cpu_system_ns, s.cpu_user_ns, NULL, s.cpu_throttled_ns, "
	       "s.memory_bytes, iif(s.memory_bytes IS NULL, NULL, "
	       "min(coalesce(s.memory_limit_bytes, ?7), coalesce(?7, s.memory_limit_bytes))), "
	       "s.memory_file_bytes, s.memory_anon_bytes, s.memory_swap_bytes, "
	       "100.0 * s.memory_bytes / "
	       "min(coalesce(s.memory_limit_bytes, ?7), coalesce(?7, s.memory_limit_bytes)), "
	       "s.net_rx_bytes, s.net_tx_bytes, s.net_rx_packets, s.net_tx_packets, "
	       "s.io_read_bytes, s.io_write_bytes, s.io_read_ops, s.io_write_ops"
	       /* perf_, and of rdt_ what has no number: more_bench() */
	       ", NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, "
	       "NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL "
	       /* The limit, which is none, keeps SQLite from leaving out the order: it merges then. */
	       "FROM (SELECT seq, target FROM sample WHERE seq BETWEEN ?1 AND ?2 "
	       "UNION SELECT seq, target FROM perf WHERE seq BETWEEN ?1 AND ?2 AND target >= 0 "
	       "UNION SELECT seq, target FROM rdt WHERE seq BETWEEN ?1 AND ?2 ORDER BY 1, 2 LIMIT "
	       "-1) k "
	       "CROSS JOIN target t ON t.id = k.target AND t.kind = 'container' "
	       "LEFT JOIN sample s ON s.seq = k.seq AND s.target = k.target",
	.more = more_bench,
};

static const struct measure_column cores_columns[] = {
	RUN_TAGS,
	STARTED_TAG,
	GAUGE("step_number", "1", "number of the tick"),
	GAUGE("relative_time", "ns", "since the first point of benchmark_metrics"),
	GAUGE("coresAllocatedSocketZero", "cores",
	      "of socket 0 whose first CPU a container may use, added up over containers"),
	GAUGE("coresAllocatedSocketOne", "cores",
	      "the same of socket 1; absent where there is none"),
	END,
};

const struct measurement benchmark_core_allocation = {
	.name = "benchmark_core_allocation",
	.help = "Cores that all containers of a tick may use, by socket",
	.columns = cores_columns,
	.more = more_cores, /* once in each tick */
};
