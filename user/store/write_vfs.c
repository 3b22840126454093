// SPDX-License-Identifier: Apache-2.0
/* Rows of what the vfs probe tells beside its histograms. */
#include <stdio.h>

#include "base/cleanup.h"
#include "store/internal.h"
#include "store/row.h"

static int put_mount(struct store *s, const struct frame_mount *m)
{
	struct row r = row_of(s, STMT_MOUNT);
	char dev[32];

	snprintf(dev, sizeof(dev), "%u:%u", m->dev >> 20, m->dev & 0xfffff);
	row_int(&r, m->id);
	row_text(&r, m->fs);
	row_text(&r, dev);
	row_text(&r, m->at);
	return row_end(&r);
}

static int put_time(struct store *s, uint64_t seq, const struct frame_call_time *t)
{
	struct row r = row_of(s, STMT_CALL_TIME);

	row_int(&r, seq);
	row_int(&r, t->owner);
	row_text(&r, frame_vfs_op_name(t->op));
	row_int(&r, t->mount);
	row_int(&r, t->ns);
	for (size_t i = 0; i < ARRAY_SIZE(t->spent_ns); i++)
		row_int(&r, t->spent_ns[i]);
	return row_end(&r);
}

int store_put_vfs(struct store *s, const struct frame *f)
{
	int rc = SQLITE_OK;

	for (size_t i = 0; rc == SQLITE_OK && i < f->n_mounts; i++)
		rc = put_mount(s, &f->mounts[i]);
	for (size_t i = 0; rc == SQLITE_OK && i < f->n_times; i++)
		rc = put_time(s, f->seq, &f->times[i]);
	return rc;
}
