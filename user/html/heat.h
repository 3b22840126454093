/* SPDX-License-Identifier: Apache-2.0 */
/* A heatmap: how many latencies of each size there were in each column of time. */
#ifndef CBPF_HTML_HEAT_H
#define CBPF_HTML_HEAT_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct hist;

/* Two rows for each power of two: row 2k begins at 2^k ns, row 2k + 1 at 1.5 * 2^k. */
#define HEAT_ROWS 76

struct heat {
	uint64_t *cells; /* [column][row] */
	size_t columns;
};

int heat_init(struct heat *h, size_t columns);
void heat_fini(struct heat *h);
unsigned int heat_row(uint64_t ns);
void heat_add(struct heat *h, size_t column, const struct hist *from);
/* [column, row, count, column, row, count, ...] of those that are not empty. */
int heat_json(const struct heat *h, struct buf *out);

#endif
