/* SPDX-License-Identifier: Apache-2.0 */
/* The loop of a phase: transfers in order, deadlines, wear-out, verification. */
#ifndef CBPF_IOR_TRANSFER_H
#define CBPF_IOR_TRANSFER_H

#include "ior/offsets.h"
#include "ior/phase.h"

struct transfer {
	struct engine *engine;
	const struct phase *phase;
	struct offsets offsets;
	void *file; /* NULL after a failed open */
	uint64_t file_number; /* as pattern_at() wants it */
	int rc; /* first failure; from then on only collective calls are made */
	struct err *err;
};

/* All transfers of this rank. Collective; returns t->rc. */
int transfer_run(struct transfer *t, struct rank_result *ret);

#endif
