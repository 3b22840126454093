/* SPDX-License-Identifier: Apache-2.0 */
/* From block counters that only grow to what happened within a tick. */
#ifndef CBPF_SAMPLE_BLOCK_DELTA_H
#define CBPF_SAMPLE_BLOCK_DELTA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct block_delta;
struct block_row;
struct err;
struct frame;

/* Remembers each row's counters; memory is touched only by rows that are used. */
int block_delta_open(struct block_delta **ret, struct err *err);

/* Has row @i (of the probe's rows) counted anything since it was last put? */
bool block_delta_changed(const struct block_delta *d, size_t i, const struct block_row *row);

/*
 * Put what row @i has counted since into @f, as one histogram per layer with
 * the same ios, bytes and errors, owned by @owner, and what has no latency
 * beside. -ENOSPC when @f has no room for all of them: nothing is put then, and
 * the counts stay for the next call.
 */
int block_delta_put(struct block_delta *d, size_t i, const struct block_row *row, uint32_t owner,
		    struct frame *f);

void block_delta_close(struct block_delta *d);

#endif
