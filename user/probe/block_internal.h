/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the block probe share among themselves. */
#ifndef CBPF_PROBE_BLOCK_INTERNAL_H
#define CBPF_PROBE_BLOCK_INTERNAL_H

#include "probe/block.h"
#include "probe/map.h"
#include "shared/block_maps.h"

struct block_bpf;

/* What block_probe_learn() remembers from call to call. */
struct learning {
	uint64_t shared, early; /* over all CPUs */
	uint64_t ios, queue_ns, total_ns; /* over all rows */
	unsigned int good; /* calls in a row that had nothing to object to */
	unsigned int wanted; /* of them, before trusting again; grows with each disappointment */
	uint64_t good_ios; /* requests that they saw */
};

#define BLOCK_HOOKS 9

struct block_probe {
	const char *backend;
	enum block_times times;
	enum block_times now; /* what begins now is timed so */
	struct learning learning;
	struct block_bpf *skel;
	struct bpf_program *programs[BLOCK_HOOKS]; /* NULL: not used on this kernel */
	struct bpf_link *links[BLOCK_HOOKS];
	int stats_fd; /* while open, the kernel keeps run counts and times */
	unsigned int n_banks;
	bool shares;

	struct probe_window slots;
	const struct block_desc *descs;
	const struct block_start *starts; /* mapped when first needed */
	const struct block_disk *disks;
	const struct block_cross *crosses;
	const struct block_cpu *cpus;
	size_t n_cpus;

	struct block_row *rows; /* the first @n_rows do not change */
	size_t n_rows; /* written last (release) by whoever scans; others may read it */
	uint32_t scanned; /* descriptors looked at */
	uint64_t settled; /* requests counted by block_probe_settle() */
};

/* Attach what @p->now needs and is not attached yet. -errno. */
int block_probe_attach(struct block_probe *p);
/* Detach what @p->now does not need. */
void block_probe_let_go(struct block_probe *p);

/* After loading: make the maps visible. -errno. */
int block_maps_open(struct block_probe *p);
void block_maps_close(struct block_probe *p);

/* Devices that have been seen, with shares or without. */
size_t block_disks_seen(const struct block_probe *p);

#endif
