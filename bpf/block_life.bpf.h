/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The life of a request from its start until the device has it. */
#ifndef CBPF_BLOCK_LIFE_BPF_H
#define CBPF_BLOCK_LIFE_BPF_H

#include "hist.bpf.h"

#include "block_owner.bpf.h"
#include "block_share.bpf.h"
#include "block_start.bpf.h"

/* RQF_FLUSH_SEQ, whose bit has moved: in a sequence of flushes and data. */
const volatile __u32 flush_seq_flag = 1u << 4;

__u32 clock_used; /* enum block_clock */

/* Off: the order of requests is not looked at, and costs nothing. */
const volatile bool follow_sectors = true;

/* How many CPUs count together; a power of two less one, as a mask of CPU numbers. */
const volatile __u32 bank_mask = 0;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, BLOCK_MAX_ROWS); /* times the number of banks, when loaded */
	__type(key, __u32);
	__type(value, struct block_slot);
} slots SEC(".maps");

static __always_inline bool in_flush_sequence(struct request *rq, bool typed)
{
	return READ(rq, rq_flags) & flush_seq_flag;
}

static __always_inline struct block_desc *desc_of(__u32 row)
{
	return bpf_map_lookup_elem(&descs, &row);
}

static __always_inline __u32 bank(void)
{
	return bank_mask ? bpf_get_smp_processor_id() & bank_mask : 0;
}

static __always_inline struct block_slot *slot_of(__u32 row)
{
	__u32 at = row * (bank_mask + 1) + bank();

	return row < NO_ROW ? bpf_map_lookup_elem(&slots, &at) : NULL;
}

static __always_inline void enter_device(struct block_start *s, __u64 now)
{
	if (!share_devices || !s->row || s->flags & BLOCK_START_IN_DEVICE)
		return;
	s->flags |= BLOCK_START_IN_DEVICE;
	share_move(share_disk(s), s->sharer, 1, now);
}

static __always_inline void leave_disk(struct block_start *s, struct block_disk *disk, __u64 now)
{
	if (!share_devices || !(s->flags & BLOCK_START_IN_DEVICE))
		return;
	s->flags &= ~BLOCK_START_IN_DEVICE;
	share_move(disk, s->sharer, -1, now);
}

static __always_inline void leave_device(struct block_start *s, __u64 now)
{
	leave_disk(s, share_disk(s), now);
}

static __always_inline struct block_desc *assigned(const struct block_start *s)
{
	return s->row ? desc_of(s->row - 1) : NULL;
}

/*
 * The completion of the life before was not seen: count it, untimed. An empty
 * flush is never issued, so that nothing tells whose it was.
 */
__noinline int count_missed(struct block_start *s, bool was_issued)
{
	struct block_desc *desc;
	__u32 taken;

	if (!s)
		return 0;
	taken = __sync_lock_test_and_set(&s->row, 0);
	desc = taken ? desc_of(taken - 1) : NULL;
	if (!desc || !was_issued) {
		drop(BLOCK_DROP_FLUSH_MISSED, 1);
		return 0;
	}
	__sync_fetch_and_add(&desc->rare.missed_ios, 1);
	__sync_fetch_and_add(&desc->rare.missed_bytes, s->left);
	drop(BLOCK_DROP_COMPLETION_MISSED, 1);
	return 0;
}

static __always_inline void begin(struct request *rq, __u64 start_ns, __u64 now,
				  struct start_ref *ref, bool typed)
{
	__u64 key = address_key(rq, typed);
	enum start_before before = start_claim(key, ref);

	if (!ref->start)
		return;
	if (unlikely(before)) {
		leave_device(ref->start, now);
		if (before != START_OTHERS)
			count_missed(ref->start, before == START_ISSUED);
	}
	start_reset(ref->start, key, start_ns);
}

/* The record of this life of the request, not of an earlier one at the same address. */
static __always_inline void start_of(struct request *rq, struct start_ref *ref, bool typed)
{
	start_find(address_key(rq, typed), ref);
	if (ref->start && ref->start->born &&
	    unlikely(ref->start->born != (__u32)READ(rq, start_time_ns)))
		ref->start = NULL;
}

