// SPDX-License-Identifier: Apache-2.0
/* The kernel's table of targets. */
#include "probe/targets.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/types.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "probe/load.h"
#include "shared/target.h"

#define SPARE 16

struct probe_targets {
	size_t n;
	int ids_fd, levels_fd; /* target_ids and target_levels of target.bpf.h */
	struct target_levels levels; /* as it was last written */
	pthread_mutex_t lock; /* of the levels, which only grow */
};

int probe_targets_open(size_t n, struct probe_targets **ret, struct err *err)
{
	const struct probe_log nothing = { 0 };
	struct probe_targets *t = calloc(1, sizeof(*t));
	int rc = 0;

	if (!t)
		return err_set(err, -ENOMEM, "the table of targets");
	pthread_mutex_init(&t->lock, NULL);
	t->n = n ? n : 1;
	/* A hash table is best when it is not full, and a target may get a cgroup anew. */
	t->ids_fd = bpf_map_create(BPF_MAP_TYPE_HASH, "target_ids", sizeof(__u64), sizeof(__u32),
				   4 * t->n + SPARE, NULL);
	t->levels_fd = t->ids_fd < 0 ? -1
				     : bpf_map_create(BPF_MAP_TYPE_ARRAY, "target_levels",
						      sizeof(__u32), sizeof(t->levels), 1, NULL);
	if (t->levels_fd < 0)
		rc = probe_fail(err, -errno, "make the table of targets", &nothing);
	if (rc)
		probe_targets_close(t);
	else
		*ret = t;
	return rc;
}

size_t probe_targets_count(const struct probe_targets *t)
{
	return t->n;
}

int probe_targets_use(const struct probe_targets *t, struct bpf_object *object)
{
	struct bpf_map *ids = bpf_object__find_map_by_name(object, "target_ids");
	struct bpf_map *levels = bpf_object__find_map_by_name(object, "target_levels");
	int rc;

	if (!ids || !levels)
		return -ENOENT;
	rc = bpf_map__reuse_fd(ids, t->ids_fd);
	return rc ? rc : bpf_map__reuse_fd(levels, t->levels_fd);
}

static int add_level(struct probe_targets *t, unsigned int level)
{
	__u32 zero = 0;

	for (size_t i = 0; i < TARGET_LEVELS; i++) {
		if (t->levels.at[i] == level)
			return 0;
		if (t->levels.at[i])
			continue;
		t->levels.at[i] = level;
		return bpf_map_update_elem(t->levels_fd, &zero, &t->levels, BPF_ANY) ? -errno : 0;
	}
	return -ENOSPC;
}

int probe_targets_add(struct probe_targets *t, size_t target, uint64_t id, unsigned int level)
{
	__u64 key = id;
	__u32 index = target;
	int rc;

	if (target >= t->n || !id || !level)
		return -EINVAL;
	if (bpf_map_update_elem(t->ids_fd, &key, &index, BPF_ANY))
		return -errno;
	pthread_mutex_lock(&t->lock);
	rc = add_level(t, level);
	pthread_mutex_unlock(&t->lock);
	return rc;
}

void probe_targets_close(struct probe_targets *t)
{
	if (!t)
		return;
	if (t->ids_fd >= 0)
		close(t->ids_fd);
	if (t->levels_fd >= 0)
		close(t->levels_fd);
	pthread_mutex_destroy(&t->lock);
	free(t);
}
