/* SPDX-License-Identifier: Apache-2.0 */
/* Arrays of the kernel side in our address space, and how CPUs share them. */
#ifndef CBPF_PROBE_MAP_H
#define CBPF_PROBE_MAP_H

#include <linux/types.h>
#include <stddef.h>
#include <stdint.h>

struct bpf_map;

/* Bytes that a mappable array takes, as the kernel lays it out: elements at multiples of 8. */
size_t probe_map_len(const struct bpf_map *map);

/* All of it; unmapped by probe_map_unmap(). NULL: errno says why. */
void *probe_map_whole(const struct bpf_map *map, int prot);
/* Takes NULL for @at; @map is looked at only otherwise. */
void probe_map_unmap(const void *at, const struct bpf_map *map);

/*
 * A large array of which little is used, mapped from its begin on as far as it is
 * looked at: what is mapped counts as this process's memory.
 */
struct probe_window {
	uint8_t *base; /* address space for all of it */
	size_t len, mapped;
	int fd; /* borrowed from the map */
};

/* 0 or -errno. */
int probe_window_open(struct probe_window *w, const struct bpf_map *map);
/* Have the first @bytes be readable; what was before keeps its address. 0 or -errno. */
int probe_window_reach(struct probe_window *w, size_t bytes);
void probe_window_close(struct probe_window *w);

/* In how many banks @n_cpus count: a power of two, at most @max, one per CPU if that is enough. */
unsigned int probe_banks(size_t n_cpus, unsigned int max);

/* A counter that the kernel side goes on changing. */
static inline uint64_t probe_live(const __u64 *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

#endif
