// SPDX-License-Identifier: Apache-2.0
/* Block I/O per target, device and operation, and its sum against the kernel's own counters. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "report/internal.h"

enum { QUEUE, DEVICE, TOTAL, SIZE, LAYERS };

static const char *const layer_names[LAYERS] = { "block_queue", "block_device", "block_total",
						 "block_size" };
static const char *const layer_keys[LAYERS] = { "queue_ns", "device_ns", "total_ns", "size" };
static const char *const op_names[] = { "read", "write", "flush", "discard", "other" };

#define OPS ARRAY_SIZE(op_names)
#define KERNEL_OPS 3 /* read, write and discard: what diskstats has bytes of */

/* Where diskstats' operations are in op_names. */
static const size_t kernel_op[KERNEL_OPS] = { 0, 1, 3 };

struct layer {
	uint64_t ios, bytes, errors;
	uint64_t window_ios, window_bytes; /* after the first look at diskstats */
	struct hist h;
};

struct cell { /* one target, device and operation, over all ticks */
	int64_t target, dev;
	size_t op;
	int64_t last_seq; /* that active_ns counts */
	uint64_t active_ns; /* of the ticks in which anything completed */
	struct layer layer[LAYERS];
};

struct device {
	int64_t dev;
	char name[64];
	bool stacked, stacked_known, sampled;
	uint64_t kernel_ios[KERNEL_OPS], kernel_bytes[KERNEL_OPS];
	uint64_t flushes, busy_ns;
};

struct block {
	struct cell **cells; /* sorted by target, device, op once all are read */
	size_t n_cells, max_cells, hint;
	struct device *devices;
	size_t n_devices;
};

static void block_fini(struct block *k)
{
	for (size_t i = 0; i < k->n_cells; i++)
		free(k->cells[i]);
	free(k->cells);
	free(k->devices);
}

/* Ticks list the same cells in the same order: the one after the last found is tried first. */
static struct cell *cell_of(struct block *k, int64_t target, int64_t dev, size_t op)
{
	struct cell *c;

	for (size_t i = 0; i < k->n_cells; i++) {
		size_t at = (k->hint + i) % k->n_cells;

		c = k->cells[at];
		if (c->target == target && c->dev == dev && c->op == op) {
			k->hint = at;
			return c;
		}
	}
	if (k->n_cells == k->max_cells) {
		size_t max = k->max_cells ? 2 * k->max_cells : 64;
		struct cell **cells = reallocarray(k->cells, max, sizeof(*cells));

		if (!cells)
			return NULL;
		k->cells = cells;
		k->max_cells = max;
	}
	c = calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->target = target;
	c->dev = dev;
	c->op = op;
	c->last_seq = -1;
	k->cells[k->n_cells++] = c;
	return c;
}

static size_t index_of(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (name && !strcmp(names[i], name))
			return i;
	return n;
}

static int add_row(struct building *b, struct block *k, sqlite3_stmt *row, int64_t base_seq)
{
	int64_t seq = sqlite3_column_int64(row, 0);
	size_t layer = index_of(layer_names, LAYERS, (const char *)sqlite3_column_text(row, 2));
	size_t op = index_of(op_names, OPS, (const char *)sqlite3_column_text(row, 3));
	uint64_t ios = sqlite3_column_int64(row, 5), bytes = sqlite3_column_int64(row, 6);
	uint64_t max = sqlite3_column_int64(row, 10);
	struct layer *l;
	struct cell *c;

	if (layer == LAYERS || op == OPS)
		return 0; /* not the block layer's */
	c = cell_of(k, sqlite3_column_int64(row, 1), sqlite3_column_int64(row, 4), op);
	if (!c)
		return err_set(b->err, -ENOMEM, "cannot make a report");
	l = &c->layer[layer];
	l->ios += ios;
	l->bytes += bytes;
	l->errors += sqlite3_column_int64(row, 7);
	if (seq > base_seq) {
		l->window_ios += ios;
		l->window_bytes += bytes;
	}
	/* The blob brings the count. Sizes are in there less 1 each. */
	l->h.sum += sqlite3_column_int64(row, 9);
	if (layer == SIZE && max) {
		l->h.sum -= sqlite3_column_int64(row, 8);
		max--;
	}
	if (max > l->h.max)
		l->h.max = max;
	if (hist_decode(sqlite3_column_blob(row, 11), sqlite3_column_bytes(row, 11), &l->h))
		return err_say(b->err, -EBADMSG, "a histogram of tick %lld is damaged",
			       (long long)seq);
	if (ios && c->last_seq != seq) {
		c->last_seq = seq;
		c->active_ns += sqlite3_column_int64(row, 12);
	}
	return 0;
}

static int by_place(const void *a, const void *b)
{
	const struct cell *x = *(struct cell *const *)a, *y = *(struct cell *const *)b;

	if (x->target != y->target)
		return x->target < y->target ? -1 : 1;
	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	return x->op < y->op ? -1 : x->op > y->op;
}

