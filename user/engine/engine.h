/* SPDX-License-Identifier: Apache-2.0 */
/* Client of the Docker Engine API, which podman speaks too. */
#ifndef CBPF_ENGINE_ENGINE_H
#define CBPF_ENGINE_ENGINE_H

#include <jansson.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strlist.h"

struct engine;
struct engine_endpoint;
struct err;

/*
 * Every call below returns 0 or a negative errno with words in @err: -ENOTCONN
 * (no engine there), -EACCES, -ENOENT (no such thing), -EEXIST (in use, or the
 * name is taken), -EINVAL (refused as wrong), -ETIMEDOUT, -EINTR (cancelled),
 * -EIO. Calls may be made from any thread. Removing and signalling go on when
 * @cancel is set, all else gives up.
 */
struct engine_config {
	const struct engine_endpoint *at; /* copied */
	const char *product; /* for messages: "Docker"; borrowed */
	const char *hint; /* the command that starts the engine; borrowed */
	const atomic_bool *cancel; /* borrowed; may be NULL */
};

/* Connects and agrees on an API version: the newest that both know, at least 1.40. */
int engine_open(const struct engine_config *config, struct engine **ret, struct err *err);
void engine_close(struct engine *e);

struct engine_info {
	char version[64]; /* of the engine: "20.10.24" */
	char api[16]; /* agreed on: "1.41" */
	char cgroup_driver[32]; /* "cgroupfs" or "systemd" */
	char root_dir[256]; /* where it keeps its data */
};

int engine_info(struct engine *e, struct engine_info *ret, struct err *err);

/* --- images --- */

struct engine_image {
	char id[80];
	char user[64]; /* "" is root */
	char path[1024]; /* PATH of its environment; "" none */
};

int engine_image_inspect(struct engine *e, const char *image, struct engine_image *ret,
			 struct err *err);
/* @done and @total: bytes of all layers known so far; 0 unknown. */
typedef void (*engine_pull_fn)(void *arg, uint64_t done, uint64_t total);
int engine_image_pull(struct engine *e, const char *image, engine_pull_fn progress, void *arg,
		      struct err *err);

/* --- networks and volumes; labels may be NULL --- */

int engine_network_create(struct engine *e, const char *name, const char *driver,
			  const char *subnet, const struct str_map *labels, struct err *err);
/* @subnet (may be NULL): of the first IPAM entry; "" none. */
int engine_network_inspect(struct engine *e, const char *name, char *subnet, size_t size,
			   struct err *err);
/* @endpoint is EndpointSettings, stolen. */
int engine_network_connect(struct engine *e, const char *network, const char *container,
			   json_t *endpoint, struct err *err);
int engine_network_remove(struct engine *e, const char *name, struct err *err);
int engine_volume_create(struct engine *e, const char *name, const struct str_map *labels,
			 struct err *err);
/* @mountpoint (may be NULL): where it lives on the engine's host. */
int engine_volume_inspect(struct engine *e, const char *name, char *mountpoint, size_t size,
			  struct err *err);
int engine_volume_remove(struct engine *e, const char *name, struct err *err);

/* --- containers, by id or name --- */

struct engine_container {
	char id[80];
	bool running, oom_killed;
	int pid; /* 0 when not running */
	int exit_code;
	uint64_t finished_ns; /* CLOCK_REALTIME; 0 not yet */
	char error[256]; /* why it could not be started */
	char image[256]; /* as it was asked for; "" unknown */
};

/*
 * @body is the request's JSON, stolen. @id of 80 bytes. @ret_warnings (may be
 * NULL): array of strings, a new reference; also NULL when there are none.
 */
int engine_container_create(struct engine *e, const char *name, json_t *body, char *id, size_t size,
			    json_t **ret_warnings, struct err *err);
/* @idle (may be NULL) is called every 2 ms until the engine has started it. */
int engine_container_start(struct engine *e, const char *id, void (*idle)(void *arg), void *arg,
			   struct err *err);
int engine_container_inspect(struct engine *e, const char *id, struct engine_container *ret,
			     struct err *err);
/* First address it has in any network; -EADDRNOTAVAIL when it has none. */
int engine_container_address(struct engine *e, const char *id, char *text, size_t size,
			     struct err *err);
/* SIGTERM, and SIGKILL after @grace_s seconds; returns when it has ended. */
int engine_container_stop(struct engine *e, const char *id, unsigned int grace_s, struct err *err);
/* A container that has ended already is no failure. */
int engine_container_kill(struct engine *e, const char *id, const char *signal, struct err *err);
/* With its anonymous volumes, running or not; one that is gone already is no failure. */
int engine_container_remove(struct engine *e, const char *id, struct err *err);
/* 1 when @path exists inside (running or not), 0 when not. */
int engine_container_has(struct engine *e, const char *id, const char *path, struct err *err);
/* Unpacks a tar archive below the directory @path inside (running or not). */
int engine_container_put(struct engine *e, const char *id, const char *path, const void *tar,
			 size_t len, struct err *err);

/*
 * Run a command inside and wait for it: @ret_code is its exit status. What it
 * prints is thrown away. -ETIMEDOUT after @timeout_ms, and @ret_pid (may be
 * NULL; on the engine's host) tells what is still running then.
 */
int engine_exec(struct engine *e, const char *id, char *const argv[], uint64_t timeout_ms,
		int *ret_code, int *ret_pid, struct err *err);

/* --- what carries a label --- */

enum engine_kind { ENGINE_CONTAINERS, ENGINE_NETWORKS, ENGINE_VOLUMES };

struct engine_item {
	char id[160]; /* what the calls above take */
	char name[160];
	struct str_map labels;
};

struct engine_list {
	struct engine_item *v; /* owned */
	size_t n;
};

/* Everything of @kind that has @label ("key" or "key=value"), running or not. */
int engine_list(struct engine *e, enum engine_kind kind, const char *label, struct engine_list *ret,
		struct err *err);
void engine_list_fini(struct engine_list *list);

#endif
