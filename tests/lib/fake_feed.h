/* SPDX-License-Identifier: Apache-2.0 */
/* Points as text that a test can compare: "name,tag=a field=1i,other=0.5 @ns", a line each. */
#ifndef CBPF_TESTS_FAKE_FEED_H
#define CBPF_TESTS_FAKE_FEED_H

#include <stdint.h>
#include <stdio.h>

struct err;
struct point;
struct store;

/*
 * Of tags a space is "\ ", and nothing else is escaped. Absent tags and fields are not there; after the time come the names of
 * histograms, with how many values each has. ns of the time count from @epoch_ns.
 */
void fake_point_print(FILE *to, const struct point *p, int64_t epoch_ns);

/* How a run is read: all that it has, as text. Lines begin with @want, NULL: all. */
enum { FAKE_TICKS_ONLY = 1, FAKE_END_ONLY = 2, FAKE_BUCKETS = 4, FAKE_HISTS = 8 };
/*
 * Ticks [0, last] in pieces of @step (0: at once), each by a feed of its own if @fresh, then the end.
 * Fails the test when it cannot. Caller frees.
 */
char *fake_points(struct store *s, const char *want, int how, int64_t step, int fresh);

#endif
