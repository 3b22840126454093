// SPDX-License-Identifier: Apache-2.0
/* container-bench's fields that are made from several rows, and from those of earlier ticks. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "fake_building.h"
#include "fake_feed.h"
#include "fake_full.h"
#include "store/store.h"
#include "unit.h"

#define NEIGHBOUR "container_name=neighbour,"

/* The last tick of three; of the victim if nothing else is said. */
static const struct {
	const char *sql; /* done before; NULL: nothing */
	const char *of, *want, *without, *why;
} cases[] = {
	{ NULL, NULL, ",perf_instructions=100i,", NULL, "what a tick counted" },
	{ NULL, NULL, ",perf_cycles=400i,", "cpu_cycles",
	  "scaled, as it had a counter half the time, and by its usual name" },
	{ NULL, NULL, ",perf_l1_dcache_loads=500i,", NULL, "any other event" },
	{ NULL, NULL, ",perf_", "page_faults", "without a counter it was not counted" },
	{ "DELETE FROM perf WHERE seq = 1", NULL, ",perf_instructions=200i,", NULL,
	  "since it was told before, however long ago" },
	{ "DELETE FROM perf WHERE seq < 2", NULL, ",perf_instructions=300i,", NULL,
	  "totals begin with the run" },
	{ "DELETE FROM perf WHERE seq = 2", NULL, "step_number=2i", "perf_",
	  "nothing happened, so nothing was counted" },
	{ NULL, NULL, ",perf_cache_miss_rate=1.33333,", NULL, "derived, a ratio" },
	{ NULL, NULL, ",perf_instructions_per_cycle=0.25,", NULL, "from what was scaled" },
	{ NULL, NULL, ",perf_", "perf_theoretical_ipc", "nothing without all it is made of" },
	{ "UPDATE perf_event SET name = 'stalls_total' WHERE id = 4", NULL,
	  ",perf_stalled_cycles_percent=125,", "perf_theoretical_ipc",
	  "more stalls than cycles have no ratio" },
	{ "UPDATE perf_event SET name = 'stalls_total' WHERE id = 4; UPDATE perf SET value = value "
	  "/ 2 "
	  "WHERE event = 4",
	  NULL, ",perf_theoretical_ipc=0.666667", NULL, "100 / (400 - 250)" },
	{ "UPDATE perf_event SET name = 'branches' WHERE id = 4; UPDATE perf_event SET name = "
	  "'branch-misses' WHERE id = 0",
	  NULL, ",perf_branch_miss_rate=20,", "perf_branches", "a percentage" },
	{ "UPDATE perf SET running_ns = running_ns / 10 WHERE event = 0", NULL,
	  ",perf_instructions=1000i,", "instructions_per_cycle",
	  "counted for too little of the time to divide by" },
	{ "INSERT INTO perf_event VALUES (6, 'l1_dcache-loads', 1); INSERT INTO perf SELECT seq, "
	  "target, "
	  "6, value + 77 * seq, enabled_ns, running_ns FROM perf WHERE event = 4",
	  NULL, ",perf_l1_dcache_loads=500i,", "577", "two of the same name: the first" },
	{ "UPDATE perf_event SET name = 'cache_miss_rate' WHERE id = 4", NULL,
	  ",perf_cache_miss_rate=1.33333,", "500i", "nor is one taken for what is derived" },
	{ "DELETE FROM sample; DELETE FROM rdt", NULL, "step_number=2i,relative_time=200000000i",
	  "docker_", "counters alone are enough for a point" },
	{ "UPDATE target SET kind = 'cgroup' WHERE id = 1", NULL, "docker_cpu_usage_percent=0.001,",
	  NEIGHBOUR, "only containers have one" },
	{ NULL, NEIGHBOUR, "docker_cpu_usage_percent=50", NULL, "half a CPU" },
	{ "DELETE FROM sample WHERE seq = 1", NEIGHBOUR, "docker_cpu_usage_percent=50", NULL,
	  "over the time since the tick before it" },
	{ "DELETE FROM sample WHERE seq < 2", NEIGHBOUR, "docker_cpu_usage_total=150000000i",
	  "percent", "not known without one" },
	{ "UPDATE sample SET cpu_usage_ns = 0 WHERE seq = 2", NEIGHBOUR,
	  "docker_cpu_usage_total=0i", "percent", "nor when it began again" },
	{ NULL, NEIGHBOUR, "docker_assigned_cores=\"3\"", NULL, "told in the tick before" },
	{ "UPDATE cpuset SET cpus = '0-1,3...'", NULL, "step_number", "docker_assigned_cores",
	  "a list that was cut short" },
	{ "UPDATE sample SET memory_limit_bytes = NULL", NULL, "docker_memory_limit=8589934592i",
	  NULL, "without a limit the host's memory is it" },
	{ "UPDATE sample SET memory_limit_bytes = NULL; UPDATE run SET host = NULL", NULL,
	  "docker_memory_usage=21000i", "docker_memory_limit", "unless that is not known" },
	{ "UPDATE sample SET memory_bytes = NULL", NULL, "docker_memory_cache=33000i",
	  "docker_memory_limit", "no limit of what is not read" },
	{ "DELETE FROM tick WHERE seq = 0; DELETE FROM sample WHERE seq < 2; DELETE FROM perf "
	  "WHERE seq < 2; DELETE FROM rdt WHERE seq < 2",
	  NULL, "relative_time=0i", NULL, "the first point is the begin" },
	{ NULL, NULL, "rdt_mem_bandwidth_mbps_socket0=10,", NULL, "1 MB in 100 ms" },
	{ NULL, NULL, "rdt_l3_utilization_pct_socket1=6.25,", NULL, "1 MiB of 16" },
	{ "DELETE FROM rdt WHERE domain = 1", NULL,
	  "rdt_l3_occupancy_socket0=", "rdt_l3_occupancy_socket1", "a cache without a value" },
	{ "UPDATE rdt SET mbm_total_bytes = NULL WHERE seq = 1", NULL,
	  "rdt_mem_bandwidth_mbps_socket0=10,", NULL, "over two ticks" },
	{ NULL, NULL,
	  "rdt_l3_bitmask_socket0=\"ff\",rdt_l3_ways_socket0=8i,"
	  "rdt_l3_allocation_pct_socket0=50,",
	  NULL, "as told in the first tick" },
	{ "INSERT INTO rdt_class VALUES (2, 0, '/', 'x', NULL); INSERT INTO rdt_alloc VALUES (2, "
	  "0, "
	  "'L3', 0, 1, 1, NULL)",
	  NULL, "rdt_l3_bitmask_socket0=\"1\",", "socket1=\"f\"", "until another class is told" },
	{ NULL, NULL, "rdt_mba_throttle=50i", NULL, "the least of all sockets" },
	{ "UPDATE run SET host = replace(host, 'percent', 'MiB/s')", NULL, "rdt_l3_ways_socket0=8i",
	  "mba_percent", "MiB/s are no percentage" },
	{ NULL, NULL, "rdt_l3_allocation_string=\"L3:0=ff;1=f\"", NULL, "a line of the schemata" },
};

