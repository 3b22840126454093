/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that make the time budget share: one target's ticks, and sums of their parts. */
#ifndef CBPF_REPORT_BUDGET_H
#define CBPF_REPORT_BUDGET_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct building;

/* Numbers of one tick. Times are in ns. */
enum part {
	TOTAL,
	WAIT, /* for I/O */
	LOCK,
	BLOCKED,
	SLEEP,
	THROTTLE,
	INODE,
	JOURNAL,
	RUNQ,
	FOREIGN, /* for I/O, on mounts that no block device is below; not in WAIT */
	FLUSHES, /* of WAIT: calls that wait for writes of others, too */
	RETURN, /* of RUNQ: after calls, on the way back to user space */
	WRITES_TOO, /* of WAIT: calls that neither read nor write, and may wait for writes */
	/* What budget_split_waits() finds of WAIT. */
	DEVICE,
	REST, /* no request accounts for it */
	UNSURE, /* of that, what may have waited for requests of others */
	BYTES,
	PARTS
};

/* What calls are for: a phase of writing has those that write. */
enum use { READS, WRITES, OTHERS, USES };

/* The time of a target's requests, in devices and in their queues. */
struct requests {
	double device, queue;
};

/* Requests that reads wait for, others too; that writes wait for, some others too; and that only others do. */
enum kind { READING, WRITING, DISCARDING, KINDS };

struct tick {
	uint64_t from_ns, to_ns;
	double calls[USES][PARTS];
	double longest_ns[USES]; /* of the calls that ended in it */
	double oncpu_ns; /* of the target's tasks, in calls or not */
	struct requests requests[KINDS]; /* that completed in it */
};

struct ticks {
	struct tick *v; /* of one target, in order */
	size_t n;
	bool watched; /* block I/O was */
	bool bounded; /* time on CPUs is known */
	/* All requests that it waits for are its own: of what it asks itself; of writeback. */
	bool exact, charged;
};

/* Sums over ticks. */
struct budget {
	double calls[PARTS];
	double oncpu_ns; /* what was on CPUs in calls is not more; 0: not known */
};

/* DEVICE, REST and UNSURE of each use in each tick, from the requests; these are used up. */
void budget_split_waits(struct ticks *t);

/* @part of what calls of one use took in a tick. */
void budget_add(struct budget *to, const struct tick *tick, enum use use, double part);
/* The parts of a budget over some of the ticks of @t; they add up to the total. */
json_t *budget_json(struct building *b, const struct ticks *t, const struct budget *of);
/* A phase of the tool that the target ran. */
struct phase {
	char op[8]; /* write, read */
	int64_t iteration;
	int64_t test; /* of a tool that runs several; -1: it does not say */
	enum use use;
	double tool_bytes, total_s; /* as the tool tells; NAN: it does not */
	uint64_t from_ns, to_ns; /* both 0: not known */
	struct budget budget;
	double seen_bytes;
};

/*
 * Bounds of the phases, in their order, from the ticks that have their bytes: for those
 * before the first that could not be found, whose number is returned (@n: none). Words on
 * why go to @why. -ENOMEM.
 */
int budget_find_phases(const struct ticks *t, struct phase *phases, size_t n, size_t *ret_found,
		       struct buf *why);

/* The parts by interval into @budget, from the first call to the last; as below. */
int budget_build_timeline(struct building *b, const struct ticks *t, json_t *budget);
/* Phases of the tool into @budget; 0, or what it left in @b->err. */
int budget_build_phases(struct building *b, int64_t target, const struct ticks *t, json_t *budget);

#endif
