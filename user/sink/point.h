/* SPDX-License-Identifier: Apache-2.0 */
/* One point: a measurement at a time, with tags that say whose and fields that say what. */
#ifndef CBPF_SINK_POINT_H
#define CBPF_SINK_POINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sink/measure.h"

struct hist;

#define POINT_TAGS 16
#define POINT_FIELDS 1024 /* a socket has 9, and there may be many */

struct point_value {
	const struct measure_column *column; /* its kind, type and unit; borrowed */
	const char *name; /* column->name, but of a column that is many: the one meant */
	union {
		int64_t i;
		double real; /* may be anything a double can be */
		const char *text; /* any bytes but 0; valid until the next point */
		bool yes;
	};
};

/*
 * Absent values are not in it. A point without fields is none, and leaves a feed only to tell of
 * what is too large.
 * The same tags and time are the same point: told again, it replaces what was told before.
 */
struct point {
	const struct measurement *measurement;
	int64_t seq; /* tick that it belongs to; INT64_MAX at the end of a run */
	int64_t time_ns; /* since the epoch, UTC */
	size_t n_tags, n_fields;
	struct point_value tags[POINT_TAGS]; /* all of them TYPE_TEXT */
	struct point_value fields[POINT_FIELDS];
	/*
	 * What the quantiles were taken from, of this tick; those that are empty are left out.
	 * ns, or of a size bytes less 1: point_le() tells both. The name of its series: "queue",
	 * "device", "total", "size", "latency", "runq", "io", "lock", "other".
	 */
	struct {
		const char *name; /* borrowed */
		const struct hist *hist; /* valid until the next point */
	} hists[4];
	size_t n_hists;
	/* Fields of 64 bits that the database could not hold: they are not among the others. */
	const struct measure_column *too_large[POINT_FIELDS];
	size_t n_too_large;
};

/* The last value of bucket @i of a histogram, in ns, or of a size in bytes; all in the last: INT64_MAX. */
int64_t point_le(const char *name, unsigned int i);

#endif
