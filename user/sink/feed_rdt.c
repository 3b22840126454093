// SPDX-License-Identifier: Apache-2.0
/* container-bench's fields of caches and memory bandwidth: one of each for every L3 cache. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "sink/feed_internal.h"
#include "sink/measure_rows.h"

enum per_cache {
	OCCUPANCY,
	UTILIZATION,
	TOTAL_BYTES,
	LOCAL_BYTES,
	MB_S,
	BITMASK,
	WAYS,
	ALLOCATION,
	MBA,
	PER_CACHE
};
static const char *const names[PER_CACHE] = {
	[OCCUPANCY] = "rdt_l3_occupancy_socket",
	[UTILIZATION] = "rdt_l3_utilization_pct_socket",
	[TOTAL_BYTES] = "rdt_memory_bandwidth_total_socket",
	[LOCAL_BYTES] = "rdt_memory_bandwidth_local_socket",
	[MB_S] = "rdt_mem_bandwidth_mbps_socket",
	[BITMASK] = "rdt_l3_bitmask_socket",
	[WAYS] = "rdt_l3_ways_socket",
	[ALLOCATION] = "rdt_l3_allocation_pct_socket",
	[MBA] = "rdt_mba_percent_socket",
};
_Static_assert(PER_CACHE == STATE_PER_CACHE, "a name for each");

/* Its names are made once and kept: a point borrows them. NULL: no memory. */
static const struct state_cache_names *names_of(struct state *s, int64_t id)
{
	struct state_cache_names **all, *new;

	for (size_t i = 0; i < s->n_names; i++)
		if (s->names[i]->id == id)
			return s->names[i];
	all = reallocarray(s->names, s->n_names + 1, sizeof(*all));
	if (!all)
		return NULL;
	s->names = all;
	new = calloc(1, sizeof(*new));
	if (!new)
		return NULL;
	new->id = id;
	for (int i = 0; i < PER_CACHE; i++) {
		snprintf(new->names[i], sizeof(new->names[i]), "%s%" PRId64, names[i], id);
		new->columns[i] = measure_column(&benchmark_metrics, new->names[i]);
	}
	all[s->n_names++] = new;
	return new;
}

static void put_int(struct point *p, const struct state_cache_names *n, enum per_cache which,
		    int64_t v)
{
	if (v >= 0)
		point_int(p, n->columns[which], n->names[which], v);
}

static void put_real(struct point *p, const struct state_cache_names *n, enum per_cache which,
		     double v)
{
	if (!isnan(v))
		point_real(p, n->columns[which], n->names[which], v);
}

static double cache_bytes(const struct state_host *h, int64_t id)
{
	for (size_t i = 0; i < h->n_caches; i++)
		if (h->caches[i].id == id)
			return (double)h->caches[i].bytes;
	return NAN;
}

static int put_domains(struct feed *f, struct point *p, const struct state_target *t)
{
	for (size_t i = 0; i < t->n_domains; i++) {
		const struct state_domain *d = &t->domains[i];
		const struct state_cache_names *n;

		if (d->seq != f->tick.seq)
			continue;
		n = names_of(&f->state, d->id);
		if (!n)
			return -ENOMEM;
		put_int(p, n, OCCUPANCY, d->occupancy);
		if (d->occupancy >= 0)
			put_real(p, n, UTILIZATION,
				 100.0 * (double)d->occupancy / cache_bytes(&f->state.host, d->id));
		put_int(p, n, TOTAL_BYTES, d->total);
		put_int(p, n, LOCAL_BYTES, d->local);
		put_real(p, n, MB_S, d->mb_s);
	}
	return 0;
}

/* @least_mba: of those told so far; -1: none. */
static int put_allocs(struct feed *f, struct point *p, const struct state_target *t,
		      int64_t *least_mba)
{
	const struct state_host *h = &f->state.host;

	for (size_t i = 0; i < t->n_allocs; i++) {
		const struct state_alloc *a = &t->allocs[i];
		const struct state_cache_names *n = names_of(&f->state, a->domain);

		if (!n)
			return -ENOMEM;
		if (a->l3) {
			point_text(p, n->columns[BITMASK], n->names[BITMASK], a->mask);
			put_int(p, n, WAYS, a->ways);
			if (h->l3_ways > 0 && a->ways >= 0)
				put_real(p, n, ALLOCATION,
					 100.0 * (double)a->ways / (double)h->l3_ways);
		} else if (h->mba_is_percent) {
			put_int(p, n, MBA, a->value);
			if (*least_mba < 0 || a->value < *least_mba)
				*least_mba = a->value;
		}
	}
	return 0;
}

static const struct measure_column *column(const char *name)
{
	return measure_column(&benchmark_metrics, name);
}

static void put_text(struct point *p, const char *name, const char *text)
{
	if (text)
		point_text(p, column(name), name, text);
}

int bench_rdt(struct feed *f, struct point *p, const struct state_target *t, struct err *err)
{
	int64_t least_mba = -1;
	int rc = put_domains(f, p, t);

	if (!rc)
		rc = put_allocs(f, p, t, &least_mba);
	if (rc)
		return err_set(err, rc, "reading a run");
	put_text(p, "rdt_class_name", t->class);
	put_text(p, "rdt_mon_group_name", t->group);
	put_text(p, "rdt_l3_allocation_string", t->l3);
	put_text(p, "rdt_mba_allocation_string", t->mba);
	if (least_mba >= 0)
		point_int(p, column("rdt_mba_throttle"), "rdt_mba_throttle", least_mba);
	return 0;
}
