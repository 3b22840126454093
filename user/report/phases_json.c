// SPDX-License-Identifier: Apache-2.0
/* What was cut to each phase, as the report has it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/internal.h"
#include "report/phases.h"

#define MIB 0x1p20

static json_t *whole(double v)
{
	return json_integer(llround(v));
}

/* object[@key], made when it is not there. */
static json_t *inner(struct building *b, json_t *object, const char *key)
{
	json_t *o = json_object_get(object, key);

	if (o)
		return o;
	put(b, object, key, json_object());
	return json_object_get(object, key);
}

static void put_hist(struct building *b, json_t *to, const char *key, const struct hist *h)
{
	if (h->count)
		put(b, to, key, json_hist(b, h));
}

static void put_cell(struct building *b, json_t *json, const char *ios, const struct phase_cell *c)
{
	put(b, json, ios, whole(c->ios));
	put(b, json, "bytes", whole(c->bytes));
	put(b, json, "errors", whole(c->errors));
}

static void put_device(struct building *b, json_t *phase, const struct phase_cell *c)
{
	sqlite3_stmt *row = query(b, "SELECT name FROM device WHERE dev = ?1");
	char name[64];
	json_t *op;

	snprintf(name, sizeof(name), "%lld:%lld", (long long)(c->place >> 20),
		 (long long)(c->place & 0xfffff));
	if (row)
		sqlite3_bind_int64(row, 1, c->place);
	while (next(b, &row))
		if (sqlite3_column_text(row, 0))
			snprintf(name, sizeof(name), "%s",
				 (const char *)sqlite3_column_text(row, 0));
	op = inner(b, inner(b, inner(b, phase, "block"), name), c->op);
	put_cell(b, op, "ios", c);
	put_hist(b, op, "device_ns", &c->latency);
	put_hist(b, op, "total_ns", &c->total);
}

static bool moves(const struct phase_cell *c, enum use use)
{
	return use == READS ? !strcmp(c->op, "read") || !strcmp(c->op, "uring_read")
			    : !strcmp(c->op, "write") || !strcmp(c->op, "uring_write");
}

/* Bytes of the phase's own calls on the mount that has most of them: where its files are. */
static void put_mount(struct building *b, const struct window *w, json_t *app)
{
	double most = 0;
	int64_t mount = -1;
	sqlite3_stmt *row;
	json_t *json;

	for (size_t i = 0; i < w->n_cells; i++) {
		double bytes = 0;

		if (w->cells[i].kind != OF_MOUNT)
			continue;
		for (size_t k = 0; k < w->n_cells; k++)
			if (w->cells[k].kind == OF_MOUNT &&
			    w->cells[k].place == w->cells[i].place && moves(&w->cells[k], w->use))
				bytes += w->cells[k].bytes;
		if (bytes > most) {
			most = bytes;
			mount = w->cells[i].place;
		}
	}
	if (mount < 0)
		return;
	json = json_object();
	row = query(b, "SELECT at, fs FROM mount WHERE id = ?1");
	if (row)
		sqlite3_bind_int64(row, 1, mount);
	while (next(b, &row))
		put_row(b, json, row);
	put(b, json, "bytes", whole(most));
	put(b, app, "mount", json);
}

/* What programs asked for, beside what the tool says. */
static void put_app(struct building *b, const struct window *w)
{
	double bytes = 0, seconds = (double)(w->to_ns - w->from_ns) / 1e9;
	bool any = false;
	json_t *app;

	for (size_t i = 0; i < w->n_cells; i++)
		if (w->cells[i].kind == OF_CALLS) {
			any = true;
			if (moves(&w->cells[i], w->use))
				bytes += w->cells[i].bytes;
		}
	if (!any)
		return;
	app = json_object();
	put(b, app, "bytes", whole(bytes));
	put(b, app, "bw_mib_s", json_real(bytes / MIB / seconds));
	put_mount(b, w, app);
	put(b, w->json, "app", app);
	if (!w->wall_ns)
		return;
	app = json_object();
	put(b, app, "begin_ns", json_integer(w->wall_ns));
	put(b, app, "app_bytes", whole(w->wall_bytes));
	put(b, w->json, "wear_out", app);
}

static void put_cells(struct building *b, const struct window *w)
{
	for (size_t i = 0; i < w->n_cells; i++) {
		const struct phase_cell *c = &w->cells[i];
		json_t *op;

		if (c->kind == OF_DEVICE) {
			put_device(b, w->json, c);
		} else if (c->kind == OF_CALLS) {
			op = inner(b, inner(b, w->json, "vfs"), c->op);
			put_cell(b, op, "calls", c);
			put_hist(b, op, "latency_ns", &c->latency);
		}
	}
}

static void put_samples(struct building *b, const struct window *w, bool ratios)
{
	static const struct {
		enum phase_sample sample;
		const char *section, *key;
	} rows[] = {
		{ SAMPLE_CPU, "cpu", "usage_ns" },
		{ SAMPLE_USER, "cpu", "user_ns" },
		{ SAMPLE_SYSTEM, "cpu", "system_ns" },
		{ SAMPLE_CPU_SOME, "pressure", "cpu_some_ns" },
		{ SAMPLE_MEMORY_SOME, "pressure", "memory_some_ns" },
		{ SAMPLE_IO_SOME, "pressure", "io_some_ns" },
		{ SAMPLE_IO_FULL, "pressure", "io_full_ns" },
		{ SAMPLE_ACCESSED, "pagecache", "accessed_pages" },
		{ SAMPLE_MISSED, "pagecache", "missed_pages" },
		{ SAMPLE_DIRTIED, "pagecache", "dirtied_pages" },
	};
	double accessed = w->sums[SAMPLE_ACCESSED];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (w->known[rows[i].sample])
			put(b, inner(b, w->json, rows[i].section), rows[i].key,
			    whole(w->sums[rows[i].sample]));
	if (w->known[SAMPLE_CPU])
		put(b, inner(b, w->json, "cpu"), "cores",
		    json_real(w->sums[SAMPLE_CPU] / (double)(w->to_ns - w->from_ns)));
	if (ratios && w->known[SAMPLE_ACCESSED] && w->known[SAMPLE_MISSED] && accessed >= 1)
		put(b, inner(b, w->json, "pagecache"), "hit_ratio",
		    json_real(1 - fmin(w->sums[SAMPLE_MISSED] / accessed, 1)));
}

/* How good the cut is: what ticks hold that are only partly inside may be of before or after. */
static void put_cut(struct building *b, const struct window *w)
{
	json_t *cut = json_object();

	put(b, cut, "ticks", json_integer(w->ticks));
	put(b, cut, "edge_ticks", json_integer(w->edge_ticks));
	put(b, cut, "shared_ticks", json_integer(w->shared_ticks));
	put(b, cut, "edge_app_bytes", whole(w->edge_bytes));
	put(b, cut, "edge_device_bytes", whole(w->edge_device_bytes));
	put(b, w->json, "cut", cut);
}

void phases_put(struct building *b, const struct cutting *c)
{
	for (size_t i = 0; i < c->n_windows; i++) {
		const struct window *w = &c->windows[i];

		put_app(b, w);
		put_cells(b, w);
		put_samples(b, w, c->ratios);
		put_cut(b, w);
	}
}
