// SPDX-License-Identifier: Apache-2.0
/* Bytes that are no UTF-8, replaced. */
#include "base/mend.h"

#include <stddef.h>
#include <string.h>

/* Bytes that the sequence beginning with @first has; 0: none begins so. */
static size_t length_of(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* Some first bytes leave less room to the second: no long forms, no surrogates, nothing past U+10FFFF. */
static int second_is_good(unsigned char first, unsigned char second)
{
	unsigned char low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	unsigned char high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;

	return second >= low && second <= high;
}

/* Bytes of the sequence at @c, or 0; the NUL at the end of a text ends any. */
static size_t sequence(const unsigned char *c)
{
	size_t n = length_of(c[0]);

	if (n > 1 && !second_is_good(c[0], c[1]))
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((c[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

char *mend_utf8(const char *text)
{
	char *copy = strdup(text);

	for (char *c = copy; c && *c;) {
		size_t n = sequence((const unsigned char *)c);

		if (!n)
			*c = '?';
		c += n ? n : 1;
	}
	return copy;
}
