/* SPDX-License-Identifier: Apache-2.0 */
/* One timed pass over the data by this rank: open, transfer, close. */
#ifndef CBPF_IOR_PHASE_H
#define CBPF_IOR_PHASE_H

#include <stdbool.h>
#include <stdint.h>

#include "ior/oplog.h"
#include "ior/pattern.h"

struct backend;
struct err;
struct ior_options;
struct world;

enum phase_kind { PHASE_WRITE, PHASE_WRITE_CHECK, PHASE_READ };

/* What all phases of a run share. */
struct engine {
	const struct ior_options *options; /* borrowed, as the next two */
	const struct world *world;
	const struct backend *backend;
	struct pattern pattern;
	void *buffer; /* owned; one transfer, aligned, for reads */
	void *hog; /* owned; memory that is only taken; NULL when none is */
	struct oplog oplog;
};

struct phase {
	enum phase_kind kind;
	bool verify;
	int rep;
	int data_rank; /* whose data: this rank's own, or another's when reading */
	uint64_t limit; /* transfers at most */
};

enum { T_OPEN, T_OPENED, T_START, T_DONE, T_CLOSE, T_CLOSED, T_COUNT };

/* Flat, so that it can be gathered as bytes. */
struct rank_result {
	uint64_t t_ns[T_COUNT]; /* rank 0's CLOCK_MONOTONIC */
	uint64_t bytes;
	uint64_t transfers;
	uint64_t wrong_transfers; /* data errors */
	uint64_t wrong_offset; /* in the file, of the first wrong byte */
	uint8_t wrong_expected, wrong_found;
	uint8_t stonewalled; /* the deadline was reached before the end */
	uint8_t pad[5];
	uint64_t stonewall_ns; /* from the start to the deadline of this rank */
	uint64_t stonewall_transfers; /* made until then */
};

int engine_init(struct engine *e, const struct ior_options *o, const struct world *w,
		struct err *err);
void engine_fini(struct engine *e);

/*
 * Runs the phase of this rank. Collective: every rank makes the same MPI calls
 * even if it fails, and returns its own failure; agreeing is the caller's part.
 * @ret is valid up to the failure.
 */
int phase_run(struct engine *e, const struct phase *p, struct rank_result *ret, struct err *err);

/*
 * Sign the engine's pattern with the signature that the data of @data_rank
 * carries; leaves it as it is when that cannot be read. Collective.
 */
void phase_learn(struct engine *e, int data_rank, int rep);

static inline const char *phase_name(enum phase_kind kind)
{
	return kind == PHASE_READ ? "read" : "write";
}

#endif
