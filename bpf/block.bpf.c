// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Counts and times block requests per owner, device and operation.
 *
 * Every hook exists twice, as tp_btf and as raw_tp; user space loads one set.
 * The owner is the cgroup that the request's first bio is charged to, never the
 * task that happens to run: requests complete anywhere, and bios of different
 * cgroups do not merge.
 */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "block_start.bpf.h"
#include "hist.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Before 5.11, and in what some distributions took from there, the queue comes first. */
const volatile bool queue_comes_first = false;

/* RQF_FLUSH_SEQ, whose bit has moved: in a sequence of flushes and data. */
const volatile __u32 flush_seq_flag = 1u << 4;

__u32 next_slot;
__u64 drops[BLOCK_DROPS];

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, BLOCK_MAX_SLOTS);
	__type(key, __u32);
	__type(value, struct block_slot);
} slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, BLOCK_MAX_SLOTS);
	__type(key, __u32);
	__type(value, struct block_desc);
} descs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, BLOCK_MAX_SLOTS);
	__type(key, struct block_key);
	__type(value, __u32);
} slot_of SEC(".maps");

/* What other kernels call what the type header has under today's name. */
struct request___until_5_16 {
	struct gendisk *rq_disk;
} __attribute__((preserve_access_index));

/* The operation is the low byte of cmd_flags; these values have never changed. */
#define OP_MASK 0xff
#define OP_READ 0
#define OP_WRITE 1
#define OP_FLUSH 2
#define OP_DISCARD 3
#define OP_SECURE_ERASE 5
#define OP_PASSTHROUGH 32 /* and above */

/* @typed is a constant in each caller: a tp_btf program reads directly, others by helper. */
#define READ(p, field) (typed ? (p)->field : BPF_CORE_READ(p, field))

static __always_inline void drop(enum block_drop what, __u64 n)
{
	__sync_fetch_and_add(&drops[what], n);
}

static __always_inline bool in_flush_sequence(struct request *rq, bool typed)
{
	return READ(rq, rq_flags) & flush_seq_flag;
}

/* Zone management carries no bytes and, like passthrough, is not the disk's reads and writes. */
static __always_inline enum block_op op_of(__u32 op, __u32 bytes)
{
	if (op == OP_READ)
		return BLOCK_READ;
	if (op == OP_FLUSH)
		return BLOCK_FLUSH;
	if (op == OP_DISCARD || op == OP_SECURE_ERASE)
		return BLOCK_DISCARD;
	if (op == OP_WRITE || ((op & 1) && op < OP_PASSTHROUGH && bytes))
		return BLOCK_WRITE;
	return BLOCK_OTHER;
}

/* NULL when the request has no owner: flushes of the device's own, most passthrough. */
static __always_inline struct kernfs_node *owner_of(struct request *rq, bool typed)
{
	struct blkcg_gq *blkg;
	struct blkcg *blkcg;
	struct cgroup *cgroup;
	struct bio *bio;

	if (!bpf_core_field_exists(struct bio, bi_blkg))
		return NULL;
	bio = READ(rq, bio);
	if (!bio)
		return NULL;
	blkg = READ(bio, bi_blkg);
	if (!blkg)
		return NULL;
	blkcg = READ(blkg, blkcg);
	if (!blkcg)
		return NULL;
	cgroup = READ(blkcg, css.cgroup);
	if (!cgroup)
		return NULL;
	return READ(cgroup, kn);
}

static __always_inline __u32 dev_of(struct request *rq, bool typed)
{
	struct request___until_5_16 *old = (void *)rq;
	struct request_queue *q;
	struct gendisk *disk;

	if (bpf_core_field_exists(old->rq_disk)) {
		disk = BPF_CORE_READ(old, rq_disk);
		return disk ? BPF_CORE_READ(disk, major) << 20 | BPF_CORE_READ(disk, first_minor)
			    : 0;
	}
	q = READ(rq, q);
	disk = q ? READ(q, disk) : NULL;
	return disk ? READ(disk, major) << 20 | READ(disk, first_minor) : 0;
}

