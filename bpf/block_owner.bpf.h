/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Whose request is it, and which row counts it? */
#ifndef CBPF_BLOCK_OWNER_BPF_H
#define CBPF_BLOCK_OWNER_BPF_H

#include "address.bpf.h"
#include "likely.bpf.h"
#include "shared/block_maps.h"

/*
 * The owner is the cgroup that the first bio is charged to, never the task that
 * happens to run: requests complete anywhere, and bios of different cgroups do
 * not merge.
 */

/* Id of each hierarchy's root, which the kernel charges with what it knows no owner of. */
#define ROOT_CGROUP 1

/* Is writeback charged to who dirtied the page, on file systems that can tell? */
const volatile bool writeback_is_charged = false;

__u32 next_row;
__u64 drops[BLOCK_DROPS];

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, BLOCK_MAX_ROWS);
	__type(key, __u32);
	__type(value, struct block_desc);
} descs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, BLOCK_MAX_ROWS);
	__type(key, struct block_key);
	__type(value, __u32);
} row_of SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* for each CPU, when loaded */
	__type(key, __u32);
	__type(value, struct block_cpu);
} cpus SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, BLOCK_MAX_DISKS);
	__type(key, __u32);
	__type(value, struct block_disk);
} disks SEC(".maps");

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

/* NULL when it is charged to nobody: flushes of the device's own, most passthrough. */
static __always_inline struct kernfs_node *owner_of(struct bio *bio, bool typed)
{
	struct blkcg_gq *blkg;
	struct blkcg *blkcg;
	struct cgroup *cgroup;

	if (!bpf_core_field_exists(struct bio, bi_blkg) || !bio)
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

/* 0: charged to nobody. */
static __always_inline __u64 serial_of(struct bio *bio, bool typed)
{
	struct blkcg_gq *blkg;
	struct blkcg *blkcg;

	if (!bpf_core_field_exists(struct bio, bi_blkg) || !bio)
		return 0;
	blkg = READ(bio, bi_blkg);
	blkcg = blkg ? READ(blkg, blkcg) : NULL;
	return blkcg ? READ(blkcg, css.serial_nr) : 0;
}

/*
 * What a request points to. A typed program reads it once, when it begins: each time that
 * the verifier comes upon such a load it searches all types of the kernel by name, which was
 * more than half of the time that loading took. Others read it by helper when they need it.
 */
struct links {
	struct bio *bio;
	struct request_queue *q;
};

static __always_inline void links_of(struct request *rq, struct links *l, bool typed)
{
	if (!typed)
		return;
	l->bio = rq->bio;
	l->q = rq->q;
	asm volatile("" : "+r"(l->bio), "+r"(l->q)); /* here, and not where they are used */
}

static __always_inline struct bio *bio_of(struct request *rq, const struct links *l, bool typed)
{
	return typed ? l->bio : BPF_CORE_READ(rq, bio);
}

static __always_inline struct gendisk *disk_of(struct request *rq, const struct links *l,
					       bool typed)
{
	struct request___until_5_16 *old = (void *)rq;
	struct request_queue *q;

	if (bpf_core_field_exists(old->rq_disk))
		return BPF_CORE_READ(old, rq_disk);
	q = typed ? l->q : BPF_CORE_READ(rq, q);
	return q ? READ(q, disk) : NULL;
}

#define SB_I_CGROUPWB 0x00000001

struct page___until_6_17 {
	unsigned long flags;
} __attribute__((preserve_access_index));

struct page___since_6_18 {
	struct {
		unsigned long f;
	} flags;
} __attribute__((preserve_access_index));

/* A page of a file that is being written back: then whoever wrote to it is long gone. */
static __always_inline bool is_writeback(struct page *page)
{
	struct page___since_6_18 *today = (void *)page;
	struct page___until_6_17 *old = (void *)page;
	unsigned long flags, bit = bpf_core_enum_value(enum pageflags, PG_writeback);

	if (!page)
		return false;
	if (bpf_core_field_exists(today->flags.f))
		flags = BPF_CORE_READ(today, flags.f);
	else
		flags = BPF_CORE_READ(old, flags);
	return flags >> bit & 1;
}

/* NULL: the page is no file's, as the lowest bits tell. */
static __always_inline struct address_space *mapping_of(struct page *page)
{
	struct address_space *mapping = page ? BPF_CORE_READ(page, mapping) : NULL;

	return (__u64)mapping & 3 ? NULL : mapping;
}

/* Does the kernel know who wrote to the pages of this file? */
static __always_inline bool remembers_dirtier(struct page *page)
{
	struct address_space *mapping = mapping_of(page);

	return writeback_is_charged && mapping &&
	       BPF_CORE_READ(mapping, host, i_sb, s_iflags) & SB_I_CGROUPWB;
}

#define BDEVFS_MAGIC 0x62646576

/*
 * A page of a device's own cache that is written without being written back: the
 * journal's. Before Linux 6.8 ext4's said nothing of it in the flags.
 */
static __always_inline bool is_device_page(struct page *page)
{
	struct address_space *mapping = mapping_of(page);

	return mapping && BPF_CORE_READ(mapping, host, i_sb, s_magic) == BDEVFS_MAGIC;
}

/* What is charged to the root. */
struct root_io {
	struct bio *bio;
	__u64 cmd_flags;
};

/*
 * What the root is charged with, it did itself, or the kernel knows no other owner
 * of: enum block_why. Not static, so that the verifier looks at it once.
 */
__noinline int why_root(struct root_io *io)
{
	__u64 meta = 1ull << bpf_core_enum_value(enum req_flag_bits, __REQ_META);
	struct page *page;
	struct bio *bio;

	if (!io)
		return BLOCK_WHY_OWNED;
	bio = io->bio;
	if (io->cmd_flags & meta)
		return BLOCK_WHY_METADATA;
	if ((io->cmd_flags & OP_MASK) != OP_WRITE)
		return BLOCK_WHY_OWNED;
	page = BPF_CORE_READ(bio, bi_io_vec, bv_page);
	if (!is_writeback(page))
		return is_device_page(page) ? BLOCK_WHY_METADATA : BLOCK_WHY_OWNED;
	return remembers_dirtier(page) ? BLOCK_WHY_OWNED : BLOCK_WHY_WRITEBACK;
}

/* Index of the device, or BLOCK_MAX_DISKS. Whoever puts @dev into a free place owns it. */
static __always_inline __u32 disk_index(__u32 dev, struct gendisk *gendisk)
{
	for (__u32 i = 0; i < BLOCK_MAX_DISKS && dev; i++) {
		__u32 at = i, before;
		struct block_disk *disk = bpf_map_lookup_elem(&disks, &at);

		if (!disk)
			break;
		before = disk->dev;
		if (!before)
			before = __sync_val_compare_and_swap(&disk->dev, 0, dev);
		if (!before)
			bpf_probe_read_kernel_str(disk->name, sizeof(disk->name),
						  __builtin_preserve_access_index(
							  &gendisk->disk_name));
		if (!before || before == dev)
			return i;
	}
	if (dev)
		drop(BLOCK_DROP_DISKS_EXHAUSTED, 1);
	return BLOCK_MAX_DISKS;
}

/* Index of the owner in the device; the last one is everybody else. */
static __always_inline __u32 sharer_index(struct block_disk *disk, const struct block_key *key)
{
	__u64 tag = key->why ? BLOCK_NOBODY(key->why) : key->cgroup_id;
	__u32 i, n;

	for (i = 0; i < BLOCK_SHARERS - 1; i++) {
		__u64 before = disk->sharer[i].tag;

		if (!before)
			before = __sync_val_compare_and_swap(&disk->sharer[i].tag, 0, tag);
		if (!before || before == tag)
			break;
	}
	if (i == BLOCK_SHARERS - 1)
		drop(BLOCK_DROP_SHARERS_EXHAUSTED, 1);
	n = disk->n_sharers;
	for (int try = 0; try < BLOCK_SHARERS && n <= i; try++)
		n = __sync_val_compare_and_swap(&disk->n_sharers, n, i + 1);
	return i;
}

#define NO_ROW BLOCK_MAX_ROWS

/* A key, and where the names of what it stands for are. */
struct named_key {
	struct block_key key;
	const char *name;
	struct gendisk *gendisk;
};

/* The row of a key, made when it is the first request. Verified once, not at each call. */
__noinline int row_new(struct named_key *named)
{
	struct block_desc *desc;
	struct block_disk *disk;
	struct block_key key;
	__u32 row, *winner, at;

	if (!named)
		return NO_ROW;
	key = named->key; /* Linux 6.1 looks only for what lies on the stack */
	winner = bpf_map_lookup_elem(&row_of, &key);
	if (winner)
		return *winner;
	row = __sync_fetch_and_add(&next_row, 1);
	desc = bpf_map_lookup_elem(&descs, &row);
	if (!desc) {
		__sync_fetch_and_sub(&next_row, 1);
		return NO_ROW;
	}
	desc->key = key;
	if (named->name &&
	    bpf_probe_read_kernel_str(desc->name, sizeof(desc->name), named->name) < 0) {
		desc->name[0] = 0;
		drop(BLOCK_DROP_NAME_MISSING, 1);
	}
	at = disk_index(key.dev, named->gendisk);
	desc->disk = at;
	disk = bpf_map_lookup_elem(&disks, &at);
	desc->sharer = disk ? sharer_index(disk, &key) : 0;
	if (!bpf_map_update_elem(&row_of, &key, &row, BPF_NOEXIST)) {
		__sync_lock_test_and_set(&desc->state, BLOCK_ROW_READY);
		return row;
	}
	/* Another CPU was first, or the index is full or busy. */
	__sync_lock_test_and_set(&desc->state, BLOCK_ROW_ABANDONED);
	winner = bpf_map_lookup_elem(&row_of, &key);
	if (!winner) {
		drop(BLOCK_DROP_INDEX_FAILED, 1);
		return NO_ROW;
	}
	return *winner;
}

static __always_inline struct block_cpu *this_cpu(void)
{
	__u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&cpus, &cpu);
}

