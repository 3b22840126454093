/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The contract of a sink: it is given points in order and says when it has them for good.
 * What it was not given, or has lost, is in the run database all the same.
 */
#ifndef CBPF_SINK_SINK_H
#define CBPF_SINK_SINK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct err;
struct losses;
struct point;
struct sink;

struct sink_ops {
	const char *name; /* influxdb, jsonl, line, openmetrics */
	/* Take a point; it may be sent now, later, or with others. 0 or as flush. */
	int (*put)(struct sink *s, const struct point *p, struct err *err);
	/*
	 * Send what is left. 0: everything put so far is acknowledged, but for what @losses
	 * tells. -EAGAIN: the sink could not be reached in time, or is busy: put it all again
	 * later, from the last flush on. -ECANCELED: *stop was set. Any other error: it will never
	 * work (wrong token, no such bucket, no room): @err says so, and what can be done.
	 */
	int (*flush)(struct sink *s, struct err *err);
	/*
	 * Of sinks that keep what they have in an order of their own; the others have NULL. Bytes
	 * before the end of what was flushed, to be kept with the cursor.
	 */
	int64_t (*position)(const struct sink *s);
	/*
	 * What was put and not flushed is dropped, and what is put next is what came after
	 * @position: of that, what is there already is not written again. Before the first put,
	 * and after each failure. -ESTALE: it never had so much.
	 */
	int (*resume)(struct sink *s, int64_t position, struct err *err);
	/* CPU time of what works for it beside this process, ns; NULL: nothing does. */
	uint64_t (*cpu_ns)(const struct sink *s);
	void (*close)(struct sink *s); /* takes no NULL; what was put and not flushed is dropped */
};

/* What every kind of sink begins with. */
struct sink {
	const struct sink_ops *ops;
	/*
	 * Where to, without secrets: the same place has the same words, and another one others.
	 * "influxdb http://host:8086 bucket=b". Owned, freed by sink_close().
	 */
	char *where;
	/*
	 * Borrowed: what it refused or left out, with the reason, told as it is put or flushed. A
	 * delivery takes what was told of what is put again only once.
	 */
	struct losses *losses;
	const atomic_bool *stop; /* borrowed: end waiting soon; may be NULL */
	/*
	 * After -EAGAIN: CLOCK_MONOTONIC before which it is not tried again, and fails at once when it
	 * may not wait for that; 0: at any time. Unless the server @asked for it, who has a reason
	 * may set 0 to try at once.
	 */
	uint64_t not_before_ns;
	bool asked;
	/* It needs every tick since the beginning, whatever it had before (it keeps no memory). */
	bool from_start;
	/* It was found to have nothing, whatever a cursor says: a file that is new, a pipe. */
	bool empty;
	bool wants_hists, wants_buckets; /* as feed_config */
};

static inline void sink_close(struct sink *s)
{
	if (s)
		s->ops->close(s);
}

#endif