#define NO_SLOT BLOCK_MAX_SLOTS

/* The first request of an owner, device and operation. */
static __noinline __u32 slot_new(struct block_key *key, const char *name)
{
	struct block_desc *desc;
	__u32 slot, *winner;

	slot = __sync_fetch_and_add(&next_slot, 1);
	desc = bpf_map_lookup_elem(&descs, &slot);
	if (!desc) {
		__sync_fetch_and_sub(&next_slot, 1);
		return NO_SLOT;
	}
	desc->key = *key;
	if (name && bpf_probe_read_kernel_str(desc->name, sizeof(desc->name), name) < 0) {
		desc->name[0] = 0;
		drop(BLOCK_DROP_NAME_MISSING, 1);
	}
	if (!bpf_map_update_elem(&slot_of, key, &slot, BPF_NOEXIST)) {
		__sync_lock_test_and_set(&desc->state, BLOCK_DESC_READY);
		return slot;
	}
	/* Another CPU was first, or the index is full or busy. */
	__sync_lock_test_and_set(&desc->state, BLOCK_DESC_ABANDONED);
	winner = bpf_map_lookup_elem(&slot_of, key);
	if (!winner) {
		drop(BLOCK_DROP_INDEX_FAILED, 1);
		return NO_SLOT;
	}
	return *winner;
}

/* Index of the slot that the request is counted in, or NO_SLOT. */
static __always_inline __u32 slot_for(struct request *rq, enum block_op op, bool typed)
{
	struct kernfs_node *kn = owner_of(rq, typed);
	struct block_key key = {
		.cgroup_id = kn ? READ(kn, id) : 0,
		.dev = dev_of(rq, typed),
		.op = op,
	};
	__u32 *slot = bpf_map_lookup_elem(&slot_of, &key);

	return slot ? *slot : slot_new(&key, kn ? READ(kn, name) : NULL);
}

/*
 * The completion of the life before was not seen: count it, untimed. An empty
 * flush is never issued, so that nothing tells whose it was.
 */
static __always_inline void count_missed(struct start_ref *ref)
{
	struct block_pending *pending = start_pending(ref);
	__u32 taken = pending ? __sync_lock_test_and_set(&pending->slot, 0) : 0, index = taken - 1;
	struct block_slot *slot = taken ? bpf_map_lookup_elem(&slots, &index) : NULL;

	if (!slot) {
		drop(BLOCK_DROP_FLUSH_MISSED, 1);
		return;
	}
	__sync_fetch_and_add(&slot->ios, 1);
	__sync_fetch_and_add(&slot->bytes, pending->bytes);
	drop(BLOCK_DROP_COMPLETION_MISSED, 1);
}

static __always_inline void begin(struct request *rq, __u64 start_ns, struct start_ref *ref,
				  bool typed)
{
	if (start_claim(start_key(rq, typed), start_ns, ref))
		count_missed(ref);
}

/* The record of this life of the request, not of an earlier one at the same address. */
static __always_inline void start_of(struct request *rq, struct start_ref *ref, bool typed)
{
	start_find(start_key(rq, typed), ref);
	if (ref->start && ref->start->born && ref->start->born != (__u32)READ(rq, start_time_ns))
		ref->start = NULL;
}

/* The begin of a life; start_time_ns is not set yet. */
static __always_inline int io_start(struct request *rq, bool typed)
{
	struct start_ref ref;

	begin(rq, bpf_ktime_get_ns(), &ref, typed);
	return 0;
}

