// SPDX-License-Identifier: Apache-2.0
/* Laying out tables of text. */
#include "report/table.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "report/report.h"

#define GAP 2 /* between columns, unless the table says so */
#define MIN_CUT 8 /* no column is cut below this */

/* Bytes of the character at @p, and whether a terminal may get it. */
static size_t character(const unsigned char *p, bool *ret_plain)
{
	size_t len = *p < 0x80 ? 1 : *p >= 0xf0 ? 4 : *p >= 0xe0 ? 3 : *p >= 0xc0 ? 2 : 0;

	for (size_t i = 1; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			len = 0;
	/* C0, DEL, and C1 as UTF-8; a stray byte is none of these but no character either. */
	*ret_plain = len && *p >= 0x20 && *p != 0x7f && !(*p == 0xc2 && p[1] < 0xa0);
	return len ? len : 1;
}

size_t text_width(const char *text)
{
	size_t width = 0;
	bool plain;

	for (; *text; width++)
		text += character((const unsigned char *)text, &plain);
	return width;
}

/* @n characters; returns what follows them. */
static const char *put_some(struct buf *out, const char *text, size_t n)
{
	bool plain;

	while (n-- > 0 && *text) {
		size_t len = character((const unsigned char *)text, &plain);

		if (plain)
			buf_put(out, text, len);
		else
			buf_puts(out, "?");
		text += len;
	}
	return text;
}

int text_put(struct buf *out, const char *text)
{
	put_some(out, text, SIZE_MAX);
	return out->failed;
}

int text_wrap(struct buf *out, const struct report_style *style, int at, int indent,
	      const char *text)
{
	bool plain, begun = at > indent;

	while (*(text += strspn(text, " "))) {
		size_t len = strcspn(text, " "), width = 0;

		for (size_t i = 0; i < len; width++)
			i += character((const unsigned char *)text + i, &plain);
		if (at > indent && style->width > 0 && at + 1 + (int)width > style->width) {
			buf_printf(out, "\n%*s", indent, "");
			at = indent;
			begun = false;
		} else if (begun) {
			buf_puts(out, " ");
			at++;
		}
		for (size_t i = 0, n; i < len; i += n) {
			n = character((const unsigned char *)text + i, &plain);
			buf_put(out, plain ? text + i : "?", plain ? n : 1);
		}
		at += width;
		text += len;
		begun = true;
	}
	return at;
}

int text_toned(struct buf *out, const struct report_style *style, enum text_tone tone,
	       const char *text)
{
	static const char *const codes[] = { "1", "2", "32", "31;1", "33" };

	if (style->colour)
		buf_printf(out, "\033[%sm", codes[tone]);
	text_put(out, text);
	return style->colour ? buf_puts(out, "\033[0m") : out->failed;
}

void table_add(struct table *t, const char *fmt, ...)
{
	char **cells;
	va_list ap;
	int rc;

	if (t->failed)
		return;
	cells = reallocarray(t->cells, t->n + 1, sizeof(*cells));
	if (!cells) {
		t->failed = -ENOMEM;
		return;
	}
	t->cells = cells;
	va_start(ap, fmt);
	rc = vasprintf(&cells[t->n], fmt, ap);
	va_end(ap);
	if (rc < 0)
		t->failed = -ENOMEM;
	else
		t->n++;
}

static size_t gap_of(const struct table *t)
{
	return t->gap ? t->gap : GAP;
}

/* Widths of columns, cut to fit. */
static void measure(const struct table *t, size_t cols, int width, size_t *widths)
{
	size_t total = t->indent + (cols - 1) * gap_of(t), widest;

	for (size_t c = 0; c < cols; c++) {
		widths[c] = 0;
		for (size_t i = c; i < t->n; i += cols) {
			size_t w = text_width(t->cells[i]);

			if (w > widths[c])
				widths[c] = w;
		}
		total += widths[c];
	}
	while (width > 0 && total > (size_t)width) {
		widest = cols;
		for (size_t c = 0; c < cols; c++)
			if (t->align[c] != 'r' && widths[c] > MIN_CUT &&
			    (widest == cols || widths[c] > widths[widest]))
				widest = c;
		if (widest == cols)
			return;
		widths[widest]--;
		total--;
	}
}

/* So that @width characters remain, @tail of them from the end. */
static void put_cut(struct buf *out, const char *text, size_t width, size_t tail, bool unicode)
{
	size_t left;
	bool plain;

	text = put_some(out, text, width - 1 - tail);
	buf_puts(out, unicode ? "…" : "~");
	for (left = text_width(text); left > tail; left--)
		text += character((const unsigned char *)text, &plain);
	put_some(out, text, tail);
}

static void put_cell(struct buf *out, const char *text, size_t width, char align, size_t gap,
		     bool unicode)
{
	size_t w = text_width(text), pad = w < width ? width - w : 0;

	if (align == 'r')
		buf_printf(out, "%*s", (int)pad, "");
	if (w > width)
		put_cut(out, text, width, align == 'm' ? width * 2 / 3 : 0, unicode);
	else
		text_put(out, text);
	buf_printf(out, "%*s", (int)((align == 'r' ? 0 : pad) + gap), "");
}

int table_print(const struct table *t, const struct report_style *style, struct buf *out)
{
	size_t cols = strlen(t->align), widths[TABLE_MAX_COLS];

	if (t->failed)
		return t->failed;
	measure(t, cols, style->width, widths);
	for (size_t i = 0; i + cols <= t->n; i += cols) {
		bool toned = style->colour && t->heading && i == 0;

		buf_printf(out, "%*s%s", t->indent, "", toned ? "\033[2m" : "");
		for (size_t c = 0; c < cols; c++)
			put_cell(out, t->cells[i + c], widths[c], t->align[c],
				 c + 1 < cols ? gap_of(t) : 0, style->unicode);
		/* No blanks at the end of a line. */
		while (out->len && out->data[out->len - 1] == ' ')
			out->data[--out->len] = '\0';
		buf_puts(out, toned ? "\033[0m\n" : "\n");
	}
	return out->failed;
}

void table_fini(struct table *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->cells[i]);
	free(t->cells);
	t->cells = NULL;
	t->n = 0;
}
