/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the progress of an image pull: one JSON object per line, one line per layer and step. */
#ifndef CBPF_ENGINE_PULL_H
#define CBPF_ENGINE_PULL_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define PULL_LAYERS 128 /* overlay2 allows no more */
#define PULL_LINE_MAX (64u << 10)

struct pull_layer {
	char id[32];
	uint64_t done, total; /* bytes */
};

struct pull {
	struct buf line; /* what has come of the current one */
	size_t n;
	struct pull_layer layers[PULL_LAYERS];
	char error[512]; /* what the engine said went wrong; "" nothing */
};

void pull_init(struct pull *p);
/* Data may be cut anywhere. 0, or a negative errno. */
int pull_feed(struct pull *p, const char *data, size_t len);
void pull_totals(const struct pull *p, uint64_t *ret_done, uint64_t *ret_total);
void pull_fini(struct pull *p);

#endif