/* Only where block_io_start does not exist; there the kernel's start time is not cached. */
static __always_inline int insert(struct request *rq, bool typed)
{
	__u64 born_ns = READ(rq, start_time_ns), start_ns;
	struct start_ref ref;

	start_of(rq, &ref, typed);
	if (ref.start && (ref.start->born || ref.start->first_issue_ns))
		return 0; /* again, after a requeue */
	/* The data of a flush sequence is inserted long after its start. */
	start_ns = born_ns && in_flush_sequence(rq, typed) ? born_ns : bpf_ktime_get_ns();
	begin(rq, start_ns, &ref, typed);
	if (ref.start)
		ref.start->born = born_ns;
	return 0;
}

/* Remember where an ordinary request belongs; flush sequences tell only at their end. */
static __always_inline void expect(struct request *rq, struct start_ref *ref, bool typed)
{
	__u32 kernel_op = READ(rq, cmd_flags) & OP_MASK, bytes = READ(rq, __data_len);
	struct block_pending *pending = start_pending(ref);
	__u32 slot;

	if (!pending || !bytes || kernel_op == OP_FLUSH || in_flush_sequence(rq, typed))
		return;
	slot = slot_for(rq, op_of(kernel_op, bytes), typed);
	if (slot >= NO_SLOT)
		return;
	pending->bytes = bytes;
	__sync_lock_test_and_set(&pending->slot, slot + 1);
}

static __always_inline int issue(struct request *rq, bool typed)
{
	__u64 now = bpf_ktime_get_ns(), born_ns = READ(rq, start_time_ns);
	struct start_ref ref;

	start_of(rq, &ref, typed);
	if (!ref.start)
		begin(rq, born_ns && born_ns < now ? born_ns : now, &ref, typed);
	if (!ref.start)
		return 0;
	ref.start->born = born_ns;
	if (!ref.start->first_issue_ns) {
		ref.start->first_issue_ns = now;
		expect(rq, &ref, typed);
	}
	ref.start->last_issue_ns = now;
	return 0;
}

static __always_inline int requeue(struct request *rq, bool typed)
{
	struct start_ref ref;

	start_of(rq, &ref, typed);
	if (ref.start && ref.start->requeues < (__u16)-1)
		ref.start->requeues++;
	return 0;
}

/* @rq was merged into another request and will never complete. */
static __always_inline int merge(struct request *rq, bool typed)
{
	struct start_ref ref;

	start_find(start_key(rq, typed), &ref);
	start_release(&ref);
	return 0;
}

static __always_inline void since(struct hist *h, __u64 from, __u64 to)
{
	hist_record(h, to > from ? to - from : 0);
}

static __always_inline void time_it(struct block_slot *slot, struct start_ref *ref)
{
	const struct block_start *s = ref->start;
	__u64 now = bpf_ktime_get_ns(), *data_done_ns;

	since(&slot->total, s->start_ns, now);
	if (!s->first_issue_ns)
		return; /* an empty flush */
	since(&slot->queue, s->start_ns, s->first_issue_ns);
	if (s->flags & BLOCK_START_DATA_DONE) {
		data_done_ns = start_data_done(ref);
		if (data_done_ns)
			now = *data_done_ns;
	}
	since(&slot->device, s->last_issue_ns, now);
}

/* The data of a write that belongs to a flush sequence is done; the rest of it may not be. */
static __always_inline void data_done(struct request *rq, struct start_ref *ref, bool typed)
{
	__u64 *data_done_ns;

	if (!ref->start)
		begin(rq, 0, ref, typed);
	data_done_ns = start_data_done(ref);
	if (!data_done_ns)
		return;
	ref->start->flags |= BLOCK_START_DATA_DONE;
	*data_done_ns = bpf_ktime_get_ns();
}

/* @rq is done: count and time it, and forget its start. */
static __always_inline void finish(struct request *rq, struct block_slot *slot,
				   struct start_ref *ref, bool asked_flush, bool failed, bool typed)
{
	struct block_start *s = ref->start;
	__u64 born_ns = 0;

