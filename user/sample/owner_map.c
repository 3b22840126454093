// SPDX-License-Identifier: Apache-2.0
/* Deciding once per cgroup, and again whenever more is known. */
#include "sample/owner_map.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/err.h"
#include "launch/target.h"
#include "probe/block.h"
#include "sample/collector.h"
#include "sample/owner.h"
#include "sample/resolver.h"

#define FIRST_SWEEP 1 /* taken before any target is started, and before the first tick is due */
#define FIRST_WAIT_NS (200 * NSEC_PER_MSEC)

struct entry {
	uint64_t id;
	unsigned int why; /* it is nobody's, when it is */
	char name[BLOCK_NAME_LEN];
	int ticket; /* the resolver's */
	const char *path; /* borrowed from the resolver; NULL while unknown or when gone */
	bool path_asked; /* an answer is still to come */
	int target; /* -1 none */
	int own; /* its own entry in the owner table; -1 none yet */
	uint64_t first_sweep;
	size_t seen_published; /* targets that were known when it was last matched */
};

struct owner_map {
	struct collector_env env;
	struct resolver *resolver;
	uint64_t root_id, sweep;
	uint64_t wait_until_ns; /* for paths, in the first sweep */
	size_t published; /* targets whose cgroup is known */
	int others; /* its owner; -1 none yet */
	bool pending; /* some target is still to be published */
	size_t n;
	struct entry v[BLOCK_MAX_ROWS];
};

static const char *io_mount(const struct cgroup_layout *l)
{
	return l->io_on_v2 ? l->v2 : l->v1[CG_BLKIO];
}

int owner_map_open(const struct collector_env *env, struct owner_map **ret, struct err *err)
{
	struct owner_map *m = calloc(1, sizeof(*m));
	struct stat st;
	int rc;

	if (!m)
		return err_set(err, -ENOMEM, "the map of block I/O owners");
	m->env = *env;
	m->others = -1;
	/* Kernels number the root 1; a cgroup namespace has its own root. */
	m->root_id = stat(io_mount(env->cgroups), &st) ? 1 : st.st_ino;
	rc = resolver_open(env->cgroups, &m->resolver, err);
	if (rc) {
		free(m);
		return rc;
	}
	*ret = m;
	return 0;
}

int owner_map_find(const struct owner_map *m, uint64_t id)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].id == id)
			return i;
	return -ENOENT;
}

int owner_map_add(struct owner_map *m, uint64_t id, const char *name, unsigned int why)
{
	struct entry *e;

	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].id == id && m->v[i].why == why)
			return i;
	if (m->n == BLOCK_MAX_ROWS)
		return -ENOSPC;
	e = &m->v[m->n];
	*e = (struct entry){ .id = id, .why = why, .ticket = -1, .target = -1, .own = -1 };
	e->first_sweep = m->sweep;
	e->seen_published = SIZE_MAX;
	snprintf(e->name, sizeof(e->name), "%s", name);
	if (id == 0) {
		e->own = owner_unattributed(m->env.targets->n, why);
	} else if (id == m->root_id) {
		e->own = owner_add(m->env.owners, OWNER_HOST, "host", id);
	} else {
		e->ticket = resolver_ask(m->resolver, id);
		e->path_asked = true;
		if (m->sweep == FIRST_SWEEP)
			resolver_wait(m->resolver, e->ticket, m->wait_until_ns);
	}
	return m->n++;
}

static bool published(const struct target *t)
{
	return atomic_load_explicit(&t->published, memory_order_acquire);
}

void owner_map_sweep(struct owner_map *m)
{
	const struct target_set *set = m->env.targets;

	if (++m->sweep == FIRST_SWEEP)
		m->wait_until_ns = clock_mono_ns() + FIRST_WAIT_NS;
	m->published = 0;
	m->pending = false;
	for (size_t i = 0; i < set->n; i++) {
		if (published(&set->v[i]))
			m->published++;
		else if (!atomic_load(&set->v[i].gone))
			m->pending = true;
	}
}

