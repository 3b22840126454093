// SPDX-License-Identifier: Apache-2.0
/* See vfs_ring.h. */
#include "vfs_ring.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct ring {
	int fd;
	unsigned int flags;
	struct io_uring_params p;
	struct io_uring_sqe *sqes;
	char *sq, *cq;
	size_t sq_bytes, cq_bytes, sqes_bytes;
	unsigned int added, awaited;
} r;

/* What a completion says in user_data: op + 1 of what counts. */
#define OTHER 0

static unsigned int *sq_word(unsigned int offset)
{
	return (unsigned int *)(r.sq + offset);
}

static unsigned int *cq_word(unsigned int offset)
{
	return (unsigned int *)(r.cq + offset);
}

static void *map(size_t bytes, unsigned long long offset)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, r.fd,
		       (off_t)offset);

	vfs_check(p != MAP_FAILED, "memory of a ring");
	return p;
}

bool ring_open(unsigned int flags)
{
	r = (struct ring){ .flags = flags, .p.flags = flags };
	r.fd = (int)syscall(SYS_io_uring_setup, RING_ENTRIES, &r.p);
	if (r.fd < 0) {
		vfs_skip("io_uring_setup", -errno);
		return false;
	}
	r.sq_bytes = r.p.sq_off.array + r.p.sq_entries * sizeof(unsigned int);
	r.cq_bytes = r.p.cq_off.cqes + r.p.cq_entries * sizeof(struct io_uring_cqe);
	r.sqes_bytes = r.p.sq_entries * sizeof(struct io_uring_sqe);
	r.sq = map(r.sq_bytes, IORING_OFF_SQ_RING);
	r.cq = map(r.cq_bytes, IORING_OFF_CQ_RING);
	r.sqes = map(r.sqes_bytes, IORING_OFF_SQES);
	return true;
}

void ring_close(void)
{
	munmap(r.sq, r.sq_bytes);
	munmap(r.cq, r.cq_bytes);
	munmap(r.sqes, r.sqes_bytes);
	not_file(close, r.fd);
}

int ring_fd(void)
{
	return r.fd;
}

bool ring_knows(int opcode)
{
	static union {
		struct io_uring_probe p;
		char bytes[sizeof(struct io_uring_probe) + 256 * sizeof(struct io_uring_probe_op)];
	} all;

	memset(&all, 0, sizeof(all));
	if (syscall(SYS_io_uring_register, r.fd, IORING_REGISTER_PROBE, &all, 256))
		return false;
	return opcode <= all.p.last_op && all.p.ops[opcode].flags & IO_URING_OP_SUPPORTED;
}

static struct io_uring_sqe *add(uint64_t user_data, int opcode, int fd, const void *addr,
				unsigned int len, unsigned long long off)
{
	unsigned int mask = *sq_word(r.p.sq_off.ring_mask),
		     at = (*sq_word(r.p.sq_off.tail) + r.added) & mask;
	struct io_uring_sqe *sqe = &r.sqes[at];

	vfs_check(r.added < RING_ENTRIES, "room in a ring");
	*sqe = (struct io_uring_sqe){ .opcode = opcode,
				      .fd = fd,
				      .addr = (uintptr_t)addr,
				      .len = len,
				      .off = off,
				      .user_data = user_data };
	sq_word(r.p.sq_off.array)[at] = at;
	r.added++;
	r.awaited++;
	return sqe;
}

struct io_uring_sqe *ring_add(enum vfs_op op, int opcode, int fd, const void *addr,
			      unsigned int len, unsigned long long off)
{
	vfs_begin(op);
	return add(op + 1, opcode, fd, addr, len, off);
}

struct io_uring_sqe *ring_add_other(int opcode, int fd, const void *addr, unsigned int len,
				    unsigned long long off)
{
	return add(OTHER, opcode, fd, addr, len, off);
}

void ring_last_is_silent(long result)
{
	unsigned int mask = *sq_word(r.p.sq_off.ring_mask),
		     at = (*sq_word(r.p.sq_off.tail) + r.added - 1) & mask;
	struct io_uring_sqe *sqe = &r.sqes[at];

	sqe->flags |= IOSQE_CQE_SKIP_SUCCESS;
	vfs_end(sqe->user_data - 1, result);
	sqe->user_data = OTHER;
	r.awaited--;
}

static long reap(unsigned int n)
{
	unsigned int *head = cq_word(r.p.cq_off.head), mask = *cq_word(r.p.cq_off.ring_mask);
	const struct io_uring_cqe *cqes = (void *)(r.cq + r.p.cq_off.cqes);
	long result = 0;

	while (n--) {
		const struct io_uring_cqe *cqe = &cqes[*head & mask];

		result = cqe->res;
		if (cqe->user_data != OTHER)
			vfs_end(cqe->user_data - 1, result);
		__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	}
	return result;
}

static unsigned int ready(void)
{
	return __atomic_load_n(cq_word(r.p.cq_off.tail), __ATOMIC_ACQUIRE) -
	       *cq_word(r.p.cq_off.head);
}

/* Not for rings whose requests a thread of the kernel takes. */
void ring_put(void)
{
	unsigned int *tail = sq_word(r.p.sq_off.tail);
	long n;

	__atomic_store_n(tail, *tail + r.added, __ATOMIC_SEQ_CST);
	for (; r.added; r.added -= n) {
		n = syscall(SYS_io_uring_enter, r.fd, r.added, 0, 0, NULL, 0);
		vfs_check(n > 0, "io_uring_enter");
	}
}

void ring_take(void)
{
	while (r.awaited) {
		unsigned int n = ready();

		if (n) {
			reap(n);
			r.awaited -= n;
		} else {
			vfs_check(syscall(SYS_io_uring_enter, r.fd, 0, 1, IORING_ENTER_GETEVENTS,
					  NULL, 0) >= 0,
				  "io_uring_enter");
		}
	}
}

long ring_go(void)
{
	unsigned int *tail = sq_word(r.p.sq_off.tail), submit = r.added,
		     flags = IORING_ENTER_GETEVENTS;
	long n;

	__atomic_store_n(tail, *tail + submit, __ATOMIC_SEQ_CST);
	if (r.flags & IORING_SETUP_SQPOLL)
		flags |= IORING_ENTER_SQ_WAKEUP;
	/* It stops at a request that is wrong in itself; what comes after is for the next time. */
	while (submit || ready() < r.awaited) {
		n = syscall(SYS_io_uring_enter, r.fd, submit, r.awaited, flags, NULL, 0);
		vfs_check(n >= 0 || errno == EINTR, "io_uring_enter");
		if (n > 0)
			submit -= n;
	}
	n = reap(r.awaited);
	r.added = r.awaited = 0;
	return n;
}
