/* SPDX-License-Identifier: Apache-2.0 */
/* Names of functions, made fit to be shown. */
#ifndef CBPF_SYMBOL_NAME_H
#define CBPF_SYMBOL_NAME_H

#include <stddef.h>

/* Bytes of a name that are kept; longer ones are cut. */
#define SYMBOL_NAME_MAX 1023

/*
 * How much of @raw is the name: up to a NUL, the '@' of a version ("write@@GLIBC_2.2.5"), @size
 * bytes or SYMBOL_NAME_MAX.
 */
size_t symbol_name_length(const char *raw, size_t size);

/*
 * The @len bytes of @raw into @to (@len + 2 bytes), NUL-terminated, with '_' for each byte that would
 * break a folded stack, a terminal or JSON: ';', controls, what is not UTF-8. "_" when
 * @len is 0. Returns the length.
 */
size_t symbol_name_clean(char *to, const char *raw, size_t len);

#endif
