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
	return a->inode == b->inode && a->dev == b->dev && a->target == b->target;
}

/* Index + 1 of a file's place, or of the one that it may take; 0: all are being taken. */
static __always_inline __u32 search(const struct vfs_file_key *key)
{
	__u64 hash = (key->inode * 0x9e3779b97f4a7c15ull) ^ ((__u64)key->dev << 32 | key->target);
	__u32 set = (hash * 0x9e3779b97f4a7c15ull >> 33) % (n_files / VFS_FILE_WAYS);
	__u32 least = 0;
	__u64 calls = ~0ull;

	for (__u32 i = 0; i < VFS_FILE_WAYS; i++) {
		__u32 at = set * VFS_FILE_WAYS + i + 1;
		struct vfs_file *f = file_at(at);

		if (!f)
			return 0;
		if (f->state == VFS_EMPTY)
			return least && !calls ? least : at;
		if (f->state == VFS_READY && is_key(&f->key, key))
			return at;
		if (f->state == VFS_READY && f->weight < calls) {
			calls = f->weight;
			least = at;
		}
	}
	return least;
}

/* The place is @key's from now on. */
static __always_inline bool take(struct vfs_file *f, const struct vfs_file_key *key,
				 const struct vfs_look *look)
{
	__u32 state = f->state;

	if (state == VFS_ABANDONED ||
	    __sync_val_compare_and_swap(&f->state, state, VFS_ABANDONED) != state)
		return false; /* another CPU does */
	f->before = f->weight;
	f->generation++;
	f->flags = 0;
	f->direct = 0;
	for (int i = 0; i < 3; i++)
		f->calls[i] = f->ns[i] = 0;
	f->bytes[0] = f->bytes[1] = 0;
	f->key = *key;
	f->place = look->place;
	f->name.n = f->name.cut = 0;
	write_path(&f->name, look->mount, look->dentry);
	barrier();
	f->state = VFS_READY;
	return true;
}

/* Index + 1 of a file; 0: it is not counted this time. */
static __always_inline __u32 find_file(const struct vfs_file_key *key, const struct vfs_look *look)
{
	__u32 at = search(key);
	struct vfs_file *f = file_at(at);

	if (!f)
		return 0;
	if (f->state == VFS_READY && is_key(&f->key, key))
		return at;
	return take(f, key, look) ? at : 0;
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
	key.dev = BPF_CORE_READ(opened, f_inode, i_sb, s_dev);
	key.target = look->target - 1;
	look->file = find_file(&key, look);
	flags = BPF_CORE_READ(opened, f_flags);
	look->direct = !!(flags & DIRECT);
	f = file_at(look->file);
	look->generation = f ? f->generation : 0;
	if (f && (f->flags & flags) != flags)
		__sync_fetch_and_or(&f->flags, flags);
	return 0;
}

enum { FILE_READS, FILE_WRITES, FILE_OTHERS };

/* Not static, to be verified once. */
__noinline int count_file(struct task_memory *m, __u32 op, __u64 ns, __s64 ret)
{
	struct vfs_file *f = m ? file_at(m->call_file) : NULL;
	__u32 use = op == VFS_READ ? FILE_READS : op == VFS_WRITE ? FILE_WRITES : FILE_OTHERS;

	if (!f || f->generation != m->look.generation)
		return 0; /* another one's by now */
	__sync_fetch_and_add(&f->weight, 1);
	__sync_fetch_and_add(&f->calls[use], 1);
	__sync_fetch_and_add(&f->ns[use], ns);
	if (use == FILE_OTHERS)
		return 0;
	if (ret > 0)
		__sync_fetch_and_add(&f->bytes[use], ret);
	if (m->call_direct)
		__sync_fetch_and_add(&f->direct, 1);
	return 0;
}

#endif
