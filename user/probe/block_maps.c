// SPDX-License-Identifier: Apache-2.0
/* The block probe's maps in our address space. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "block.skel.h"
#include "probe/block_internal.h"
#include "probe/map.h"
#include "probe/settle.h"

static size_t round_up(size_t n, size_t to)
{
	return (n + to - 1) / to * to;
}

static size_t row_stride(const struct block_probe *p)
{
	return p->n_banks * round_up(sizeof(struct block_slot), 8);
}

int block_maps_open(struct block_probe *p)
{
	int rc = probe_window_open(&p->slots, p->skel->maps.slots);

	if (rc)
		return rc;
	p->descs = probe_map_whole(p->skel->maps.descs, PROT_READ);
	if (!p->descs)
		return -errno;
	p->disks = probe_map_whole(p->skel->maps.disks, PROT_READ);
	p->crosses = probe_map_whole(p->skel->maps.crosses, PROT_READ);
	if (!p->disks || !p->crosses)
		return -errno;
	p->cpus = probe_map_whole(p->skel->maps.cpus, PROT_READ);
	if (!p->cpus)
		return -errno;
	p->n_cpus = bpf_map__max_entries(p->skel->maps.cpus);
	p->rows = calloc(BLOCK_MAX_ROWS, sizeof(*p->rows));
	return p->rows ? 0 : -ENOMEM;
}

void block_maps_close(struct block_probe *p)
{
	probe_window_close(&p->slots);
	if (p->skel) {
		probe_map_unmap(p->descs, p->skel->maps.descs);
		probe_map_unmap(p->starts, p->skel->maps.starts);
		probe_map_unmap(p->disks, p->skel->maps.disks);
		probe_map_unmap(p->crosses, p->skel->maps.crosses);
		probe_map_unmap(p->cpus, p->skel->maps.cpus);
	}
	free(p->rows);
}

size_t block_probe_rows(struct block_probe *p, const struct block_row **ret_rows)
{
	uint32_t end = __atomic_load_n(&p->skel->bss->next_row, __ATOMIC_ACQUIRE);

	if (end > BLOCK_MAX_ROWS)
		end = BLOCK_MAX_ROWS;
	for (; p->scanned < end; p->scanned++) {
		const struct block_desc *desc = &p->descs[p->scanned];
		uint32_t state = __atomic_load_n(&desc->state, __ATOMIC_ACQUIRE);
		struct block_row *row = &p->rows[p->n_rows];

		if (state == BLOCK_ROW_ABANDONED)
			continue;
		/* Being filled in on another CPU, or no memory for the mapping: next time. */
		if (state == BLOCK_ROW_FREE ||
		    probe_window_reach(&p->slots, (p->scanned + 1) * row_stride(p)))
			break;
		row->key = desc->key;
		memcpy(row->name, desc->name, sizeof(row->name));
		row->banks = (const void *)(p->slots.base + p->scanned * row_stride(p));
		row->n_banks = p->n_banks;
		row->rare = &desc->rare;
		row->status = desc->status;
		__atomic_store_n(&p->n_rows, p->n_rows + 1, __ATOMIC_RELEASE);
	}
	*ret_rows = p->rows;
	return p->n_rows;
}

/* The memory of requests; NULL when it cannot be mapped. */
static const struct block_start *starts_of(struct block_probe *p)
{
	if (!p->starts)
		p->starts = probe_map_whole(p->skel->maps.starts, PROT_READ);
	return p->starts;
}

uint64_t block_probe_in_flight(struct block_probe *p)
{
	const struct block_start *starts = starts_of(p);
	uint64_t n = 0;

	for (size_t i = 0; starts && i < BLOCK_STARTS; i++)
		n += __atomic_load_n(&starts[i].rq, __ATOMIC_RELAXED) &&
		     __atomic_load_n(&starts[i].last_issue_ns, __ATOMIC_RELAXED);
	return n;
}

void block_probe_settle(struct block_probe *p, uint64_t before_ns)
{
	const struct block_start *starts = starts_of(p);
	struct settle s = {
		.n_starts = BLOCK_STARTS,
		.n_rows = BLOCK_MAX_ROWS,
		.before_ns = before_ns,
		.idle = settle_is_idle,
	};

	if (!starts || !settle_any(starts, BLOCK_STARTS, before_ns))
		return;
	/* Our counters are writable for this moment alone. */
	s.starts = probe_map_whole(p->skel->maps.starts, PROT_READ | PROT_WRITE);
	s.descs = probe_map_whole(p->skel->maps.descs, PROT_READ | PROT_WRITE);
	s.disks = p->shares ? probe_map_whole(p->skel->maps.disks, PROT_READ | PROT_WRITE) : NULL;
	if (s.starts && s.descs)
		p->settled += settle_starts(&s);
	probe_map_unmap(s.starts, p->skel->maps.starts);
	probe_map_unmap(s.descs, p->skel->maps.descs);
	probe_map_unmap(s.disks, p->skel->maps.disks);
}

uint64_t block_probe_memory(const struct block_probe *p)
{
	const struct bpf_map *map;
	uint64_t bytes = 0;

	bpf_object__for_each_map(map, p->skel->obj) bytes +=
		(uint64_t)round_up(bpf_map__value_size(map), 8) * bpf_map__max_entries(map);
	return bytes;
}
