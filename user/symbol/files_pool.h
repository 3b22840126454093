/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that do what may never end: for those that do not come back, others begin. */
#ifndef CBPF_SYMBOL_FILES_POOL_H
#define CBPF_SYMBOL_FILES_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "symbol/files_ask.h"

struct pool;

/*
 * @work is called with @arg by any thread; with @refused when it is not worth trying, since others of the same
 * target have not come back. Never ends: the process does. 0 or -ENOMEM.
 */
int pool_open(size_t n_targets, void (*work)(void *arg, const struct ask *a, int refused),
	      void *arg, struct pool **ret);

/* Have @a (copied) done; does not wait. 0 or -ENOMEM. */
int pool_put(struct pool *p, const struct ask *a);

/* To be called now and then. Returns for how many ms it can be left alone; -1: until the next pool_put(). */
int pool_tend(struct pool *p);

#endif
