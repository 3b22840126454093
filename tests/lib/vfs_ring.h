/* SPDX-License-Identifier: Apache-2.0 */
/* io_uring by its system calls alone, with its requests counted: see vfs_load.h. */
#ifndef CBPF_TESTS_VFS_RING_H
#define CBPF_TESTS_VFS_RING_H

#include <linux/io_uring.h>

#include "vfs_load.h"

#define RING_ENTRIES 64

/* False, with the reason noted, where there is none. There is one ring at a time. */
bool ring_open(unsigned int flags);
void ring_close(void);

/* The ring's own descriptor. */
int ring_fd(void);
/* Has the kernel a request of this number? */
bool ring_knows(int opcode);

/*
 * A further request, to be filled in: of a file, or of a path, and so counted as op;
 * or of something else.
 */
struct io_uring_sqe *ring_add(enum vfs_op op, int opcode, int fd, const void *addr,
			      unsigned int len, unsigned long long off);
struct io_uring_sqe *ring_add_other(int opcode, int fd, const void *addr, unsigned int len,
				    unsigned long long off);

/* The last one added gives no completion when it succeeds, which is with this many bytes. */
void ring_last_is_silent(long result);

/* Submit all, and wait for none. There may be more of them than there is room for completions. */
void ring_put(void);
/* Wait for all that were put. */
void ring_take(void);

/* Submit all, wait for all; the result of the last to complete. */
long ring_go(void);

#endif
