/* SPDX-License-Identifier: Apache-2.0 */
/* One tick's data: what collectors fill and the store writes. Allocated once, reused. */
#ifndef CBPF_SAMPLE_FRAME_H
#define CBPF_SAMPLE_FRAME_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hist.h"
#include "sample/metric.h"

struct err;

/*
 * Owners are what rows point at: the run's targets first (same index as in the
 * target set), then what is nobody's by reason, then every other cgroup in the order of its
 * first I/O. Append-only; the writer may read [0, n) while the sampler appends.
 */
enum owner_kind { OWNER_CONTAINER, OWNER_WORKLOAD, OWNER_CGROUP, OWNER_HOST, OWNER_UNATTRIBUTED };

struct owner {
	char name[160]; /* a target's name, or the cgroup's path */
	enum owner_kind kind;
	uint64_t cgroup_id; /* of the io hierarchy; 0 for unattributed and for targets */
};

#define OWNER_MAX 1024 /* further cgroups share the last entry, "other cgroups" */

struct owner_table {
	atomic_size_t n;
	struct owner v[OWNER_MAX];
};

enum hist_layer {
	LAYER_BLOCK_QUEUE,
	LAYER_BLOCK_DEVICE,
	LAYER_BLOCK_TOTAL,
	LAYER_BLOCK_SIZE,
	LAYER_BLOCKS, /* so many are the block layer's */
	LAYER_SCHED_RUNQ = LAYER_BLOCKS,
	LAYER_SCHED_IO,
	LAYER_SCHED_LOCK,
	LAYER_SCHED_OTHER,
	LAYER_VFS,
	LAYER_VFS_SIZE,
	LAYER_COUNT
};
extern const char *const hist_layer_names[LAYER_COUNT]; /* block_queue, block_device, ... */
/* "read", ... by enum vfs_op; "other" for what is none. */
const char *frame_vfs_op_name(unsigned int op);

/* What happened within this tick (deltas), in one layer for one owner, op and device. */
struct frame_hist {
	uint32_t owner;
	uint8_t layer; /* enum hist_layer */
	uint8_t op; /* enum block_op, enum vfs_op; of no meaning in the scheduler's layers */
	uint32_t dev; /* major << 20 | minor, of vfs layers a mount; 0 for layers without */
	uint64_t ios; /* equals the histogram's count, but for requests without a start */
	uint64_t bytes;
	uint64_t errors;
	/* ns; for sizes bytes, whose buckets hold bytes less 1 */
	uint64_t count, sum, max;
	uint64_t p50, p90, p99, p999; /* the same; valid when count > 0 */
	uint32_t blob_at, blob_len; /* of the frame's @blobs: hist_encode() */
};

/* The same of what has no latency; only what anything happened to. */
struct frame_block {
	uint32_t owner;
	uint8_t op; /* enum block_op */
	uint32_t dev;
	uint64_t asked; /* see struct block_slot */
	uint64_t consecutive, forward, backward, requeues, merges, splits, partial;
	uint64_t missed; /* done, but not seen to complete: without latency */
};

/* Completions that failed within this tick. */
struct frame_error {
	uint32_t owner;
	uint8_t op;
	uint8_t status; /* the kernel's block status */
	uint32_t dev;
	uint32_t count;
};

/* An owner's part in a device within this tick. */
struct frame_share {
	uint32_t owner;
	uint32_t dev;
	uint64_t share_ns, depth_ns; /* see struct block_sharer */
	uint32_t max_depth; /* since the run began */
};

/* Time that requests of one owner lost to another's within this tick. */
struct frame_cross {
	uint32_t victim, aggressor; /* owners */
	uint32_t dev;
	uint64_t ns;
};

/* What the block probe saw of a device: totals since the run began. */
struct frame_depth {
	uint32_t dev;
	char name[32];
	uint64_t busy_ns, depth_ns;
	uint32_t depth, max_depth;
	uint64_t clock_requests, clock_unset, clock_early, clock_early_max_ns;
};

/* Absolute totals of one target. */
struct frame_row {
	uint32_t owner;
	uint64_t present[(METRIC_COUNT + 63) / 64]; /* bit set: the value could be read */
	uint64_t value[METRIC_COUNT];
};

/* Where the time of calls went that ended within this tick. */
struct frame_call_time {
	uint32_t owner;
	uint8_t op; /* enum vfs_op */
	uint32_t mount;
	uint64_t ns; /* all of it */
	uint64_t spent_ns[10]; /* off CPUs: enum sched_spent, VFS_NESTED and VFS_RETURN */
};

/* A mount that was seen for the first time. */
struct frame_mount {
	uint32_t id; /* from 1; 0 stands for what is not known */
	uint32_t dev; /* of its superblock */
	char fs[32]; /* its type */
	char at[900]; /* where it is mounted, as whoever used it sees it */
};

/* What a target may run on, in its first tick and in each in which that has changed. */
#define FRAME_LIST 512
struct frame_cpuset {
	uint32_t owner;
	/* "0-3,8"; "" is none, or not known; one that is too long ends in "..." */
	char cpus[FRAME_LIST], mems[FRAME_LIST];
};

