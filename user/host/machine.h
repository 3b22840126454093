/* SPDX-License-Identifier: Apache-2.0 */
/* What machine a run was made on. */
#ifndef CBPF_HOST_MACHINE_H
#define CBPF_HOST_MACHINE_H

#include <stdint.h>

/* Text that could not be read is ""; numbers are 0. */
struct machine {
	char hostname[256];
	char kernel[256]; /* uname -r */
	char arch[65];
	char os[256]; /* PRETTY_NAME of os-release */
	char cpu_model[256];
	uint64_t cpus; /* online */
	uint64_t memory_bytes;
};

void machine_read(struct machine *ret);

#endif
