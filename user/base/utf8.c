// SPDX-License-Identifier: Apache-2.0
/* Decoding by the table of well-formed sequences in RFC 3629. */
#include "base/utf8.h"

size_t utf8_next(const char *text, unsigned int *ret_cp)
{
	static const unsigned int least[] = { 0, 0x80, 0x800, 0x10000 };
	const unsigned char *c = (const unsigned char *)text;
	size_t more = c[0] < 0x80 ? 0 : c[0] < 0xe0 ? 1 : c[0] < 0xf0 ? 2 : 3;
	unsigned int cp = more ? c[0] & (0x3fu >> more) : c[0];

	if ((c[0] >= 0x80 && c[0] < 0xc0) || c[0] > 0xf4)
		return 0;
	for (size_t i = 1; i <= more; i++) {
		if ((c[i] & 0xc0) != 0x80)
			return 0;
		cp = cp << 6 | (c[i] & 0x3f);
	}
	if (cp < least[more] || (cp >= 0xd800 && cp < 0xe000) || cp > 0x10ffff)
		return 0;
	*ret_cp = cp;
	return more + 1;
}

bool utf8_valid(const char *text)
{
	unsigned int cp;

	while (*text) {
		size_t n = utf8_next(text, &cp);

		if (!n)
			return false;
		text += n;
	}
	return true;
}

void utf8_clean(char *text)
{
	unsigned int cp;

	while (*text) {
		size_t n = utf8_next(text, &cp);

		if (!n)
			*text = '?';
		else if (cp < 0x20 || cp == 0x7f)
			*text = ' ';
		/* C1 controls, some of which a terminal obeys. */
		else if (cp >= 0x80 && cp < 0xa0)
			text[0] = text[1] = ' ';
		text += n ? n : 1;
	}
}
