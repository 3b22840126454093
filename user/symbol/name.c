// SPDX-License-Identifier: Apache-2.0
/* Where names end, and characters that may not be in them. */
#include "symbol/name.h"

#include <stdint.h>
#include <string.h>

size_t symbol_name_length(const char *raw, size_t size)
{
	size_t len = strnlen(raw, size < SYMBOL_NAME_MAX ? size : SYMBOL_NAME_MAX);
	const char *version = memchr(raw, '@', len);

	return version ? (size_t)(version - raw) : len;
}

/* Bytes of the character of several that @s begins with; 0: none, or a control. */
static size_t multibyte(const unsigned char *s, size_t len)
{
	static const struct {
		unsigned char mask, lead;
		uint32_t least;
	} forms[] = { { 0xe0, 0xc0, 0xa0 }, { 0xf0, 0xe0, 0x800 }, { 0xf8, 0xf0, 0x10000 } };

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		size_t n = i + 2;
		uint32_t c = s[0] & (unsigned char)~forms[i].mask;

		if ((s[0] & forms[i].mask) != forms[i].lead)
			continue;
		if (n > len)
			return 0;
		for (size_t k = 1; k < n; k++) {
			if ((s[k] & 0xc0) != 0x80)
				return 0;
			c = c << 6 | (s[k] & 0x3f);
		}
		return c < forms[i].least || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ? 0 : n;
	}
	return 0;
}

size_t symbol_name_clean(char *to, const char *raw, size_t len)
{
	const unsigned char *s = (const unsigned char *)raw;

	if (!len) {
		strcpy(to, "_");
		return 1;
	}
	for (size_t i = 0; i < len;) {
		size_t n =
			s[i] >= 0x20 && s[i] < 0x7f && s[i] != ';' ? 1 : multibyte(s + i, len - i);

		if (n)
			memcpy(to + i, raw + i, n);
		else
			to[i] = '_';
		i += n ? n : 1;
	}
	to[len] = '\0';
	return len;
}
