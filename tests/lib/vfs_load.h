/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the cases of drive_vfs share: system calls that are counted as they are
 * issued, by operation as the vfs probe has them, in memory that all processes
 * of a load have in common.
 */
#ifndef CBPF_TESTS_VFS_LOAD_H
#define CBPF_TESTS_VFS_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/syscall.h>

enum vfs_op {
	VFS_READ,
	VFS_WRITE,
	VFS_FSYNC,
	VFS_OPEN,
	VFS_CLOSE,
	VFS_STAT,
	VFS_GETDENTS,
	VFS_RENAME,
	VFS_UNLINK,
	VFS_MKDIR,
	VFS_TRUNCATE,
	VFS_FALLOCATE,
	VFS_COPY,
	VFS_FAULT,
	VFS_URING_READ,
	VFS_URING_WRITE,
	VFS_URING_OTHER,
	VFS_OPS,
};

struct vfs_case {
	const char *name;
	void (*run)(void);
	const char *says; /* what is special about it */
};

/* Each ends with a row without a name. */
extern const struct vfs_case vfs_data_cases[], vfs_name_cases[], vfs_sync_cases[], vfs_copy_cases[],
	vfs_fd_cases[], vfs_task_cases[], vfs_signal_cases[], vfs_uring_cases[], vfs_fault_cases[],
	vfs_slow_cases[], vfs_crowd_cases[], vfs_compat_cases[], vfs_overflow_cases[];

/*
 * One system call: its result, or -errno. on_file: of a regular file, directory
 * or block device, or of a path, so that it counts, whatever comes of it. not_file:
 * of something else, or of a descriptor that is not open: it does not.
 */
#define on_file(name, ...) vfs_call(SYS_##name, true, VFS_LONGS(__VA_ARGS__))
#define not_file(name, ...) vfs_call(SYS_##name, false, VFS_LONGS(__VA_ARGS__))

long vfs_call(long nr, bool counts, const long args[6]);

#define VFS_L1(a) (long)(a)
#define VFS_L2(a, ...) (long)(a), VFS_L1(__VA_ARGS__)
#define VFS_L3(a, ...) (long)(a), VFS_L2(__VA_ARGS__)
#define VFS_L4(a, ...) (long)(a), VFS_L3(__VA_ARGS__)
#define VFS_L5(a, ...) (long)(a), VFS_L4(__VA_ARGS__)
#define VFS_L6(a, ...) (long)(a), VFS_L5(__VA_ARGS__)
#define VFS_PICK(a, b, c, d, e, f, which, ...) which
#define VFS_LONGS(...)                                                                             \
	((const long[6]){ VFS_PICK(__VA_ARGS__, VFS_L6, VFS_L5, VFS_L4, VFS_L3, VFS_L2,            \
				   VFS_L1, )(__VA_ARGS__) })

/* What is no system call of its own: begun, and ended with a result or -errno. */
void vfs_begin(enum vfs_op op);
void vfs_end(enum vfs_op op, long result);

/* A call that is never seen to end may have moved so many bytes. */
void vfs_may_move(enum vfs_op op, size_t bytes);

/* The case goes no further: this kernel or file system has not what it needs. */
void vfs_skip(const char *what, long error);

/* The load itself is broken: says so and ends the process. */
void vfs_check(bool fine, const char *what);

/* A new file of so many bytes, open for reading and writing. */
int vfs_file(const char *name, size_t bytes);
/* Close and remove it. */
void vfs_drop(int fd, const char *name);

/* Wait for a child; true when it ended with 0. */
bool vfs_wait(int pid);
/* Until a thread of this or another process sleeps in a system call. */
void vfs_wait_asleep(int tid, long nr);
void vfs_sleep_ms(unsigned int ms);

/* Memory for data, one MiB, aligned to pages; and where there is none. */
#define VFS_BUF_BYTES (1u << 20)
extern char vfs_buf[VFS_BUF_BYTES];
#define VFS_NOWHERE ((void *)8)

/* What a program needs that is executed to go on with another case. */
extern char *vfs_again_argv[];
void vfs_again(const char *name);

#endif
