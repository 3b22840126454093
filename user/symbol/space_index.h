/* SPDX-License-Identifier: Apache-2.0 */
/* Which of many mappings lies at an address at a time, without looking at all of them. */
#ifndef CBPF_SYMBOL_SPACE_INDEX_H
#define CBPF_SYMBOL_SPACE_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include "symbol/space.h"

struct space_index;

/* Of the @n mappings at @v, of which later ones lie over earlier ones. NULL: no memory. */
struct space_index *space_index_open(const struct space_map *v, size_t n);

/* The number of the last one that has @address and was there at @time_ns; @n of none. */
size_t space_index_find(const struct space_index *x, uint64_t time_ns, uint64_t address);

size_t space_index_bytes(const struct space_index *x); /* of memory */
void space_index_close(struct space_index *x); /* takes NULL */

#endif
