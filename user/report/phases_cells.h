/* SPDX-License-Identifier: Apache-2.0 */
/* The columns of a table of phases, for a terminal and for HTML. */
#ifndef CBPF_REPORT_PHASES_CELLS_H
#define CBPF_REPORT_PHASES_CELLS_H

#include <jansson.h>

#include "report/format.h"

struct phases_column {
	const char *title, *help;
	struct text (*cell)(const json_t *phase);
	int wide; /* for HTML only */
};

extern const struct phases_column phases_columns[]; /* ends with a row without a title */
#define PHASES_HELP                                                                                \
	"MiB/s and moved are the tool's; the rest is the kernel's, cut to the phase: +- is what "  \
	"was seen in ticks that are only partly inside"

#endif
