// SPDX-License-Identifier: Apache-2.0
/* Rows of what the vfs probe tells beside its histograms. */
#include <stdio.h>

#include "store/internal.h"
#include "store/row.h"

int store_put_mounts(struct store *s, const struct frame *f)
{
	int rc = SQLITE_OK;

	for (size_t i = 0; rc == SQLITE_OK && i < f->n_mounts; i++) {
		const struct frame_mount *m = &f->mounts[i];
		struct row r = row_of(s, STMT_MOUNT);
		char dev[32];

		snprintf(dev, sizeof(dev), "%u:%u", m->dev >> 20, m->dev & 0xfffff);
		row_int(&r, m->id);
		row_text(&r, m->fs);
		row_text(&r, dev);
		row_text(&r, m->at);
		rc = row_end(&r);
	}
	return rc;
}
