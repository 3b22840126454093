// SPDX-License-Identifier: Apache-2.0
/* Mapping of the kernel side's arrays. */
#include "probe/map.h"

#include <bpf/libbpf.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t round_up(size_t n, size_t to)
{
	return (n + to - 1) / to * to;
}

size_t probe_map_len(const struct bpf_map *map)
{
	size_t each = round_up(bpf_map__value_size(map), 8);

	return round_up(each * bpf_map__max_entries(map), sysconf(_SC_PAGESIZE));
}

void *probe_map_whole(const struct bpf_map *map, int prot)
{
	void *at = mmap(NULL, probe_map_len(map), prot, MAP_SHARED, bpf_map__fd(map), 0);

	return at == MAP_FAILED ? NULL : at;
}

void probe_map_unmap(const void *at, const struct bpf_map *map)
{
	if (at)
		munmap((void *)at, probe_map_len(map));
}

unsigned int probe_banks(size_t n_cpus, unsigned int max)
{
	unsigned int n = 1;

	while (n < n_cpus && n * 2 <= max)
		n *= 2;
	return n;
}
