/* SPDX-License-Identifier: Apache-2.0 */
/* Room of which half is for whoever comes first, and the rest in equal parts for each target. */
#ifndef CBPF_SYMBOL_FILES_SHARE_H
#define CBPF_SYMBOL_FILES_SHARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct share;

struct share *share_open(size_t room, size_t n_targets); /* NULL: no memory */
bool share_take(struct share *s, uint32_t target); /* false: there is none left for it */
void share_give(struct share *s, uint32_t target); /* back */
void share_close(struct share *s); /* takes NULL */

#endif
