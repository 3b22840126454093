/* SPDX-License-Identifier: Apache-2.0 */
/* Flags of open files as bits that are the same on every machine, and their names. */
#ifndef CBPF_BASE_OPENFLAGS_H
#define CBPF_BASE_OPENFLAGS_H

#include <stddef.h>
#include <stdint.h>

/*
 * Bits of what the kernel keeps of the flags of open(2), on this machine; @modes has 1 <<
 * O_RDONLY, 1 << O_WRONLY and 1 << O_RDWR for the ways in which a file was opened. What
 * says nothing about I/O has no bit.
 */
uint32_t openflags_bits(uint32_t flags, uint32_t modes);

/* The name of bit @i, as "rdonly"; NULL from the first that there is not. */
const char *openflags_name(size_t i);

#endif
