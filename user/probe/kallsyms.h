/* SPDX-License-Identifier: Apache-2.0 */
/* Where functions of the running kernel are. */
#ifndef CBPF_PROBE_KALLSYMS_H
#define CBPF_PROBE_KALLSYMS_H

#include <stddef.h>
#include <stdint.h>

struct kallsyms_function {
	const char *name; /* borrowed */
	uint64_t from; /* address; 0: not there, or not for us to see */
	uint64_t size; /* in bytes, up to what follows */
};

/*
 * Fill in @from and @size of the @n functions of @v from @path, a file as /proc/kallsyms
 * (NULL: that). Reads no further than needed: some ms for what is not in modules. Returns
 * how many are there, or -errno.
 */
int kallsyms_find(const char *path, struct kallsyms_function *v, size_t n);

#endif
