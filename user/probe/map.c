// SPDX-License-Identifier: Apache-2.0
/* Mapping of the kernel side's arrays. */
#include "probe/map.h"

#include <bpf/libbpf.h>
#include <errno.h>
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

/* Made visible this much at a time: fewer mappings, little memory. */
#define WINDOW_STEP (256 << 10)

int probe_window_open(struct probe_window *w, const struct bpf_map *map)
{
	void *at;

	*w = (struct probe_window){ .len = probe_map_len(map), .fd = bpf_map__fd(map) };
	at = mmap(NULL, w->len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (at == MAP_FAILED)
		return -errno;
	w->base = at;
	return 0;
}

int probe_window_reach(struct probe_window *w, size_t bytes)
{
	size_t end = round_up(bytes, WINDOW_STEP);
	void *at;

	if (end > w->len)
		end = w->len;
	if (bytes > w->len)
		return -EINVAL;
	if (end <= w->mapped)
		return 0;
	at = mmap(w->base + w->mapped, end - w->mapped, PROT_READ, MAP_SHARED | MAP_FIXED, w->fd,
		  w->mapped);
	if (at == MAP_FAILED)
		return -errno;
	w->mapped = end;
	return 0;
}

void probe_window_close(struct probe_window *w)
{
	if (w->base)
		munmap(w->base, w->len);
	w->base = NULL;
}

unsigned int probe_banks(size_t n_cpus, unsigned int max)
{
	unsigned int n = 1;

	while (n < n_cpus && n * 2 <= max)
		n *= 2;
	return n;
}
