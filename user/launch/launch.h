/* SPDX-License-Identifier: Apache-2.0 */
/* Bringing a plan to life and ending it: order, readiness, stop times, logs, clean-up. */
#ifndef CBPF_LAUNCH_LAUNCH_H
#define CBPF_LAUNCH_LAUNCH_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "launch/target.h"

struct buf;
struct err;
struct launcher;
struct losses;
struct plan;
struct ranks;
struct result_set;

/* Something a person may want to see: "pulling image x", "container a started". */
typedef void (*launch_note_fn)(void *arg, const char *target, const char *text);

/*
 * The cgroups of target @i are known: natively before its first instruction, with an
 * engine as soon as it says that the container runs.
 */
typedef void (*launch_published_fn)(void *arg, size_t i);

/*
 * With an engine: a cgroup above all tasks of target @i is there, and it is not known
 * yet whether the container will run; who makes it is in there. Once at most, before it
 * is published. False: what its program does before that may go unseen.
 */
typedef bool (*launch_seen_fn)(void *arg, size_t i, const struct cgroup_ref *cg);

/*
 * With an engine: again and again while nobody but who makes the container of target @i is in
 * its cgroup, after it was seen and until true is returned: those who are there were dealt with.
 */
typedef bool (*launch_making_fn)(void *arg, size_t i, const struct cgroup_ref *cg);

/* Something that belongs to the run: what was done to the host before a phase, and when. */
typedef void (*launch_happened_fn)(void *arg, const char *target, const char *what,
				   const char *text);

struct launch_config {
	const struct plan *plan; /* borrowed until close */
	const char *run_dir; /* absolute; logs/, results/ and work/ live below */
	struct losses *losses; /* borrowed */
	launch_note_fn note; /* may be NULL */
	launch_seen_fn seen; /* may be NULL */
	launch_making_fn making; /* may be NULL */
	launch_published_fn published; /* may be NULL */
	launch_happened_fn happened; /* may be NULL */
	void *note_arg; /* of all five */
	const atomic_bool *cancel; /* set by a signal handler: long calls give up with -EINTR */
	const atomic_bool *at_once; /* set later: launch_stop() gives up its grace; may be NULL */
};

/*
 * Reach the engine, pull what is missing, create networks, volumes and
 * containers (or cgroups): everything that can fail before the first process
 * runs. On failure nothing is left behind.
 */
int launch_open(const struct launch_config *config, struct launcher **ret, struct err *err);
struct target_set *launch_targets(struct launcher *l); /* borrowed until close */

/*
 * The engine that runs the containers, a new object of the caller's: {"name": "Docker",
 * "version": "20.10.24", "api": "1.41", "cgroup_driver": "systemd"}. NULL natively.
 */
json_t *launch_engine(const struct launcher *l);

/*
 * One step, called after each launch_wait(): start what is due, check readiness,
 * stop what is over, notice exits. A target that fails is TARGET_FAILED with words;
 * the step itself fails only when the engine is lost.
 */
int launch_step(struct launcher *l, uint64_t now_ns, struct err *err);
/*
 * Sleep until a step may have something to do, at most until @until_ns
 * (CLOCK_MONOTONIC). A signal ends it, too.
 */
void launch_wait(const struct launcher *l, uint64_t until_ns);
/* All targets that are no service are EXITED or FAILED; where all are services, all of them. */
bool launch_done(const struct launcher *l);
/* All targets are. */
bool launch_ended(const struct launcher *l);
/*
 * Signal everything still running (SIGTERM), and SIGKILL after its grace; returns when all
 * ended. What was not started yet never is: FAILED, with words. The flag @at_once of the
 * config ends the wait with -EINTR: call again, with the argument @at_once for SIGKILL now.
 */
int launch_stop(struct launcher *l, bool at_once, struct err *err);
/* Remove what open made: containers, networks, anonymous volumes, cgroups. Call after the last sweep. */
int launch_close(struct launcher *l, struct err *err);

/* Where ranks of workloads with `hosts:` were seen so far. Borrowed until close. */
const struct ranks *launch_ranks(const struct launcher *l);

/* Results of target @i, parsed from what its workload left. -ENOENT: it had none to give. */
int launch_results(struct launcher *l, size_t i, struct result_set *ret, struct err *err);

/*
 * Remove what killed runs left behind on this host: containers and networks
 * with a cbpf.run label whose cbpf process is gone, cgroups under /cbpf, ssh keys.
 * One line per thing removed goes to @report.
 */
int launch_clean(bool dry_run, struct buf *report, struct err *err);

#endif
