/* SPDX-License-Identifier: Apache-2.0 */
/* The host's cgroup hierarchies: where they are, whose cgroup is where, making and ending ours. */
#ifndef CBPF_HOST_CGROUP_H
#define CBPF_HOST_CGROUP_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct err;

enum cgroup_mode { CGROUP_V1, CGROUP_HYBRID, CGROUP_V2 };

/* v1 controllers that cbpf reads or sets. */
enum cgroup_ctrl {
	CG_CPU,
	CG_CPUACCT,
	CG_CPUSET,
	CG_MEMORY,
	CG_BLKIO,
	CG_PIDS,
	CG_HUGETLB,
	CG_NCTRL
};

#define CGROUP_PATH 512

/* Where hierarchies are mounted, read from /proc/self/mountinfo. */
struct cgroup_layout {
	enum cgroup_mode mode;
	char v2[CGROUP_PATH]; /* mount point; "" when there is none */
	char v1[CG_NCTRL][CGROUP_PATH]; /* mount point; "" when the controller is not v1 */
	/*
	 * Which cgroup is the mount point: "/", or a prefix of what /proc/PID/cgroup says
	 * when only a part of the hierarchy is mounted, as in a container.
	 */
	char v2_root[CGROUP_PATH];
	char v1_root[CG_NCTRL][CGROUP_PATH];
	char v2_controllers[256]; /* cgroup.controllers of the v2 root */
	bool io_on_v2; /* block I/O is charged to v2 ids, else to blkio's */
};

/*
 * One container's cgroups. Directories are absolute paths under the mounts; ""
 * where the hierarchy does not exist or the process is in none of its own.
 */
struct cgroup_ref {
	char v2[CGROUP_PATH];
	char v1[CG_NCTRL][CGROUP_PATH];
	uint64_t io_id; /* inode of the directory that block I/O is charged to; 0 unknown */
	/*
	 * Where io is not enabled down to @v2, an ancestor is charged: the length of the
	 * part of @v2 that names it. 0: @v2 itself is, or blkio's directory.
	 */
	size_t io_above;
	uint64_t default_id; /* inode of the v2 directory: bpf_get_current_cgroup_id(); 0 unknown */
};

/* -ENOENT when no cgroup hierarchy is mounted. */
int cgroup_layout_read(struct cgroup_layout *ret, struct err *err);
/* Does either version offer this controller? */
bool cgroup_can(const struct cgroup_layout *l, enum cgroup_ctrl ctrl);
const char *cgroup_mode_name(enum cgroup_mode mode);
const char *cgroup_ctrl_name(enum cgroup_ctrl ctrl);

/* From /proc/PID/cgroup. -ESRCH when the process is gone. */
int cgroup_of_pid(const struct cgroup_layout *l, pid_t pid, struct cgroup_ref *ret,
		  struct err *err);
/* From a path relative to the mounts ("/docker/ID"), taken in every hierarchy that has it. */
int cgroup_of_path(const struct cgroup_layout *l, const char *path, struct cgroup_ref *ret,
		   struct err *err);

/* Fill the two ids of a ref whose directories are set. */
void cgroup_ref_ids(const struct cgroup_layout *l, struct cgroup_ref *ref);

/* How deep the v2 cgroup of @ref is below the root of its hierarchy, which is 0. */
unsigned int cgroup_level(const struct cgroup_layout *l, const struct cgroup_ref *ref);

/*
 * What @ref's memory is charged to: the cgroup's id and its depth, as above, in the
 * hierarchy that has the memory controller. -ENOENT: to an ancestor, or it is unknown.
 */
int cgroup_memory_id(const struct cgroup_layout *l, const struct cgroup_ref *ref, uint64_t *ret_id,
		     unsigned int *ret_level);

/*
 * The directory, relative to its mount, of the io hierarchy's (or, with
 * @io false, the default hierarchy's) cgroup @id. Walks the tree: for the slow
 * path only. -ENOENT when it is gone.
 */
int cgroup_path_of_id(const struct cgroup_layout *l, bool io, uint64_t id, char *path, size_t size);

struct cgroup_limits { /* UINT64_MAX, NAN and NULL: leave alone */
	const char *cpus;
	double cpu_limit;
	uint64_t memory, memory_swap; /* bytes; memory_swap is memory and swap together */
	uint64_t pids;
	unsigned int io_major, io_minor; /* device of the four below */
	uint64_t read_iops, write_iops, read_bps, write_bps;
	uint64_t io_weight; /* 10 to 1000, as container engines take it */
};

#define CGROUP_LIMITS_NONE                                                                         \
	{                                                                                          \
		.cpu_limit = __builtin_nan(""), .memory = UINT64_MAX, .memory_swap = UINT64_MAX,   \
		.pids = UINT64_MAX, .read_iops = UINT64_MAX, .write_iops = UINT64_MAX,             \
		.read_bps = UINT64_MAX, .write_bps = UINT64_MAX, .io_weight = UINT64_MAX           \
	}

/*
 * Make "/<parent>/<name>" in the v2 hierarchy and in every v1 hierarchy of enum
 * cgroup_ctrl, below the mount points, enabling controllers on the way down.
 * Whatever @limits asks for and the host cannot do is an error that names it.
 * -EEXIST when the cgroup is there already. On failure nothing new is left.
 */
int cgroup_create(const struct cgroup_layout *l, const char *parent, const char *name,
		  const struct cgroup_limits *limits, struct cgroup_ref *ret, struct err *err);
/* Move a process into all directories of @ref. For a child between fork and exec: pid 0. */
int cgroup_enter(const struct cgroup_ref *ref, pid_t pid, struct err *err);
/* SIGKILL to every process in it (cgroup.kill, else repeated until it is empty, bounded). */
int cgroup_kill(const struct cgroup_ref *ref);
/* Remove the directories, children first. Absent ones are fine; -EBUSY when still populated. */
int cgroup_remove(const struct cgroup_ref *ref);
/* Remove "/<parent>" and what is above it in every hierarchy, as far up as it is empty. */
void cgroup_remove_parents(const struct cgroup_layout *l, const char *parent);

/* How many of its processes the kernel killed for lack of memory. -ENOENT: not counted here. */
int cgroup_oom_kills(const struct cgroup_ref *ref, uint64_t *ret);

#endif
