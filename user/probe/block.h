/* SPDX-License-Identifier: Apache-2.0 */
/* The block probe: per owner, device and operation, counts, bytes and latency histograms. */
#ifndef CBPF_PROBE_BLOCK_H
#define CBPF_PROBE_BLOCK_H

#include <linux/types.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/block.h"

struct block_probe;
struct err;
struct losses;

struct block_row {
	struct block_key key;
	char name[BLOCK_NAME_LEN]; /* the cgroup's own directory name at its first I/O */
	const struct block_slot *now; /* borrowed: live counters, mapped from the kernel */
};

struct probe_cost {
	char program[64];
	uint64_t runs, run_ns; /* 0, 0 when the kernel does not keep them */
};

/* Load and attach, best backend first; each refusal is told in @err when none is left. */
int block_probe_open(const char *backend, struct block_probe **ret, struct err *err);
const char *block_probe_backend(const struct block_probe *p); /* "tp_btf" or "raw_tp" */

/*
 * Rows seen so far. Only appended to: index i is the same row for the life of
 * the probe. Does not allocate.
 */
size_t block_probe_rows(struct block_probe *p, const struct block_row **ret_rows);

/* Requests between issue and completion that the probe knows of now. */
uint64_t block_probe_in_flight(struct block_probe *p);

/*
 * Count what was issued before @before_ns (CLOCK_MONOTONIC), lies on a device
 * that is idle now, and yet was never seen to complete: some kernels skip the
 * probe for a few completions. Call it when the workloads have ended.
 */
void block_probe_settle(struct block_probe *p, uint64_t before_ns);

/* What the kernel side counted as dropped or unknown so far, as totals. */
void block_probe_losses(struct block_probe *p, struct losses *losses);

/* Own cost so far; returns how many were written. */
size_t block_probe_costs(struct block_probe *p, struct probe_cost *costs, size_t max);

/* Stop counting but keep the rows readable. */
void block_probe_detach(struct block_probe *p);
void block_probe_close(struct block_probe *p);

/* Can this host do it with @backend (NULL: any)? Loads and attaches for a moment; leaves no trace. */
int block_probe_try(const char *backend, struct err *err);

#endif
