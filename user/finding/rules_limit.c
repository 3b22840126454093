// SPDX-License-Identifier: Apache-2.0
/* Limits of containers, and what a host has too little of. */
#include <math.h>
#include <string.h>

#include "finding/judging.h"
#include "finding/rules.h"

#define NSEC 1e9

static bool has_cgroup(struct judging *j)
{
	if (json_object_get(j->target, "cgroup"))
		return true;
	not_judged(j, "the collector cgroup");
	return false;
}

static double watched_ns(const struct judging *j)
{
	double ns = number_at(j->target, "cgroup.watched_ns");

	return isnan(ns) ? number_at(j->target, "duration_s") * NSEC : ns;
}

static void judge_cpu_throttled(struct judging *j)
{
	double periods = number_at(j->target, "cgroup.cpu_nr_periods");
	double throttled = number_at(j->target, "cgroup.cpu_nr_throttled");

	if (!has_cgroup(j))
		return;
	if (isnan(periods) || isnan(throttled)) {
		not_judged(j, "cpu.stat of its cgroup (the cpu controller)");
		return;
	}
	if (!(periods > 0) || throttled / periods <= j->at[0])
		return;
	found(j, CONFIDENCE_HIGH,
	      numbers("nr_periods", periods, "nr_throttled", throttled, "throttled_s",
		      number_at(j->target, "cgroup.cpu_throttled_ns") / NSEC, NULL),
	      "SELECT max(cpu_nr_periods), max(cpu_nr_throttled), max(cpu_throttled_ns) FROM "
	      "sample "
	      "WHERE target = ?1",
	      "its CPU quota was used up in %.0f of %.0f periods (%.0f %%)", throttled, periods,
	      throttled / periods * 100);
}

const struct finding_rule rule_cpu_throttled = {
	.id = "cpu-throttled",
	.severity = "warning",
	.title = "the CPU quota held it back",
	.why = "Time in which it may not run looks like slow I/O.",
	.advice = "raise the quota (cpu_quota, docker update --cpus), or leave it out and pin CPUs",
	.thresholds = { { "ratio", 0.05, "ratio",
			  "throttled / all periods, above which it is "
			  "told" } },
	.judge = judge_cpu_throttled,
};

static void judge_memory_reclaim(struct judging *j)
{
	double hit = number_at(j->target, "cgroup.memory_events_max");
	double stalled = number_at(j->target, "cgroup.memory_some_ns") / watched_ns(j);

	if (!has_cgroup(j))
		return;
	if (isnan(hit) || isnan(stalled)) {
		not_judged(j, "memory.events and memory.pressure of its cgroup");
		return;
	}
	if (!(hit > 0) || stalled <= j->at[0])
		return;
	found(j, CONFIDENCE_HIGH, numbers("limit_hits", hit, "pressure_some_ratio", stalled, NULL),
	      "SELECT max(memory_events_max), max(memory_some_ns) FROM sample WHERE target = ?1",
	      "it ran into its memory limit %.0f times, and some of its tasks waited for memory in "
	      "%.0f %% of the time",
	      hit, stalled * 100);
}

const struct finding_rule rule_memory_reclaim = {
	.id = "memory-reclaim",
	.severity = "warning",
	.title = "the memory limit forces reclaim",
	.why = "Its own page cache is taken away while it is used.",
	.advice = "raise the limit (memory), or use O_DIRECT",
	.thresholds = { { "pressure", 0.1, "ratio",
			  "time with tasks waiting for memory, above "
			  "which it is told" } },
	.judge = judge_memory_reclaim,
};

static void judge_dirty_throttled(struct judging *j)
{
	double paused = number_at(j->target, "sched.throttle_sum_ns");
	double writing = number_at(j->target, "vfs.write.latency_ns.sum");

	if (isnan(paused)) {
		not_judged(j, "the collector sched");
		return;
	}
	if (isnan(writing)) {
		if (!json_object_get(j->target, "vfs"))
			not_judged(j, "the collector vfs");
		return;
	}
	if (!(writing > 0) || paused / writing <= j->at[0])
		return;
	found(j, CONFIDENCE_HIGH,
	      numbers("paused_s", paused / NSEC, "writing_s", writing / NSEC, NULL),
	      "SELECT op, sum(throttle_ns), sum(ns) FROM call_time WHERE target = ?1 GROUP BY op",
	      "it was made to pause for %.3g s, %.0f %% of the time of its writes, since it "
	      "dirtied "
	      "pages faster than they were written back",
	      paused / NSEC, paused / writing * 100);
}

