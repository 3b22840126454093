/* SPDX-License-Identifier: Apache-2.0 */
/* What all runtimes share about workloads: which program runs, and what it left behind. */
#ifndef CBPF_LAUNCH_WORKLOAD_H
#define CBPF_LAUNCH_WORKLOAD_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct result_set;
struct spec_ior;
struct target;

/*
 * Does the target have a program of this name? 1 and its path there in @path
 * (the name itself will do), 0 without, or a negative errno with words.
 */
typedef int (*workload_find_fn)(void *arg, const char *name, char *path, size_t size,
				struct err *err);

/*
 * The IOR to run: the spec's `binary:`, else "ior", else "cbpf-ior", whichever
 * @find has first. -ENOENT when there is none; @where says in words where was
 * looked ("in image x", "on PATH").
 */
int workload_ior_binary(const struct spec_ior *ior, workload_find_fn find, void *arg,
			const char *where, char *path, size_t size, struct err *err);

/* Last part of a path, into the target's binary. */
void workload_set_binary(struct target *t, const char *path);

/*
 * What an ended target's tool reported: its JSON summary, else what its log
 * says. "Incorrect data" anywhere in the log makes it corrupt. A command whose
 * output is no tool's that is known gives tool "command" without rows.
 * -ENOENT when the target never ran.
 */
int workload_results(const struct target *t, struct result_set *ret, struct err *err);

#endif
