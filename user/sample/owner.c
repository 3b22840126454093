// SPDX-License-Identifier: Apache-2.0
/* Who rows belong to: an append-only table. */
#include "sample/owner.h"

#include <linux/types.h>
#include <stdio.h>
#include <string.h>

#include "launch/target.h"
#include "shared/block.h"

/* As enum block_why: the device's own flushes and passthrough have the plain name. */
static const char *const unattributed[BLOCK_WHYS] = {
	[BLOCK_WHY_NO_CGROUP] = "unattributed",
	[BLOCK_WHY_METADATA] = "unattributed (metadata)",
	[BLOCK_WHY_WRITEBACK] = "unattributed (writeback)",
};
_Static_assert(BLOCK_WHYS == OWNER_REASONS + 1, "an owner for each reason");

/* The count is what publishes an entry: it is complete by then. */
static uint32_t append(struct owner_table *t, enum owner_kind kind, const char *name,
		       uint64_t cgroup_id)
{
	size_t n = atomic_load_explicit(&t->n, memory_order_relaxed);
	struct owner *o = &t->v[n];

	/* A path that is too long keeps its end, which tells containers apart. */
	if (strlen(name) < sizeof(o->name))
		snprintf(o->name, sizeof(o->name), "%s", name);
	else
		snprintf(o->name, sizeof(o->name), "...%s",
			 name + strlen(name) - (sizeof(o->name) - 4));
	o->kind = kind;
	o->cgroup_id = cgroup_id;
	atomic_store_explicit(&t->n, n + 1, memory_order_release);
	return n;
}

void owner_table_init(struct owner_table *t, const struct target_set *targets)
{
	atomic_store(&t->n, 0);
	for (size_t i = 0; i < targets->n && i < OWNER_MAX_TARGETS; i++) {
		append(t, OWNER_CONTAINER, targets->v[i].name, 0);
	}
	for (unsigned int why = 1; why < BLOCK_WHYS; why++)
		append(t, OWNER_UNATTRIBUTED, unattributed[why], 0);
}

uint32_t owner_add(struct owner_table *t, enum owner_kind kind, const char *name,
		   uint64_t cgroup_id)
{
	size_t n = atomic_load_explicit(&t->n, memory_order_relaxed);

	if (n == OWNER_MAX)
		return OWNER_MAX - 1;
	if (n == OWNER_MAX - 1)
		return append(t, OWNER_CGROUP, "other cgroups", 0);
	return append(t, kind, name, cgroup_id);
}