const struct finding_rule rule_dirty_throttled = {
	.id = "dirty-throttled",
	.severity = "warning",
	.title = "writers are paused for dirty pages",
	.why = "The kernel's limits on dirty pages are measured, not the device alone.",
	.advice = "write with fsync or O_DIRECT to measure the device; or give more memory, or "
		  "raise vm.dirty_bytes",
	.thresholds = { { "ratio", 0.1, "ratio", "paused / writing, above which it is told" } },
	.judge = judge_dirty_throttled,
};

static void judge_io_pressure(struct judging *j)
{
	double full = number_at(j->target, "cgroup.io_full_ns") / watched_ns(j);

	if (!has_cgroup(j))
		return;
	if (isnan(full)) {
		not_judged(j, "io.pressure of its cgroup");
		return;
	}
	if (full <= j->at[0])
		return;
	found(j, CONFIDENCE_HIGH, numbers("full_ratio", full, NULL),
	      "SELECT max(io_full_ns) FROM sample WHERE target = ?1",
	      "in %.0f %% of the time all of its tasks waited for I/O", full * 100);
}

const struct finding_rule rule_io_pressure = {
	.id = "io-pressure",
	.severity = "info",
	.title = "its tasks are stalled on I/O",
	.why = "It is bound by storage, as a storage benchmark should be.",
	.advice = "see the layers of its time budget for where that time goes",
	.thresholds = { { "ratio", 0.2, "ratio",
			  "time with all tasks waiting, above which it is "
			  "told" } },
	.judge = judge_io_pressure,
};

/* Ranks of it in another target. */
static double ranks_in(const json_t *ranks, const json_t *host)
{
	const json_t *rank;
	double n = 0;
	size_t i;

	json_array_foreach(ranks, i, rank)
		n += json_equal(json_object_get(rank, "host"), json_object_get(host, "name"));
	return n;
}

/*
 * CPUs for @tasks, no more than one for each, wherever they ran; NAN: unknown. Which those of a target
 * are is not known: of several targets it is the most that they can have.
 */
static double cpus_for(const struct judging *j, double tasks)
{
	const json_t *ranks = ranks_elsewhere(j->target), *t;
	double all = number_at(j->report, "host.cpus"), sum = 0;

	for (size_t at = 0; (t = next_host(j, &at));) {
		double its = number_at(t, "cgroup.cpuset_cpus_max");

		if (isnan(its))
			its = all;
		if (isnan(its))
			return NAN;
		sum += fmin(its, ranks ? ranks_in(ranks, t) : tasks);
	}
	return fmin(sum, all);
}

static void judge_oversubscribed(struct judging *j)
{
	double tasks = tasks_of(j->target), cpus = cpus_for(j, tasks);
	double waited = over_hosts(j, "sched.runq_sum_ns");
	double ran = over_hosts(j, "sched.oncpu_ns"), ratio;

	if (!ran_ior(j->target, NULL) || isnan(tasks))
		return;
	if (isnan(cpus) || isnan(waited) || isnan(ran)) {
		not_judged(j, "the collectors cgroup and sched");
		return;
	}
	ratio = waited / (waited + ran);
	if (tasks <= cpus || !(ratio > j->at[0]))
		return;
	found(j, CONFIDENCE_HIGH,
	      numbers("tasks", tasks, "cpus", cpus, "runq_s", waited / NSEC, "oncpu_s", ran / NSEC,
		      NULL),
	      "SELECT target, max(sched_runq_ns), max(sched_oncpu_ns) FROM sample "
	      "WHERE " ROWS_OF_HOSTS " GROUP BY target",
	      "%.0f ranks share %s%.0f CPUs, and waited for one in %.0f %% of the time in which "
	      "they "
	      "could run",
	      tasks, ranks_elsewhere(j->target) ? "at most " : "", cpus, ratio * 100);
}

const struct finding_rule rule_oversubscribed = {
	.id = "oversubscribed",
	.severity = "warning",
	.title = "more ranks than CPUs",
	.why = "Ranks wait for each other, not for storage.",
	.advice = "fewer ranks, more CPUs (cpus), and mpirun --bind-to none where ranks must share",
	.thresholds = { { "ratio", 0.1, "ratio",
			  "waiting / (waiting and running), above which it "
			  "is told" } },
	.judge = judge_oversubscribed,
};