/*
 * Without the kernel's time of start, what tells a life from the one before: one
 * that was issued comes back by a requeue only.
 */
static __always_inline bool was_left(const struct block_start *s)
{
	return !s->born && s->first_issue_ns && !(s->flags & BLOCK_START_BACK);
}

/* Decide where the request will be counted; a flush sequence's end may decide anew. */
static __always_inline void assign(struct request *rq, const struct links *l, struct block_start *s,
				   bool typed)
{
	__u32 kernel_op = READ(rq, cmd_flags) & OP_MASK, bytes = READ(rq, __data_len);
	enum block_op op = op_of(kernel_op, bytes);
	struct block_place place;

	if (unlikely(kernel_op == OP_WRITE && !bytes))
		op = BLOCK_FLUSH;
	place_of(rq, l, op, &place, typed);
	if (unlikely(place.row >= NO_ROW))
		return;
	s->left = bytes;
	s->disk = place.disk;
	s->sharer = place.sharer;
	if (op == BLOCK_FLUSH)
		s->flags |= BLOCK_START_FLUSH | BLOCK_START_HIDDEN;
	else if (op == BLOCK_OTHER)
		s->flags |= BLOCK_START_HIDDEN;
	*(volatile __u32 *)&s->row = place.row + 1;
}

static __always_inline struct block_snap *snap_of(const struct start_ref *ref)
{
	__u32 at = ref->at;

	return bpf_map_lookup_elem(&snaps, &at);
}

/* Remember what everybody's share was, or that only one's own can grow for now. */
static __always_inline void snap(struct start_ref *ref, __u64 now)
{
	struct block_start *s = ref->start;
	struct block_disk *disk;
	__u32 epoch;

	if (!share_devices || !s->row)
		return;
	disk = share_disk(s);
	if (!disk)
		return;
	epoch = *(volatile __u32 *)&disk->epoch;
	if (likely(*(volatile __u32 *)&disk->alone == (__u32)s->sharer + 1)) {
		s->epoch = epoch;
		s->flags |= BLOCK_START_ALONE;
		return;
	}
	if (share_snap(disk, snap_of(ref), now))
		share_snap(disk, snap_of(ref), now);
	s->flags |= BLOCK_START_SNAPPED;
}

/* The begin of a life; start_time_ns is not set yet. */
static __always_inline int io_start(struct request *rq, bool typed)
{
	__u64 now;
	struct start_ref ref;
	struct links links;

	if (unlikely(clock_used != BLOCK_CLOCK_OWN))
		return 0;
	links_of(rq, &links, typed);
	now = bpf_ktime_get_ns();
	begin(rq, now, now, &ref, typed);
	if (!ref.start)
		return 0;
	ref.start->flags = BLOCK_START_OWN;
	assign(rq, &links, ref.start, typed);
	snap(&ref, now);
	return 0;
}

/* Only where block_io_start does not exist; there the kernel's start time is not cached. */
static __always_inline int insert(struct request *rq, bool typed)
{
	__u64 born_ns = READ(rq, start_time_ns), now = bpf_ktime_get_ns(), start_ns = now;
	struct start_ref ref;
	struct links links;

	links_of(rq, &links, typed);
	start_of(rq, &ref, typed);
	if (ref.start && !was_left(ref.start) && (ref.start->born || ref.start->first_issue_ns))
		return 0; /* again, after a requeue */
	if (clock_used != BLOCK_CLOCK_OWN)
		return 0;
	/* The data of a flush sequence is inserted long after its start. */
	if (born_ns && in_flush_sequence(rq, typed))
		start_ns = born_ns;
	begin(rq, start_ns, now, &ref, typed);
	if (!ref.start)
		return 0;
	ref.start->born = born_ns;
	assign(rq, &links, ref.start, typed);
	snap(&ref, now);
	return 0;
}

