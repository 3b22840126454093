/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that make the page share. */
#ifndef CBPF_HTML_PARTS_H
#define CBPF_HTML_PARTS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "html/bins.h"

struct buf;
struct building;
struct err;

/* The page as it was built, with HTML_DATA_MARK where the data goes; "" when there is none. */
const char *html_template(size_t *ret_len);
#define HTML_DATA_MARK "@CBPF_DATA@"

/* What is before the data, and what is behind it: then all of a page is in @out, or @err says why not. */
int html_open(struct buf *out, struct err *err);
int html_close(struct buf *out, struct err *err);

/* What is not written: what is called @key, somewhere below what is called @within. */
struct html_cut {
	const char *within, *key;
};
#define HTML_CUTS_MAX 4
/*
 * @value as JSON that is safe within <script>: '<', '>', '&' and the line separators that
 * JavaScript once had are escaped. At most
 * HTML_CUTS_MAX cuts.
 */
int html_json(struct buf *out, const json_t *value, const struct html_cut *cuts, size_t n_cuts);
/* The same of text. */
int html_json_text(struct buf *out, const char *text);
/* Sampled stacks of each target, those with the most samples first, up to @most bytes in all. */
int html_flames(const json_t *report, size_t most, struct buf *out);
/* Numbers as a JSON array, of five digits; what is not finite is null. */
int html_json_numbers(struct buf *out, const double *v, size_t n);

/* Whose series there are: the rows of `target` that have one of their own, and all others together. */
#define HTML_OTHERS (-1)
struct owners {
	int64_t *id; /* those with their own */
	size_t n; /* without the others */
};
int owners_load(struct owners *o, const json_t *report);
void owners_fini(struct owners *o);
/* From 0; @o->n: one of the others. */
size_t owners_find(const struct owners *o, int64_t id);
int64_t owners_id(const struct owners *o, size_t at); /* HTML_OTHERS for @o->n */

/* "lines": [...] of counters and gauges, and of who was in the devices. */
int html_lines(struct building *b, const struct axis *axis, const struct owners *o,
	       struct buf *out);
/* "latency": [...]: requests and calls over time, with their latencies. */
int html_latency(struct building *b, const struct axis *axis, const struct owners *o,
		 struct buf *out);

#endif