static int read_cells(struct building *b, struct block *k, int64_t base_seq)
{
	sqlite3_stmt *row = query(
		b, "WITH p AS MATERIALIZED (SELECT seq, end_ns - lag(end_ns, 1, "
		   "(SELECT started_mono_ns FROM run)) OVER (ORDER BY seq) AS period_ns FROM tick) "
		   "SELECT h.seq, h.target, h.layer, h.op, h.device, h.ios, h.bytes, h.errors, "
		   "h.count, h.sum, h.max, h.buckets, p.period_ns FROM histogram h "
		   "LEFT JOIN p ON p.seq = h.seq ORDER BY h.seq, h.target, h.layer, h.op");

	while (next(b, &row)) {
		if (add_row(b, k, row, base_seq)) {
			sqlite3_finalize(row);
			return b->err->code;
		}
	}
	if (k->n_cells)
		qsort(k->cells, k->n_cells, sizeof(*k->cells), by_place);
	return b->err->code;
}

/* Names, and what diskstats counted from the first tick to the last. */
static int read_devices(struct building *b, struct block *k, int64_t base_seq)
{
	int64_t n = query_int(b, "SELECT count(*) FROM device", 0);
	sqlite3_stmt *row;

	k->devices = calloc(n + 1, sizeof(*k->devices));
	if (!k->devices)
		return err_set(b->err, -ENOMEM, "cannot make a report");
	/* A device that came later counts from zero. */
	row = query(b,
		    "SELECT d.dev, d.name, d.stacked, z.seq IS NOT NULL, "
		    "z.read_ios - coalesce(a.read_ios, 0), "
		    "z.read_bytes - coalesce(a.read_bytes, 0), "
		    "z.write_ios - coalesce(a.write_ios, 0), "
		    "z.write_bytes - coalesce(a.write_bytes, 0), "
		    "z.discard_ios - coalesce(a.discard_ios, 0), "
		    "z.discard_bytes - coalesce(a.discard_bytes, 0), "
		    "z.flushes - coalesce(a.flushes, 0), z.busy_ns - coalesce(a.busy_ns, 0) "
		    "FROM device d "
		    "LEFT JOIN (SELECT device, max(seq) AS seq FROM device_sample GROUP BY device) "
		    "m ON m.device = d.dev "
		    "LEFT JOIN device_sample z ON z.device = d.dev AND z.seq = m.seq "
		    "LEFT JOIN device_sample a ON a.device = d.dev AND a.seq = ?1 ORDER BY d.dev");
	if (row)
		(void)sqlite3_bind_int64(row, 1, base_seq);
	while (next(b, &row)) {
		struct device *d = &k->devices[k->n_devices];
		const char *name = (const char *)sqlite3_column_text(row, 1);

		if ((int64_t)k->n_devices == n)
			continue; /* came between the two queries: in the next report */
		k->n_devices++;
		d->dev = sqlite3_column_int64(row, 0);
		if (name)
			snprintf(d->name, sizeof(d->name), "%s", name);
		else
			snprintf(d->name, sizeof(d->name), "%u:%u", (unsigned int)(d->dev >> 20),
				 (unsigned int)(d->dev & 0xfffff));
		d->stacked = sqlite3_column_int(row, 2);
		d->stacked_known = sqlite3_column_type(row, 2) != SQLITE_NULL;
		d->sampled = sqlite3_column_int(row, 3);
		for (size_t i = 0; i < KERNEL_OPS; i++) {
			d->kernel_ios[i] = sqlite3_column_int64(row, 4 + 2 * i);
			d->kernel_bytes[i] = sqlite3_column_int64(row, 5 + 2 * i);
		}
		d->flushes = sqlite3_column_int64(row, 10);
		d->busy_ns = sqlite3_column_int64(row, 11);
	}
	return b->err->code;
}

static const struct device *device_of(const struct block *k, int64_t dev)
{
	for (size_t i = 0; i < k->n_devices; i++)
		if (k->devices[i].dev == dev)
			return &k->devices[i];
	return NULL;
}

/* The layers tell of the same requests: the one that has seen most is right. */
static const struct layer *counts_of(const struct cell *c)
{
	const struct layer *best = &c->layer[TOTAL];

	for (size_t i = 0; i < LAYERS; i++)
		if (c->layer[i].ios > best->ios)
			best = &c->layer[i];
	return best;
}

static json_t *cell_json(struct building *b, const struct cell *c, bool stacked)
{
	const struct layer *l = counts_of(c);
	json_t *json = json_object();

	put(b, json, "ios", json_integer(l->ios));
	put(b, json, "bytes", json_integer(l->bytes));
	put(b, json, "errors", json_integer(l->errors));
	put(b, json, "stacked", json_boolean(stacked));
	put(b, json, "active_ns", json_integer(c->active_ns));
	for (size_t i = 0; i < LAYERS; i++)
		if (c->layer[i].h.count)
			put(b, json, layer_keys[i],
			    i == SIZE ? json_sizes(b, &c->layer[i].h)
				      : json_hist(b, &c->layer[i].h));
	return json;
}

