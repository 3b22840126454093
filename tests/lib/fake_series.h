/* SPDX-License-Identifier: Apache-2.0 */
/* Series of the page, from a run whose every row is known. */
#ifndef CBPF_TESTS_FAKE_SERIES_H
#define CBPF_TESTS_FAKE_SERIES_H

#include <jansson.h>

#include "html/parts.h"

struct building;

typedef int fake_series_fn(struct building *b, const struct axis *axis, const struct owners *o,
			   struct buf *out);

/*
 * What @fn writes of a full run of @ticks ticks, as one object, with at most @most_bins bins. @sql
 * (NULL: nothing) changes the run before. Caller decrefs.
 */
json_t *fake_series(fake_series_fn *fn, uint64_t ticks, size_t most_bins, const char *sql);

#endif
