// SPDX-License-Identifier: Apache-2.0
/* Rows of what the perf probe tells. */
#include "store/internal.h"
#include "store/row.h"

/* Numbers for who is no target. */
#define OTHERS -1
#define CPUS -2

static int put_event(struct store *s, const struct frame_perf_event *e)
{
	struct row r = row_of(s, STMT_PERF_EVENT);

	row_int(&r, e->id);
	row_text(&r, e->name);
	row_int(&r, e->hardware);
	return row_end(&r);
}

static int put_perf(struct store *s, uint64_t seq, const struct frame_perf *p)
{
	struct row r = row_of(s, STMT_PERF);

	row_int(&r, seq);
	row_int(&r, p->owner == FRAME_PERF_OTHERS ? (uint64_t)OTHERS
		    : p->owner == FRAME_PERF_CPUS ? (uint64_t)CPUS
						  : p->owner);
	row_int(&r, p->event);
	row_int(&r, p->value);
	row_int(&r, p->enabled_ns);
	row_int(&r, p->running_ns);
	return row_end(&r);
}

int store_put_perf(struct store *s, const struct frame *f)
{
	int rc = SQLITE_OK;

	for (size_t i = 0; rc == SQLITE_OK && i < f->n_perf_events; i++)
		rc = put_event(s, &f->perf_events[i]);
	for (size_t i = 0; rc == SQLITE_OK && i < f->n_perfs; i++)
		rc = put_perf(s, f->seq, &f->perfs[i]);
	return rc;
}
