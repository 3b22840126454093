// SPDX-License-Identifier: Apache-2.0
/* Rows of earlier ticks that a point needs, taken in as they come. */
#include "sink/feed_state.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/units.h"
#include "sink/feed_internal.h"

/* As streams: seq, NULL, then what is taken in. */
static const char *const sides[SIDES] = {
	[SIDE_SAMPLE] = "SELECT seq, NULL, target, cpu_usage_ns FROM sample "
			"WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq",
	[SIDE_CPUSET] = "SELECT seq, NULL, target, cpus FROM cpuset "
			"WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq",
	[SIDE_PERF] = "SELECT p.seq, NULL, p.target, p.event, p.value, p.enabled_ns, p.running_ns, "
		      "e.name FROM perf p CROSS JOIN perf_event e ON e.id = p.event "
		      "WHERE p.seq BETWEEN ?1 AND ?2 ORDER BY p.seq",
	[SIDE_RDT] = "SELECT seq, NULL, target, domain, llc_occupancy_bytes, mbm_total_bytes, "
		     "mbm_local_bytes FROM rdt WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq",
	[SIDE_CLASS] = "SELECT seq, NULL, target, class, mon_group, schemata FROM rdt_class "
		       "WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq",
	[SIDE_ALLOC] = "SELECT seq, NULL, target, resource, domain, value, ways FROM rdt_alloc "
		       "WHERE resource IN ('L3', 'MB') AND seq BETWEEN ?1 AND ?2 ORDER BY seq",
};

struct state_target *state_target(const struct feed *f, int64_t id)
{
	for (size_t i = 0; i < f->state.n_targets; i++)
		if (f->state.targets[i].id == id)
			return &f->state.targets[i];
	return NULL;
}

static struct state_target *target_of(struct feed *f, int64_t id)
{
	struct state_target *t = state_target(f, id);

	if (t)
		return t;
	t = reallocarray(f->state.targets, f->state.n_targets + 1, sizeof(*t));
	if (!t)
		return NULL;
	f->state.targets = t;
	t += f->state.n_targets++;
	*t = (struct state_target){ .id = id, .sampled = -1, .cpu_ns = -1, .cpu_percent = NAN };
	return t;
}

/* -1 for NULL. */
static int64_t number(sqlite3_stmt *row, int at)
{
	return sqlite3_column_type(row, at) == SQLITE_NULL ? -1 : sqlite3_column_int64(row, at);
}

/* Replace what was told before; NULL is nothing. */
static int keep(char **to, const char *text)
{
	char *copy = text ? strdup(text) : NULL;

	if (text && !copy)
		return -ENOMEM;
	free(*to);
	*to = copy;
	return 0;
}

/* As Docker does it, with time instead of the host's own count of it. */
static int take_sample(struct feed *f, struct state_target *t, sqlite3_stmt *row,
		       const struct tick *tick)
{
	int64_t cpu_ns = number(row, 3);

	(void)f;
	t->sampled = tick->seq;
	t->cpu_percent = NAN;
	if (cpu_ns < 0)
		return 0;
	if (t->cpu_ns >= 0 && cpu_ns >= t->cpu_ns && tick->end_ns > t->cpu_at_ns)
		t->cpu_percent = 100.0 * (double)(cpu_ns - t->cpu_ns) /
				 (double)(tick->end_ns - t->cpu_at_ns);
	t->cpu_ns = cpu_ns;
	t->cpu_at_ns = tick->end_ns;
	return 0;
}

/* "0-2,8" as "0,1,2,8". */
static char *one_by_one(const cpu_set_t *cpus)
{
	char *text = malloc(CPU_SETSIZE * 5 + 1), *at = text;

	for (int i = 0; text && i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, cpus))
			at += sprintf(at, "%s%d", at == text ? "" : ",", i);
	return text;
}

static int take_cpuset(struct feed *f, struct state_target *t, sqlite3_stmt *row,
		       const struct tick *tick)
{
	const char *text = (const char *)sqlite3_column_text(row, 3);
	cpu_set_t cpus, both;

	(void)tick;
	free(t->cpus);
	t->cpus = NULL;
	/* A list that was too long to be kept is not known. */
	if (!text || units_parse_cpus(text, &cpus))
		return 0;
	for (int i = 0; i < STATE_SOCKETS; i++) {
		CPU_AND(&both, &cpus, &f->state.host.first_cpus[i]);
		t->cores[i] = CPU_COUNT(&both);
	}
	t->cpus = one_by_one(&cpus);
	return t->cpus ? 0 : -ENOMEM;
}

