// SPDX-License-Identifier: Apache-2.0
#include "html/heat.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/hist.h"

int heat_init(struct heat *h, size_t columns)
{
	h->columns = columns;
	h->cells = calloc(columns * HEAT_ROWS + 1, sizeof(*h->cells));
	return h->cells ? 0 : -ENOMEM;
}

void heat_fini(struct heat *h)
{
	free(h->cells);
	*h = (struct heat){ 0 };
}

unsigned int heat_row(uint64_t ns)
{
	unsigned int power = ns ? 63 - __builtin_clzll(ns) : 0, row;

	row = 2 * power + (power && ns >> (power - 1) & 1);
	return row < HEAT_ROWS ? row : HEAT_ROWS - 1;
}

void heat_add(struct heat *h, size_t column, const struct hist *from)
{
	for (unsigned int i = 0; i < HIST_BUCKETS; i++)
		if (from->bucket[i])
			h->cells[column * HEAT_ROWS + heat_row(hist_low(i))] += from->bucket[i];
}

int heat_json(const struct heat *h, struct buf *out)
{
	const char *comma = "";

	buf_puts(out, "[");
	for (size_t i = 0; i < h->columns * HEAT_ROWS; i++) {
		if (!h->cells[i])
			continue;
		buf_printf(out, "%s%zu,%zu,%" PRIu64, comma, i / HEAT_ROWS, i % HEAT_ROWS,
			   h->cells[i]);
		comma = ",";
	}
	return buf_puts(out, "]");
}
