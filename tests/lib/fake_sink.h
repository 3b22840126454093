/* SPDX-License-Identifier: Apache-2.0 */
/* A sink that keeps what it is given in memory, and fails when it is told to. */
#ifndef CBPF_TESTS_FAKE_SINK_H
#define CBPF_TESTS_FAKE_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sink/sink.h"

#define FAKE_SINK_POINTS 4096

/* One that was acknowledged: what tells it from all others. */
struct fake_point {
	int64_t seq, time_ns;
	char series[512]; /* measurement and tags */
	uint64_t values; /* hash of all fields */
};

struct fake_sink {
	struct sink sink; /* first */
	struct fake_point v[FAKE_SINK_POINTS];
	size_t n; /* put */
	size_t kept; /* of them acknowledged; the rest is forgotten when it is put again */
	size_t flushes;
	/* To be set by the test: */
	int put_rc; /* of the @fail_at-th put from now on, counted from 1; 0: never */
	size_t fail_at;
	int flush_rc; /* of the next flush only */
	size_t loses; /* of so many of the next puts it tells a loss, and keeps the point */
	bool closed;
};

/* Takes everything; nothing is allocated. */
void fake_sink_init(struct fake_sink *f, const char *where);
/* True when every one of @a is in @b exactly once, and nothing else. */
bool fake_sink_same(const struct fake_sink *a, const struct fake_sink *b);

#endif