/* Where does the request lie, seen from the row's last one? */
static __always_inline void follow(struct request *rq, struct block_start *s, bool typed)
{
	struct block_desc *desc = s->row ? desc_of(s->row - 1) : NULL;
	__u64 sector, last;

	if (!follow_sectors || !desc || !s->size)
		return;
	sector = READ(rq, __sector);
	last = desc->last_end;
	if (sector == last)
		s->flags |= BLOCK_START_CONSECUTIVE;
	else
		s->flags |= sector > last ? BLOCK_START_FORWARD : BLOCK_START_BACKWARD;
	desc->last_end = sector + (s->size >> 9);
}

/*
 * Recent kernels read the clock once for all requests that are submitted together
 * (plugged): only the first has its own time of start. They are issued together,
 * too.
 */
static __always_inline bool start_is_shared(struct block_cpu *cpu, __u64 born_ns)
{
	bool shared = born_ns && cpu->born_ns == born_ns;

	cpu->born_ns = born_ns;
	cpu->shared_starts += shared;
	return shared;
}

/* Nothing was seen of it before: what the kernel knows must do. */
static __always_inline void begin_late(struct request *rq, const struct links *l, __u64 born_ns,
				       bool is_shared, __u64 now, struct start_ref *ref, bool typed)
{
	begin(rq, born_ns && born_ns < now ? born_ns : now, now, ref, typed);
	if (!ref->start)
		return;
	if (unlikely(is_shared)) {
		ref->start->flags |= BLOCK_START_UNSURE;
		drop(BLOCK_DROP_START_SHARED, 1);
	}
	assign(rq, l, ref->start, typed);
	snap(ref, ref->start->start_ns);
}

static __always_inline int issue(struct request *rq, bool typed)
{
	__u64 now = bpf_ktime_get_ns(), born_ns = READ(rq, start_time_ns);
	struct block_cpu *cpu = this_cpu();
	struct block_start *s;
	struct start_ref ref;
	struct links links;
	bool is_shared;

	links_of(rq, &links, typed);
	is_shared = cpu && start_is_shared(cpu, born_ns);
	start_of(rq, &ref, typed);
	if (ref.start && unlikely(was_left(ref.start)))
		ref.start = NULL;
	if (!ref.start && clock_used == BLOCK_CLOCK_OWN)
		begin_late(rq, &links, born_ns, is_shared, now, &ref, typed);
	s = ref.start;
	if (!s)
		return 0;
	/* No start at all is as bad as an early one: it would be that of the issue. */
	if (cpu &&
	    (born_ns ? s->flags & BLOCK_START_OWN && s->start_ns > born_ns + BLOCK_CLOCK_EARLY_NS
		     : !(s->flags & BLOCK_START_HIDDEN)))
		cpu->early_starts++;
	s->flags &= ~BLOCK_START_BACK;
	s->born = born_ns;
	if (likely(!s->first_issue_ns)) {
		s->first_issue_ns = now;
		s->size = s->left = READ(rq, __data_len);
		follow(rq, s, typed);
	}
	s->last_issue_ns = now;
	enter_device(s, now);
	return 0;
}

static __always_inline int requeue(struct request *rq, bool typed)
{
	struct start_ref ref;

	start_of(rq, &ref, typed);
	if (!ref.start)
		return 0;
	if (ref.start->requeues < (__u16)-1)
		ref.start->requeues++;
	ref.start->flags |= BLOCK_START_BACK;
	leave_device(ref.start, bpf_ktime_get_ns());
	return 0;
}

/* @rq was merged into another request and will never complete. */
static __always_inline int merge(struct request *rq, bool typed)
{
	__u32 kernel_op = READ(rq, cmd_flags) & OP_MASK;
	struct block_desc *desc = NULL;
	struct start_ref ref;
	struct block_place place;
	struct links links;

	links_of(rq, &links, typed);
	start_find(address_key(rq, typed), &ref);
	if (ref.start)
		desc = assigned(ref.start);
	if (!desc) {
		/* Where nothing tells of starts, it has none before it is inserted. */
		place_of(rq, &links, op_of(kernel_op, READ(rq, __data_len)), &place, typed);
		desc = desc_of(place.row);
	}
	if (desc)
		__sync_fetch_and_add(&desc->rare.merges, 1);
	if (ref.start)
		start_release(&ref);
	return 0;
}

#endif