static int take_perf(struct feed *f, struct state_target *t, sqlite3_stmt *row,
		     const struct tick *tick)
{
	int64_t event = sqlite3_column_int64(row, 3);
	struct state_perf *p;

	if (event < 0 || event >= STATE_EVENTS)
		return 0;
	if (!f->state.events[event].field &&
	    state_event_name(&f->state, event, (const char *)sqlite3_column_text(row, 7)))
		return -ENOMEM;
	if (!t->perf) {
		t->perf = calloc(STATE_EVENTS, sizeof(*t->perf));
		if (!t->perf)
			return -ENOMEM;
		for (size_t i = 0; i < STATE_EVENTS; i++)
			t->perf[i].seq = -1;
	}
	p = &t->perf[event];
	p->before = p->now;
	p->now = (struct perf_totals){ sqlite3_column_int64(row, 4), sqlite3_column_int64(row, 5),
				       sqlite3_column_int64(row, 6) };
	p->seq = tick->seq;
	return 0;
}

static struct state_domain *domain_of(struct state_target *t, int64_t id)
{
	struct state_domain *d;

	for (size_t i = 0; i < t->n_domains; i++)
		if (t->domains[i].id == id)
			return &t->domains[i];
	d = reallocarray(t->domains, t->n_domains + 1, sizeof(*d));
	if (!d)
		return NULL;
	t->domains = d;
	d += t->n_domains++;
	*d = (struct state_domain){ .id = id, .before = -1 };
	return d;
}

static int take_rdt(struct feed *f, struct state_target *t, sqlite3_stmt *row,
		    const struct tick *tick)
{
	struct state_domain *d = domain_of(t, sqlite3_column_int64(row, 3));

	(void)f;
	if (!d)
		return -ENOMEM;
	d->seq = tick->seq;
	d->occupancy = number(row, 4);
	d->total = number(row, 5);
	d->local = number(row, 6);
	d->mb_s = NAN;
	if (d->total < 0)
		return 0;
	if (d->before >= 0 && d->total >= d->before && tick->end_ns > d->before_ns)
		d->mb_s = 1e3 * (double)(d->total - d->before) /
			  (double)(tick->end_ns - d->before_ns);
	d->before = d->total;
	d->before_ns = tick->end_ns;
	return 0;
}

/* The line of @schemata that begins so, or NULL. -ENOMEM. */
static int keep_line(char **to, const char *schemata, const char *begin)
{
	for (const char *line = schemata; line && *line; line += strcspn(line, "\n") + 1) {
		cleanup_free char *copy = NULL;

		if (!strncmp(line, begin, strlen(begin))) {
			copy = strndup(line, strcspn(line, "\n"));
			return copy ? keep(to, copy) : -ENOMEM;
		}
		if (!line[strcspn(line, "\n")])
			break;
	}
	return keep(to, NULL);
}

static int take_class(struct feed *f, struct state_target *t, sqlite3_stmt *row,
		      const struct tick *tick)
{
	const char *schemata = (const char *)sqlite3_column_text(row, 5);

	(void)f;
	(void)tick;
	t->n_allocs = 0;
	if (keep(&t->class, (const char *)sqlite3_column_text(row, 3)) ||
	    keep(&t->group, (const char *)sqlite3_column_text(row, 4)) ||
	    keep_line(&t->l3, schemata, "L3:") || keep_line(&t->mba, schemata, "MB:"))
		return -ENOMEM;
	return 0;
}

static int take_alloc(struct feed *f, struct state_target *t, sqlite3_stmt *row,
		      const struct tick *tick)
{
	const char *resource = (const char *)sqlite3_column_text(row, 3);
	struct state_alloc *a = reallocarray(t->allocs, t->n_allocs + 1, sizeof(*a));

	(void)f;
	(void)tick;
	if (!a)
		return -ENOMEM;
	t->allocs = a;
	a += t->n_allocs++;
	*a = (struct state_alloc){ .domain = sqlite3_column_int64(row, 4),
				   .value = sqlite3_column_int64(row, 5),
				   .ways = number(row, 6),
				   .l3 = resource && *resource == 'L' };
	snprintf(a->mask, sizeof(a->mask), "%llx", (unsigned long long)a->value);
	return 0;
}

/* In this order: a class takes the allocations of the one before with it. */
static int (*const takes[SIDES])(struct feed *f, struct state_target *t, sqlite3_stmt *row,
				 const struct tick *tick) = {
	[SIDE_SAMPLE] = take_sample, [SIDE_CPUSET] = take_cpuset, [SIDE_PERF] = take_perf,
	[SIDE_RDT] = take_rdt,	     [SIDE_CLASS] = take_class,	  [SIDE_ALLOC] = take_alloc,
};

static int take_side(struct feed *f, int which, const struct tick *tick, struct err *err)
{
	struct stream *s = &f->state.sides[which];

	while (s->row && s->seq <= tick->seq) {
		struct state_target *t = target_of(f, sqlite3_column_int64(s->st, 2));
		int rc = t ? 0 : -ENOMEM;

		if (!rc && s->seq == tick->seq)
			rc = takes[which](f, t, s->st, tick);
		if (rc)
			return err_set(err, rc, "reading a run");
		rc = stream_next(f, s, err);
		if (rc)
			return rc;
	}
	return 0;
}

