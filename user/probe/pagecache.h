/* SPDX-License-Identifier: Apache-2.0 */
/* The page cache probe: what targets read through the cache, and what had to be fetched for it. */
#ifndef CBPF_PROBE_PAGECACHE_H
#define CBPF_PROBE_PAGECACHE_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "probe/cost.h"
#include "shared/pagecache.h"

struct err;
struct losses;
struct pagecache_probe;
struct probe_targets;

/* What sees reads. Tracepoints of the cache are since Linux 6.12, the others watch a function. */
enum pagecache_backend {
	PAGECACHE_AUTO, /* the first of the others that loads */
	PAGECACHE_TP_BTF,
	PAGECACHE_FENTRY,
	PAGECACHE_KPROBE,
	PAGECACHE_BACKENDS
};
extern const char *const pagecache_backends[PAGECACHE_BACKENDS]; /* auto, tp_btf, fentry, kprobe */

/* Load and attach, for @targets, borrowed until close. */
int pagecache_probe_open(const struct probe_targets *targets, enum pagecache_backend backend,
			 struct pagecache_probe **ret, struct err *err);
const char *pagecache_probe_backend(const struct pagecache_probe *p); /* never "auto" */

/* Is this counted, for @target? Not all kernels tell of all, nor all cgroups have memory. */
bool pagecache_probe_counts(const struct pagecache_probe *p, size_t target,
			    enum pagecache_counter counter);

/* Totals since the target was added. Does not allocate. */
void pagecache_probe_read(const struct pagecache_probe *p, size_t target,
			  struct pagecache_slot *ret);

/* What could not be counted so far, as totals. */
void pagecache_probe_losses(struct pagecache_probe *p, struct losses *losses);
/* Own cost so far; returns how many were written. */
size_t pagecache_probe_costs(struct pagecache_probe *p, struct probe_cost *costs, size_t max);

/* Takes NULL. */
void pagecache_probe_close(struct pagecache_probe *p);

/* Can this host do it, by @backend? Loads and attaches for a moment. */
int pagecache_probe_try(enum pagecache_backend backend, struct err *err);

#endif
