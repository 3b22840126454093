// SPDX-License-Identifier: Apache-2.0
/* Task reordering for reads: constant shift or random permutation. */
#include "ior/reorder.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "ior/offsets.h"
#include "ior/options.h"

static int far_enough(int reader, int writer, int tasks, int shift)
{
	return (writer - reader + tasks) % tasks >= shift;
}

/* Starts from the constant shift and swaps pairs that stay far enough apart. */
static void shuffle(int *map, int tasks, int shift, uint64_t seed)
{
	for (int round = 0; round < 16; round++) {
		for (int a = 0; a < tasks; a++) {
			int b = (int)(mix64(seed++) % (uint64_t)tasks), was = map[a];

			if (!far_enough(a, map[b], tasks, shift) ||
			    !far_enough(b, map[a], tasks, shift))
				continue;
			map[a] = map[b];
			map[b] = was;
		}
	}
}

int reorder_rank(const struct ior_options *o, int rank, int tasks, int tasks_per_node, int rep,
		 int *ret_rank)
{
	int shift = (int)((uint64_t)o->task_offset * (uint64_t)tasks_per_node % (uint64_t)tasks);
	cleanup_free int *map = NULL;

	*ret_rank = rank;
	if (o->reorder_constant)
		*ret_rank = (rank + shift) % tasks;
	if (!o->reorder_random)
		return 0;

	map = malloc(sizeof(*map) * (size_t)tasks);
	if (!map)
		return -ENOMEM;
	for (int i = 0; i < tasks; i++)
		map[i] = (i + shift) % tasks;
	shuffle(map, tasks, shift, mix64(seed_of(o, rep)));
	*ret_rank = map[rank];
	return 0;
}
