/* SPDX-License-Identifier: Apache-2.0 */
/* What a runtime (docker, podman, native) must be able to do for launch. */
#ifndef CBPF_LAUNCH_RUNTIME_H
#define CBPF_LAUNCH_RUNTIME_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "launch/launch.h"

struct str_list;

/*
 * Calls are made from one thread. @state is what open() returned. Every
 * failure has words in @err. Targets are addressed by index into the set.
 */
struct runtime {
	const char *name; /* as written in `runtime:` */

	int (*open)(const struct launch_config *config, struct target_set *set, void **ret_state,
		    struct err *err);
	/* Everything short of running it; for native this makes the cgroup. */
	int (*create)(void *state, size_t i, struct err *err);
	/* Run it. Returns once the target is published; native does so before its first instruction. */
	int (*start)(void *state, size_t i, struct err *err);
	/* Without blocking: 1 still running, 0 ended (exit_code and end_ns are set), <0 lost. */
	int (*poll)(void *state, size_t i, struct err *err);
	/* A descriptor that is readable while poll() has an end to tell. NULL, -1: there is none. */
	int (*ends)(void *state);
	/* Readiness command inside the target, bounded by @timeout_ns: exit status or -errno. */
	int (*exec)(void *state, size_t i, char *const argv[], uint64_t timeout_ns,
		    struct err *err);
	/* Address to try a readiness port on: "127.0.0.1" for native. */
	int (*address)(void *state, size_t i, char *text, size_t size);
	/*
	 * Appends the directories of this host that the target's files are in: where it has hosts, on
	 * these. -ENODEV: some are in none, and @ret has the others.
	 */
	int (*places)(void *state, size_t i, struct str_list *ret, struct err *err);
	/* SIGTERM (or SIGKILL with @kill); does not wait. */
	int (*signal)(void *state, size_t i, bool kill, struct err *err);
	/* Remove what create() and start() made for it. Also for half-made targets. */
	int (*remove)(void *state, size_t i, struct err *err);
	/* See launch_engine(). NULL: there is no engine. */
	json_t *(*engine)(const void *state);
	/* Networks, volumes, connections. Takes NULL. */
	void (*close)(void *state);
	/* See launch_clean(). -ENOTCONN when the engine is not there. */
	int (*clean)(bool dry_run, struct buf *report, struct err *err);
};

/* launch_open() with a runtime that the spec does not choose. */
int launch_open_with(const struct launch_config *config, const struct runtime *runtime,
		     struct launcher **ret, struct err *err);

extern const struct runtime runtime_docker;
extern const struct runtime runtime_podman;
extern const struct runtime runtime_native;
extern const struct runtime runtime_attach;

#endif
