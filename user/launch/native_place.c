// SPDX-License-Identifier: Apache-2.0
/* From paths that a process sees to those of the host: through its volumes. */
#include "launch/native_place.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "launch/native_child.h"
#include "plan/plan.h"

static int put(char *path, size_t size, const char *dir, int dir_len, const char *rest,
	       struct err *err)
{
	if (!dir)
		return err_say(err, -ENODEV, "its files are on a tmpfs");
	if (snprintf(path, size, "%.*s%s", dir_len, dir, rest) >= (int)size)
		return err_set(err, -ENAMETOOLONG, "%s", dir);
	return 0;
}

/* The directory of @file, which is below a volume or not. */
static int of_file(const struct native_exec *x, size_t n_volumes, const char *file, char *path,
		   size_t size, struct err *err)
{
	const char *slash = strrchr(file, '/');
	char dir[4096];
	int rc;

	if (*file != '/')
		return put(path, size, x->dir, (int)strlen(x->dir), "", err);
	if (slash - file >= (int)sizeof(dir))
		return err_set(err, -ENAMETOOLONG, "%s", file);
	snprintf(dir, sizeof(dir), "%.*s", slash == file ? 1 : (int)(slash - file), file);
	for (size_t i = 0; i < n_volumes; i++) {
		const struct native_mount *m = &x->mounts[i];
		size_t len = strlen(m->dest);

		if (strncmp(dir, m->dest, len) || (dir[len] && dir[len] != '/'))
			continue;
		rc = put(path, size, m->source, m->source ? (int)strlen(m->source) : 0, dir + len,
			 err);
		return rc;
	}
	return put(path, size, dir, (int)strlen(dir), "", err);
}

int native_place(const struct spec_container *c, const struct native_exec *x, char *path,
		 size_t size, struct err *err)
{
	size_t n = c->volumes.n < x->n_mounts ? c->volumes.n : x->n_mounts;

	if (c->workload.has_ior == FLAG_ON && c->workload.ior.file)
		return of_file(x, n, c->workload.ior.file, path, size, err);
	/* The first mounts are the spec's volumes. */
	for (size_t i = 0; i < n; i++)
		if (!x->mounts[i].read_only)
			return put(path, size, x->mounts[i].source,
				   x->mounts[i].source ? (int)strlen(x->mounts[i].source) : 0, "",
				   err);
	return put(path, size, x->dir, (int)strlen(x->dir), "", err);
}
