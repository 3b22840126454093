/* SPDX-License-Identifier: Apache-2.0 */
/* Names of the running kernel's functions. */
#ifndef CBPF_SYMBOL_KERNEL_H
#define CBPF_SYMBOL_KERNEL_H

#include <stddef.h>
#include <stdint.h>

struct err;
struct kernel_symbols;

/*
 * All of @path, a file as /proc/kallsyms (NULL: that): functions of modules and BPF programs, too. -EACCES:
 * addresses are hidden from us.
 */
int kernel_symbols_open(const char *path, struct kernel_symbols **ret, struct err *err);

/* The function at or before @address. NULL: none. As long as @k. */
const char *kernel_symbols_at(const struct kernel_symbols *k, uint64_t address);
size_t kernel_symbols_count(const struct kernel_symbols *k);

void kernel_symbols_close(struct kernel_symbols *k); /* takes NULL */

#endif
