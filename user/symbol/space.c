// SPDX-License-Identifier: Apache-2.0
#include "symbol/space.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "symbol/space_index.h"

#define KEPT_MAX 65536 /* programs of processes that were seen at work */
#define MAPS_MAX 8192 /* of one of these */
#define BYTES_MAX                                                                                  \
	(128u << 20) /* of all mappings and paths: processes may have as many as they like */

#define INDEX_LEAST 32 /* mappings that are worth an index */
#define INDEX_BYTES_MAX (64u << 20)

/* Mappings of a process, and of its children until they map something themselves. */
struct maps {
	unsigned int users;
	size_t n, cap;
	struct space_index *index; /* of the @n, once it was asked for; NULL: not */
	struct space_map v[];
};

/* One program that a process was. */
struct space {
	uint64_t begin_ns;
	struct maps *maps; /* NULL: none */
	uint32_t target; /* once it was seen at work */
	bool seen; /* at work */
	bool unknown; /* it began with what nobody told us */
	struct space *before; /* what the same process was, if that is kept */
};

struct process {
	uint32_t tgid; /* the key */
	unsigned int threads;
	struct space *now;
};

struct spaces {
	struct space_calls calls;
	void *processes, *paths; /* trees of tsearch() */
	size_t kept, bytes;
	size_t index_bytes; /* of indexes, since they were last all closed */
	uint64_t forgotten;
};