static __always_inline struct block_near *near_place(__u64 serial, enum block_op op)
{
	__u64 at = ((serial << 3 | op) * 0x9e3779b97f4a7c15ull >> 32) * BLOCK_NEAR >> 32;
	struct block_cpu *cpu = this_cpu();

	/* Pinned, so that the verifier can follow the bound. */
	asm volatile("" : "+r"(at));
	return cpu && at < BLOCK_NEAR ? &cpu->near[at] : NULL;
}

/* An interrupt may want the same place: then it does without. */
static __always_inline void near_keep(struct block_near *near, __u64 serial, __u32 dev,
				      enum block_op op, const struct block_place *place)
{
	if (__sync_val_compare_and_swap(&near->busy, 0, 1))
		return;
	near->serial = serial;
	near->dev = dev;
	near->op = op;
	near->place = *place;
	asm volatile("" ::: "memory");
	*(volatile __u32 *)&near->busy = 0;
}

/* The place is copied between two looks at its key: an interrupt may put another there. */
static __always_inline bool near_is(const struct block_near *near, __u64 serial, __u32 dev,
				    enum block_op op)
{
	const volatile struct block_near *now = near;

	/* One branch, since the verifier follows each. */
	return !((now->serial ^ serial) | (now->dev ^ dev) | (now->op ^ op) | now->busy);
}

