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
#include "store/row.h"

int store_begin(struct store *s, const char *doing, struct err *err)
{
	pthread_mutex_lock(&s->lock);
	if (sqlite3_exec(s->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	store_fail(s, doing, err);
	pthread_mutex_unlock(&s->lock);
	return err->code;
}

int store_end(struct store *s, int rc, const char *doing, struct err *err)
{
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL);
	if (rc != SQLITE_OK) {
		/* Memory may have run out in a copy of ours, of which SQLite knows nothing. */
		rc = rc == SQLITE_NOMEM ? err_set(err, -ENOMEM, "cannot %s %s", doing, s->path)
					: store_fail(s, doing, err);
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

	row_int(&r, i);
	row_text(&r, o->name);
	row_text(&r, kinds[o->kind]);
	row_int_if(&r, o->cgroup_id, o->cgroup_id);
	return row_end(&r);
}

static int put_tick(struct store *s, const struct frame *f)
{
	struct row r = row_of(s, STMT_TICK);

	row_int(&r, f->seq);
	row_int(&r, f->due_ns);
	row_int(&r, f->begin_ns);
	row_int(&r, f->end_ns);
	row_int(&r, f->last);
	return row_end(&r);
}

static int put_sample(struct store *s, uint64_t seq, const struct frame_row *row)
{
	struct row r = row_of(s, STMT_SAMPLE);

	row_int(&r, seq);
	row_int(&r, row->owner);
	for (int m = 0; m < METRIC_COUNT; m++)
		row_int_if(&r, frame_has(row, m), row->value[m]);
	return row_end(&r);
}

static int put_cpuset(struct store *s, uint64_t seq, const struct frame_cpuset *c)
{
	struct row r = row_of(s, STMT_CPUSET);

	row_int(&r, seq);
	row_int(&r, c->owner);
	row_text_if(&r, c->cpus);
	row_text_if(&r, c->mems);
	return row_end(&r);
}

static const char *op_name(const struct frame_hist *h)
{
	if (h->layer < LAYER_BLOCKS)
		return store_op_name(h->op);
	return h->layer == LAYER_VFS || h->layer == LAYER_VFS_SIZE ? frame_vfs_op_name(h->op) : "";
}

static int put_hist(struct store *s, const struct frame *f, const struct frame_hist *h)
{
	struct row r;

	if (h->dev && h->layer < LAYER_BLOCKS) {
		r = row_of(s, STMT_DEVICE_SEEN);
		row_int(&r, h->dev);
		if (row_end(&r) != SQLITE_OK)
			return r.rc;
	}
	r = row_of(s, STMT_HISTOGRAM);
	row_int(&r, f->seq);
	row_int(&r, h->owner);
	row_text(&r, hist_layer_names[h->layer]);
	row_text(&r, op_name(h));
	row_int(&r, h->dev);
	row_int(&r, h->ios);
	row_int(&r, h->bytes);
	row_int(&r, h->errors);
	row_int(&r, h->count);
	row_int(&r, h->sum);
	row_int_if(&r, h->count, h->p50);
	row_int_if(&r, h->count, h->p90);
	row_int_if(&r, h->count, h->p99);
	row_int_if(&r, h->count, h->p999);
	row_int_if(&r, h->count, h->max);
	row_blob(&r, f->blobs + h->blob_at, h->blob_len);
	return row_end(&r);
}

static int put_device(struct store *s, uint64_t seq, const struct frame_device *d)
{
	struct row r = row_of(s, STMT_DEVICE);

	row_int(&r, d->dev);
	row_text(&r, d->name);
	row_int(&r, d->stacked);
	if (row_end(&r) != SQLITE_OK)
		return r.rc;
	r = row_of(s, STMT_DEVICE_SAMPLE);
	row_int(&r, seq);
	row_int(&r, d->dev);
	for (size_t i = 0; i < ARRAY_SIZE(d->ios); i++) {
		row_int(&r, d->ios[i]);
		row_int(&r, d->bytes[i]);
	}
	row_int(&r, d->flushes);
	row_int(&r, d->busy_ns);
	return row_end(&r);
}

int store_put_frame(struct store *s, const struct frame *f, const struct owner_table *owners,
		    struct err *err)
{
	size_t n_owners = atomic_load_explicit(&owners->n, memory_order_acquire);
	char doing[64];
	int rc;

	snprintf(doing, sizeof(doing), "write tick %llu to", (unsigned long long)f->seq);
	if (store_begin(s, doing, err))
		return err->code;
	rc = put_tick(s, f);
	for (size_t i = s->n_owners; rc == SQLITE_OK && i < n_owners; i++)
		rc = put_owner(s, i, &owners->v[i]);
	for (size_t i = 0; rc == SQLITE_OK && i < f->n_rows; i++)
		rc = put_sample(s, f->seq, &f->rows[i]);
	for (size_t i = 0; rc == SQLITE_OK && i < f->n_cpusets; i++)
		rc = put_cpuset(s, f->seq, &f->cpusets[i]);
	for (size_t i = 0; rc == SQLITE_OK && i < f->n_hists; i++)
		rc = put_hist(s, f, &f->hists[i]);
	for (size_t i = 0; rc == SQLITE_OK && i < f->n_devices; i++)
		rc = put_device(s, f->seq, &f->devices[i]);
	if (rc == SQLITE_OK)
		rc = store_put_block(s, f);
	if (rc == SQLITE_OK)
		rc = store_put_vfs(s, f);
	if (rc == SQLITE_OK)
		rc = store_put_rdt(s, f);
	if (rc == SQLITE_OK)
		rc = store_put_perf(s, f);
	rc = store_end(s, rc, doing, err);
	if (!rc)
		s->n_owners = n_owners;
	return rc;
}

int store_put_target(struct store *s, const struct store_target *t, struct err *err)
{
	struct row r;

	if (store_begin(s, "write a target to", err))
		return err->code;
	r = row_of(s, STMT_TARGET);
	row_int(&r, t->owner);
	row_text(&r, t->name);
	row_text(&r, t->kind);
	row_text_if(&r, t->image);
	row_text_if(&r, t->container_id);
	row_text_if(&r, t->cgroup);
	row_int_if(&r, t->io_cgroup_id, t->io_cgroup_id);
	row_int_if(&r, t->default_cgroup_id, t->default_cgroup_id);
	row_text_if(&r, t->state);
	row_text_if(&r, t->failure);
	row_text_if(&r, t->binary);
	row_int_if(&r, t->exit_code >= 0, t->exit_code);
	row_int_if(&r, t->start_ns, t->start_ns);
	row_int_if(&r, t->ready_ns, t->ready_ns);
	row_int_if(&r, t->end_ns, t->end_ns);
	row_text_if(&r, t->attribution);
	row_text_if(&r, t->attribution_reason);
	row_text_if(&r, t->writeback);
	row_text_if(&r, t->cpus);
	row_int_if(&r, t->start_after_ns, t->start_after_ns ? *t->start_after_ns : 0);
	row_int_if(&r, t->stop_after_ns, t->stop_after_ns ? *t->stop_after_ns : 0);
	return store_end(s, row_end(&r), "write a target to", err);
}

int store_put_device(struct store *s, const struct store_device *d, struct err *err)
{
	struct row r;

	if (store_begin(s, "write a device to", err))
		return err->code;
	r = row_of(s, STMT_DEVICE_MADE_OF);
	row_int(&r, d->dev);
	row_text(&r, d->kind);
	row_text_if(&r, d->label);
	row_text_if(&r, d->leaves_json);
	return store_end(s, row_end(&r), "write a device to", err);
}

int store_put_event(struct store *s, uint64_t mono_ns, const char *target, const char *what,
		    const char *text, struct err *err)
{
	struct row r;

	if (store_begin(s, "write an event to", err))
		return err->code;
	r = row_of(s, STMT_EVENT);
	row_int(&r, mono_ns);
	row_text_if(&r, target);
	row_text(&r, what);
	row_text_if(&r, text);
	return store_end(s, row_end(&r), "write an event to", err);
}

static int put_result(struct store *s, uint32_t owner, const struct result_set *set,
		      const struct result *v)
{
	const double reals[] = { v->bytes,    v->bw_mib_s, v->iops,   v->latency_s, v->block_kib,
				 v->xfer_kib, v->open_s,   v->wrrd_s, v->close_s,   v->total_s };
	const double calls[] = { v->calls, v->errors, v->min_s, v->p50_s,      v->p90_s,
				 v->p99_s, v->p999_s, v->max_s, v->stonewall_s };
	struct row r = row_of(s, STMT_RESULT);

	row_int(&r, owner);
	row_text_if(&r, set->tool);
	row_text_if(&r, set->version);
	row_text_if(&r, set->binary);
	row_text_if(&r, set->source);
	row_text_if(&r, set->command);
	row_text(&r, result_status_name(set->status));
	row_text_if(&r, set->message);
	row_text_if(&r, v->op);
	row_int_if(&r, v->iteration >= 0, v->iteration);
	for (size_t i = 0; i < ARRAY_SIZE(reals); i++)
		row_real(&r, reals[i]);
	row_ns(&r, v->begin_ns);
	row_ns(&r, v->end_ns);
	row_int_if(&r, v->tasks >= 0, v->tasks);
	row_int_if(&r, v->test >= 0, v->test);
	row_int_if(&r, v->rank >= 0, v->rank);
	row_text_if(&r, v->job);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		row_real(&r, calls[i]);
	return row_end(&r);
}

int store_put_results(struct store *s, uint32_t owner, const struct result_set *set,
		      struct err *err)
{
	struct result nothing;
	int rc = SQLITE_OK;

	result_init(&nothing);
	if (store_begin(s, "write results to", err))
		return err->code;
	if (!set->n)
		rc = put_result(s, owner, set, &nothing);
	for (size_t i = 0; rc == SQLITE_OK && i < set->n; i++)
		rc = put_result(s, owner, set, &set->v[i]);
	return store_end(s, rc, "write results to", err);
}

static int put_losses(struct store *s, struct losses *l)
{
	int rc = SQLITE_OK;

	pthread_mutex_lock(&l->lock);
	for (size_t i = 0; rc == SQLITE_OK && i < l->n; i++) {
		struct row r = row_of(s, STMT_LOSS);

		row_text(&r, l->v[i].what);
		row_text(&r, l->v[i].reason);
		row_int(&r, l->v[i].count);
		rc = row_end(&r);
	}
	pthread_mutex_unlock(&l->lock);
	return rc;
}

int store_put_losses(struct store *s, struct losses *l, struct err *err)
{
	int rc;

	if (store_begin(s, "write losses to", err))
		return err->code;
	/* Totals: what was there is older. */
	rc = sqlite3_exec(s->db, "DELETE FROM loss", NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		rc = put_losses(s, l);
	return store_end(s, rc, "write losses to", err);
}

int store_add_losses(struct store *s, struct losses *l, const char *instead_of, struct err *err)
{
	int rc = SQLITE_OK;

	if (store_begin(s, "write losses to", err))
		return err->code;
	if (instead_of) {
		struct row r = row_of(s, STMT_LOSS_FORGET);

		row_text(&r, instead_of);
		rc = row_end(&r);
	}
	if (rc == SQLITE_OK)
		rc = put_losses(s, l);
	return store_end(s, rc, "write losses to", err);
}

int store_put_threshold(struct store *s, const char *name, double value, struct err *err)
{
	struct row r;

	if (store_begin(s, "write a threshold to", err))
		return err->code;
	r = row_of(s, STMT_THRESHOLD);
	row_text(&r, name);
	row_real(&r, value);
	return store_end(s, row_end(&r), "write a threshold to", err);
}

int store_put_finding(struct store *s, const char *id, const char *severity, const char *target,
		      const char *text, const char *advice, const char *evidence_json,
		      struct err *err)
{
	struct row r;

	if (store_begin(s, "write a finding to", err))
		return err->code;
	r = row_of(s, STMT_FINDING);
	row_text(&r, id);
	row_text(&r, severity);
	row_text_if(&r, target);
	row_text(&r, text);
	row_text_if(&r, advice);
	row_text_if(&r, evidence_json);
	return store_end(s, row_end(&r), "write a finding to", err);
}

int store_put_preemption(struct store *s, uint32_t victim, const char *by, uint32_t by_target,
			 uint64_t count, struct err *err)
{
	struct row r;

	if (store_begin(s, "write preemptions to", err))
		return err->code;
	r = row_of(s, STMT_PREEMPTION);
	row_int(&r, victim);
	row_int_if(&r, !by, by_target);
	row_text(&r, by ? by : "target");
	row_int(&r, count);
	return store_end(s, row_end(&r), "write preemptions to", err);
}

int store_put_file(struct store *s, const struct store_file *f, struct err *err)
{
	struct row r;
	char dev[32];

	if (store_begin(s, "write a file to", err))
		return err->code;
	snprintf(dev, sizeof(dev), "%u:%u", f->dev >> 20, f->dev & 0xfffff);
	r = row_of(s, STMT_FILE);
	row_int(&r, f->owner);
	row_int(&r, f->mount);
	row_text(&r, dev);
	row_int(&r, f->inode);
	row_int(&r, f->generation);
	row_text(&r, f->path);
	for (size_t i = 0; i < ARRAY_SIZE(f->calls); i++)
		row_int(&r, f->calls[i]);
	for (size_t i = 0; i < ARRAY_SIZE(f->bytes); i++)
		row_int(&r, f->bytes[i]);
	for (size_t i = 0; i < ARRAY_SIZE(f->ns); i++)
		row_int(&r, f->ns[i]);
	row_int(&r, f->missed);
	row_int(&r, f->direct);
	row_int(&r, f->flags);
	return store_end(s, row_end(&r), "write a file to", err);
}

int store_put_vfs_error(struct store *s, uint32_t owner, unsigned int op, uint32_t mount,
			unsigned int code, uint64_t count, struct err *err)
{
	struct row r;

	if (store_begin(s, "write failed calls to", err))
		return err->code;
	r = row_of(s, STMT_VFS_ERROR);
	row_int(&r, owner);
	row_text(&r, frame_vfs_op_name(op));
	row_int(&r, mount);
	row_int(&r, code);
	row_int(&r, count);
	return store_end(s, row_end(&r), "write failed calls to", err);
}

int store_put_expect(struct store *s, const char *expr, double actual, bool ok, struct err *err)
{
	struct row r;

	if (store_begin(s, "write a verdict to", err))
		return err->code;
	r = row_of(s, STMT_EXPECT);
	row_text(&r, expr);
	row_real(&r, actual);
	row_int(&r, ok);
	return store_end(s, row_end(&r), "write a verdict to", err);
}

int store_set_host(struct store *s, const char *host_json, struct err *err)
{
	struct row r;

	if (store_begin(s, "describe the host", err))
		return err->code;
	r = row_of(s, STMT_HOST);
	row_text(&r, host_json);
	return store_end(s, row_end(&r), "describe the host", err);
}

int store_finish(struct store *s, const char *status, uint64_t ended_mono_ns, const char *self_json,
		 struct err *err)
{
	struct row r;

	if (store_begin(s, "finish", err))
		return err->code;
	r = row_of(s, STMT_FINISH);
	row_text(&r, status);
	row_int(&r, ended_mono_ns);
	row_text_if(&r, self_json);
	return store_end(s, row_end(&r), "finish", err);
}
