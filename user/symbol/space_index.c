// SPDX-License-Identifier: Apache-2.0
/*
 * A segment tree (de Berg et al., "Computational Geometry", 10.3): each mapping is at the O(log n) nodes whose
 * ranges it covers whole, and who covers an address is at the nodes from its leaf to the root.
 */
#include "symbol/space_index.h"

#include <stdbool.h>
#include <stdlib.h>

/* At a node: those that can be an answer, later ones last, each there since later than the one before. */
struct node {
	size_t first, n;
};

struct entry {
	uint64_t since_ns;
	uint32_t map;
};

struct space_index {
	size_t n_maps, n_bounds, n_leaves, n_entries;
	uint64_t *bounds; /* in order: leaf i is from bound i to bound i + 1 */
	struct node *nodes; /* 2 * n_leaves: node i has children 2i and 2i + 1, leaves last */
	struct entry *entries;
};

static int by_number(const void *a, const void *b)
{
	const uint64_t *l = a, *r = b;

	return *l < *r ? -1 : *l > *r;
}

/* How many bounds are at or before @address. */
static size_t bounds_to(const struct space_index *x, uint64_t address)
{
	size_t from = 0, to = x->n_bounds;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (x->bounds[middle] <= address)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

static bool find_bounds(struct space_index *x, const struct space_map *v, size_t n)
{
	size_t kept = 0;

	x->bounds = calloc(2 * n + 1, sizeof(*x->bounds));
	if (!x->bounds)
		return false;
	for (size_t i = 0; i < n; i++) {
		x->bounds[2 * i] = v[i].start;
		x->bounds[2 * i + 1] = v[i].end;
	}
	qsort(x->bounds, 2 * n, sizeof(*x->bounds), by_number);
	for (size_t i = 0; i < 2 * n; i++)
		if (!i || x->bounds[i] != x->bounds[kept - 1])
			x->bounds[kept++] = x->bounds[i];
	x->n_bounds = kept;
	x->n_leaves = 1;
	while (x->n_leaves < kept)
		x->n_leaves *= 2;
	x->nodes = calloc(2 * x->n_leaves, sizeof(*x->nodes));
	return x->nodes;
}

static void put_at(struct space_index *x, size_t node, const struct space_map *v, uint32_t map)
{
	struct node *to = &x->nodes[node];

	if (!x->entries) { /* they are counted first */
		to->n++;
		return;
	}
	/* What was there no earlier is always under this one. */
	while (to->n && x->entries[to->first + to->n - 1].since_ns >= v[map].since_ns)
		to->n--;
	x->entries[to->first + to->n++] = (struct entry){ v[map].since_ns, map };
}

/* At each node that it covers whole, and whose parent it does not. */
static void put(struct space_index *x, const struct space_map *v, uint32_t map)
{
	size_t from = bounds_to(x, v[map].start) - 1 + x->n_leaves;
	size_t to = bounds_to(x, v[map].end) - 1 + x->n_leaves;

	for (; from < to; from /= 2, to /= 2) {
		if (from & 1)
			put_at(x, from++, v, map);
		if (to & 1)
			put_at(x, --to, v, map);
	}
}

struct space_index *space_index_open(const struct space_map *v, size_t n)
{
	struct space_index *x = calloc(1, sizeof(*x));
	size_t at = 0;

	if (!x || !find_bounds(x, v, n))
		goto failed;
	x->n_maps = n;
	for (size_t i = 0; i < n; i++)
		put(x, v, (uint32_t)i);
	for (size_t i = 0; i < 2 * x->n_leaves; i++) {
		x->nodes[i].first = at;
		at += x->nodes[i].n;
		x->nodes[i].n = 0;
	}
	x->n_entries = at;
	x->entries = calloc(at + 1, sizeof(*x->entries));
	if (!x->entries)
		goto failed;
	for (size_t i = 0; i < n; i++)
		put(x, v, (uint32_t)i);
	return x;
failed:
	space_index_close(x);
	return NULL;
}

/* The last one at @node that was there at @time_ns, if it is later than @best. */
static size_t later(const struct space_index *x, const struct node *node, uint64_t time_ns,
		    size_t best)
{
	size_t from = 0, to = node->n, map;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (x->entries[node->first + middle].since_ns <= time_ns)
			from = middle + 1;
		else
			to = middle;
	}
	if (!from)
		return best;
	map = x->entries[node->first + from - 1].map;
	return best == x->n_maps || map > best ? map : best;
}

size_t space_index_find(const struct space_index *x, uint64_t time_ns, uint64_t address)
{
	size_t bound = bounds_to(x, address), best = x->n_maps;

	if (!bound)
		return best;
	for (size_t node = bound - 1 + x->n_leaves; node; node /= 2)
		best = later(x, &x->nodes[node], time_ns, best);
	return best;
}

size_t space_index_bytes(const struct space_index *x)
{
	return sizeof(*x) + 2 * x->n_maps * sizeof(*x->bounds) +
	       2 * x->n_leaves * sizeof(*x->nodes) + x->n_entries * sizeof(*x->entries);
}

void space_index_close(struct space_index *x)
{
	if (!x)
		return;
	free(x->bounds);
	free(x->nodes);
	free(x->entries);
	free(x);
}
