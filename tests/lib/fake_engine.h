/* SPDX-License-Identifier: Apache-2.0 */
/* A container engine that answers what a test tells it to, over a real socket, and nothing else. */
#ifndef CBPF_TESTS_FAKE_ENGINE_H
#define CBPF_TESTS_FAKE_ENGINE_H

#include <stdatomic.h>
#include <stddef.h>

struct engine;

enum fake_manner {
	FAKE_PLAIN,
	FAKE_BYTES, /* one byte at a time */
	FAKE_CUT, /* promises a byte more than it sends */
	FAKE_HANG, /* never comes to an end */
	FAKE_SILENT, /* never answers at all */
};

struct fake_exchange {
	const char *request; /* method and path: "GET /v1.41/info" */
	int status;
	const char *answer; /* NULL is empty */
	const char *body; /* JSON that the request has to equal; NULL: no matter */
	size_t len; /* of an answer that holds NUL; 0: its length as text */
	enum fake_manner manner;
};

struct fake_engine;

/*
 * Each exchange happens once, in any order but for equal requests. "GET
 * /version" is answered by itself, as often as asked, with @api ("1.41").
 */
struct fake_engine *fake_engine_start(const char *api, const struct fake_exchange *v, size_t n);
/* "unix://PATH". */
const char *fake_engine_host(const struct fake_engine *f);
/* A client of it. */
struct engine *fake_engine_open(const struct fake_engine *f, const atomic_bool *cancel);
/* Wait until @request was made, by a thread of the client that is on its way; not for ever. */
void fake_engine_await(struct fake_engine *f, const char *request);
/* Fails the test when something else was asked, or not all that was expected. */
void fake_engine_stop(struct fake_engine *f);

#define FAKE_START(api, v) fake_engine_start(api, v, sizeof(v) / sizeof((v)[0]))

#endif
