/* SPDX-License-Identifier: Apache-2.0 */
/* What a BPF program has cost so far. */
#ifndef CBPF_PROBE_COST_H
#define CBPF_PROBE_COST_H

#include <stdbool.h>
#include <stdint.h>

struct probe_cost {
	char program[64]; /* "block.on_issue" */
	uint64_t runs, run_ns; /* 0, 0 when the kernel does not keep them */
	uint64_t missed; /* not run, since the program was running on that CPU already */
};

/* Of the loaded program @fd, told as @family.@name. False when the kernel does not say. */
bool probe_cost_read(int fd, const char *family, const char *name, struct probe_cost *ret);

#endif
