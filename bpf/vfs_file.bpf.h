/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What is counted for the files that are used most, when asked for, in a table of fixed
 * size (space-saving, in sets): a file that is not in its set takes the place of the one
 * with the fewest calls there, and has had at most as many calls before.
 */
#ifndef CBPF_VFS_FILE_BPF_H
#define CBPF_VFS_FILE_BPF_H

#include "vfs_path.bpf.h"

const volatile __u32 n_files = 0;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct vfs_file);
} files SEC(".maps");

/* As a file's place: it has none now. The rest is the first place of its set. */
#define FILE_HAS_NONE (1u << 31)

#define ACCESS_MODE 3 /* O_ACCMODE */
#define DSYNC 010000 /* O_DSYNC; O_SYNC has both */
#define SYNC 04000000
#define DIRECT 040000 /* O_DIRECT; of arm64 0200000 */
#ifdef __TARGET_ARCH_arm64
#undef DIRECT
#define DIRECT 0200000
#endif

static __always_inline struct vfs_file *file_at(__u32 file)
{
	__u32 at = file - 1;

	return file && file <= n_files ? bpf_map_lookup_elem(&files, &at) : NULL;
}

static __always_inline bool is_key(const struct vfs_file_key *a, const struct vfs_file_key *b)
{
	return a->inode == b->inode && a->dev == b->dev && a->target == b->target &&
	       a->inode_generation == b->inode_generation;
}

/* --- sets --- */

/* The first place of the set that @file (index + 1) is in. */
static __always_inline __u32 set_of(__u32 file)
{
	return (file - 1) / VFS_FILE_WAYS * VFS_FILE_WAYS + 1;
}

static __always_inline __u32 set_of_key(const struct vfs_file_key *key)
{
	__u64 hash = (key->inode * 0x9e3779b97f4a7c15ull) ^ ((__u64)key->dev << 32 | key->target);

	hash = hash * 0x9e3779b97f4a7c15ull ^ key->inode_generation;
	return (hash * 0x9e3779b97f4a7c15ull >> 33) % (n_files / VFS_FILE_WAYS) * VFS_FILE_WAYS + 1;
}

/* A call on a file of the set was counted for none. */
static __always_inline void skip(__u32 set)
{
	struct vfs_file *f = file_at(set);

	if (f)
		__sync_fetch_and_add(&f->skipped, 1);
}

struct search {
	__u32 at; /* index + 1 of the file's place, or of the one that it may take */
	__u32 is_there;
	__u32 filling; /* places of the set that are taken just now */
	__u32 generation; /* of that place, as is the rest */
	__u64 weight;
};

static __always_inline void search(const struct vfs_file_key *key, __u32 set, struct search *ret)
{
	__u64 least = ~0ull;

	*ret = (struct search){ 0 };
	for (__u32 i = 0; i < VFS_FILE_WAYS; i++) {
		struct vfs_file *f = file_at(set + i);
		__u32 state = f ? f->state : VFS_FILLING;
		__u64 order;

		if (!f || state == VFS_FILLING) {
			ret->filling++;
			continue;
		}
		ret->is_there = state == VFS_READY && is_key(&f->key, key);
		order = state == VFS_EMPTY ? 0 : f->weight + 1;
		if (!ret->is_there && order >= least)
			continue;
		least = order;
		ret->at = set + i;
		ret->generation = f->generation;
		ret->weight = f->weight;
		if (ret->is_there)
			return;
	}
}

/* --- a place --- */

static __always_inline void fill(struct vfs_file *f, const struct vfs_file_key *key,
				 const struct vfs_look *look)
{
	f->generation++;
	f->before = f->weight;
	f->flags = 0;
	f->direct = 0;
	for (int i = 0; i < 3; i++)
		f->calls[i] = f->ns[i] = 0;
	f->bytes[0] = f->bytes[1] = 0;
	f->key = *key;
	f->place = look->place;
	f->name.len = f->name.cut = 0;
	write_path(&f->name, look->mount, look->dentry);
}

/*
 * The place that was found is @key's from now on. One of a set is taken at a time, or
 * two CPUs would take one each for the same file: who sees that another does steps back.
 */
static __always_inline bool take(const struct search *found, __u32 set,
				 const struct vfs_file_key *key, const struct vfs_look *look)
{
	struct vfs_file *f = file_at(found->at);
	struct search again;
	__u32 state;

	if (!f)
		return false;
	state = f->state;
	if (state == VFS_FILLING ||
	    __sync_val_compare_and_swap(&f->state, state, VFS_FILLING) != state)
		return false;
	search(key, set, &again);
	if (again.is_there || again.filling > 1 || f->generation != found->generation ||
	    f->weight != found->weight) {
		__sync_lock_test_and_set(&f->state, state);
		return false;
	}
	fill(f, key, look);
	__sync_lock_test_and_set(&f->state, VFS_READY);
	return true;
}

/* Index + 1 of a file, or FILE_HAS_NONE: it is not counted this time. */
static __always_inline __u32 find_file(const struct vfs_file_key *key, const struct vfs_look *look)
{
	__u32 set = set_of_key(key);
	struct search found;

	search(key, set, &found);
	if (found.is_there || (!found.filling && take(&found, set, key, look)))
		return found.at;
	return set | FILE_HAS_NONE;
}

/* --- from open files to places --- */

static __always_inline __u32 flags_of(__u64 file)
{
	return BPF_CORE_READ((struct file *)file, f_flags);
}

/*
 * Is what @look has found for the struct file @file still so? Its place may be another's
 * by now, and fcntl(2) changes flags.
 */
static __always_inline bool is_known(const struct vfs_look *look, __u64 file)
{
	struct vfs_file *f = file_at(look->file);

	return f && f->generation == look->generation && look->opened == file &&
	       look->flags == flags_of(file);
}

/* What is to be counted for the struct file @file, which @look is of. Not static, to be verified once. */
__noinline int look_for_file(struct vfs_look *look, __u64 file)
{
	struct file *opened = (void *)file;
	struct vfs_file_key key = { 0 };
	struct vfs_file *f;
	__u32 flags;

	if (!look)
		return 0;
	look->opened = file;
	key.inode = BPF_CORE_READ(opened, f_inode, i_ino);
	key.inode_generation = BPF_CORE_READ(opened, f_inode, i_generation);
	key.dev = BPF_CORE_READ(opened, f_inode, i_sb, s_dev);
	key.target = look->target - 1;
	look->file = find_file(&key, look);
	flags = look->flags = flags_of(file);
	look->direct = !!(flags & DIRECT);
	f = file_at(look->file);
	look->generation = f ? f->generation : 0;
	if (flags & SYNC)
		flags &= ~DSYNC;
	flags = (flags & ~VFS_FLAG_MODES) | 1u << (flags & ACCESS_MODE);
	if (f && (f->flags & flags) != flags)
		__sync_fetch_and_or(&f->flags, flags);
	return 0;
}

#endif
