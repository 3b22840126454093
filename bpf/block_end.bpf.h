/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The end of a request: counted, timed and forgotten. */
#ifndef CBPF_BLOCK_END_BPF_H
#define CBPF_BLOCK_END_BPF_H

#include "block_life.bpf.h"

static __always_inline void since(struct block_slot *slot, enum block_hist which, __u64 from,
				  __u64 to)
{
	hist_record(&slot->hists, which, to > from ? to - from : 0);
}

static __always_inline void count_way(struct block_slot *slot, const struct block_start *s)
{
	if (s->flags & BLOCK_START_CONSECUTIVE)
		count(&slot->consecutive, 1);
	if (s->flags & BLOCK_START_FORWARD)
		count(&slot->forward, 1);
	if (s->flags & BLOCK_START_BACKWARD)
		count(&slot->backward, 1);
	if (unlikely(s->requeues))
		count(&slot->requeues, s->requeues);
}

/*
 * What is known of the whole request, whose times are. Not static, so that the verifier
 * looks at it once, and not once for each way here.
 */
__noinline int time_it(struct block_slot *slot, struct block_start *s, __u64 now)
{
	if (!slot || !s)
		return 0;
	count_way(slot, s);
	if (!s->start_ns)
		return 0;
	if (likely(!(s->flags & BLOCK_START_UNSURE)))
		since(slot, BLOCK_TOTAL, s->start_ns, now);
	if (unlikely(!s->first_issue_ns)) {
		/* An empty flush is not issued. */
		if (s->row && !(s->flags & BLOCK_START_FLUSH))
			drop(BLOCK_DROP_ISSUE_MISSED, 1);
		return 0;
	}
	if (likely(!(s->flags & BLOCK_START_UNSURE)))
		since(slot, BLOCK_QUEUE, s->start_ns, s->first_issue_ns);
	if (unlikely(s->flags & BLOCK_START_DATA_DONE))
		now = s->data_done_ns;
	since(slot, BLOCK_DEVICE, s->last_issue_ns, now);
	return 0;
}

#define COMPARED_MASK 0x780 /* of the time: one request in sixteen, since it costs a cache line */

/* How good would the kernel's own time of issue have been? Lost updates do not matter. */
static __always_inline void compare_clock(struct block_disk *disk, struct request *rq, __u64 own_ns,
					  bool typed)
{
	__u64 kernel_ns;

	if (likely(own_ns & COMPARED_MASK))
		return;
	kernel_ns = READ(rq, io_start_time_ns);
	disk->clock_requests++;
	if (!kernel_ns) {
		disk->clock_unset++;
	} else if (own_ns > kernel_ns + BLOCK_CLOCK_EARLY_NS) {
		disk->clock_early++;
		if (own_ns - kernel_ns > disk->clock_early_max_ns)
			disk->clock_early_max_ns = own_ns - kernel_ns;
	}
}

/* The data of a write that belongs to a flush sequence is done; the rest of it may not be. */
static __always_inline void data_done(struct request *rq, struct start_ref *ref, __u64 now,
				      bool typed)
{
	if (!ref->start && clock_used == BLOCK_CLOCK_OWN)
		begin(rq, 0, now, ref, typed);
	if (!ref->start)
		return;
	ref->start->flags |= BLOCK_START_DATA_DONE;
	ref->start->left = 0;
	ref->start->data_done_ns = now;
	leave_device(ref->start, now);
}

/* To whom did the request whose record is at @at lose its time? Not static, as above. */
__noinline int lose(struct block_start *s, struct block_disk *disk, __u32 at)
{
	struct block_snap *from = NULL;
	__u32 cross, since;

	if (!s || !disk)
		return 0;
	if (likely(s->flags & BLOCK_START_ALONE)) {
		since = (__u16)(disk->epoch - s->epoch);
		if (likely(!since))
			return 0; /* nobody else came */
		from = &disk->came[(s->epoch + 1) % BLOCK_EPOCHS];
		if (since >= BLOCK_EPOCHS) {
			/* The earliest that is left: what it lost before is not known. */
			drop(BLOCK_DROP_EPOCH, 1);
			from = &disk->came[(disk->epoch + 1) % BLOCK_EPOCHS];
		}
	} else if (s->flags & BLOCK_START_SNAPPED) {
		from = bpf_map_lookup_elem(&snaps, &at);
	}
	cross = (__u32)s->disk * (bank_mask + 1) + bank();
	if (from)
		share_cross(disk, from, bpf_map_lookup_elem(&crosses, &cross), s->sharer);
	return 0;
}

