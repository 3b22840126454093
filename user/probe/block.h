/* SPDX-License-Identifier: Apache-2.0 */
/* The block probe: per owner, device and operation, counts, bytes, sizes and latency histograms. */
#ifndef CBPF_PROBE_BLOCK_H
#define CBPF_PROBE_BLOCK_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/cost.h"
#include "shared/block.h"

struct block_probe;
struct err;
struct losses;

/*
 * Whose times are used. OWN takes the time itself, at start, issue and completion.
 * ISSUE takes the kernel's time of start, which recent kernels read once for all
 * requests that are submitted together. KERNEL has one program per completion and
 * only the times that the kernel keeps, which on some kernels are early; it knows
 * nothing of order, depth, shares and interference. LEARN begins with OWN and goes
 * on with what block_probe_learn() has found right for all devices in use.
 */
enum block_times { BLOCK_TIMES_OWN, BLOCK_TIMES_ISSUE, BLOCK_TIMES_KERNEL, BLOCK_TIMES_LEARN };
extern const char *const block_times_names[]; /* "own", "own issue", "kernel" */

struct block_config {
	const char *backend; /* "tp_btf", "raw_tp" or NULL: the best that loads */
	enum block_times times;
	bool writeback_is_charged; /* to who dirtied the page: cgroup v2 with io and memory */
	/* For measuring what each costs: */
	bool without_sizes, without_sectors, without_shares;
	bool without_anything; /* the programs are empty */
	bool one_bank; /* all CPUs count in the same place */
};

struct block_row {
	struct block_key key;
	char name[BLOCK_NAME_LEN]; /* the cgroup's own directory name at its first I/O */
	/* Borrowed: live counters, mapped from the kernel. */
	const struct block_slot *banks; /* one after another */
	unsigned int n_banks;
	const struct block_rare *rare;
	const __u32 *status; /* BLOCK_STATUSES of them */
};

/* Load and attach, best backend first; each refusal is told in @err when none is left. */
int block_probe_open(const struct block_config *config, struct block_probe **ret, struct err *err);
const char *block_probe_backend(const struct block_probe *p); /* "tp_btf" or "raw_tp" */
/* Whose times are used now: anything but LEARN. */
enum block_times block_probe_times(const struct block_probe *p);

/*
 * Call it some times a second, from one thread. True when it has just changed what
 * block_probe_times() says; no request is lost or counted twice by that.
 *
 * OWN becomes ISSUE when for half a second no request's kernel time of start was
 * another's, at most one in a thousand was early, and requests waited in queues for at
 * most 10 % of their time: of interference, what changed while they waited is not known
 * then. And back. Without shares,
 * OWN becomes KERNEL when the kernel's time of issue was right as well, for good.
 */
bool block_probe_learn(struct block_probe *p);
/* No more of that: OWN again if it was ISSUE. For the end, when much is submitted together. */
void block_probe_unlearn(struct block_probe *p);

/*
 * Rows seen so far. Only appended to: index i is the same row for the life of
 * the probe. Does not allocate. From one thread.
 */
size_t block_probe_rows(struct block_probe *p, const struct block_row **ret_rows);

/* Requests between issue and completion that the probe knows of now. */
uint64_t block_probe_in_flight(struct block_probe *p);

/*
 * Count what was issued before @before_ns (CLOCK_MONOTONIC), lies on a device
 * that is idle now, and yet was never seen to complete: some kernels skip the
 * probe for a few completions. Until then they seem to be in the device still.
 * Call it now and then, and when the workloads have ended.
 */
void block_probe_settle(struct block_probe *p, uint64_t before_ns);

/* What the kernel side counted as dropped or unknown so far, as totals. */
void block_probe_losses(struct block_probe *p, struct losses *losses);

/* Own cost so far; returns how many were written. */
size_t block_probe_costs(struct block_probe *p, struct probe_cost *costs, size_t max);

/* Bytes of kernel memory that the probe's maps take. */
uint64_t block_probe_memory(const struct block_probe *p);

/* Stop counting but keep the rows readable. */
void block_probe_detach(struct block_probe *p);
void block_probe_close(struct block_probe *p);

/* Can this host do it with @backend (NULL: any)? Loads and attaches for a moment; leaves no trace. */
int block_probe_try(const char *backend, struct err *err);

/* --- reading --- */

/* A row's counters over all banks. Histograms' counts are in their buckets. */
struct block_counts {
	struct block_slot sum; /* with what was missed */
	struct block_rare rare;
	__u32 status[BLOCK_STATUSES];
};

/* A number that differs from the one before when anything has been counted since. */
uint64_t block_row_activity(const struct block_row *row);
void block_row_read(const struct block_row *row, struct block_counts *ret);

/* A device at one moment. All but in_device and depth only grow. */
struct block_disk_view {
	uint32_t dev;
	char name[32]; /* as the kernel calls it, though it may be gone */
	uint64_t busy_ns; /* with at least one request in the device */
	uint64_t depth_ns; /* integral of the requests in the device over time */
	uint32_t depth, max_depth;
	size_t n_sharers;
	struct block_sharer sharer[BLOCK_SHARERS];

	/* How the kernel's own time of issue compares with ours. */
	uint64_t clock_requests, clock_unset, clock_early, clock_early_max_ns;
};

/* How many devices have been seen; none without shares. */
size_t block_probe_disks(struct block_probe *p);
/* Device @i as of @now_ns (CLOCK_MONOTONIC). */
void block_probe_disk(struct block_probe *p, size_t i, uint64_t now_ns,
		      struct block_disk_view *ret);
/* ns that requests of @victim lost to @aggressor, both indices of sharers of device @i. */
uint64_t block_probe_cross_ns(struct block_probe *p, size_t i, unsigned int victim,
			      unsigned int aggressor);

#endif