static int by_tgid(const void *a, const void *b)
{
	const struct process *l = a, *r = b;

	return l->tgid < r->tgid ? -1 : l->tgid > r->tgid;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static const char *path_kept(struct spaces *s, const char *path)
{
	char **known = (char **)tfind(path, &s->paths, by_text), *copy;

	if (known)
		return *known;
	copy = strdup(path);
	if (copy && !tsearch(copy, &s->paths, by_text)) {
		free(copy);
		copy = NULL;
	}
	if (copy)
		s->bytes += strlen(copy) + 64; /* and its place in the tree */
	return copy;
}

static struct maps *maps_shared(struct maps *m)
{
	if (m)
		m->users++;
	return m;
}

static size_t maps_bytes(size_t cap)
{
	return sizeof(struct maps) + cap * sizeof(struct space_map);
}

static void maps_drop(struct spaces *s, struct maps *m)
{
	if (!m || --m->users)
		return;
	s->bytes -= maps_bytes(m->cap);
	space_index_close(m->index);
	free(m);
}

/* With room for one more, and nobody else's. NULL: no memory, and @m is as before. */
static struct maps *maps_own(struct spaces *s, struct maps *m)
{
	size_t n = m ? m->n : 0, cap = n < 4 ? 8 : n * 2;
	struct maps *to;

	if (m && m->users == 1 && m->n < m->cap)
		return m;
	to = malloc(maps_bytes(cap));
	if (!to)
		return NULL;
	s->bytes += maps_bytes(cap);
	to->users = 1;
	to->cap = cap;
	to->n = n;
	to->index = NULL;
	if (m)
		memcpy(to->v, m->v, n * sizeof(m->v[0]));
	maps_drop(s, m);
	return to;
}

static struct process *process_of(const struct spaces *s, uint32_t tgid)
{
	const struct process key = { .tgid = tgid };
	struct process **p = (struct process **)tfind(&key, &s->processes, by_tgid);

	return p ? *p : NULL;
}

static struct process *process_made(struct spaces *s, uint32_t tgid)
{
	struct process *p = process_of(s, tgid);

	if (p)
		return p;
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->tgid = tgid;
	p->now = calloc(1, sizeof(*p->now)); /* since whenever that was */
	if (!p->now || !tsearch(p, &s->processes, by_tgid)) {
		free(p->now);
		free(p);
		return NULL;
	}
	return p;
}

static void space_free(struct spaces *s, struct space *space)
{
	maps_drop(s, space->maps);
	free(space);
}

/* What it was until now is kept if it was seen at work, and else forgotten. */
static struct space *next_space(struct spaces *s, struct process *p, uint64_t time_ns)
{
	struct space *space = calloc(1, sizeof(*space)), *was = p->now;

	if (!space)
		return NULL;
	space->begin_ns = time_ns;
	if (!was->seen) {
		space->before = was->before;
		space_free(s, was);
	} else {
		space->before = was;
	}
	p->now = space;
	return space;
}

static void process_free(struct spaces *s, struct process *p)
{
	for (struct space *space = p->now, *before; space; space = before) {
		before = space->before;
		space_free(s, space);
	}
	free(p);
}

/* Nothing of it was seen at work, so that nobody will ask. */
static void forget_if_idle(struct spaces *s, struct process *p)
{
	if (p->now->seen || p->now->before)
		return;
	tdelete(p, &s->processes, by_tgid);
	process_free(s, p);
}

static void forked(struct spaces *s, const struct space_event *e)
{
	const struct process *parent = process_of(s, e->parent);
	struct space *space;
	struct process *p;

	if (e->parent == e->tgid) {
		p = process_of(s, e->tgid);
		if (p)
			p->threads++;
		return;
	}
	if (!parent && !process_of(s, e->tgid)) /* that is read when it is needed */
		return;
	p = process_made(s, e->tgid);
	space = p ? next_space(s, p, e->time_ns) : NULL;
	if (!space)
		return;
	p->threads = 1;
	space->unknown = !parent || parent->now->unknown;
	space->maps = parent ? maps_shared(parent->now->maps) : NULL;
}

static void executed(struct spaces *s, const struct space_event *e)
{
	struct process *p = process_made(s, e->tgid);

	if (p && next_space(s, p, e->time_ns))
		p->threads = 1;
}

static void tell_file(const struct spaces *s, const struct process *p, const struct space_map *map)
{
	if (s->calls.file)
		s->calls.file(s->calls.arg, p->now->target, p->tgid, map);
}

static void mapped(struct spaces *s, const struct space_event *e)
{
	struct process *p = process_of(s, e->tgid);
	const char *path;
	struct maps *m;

	if (!p) /* as with forks */
		return;
	if (s->bytes >= BYTES_MAX || (p->now->maps && p->now->maps->n == MAPS_MAX)) {
		s->forgotten++;
		return;
	}
	path = path_kept(s, e->path);
	m = path ? maps_own(s, p->now->maps) : NULL;
	if (!m) {
		s->forgotten++;
		return;
	}
	p->now->maps = m;
	space_index_close(m->index);
	m->index = NULL;
	m->v[m->n] = (struct space_map){ .start = e->start,
					 .end = e->end,
					 .offset = e->offset,
					 .file = e->file,
					 .path = path,
					 .since_ns = e->time_ns };
	if (p->now->seen)
		tell_file(s, p, &m->v[m->n]);
	m->n++;
}

static void exited(struct spaces *s, const struct space_event *e)
{
	struct process *p = process_of(s, e->tgid);

	if (p && (!p->threads || !--p->threads))
		forget_if_idle(s, p);
}

static void see(struct spaces *s, struct process *p, const struct space_event *e)
{
	struct space *space = p->now;
	bool unknown = space->unknown;

	space->seen = true;
	space->unknown = false;
	space->target = e->target;
	s->kept++;
	for (size_t i = 0; space->maps && i < space->maps->n; i++)
		tell_file(s, p, &space->maps->v[i]);
	if (unknown && s->calls.unknown)
		s->calls.unknown(s->calls.arg, e->tgid);
}

static void sampled(struct spaces *s, const struct space_event *e)
{
	struct process *p = process_of(s, e->tgid);

	if (p && p->now->seen)
		return;
	if (s->kept == KEPT_MAX) {
		s->forgotten++;
		return;
	}
	if (!p) { /* it was there before us */
		p = process_made(s, e->tgid);
		if (!p)
			return;
		p->now->unknown = true;
	}
	see(s, p, e);
}

void spaces_feed(struct spaces *s, const struct space_event *e)
{
	static void (*const feed[])(struct spaces * s, const struct space_event *e) = {
		[SPACE_FORK] = forked, [SPACE_EXEC] = executed,	  [SPACE_MAP] = mapped,
		[SPACE_EXIT] = exited, [SPACE_SAMPLED] = sampled,
	};

	feed[e->kind](s, e);
}

int spaces_open(const struct space_calls *calls, struct spaces **ret)
{
	*ret = calloc(1, sizeof(**ret));
	if (!*ret)
		return -ENOMEM;
	if (calls)
		(*ret)->calls = *calls;
	return 0;
}

static void close_indexes(const struct process *p)
{
	for (const struct space *space = p->now; space; space = space->before) {
		if (!space->maps)
			continue;
		space_index_close(space->maps->index);
		space->maps->index = NULL;
	}
}

static void close_indexes_of(const void *node, VISIT visit, void *arg)
{
	(void)arg;
	if (visit == postorder || visit == leaf)
		close_indexes(*(struct process *const *)node);
}

/* For who has many mappings; NULL: who has few is as fast without, or there is no memory. */
static const struct space_index *index_of(struct spaces *s, struct maps *m)
{
	if (m->index || m->n < INDEX_LEAST)
		return m->index;
	if (s->index_bytes > INDEX_BYTES_MAX) {
		twalk_r(s->processes, close_indexes_of, NULL);
		s->index_bytes = 0;
	}
	m->index = space_index_open(m->v, m->n);
	s->index_bytes += m->index ? space_index_bytes(m->index) : 0;
	return m->index;
}

/* Later mappings lie over earlier ones. */
static bool find_in(struct spaces *s, struct maps *m, uint64_t time_ns, uint64_t address,
		    struct space_map *ret)
{
	const struct space_index *index = m ? index_of(s, m) : NULL;
	size_t i = m ? m->n : 0;

	if (index) {
		i = space_index_find(index, time_ns, address);
		if (i < m->n)
			*ret = m->v[i];
		return i < m->n;
	}
	while (i-- > 0) {
		if (m->v[i].since_ns > time_ns || address < m->v[i].start || address >= m->v[i].end)
			continue;
		*ret = m->v[i];
		return true;
	}
	return false;
}

bool spaces_find(struct spaces *s, uint32_t tgid, uint64_t time_ns, uint64_t address,
		 struct space_map *ret)
{
	const struct process *p = process_of(s, tgid);

	for (const struct space *space = p ? p->now : NULL; space; space = space->before)
		if (space->begin_ns <= time_ns)
			return find_in(s, space->maps, time_ns, address, ret);
	return false;
}

size_t spaces_kept(const struct spaces *s)
{
	return s->kept;
}

uint64_t spaces_forgotten(const struct spaces *s)
{
	return s->forgotten;
}

void spaces_close(struct spaces *s)
{
	if (!s)
		return;
	while (s->processes) {
		struct process *p = *(struct process **)s->processes;

		tdelete(p, &s->processes, by_tgid);
		process_free(s, p);
	}
	tdestroy(s->paths, free);
	free(s);
}
