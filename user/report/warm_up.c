// SPDX-License-Identifier: Apache-2.0
/* How long the begin of each phase was unlike the rest of it: targets[].warm_up. */
#include "report/warm_up.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "report/format.h"
#include "report/internal.h"
#include "report/text_parts.h"
#include "stat/describe.h"
#include "stat/warm_up.h"

static const char *const ops[] = { "write", "read" };

/* What ended in one tick. */
struct did {
	size_t tick; /* of the clock */
	double bytes, latencies, latency_ns; /* how many latencies, and their sum */
};

struct work { /* of one target and operation */
	json_t *target; /* borrowed */
	struct did *v; /* owned, in order of time */
	size_t n, room;
};

/* A tick has what ended from the begin of the sweep before to the end of its own. */
struct clock {
	int64_t *seq;
	uint64_t *begin_ns, *end_ns; /* of its sweep */
	size_t n;
};

struct finding_warm_up {
	struct clock clock;
	struct work *work; /* owned: of each target, ops beside each other */
	size_t n;
};

static void fini(struct finding_warm_up *f)
{
	for (size_t i = 0; f->work && i < f->n * ARRAY_SIZE(ops); i++)
		free(f->work[i].v);
	free(f->work);
	free(f->clock.seq);
	free(f->clock.begin_ns);
	free(f->clock.end_ns);
}

static bool has_begun(const json_t *target)
{
	const char *kind = text_in(target, "kind");

	return is_own_target(target) || (json_object_get(target, "start_ns") &&
					 (!kind || strcmp(kind, "unattributed") != 0));
}

static int load_targets(struct building *b, struct finding_warm_up *f)
{
	const json_t *targets = json_object_get(b->report, "targets");
	json_t *t;
	size_t i;

	f->work = calloc(json_array_size(targets) * ARRAY_SIZE(ops) + 1, sizeof(*f->work));
	if (!f->work)
		return err_set(b->err, -ENOMEM, "looking for warm-up");
	json_array_foreach(targets, i, t) {
		if (!has_begun(t))
			continue;
		for (size_t k = 0; k < ARRAY_SIZE(ops); k++)
			f->work[f->n * ARRAY_SIZE(ops) + k].target = t;
		f->n++;
	}
	return 0;
}

static int load_clock(struct building *b, struct clock *c)
{
	size_t n = (size_t)query_int(b, "SELECT count(*) FROM tick", 0);
	sqlite3_stmt *row;

	c->seq = calloc(n + 1, sizeof(*c->seq));
	c->begin_ns = calloc(n + 1, sizeof(*c->begin_ns));
	c->end_ns = calloc(n + 1, sizeof(*c->end_ns));
	if (!c->seq || !c->begin_ns || !c->end_ns)
		return err_set(b->err, -ENOMEM, "looking for warm-up");
	row = query(b, "SELECT seq, begin_ns, end_ns FROM tick ORDER BY seq");
	while (next(b, &row)) {
		if (c->n == n)
			continue;
		c->seq[c->n] = sqlite3_column_int64(row, 0);
		c->begin_ns[c->n] = sqlite3_column_int64(row, 1);
		c->end_ns[c->n++] = sqlite3_column_int64(row, 2);
	}
	return b->err->code;
}

/* Of that number, from @from on; n: none. */
static size_t find_tick(const struct clock *c, size_t from, int64_t seq)
{
	while (from < c->n && c->seq[from] < seq)
		from++;
	return from < c->n && c->seq[from] == seq ? from : c->n;
}

static int add(struct work *w, const struct did *d)
{
	if (w->n && w->v[w->n - 1].tick == d->tick) {
		w->v[w->n - 1].bytes += d->bytes;
		w->v[w->n - 1].latencies += d->latencies;
		w->v[w->n - 1].latency_ns += d->latency_ns;
		return 0;
	}
	if (w->n == w->room) {
		size_t room = w->room ? 2 * w->room : 256;
		struct did *v = reallocarray(w->v, room, sizeof(*v));

		if (!v)
			return -ENOMEM;
		w->v = v;
		w->room = room;
	}
	w->v[w->n++] = *d;
	return 0;
}

static struct work *work_of(struct finding_warm_up *f, int64_t target, bool reads)
{
	for (size_t i = 0; i < f->n; i++) {
		struct work *w = &f->work[i * ARRAY_SIZE(ops)];

		if (json_integer_value(json_object_get(w->target, "id")) == target)
			return w + reads;
	}
	return NULL;
}