/* Leave the device, and look back at the time in it. */
static __always_inline void part(struct request *rq, struct start_ref *ref, __u64 now, bool typed)
{
	struct block_start *s = ref->start;
	struct block_disk *disk = share_disk(s);

	leave_disk(s, disk, now);
	if (!disk || !s->row)
		return;
	if (s->last_issue_ns && !(s->flags & BLOCK_START_DATA_DONE))
		compare_clock(disk, rq, s->last_issue_ns, typed);
	if (share_devices)
		lose(s, disk, ref->at);
}

/* @rq is done: count and time it, and forget its start. */
static __always_inline void finish(struct request *rq, struct block_slot *slot,
				   struct start_ref *ref, bool asked_flush, bool failed, __u64 now,
				   bool typed)
{
	struct block_start *s = ref->start;
	__u64 born_ns = 0;

	count(&slot->ios, 1);
	if (unlikely(asked_flush))
		count(&slot->asked, 1);
	if (unlikely(failed || (s && s->flags & BLOCK_START_FAILED)))
		count(&slot->errors, 1);
	if (s)
		time_it(slot, s, now);
	if (likely(s && s->start_ns)) {
		part(rq, ref, now, typed);
	} else {
		/* An empty flush shows no sign of life before this but on kernels with io_start. */
		if (asked_flush)
			born_ns = READ(rq, start_time_ns);
		if (born_ns)
			since(slot, BLOCK_TOTAL, born_ns, now);
		else
			drop(BLOCK_DROP_START_MISSING, 1);
	}
	if (s)
		start_release(ref);
}

/* A part of a request, or an error. Not static, as above. */
__noinline int count_rare(__u32 row, int status, bool is_last)
{
	struct block_desc *desc = desc_of(row);

	if (!desc)
		return 0;
	if (!is_last)
		__sync_fetch_and_add(&desc->rare.partial, 1);
	if (status) {
		__u32 at = status < 0 ? -status : status;

		if (at >= BLOCK_STATUSES)
			at = BLOCK_STATUSES - 1;
		asm volatile("" : "+r"(at));
		if (at < BLOCK_STATUSES)
			__sync_fetch_and_add(&desc->status[at], 1);
	}
	return 0;
}

/* Bytes that are done, in full or in part, whatever became of them. */
static __always_inline void count_bytes(struct block_slot *slot, __u32 row, __u32 bytes, int status,
					bool is_last)
{
	count(&slot->bytes, bytes);
	if (unlikely(!is_last || status))
		count_rare(row, status, is_last);
}

/* Off: sizes are not looked at, and cost nothing. */
const volatile bool count_sizes = true;

/* The size of the whole request, once its last part is done. */
static __always_inline void count_size(struct block_slot *slot, __u32 bytes)
{
	if (count_sizes && bytes)
		hist_record(&slot->hists, BLOCK_SIZE, bytes - 1);
}

/*
 * Request-based dm completes all bytes of a request and then the request itself,
 * which is none any more: no bytes, no bio, and its record is gone.
 */
static __always_inline bool ended_before(struct request *rq, const struct links *l, __u32 kernel_op,
					 __u32 bytes, bool flush_seq, bool typed)
{
	return !bytes && !flush_seq && kernel_op != OP_FLUSH && kernel_op < OP_PASSTHROUGH &&
	       !bio_of(rq, l, typed);
}

/* The kernel's own times: no memory of requests, nothing about who else was there. */
static __always_inline int complete_untracked(struct request *rq, const struct links *l, int status,
					      __u32 bytes, __u64 now, bool typed)
{
	__u32 kernel_op = READ(rq, cmd_flags) & OP_MASK, left = READ(rq, __data_len);
	__u64 start_ns, issue_ns;
	bool flush_seq = in_flush_sequence(rq, typed), asked_flush = false;
	struct block_slot *slot;
	struct block_place place;
	struct bio *bio;

	if (ended_before(rq, l, kernel_op, bytes, flush_seq, typed))
		return 0;
	/* What ends the flush sequence of a write looks like an empty flush, but has pages. */
	bio = bio_of(rq, l, typed);
	if (kernel_op == OP_WRITE && !bytes && !flush_seq) {
		if (!bio || READ(bio, bi_io_vec))
			return 0;
		asked_flush = true;
	}
	place_of(rq, l, asked_flush ? BLOCK_FLUSH : op_of(kernel_op, bytes), &place, typed);
	slot = slot_of(place.row);
	if (!slot) {
		drop(BLOCK_DROP_ROWS_EXHAUSTED_BYTES, bytes);
		drop(BLOCK_DROP_ROWS_EXHAUSTED, bytes >= left);
		return 0;
	}
	if (bytes || status)
		count_bytes(slot, place.row, bytes, status, bytes >= left);
	if (bytes < left)
		return 0;
	count(&slot->ios, 1);
	if (asked_flush)
		count(&slot->asked, 1);
	if (status)
		count(&slot->errors, 1);
	count_size(slot, bytes);
	start_ns = READ(rq, start_time_ns);
	issue_ns = READ(rq, io_start_time_ns);
	if (!start_ns || start_ns > now) {
		drop(BLOCK_DROP_START_MISSING, 1);
		return 0;
	}
	since(slot, BLOCK_TOTAL, start_ns, now);
	if (asked_flush || !issue_ns)
		return 0;
	since(slot, BLOCK_QUEUE, start_ns, issue_ns);
	since(slot, BLOCK_DEVICE, issue_ns, now);
	return 0;
}

