// SPDX-License-Identifier: Apache-2.0
/* Putting rows into a run database: each call is one transaction. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/loss.h"
#include "base/result.h"
#include "store/internal.h"

#define METRIC_PARAM(name, kind, unit, source) ",?"

static const char *const sql[STMT_COUNT] = {
	[STMT_TARGET_SEEN] = "INSERT INTO target (id, name, kind, io_cgroup_id) "
			     "VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
	[STMT_TARGET] =
		"INSERT INTO target VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
		"ON CONFLICT (id) DO UPDATE SET name = excluded.name, kind = excluded.kind, "
		"image = coalesce(excluded.image, image), "
		"container_id = coalesce(excluded.container_id, container_id), "
		"cgroup = coalesce(excluded.cgroup, cgroup), "
		"io_cgroup_id = coalesce(excluded.io_cgroup_id, io_cgroup_id), "
		"default_cgroup_id = coalesce(excluded.default_cgroup_id, default_cgroup_id), "
		"state = coalesce(excluded.state, state), "
		"failure = coalesce(excluded.failure, failure), "
		"binary = coalesce(excluded.binary, binary), "
		"exit_code = coalesce(excluded.exit_code, exit_code), "
		"start_ns = coalesce(excluded.start_ns, start_ns), "
		"ready_ns = coalesce(excluded.ready_ns, ready_ns), "
		"end_ns = coalesce(excluded.end_ns, end_ns), "
		"attribution = coalesce(excluded.attribution, attribution), "
		"attribution_reason = coalesce(excluded.attribution_reason, attribution_reason), "
		"writeback = coalesce(excluded.writeback, writeback)",
	[STMT_TICK] = "INSERT INTO tick VALUES (?, ?, ?, ?, ?)",
	[STMT_SAMPLE] = "INSERT INTO sample VALUES (?, ?" METRICS(METRIC_PARAM) ")",
	[STMT_HISTOGRAM] =
		"INSERT INTO histogram VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[STMT_DEVICE_SEEN] = "INSERT INTO device (dev) VALUES (?) ON CONFLICT DO NOTHING",
	[STMT_DEVICE] = "INSERT INTO device (dev, name, stacked) VALUES (?, ?, ?) "
			"ON CONFLICT (dev) DO UPDATE SET "
			"name = excluded.name, stacked = excluded.stacked "
			"WHERE name IS NOT excluded.name OR stacked IS NOT excluded.stacked",
	[STMT_DEVICE_MADE_OF] = "INSERT INTO device (dev, kind, label, leaves) VALUES (?, ?, ?, ?) "
				"ON CONFLICT (dev) DO UPDATE SET kind = excluded.kind, "
				"label = excluded.label, leaves = excluded.leaves",
	[STMT_DEVICE_SAMPLE] = "INSERT INTO device_sample VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[STMT_EVENT] = "INSERT INTO event (mono_ns, target, what, text) VALUES (?, ?, ?, ?)",
	[STMT_RESULT] = "INSERT INTO result VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
			"?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	[STMT_LOSS] = "INSERT INTO loss VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET "
		      "count = count + excluded.count",
	[STMT_FINDING] = "INSERT INTO finding VALUES (NULL, ?, ?, ?, ?, ?, ?)",
	[STMT_EXPECT] = "INSERT INTO expect VALUES (NULL, ?, ?, ?)",
	[STMT_FINISH] = "UPDATE run SET status = ?, ended_mono_ns = ?, self = ?",
};

/* A statement being filled: parameters in order, the first failure is kept. */
struct row {
	sqlite3_stmt *st;
	int at;
	int rc;
};

static struct row row_of(struct store *s, enum store_stmt which)
{
	struct row r = { .rc = SQLITE_OK };

	if (!s->stmt[which])
		r.rc = sqlite3_prepare_v3(s->db, sql[which], -1, SQLITE_PREPARE_PERSISTENT,
					  &s->stmt[which], NULL);
	r.st = s->stmt[which];
	return r;
}

static void keep(struct row *r, int rc)
{
	if (r->rc == SQLITE_OK)
		r->rc = rc;
}

static void put_int(struct row *r, uint64_t v)
{
	keep(r, sqlite3_bind_int64(r->st, ++r->at, v));
}

