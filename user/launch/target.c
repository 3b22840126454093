// SPDX-License-Identifier: Apache-2.0
/* Whether block I/O tells of one target alone. */
#include "launch/target.h"

#include <string.h>

const char *target_io_path(const struct cgroup_layout *l, const struct target *t, size_t *ret_len)
{
	const char *dir = l->io_on_v2 ? t->cg.v2 : t->cg.v1[CG_BLKIO];
	const char *mount = l->io_on_v2 ? l->v2 : l->v1[CG_BLKIO];
	size_t len = l->io_on_v2 && t->cg.io_above ? t->cg.io_above : strlen(dir);
	size_t skip = strlen(mount);

	if (!t->cg.io_id || !skip || len < skip || strncmp(dir, mount, skip))
		return NULL;
	*ret_len = len == skip ? 1 : len - skip;
	return len == skip ? "/" : dir + skip;
}

bool target_owns_io(const struct cgroup_layout *l, const struct target *t)
{
	size_t len = 0, id = strlen(t->container_id);
	const char *path = target_io_path(l, t, &len);

	if (!t->cg.io_id)
		return false;
	if (path && id >= TARGET_ID_MIN)
		return memmem(path, len, t->container_id, id) != NULL;
	return !t->cg.io_above;
}