#define ROWS(of, stacked)                                                                          \
	"SELECT seq, target, op IN ('read', 'uring_read'), bytes, count, sum FROM histogram h "    \
	"WHERE " of " AND op IN ('read', 'write', 'uring_read', 'uring_write') " stacked           \
	"ORDER BY seq"

/* Of requests those below what is stacked, unless a target has no others. */
static sqlite3_stmt *query_rows(struct building *b, bool calls)
{
	return query(b, calls ? ROWS("layer = 'vfs'", "")
			      : ROWS("layer = 'block_total'",
				     "AND (coalesce((SELECT stacked FROM device d WHERE d.dev = "
				     "h.device), 0) = 0 OR NOT EXISTS (SELECT 1 FROM histogram o "
				     "JOIN device d ON d.dev = o.device WHERE o.target = h.target "
				     "AND o.layer = 'block_total' AND d.stacked = 0)) "));
}

static int load_work(struct building *b, struct finding_warm_up *f, bool calls)
{
	sqlite3_stmt *row = query_rows(b, calls);
	size_t at = 0;

	while (next(b, &row)) {
		struct work *w =
			work_of(f, sqlite3_column_int64(row, 1), sqlite3_column_int(row, 2));
		struct did d = { .tick = find_tick(&f->clock, at, sqlite3_column_int64(row, 0)),
				 .bytes = sqlite3_column_double(row, 3),
				 .latencies = sqlite3_column_double(row, 4),
				 .latency_ns = sqlite3_column_double(row, 5) };

		if (!w || d.tick == f->clock.n)
			continue;
		at = d.tick;
		if (add(w, &d)) {
			sqlite3_finalize(row);
			return err_set(b->err, -ENOMEM, "looking for warm-up");
		}
	}
	return b->err->code;
}

/* --- one series --- */

static const struct unit {
	const char *name, *mean, *steady_mean;
} throughput = { "throughput", "mean_bytes_per_s", "steady_mean_bytes_per_s" },
  latency = { "latency", "mean_ns", "steady_mean_ns" };

/* Values are @over by @by, of ticks that end then. */
struct ratios {
	double *over, *by; /* owned */
	uint64_t *end_ns; /* owned */
	size_t n;
};

static void ratios_fini(struct ratios *r)
{
	free(r->over);
	free(r->by);
	free(r->end_ns);
}

static bool ratios_init(struct ratios *r, size_t room)
{
	*r = (struct ratios){ calloc(room + 1, sizeof(*r->over)), calloc(room + 1, sizeof(*r->by)),
			      calloc(room + 1, sizeof(*r->end_ns)), 0 };
	return r->over && r->by && r->end_ns;
}

static void ratios_add(struct ratios *r, double over, double by, uint64_t end_ns)
{
	if (!(by > 0))
		return;
	r->over[r->n] = over;
	r->by[r->n] = by;
	r->end_ns[r->n++] = end_ns;
}

static json_t *mean_from(const struct ratios *r, size_t from)
{
	double over = 0, by = 0;

	for (size_t i = from; i < r->n; i++) {
		over += r->over[i];
		by += r->by[i];
	}
	return json_real(over / by);
}

static struct stat_warm_up look_at(struct building *b, const struct ratios *r)
{
	struct stat_warm_up found = { STAT_TOO_FEW, 0 };
	cleanup_free double *v = calloc(r->n + 1, sizeof(*v));
	size_t busy = 0;

	if (!v) {
		b->out_of_memory = true;
		return found;
	}
	for (size_t i = 0; i < r->n; i++) {
		v[i] = r->over[i] / r->by[i];
		busy += v[i] > 0;
	}
	if (busy >= WARM_UP_TICKS_LEAST)
		found = stat_warm_up(v, r->n);
	/* What stops is not warm. */
	if (found.settled == STAT_WARM_UP && !(stat_mean(v + found.n, r->n - found.n) > 0))
		found = (struct stat_warm_up){ STAT_UNSETTLED, 0 };
	return found;
}

static void put_series(struct building *b, json_t *phase, const struct unit *unit,
		       const struct ratios *r, uint64_t begin_ns)
{
	struct stat_warm_up found = look_at(b, r);
	json_t *o = json_object();

	put(b, o, "settled", json_string(stat_settled_name(found.settled)));
	put(b, o, "ticks", json_integer((json_int_t)r->n));
	if (r->n)
		put(b, o, unit->mean, mean_from(r, 0));
	if (found.settled == STAT_WARM_UP) {
		uint64_t until_ns = r->end_ns[found.n - 1];

		put(b, o, "warm_up_ticks", json_integer((json_int_t)found.n));
		put(b, o, "until_ns", json_integer((json_int_t)until_ns));
		put(b, o, "until_s", json_real((double)(until_ns - begin_ns) / 1e9));
		put(b, o, unit->steady_mean, mean_from(r, found.n));
	}
	put(b, phase, unit->name, o);
}