static void put_null(struct row *r)
{
	keep(r, sqlite3_bind_null(r->st, ++r->at));
}

static void put_int_if(struct row *r, bool there, uint64_t v)
{
	if (there)
		put_int(r, v);
	else
		put_null(r);
}

static void put_real(struct row *r, double v)
{
	keep(r, isfinite(v) ? sqlite3_bind_double(r->st, ++r->at, v)
			    : sqlite3_bind_null(r->st, ++r->at));
}

/* A time that a tool told, in whole ns. */
static void put_ns(struct row *r, double v)
{
	keep(r, isfinite(v) && v >= 0 ? sqlite3_bind_int64(r->st, ++r->at, (int64_t)v)
				      : sqlite3_bind_null(r->st, ++r->at));
}

static void put_text(struct row *r, const char *v)
{
	keep(r, sqlite3_bind_text(r->st, ++r->at, v, -1, SQLITE_STATIC)); /* NULL binds NULL */
}

/* As put_text(), and what is empty is absent. */
static void put_text_if(struct row *r, const char *v)
{
	put_text(r, v && *v ? v : NULL);
}

static int row_end(struct row *r)
{
	if (r->rc == SQLITE_OK) {
		r->rc = sqlite3_step(r->st);
		if (r->rc == SQLITE_DONE)
			r->rc = SQLITE_OK;
	}
	/* Repeats the failure of the step, which is kept already. */
	(void)sqlite3_reset(r->st);
	return r->rc;
}

