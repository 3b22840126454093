/* SPDX-License-Identifier: Apache-2.0 */
/* What a run holds while it lasts; shared by the files of run/ only. */
#ifndef CBPF_RUN_SESSION_H
#define CBPF_RUN_SESSION_H

#include "base/loss.h"
#include "run/limits.h"
#include "run/live.h"
#include "run/progress.h"
#include "run/run.h"
#include "run/task_probes.h"
#include "sample/collector.h"

struct block_probe;
struct launcher;
struct owner_table;
struct pipeline;
struct plan;
struct resctrl_set;
struct sampler;
struct sinks;
struct store;

struct session {
	const struct run_config *config; /* borrowed */
	const struct plan *plan; /* borrowed */
	struct progress progress;
	struct losses losses;
	char *dir; /* of the run, owned */
	uint64_t begin_ns; /* CLOCK_MONOTONIC */
	uint64_t first_start_ns; /* when the first target was started; 0: none was */
	uint64_t settle_ns, learn_ns; /* when the block probe is looked after next */
	struct block_probe *block;
	struct task_probes tasks;
	struct resctrl_set *rdt; /* NULL: off, or this host cannot */
	struct cgroup_layout cgroups;
	struct launcher *launcher;
	struct target_set *targets; /* borrowed from the launcher */
	struct owner_table *owners;
	struct sampler *sampler;
	struct store *store;
	struct limits limits;
	struct live live;
	struct pipeline *pipeline;
	struct sinks *sinks; /* NULL: the spec asks for none */
	bool interrupted;
	bool timed_out; /* `duration:` was over */
	bool ended_early; /* a failure of the machinery ended it, not of a workload */
	const struct collector *collectors[16]; /* in use, NULL-terminated */
};

/* run_prepare.c: refuse what this host cannot do, else open everything short of the first process. */
int session_prepare(struct session *s, struct err *err);

/*
 * conclude_judge.c: the verdicts on `expect:` and of rules, once all else is stored. *@ret_ok: every line of
 * `expect:` held.
 */
int session_judge(struct session *s, bool *ret_ok, struct err *err);

/* conclude.c: after the last sweep, write what is known about the run and report it. */
int session_conclude(struct session *s, struct run_outcome *ret, struct err *err);

#endif
