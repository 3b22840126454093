/* SPDX-License-Identifier: Apache-2.0 */
/* Steps over text that ends in a NUL, shared by the parsers of cgroup files. */
#ifndef CBPF_SAMPLE_CGROUP_SCAN_H
#define CBPF_SAMPLE_CGROUP_SCAN_H

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* A run of digits at *@at, which is moved behind it. False when there is none or it overflows. */
static inline bool scan_u64(const char **at, uint64_t *ret)
{
	const char *p = *at;
	uint64_t v = 0;

	if (!isdigit((unsigned char)*p))
		return false;
	for (; isdigit((unsigned char)*p); p++)
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(*p - '0'), &v))
			return false;
	*at = p;
	*ret = v;
	return true;
}

/* Digits that end where a word ends. */
static inline bool scan_word_u64(const char **at, uint64_t *ret)
{
	return scan_u64(at, ret) && (**at == '\0' || isspace((unsigned char)**at));
}

static inline const char *scan_next_line(const char *at)
{
	at += strcspn(at, "\n");
	return *at ? at + 1 : at;
}

/* Moves *@at behind @word when it stands there as a prefix. */
static inline bool scan_prefix(const char **at, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(*at, word, n))
		return false;
	*at += n;
	return true;
}

#endif