static int begin(struct store *s, const char *doing, struct err *err)
{
	pthread_mutex_lock(&s->lock);
	if (sqlite3_exec(s->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	store_fail(s, doing, err);
	pthread_mutex_unlock(&s->lock);
	return err->code;
}

/* Commits when @rc is SQLITE_OK; else, or when that fails, nothing was written. */
static int end(struct store *s, int rc, const char *doing, struct err *err)
{
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL);
	if (rc != SQLITE_OK) {
		rc = store_fail(s, doing, err);
		if (!sqlite3_get_autocommit(s->db))
			(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL); /* cannot fail */
	}
	pthread_mutex_unlock(&s->lock);
	return rc;
}

static int put_owner(struct store *s, size_t i, const struct owner *o)
{
	static const char *const kinds[] = { "container", "workload", "cgroup", "host",
					     "unattributed" };
	struct row r = row_of(s, STMT_TARGET_SEEN);

	put_int(&r, i);
	put_text(&r, o->name);
	put_text(&r, kinds[o->kind]);
	put_int_if(&r, o->cgroup_id, o->cgroup_id);
	return row_end(&r);
}

static int put_tick(struct store *s, const struct frame *f)
{
	struct row r = row_of(s, STMT_TICK);

	put_int(&r, f->seq);
	put_int(&r, f->due_ns);
	put_int(&r, f->begin_ns);
	put_int(&r, f->end_ns);
	put_int(&r, f->last);
	return row_end(&r);
}

static int put_sample(struct store *s, uint64_t seq, const struct frame_row *row)
{
	struct row r = row_of(s, STMT_SAMPLE);

	put_int(&r, seq);
	put_int(&r, row->owner);
	for (int m = 0; m < METRIC_COUNT; m++)
		put_int_if(&r, frame_has(row, m), row->value[m]);
	return row_end(&r);
}

static int put_hist(struct store *s, const struct frame *f, const struct frame_hist *h)
{
	static const char *const ops[] = { "read", "write", "flush", "discard", "other" };
	struct row r;

	if (h->dev) {
		r = row_of(s, STMT_DEVICE_SEEN);
		put_int(&r, h->dev);
		if (row_end(&r) != SQLITE_OK)
			return r.rc;
	}
	r = row_of(s, STMT_HISTOGRAM);
	put_int(&r, f->seq);
	put_int(&r, h->owner);
	put_text(&r, hist_layer_names[h->layer]);
	put_text(&r, ops[h->op < ARRAY_SIZE(ops) ? h->op : ARRAY_SIZE(ops) - 1]);
	put_int(&r, h->dev);
	put_int(&r, h->ios);
	put_int(&r, h->bytes);
	put_int(&r, h->errors);
	put_int(&r, h->count);
	put_int(&r, h->sum);
	put_int_if(&r, h->count, h->p50);
	put_int_if(&r, h->count, h->p90);
	put_int_if(&r, h->count, h->p99);
	put_int_if(&r, h->count, h->p999);
	put_int_if(&r, h->count, h->max);
	if (h->blob_len)
		keep(&r, sqlite3_bind_blob(r.st, ++r.at, f->blobs + h->blob_at, h->blob_len,
					   SQLITE_STATIC));
	else
		put_null(&r);
	return row_end(&r);
}

static int put_device(struct store *s, uint64_t seq, const struct frame_device *d)
{
	struct row r = row_of(s, STMT_DEVICE);

	put_int(&r, d->dev);
	put_text(&r, d->name);
	put_int(&r, d->stacked);
	if (row_end(&r) != SQLITE_OK)
		return r.rc;
	r = row_of(s, STMT_DEVICE_SAMPLE);
	put_int(&r, seq);
	put_int(&r, d->dev);
	for (size_t i = 0; i < ARRAY_SIZE(d->ios); i++) {
		put_int(&r, d->ios[i]);
		put_int(&r, d->bytes[i]);
	}
	put_int(&r, d->flushes);
	put_int(&r, d->busy_ns);
	return row_end(&r);
}

int store_put_frame(struct store *s, const struct frame *f, const struct owner_table *owners,
		    struct err *err)
{
	size_t n_owners = atomic_load_explicit(&owners->n, memory_order_acquire);
	char doing[64];
	int rc;

	snprintf(doing, sizeof(doing), "write tick %llu to", (unsigned long long)f->seq);
	if (begin(s, doing, err))
		return err->code;
	rc = put_tick(s, f);
	for (size_t i = s->n_owners; rc == SQLITE_OK && i < n_owners; i++)
		rc = put_owner(s, i, &owners->v[i]);
	for (size_t i = 0; rc == SQLITE_OK && i < f->n_rows; i++)
		rc = put_sample(s, f->seq, &f->rows[i]);
	for (size_t i = 0; rc == SQLITE_OK && i < f->n_hists; i++)
		rc = put_hist(s, f, &f->hists[i]);
	for (size_t i = 0; rc == SQLITE_OK && i < f->n_devices; i++)
		rc = put_device(s, f->seq, &f->devices[i]);
	rc = end(s, rc, doing, err);
	if (!rc)
		s->n_owners = n_owners;
	return rc;
}

int store_put_target(struct store *s, const struct store_target *t, struct err *err)
{
	struct row r;

	if (begin(s, "write a target to", err))
		return err->code;
	r = row_of(s, STMT_TARGET);
	put_int(&r, t->owner);
	put_text(&r, t->name);
	put_text(&r, t->kind);
	put_text_if(&r, t->image);
	put_text_if(&r, t->container_id);
	put_text_if(&r, t->cgroup);
	put_int_if(&r, t->io_cgroup_id, t->io_cgroup_id);
	put_int_if(&r, t->default_cgroup_id, t->default_cgroup_id);
	put_text_if(&r, t->state);
	put_text_if(&r, t->failure);
	put_text_if(&r, t->binary);
	put_int_if(&r, t->exit_code >= 0, t->exit_code);
	put_int_if(&r, t->start_ns, t->start_ns);
	put_int_if(&r, t->ready_ns, t->ready_ns);
	put_int_if(&r, t->end_ns, t->end_ns);
	put_text_if(&r, t->attribution);
	put_text_if(&r, t->attribution_reason);
	put_text_if(&r, t->writeback);
	return end(s, row_end(&r), "write a target to", err);
}

int store_put_device(struct store *s, const struct store_device *d, struct err *err)
{
	struct row r;

	if (begin(s, "write a device to", err))
		return err->code;
	r = row_of(s, STMT_DEVICE_MADE_OF);
	put_int(&r, d->dev);
	put_text(&r, d->kind);
	put_text_if(&r, d->label);
	put_text_if(&r, d->leaves_json);
	return end(s, row_end(&r), "write a device to", err);
}

int store_put_event(struct store *s, uint64_t mono_ns, const char *target, const char *what,
		    const char *text, struct err *err)
{
	struct row r;

	if (begin(s, "write an event to", err))
		return err->code;
	r = row_of(s, STMT_EVENT);
	put_int(&r, mono_ns);
	put_text_if(&r, target);
	put_text(&r, what);
	put_text_if(&r, text);
	return end(s, row_end(&r), "write an event to", err);
}

static int put_result(struct store *s, uint32_t owner, const struct result_set *set,
		      const struct result *v)
{
	const double reals[] = { v->bytes,    v->bw_mib_s, v->iops,   v->latency_s, v->block_kib,
				 v->xfer_kib, v->open_s,   v->wrrd_s, v->close_s,   v->total_s };
	struct row r = row_of(s, STMT_RESULT);

	put_int(&r, owner);
	put_text_if(&r, set->tool);
	put_text_if(&r, set->version);
	put_text_if(&r, set->binary);
	put_text_if(&r, set->source);
	put_text_if(&r, set->command);
	put_text(&r, result_status_name(set->status));
	put_text_if(&r, set->message);
	put_text_if(&r, v->op);
	put_int_if(&r, v->iteration >= 0, v->iteration);
	for (size_t i = 0; i < ARRAY_SIZE(reals); i++)
		put_real(&r, reals[i]);
	put_ns(&r, v->begin_ns);
	put_ns(&r, v->end_ns);
	put_int_if(&r, v->tasks >= 0, v->tasks);
	return row_end(&r);
}

int store_put_results(struct store *s, uint32_t owner, const struct result_set *set,
		      struct err *err)
{
	static const struct result nothing = { "",  -1,	 NAN, NAN, NAN, NAN, NAN, NAN,
					       NAN, NAN, NAN, NAN, NAN, NAN, -1 };
	int rc = SQLITE_OK;

	if (begin(s, "write results to", err))
		return err->code;
	if (!set->n)
		rc = put_result(s, owner, set, &nothing);
	for (size_t i = 0; rc == SQLITE_OK && i < set->n; i++)
		rc = put_result(s, owner, set, &set->v[i]);
	return end(s, rc, "write results to", err);
}

int store_put_losses(struct store *s, struct losses *l, struct err *err)
{
	int rc;

	if (begin(s, "write losses to", err))
		return err->code;
	/* Totals: what was there is older. */
	rc = sqlite3_exec(s->db, "DELETE FROM loss", NULL, NULL, NULL);
	pthread_mutex_lock(&l->lock);
	for (size_t i = 0; rc == SQLITE_OK && i < l->n; i++) {
		struct row r = row_of(s, STMT_LOSS);

		put_text(&r, l->v[i].what);
		put_text(&r, l->v[i].reason);
		put_int(&r, l->v[i].count);
		rc = row_end(&r);
	}
	pthread_mutex_unlock(&l->lock);
	return end(s, rc, "write losses to", err);
}

int store_put_finding(struct store *s, const char *id, const char *severity, const char *target,
		      const char *text, const char *advice, const char *evidence_json,
		      struct err *err)
{
	struct row r;

	if (begin(s, "write a finding to", err))
		return err->code;
	r = row_of(s, STMT_FINDING);
	put_text(&r, id);
	put_text(&r, severity);
	put_text_if(&r, target);
	put_text(&r, text);
	put_text_if(&r, advice);
	put_text_if(&r, evidence_json);
	return end(s, row_end(&r), "write a finding to", err);
}

int store_put_expect(struct store *s, const char *expr, double actual, bool ok, struct err *err)
{
	struct row r;

	if (begin(s, "write a verdict to", err))
		return err->code;
	r = row_of(s, STMT_EXPECT);
	put_text(&r, expr);
	put_real(&r, actual);
	put_int(&r, ok);
	return end(s, row_end(&r), "write a verdict to", err);
}

int store_finish(struct store *s, const char *status, uint64_t ended_mono_ns, const char *self_json,
		 struct err *err)
{
	struct row r;

	if (begin(s, "finish", err))
		return err->code;
	r = row_of(s, STMT_FINISH);
	put_text(&r, status);
	put_int(&r, ended_mono_ns);
	put_text_if(&r, self_json);
	return end(s, row_end(&r), "finish", err);
}
