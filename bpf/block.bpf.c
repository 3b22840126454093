// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Counts and times block requests per owner, device and operation.
 *
 * Every hook exists twice, as tp_btf and as raw_tp; user space loads one set.
 * With the kernel's own times on_complete is all that is needed.
 */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "block_end.bpf.h"
#include "block_life.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Before 5.11, and in what some distributions took from there, the queue comes first. */
const volatile bool queue_comes_first = false;

/* The programs are empty: to measure what being called costs. */
const volatile bool count_nothing = false;

/* What became of @bio is counted where a request of its own would have been. */
static __always_inline struct block_desc *desc_of_bio(struct bio *bio, bool typed)
{
	struct block_device *bdev = READ(bio, bi_bdev);
	struct gendisk *disk = bdev ? READ(bdev, bd_disk) : NULL;
	struct request_queue *q = disk ? READ(disk, queue) : NULL;
	__u32 opf = READ(bio, bi_opf);
	struct block_place place;

	/* A device without requests of its own (md, dm) has no rows. */
	if (!q || !READ(q, mq_ops))
		return NULL;
	place_of_bio(bio, disk, opf, op_of(opf & OP_MASK, READ(bio, bi_iter.bi_size)), &place,
		     typed);
	return desc_of(place.row);
}

static __always_inline int bio_merge(struct bio *bio, bool typed)
{
	struct block_desc *desc = desc_of_bio(bio, typed);

	if (desc)
		__sync_fetch_and_add(&desc->rare.merges, 1);
	return 0;
}

static __always_inline int split(struct bio *bio, bool typed)
{
	struct block_desc *desc = desc_of_bio(bio, typed);

	if (desc)
		__sync_fetch_and_add(&desc->rare.splits, 1);
	return 0;
}

/* A branch, since the verifier refuses a load at an offset that was computed. */
static __always_inline struct request *request_of(__u64 *ctx)
{
	if (queue_comes_first) {
		barrier_var(ctx);
		return (struct request *)ctx[1];
	}
	return (struct request *)ctx[0];
}

/*
 * A program with a tail call has its variables on the kernel's stack, which is in the
 * cache, and not on a stack of its own, as it would since Linux 6.13: that is a tenth of
 * what a request costs. The call is never made, so that the verifier takes it out. Each
 * program needs an array for itself, since those in one must be of a kind.
 */
const volatile bool never = false;

#ifdef __TARGET_ARCH_x86
#define KEEP_STACK(array, ctx)                                                                     \
	do {                                                                                       \
		if (never)                                                                         \
			bpf_tail_call(ctx, array, 0);                                              \
	} while (0)
#else /* not every kernel takes functions beside it there */
#define KEEP_STACK(array, ctx)                                                                     \
	do {                                                                                       \
	} while (0)
#endif

/* Each hook as both kinds of program; @args are what is passed on. */
#define ON(name, tracepoint, call, ...)                                                            \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_PROG_ARRAY);                                             \
		__uint(max_entries, 1);                                                            \
		__type(key, __u32);                                                                \
		__type(value, __u32);                                                              \
	} no_##name SEC(".maps");                                                                  \
	SEC("tp_btf/" #tracepoint)                                                                 \
	int on_##name(__u64 *ctx)                                                                  \
	{                                                                                          \
		KEEP_STACK(&no_##name, ctx);                                                       \
		return count_nothing ? 0 : call(__VA_ARGS__, true);                                \
	}                                                                                          \
	SEC("raw_tp/" #tracepoint)                                                                 \
	int on_##name##_raw(__u64 *ctx)                                                            \
	{                                                                                          \
		return count_nothing ? 0 : call(__VA_ARGS__, false);                               \
	}

ON(io_start, block_io_start, io_start, request_of(ctx))
ON(insert, block_rq_insert, insert, request_of(ctx))
ON(issue, block_rq_issue, issue, request_of(ctx))
ON(requeue, block_rq_requeue, requeue, request_of(ctx))
ON(merge, block_rq_merge, merge, request_of(ctx))
ON(backmerge, block_bio_backmerge, bio_merge, (struct bio *)ctx[0])
ON(frontmerge, block_bio_frontmerge, bio_merge, (struct bio *)ctx[0])
ON(split, block_split, split, (struct bio *)ctx[0])

/* The second argument is an errno or, since 5.16, a blk_status_t: 0 is success in both. */
ON(complete, block_rq_complete, complete, (struct request *)ctx[0], (int)ctx[1], (__u32)ctx[2])
