/* SPDX-License-Identifier: Apache-2.0 */
/* What an answer to a write means, and what is to be done; nothing is done here. */
#ifndef CBPF_SINK_INFLUXDB_ANSWER_H
#define CBPF_SINK_INFLUXDB_ANSWER_H

#include <stddef.h>
#include <stdint.h>

struct influxdb_answer { /* all borrowed */
	long status; /* of HTTP */
	const char *retry_after; /* value of the header; "" or NULL: none */
	const char *body;
	size_t len;
};

enum influxdb_act {
	INFLUXDB_TAKEN, /* all of it is written */
	INFLUXDB_AGAIN, /* the same once more, after a wait */
	INFLUXDB_TOO_LARGE, /* less at a time */
	INFLUXDB_BAD_LINE, /* some lines are refused: find them */
	INFLUXDB_ALL_BAD, /* each of the lines is refused */
	INFLUXDB_NEVER, /* the request is refused, whatever lines it has */
};

struct influxdb_verdict {
	enum influxdb_act act;
	int code; /* NEVER: -EACCES (who are you), -EPERM, -ENOENT, -EINVAL */
	uint64_t wait_ns; /* AGAIN: at least, as the server asked for; 0: it did not */
	size_t line; /* BAD_LINE: the first one that the server named, from 1; 0: none */
	/* The server's, in one printable line and without the text of lines; "" when it had none. */
	char words[256];
};

/* @lines: how many the request had. @now_ns: CLOCK_REALTIME, for dates in Retry-After. */
void influxdb_judge(const struct influxdb_answer *answer, size_t lines, uint64_t now_ns,
		    struct influxdb_verdict *ret);

/* Seconds or an HTTP date, as ns from @now_ns; 0 when it is neither or past. At most a day. */
uint64_t influxdb_retry_after_ns(const char *value, uint64_t now_ns);

/*
 * Exponential backoff with full jitter: how long to wait after the @attempt-th failure (from 0):
 * evenly spread, by @random, from 0 to 100 ms doubled with each attempt up to 30 s.
 */
uint64_t influxdb_backoff_ns(unsigned int attempt, uint64_t random);

#endif