/* The line of tick 2 in which @of is. */
static char *line_of(char *points, const char *of)
{
	for (char *line = strtok(points, "\n"); line; line = strtok(NULL, "\n"))
		if (strstr(line, "step_number=2i") && strstr(line, of))
			return line;
	return "";
}

static void fields(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_free char *points = NULL;
		struct fake_run r;
		char *line;

		fake_full_begin(&r, 3);
		if (cases[i].sql)
			fake_sql(&r, "%s", cases[i].sql);
		points = fake_points(r.store, "benchmark_metrics", FAKE_TICKS_ONLY, 1, i % 2);
		if (cases[i].without && !strcmp(cases[i].without, NEIGHBOUR) &&
		    strstr(points, NEIGHBOUR))
			fail_msg("%s: %s", cases[i].why, points);
		line = line_of(points, cases[i].of ? cases[i].of : "container_name=victim,");
		if (!strstr(line, cases[i].want) ||
		    (cases[i].without && strstr(line, cases[i].without)))
			fail_msg("%s: %s", cases[i].why, line);
		fake_run_fini(&r);
	}
}

static const struct {
	const char *sql, *want, *why;
} cores[] = {
	{ "SELECT 1", "coresAllocatedSocketZero=1i,coresAllocatedSocketOne=1i @300000000",
	  "CPUs 0 to 2 and 3: the second threads do not count" },
	{ "UPDATE cpuset SET cpus = '0,2' WHERE target = 1",
	  "coresAllocatedSocketZero=2i,coresAllocatedSocketOne=2i", "added up over containers" },
	{ "DELETE FROM sample WHERE seq = 2 AND target = 0",
	  "coresAllocatedSocketZero=0i,coresAllocatedSocketOne=0i @3", "who is gone has none" },
	{ "DELETE FROM sample", "", "no container at all" },
	{ "UPDATE run SET host = json_remove(host, '$.cpu.packages[1]')",
	  "coresAllocatedSocketZero=1i @300000000", "a socket that there is not" },
	{ "UPDATE run SET host = NULL", "", "a host of which nothing is known" },
};

static void allocated_cores(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cores); i++) {
		cleanup_free char *points = NULL;
		struct fake_run r;
		char *line;

		fake_full_begin(&r, 3);
		fake_sql(&r, "%s", cores[i].sql);
		points = fake_points(r.store, "benchmark_core_allocation", FAKE_TICKS_ONLY, 0, 0);
		line = line_of(points, "");
		if (*cores[i].want ? !strstr(line, cores[i].want) : *line)
			fail_msg("%s: %s", cores[i].why, line);
		fake_run_fini(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields),
		cmocka_unit_test(allocated_cores),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
