/* SPDX-License-Identifier: Apache-2.0 */
/* A run with something in every table and every column, of as many ticks as are asked for. */
#ifndef CBPF_TESTS_FAKE_FULL_H
#define CBPF_TESTS_FAKE_FULL_H

#include "fake_run.h"

/*
 * Tick @seq ends at (seq + 1) * 100 ms after the run began; it is the last of @ticks that has
 * last = 1. The n-th metric of `sample` is n * 1000 * (seq + 1), n from 1, of the victim; the
 * neighbour has the first metric alone. Closed, and ended well.
 */
void fake_full_make(struct fake_run *r, uint64_t ticks);
/* The same still open, before its end and after it. */
void fake_full_begin(struct fake_run *r, uint64_t ticks);
void fake_full_end(struct fake_run *r);

/* Values of each of its histograms: sizes of 4096 bytes (stored less 1), and times in ns. */
#define FAKE_FULL_COUNT 5

#endif
