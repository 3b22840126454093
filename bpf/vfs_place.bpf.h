/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* From an open file to what it is: a file or not, on which mount, and by which path. */
#ifndef CBPF_VFS_PLACE_BPF_H
#define CBPF_VFS_PLACE_BPF_H

#include "likely.bpf.h"
#include "shared/vfs.h"
#include "task.bpf.h"
#include "vfs_file.bpf.h"
#include "vfs_path.bpf.h"

__u64 drops[VFS_DROPS];

static __always_inline void lose(enum vfs_drop what)
{
	__sync_fetch_and_add(&drops[what], 1);
}

struct place_key {
	__u64 mount; /* address */
	__u64 which; /* of those that have had it one after the other, with the same id and device */
	__u32 id;
	__u32 dev;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, VFS_MAX_PLACES);
	__type(key, struct place_key);
	__type(value, __u32);
} place_ids SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, VFS_MAX_PLACES);
	__type(key, __u32);
	__type(value, struct vfs_place);
} places SEC(".maps");

__u32 next_place = 1; /* 0: not known */

/* --- mounts --- */

#define NO_USER (1ul << 31) /* SB_NOUSER: mounted by the kernel for itself, as memfd's */

static __always_inline void describe_place(struct vfs_place *p, const struct place_key *key)
{
	struct vfsmount *mnt = (void *)key->mount;

	p->dev = key->dev;
	p->mount_id = key->id;
	bpf_probe_read_kernel_str(p->fs, sizeof(p->fs), BPF_CORE_READ(mnt, mnt_sb, s_type, name));
	if (BPF_CORE_READ(mnt, mnt_sb, s_flags) & NO_USER)
		p->at.cut = 2;
	else
		write_path(&p->at, key->mount, (__u64)BPF_CORE_READ(mnt, mnt_root));
}

/* A new mount; the index that it has in the end, or 0. */
static __always_inline __u32 add_place(const struct place_key *key)
{
	__u32 at = __sync_fetch_and_add(&next_place, 1), *other;
	struct vfs_place *p = at < VFS_MAX_PLACES ? bpf_map_lookup_elem(&places, &at) : NULL;

	if (!p) {
		__sync_fetch_and_add(&next_place, -1);
		lose(VFS_DROP_PLACE);
		return 0;
	}
	describe_place(p, key);
	if (!bpf_map_update_elem(&place_ids, key, &at, BPF_NOEXIST)) {
		p->state = VFS_READY;
		return at;
	}
	p->state = VFS_ABANDONED; /* another CPU was first */
	other = bpf_map_lookup_elem(&place_ids, key);
	if (!other)
		lose(VFS_DROP_PLACE);
	return other ? *other : 0;
}

struct mount___since_6_8 {
	__u64 mnt_id_unique;
} __attribute__((preserve_access_index));

/*
 * A mount's address, its id and the device of what is mounted are given out again, and soon are:
 * to who mounts something after this has been unmounted. Which has numbers that are not, or else
 * what is mounted, and where.
 */
static __always_inline __u64 which_mount(struct mount *mount, struct vfsmount *mnt)
{
	struct mount___since_6_8 *numbered = (void *)mount;
	__u64 which;

	if (bpf_core_field_exists(numbered->mnt_id_unique))
		return BPF_CORE_READ(numbered, mnt_id_unique);
	which = (__u64)BPF_CORE_READ(mount, mnt_mountpoint) * 0x9e3779b97f4a7c15ull;
	which ^= (__u64)BPF_CORE_READ(mnt, mnt_root) * 0xc2b2ae3d27d4eb4full;
	return which ^ (__u64)BPF_CORE_READ(mnt, mnt_sb, s_type);
}

/* Index of what is mounted at the struct vfsmount @mount; not static, to be verified once. */
__noinline __u32 place_of_mount(__u64 mount)
{
	struct vfsmount *mnt = (void *)mount;
	struct place_key key = { .mount = mount };
	__u32 *at;

	key.which = which_mount(mount_of(mount), mnt);
	key.id = BPF_CORE_READ(mount_of(mount), mnt_id);
	key.dev = BPF_CORE_READ(mnt, mnt_sb, s_dev);
	at = bpf_map_lookup_elem(&place_ids, &key);
	return at ? *at : add_place(&key);
}

/* --- files --- */

#define KIND 0170000 /* S_IFMT */
#define KIND_REGULAR 0100000
#define KIND_DIRECTORY 0040000
#define KIND_BLOCK 0060000
/* ANON_INODE_FS_MAGIC: eventfd, epoll, io_uring; newer kernels call them regular. */
#define ANONYMOUS 0x09041934

/*
 * Fill @look for the struct file @file, whose path has been read into it. Not
 * static, to be verified once.
 */
__noinline int look_closer(struct vfs_look *look, __u64 file)
{
	struct file *f = (void *)file;
	struct vfsmount *mnt;
	__u32 kind;

	if (!look)
		return 0;
	mnt = (void *)look->mount;
	kind = BPF_CORE_READ(f, f_inode, i_mode) & KIND;
	look->is_file = (kind == KIND_REGULAR || kind == KIND_DIRECTORY || kind == KIND_BLOCK) &&
			BPF_CORE_READ(mnt, mnt_sb, s_magic) != ANONYMOUS;
	look->place = look->is_file ? place_of_mount(look->mount) : 0;
	look->file = 0;
	look->opened = 0;
	return 0;
}

struct file_path {
	__u64 mount, dentry;
};

/* Is it a file, as this probe means it? Its mount is in @look then. */
static __always_inline bool look_at(struct vfs_look *look, __u64 file)
{
	struct file_path path;

	if (unlikely(!file || bpf_probe_read_kernel(
				      &path, sizeof(path),
				      (void *)(file + bpf_core_field_offset(struct file, f_path)))))
		return false;
	if (unlikely(path.dentry != look->dentry || path.mount != look->mount)) {
		look->mount = path.mount;
		look->dentry = path.dentry;
		look_closer(look, file);
	}
	if (n_files && look->is_file && look->target && !is_known(look, file))
		look_for_file(look, file);
	return look->is_file;
}

/*
 * The struct file behind a descriptor of the current task, or 0. Not static: following
 * pointers by their types takes the verifier long.
 */
__noinline __u64 file_of(__u32 fd)
{
	struct fdtable *table = bpf_get_current_task_btf()->files->fdt;
	__u64 file = 0;

	if (fd >= table->max_fds)
		return 0;
	bpf_probe_read_kernel(&file, sizeof(file), (void *)((__u64)table->fd + 8ull * fd));
	return file;
}

#endif