	__sync_fetch_and_add(&slot->ios, 1);
	if (asked_flush)
		__sync_fetch_and_add(&slot->asked, 1);
	if (failed || (s && s->flags & BLOCK_START_FAILED))
		__sync_fetch_and_add(&slot->errors, 1);
	if (s && s->requeues)
		__sync_fetch_and_add(&slot->requeues, s->requeues);
	if (s && s->start_ns) {
		time_it(slot, ref);
	} else {
		/* An empty flush shows no sign of life before this but on kernels with io_start. */
		if (asked_flush)
			born_ns = READ(rq, start_time_ns);
		if (born_ns)
			since(&slot->total, born_ns, bpf_ktime_get_ns());
		else
			drop(BLOCK_DROP_START_MISSING, 1);
	}
	start_release(ref);
}

static __always_inline int complete(struct request *rq, bool failed, __u32 bytes, bool typed)
{
	__u32 kernel_op = READ(rq, cmd_flags) & OP_MASK;
	bool is_last = bytes >= READ(rq, __data_len);
	bool flush_seq = in_flush_sequence(rq, typed);
	bool more_steps = flush_seq && kernel_op != OP_FLUSH, asked_flush;
	enum block_op op = op_of(kernel_op, bytes);
	struct block_pending *pending;
	struct block_slot *slot;
	struct start_ref ref;
	__u32 index = 0;

	start_of(rq, &ref, typed);
	/*
	 * A write that belongs to a flush sequence completes twice: when its data
	 * is done, and without bytes and out of the sequence when all of it is. One
	 * that only does the latter was a flush and nothing else; without a bio, it is
	 * what was left when another path took the bios over.
	 */
	asked_flush = kernel_op == OP_WRITE && !bytes && !flush_seq && READ(rq, bio) &&
		      !(ref.start && ref.start->flags & BLOCK_START_DATA_DONE);
	if (asked_flush)
		op = BLOCK_FLUSH;
	pending = start_pending(&ref);
	if (pending)
		index = pending->slot;
	index = index ? index - 1 : slot_for(rq, op, typed);
	slot = bpf_map_lookup_elem(&slots, &index);
	if (!slot) {
		drop(BLOCK_DROP_SLOTS_EXHAUSTED_BYTES, bytes);
		if (is_last && !more_steps)
			drop(BLOCK_DROP_SLOTS_EXHAUSTED, 1);
	} else if (bytes) {
		__sync_fetch_and_add(&slot->bytes, bytes);
	}
	if (failed && ref.start)
		ref.start->flags |= BLOCK_START_FAILED;
	if (!is_last) {
		if (pending && pending->slot)
			pending->bytes -= bytes;
		return 0;
	}
	if (more_steps)
		data_done(rq, &ref, typed);
	else if (slot)
		finish(rq, slot, &ref, asked_flush, failed, typed);
	else
		start_release(&ref);
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

#define ON_REQUEST(name, tracepoint)                                                               \
	SEC("tp_btf/" #tracepoint)                                                                 \
	int on_##name(__u64 *ctx)                                                                  \
	{                                                                                          \
		return name(request_of(ctx), true);                                                \
	}                                                                                          \
	SEC("raw_tp/" #tracepoint)                                                                 \
	int on_##name##_raw(__u64 *ctx)                                                            \
	{                                                                                          \
		return name(request_of(ctx), false);                                               \
	}

ON_REQUEST(io_start, block_io_start)
ON_REQUEST(insert, block_rq_insert)
ON_REQUEST(issue, block_rq_issue)
ON_REQUEST(requeue, block_rq_requeue)
ON_REQUEST(merge, block_rq_merge)

/* The second argument is an errno or, since 5.16, a blk_status_t: 0 is success in both. */
SEC("tp_btf/block_rq_complete")
int on_complete(__u64 *ctx)
{
	return complete((struct request *)ctx[0], (__u32)ctx[1], ctx[2], true);
}

SEC("raw_tp/block_rq_complete")
int on_complete_raw(__u64 *ctx)
{
	return complete((struct request *)ctx[0], (__u32)ctx[1], ctx[2], false);
}
