// SPDX-License-Identifier: Apache-2.0
/*
 * Cuts waits for I/O in two, by what the target's own requests did meanwhile:
 *
 *	device = wait * D / (D + Q)	where D + Q >= wait
 *	device = D			otherwise
 *	queue = wait - device
 *
 * with D and Q the time of requests in devices and in their queues. Requests that nobody
 * waited for (readahead, writeback) are in D and Q too, which is why the first line is a
 * share; what throttles before there is a request (io.max) is in neither, and so in the
 * queue. That is done for each tick, apart for what waits for reads and what waits for
 * writes; discards are for calls that are neither, of which some wait for what calls that
 * write leave of the writes.
 *
 * So what no request accounts for (wait - D - Q) was held back only where nobody else's
 * request can have been waited for: all of the target's are told as its own.
 *
 * A request is told in the tick in which it completes, and a call's wait in that in which
 * the call ends, which is later when the call outlasts a tick. So a wait that the requests
 * of its own tick do not account for is held against what is left of those of the ticks
 * before, the nearest first, as far back as the longest call that ended may have begun.
 */
#include <math.h>

#include "report/budget.h"

/* What @requests account for of a wait goes from them, and to @device; returns the rest. */
static double use_up(struct requests *requests, double wait, double *device)
{
	double both = requests->device + requests->queue, part;

	if (!(both > 0))
		return wait;
	part = fmin(wait / both, 1);
	*device += part * requests->device;
	requests->device *= 1 - part;
	requests->queue *= 1 - part;
	return wait - part * both;
}

static double look_back(struct ticks *t, size_t at, enum kind kind, double longest_ns, double wait,
			double *device)
{
	for (size_t i = at + 1; i-- > 0 && wait > 0;) {
		if (i < at && t->v[i].to_ns + longest_ns <= t->v[at].from_ns)
			break;
		wait = use_up(&t->v[i].requests[kind], wait, device);
	}
	return wait;
}

/* @rest of what calls of one use waited. */
static void leave(const struct ticks *t, double *calls, double rest)
{
	if (!(rest > 0) || !(calls[WAIT] > 0))
		return;
	calls[REST] = rest;
	if (!t->exact)
		calls[UNSURE] = rest;
	else if (!t->charged)
		calls[UNSURE] = rest * fmin(calls[FLUSHES] / calls[WAIT], 1);
}

static void split(struct ticks *t, size_t at)
{
	struct tick *tick = &t->v[at];
	double *reads = tick->calls[READS], *writes = tick->calls[WRITES],
	       *others = tick->calls[OTHERS];
	double wait = reads[WAIT] + others[WAIT], rest, left = 0, may, device = 0;

	rest = look_back(t, at, READING, fmax(tick->longest_ns[READS], tick->longest_ns[OTHERS]),
			 wait, &device);
	if (wait > 0) {
		reads[DEVICE] = device * reads[WAIT] / wait;
		others[DEVICE] = device * others[WAIT] / wait;
		leave(t, reads, rest * reads[WAIT] / wait);
		/* Who removes a file may wait until the device has forgotten it. */
		left = look_back(t, at, DISCARDING, tick->longest_ns[OTHERS],
				 rest * others[WAIT] / wait, &others[DEVICE]);
	}
	rest = look_back(t, at, WRITING, tick->longest_ns[WRITES], writes[WAIT], &writes[DEVICE]);
	/* To write a part of a page or to find room takes reads, too: those that no read was for. */
	rest = look_back(t, at, READING, tick->longest_ns[WRITES], rest, &writes[DEVICE]);
	leave(t, writes, rest);
	/* So may who copies to a file that is synchronous, or gives one up that is being written. */
	if (left > 0) {
		may = left * fmin(others[WRITES_TOO] / others[WAIT], 1);
		left -= may;
		left += look_back(t, at, WRITING, tick->longest_ns[OTHERS], may, &others[DEVICE]);
	}
	leave(t, others, left);
}

void budget_split_waits(struct ticks *t)
{
	for (size_t i = 0; i < t->n; i++)
		split(t, i);
}
