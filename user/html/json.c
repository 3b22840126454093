// SPDX-License-Identifier: Apache-2.0
/* JSON as the page takes it: within an element of HTML, whatever names are in it. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "html/parts.h"

/* Bytes of @p that go as one escape, and it. The separators are U+2028 and U+2029. */
static size_t escape(const unsigned char *p, char *ret, size_t size)
{
	if (p[0] == 0xe2 && p[1] == 0x80 && (p[2] == 0xa8 || p[2] == 0xa9)) {
		snprintf(ret, size, "\\u20%02x", p[2] == 0xa8 ? 0x28 : 0x29);
		return 3;
	}
	if (p[0] >= 0x20 && p[0] != 0x7f && !strchr("\"\\<>&", p[0]))
		return 0;
	snprintf(ret, size, "\\u%04x", p[0]);
	return 1;
}

int html_json_text(struct buf *out, const char *text)
{
	const unsigned char *p = (const unsigned char *)text, *from = p;
	char escaped[8];
	size_t n;

	buf_put(out, "\"", 1);
	while (*p) {
		n = escape(p, escaped, sizeof(escaped));
		if (!n) {
			p++;
			continue;
		}
		buf_put(out, from, p - from);
		buf_puts(out, escaped);
		p += n;
		from = p;
	}
	buf_put(out, from, p - from);
	return buf_put(out, "\"", 1);
}

/* The same as was read, in as few digits as that takes. */
static void put_real(struct buf *out, double v)
{
	char text[40];

	snprintf(text, sizeof(text), "%.9g", v);
	if (strtod(text, NULL) != v)
		snprintf(text, sizeof(text), "%.17g", v);
	buf_puts(out, isfinite(v) ? text : "null");
}

/* How deep a value is in what each cut is about. */
struct cutting {
	const struct html_cut *cuts;
	size_t n;
	unsigned int within[HTML_CUTS_MAX];
};

static bool is_cut(const struct cutting *c, const char *key)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->within[i] && !strcmp(key, c->cuts[i].key))
			return true;
	return false;
}

static void enter(struct cutting *c, const char *key, int by)
{
	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(key, c->cuts[i].within))
			c->within[i] += by;
}

static void put_value(struct buf *out, const json_t *value, struct cutting *c);

static void put_object(struct buf *out, const json_t *value, struct cutting *c)
{
	const char *key, *comma = "";
	json_t *v;

	buf_put(out, "{", 1);
	json_object_foreach((json_t *)value, key, v) {
		if (is_cut(c, key))
			continue;
		buf_puts(out, comma);
		comma = ",";
		html_json_text(out, key);
		buf_put(out, ":", 1);
		enter(c, key, 1);
		put_value(out, v, c);
		enter(c, key, -1);
	}
	buf_put(out, "}", 1);
}

static void put_value(struct buf *out, const json_t *value, struct cutting *c)
{
	json_t *v;
	size_t i;

	switch (json_typeof(value)) {
	case JSON_OBJECT: put_object(out, value, c); break;
	case JSON_ARRAY:
		buf_put(out, "[", 1);
		json_array_foreach(value, i, v) {
			buf_puts(out, i ? "," : "");
			put_value(out, v, c);
		}
		buf_put(out, "]", 1);
		break;
	case JSON_STRING: html_json_text(out, json_string_value(value)); break;
	case JSON_INTEGER:
		buf_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		break;
	case JSON_REAL: put_real(out, json_real_value(value)); break;
	case JSON_TRUE: buf_puts(out, "true"); break;
	case JSON_FALSE: buf_puts(out, "false"); break;
	default: buf_puts(out, "null");
	}
}

int html_json(struct buf *out, const json_t *value, const struct html_cut *cuts, size_t n_cuts)
{
	struct cutting c = { .cuts = cuts, .n = n_cuts };

	put_value(out, value, &c);
	return out->failed;
}

int html_json_numbers(struct buf *out, const double *v, size_t n)
{
	buf_put(out, "[", 1);
	for (size_t i = 0; i < n; i++) {
		buf_puts(out, i ? "," : "");
		if (!isfinite(v[i]))
			buf_puts(out, "null");
		else
			buf_printf(out, "%.5g", v[i]);
	}
	return buf_put(out, "]", 1);
}