static void forget(struct state *s)
{
	for (size_t i = 0; i < s->n_targets; i++) {
		struct state_target *t = &s->targets[i];

		free(t->cpus);
		free(t->class);
		free(t->group);
		free(t->l3);
		free(t->mba);
		free(t->allocs);
		free(t->domains);
		free(t->perf);
	}
	free(s->targets);
	s->targets = NULL;
	s->n_targets = 0;
	s->at = -1;
}

int state_take(struct feed *f, const struct tick *t, struct err *err)
{
	int rc = 0;

	for (int i = 0; i < SIDES && !rc; i++)
		rc = take_side(f, i, t, err);
	/* Half a tick is none. */
	if (rc)
		forget(&f->state);
	else
		f->state.at = t->seq;
	return rc;
}

int state_begin(struct feed *f, int64_t from, int64_t to, int64_t *ret_first, struct err *err)
{
	struct state *s = &f->state;
	int rc = 0;

	if (s->at >= from)
		forget(s);
	*ret_first = s->at + 1;
	for (int i = 0; i < SIDES && !rc; i++)
		rc = stream_begin(f, &s->sides[i], *ret_first, to, err);
	return rc;
}

void state_end(struct feed *f)
{
	for (int i = 0; i < SIDES; i++)
		stream_end(&f->state.sides[i]);
}

static int read_sockets(struct feed *f, struct state_host *h, struct err *err)
{
	sqlite3_stmt *st = NULL;
	int rc =
		feed_prepare(f,
			     "SELECT p.value ->> '$.id', p.value ->> '$.first_cpus' FROM run r, "
			     "json_each(iif(json_valid(r.host), r.host, NULL), '$.cpu.packages') p",
			     &st, err);

	while (!rc && sqlite3_step(st) == SQLITE_ROW) {
		int64_t id = number(st, 0);
		const char *cpus = (const char *)sqlite3_column_text(st, 1);

		if (id >= 0 && id < STATE_SOCKETS && cpus)
			h->has_socket[id] = !units_parse_cpus(cpus, &h->first_cpus[id]);
	}
	sqlite3_finalize(st);
	return rc;
}

static int read_caches(struct feed *f, struct state_host *h, struct err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = feed_prepare(f,
			      "SELECT d.value ->> '$.domain', d.value ->> '$.l3_bytes' FROM run r, "
			      "json_each(iif(json_valid(r.host), r.host, NULL), '$.rdt.domains') d "
			      "WHERE d.value ->> '$.l3_bytes' > 0",
			      &st, err);

	while (!rc && sqlite3_step(st) == SQLITE_ROW) {
		void *more = reallocarray(h->caches, h->n_caches + 1, sizeof(*h->caches));

		if (!more) {
			rc = err_set(err, -ENOMEM, "reading a run");
			break;
		}
		h->caches = more;
		h->caches[h->n_caches].id = number(st, 0);
		h->caches[h->n_caches++].bytes = number(st, 1);
	}
	sqlite3_finalize(st);
	return rc;
}

static int read_rules(struct feed *f, struct state_host *h, struct err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = feed_prepare(f,
			      "SELECT h ->> '$.rdt.l3.ways', h ->> '$.rdt.mba.unit' = 'percent' "
			      "FROM (SELECT iif(json_valid(host), host, NULL) AS h FROM run)",
			      &st, err);

	h->l3_ways = -1;
	if (!rc && sqlite3_step(st) == SQLITE_ROW) {
		h->l3_ways = number(st, 0);
		h->mba_is_percent = sqlite3_column_int(st, 1);
	}
	sqlite3_finalize(st);
	return rc;
}

int state_open(struct feed *f, struct err *err)
{
	struct state *s = &f->state;
	int rc = 0;

	s->sides = calloc(SIDES, sizeof(*s->sides));
	if (!s->sides)
		return err_set(err, -ENOMEM, "reading a run");
	for (int i = 0; i < SIDES && !rc; i++)
		rc = feed_prepare(f, sides[i], &s->sides[i].st, err);
	if (!rc)
		rc = read_sockets(f, &s->host, err);
	if (!rc)
		rc = read_caches(f, &s->host, err);
	return rc ? rc : read_rules(f, &s->host, err);
}

void state_close(struct feed *f)
{
	struct state *s = &f->state;

	forget(s);
	for (int i = 0; i < SIDES && s->sides; i++)
		sqlite3_finalize(s->sides[i].st);
	free(s->sides);
	for (size_t i = 0; i < STATE_EVENTS; i++)
		free(s->events[i].field);
	for (size_t i = 0; i < s->n_names; i++)
		free(s->names[i]);
	free(s->names);
	free(s->host.caches);
}
