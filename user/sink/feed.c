// SPDX-License-Identifier: Apache-2.0
/* Reading a run tick by tick: one statement for each measurement, all of them at the same tick. */
#include "sink/feed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "sink/feed_internal.h"
#include "store/store.h"

int feed_fail(struct feed *f, struct err *err)
{
	int code = sqlite3_errcode(f->db) & 0xff;

	return err_say(err,
		       code == SQLITE_NOMEM  ? -ENOMEM
		       : code == SQLITE_BUSY ? -EBUSY
					     : -EIO,
		       "cannot read %s: %s", store_path(f->config.store), sqlite3_errmsg(f->db));
}

int feed_prepare(struct feed *f, const char *sql, sqlite3_stmt **ret, struct err *err)
{
	const char *const texts[] = { f->id, f->host, f->started, store_status(f->config.store) };

	if (sqlite3_prepare_v3(f->db, sql, -1, SQLITE_PREPARE_PERSISTENT, ret, NULL) != SQLITE_OK)
		return feed_fail(f, err);
	/* A parameter that a statement has not is out of range: so be it. */
	for (int i = 0; i < (int)ARRAY_SIZE(texts); i++)
		(void)sqlite3_bind_text(*ret, 3 + i, texts[i], -1,
					i == 3 ? SQLITE_TRANSIENT : SQLITE_STATIC);
	if (f->memory_bytes >= 0)
		(void)sqlite3_bind_int64(*ret, 7, f->memory_bytes);
	return 0;
}

int stream_next(struct feed *f, struct stream *s, struct err *err)
{
	int rc = sqlite3_step(s->st);

	s->row = rc == SQLITE_ROW;
	if (!s->row)
		return rc == SQLITE_DONE ? 0 : feed_fail(f, err);
	s->seq = sqlite3_column_type(s->st, 0) == SQLITE_NULL ? -1 : sqlite3_column_int64(s->st, 0);
	s->mono_ns =
		sqlite3_column_type(s->st, 1) == SQLITE_NULL ? -1 : sqlite3_column_int64(s->st, 1);
	return 0;
}

int stream_begin(struct feed *f, struct stream *s, int64_t from, int64_t to, struct err *err)
{
	s->row = false;
	if (!s->st)
		return 0;
	(void)sqlite3_reset(s->st); /* repeats the failure of a step, which was told */
	(void)sqlite3_bind_int64(s->st, 1, from);
	(void)sqlite3_bind_int64(s->st, 2, to);
	return stream_next(f, s, err);
}

void stream_end(struct stream *s)
{
	s->row = false;
	if (s->st)
		(void)sqlite3_reset(s->st); /* as above */
}

static int read_run(struct feed *f, struct err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = 0;

	if (sqlite3_prepare_v2(
		    f->db,
		    "SELECT id, started_wall_ns, started_mono_ns, "
		    "strftime('%Y-%m-%dT%H:%M:%SZ', started_wall_ns / 1000000000, 'unixepoch'), "
		    "iif(json_valid(host), host ->> '$.hostname', NULL), "
		    "iif(json_valid(host), host ->> '$.memory_bytes', NULL) FROM run",
		    -1, &st, NULL) != SQLITE_OK ||
	    sqlite3_step(st) != SQLITE_ROW) {
		rc = sqlite3_errcode(f->db) == SQLITE_DONE
			     ? err_say(err, -EBADMSG, "%s holds no run",
				       store_path(f->config.store))
			     : feed_fail(f, err);
	} else {
		const char *host =
			f->config.host ? f->config.host : (const char *)sqlite3_column_text(st, 4);

		f->id = strdup((const char *)sqlite3_column_text(st, 0));
		f->started_wall_ns = sqlite3_column_int64(st, 1);
		f->started_mono_ns = sqlite3_column_int64(st, 2);
		f->started = strdup((const char *)sqlite3_column_text(st, 3));
		f->host = host ? strdup(host) : NULL;
		f->memory_bytes = sqlite3_column_type(st, 5) == SQLITE_INTEGER
					  ? sqlite3_column_int64(st, 5)
					  : -1;
		if (!f->id || !f->started || (host && !f->host))
			rc = err_set(err, -ENOMEM, "reading a run");
	}
	sqlite3_finalize(st);
	return rc;
}

