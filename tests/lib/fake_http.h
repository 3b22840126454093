/* SPDX-License-Identifier: Apache-2.0 */
/* A server on a free port of the loopback that answers as a test tells it to. */
#ifndef CBPF_TESTS_FAKE_HTTP_H
#define CBPF_TESTS_FAKE_HTTP_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct fake_http;

struct fake_request {
	const char *head; /* request line and headers, NUL-terminated */
	const char *body;
	size_t len;
	unsigned int nth; /* of all requests, from 0 */
};

/* Put the whole answer, with its head, into @answer; none closes the connection instead. */
typedef void fake_http_fn(void *arg, const struct fake_request *rq, struct buf *answer);

/* One connection after the other, each for as long as the client keeps it. */
struct fake_http *fake_http_start(fake_http_fn *fn, void *arg);
const char *fake_http_url(const struct fake_http *f); /* "http://127.0.0.1:PORT" */
unsigned int fake_http_connections(const struct fake_http *f);
/* Close each connection after an answer. */
void fake_http_close_after(struct fake_http *f, bool close_after);
void fake_http_stop(struct fake_http *f);

/* An answer with this status and more headers ("" or "Name: value\r\n"). */
void fake_http_answer(struct buf *answer, int status, const char *headers, const char *body);

#endif
