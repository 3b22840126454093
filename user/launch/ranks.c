// SPDX-License-Identifier: Apache-2.0
/* A rank has its number in its environment, and the name of its workload, which mpirun was given. */
#include "launch/ranks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "launch/target.h"
#include "plan/plan.h"

#define LOOK_NS (50 * NSEC_PER_MSEC) /* MPI takes longer to begin and to end */
#define ENVIRON_MAX (256 << 10)

/* Open MPI, PMIx, MPICH and its like, Slurm: the first that is there. */
static const char *const rank_names[] = { "OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK",
					  "SLURM_PROCID" };

int ranks_init(struct ranks *r, const struct plan *plan)
{
	*r = (struct ranks){ 0 };
	for (size_t i = 0; i < plan->n; i++) {
		const struct spec_ior *ior = &plan->v[i].c->workload.ior;

		if (plan->v[i].c->workload.has_ior == FLAG_ON && ior->hosts.n)
			r->wanted += ior->ranks == OPTION_UNSET ? 1 : ior->ranks;
	}
	r->v = calloc(r->wanted + 1, sizeof(*r->v));
	return r->v ? 0 : -ENOMEM;
}

void ranks_fini(struct ranks *r)
{
	free(r->v);
	*r = (struct ranks){ 0 };
}

/* The value of @name in NUL-terminated assignments, or NULL. */
static const char *value_of(const struct buf *vars, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = buf_str(vars), *end = at + vars->len; at < end; at += strlen(at) + 1)
		if (!strncmp(at, name, len) && at[len] == '=')
			return at + len + 1;
	return NULL;
}

static bool parse_rank(const struct buf *vars, unsigned int *ret)
{
	const char *text = NULL;
	unsigned long value;
	char *end;

	for (size_t i = 0; i < ARRAY_SIZE(rank_names) && !text; i++)
		text = value_of(vars, rank_names[i]);
	if (!text || *text < '0' || *text > '9')
		return false;
	value = strtoul(text, &end, 10);
	*ret = (unsigned int)value;
	return !*end && value < UINT32_MAX;
}

static void add(struct ranks *r, const struct rank_place *p)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].workload == p->workload && r->v[i].rank == p->rank)
			return;
	if (r->n < r->wanted)
		r->v[r->n++] = *p;
}

static void look_at(struct ranks *r, const struct target_set *set, size_t host, const char *pid)
{
	cleanup_buf struct buf vars = BUF_INIT(ENVIRON_MAX);
	struct rank_place p = { .host = host };
	const char *workload;
	char path[64];

	/* It may be gone, or begin only now. */
	if (snprintf(path, sizeof(path), "/proc/%s/environ", pid) >= (int)sizeof(path) ||
	    fs_slurp_at(AT_FDCWD, path, &vars))
		return;
	workload = value_of(&vars, PLAN_WORKLOAD_ENV);
	if (!workload || !parse_rank(&vars, &p.rank))
		return;
	for (p.workload = 0; p.workload < set->n; p.workload++)
		if (!strcmp(set->v[p.workload].name, workload))
			break;
	if (p.workload < set->n)
		add(r, &p);
}

static const char *cgroup_of(const struct target *t)
{
	const char *dir = t->cg.v2;

	for (int c = 0; c < CG_NCTRL && !*dir; c++)
		dir = t->cg.v1[c];
	return dir;
}

static void look_into(struct ranks *r, const struct target_set *set, size_t host)
{
	cleanup_buf struct buf pids = BUF_INIT(1 << 20);
	char path[CGROUP_PATH + 16], *rest;

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup_of(&set->v[host]));
	if (fs_slurp_at(AT_FDCWD, path, &pids) || !pids.len)
		return;
	for (char *pid = strtok_r(pids.data, "\n", &rest); pid; pid = strtok_r(NULL, "\n", &rest))
		look_at(r, set, host, pid);
}

void ranks_look(struct ranks *r, const struct target_set *set, uint64_t now_ns)
{
	if (r->n == r->wanted || now_ns < r->next_ns)
		return;
	r->next_ns = now_ns + LOOK_NS;
	for (size_t i = 0; i < set->n; i++)
		if (atomic_load_explicit(&set->v[i].published, memory_order_acquire) &&
		    !atomic_load(&set->v[i].gone))
			look_into(r, set, i);
}
