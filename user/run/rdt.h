/* SPDX-License-Identifier: Apache-2.0 */
/* A run's use of resctrl: a monitor group per target, from before its first process to the end. */
#ifndef CBPF_RUN_RDT_H
#define CBPF_RUN_RDT_H

#include <jansson.h>
#include <stddef.h>

struct err;
struct losses;
struct plan;
struct progress;
struct resctrl_set;
struct spec_rdt;
struct target;

/*
 * Make the groups. @ret stays NULL where it is off, and where this host cannot and need not;
 * then a loss says why. Fails where it is required and any group cannot be had.
 */
int rdt_open(const struct spec_rdt *spec, const struct plan *plan, struct losses *losses,
	     struct resctrl_set **ret, struct err *err);

/* As launch calls back; @set may be NULL. */
void rdt_published(struct resctrl_set *set, const struct plan *plan, size_t i,
		   const struct target *t, struct losses *losses);

/* What the host's caches and limits are, for a report; NULL: no memory. */
json_t *rdt_host_json(const struct resctrl_set *set);

/* Groups that cannot be removed are told; takes NULL. */
void rdt_close(struct resctrl_set *set, struct progress *progress);

#endif