static int open_streams(struct feed *f, struct err *err)
{
	int rc = feed_prepare(f,
			      "SELECT seq, end_ns FROM tick WHERE seq BETWEEN ?1 AND ?2 "
			      "ORDER BY seq",
			      &f->ticks, err);

	for (const struct measurement *const *m = measurements; !rc && *m; m++) {
		if ((*m)->when != MEASURE_TICK || ((*m)->buckets && !f->config.buckets))
			continue;
		f->streams[f->n_streams].m = *m;
		if ((*m)->sql)
			rc = feed_prepare(f, (*m)->sql, &f->streams[f->n_streams].st, err);
		f->n_streams++;
	}
	return rc ? rc : state_open(f, err);
}

int feed_open(const struct feed_config *config, struct feed **ret, struct err *err)
{
	struct feed *f = calloc(1, sizeof(*f));
	int rc;

	if (!f)
		return err_set(err, -ENOMEM, "reading a run");
	f->config = *config;
	f->db = store_db(config->store);
	f->first_ns = -1;
	f->state.at = -1;
	rc = feed_old_begin(f, err);
	if (!rc)
		rc = read_run(f, err);
	if (!rc)
		rc = open_streams(f, err);
	if (rc) {
		feed_close(f);
		return rc;
	}
	*ret = f;
	return 0;
}

const char *feed_id(const struct feed *f)
{
	return f->id;
}

/* The one number of the one row of @sql, or @otherwise when that is NULL. */
static int ask(struct feed *f, const char *sql, int64_t otherwise, int64_t *ret, struct err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = 0;

	if (sqlite3_prepare_v2(f->db, sql, -1, &st, NULL) != SQLITE_OK)
		return feed_fail(f, err);
	switch (sqlite3_step(st)) {
	case SQLITE_ROW:
		*ret = sqlite3_column_type(st, 0) == SQLITE_NULL ? otherwise
								 : sqlite3_column_int64(st, 0);
		break;
	case SQLITE_DONE: *ret = otherwise; break;
	default: rc = feed_fail(f, err);
	}
	sqlite3_finalize(st);
	return rc;
}

int feed_last(struct feed *f, int64_t *ret_seq, struct err *err)
{
	return ask(f, "SELECT max(seq) FROM tick", -1, ret_seq, err);
}

int feed_ended(struct feed *f, bool *ret_ended, struct err *err)
{
	const char *status = store_status(f->config.store);

	if (!strcmp(status, "unknown"))
		return feed_fail(f, err);
	*ret_ended = strcmp(status, "running") != 0;
	return 0;
}

