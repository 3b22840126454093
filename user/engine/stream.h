/* SPDX-License-Identifier: Apache-2.0 */
/* Exchanges that last as long as a container does: its logs and its end. One thread drives all. */
#ifndef CBPF_ENGINE_STREAM_H
#define CBPF_ENGINE_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/demux.h"

struct engine;
struct engine_stream;
struct engine_streams;
struct err;

/* @e is borrowed until close. */
int engine_streams_open(struct engine *e, struct engine_streams **ret, struct err *err);
/* Gives up whatever still runs; every stream must have been closed before. Takes NULL. */
void engine_streams_close(struct engine_streams *all);

/*
 * Ask to be told when container @id ends the next time; returns once the
 * engine has taken note, so that a start after it cannot be missed.
 */
int engine_wait_open(struct engine_streams *all, const char *id, struct engine_stream **ret,
		     struct err *err);
/*
 * Without blocking: 1 not ended, 0 ended with @ret_code, noticed at @ret_ns
 * (CLOCK_MONOTONIC), or a negative errno: ask engine_container_inspect().
 */
int engine_wait_poll(struct engine_stream *s, int *ret_code, uint64_t *ret_ns);

/*
 * Everything container @id prints, from its start to its end, goes to @sink as
 * it comes, called from the thread of @all.
 */
int engine_logs_open(struct engine_streams *all, const char *id, bool tty, demux_sink sink,
		     void *arg, struct engine_stream **ret, struct err *err);

/* Wait until it is over. 0, -ETIMEDOUT, or why it broke. */
int engine_stream_finish(struct engine_stream *s, uint64_t timeout_ms, struct err *err);
/* Ends it when it still runs; no callback happens after that. Takes NULL. */
void engine_stream_close(struct engine_stream *s);

#endif
