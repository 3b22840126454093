/* SPDX-License-Identifier: Apache-2.0 */
/* POST of bodies to one address over HTTP/1.1, on a connection that is kept. */
#ifndef CBPF_SINK_POST_H
#define CBPF_SINK_POST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct err;
struct post;

struct post_config { /* borrowed until post_open() returns, but for @stop */
	const char *url;
	const char *authorization; /* value of the header; NULL: none */
	const char *ca_file; /* PEM; NULL: the system's */
	bool insecure; /* do not verify the server's certificate */
	bool gzip;
	uint64_t timeout_ns; /* of one request, from its beginning to the end of the answer */
	const atomic_bool *stop; /* may be NULL */
};

#define POST_BODY_MAX 65536 /* the rest of an answer is read and forgotten */

struct post_answer {
	long status;
	char retry_after[64]; /* "" when there was none */
	char location[512]; /* of a redirect: without user, password and query; "" */
	struct buf body; /* owned by the struct post: valid until the next post_send() */
};

int post_open(const struct post_config *config, struct post **ret, struct err *err);

/*
 * 0: there is an answer, whatever it says; redirects are not followed. -EAGAIN: there was none, but
 * may be the next time. -ECANCELED: *stop was set, seen within 50 ms. -EACCES: the server is not
 * who it should be, by its certificate. Else: it will never work.
 */
int post_send(struct post *p, const void *data, size_t len, struct post_answer *ret,
	      struct err *err);
void post_close(struct post *p); /* takes NULL */

#endif
