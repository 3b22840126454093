/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the docker, podman and attach runtimes share; nobody else includes it. */
#ifndef CBPF_LAUNCH_DOCKER_H
#define CBPF_LAUNCH_DOCKER_H

#include "base/strlist.h"
#include "engine/engine.h"
#include "engine/stream.h"
#include "host/cgroup.h"
#include "launch/docker_mount.h"
#include "launch/runtime.h"
#include "launch/ssh_keys.h"

struct engine_endpoint;
struct spec_container;

/* What differs between engines that speak the same API. */
struct docker_product {
	const char *title; /* for messages: "Docker" */
	const char *command; /* its command line: "docker" */
	const char *hint; /* starts the engine */
	const char *log_driver; /* keeps all output and gives it back over the API */
	const char *cgroupfs, *systemd; /* path of a container's cgroup by driver; %s is its id */
	const char
		*inner; /* a group that some runtimes make inside it for the processes, or NULL */
	int (*endpoint)(struct engine_endpoint *ret, struct err *err);
};

extern const struct docker_product docker_product, podman_product;

#define DOCKER_LABEL_RUN "cbpf.run"
#define DOCKER_LABEL_PID "cbpf.pid"
#define DOCKER_LABEL_STARTED "cbpf.started" /* tells a pid from its reuse */
#define DOCKER_LABEL_TARGET "cbpf.target"

#define DOCKER_RESULTS "/cbpf-results" /* inside a container with a workload */

struct docker_target {
	char name[256]; /* the engine's name for the container */
	char results[PATH_MAX]; /* on the host; "" without a workload */
	struct docker_mount *mounts; /* owned; of `volumes:`, and the results */
	size_t n_mounts;
	bool created; /* as far as we know: it may exist */
	struct engine_stream *wait, *logs; /* owned; NULL before start */
	int log_fd; /* -1 when closed */
	bool log_failed;
	bool ended; /* exit code and end are known, logs may still come */
	uint64_t ended_ns; /* when we noticed */
	uint64_t asked_ns; /* last inspect, when the wait broke */
};

struct docker {
	const struct docker_product *product;
	struct launch_config config;
	struct target_set *set; /* borrowed */
	struct engine *engine;
	struct engine_streams *streams;
	struct engine_info info;
	struct cgroup_layout layout;
	struct docker_target *v; /* one per target */
	struct str_list networks, volumes; /* made by us */
	struct ssh_keys keys; /* empty where no container asks for ssh */
};

/* Also for a half-opened state. */
void docker_close(void *state);

/* docker_open.c */
int docker_open(const struct docker_product *product, const struct launch_config *config,
		struct target_set *set, void **ret_state, struct err *err);
/* Labels of what belongs to this run; @target may be NULL. 0 or -ENOMEM. */
int docker_labels(const struct docker *d, const char *target, struct str_map *ret);
__attribute__((format(printf, 3, 4))) void docker_note(const struct docker *d, const char *target,
						       const char *fmt, ...);

/* Where a workload's results go, inside its container and those of its hosts. */
void docker_results_at(const struct target *t, char *text, size_t size);

/* docker_ssh.c */
/* Keys, when any container is to have them. */
int docker_ssh_open(struct docker *d, struct err *err);
/* What starts ranks finds the keys by these; what the container or @env has stays. 0 or -ENOMEM. */
int docker_ssh_env(const struct spec_container *c, struct str_map *env);
/* Into target @i, which is created, if it is to have them. */
int docker_ssh_put(struct docker *d, size_t i, struct err *err);

/* docker_create.c */
int docker_create(void *state, size_t i, struct err *err);

/* docker_place.c */
/* Where a mount's files are on this host. -ENODEV: in memory. */
int docker_mount_place(struct docker *d, const struct docker_mount *m, char *path, size_t size,
		       struct err *err);
/* IOR's file where its spec says none: below a volume, or in the working directory. */
void docker_default_file(const struct docker *d, size_t i, char *text, size_t size);
int docker_places(void *state, size_t i, struct str_list *ret, struct err *err);

/* docker_lookout.c */
struct docker_lookout {
	const struct docker *docker;
	size_t i;
	char path[256], inner[300]; /* the second "" when there is none */
	struct cgroup_ref best;
	bool inside; /* @best is of @inner */
	bool told; /* launch_config.seen was called */
	bool in_time; /* and that before the container's own program began */
	bool held; /* launch_config.making was true, and that before, too */
	bool over; /* it is not to be called any more */
};

/* For target @i, which is created. */
void docker_look_begin(struct docker_lookout *l, const struct docker *d, size_t i);
/* One look, to be had again and again while the container starts. @arg: a struct docker_lookout */
void docker_look(void *arg);
/* To compare what was caught at different times. */
int docker_ids_known(const struct cgroup_ref *cg);

/* docker_watch.c: from start to exit */
int docker_start(void *state, size_t i, struct err *err);
int docker_poll(void *state, size_t i, struct err *err);
/* Ends the streams and closes the log. */
void docker_unwatch(struct docker *d, size_t i);
/* Is one of its directories named after the container @id? */
bool docker_names_container(const struct cgroup_ref *cg, const char *id);
bool docker_is_inside(const struct docker *d, size_t i, int pid);

/* docker_workload.c */
/*
 * The command line of target @i's workload, for @binary. @image tells PATH and user.
 */
int docker_workload_argv(const struct docker *d, size_t i, const struct engine_image *image,
			 const char *binary, struct str_list *argv, struct err *err);
/*
 * Which binary the created container @i has: @ret_binary of @size bytes. -ENOENT with words
 * when it has none, or lacks the launcher it needs.
 */
int docker_workload_find(struct docker *d, size_t i, const struct engine_image *image,
			 char *ret_binary, size_t size, struct err *err);

/* docker_clean.c */
int docker_clean(const struct docker_product *product, bool dry_run, struct buf *report,
		 struct err *err);
/* Start time of a process in clock ticks after boot, as text; -ESRCH when it is gone. */
int docker_process_started(pid_t pid, char *text, size_t size);

#endif