/* One state of the database for all statements; @ret: it is ours to end. */
static int snapshot_begin(struct feed *f, bool *ret, struct err *err)
{
	*ret = false;
	if (!sqlite3_get_autocommit(f->db))
		return 0;
	if (sqlite3_exec(f->db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
		return feed_fail(f, err);
	*ret = true;
	return 0;
}

static void snapshot_end(struct feed *f, bool ours)
{
	if (ours && !sqlite3_get_autocommit(f->db))
		(void)sqlite3_exec(f->db, "COMMIT", NULL, NULL, NULL); /* nothing to lose */
}

/* Rows of the tick; of those that have none but a time, all up to its end. */
static bool is_of(const struct stream *s, const struct tick *t)
{
	return s->row && (s->seq >= 0 ? s->seq <= t->seq : s->mono_ns <= t->end_ns);
}

static int tell_stream(struct feed *f, struct stream *s, feed_fn *fn, void *data, struct err *err)
{
	int rc = 0;

	if (!s->st)
		return feed_no_row(f, s->m, fn, data, err);
	while (!rc && is_of(s, &f->tick)) {
		/* Of a tick that is not there: nobody can say when that was. */
		if (s->seq < 0 || s->seq == f->tick.seq)
			rc = feed_row(f, s, fn, data, err);
		if (!rc)
			rc = stream_next(f, s, err);
	}
	return rc;
}

static int tell_tick(struct feed *f, feed_fn *fn, void *data, struct err *err)
{
	int rc = 0;

	f->point.seq = f->tick.seq;
	for (size_t i = 0; !rc && i < f->n_streams; i++)
		rc = tell_stream(f, &f->streams[i], fn, data, err);
	return rc;
}

static int find_first(struct feed *f, struct err *err)
{
	if (f->first_ns >= 0)
		return 0;
	return ask(f,
		   "SELECT end_ns FROM tick WHERE seq = (SELECT min(seq) FROM "
		   "(SELECT min(seq) AS seq FROM sample UNION ALL SELECT min(seq) FROM rdt "
		   "UNION ALL SELECT min(seq) FROM perf WHERE target >= 0))",
		   -1, &f->first_ns, err);
}

static int walk(struct feed *f, int64_t from, int64_t to, feed_fn *fn, void *data, struct err *err)
{
	int64_t first;
	int rc = find_first(f, err);

	if (!rc)
		rc = state_begin(f, from, to, &first, err);
	for (size_t i = 0; !rc && i < f->n_streams; i++)
		rc = stream_begin(f, &f->streams[i], from, to, err);
	if (rc)
		return rc;
	(void)sqlite3_reset(f->ticks); /* as in stream_begin() */
	(void)sqlite3_bind_int64(f->ticks, 1, first);
	(void)sqlite3_bind_int64(f->ticks, 2, to);
	while (!rc) {
		int step = sqlite3_step(f->ticks);

		if (step != SQLITE_ROW)
			return step == SQLITE_DONE ? 0 : feed_fail(f, err);
		f->tick.seq = sqlite3_column_int64(f->ticks, 0);
		f->tick.end_ns = sqlite3_column_int64(f->ticks, 1);
		rc = state_take(f, &f->tick, err);
		if (!rc && f->tick.seq >= from)
			rc = tell_tick(f, fn, data, err);
	}
	return rc;
}

int feed_ticks(struct feed *f, int64_t from, int64_t to, feed_fn *fn, void *data, struct err *err)
{
	bool ours;
	int rc;

	if (from > to)
		return 0;
	rc = snapshot_begin(f, &ours, err);
	if (rc)
		return rc;
	rc = walk(f, from, to, fn, data, err);
	(void)sqlite3_reset(f->ticks); /* as in stream_begin() */
	for (size_t i = 0; i < f->n_streams; i++)
		stream_end(&f->streams[i]);
	state_end(f);
	snapshot_end(f, ours);
	return rc;
}

/* When nothing says when a run ended, it was with its last tick. */
static int find_end(struct feed *f, int64_t *ret_last, struct err *err)
{
	int rc = feed_last(f, ret_last, err);

	if (!rc)
		rc = ask(f,
			 "SELECT coalesce(ended_mono_ns, (SELECT max(end_ns) FROM tick), "
			 "started_mono_ns) FROM run",
			 f->started_mono_ns, &f->tick.end_ns, err);
	f->tick.seq = f->point.seq = INT64_MAX;
	return rc;
}

/* @m's rows of ticks from @from on, or of none. */
static int tell_end(struct feed *f, const struct measurement *m, int64_t from, feed_fn *fn,
		    void *data, struct err *err)
{
	struct stream s = { .m = m };
	int rc = feed_prepare(f, m->sql, &s.st, err);

	if (!rc)
		rc = stream_begin(f, &s, from, INT64_MAX, err);
	while (!rc && s.row) {
		rc = feed_row(f, &s, fn, data, err);
		if (!rc)
			rc = stream_next(f, &s, err);
	}
	sqlite3_finalize(s.st);
	return rc;
}

int feed_end(struct feed *f, feed_fn *fn, void *data, struct err *err)
{
	int64_t last;
	bool ours;
	int rc = snapshot_begin(f, &ours, err);

	if (rc)
		return rc;
	rc = find_end(f, &last, err);
	/* What has no tick came after the last of them. */
	if (!rc)
		rc = tell_end(f, measure_find("cbpf_event"), last + 1, fn, data, err);
	for (const struct measurement *const *m = measurements; !rc && *m; m++)
		if ((*m)->when == MEASURE_END)
			rc = tell_end(f, *m, 0, fn, data, err);
	snapshot_end(f, ours);
	return rc;
}

void feed_close(struct feed *f)
{
	if (!f)
		return;
	sqlite3_finalize(f->ticks);
	for (size_t i = 0; i < f->n_streams; i++)
		sqlite3_finalize(f->streams[i].st);
	state_close(f);
	feed_old_end(f);
	free(f->id);
	free(f->host);
	free(f->started);
	free(f);
}
