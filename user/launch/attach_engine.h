/* SPDX-License-Identifier: Apache-2.0 */
/* Running containers of whichever engine is there: Docker, else Podman. */
#ifndef CBPF_LAUNCH_ATTACH_ENGINE_H
#define CBPF_LAUNCH_ATTACH_ENGINE_H

#include <jansson.h>
#include <stdatomic.h>

#include "engine/engine.h"

struct cgroup_layout;
struct docker_product;
struct target;

struct attach_engine {
	const struct docker_product *product;
	struct engine *engine; /* NULL: not open */
	struct engine_info info;
};

/* @cancel may be NULL. -ENOTCONN with the words of both when there is neither. */
int attach_engine_open(struct attach_engine *ret, const atomic_bool *cancel, struct err *err);
/* Also of one that is not open. */
void attach_engine_close(struct attach_engine *e);

/*
 * The running container @name (or id), into @t: id, image, pid and cgroups. -ENOENT: there is
 * none, or its cgroups are not to be seen from here; -ESRCH: it does not run.
 */
int attach_engine_find(struct attach_engine *e, const struct cgroup_layout *layout,
		       const char *name, struct target *t, struct err *err);
/*
 * Has the engine noticed that a container has ended? 1 when it has not yet; 0 and its exit code,
 * -1 where that is not known any more.
 */
int attach_engine_ended(struct attach_engine *e, const char *id, int *ret_code);
/* See launch_engine(). NULL when it is not open. */
json_t *attach_engine_json(const struct attach_engine *e);

#endif
