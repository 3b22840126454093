/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the vfs probe share among themselves. */
#ifndef CBPF_PROBE_VFS_INTERNAL_H
#define CBPF_PROBE_VFS_INTERNAL_H

#include "probe/map.h"
#include "probe/vfs.h"

struct bpf_link;
struct bpf_program;
struct btf;
struct vfs_bpf;

#define VFS_MAX_LINKS 128

/* One attachment, or several of the same program that are told as one. */
struct vfs_link {
	struct bpf_link *link;
	const struct bpf_program *program;
	const char *role; /* "enter" */
};

struct vfs_probe {
	const char *backend;
	struct vfs_bpf *skel;
	struct vfs_link links[VFS_MAX_LINKS];
	size_t n_links;
	int stats_fd;
	size_t n_targets, n_rows, n_rows_of_mounts, n_files;
	unsigned int n_banks;
	bool has_spent, trial;
	bool has_functions; /* the backend "syscalls" knows of some by fentry, too */
	bool without_faults, without_fault_times, without_uring;
	struct probe_window rows, slots, places, files;
};

/* vfs_compat.c: numbers of I/O by 32-bit programs, static; how many. */
size_t vfs_compat_numbers(const unsigned short **ret);

/* vfs_attach.c: choose the programs of @p->backend that this kernel can have, before loading. */
int vfs_choose(struct vfs_probe *p, const struct btf *kernel);
/* Attach them. -ENOENT: the kernel lacks what the backend needs. */
int vfs_attach(struct vfs_probe *p, const struct btf *kernel);

#endif
