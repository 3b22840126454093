// SPDX-License-Identifier: Apache-2.0
/* The kernel's table of targets. */
#include "probe/targets.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/types.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "probe/load.h"
#include "shared/target.h"

#define SPARE 16

/* Of one hierarchy. */
struct table {
	int ids_fd, levels_fd;
	struct target_levels levels; /* as it was last written */
};

struct probe_targets {
	size_t n;
	struct table tasks; /* target_ids and target_levels of target.bpf.h */
	struct table memory; /* the same of target_memory.bpf.h */
	pthread_mutex_t lock; /* of the levels, which only grow */
	atomic_bool has_memory[];
};

static int open_table(struct table *t, size_t n)
{
	/* A hash table is best when it is not full, and a target may get a cgroup anew. */
	t->ids_fd = bpf_map_create(BPF_MAP_TYPE_HASH, "target_ids", sizeof(__u64), sizeof(__u32),
				   4 * n + SPARE, NULL);
	if (t->ids_fd < 0)
		return -errno;
	t->levels_fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "target_levels", sizeof(__u32),
				      sizeof(t->levels), 1, NULL);
	return t->levels_fd < 0 ? -errno : 0;
}

static void close_table(struct table *t)
{
	if (t->ids_fd >= 0)
		close(t->ids_fd);
	if (t->levels_fd >= 0)
		close(t->levels_fd);
}

int probe_targets_open(size_t n, struct probe_targets **ret, struct err *err)
{
	const struct probe_log nothing = { 0 };
	struct probe_targets *t;
	int rc;

	n = n ? n : 1;
	t = calloc(1, sizeof(*t) + n * sizeof(t->has_memory[0]));
	if (!t)
		return err_set(err, -ENOMEM, "the table of targets");
	pthread_mutex_init(&t->lock, NULL);
	t->n = n;
	t->tasks = t->memory = (struct table){ .ids_fd = -1, .levels_fd = -1 };
	rc = open_table(&t->tasks, n);
	if (!rc)
		rc = open_table(&t->memory, n);
	if (rc) {
		rc = probe_fail(err, rc, "make the table of targets", &nothing);
		probe_targets_close(t);
	} else {
		*ret = t;
	}
	return rc;
}

size_t probe_targets_count(const struct probe_targets *t)
{
	return t->n;
}

static int use_table(const struct table *t, struct bpf_object *object, const char *ids_name,
		     const char *levels_name)
{
	struct bpf_map *ids = bpf_object__find_map_by_name(object, ids_name);
	struct bpf_map *levels = bpf_object__find_map_by_name(object, levels_name);
	int rc;

	if (!ids || !levels)
		return -ENOENT;
	rc = bpf_map__reuse_fd(ids, t->ids_fd);
	return rc ? rc : bpf_map__reuse_fd(levels, t->levels_fd);
}

int probe_targets_use(const struct probe_targets *t, struct bpf_object *object)
{
	int rc = use_table(&t->tasks, object, "target_ids", "target_levels");

	if (rc)
		return rc;
	rc = use_table(&t->memory, object, "memory_ids", "memory_levels");
	return rc == -ENOENT ? 0 : rc; /* most look at tasks alone */
}

static int add_level(struct table *t, unsigned int level)
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

static int add(struct probe_targets *t, struct table *to, size_t target, __u32 flags, uint64_t id,
	       unsigned int level)
{
	__u64 key = id;
	__u32 index = target | flags;
	int rc;

	if (target >= t->n || !id || !level)
		return -EINVAL;
	if (bpf_map_update_elem(to->ids_fd, &key, &index, BPF_ANY))
		return -errno;
	pthread_mutex_lock(&t->lock);
	rc = add_level(to, level);
	pthread_mutex_unlock(&t->lock);
	return rc;
}

int probe_targets_add(struct probe_targets *t, size_t target, uint64_t id, unsigned int level)
{
	return add(t, &t->tasks, target, 0, id, level);
}

int probe_targets_await(struct probe_targets *t, size_t target, uint64_t id, unsigned int level)
{
	return add(t, &t->tasks, target, TARGET_AWAITED, id, level);
}

int probe_targets_add_memory(struct probe_targets *t, size_t target, uint64_t id,
			     unsigned int level)
{
	int rc = add(t, &t->memory, target, 0, id, level);

	if (!rc)
		atomic_store(&t->has_memory[target], true);
	return rc;
}

bool probe_targets_have_memory(const struct probe_targets *t, size_t target)
{
	return target < t->n && atomic_load(&t->has_memory[target]);
}

void probe_targets_close(struct probe_targets *t)
{
	if (!t)
		return;
	close_table(&t->tasks);
	close_table(&t->memory);
	pthread_mutex_destroy(&t->lock);
	free(t);
}