/* What a target had in one L3 cache, and moved between it and memory since its group was made. */
struct frame_rdt {
	uint32_t owner;
	uint32_t domain; /* id of the cache */
	bool has[3]; /* could be read */
	uint64_t bytes[3]; /* enum resctrl_event: occupancy; total and local bandwidth */
};

/* Its control group, in its first tick and in each in which that or its schemata have changed. */
#define FRAME_SCHEMATA 1024
struct frame_class {
	uint32_t owner;
	char class[256]; /* "/": the default group */
	char group[256]; /* the monitor group's name */
	char schemata
		[FRAME_SCHEMATA]; /* a line per resource but L2; one that is too long ends in "..." */
};

/* One of its allocations, beside it. */
struct frame_alloc {
	uint32_t owner;
	char resource[16]; /* "L3", "L3CODE", "MB" */
	uint32_t domain;
	uint64_t value; /* a mask, or what MB says */
	int ways; /* of masks: how many bits; -1: no mask */
	const char *wrong; /* why the host cannot have it; NULL: it can */
};

/* An event that is counted: told once, in the first frame. */
struct frame_perf_event {
	uint8_t id; /* from 0 */
	char name[96];
	bool hardware; /* it needs a counter of the hardware, and may have to share it */
};

/* Totals of an event when they have changed: of a target, or of what is one of the next two. */
#define FRAME_PERF_OTHERS UINT32_MAX /* all that is no target's, idle CPUs included */
#define FRAME_PERF_CPUS (UINT32_MAX - 1) /* the CPUs' own */
struct frame_perf {
	uint32_t owner;
	uint8_t event; /* frame_perf_event.id */
	uint64_t value; /* as counted: not scaled */
	uint64_t enabled_ns, running_ns; /* on CPUs, and of that with a counter */
};

struct frame_device { /* from /proc/diskstats, absolute totals */
	uint32_t dev;
	char name[32];
	bool stacked; /* has slaves or is a loop device: never sum with its leaves */
	uint64_t ios[3], bytes[3]; /* read, write, discard */
	uint64_t flushes;
	uint64_t busy_ns; /* io_ticks */
};

struct frame {
	uint64_t seq; /* from 0 */
	uint64_t due_ns, begin_ns, end_ns; /* CLOCK_MONOTONIC */
	bool last; /* the sweep after everything has ended */
	size_t n_rows, n_hists, n_devices, n_blobs;
	size_t max_rows, max_hists, max_devices, max_blobs;
	size_t n_blocks, n_errors, n_shares, n_crosses, n_depths, n_mounts, n_times;
	size_t max_blocks, max_errors, max_shares, max_crosses, max_depths, max_mounts, max_times;
	size_t n_cpusets, max_cpusets;
	size_t n_rdts, max_rdts, n_classes, max_classes, n_allocs, max_allocs;
	size_t n_perf_events, max_perf_events, n_perfs, max_perfs;
	size_t hists_dropped; /* did not fit: carried over to the next tick, never lost */
	struct frame_row *rows;
	struct frame_hist *hists;
	struct frame_block *blocks;
	struct frame_error *errors;
	struct frame_share *shares;
	struct frame_cross *crosses;
	struct frame_depth *depths;
	struct frame_device *devices;
	struct frame_mount *mounts;
	struct frame_call_time *times;
	struct frame_cpuset *cpusets;
	struct frame_rdt *rdts;
	struct frame_class *classes;
	struct frame_alloc *allocs;
	struct frame_perf_event *perf_events;
	struct frame_perf *perfs;
	uint8_t *blobs;
};

int frame_init(struct frame *f, size_t max_rows, size_t max_hists, struct err *err);
/* Room for @n_events events of all rows, the others and the CPUs. */
int frame_init_perf(struct frame *f, size_t n_events, struct err *err);
/* Empty it for the next sweep; seq, due_ns and last are the caller's and stay. */
void frame_reset(struct frame *f);
void frame_fini(struct frame *f);

/* The owner's row; a new one with nothing present when there is none. NULL when full. */
struct frame_row *frame_row_of(struct frame *f, uint32_t owner);
bool frame_row_empty(const struct frame_row *row);
/* Sum, max and percentiles of @h as columns; count 0 has no percentiles. */
void frame_hist_set(struct frame_hist *fh, const struct hist *h);
/*
 * The same of sizes, which are counted less 1, so that a power of two is the last value
 * of its bucket: what is told is a bucket's last size, which is exact for those.
 */
void frame_sizes_set(struct frame_hist *fh, const struct hist *less_one);

static inline void frame_put(struct frame_row *row, enum metric m, uint64_t value)
{
	row->value[m] = value;
	row->present[m / 64] |= 1ull << m % 64;
}

static inline bool frame_has(const struct frame_row *row, enum metric m)
{
	return row->present[m / 64] >> m % 64 & 1;
}

#endif
