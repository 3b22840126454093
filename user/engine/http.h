/* SPDX-License-Identifier: Apache-2.0 */
/* One HTTP exchange with an engine: bounded, cancellable, every failure in words. */
#ifndef CBPF_ENGINE_HTTP_H
#define CBPF_ENGINE_HTTP_H

#include <curl/curl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "engine/endpoint.h"

struct err;

#define HTTP_BODY_MAX (16u << 20) /* a list of some thousand containers */
#define HTTP_ERROR_MAX (64u << 10)

struct http_server {
	struct engine_endpoint at;
	const char *product; /* for messages: "Docker" */
	const char *hint; /* the command that starts it */
	const atomic_bool *cancel; /* may be NULL */
};

struct http_call {
	const char *method;
	const char *path; /* "/v1.41/containers/json?all=1" */
	const char *body; /* JSON, or NULL */
	size_t body_len; /* of a body that is no text; 0: its length as text */
	const char *type; /* of a body that is not JSON, or NULL */
	const char *header; /* one further header, or NULL */
	uint64_t timeout_ms; /* for the whole exchange; 0: none */
	bool cleanup; /* goes on when cancelled: it undoes something */
	/* Where the data of a 2xx goes as it comes, instead of into @body; not 0 ends it. */
	int (*data)(void *arg, const char *data, size_t len);
	void *data_arg;
	/* Called every 2 ms while waiting; may be NULL. */
	void (*idle)(void *arg);
	void *idle_arg;
};

struct http_reply {
	long status;
	struct buf body;
};

/*
 * 0 when the server answered 2xx or 304. Else @err says what it answered, or why it
 * could not be asked:
 * -ENOTCONN (no engine there), -EACCES, -ENOENT (404), -EEXIST (409), -EINVAL
 * (400), -ETIMEDOUT, -EINTR (cancelled), -EIO. @reply is to be freed with
 * http_reply_fini() either way.
 */
int http_perform(const struct http_server *s, const struct http_call *call,
		 struct http_reply *reply, struct err *err);
void http_reply_fini(struct http_reply *reply);

/* The same in pieces, for exchanges that a multi handle drives. */
struct http_transfer {
	const struct http_call *call; /* borrowed until fini */
	const struct http_server *server; /* borrowed until fini */
	struct http_reply *reply; /* borrowed until fini */
	CURL *easy;
	struct curl_slist *headers;
	int sink_failed; /* what call->data returned */
	char words[CURL_ERROR_SIZE];
};

int http_transfer_init(struct http_transfer *t, const struct http_server *s,
		       const struct http_call *call, struct http_reply *reply, struct err *err);
/* How it ended, once curl said @code. */
int http_transfer_result(struct http_transfer *t, CURLcode code, struct err *err);
void http_transfer_fini(struct http_transfer *t);

/* Percent-encode everything but letters, digits and "-._~". */
int http_escape(struct buf *to, const char *text);

#endif