static __always_inline bool near_take(const struct block_near *near, __u64 serial, __u32 dev,
				      enum block_op op, struct block_place *place)
{
	if (!near_is(near, serial, dev, op))
		return false;
	asm volatile("" ::: "memory");
	*place = near->place;
	asm volatile("" ::: "memory");
	return near_is(near, serial, dev, op);
}

static __always_inline void place_of_row(__u32 row, struct block_place *place)
{
	struct block_desc *desc = bpf_map_lookup_elem(&descs, &row);

	place->row = desc ? row : NO_ROW;
	place->disk = desc ? desc->disk : 0;
	place->sharer = desc ? desc->sharer : 0;
}

/* What the verifier knows to be a pointer cannot be given to other functions. */
static __always_inline __u64 as_number(const void *pointer)
{
	const void *volatile spilled = pointer;
	__u64 number = 0;

	bpf_probe_read_kernel(&number, sizeof(number), (const void *)&spilled);
	return number;
}

/* What is to be placed; addresses as numbers, which other functions can be given. */
struct unplaced {
	__u64 bio, gendisk;
	__u64 serial;
	__u64 cmd_flags;
	__u32 dev;
	__u32 op;
};

/*
 * The place of what is charged as a bio is, when it is not near. Not static, so that the
 * verifier looks at it once; rare, and so it reads by helper.
 */
__noinline int place_find(const struct unplaced *what, struct block_place *place)
{
	struct bio *bio;
	struct kernfs_node *kn;
	struct named_key named = { 0 };
	struct root_io io;
	struct block_near *near;
	bool depends;

	if (!what || !place)
		return 0;
	bio = (void *)what->bio;
	kn = owner_of(bio, false);
	named.key.cgroup_id = kn ? BPF_CORE_READ(kn, id) : 0;
	named.key.dev = what->dev;
	named.key.op = what->op;
	named.gendisk = (void *)what->gendisk;
	depends = named.key.cgroup_id == ROOT_CGROUP;
	io.bio = bio;
	io.cmd_flags = what->cmd_flags;
	if (!kn)
		named.key.why = BLOCK_WHY_NO_CGROUP;
	else if (depends)
		named.key.why = why_root(&io);
	if (named.key.why)
		named.key.cgroup_id = 0;
	else
		named.name = BPF_CORE_READ(kn, name);
	place_of_row(row_new(&named), place);
	near = what->serial ? near_place(what->serial, what->op) : NULL;
	if (near && kn && !depends && place->row < NO_ROW)
		near_keep(near, what->serial, what->dev, what->op, place);
	return 0;
}

static __always_inline void place_of_bio(struct bio *bio, struct gendisk *disk, __u32 cmd_flags,
					 enum block_op op, struct block_place *place, bool typed)
{
	__u32 dev = disk ? READ(disk, major) << 20 | READ(disk, first_minor) : 0;
	__u64 serial = serial_of(bio, typed);
	struct block_near *near = serial ? near_place(serial, op) : NULL;
	struct unplaced what;

	if (likely(near && near_take(near, serial, dev, op, place)))
		return;
	what.bio = as_number(bio);
	what.gendisk = as_number(disk);
	what.serial = serial;
	what.cmd_flags = cmd_flags;
	what.dev = dev;
	what.op = op;
	place_find(&what, place);
}

static __always_inline void place_of(struct request *rq, const struct links *l, enum block_op op,
				     struct block_place *place, bool typed)
{
	place_of_bio(bio_of(rq, l, typed), disk_of(rq, l, typed), READ(rq, cmd_flags), op, place,
		     typed);
}

#endif