/* Length of the target's directory below the mount when @path is at or below it, else 0. */
static size_t covers(const struct owner_map *m, const struct target *t, const char *path)
{
	const struct cgroup_layout *l = m->env.cgroups;
	const char *dir = l->io_on_v2 ? t->cg.v2 : t->cg.v1[CG_BLKIO];
	size_t skip = strlen(io_mount(l)), len;

	if (strncmp(dir, io_mount(l), skip))
		return 0;
	dir += skip;
	len = strlen(dir);
	/* A target in the hierarchy's root does not own what is below. */
	if (len < 2 || strncmp(path, dir, len) || (path[len] != '/' && path[len] != '\0'))
		return 0;
	return len;
}

static bool has_container_id(const char *text, const struct target *t)
{
	return strlen(t->container_id) >= TARGET_ID_MIN && strstr(text, t->container_id);
}

/* The target that @e belongs to, the innermost one when they nest; -1 for none. */
static int match(const struct owner_map *m, const struct entry *e)
{
	const struct target_set *set = m->env.targets;
	size_t best = 0;
	int found = -1;

	for (size_t i = 0; i < set->n; i++) {
		const struct target *t = &set->v[i];
		/* What an ancestor is charged with is nobody's among those below it. */
		bool owns = published(t) && target_owns_io(m->env.cgroups, t);
		size_t len;

		if (owns && t->cg.io_id == e->id)
			return i;
		if (has_container_id(e->name, t) || (e->path && has_container_id(e->path, t)))
			return i;
		len = e->path && owns ? covers(m, t, e->path) : 0;
		if (len > best) {
			best = len;
			found = i;
		}
	}
	return found;
}

/* Its own owner: shared with an earlier cgroup of the same path. */
static int own_owner(struct owner_map *m, const struct entry *e)
{
	char name[sizeof(e->name) + 32];

	if (e->path) {
		for (size_t i = 0; i < m->n; i++) {
			const struct entry *o = &m->v[i];

			if (o->own >= 0 && o->path && !strcmp(o->path, e->path))
				return o->own;
		}
		return owner_add(m->env.owners, OWNER_CGROUP, e->path, e->id);
	}
	if (e->name[0])
		snprintf(name, sizeof(name), "%s", e->name);
	else
		snprintf(name, sizeof(name), "cgroup %llu", (unsigned long long)e->id);
	return owner_add(m->env.owners, OWNER_CGROUP, name, e->id);
}

int owner_map_get(struct owner_map *m, int handle, bool last)
{
	struct entry *e = &m->v[handle];
	bool news = e->seen_published != m->published;

	if (e->target >= 0)
		return e->target;
	if (e->id == 0 || e->id == m->root_id)
		return e->own;
	if (e->path_asked) {
		int rc = resolver_answer(m->resolver, e->ticket, &e->path);

		e->path_asked = rc == -EAGAIN;
		news |= rc == 0;
	}
	if (news) {
		e->seen_published = m->published;
		e->target = match(m, e);
		if (e->target >= 0)
			return e->target;
	}
	if (e->own >= 0)
		return e->own;
	/*
	 * What was counted before the first look at the devices is no part of what
	 * they count from then on: it must not come later.
	 */
	last |= m->sweep == FIRST_SWEEP;
	if (!last && m->sweep - e->first_sweep < OWNER_MAP_HOLD && (e->path_asked || m->pending))
		return -EAGAIN;
	return e->own = own_owner(m, e);
}

int owner_map_nobody(const struct owner_map *m, unsigned int why)
{
	return owner_unattributed(m->env.targets->n, why);
}

int owner_map_others(struct owner_map *m)
{
	if (m->others < 0)
		m->others = owner_add(m->env.owners, OWNER_CGROUP, "more owners", 0);
	return m->others;
}

void owner_map_close(struct owner_map *m)
{
	if (!m)
		return;
	resolver_close(m->resolver);
	free(m);
}