/* User space took it for one whose completion was not seen, and has counted it. */
static __always_inline bool was_settled(const struct block_start *s)
{
	return s->first_issue_ns && !s->last_issue_ns;
}

/*
 * At the end of a flush sequence: bytes of its data, if that was issued and its completion not
 * seen (an interrupt's, while the program was running). When they were done is not known.
 */
static __always_inline __u32 unseen_data(struct block_start *s)
{
	if (!s->first_issue_ns || s->flags & BLOCK_START_DATA_DONE)
		return 0;
	s->first_issue_ns = 0;
	return s->left;
}

static __always_inline int complete(struct request *rq, int status, __u32 bytes, bool typed)
{
	__u32 kernel_op = READ(rq, cmd_flags) & OP_MASK, left = READ(rq, __data_len), row = 0;
	bool is_last = bytes >= left, failed = status;
	bool flush_seq = in_flush_sequence(rq, typed);
	bool more_steps = flush_seq && kernel_op != OP_FLUSH, asked_flush;
	__u64 now = bpf_ktime_get_ns();
	struct block_start *s;
	struct block_slot *slot;
	struct start_ref ref;
	struct block_place place;
	struct links links;

	links_of(rq, &links, typed);
	if (unlikely(clock_used == BLOCK_CLOCK_KERNEL))
		goto untracked;
	start_of(rq, &ref, typed);
	s = ref.start;
	if (s && unlikely(was_settled(s))) {
		if (is_last)
			start_release(&ref);
		return 0;
	}
	if (unlikely(!s) && ended_before(rq, &links, kernel_op, bytes, flush_seq, typed))
		return 0;
	if (unlikely(!s) && clock_used == BLOCK_CLOCK_DRAINING)
		goto untracked;
	if (unlikely(kernel_op == OP_WRITE && !bytes) && !flush_seq && s &&
	    bio_of(rq, &links, typed))
		bytes = unseen_data(s);
	/*
	 * A write that belongs to a flush sequence completes twice: when its data
	 * is done, and without bytes and out of the sequence when all of it is. One
	 * that only does the latter was a flush and nothing else; without a bio, it is
	 * what was left when another path took the bios over.
	 */
	asked_flush = unlikely(kernel_op == OP_WRITE && !bytes) && !flush_seq &&
		      bio_of(rq, &links, typed) && !(s && s->flags & BLOCK_START_DATA_DONE);
	if (s)
		row = s->row;
	if (likely(row &&
		   !(s->flags & BLOCK_START_FLUSH) == !(asked_flush || kernel_op == OP_FLUSH))) {
		row--;
	} else {
		place_of(rq, &links, asked_flush ? BLOCK_FLUSH : op_of(kernel_op, bytes), &place,
			 typed);
		row = place.row;
	}
	slot = slot_of(row);
	if (unlikely(!slot)) {
		drop(BLOCK_DROP_ROWS_EXHAUSTED_BYTES, bytes);
		if (is_last && !more_steps)
			drop(BLOCK_DROP_ROWS_EXHAUSTED, 1);
	} else if (bytes || status) {
		count_bytes(slot, row, bytes, status, is_last);
	}
	if (unlikely(failed) && s)
		s->flags |= BLOCK_START_FAILED;
	if (unlikely(!is_last)) {
		if (s)
			s->left -= bytes;
		return 0;
	}
	if (slot && bytes)
		count_size(slot, s && s->first_issue_ns ? s->size : bytes);
	if (unlikely(more_steps)) {
		data_done(rq, &ref, now, typed);
	} else if (likely(slot)) {
		finish(rq, slot, &ref, asked_flush, failed, now, typed);
	} else if (s) {
		leave_device(s, now);
		start_release(&ref);
	}
	return 0;
untracked:
	return complete_untracked(rq, &links, status, bytes, now, typed);
}

#endif
