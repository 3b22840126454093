/* SPDX-License-Identifier: Apache-2.0 */
/* Finding cgroups' paths by id on a thread of its own: walks of the tree must not delay a tick. */
#ifndef CBPF_SAMPLE_RESOLVER_H
#define CBPF_SAMPLE_RESOLVER_H

#include <stdint.h>

#include "host/cgroup.h"

struct err;
struct resolver;

#define RESOLVER_MAX 1024 /* questions in its life */

/* @layout is borrowed until close. */
int resolver_open(const struct cgroup_layout *layout, struct resolver **ret, struct err *err);

/* Ask for the path of the io hierarchy's cgroup @id: a ticket, or -ENOSPC. Does not block. */
int resolver_ask(struct resolver *r, uint64_t id);

/*
 * 0 and its path relative to the mount (borrowed until close), -EAGAIN while
 * it is not known yet, -ENOENT when the cgroup was gone. Does not block.
 */
int resolver_answer(struct resolver *r, int ticket, const char **ret_path);

/* Wait for an answer, until CLOCK_MONOTONIC @until_ns at most. */
void resolver_wait(const struct resolver *r, int ticket, uint64_t until_ns);

void resolver_close(struct resolver *r);

#endif
