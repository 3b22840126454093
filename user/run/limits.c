// SPDX-License-Identifier: Apache-2.0
/* From limits and file systems of this host to rows. */
#include "run/limits.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "host/facts.h"
#include "host/io_limit.h"
#include "launch/target.h"

#define FILESYSTEMS_MAX 64

static bool any_limit(const struct io_limit *v)
{
	for (size_t k = 0; k < IO_LIMIT_KINDS; k++)
		if (v->at_most[k])
			return true;
	return false;
}

int limits_look(struct limits *limits, const struct cgroup_layout *l, const struct target *t,
		uint32_t owner)
{
	struct io_limits now;
	struct store_io_limit *v;

	if (!atomic_load_explicit(&t->published, memory_order_acquire) ||
	    io_limits_read(l, &t->cg, &now))
		return 0;
	v = reallocarray(limits->v, limits->n + now.n + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	limits->v = v;
	for (size_t i = 0; i < now.n; i++) {
		const struct io_limit *of = &now.v[i];

		if (!any_limit(of))
			continue;
		v[limits->n++] = (struct store_io_limit){
			.owner = owner,
			.dev = of->major << 20 | of->minor,
			.version = now.v2 ? 2 : 1,
			.read_bps = of->at_most[IO_LIMIT_READ_BPS],
			.write_bps = of->at_most[IO_LIMIT_WRITE_BPS],
			.read_iops = of->at_most[IO_LIMIT_READ_IOPS],
			.write_iops = of->at_most[IO_LIMIT_WRITE_IOPS],
		};
	}
	return 0;
}

void limits_fini(struct limits *limits)
{
	free(limits->v);
	*limits = (struct limits){ 0 };
}

struct used {
	struct store_filesystem v[FILESYSTEMS_MAX];
	char dev[FILESYSTEMS_MAX][32];
	char *at[FILESYSTEMS_MAX]; /* NULL: not found */
	size_t n;
};

static int find_used(struct store *s, struct used *u, struct err *err)
{
	sqlite3_stmt *row;

	if (sqlite3_prepare_v2(store_db(s), "SELECT DISTINCT dev FROM mount", -1, &row, NULL) !=
	    SQLITE_OK)
		return err_set(err, -EIO, "cannot read the mounts of %s", store_path(s));
	while (u->n < FILESYSTEMS_MAX && sqlite3_step(row) == SQLITE_ROW)
		snprintf(u->dev[u->n++], sizeof(u->dev[0]), "%s",
			 (const char *)sqlite3_column_text(row, 0));
	sqlite3_finalize(row);
	return 0;
}

/* Where this host has each: the first place that has a size. */
static void find_places(const char *mountinfo, struct used *u)
{
	cleanup_fclose FILE *f = fopen(mountinfo, "re");
	char line[16384], dev[32], at[4096];

	while (f && fgets(line, sizeof(line), f)) {
		struct statvfs fs;

		if (sscanf(line, "%*d %*d %31[0-9:] %*s %4095s", dev, at) != 2)
			continue;
		fact_mount_point(at);
		for (size_t i = 0; i < u->n; i++)
			if (!u->at[i] && !strcmp(u->dev[i], dev) && !statvfs(at, &fs) &&
			    fs.f_blocks) {
				u->at[i] = strdup(at);
				u->v[i] = (struct store_filesystem){
					.used_bytes =
						(uint64_t)(fs.f_blocks - fs.f_bfree) * fs.f_frsize,
					.free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize,
				};
			}
	}
}

int limits_put_filesystems(struct store *s, const char *mountinfo, struct err *err)
{
	cleanup_free struct used *u = calloc(1, sizeof(*u));
	struct store_filesystem found[FILESYSTEMS_MAX];
	size_t n = 0;
	int rc = u ? find_used(s, u, err) : err_set(err, -ENOMEM, "looking at file systems");

	if (rc)
		return rc;
	find_places(mountinfo, u);
	for (size_t i = 0; i < u->n; i++) {
		if (!u->at[i])
			continue;
		found[n] = u->v[i];
		found[n].dev = u->dev[i];
		found[n++].at = u->at[i];
	}
	rc = n ? store_put_filesystems(s, found, n, err) : 0;
	for (size_t i = 0; i < u->n; i++)
		free(u->at[i]);
	return rc;
}