static void put_cells(struct building *b, const struct block *k)
{
	for (size_t i = 0; i < k->n_cells; i++) {
		const struct cell *c = k->cells[i];
		const struct device *d = device_of(k, c->dev);
		json_t *target = target_of(b, c->target), *block, *of_device;

		if (!target || !d)
			continue;
		block = json_object_get(target, "block");
		of_device = json_object_get(block, d->name);
		if (!of_device) {
			of_device = json_object();
			put(b, block, d->name, of_device);
		}
		put(b, of_device, op_names[c->op], cell_json(b, c, d->stacked));
	}
}

/* Bytes and requests of one operation on a device: all owners' sum, the kernel's, and what is left. */
static json_t *identity_json(struct building *b, const struct device *d, size_t kernel_at,
			     uint64_t ios, uint64_t bytes)
{
	json_t *json = json_object();
	int64_t kernel = d->kernel_bytes[kernel_at], residual = kernel - (int64_t)bytes;

	put(b, json, "bytes", json_integer(bytes));
	put(b, json, "ios", json_integer(ios));
	if (!d->sampled)
		return json;
	put(b, json, "kernel_bytes", json_integer(kernel));
	put(b, json, "residual_bytes", json_integer(residual));
	put(b, json, "kernel_ios", json_integer(d->kernel_ios[kernel_at]));
	put(b, json, "residual_ios",
	    json_integer((int64_t)d->kernel_ios[kernel_at] - (int64_t)ios));
	if (kernel)
		put(b, json, "residual_ratio", json_real((double)residual / kernel));
	return json;
}

/* Each owner's share of a device, within the time that diskstats covers. */
static json_t *owners_json(struct building *b, const struct block *k, const struct device *d)
{
	json_t *owners = json_array(), *owner = NULL;
	int64_t of = -1;

	for (size_t i = 0; i < k->n_cells; i++) {
		const struct cell *c = k->cells[i];
		const struct layer *l = counts_of(c);
		json_t *target = c->dev == d->dev ? target_of(b, c->target) : NULL, *op;

		if (!target || !l->window_ios)
			continue;
		if (c->target != of) {
			of = c->target;
			owner = json_object();
			put(b, owner, "target", json_incref(json_object_get(target, "name")));
			put(b, owner, "kind", json_incref(json_object_get(target, "kind")));
			put_append(b, owners, owner);
		}
		op = json_object();
		put(b, op, "ios", json_integer(l->window_ios));
		put(b, op, "bytes", json_integer(l->window_bytes));
		put(b, owner, op_names[c->op], op);
	}
	return owners;
}

static json_t *device_json(struct building *b, const struct block *k, const struct device *d,
			   bool *ret_idle)
{
	uint64_t ios[OPS] = { 0 }, bytes[OPS] = { 0 }, before = 0, any = 0;
	json_t *json = json_object(), *flush;

	put(b, json, "name", json_text(d->name));
	put(b, json, "dev", json_integer(d->dev));
	if (d->stacked_known)
		put(b, json, "stacked", json_boolean(d->stacked));
	for (size_t i = 0; i < k->n_cells; i++) {
		const struct layer *l = counts_of(k->cells[i]);

		if (k->cells[i]->dev != d->dev)
			continue;
		ios[k->cells[i]->op] += l->window_ios;
		bytes[k->cells[i]->op] += l->window_bytes;
		before += l->bytes - l->window_bytes;
		any += l->ios;
	}
	for (size_t i = 0; i < KERNEL_OPS; i++) {
		size_t op = kernel_op[i];

		any += d->kernel_ios[i];
		if (d->kernel_ios[i] || ios[op])
			put(b, json, op_names[op], identity_json(b, d, i, ios[op], bytes[op]));
	}
	if (ios[2] || d->flushes) {
		flush = json_object();
		put(b, flush, "ios", json_integer(ios[2]));
		if (d->sampled)
			put(b, flush, "kernel_ios", json_integer(d->flushes));
		put(b, json, "flush", flush);
	}
	if (d->sampled)
		put(b, json, "busy_ns", json_integer(d->busy_ns));
	if (before)
		put(b, json, "before_first_tick_bytes", json_integer(before));
	put(b, json, "owners", owners_json(b, k, d));
	*ret_idle = !any;
	return json;
}

int build_block(struct building *b)
{
	int64_t base_seq = query_int(b, "SELECT min(seq) FROM device_sample", -1);
	json_t *devices = json_array();
	struct block k = { 0 };
	int rc = read_devices(b, &k, base_seq);

	put(b, b->report, "devices", devices);
	if (!rc)
		rc = read_cells(b, &k, base_seq);
	if (!rc) {
		put_cells(b, &k);
		for (size_t i = 0; i < k.n_devices; i++) {
			bool idle;
			json_t *json = device_json(b, &k, &k.devices[i], &idle);

			if (idle)
				json_decref(json);
			else
				put_append(b, devices, json);
		}
	}
	block_fini(&k);
	return rc;
}
