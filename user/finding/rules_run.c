// SPDX-License-Identifier: Apache-2.0
/* Wrong data, what could not be measured, and what measuring cost. */
#include <math.h>
#include <string.h>

#include "finding/judging.h"
#include "finding/rules.h"

static void judge_corruption(struct judging *j)
{
	const json_t *r;
	size_t i;

	json_array_foreach(json_object_get(j->target, "results"), i, r) {
		const char *status = text_at(r, "status"), *message = text_at(r, "message");

		if (!status || strcmp(status, "corrupt"))
			continue;
		found(j, CONFIDENCE_HIGH, with_text(json_object(), "message", message),
		      "SELECT op, status, message FROM result WHERE target = ?1", "%s",
		      message ? message : "the tool read other data than it wrote");
		return;
	}
}

const struct finding_rule rule_corruption = {
	.id = "corruption",
	.severity = "error",
	.title = "data is wrong",
	.why = "None of the run's numbers counts; IOR's exit status may be 0 all the same.",
	.advice = "look at the tool's output in logs/, and at the kernel's log; check the storage",
	.judge = judge_corruption,
};

#define COST 0.01

static void judge_profiler_cost(struct judging *j)
{
	double cpu = number_at(j->report, "self.cpu_s"), work = 0, probes = 0;
	double overruns = number_at(j->report, "self.overruns");
	const json_t *t, *p;
	bool timed = false;
	size_t i;

	json_array_foreach(json_object_get(j->report, "targets"), i, t) {
		double ns = number_at(t, "cgroup.cpu_usage_ns");

		if (!isnan(ns))
			work += ns / 1e9;
	}
	json_array_foreach(value_at(j->report, "self.probes"), i, p) {
		double ns = number_at(p, "run_ns");

		probes += isnan(ns) ? 0 : ns / 1e9;
		timed = timed || ns > 0;
	}
	if (!timed)
		not_judged(j, "the time of the probes (sysctl kernel.bpf_stats_enabled=1)");
	if (isnan(cpu) || !(work > 0)) {
		not_judged(j, "the CPU time of the targets (collector cgroup)");
		return;
	}
	if (probes / work <= j->at[0] && !(overruns > 0))
		return;
	found(j, CONFIDENCE_MEDIUM,
	      numbers("probes_s", probes, "self_cpu_s", cpu, "targets_cpu_s", work, "overruns",
		      overruns, NULL),
	      "SELECT self FROM run",
	      "probes took %.3g s, %.*f %% of the CPU time of what was watched; %.0f ticks came "
	      "late",
	      probes, probes / work < 0.1 ? 2 : 0, probes / work * 100, overruns);
}

const struct finding_rule rule_profiler_cost = {
	.id = "profiler-cost",
	.severity = "info",
	.title = "the profiler itself cost something",
	.why = "Probes run within the calls that are measured, and on the same CPUs: those of "
	       "other "
	       "programs are counted with them.",
	.advice = "a longer interval, or fewer collectors",
	.scope = FINDING_RUN,
	.thresholds = { { "ratio", COST, "ratio",
			  "time of probes / CPU time of targets, above which "
			  "it is told" } },
	.judge = judge_profiler_cost,
};

static void judge_rmid(struct judging *j)
{
	const json_t *l;
	size_t i;

	json_array_foreach(json_object_get(j->report, "losses"), i, l) {
		const char *what = text_at(l, "what"), *reason = text_at(l, "reason");

		if (what && !strncmp(what, "rdt", 3) && reason && strstr(reason, "RMID"))
			found(j, CONFIDENCE_HIGH, json_object(), "SELECT * FROM loss", "%s",
			      reason);
	}
}

const struct finding_rule rule_rmid = {
	.id = "rmid",
	.severity = "warning",
	.title = "cache use could not be measured",
	.why = "The processor has no monitoring id left: occupancy and memory bandwidth are "
	       "absent.",
	.advice = "remove monitor groups of others below /sys/fs/resctrl, or watch fewer targets",
	.scope = FINDING_RUN,
	.judge = judge_rmid,
};

static void judge_llc(struct judging *j)
{
	const json_t *domain;
	double least = NAN;
	size_t i;

	if (!json_object_get(j->target, "rdt")) {
		not_judged(j, "the collector rdt");
		return;
	}
	json_array_foreach(value_at(j->target, "rdt.domains"), i, domain) {
		double pct = number_at(domain, "l3_allocation_pct");

		if (!isnan(pct) && !(pct >= least))
			least = pct;
	}
	if (isnan(least)) {
		not_judged(j, "what its class may use of the L3 cache");
		return;
	}
	if (least / 100 >= j->at[0])
		return;
	found(j, CONFIDENCE_HIGH, numbers("ratio", least / 100, NULL),
	      "SELECT * FROM rdt_alloc WHERE target = ?1",
	      "its class may use %.0f %% of the L3 cache", least);
}

const struct finding_rule rule_llc = {
	.id = "llc",
	.severity = "info",
	.title = "its part of the L3 cache is restricted",
	.why = "Copying between the page cache and programs slows down with a small cache.",
	.advice = "widen the class (schemata of its group below /sys/fs/resctrl)",
	.thresholds = { { "ratio", 1, "ratio", "ways it may use / all, below which it is told" } },
	.judge = judge_llc,
};

/* Does a target use it? */
static bool is_used(const struct judging *j, const char *dev)
{
	const json_t *m;
	size_t i;

	json_array_foreach(json_object_get(j->target, "vfs_mounts"), i, m)
		if (text_at(m, "dev") && !strcmp(text_at(m, "dev"), dev))
			return true;
	return false;
}

static void judge_disk_full(struct judging *j)
{
	const json_t *fs;
	size_t i;

	if (!text_at(j->report, "backends.vfs")) {
		not_judged(j, "the collector vfs, which knows the file systems it used");
		return;
	}
	json_array_foreach(json_object_get(j->report, "filesystems"), i, fs) {
		double used = number_at(fs, "used_bytes"), left = number_at(fs, "free_bytes");
		const char *dev = text_at(fs, "dev"), *at = text_at(fs, "at");

		if (!dev || !at || !(used > 0) || isnan(left) || !is_used(j, dev) ||
		    used / (used + left) <= j->at[0])
			continue;
		found(j, CONFIDENCE_HIGH,
		      with_text(numbers("used_bytes", used, "free_bytes", left, NULL), "mount", at),
		      "SELECT * FROM filesystem",
		      "the file system at %s was %.1f %% full when the run had ended: %.3g GiB "
		      "left",
		      at, used / (used + left) * 100, left / (1 << 30));
	}
}

const struct finding_rule rule_disk_full = {
	.id = "disk-full",
	.severity = "warning",
	.title = "the disk is nearly full",
	.why = "File systems search longer for room, and SSDs have less of their own.",
	.advice = "clean up, or take a larger disk",
	.thresholds = { { "used", 0.9, "ratio",
			  "of what users can have, above which it is told" } },
	.judge = judge_disk_full,
};
