/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Where a call that has ended is counted. */
#ifndef CBPF_VFS_COUNT_BPF_H
#define CBPF_VFS_COUNT_BPF_H

#include "hist.bpf.h"
#include "vfs_file_count.bpf.h"
#include "vfs_place.bpf.h"

const volatile __u32 bank_mask = 0; /* how many CPUs count together */
const volatile __u32 n_rows = 0;
const volatile __u32 n_rows_of_mounts = 0; /* others are for what finds none of these */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1); /* as many as there are rows, when loaded */
	__type(key, __u64); /* struct vfs_row */
	__type(value, __u32);
} row_ids SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, VFS_MAX_ROWS);
	__type(key, __u32);
	__type(value, __u64); /* struct vfs_row, and set once it is complete */
} rows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* rows times banks, when loaded */
	__type(key, __u32);
	__type(value, struct vfs_slot);
} slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, VFS_MAX_ERRORS);
	__type(key, struct vfs_error);
	__type(value, __u64);
} errors SEC(".maps");

__u32 next_row;

static __always_inline __u32 bank(void)
{
	return bank_mask ? bpf_get_smp_processor_id() & bank_mask : 0;
}

static __always_inline __u64 row_key(__u32 target, __u32 place, __u32 op)
{
	return (__u64)target << 32 | (place & 0xffff) << 16 | op / HIST_SET;
}

#define PLACE_OF_ROW (0xffffull << 16)

/* Index + 1 of a row, made when new; 0: there is no room. Not static, to be verified once. */
__noinline __u32 find_row(__u64 key)
{
	__u32 *at = bpf_map_lookup_elem(&row_ids, &key), row;
	__u64 *desc;

	if (likely(at))
		return *at + 1;
	row = next_row;
	if (row >= (key & PLACE_OF_ROW ? n_rows_of_mounts : n_rows))
		return 0;
	row = __sync_fetch_and_add(&next_row, 1);
	desc = row < n_rows ? bpf_map_lookup_elem(&rows, &row) : NULL;
	if (!desc)
		return 0;
	if (!bpf_map_update_elem(&row_ids, &key, &row, BPF_NOEXIST)) {
		*desc = key + (1ull << 32); /* so that it is not 0 */
		return row + 1;
	}
	at = bpf_map_lookup_elem(&row_ids, &key); /* another CPU was first; one row is wasted */
	return at ? *at + 1 : 0;
}

/* Where there is no room for @key: the one that is of no mount. */
static __always_inline __u32 find_rest(__u64 key)
{
	__u32 row = find_row(key & ~PLACE_OF_ROW);

	if (row)
		lose(VFS_DROP_ROW);
	return row;
}

/* Not static, to be verified once. */
__noinline __u32 find_some_row(__u64 key)
{
	__u32 row = find_row(key);

	return likely(row) ? row : find_rest(key);
}

/* Not static, to be verified once. */
__noinline int count_error(__u32 row, __u32 which, __u32 code)
{
	struct vfs_error key = { .row = row, .which = which, .code = code };
	__u64 one = 1, *n = bpf_map_lookup_elem(&errors, &key);

	if (!n && !bpf_map_update_elem(&errors, &key, &one, BPF_NOEXIST))
		return 0;
	if (!n)
		n = bpf_map_lookup_elem(&errors, &key);
	if (n)
		__sync_fetch_and_add(n, 1);
	else
		lose(VFS_DROP_ERROR);
	return 0;
}

/* What a row counts on this CPU; @row is index + 1. */
static __always_inline struct vfs_slot *slot_of(__u32 row)
{
	__u32 at = (row - 1) * (bank_mask + 1) + bank();

	return row && row <= n_rows ? bpf_map_lookup_elem(&slots, &at) : NULL;
}

#define NO_LATENCY (~0ull)
/* Faults are seen at a function whatever calls are seen at: nobody else counts where they do. */
#define MAY_BE_PREEMPTED(op) ((op) == VFS_FAULT)

/*
 * A call of @op that has returned @ret after @ns, on @row (index + 1). Not static, to be
 * verified once.
 */
__noinline int count_call(__u32 row, __u32 op, __u64 ns, __s64 ret)
{
	struct vfs_slot *slot = slot_of(row);
	__u32 which = op & (HIST_SET - 1);
	bool shared = MAY_BE_PREEMPTED(op);

	if (unlikely(!slot)) {
		lose(VFS_DROP_ROW);
		return 0;
	}
	if (likely(ns != NO_LATENCY))
		hist_record(&slot->hists, which | (shared ? HIST_SHARED : 0), ns);
	if (unlikely(ret < 0)) {
		count_by(shared, &slot->errors[which], 1);
		count_error(row - 1, which, -ret);
	} else if (VFS_SIZED(op) && ret) {
		/* Less 1, as of requests: a power of two is the last value of its bucket. */
		hist_record(&slot->hists, which + 1, ret - 1);
	}
	/* Last: who reads looks at the rest again only where this has grown. */
	barrier();
	count_by(shared, &slot->calls[which], 1);
	return 0;
}

/*
 * So much of the call of @op that @m was in was not spent on a CPU. Not static, to be
 * verified once.
 */
__noinline int count_spent(struct task_memory *m, __u32 row, __u32 op)
{
	struct vfs_slot *slot = slot_of(row);
	__u32 which = op & (HIST_SET - 1);
	bool shared = MAY_BE_PREEMPTED(op);

	if (!m)
		return 0;
	for (__u32 i = 0; i < SCHED_SPENT; i++) {
		if (slot && m->spent_ns[i])
			count_by(shared, &slot->spent_ns[which][i], m->spent_ns[i]);
		m->spent_ns[i] = 0;
	}
	m->call_left = 0;
	return 0;
}

/*
 * After its last call @m waited for a CPU on its way back to user space. Not static, to be
 * verified once.
 */
__noinline int count_return(struct task_memory *m)
{
	struct vfs_slot *slot;

	if (!m)
		return 0;
	slot = slot_of(m->ended_row);
	if (slot)
		count(&slot->spent_ns[m->call_op & (HIST_SET - 1)][VFS_RETURN], m->owed_ns);
	m->owed_ns = 0;
	return 0;
}

#endif