/* --- one phase --- */

/* @phase: what is known of it. Ticks from the first that begins in it to the last that ends in it. */
static void put_phase(struct building *b, const struct finding_warm_up *f, const struct work *w,
		      json_t *phase, uint64_t begin_ns, uint64_t end_ns)
{
	const struct clock *c = &f->clock;
	struct ratios rate, times;
	bool ok = ratios_init(&rate, c->n), too = ratios_init(&times, c->n);
	size_t k = 0;

	put(b, phase, "begin_ns", json_integer((json_int_t)begin_ns));
	for (size_t i = 1; ok && too && i < c->n && c->end_ns[i] <= end_ns; i++) {
		struct did did = { 0 };

		if (c->begin_ns[i - 1] < begin_ns)
			continue;
		while (k < w->n && w->v[k].tick < i)
			k++;
		if (k < w->n && w->v[k].tick == i)
			did = w->v[k];
		ratios_add(&rate, did.bytes, (double)(c->begin_ns[i] - c->begin_ns[i - 1]) / 1e9,
			   c->end_ns[i]);
		ratios_add(&times, did.latency_ns, did.latencies, c->end_ns[i]);
	}
	b->out_of_memory |= !ok || !too;
	if (ok && too) {
		put_series(b, phase, &throughput, &rate, begin_ns);
		put_series(b, phase, &latency, &times, begin_ns);
	}
	ratios_fini(&rate);
	ratios_fini(&times);
}

static json_t *new_entry(struct building *b, json_t *list, const char *op, bool calls)
{
	json_t *o = json_object();

	put(b, o, "op", json_string(op));
	put(b, o, "source", json_string(calls ? "calls" : "requests"));
	put_append(b, list, o);
	return o;
}

static void put_phases(struct building *b, const struct finding_warm_up *f,
		       const struct work *works, json_t *list, bool calls)
{
	static const char *const keys[] = { "iteration", "test" };
	json_t *phase, *o;
	size_t i;

	json_array_foreach(json_object_get(works->target, "phases"), i, phase) {
		const char *op = text_in(phase, "op");
		bool reads = op && !strcmp(op, "read");

		if (!op)
			continue;
		o = new_entry(b, list, op, calls);
		for (size_t k = 0; k < ARRAY_SIZE(keys); k++)
			if (json_object_get(phase, keys[k]))
				put(b, o, keys[k], json_incref(json_object_get(phase, keys[k])));
		put_phase(b, f, &works[reads], o,
			  json_integer_value(json_object_get(phase, "begin_ns")),
			  json_integer_value(json_object_get(phase, "end_ns")));
	}
}

/* Without phases: from the end of the first tick that has anything to the begin of the last one. */
static void put_whole(struct building *b, const struct finding_warm_up *f, const struct work *works,
		      json_t *list, bool calls)
{
	for (size_t k = 0; k < ARRAY_SIZE(ops); k++) {
		const struct work *w = &works[k];
		json_t *o;

		if (!w->n)
			continue;
		o = new_entry(b, list, ops[k], calls);
		put_phase(b, f, w, o, f->clock.begin_ns[w->v[0].tick],
			  w->n > 1 ? f->clock.end_ns[w->v[w->n - 1].tick - 1] : 0);
	}
}

static void put_all(struct building *b, const struct finding_warm_up *f, bool calls)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct work *works = &f->work[i * ARRAY_SIZE(ops)];
		json_t *list = json_array();

		if (json_array_size(json_object_get(works->target, "phases")))
			put_phases(b, f, works, list, calls);
		else
			put_whole(b, f, works, list, calls);
		if (json_array_size(list))
			put(b, works->target, "warm_up", json_incref(list));
		json_decref(list);
	}
}

int build_warm_up(struct building *b)
{
	const json_t *backends = json_object_get(b->report, "backends");
	bool calls = json_object_get(backends, "vfs");
	struct finding_warm_up f = { 0 };
	int rc = 0;

	if (!calls && !json_object_get(backends, "block"))
		return 0;
	rc = load_targets(b, &f);
	rc = rc ? rc : load_clock(b, &f.clock);
	rc = rc ? rc : load_work(b, &f, calls);
	if (!rc)
		put_all(b, &f, calls);
	fini(&f);
	return rc;
}
