/* SPDX-License-Identifier: Apache-2.0 */
/* Whose data a task reads back. */
#ifndef CBPF_IOR_REORDER_H
#define CBPF_IOR_REORDER_H

struct err;
struct ior_options;

/*
 * -C: the task that many nodes (-Q) further on. -Z: a random one, each read
 * exactly once, at least that far away where the number of tasks allows.
 * Neither: itself. When all tasks share one node, -C changes nothing.
 * Returns 0 or -ENOMEM.
 */
int reorder_rank(const struct ior_options *o, int rank, int tasks, int tasks_per_node, int rep,
		 int *ret_rank);

#endif
