/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the profile probe share. */
#ifndef CBPF_PROBE_PROFILE_INTERNAL_H
#define CBPF_PROBE_PROFILE_INTERNAL_H

#include <linux/types.h>

#include "base/buf.h"
#include "probe/profile.h"
#include "shared/profile.h"

struct kernel_symbols;
struct spaces;
struct symbol_files;

struct profile_probe {
	size_t n_targets, n_cpus, n_online;
	unsigned int frequency;
	uint64_t begin_ns, end_ns; /* of sampling; 0: it goes on */
	struct profile_bpf *skel;
	struct bpf_link **links; /* of each CPU; NULL: it is offline */
	int stats_fd;
	const struct profile_cpu *cpus; /* as the map has them */
	struct profile_rings *rings;
	struct spaces *spaces;
	struct symbol_files *files;
	size_t stacks_max;
};

/* Where names of frames come from. */
struct profile_names {
	const struct kernel_symbols *kernel; /* NULL: unknown */
	const struct spaces *spaces;
	struct symbol_files *files;
};

/* One stack in words. */
int profile_fold(const struct profile_names *names, const struct profile_key *key,
		 const struct profile_stack *stack, struct buf *ret);

#endif
