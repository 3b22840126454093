/* SPDX-License-Identifier: Apache-2.0 */
/* The ranks of this run: who they are, how they agree, how their clocks relate. */
#ifndef CBPF_IOR_WORLD_H
#define CBPF_IOR_WORLD_H

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

struct world {
	MPI_Comm comm; /* borrowed */
	int rank, size;
	int nodes; /* distinct host names */
	int tasks_per_node; /* on rank 0's node */
	int64_t skew_ns; /* subtract from clock_mono_ns() to get rank 0's; 0 on the same kernel */
};

/* MPI settings that make a run inside a container start; never overrides the user's. */
void world_preset_env(void);

/* After MPI_Init(). Collective. */
int world_init(struct world *w, struct err *err);

/*
 * One verdict out of all ranks' @rc (0 or negative errno): 0 when all are 0,
 * else every rank gets code and words of the lowest rank that failed. May be
 * called again with what it returned. Collective.
 */
int world_agree(const struct world *w, int rc, struct err *err);

/*
 * Give the calling thread a descriptor table of its own when this rank is
 * alone: MPI's helper thread shares it, which makes the kernel count references
 * in each read and write. Does nothing where it is not allowed.
 */
void world_own_files(const struct world *w);

/* CLOCK_MONOTONIC of rank 0's host. */
uint64_t world_now_ns(const struct world *w);

/* Wait for all, then @seconds. Collective. */
void world_delay(const struct world *w, int64_t seconds);

/* Distinct values among @n; sorts @v. */
int world_count_distinct(uint64_t *v, int n);

#endif
