/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* From a name in a directory up to the root, across mounts. */
#ifndef CBPF_VFS_PATH_BPF_H
#define CBPF_VFS_PATH_BPF_H

#include "shared/vfs.h"

struct walk {
	struct vfs_path *to;
	__u64 mount, dentry; /* struct vfsmount, struct dentry */
	__u64 root_mount, root_dentry; /* where the task's world begins */
};

static __always_inline struct mount *mount_of(__u64 vfsmount)
{
	return (void *)(vfsmount - bpf_core_field_offset(struct mount, mnt));
}

static __always_inline __u64 vfsmount_of(struct mount *mount)
{
	return (__u64)mount + bpf_core_field_offset(struct mount, mnt);
}

static long step_up(__u32 i, void *arg)
{
	struct walk *w = arg;
	struct vfsmount *mnt = (void *)w->mount;
	struct dentry *dentry = (void *)w->dentry, *parent;
	__u32 len;
	long n;

	if (w->mount == w->root_mount && w->dentry == w->root_dentry)
		return 1;
	parent = BPF_CORE_READ(dentry, d_parent);
	if (dentry == BPF_CORE_READ(mnt, mnt_root) || dentry == parent) {
		struct mount *mount = mount_of(w->mount);
		struct mount *above = BPF_CORE_READ(mount, mnt_parent);

		if (!above || above == mount)
			return 1;
		w->dentry = (__u64)BPF_CORE_READ(mount, mnt_mountpoint);
		w->mount = vfsmount_of(above);
		return 0;
	}
	len = w->to->len;
	if (len > VFS_PATH_LEN - VFS_NAME_LEN) {
		w->to->cut = 1;
		return 1;
	}
	n = bpf_probe_read_kernel_str(w->to->names + len, VFS_NAME_LEN,
				      BPF_CORE_READ(dentry, d_name.name));
	w->to->len = len + (n > 0 ? n : 1);
	w->dentry = (__u64)parent;
	return 0;
}

#define MAX_STEPS VFS_PATH_LEN /* names and mounts; there is no room for more */

/* The path of @dentry on @mount, as the current task sees it. */
static __always_inline void write_path(struct vfs_path *to, __u64 mount, __u64 dentry)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct walk w = {
		.to = to,
		.mount = mount,
		.dentry = dentry,
		.root_mount = (__u64)BPF_CORE_READ(task, fs, root.mnt),
		.root_dentry = (__u64)BPF_CORE_READ(task, fs, root.dentry),
	};
	struct mount *top;

	bpf_loop(MAX_STEPS, step_up, &w, 0);
	if (to->cut || (w.mount == w.root_mount && w.dentry == w.root_dentry))
		return;
	/* Unmounted while it was in use: it is at no place. */
	top = mount_of(w.mount);
	if (!BPF_CORE_READ(top, mnt_ns))
		to->cut = 2;
}

#endif
