/* SPDX-License-Identifier: Apache-2.0 */
/* Code points of UTF-8 text. */
#ifndef CBPF_BASE_UTF8_H
#define CBPF_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the code point at @text (1 for an end of text), or 0 when it is not UTF-8. */
size_t utf8_next(const char *text, unsigned int *ret_cp);

bool utf8_valid(const char *text);

/* Make @text one printable line: '?' for what is not UTF-8, a blank for control characters. */
void utf8_clean(char *text);

#endif
