/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A point as one line of InfluxDB's line protocol, times in ns. Only what InfluxDB 1, 2 and 3 all
 * read back unchanged is written; what they would not is refused, with the reason.
 */
#ifndef CBPF_SINK_LINE_H
#define CBPF_SINK_LINE_H

#include <stddef.h>

struct buf;
struct point;

/* Bytes of a text field at most, as InfluxDB 3 takes it; measurement, tags and the name of a field together. */
#define LINE_TEXT_MAX (64 * 1024)
#define LINE_KEY_MAX 65535

struct line_note {
	size_t left_out; /* fields that are NaN or infinite: line protocol has no way to say so */
	char why[192]; /* why the point was refused: a printable line, without values; else "" */
};

/*
 * Append the point and a newline to @out. An empty tag is left out, which means the same.
 * 0; -EINVAL when the point is refused; or what @out failed with. Nothing is appended then.
 */
int line_append(const struct point *p, struct buf *out, struct line_note *ret_note);

#endif
