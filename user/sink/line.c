// SPDX-License-Identifier: Apache-2.0
/*
 * Escaping: in names and tags a backslash stands before a comma, an equals sign or a space, and is
 * itself otherwise. So a backslash that comes before one of these, or at the end, cannot be told
 * from an escape, at least not by every version. Texts are quoted; there backslashes escape quotes
 * and backslashes only.
 */
#include "sink/line.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "sink/point.h"

/* Times that InfluxDB 1 keeps for itself. */
#define TIME_MIN (INT64_MIN + 2)
#define TIME_MAX (INT64_MAX - 1)

__attribute__((format(printf, 2, 3))) static int refuse(struct line_note *note, const char *fmt,
							...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(note->why, sizeof(note->why), fmt, ap);
	va_end(ap);
	utf8_clean(note->why);
	return -EINVAL;
}

/* Why a name or tag would not come back as it is; NULL: it would. */
static const char *cannot_be_key(const char *text, bool is_tag)
{
	if (strchr(text, '\n'))
		return "it holds a newline";
	for (const char *s = text; (s = strchr(s, '\\')); s++) {
		if (!s[1])
			return "it ends with a backslash";
		if (s[1] == ',' || s[1] == ' ' || s[1] == '=')
			return "it has a backslash before a comma, space or equals sign";
	}
	if (!utf8_valid(text))
		return "it is not UTF-8";
	if (is_tag)
		return NULL;
	if (!*text)
		return "it is empty";
	if (strchr(text, '"'))
		return "it holds a quote";
	for (const char *s = text; *s; s++)
		if ((unsigned char)*s < ' ')
			return "it holds a control character";
	return NULL;
}

/* Most names and tags need neither a check nor an escape. Its length; 0: it is another or empty. */
static size_t plain_length(const char *text)
{
	static const bool plain[256] = {
		['0' ... '9'] = true, ['A' ... 'Z'] = true, ['a' ... 'z'] = true, ['_'] = true,
		['-'] = true,	      ['.'] = true,	    ['/'] = true,	  [':'] = true,
	};
	size_t n = 0;

	while (plain[(unsigned char)text[n]])
		n++;
	return text[n] ? 0 : n;
}

static void put_escaped(const char *text, const char *special, struct buf *out)
{
	for (;;) {
		size_t n = strcspn(text, special);

		(void)buf_put(out, text, n); /* line_append() looks at @failed */
		if (!text[n])
			return;
		(void)buf_put(out, (const char[]){ '\\', text[n] }, 2);
		text += n + 1;
	}
}

static int put_measurement(const char *name, struct buf *out, struct line_note *note)
{
	const char *why = cannot_be_key(name, false);

	if (!why && *name == '#')
		why = "it would be a comment";
	if (why)
		return refuse(note, "measurement '%s': %s", name, why);
	put_escaped(name, ", ", out);
	return 0;
}

static int put_name(const char *kind, const char *name, struct buf *out, struct line_note *note)
{
	size_t plain = plain_length(name);
	const char *why = plain ? NULL : cannot_be_key(name, false);

	if (!why && !strcmp(name, "time"))
		why = "InfluxDB keeps this name for itself";
	if (why)
		return refuse(note, "name of %s '%s': %s", kind, name, why);
	if (plain)
		(void)buf_put(out, name, plain); /* line_append() looks at @failed */
	else
		put_escaped(name, ", =", out);
	(void)buf_put(out, "=", 1);
	return 0;
}

static int put_tag(const struct point_value *tag, struct buf *out, struct line_note *note)
{
	const char *why;
	int rc;

	if (!tag->text || !*tag->text)
		return 0;
	why = strlen(tag->text) > LINE_KEY_MAX ? "it is over 64 KiB"
					       : cannot_be_key(tag->text, true);
	if (why)
		return refuse(note, "tag %s: %s", tag->name, why);
	(void)buf_put(out, ",", 1);
	rc = put_name("tag", tag->name, out, note);
	put_escaped(tag->text, ", =", out);
	return rc;
}

/* In the order of their names, which saves servers the sorting. */
static int put_tags(const struct point *p, struct buf *out, struct line_note *note)
{
	const struct point_value *sorted[POINT_TAGS];
	int rc;

	for (size_t i = 0; i < p->n_tags; i++) {
		size_t at = i;

		for (; at && strcmp(sorted[at - 1]->name, p->tags[i].name) > 0; at--)
			sorted[at] = sorted[at - 1];
		if (at && !strcmp(sorted[at - 1]->name, p->tags[i].name))
			return refuse(note, "tag %s is there twice", p->tags[i].name);
		sorted[at] = &p->tags[i];
	}
	for (size_t i = 0; i < p->n_tags; i++) {
		rc = put_tag(sorted[i], out, note);
		if (rc)
			return rc;
	}
	return 0;
}

static void put_int(int64_t value, struct buf *out)
{
	uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;
	char text[24], *at = text + sizeof(text);

	do
		*--at = (char)('0' + left % 10);
	while (left /= 10);
	if (value < 0)
		*--at = '-';
	(void)buf_put(out, at, (size_t)(text + sizeof(text) - at));
}

/* The fewest digits that are read back as the same number. */
static void put_real(double value, struct buf *out)
{
	char text[32];

	if (fabs(value) < 1e15 && value == (double)(int64_t)value &&
	    (value != 0 || !signbit(value))) {
		put_int((int64_t)value, out);
		return;
	}
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	(void)buf_puts(out, text);
}

static int put_text(const struct point_value *field, struct buf *out, struct line_note *note)
{
	const char *text = field->text ? field->text : "";

	if (!utf8_valid(text))
		return refuse(note, "field %s: it is not UTF-8", field->name);
	if (strlen(text) > LINE_TEXT_MAX)
		return refuse(note, "field %s: over 64 KiB of text", field->name);
	(void)buf_put(out, "\"", 1);
	put_escaped(text, "\"\\", out);
	(void)buf_put(out, "\"", 1);
	return 0;
}

static int put_value(const struct point_value *field, struct buf *out, struct line_note *note)
{
	switch (field->column->type) {
	case TYPE_INT:
		put_int(field->i, out);
		(void)buf_put(out, "i", 1);
		return 0;
	case TYPE_REAL: put_real(field->real, out); return 0;
	case TYPE_BOOL: (void)buf_puts(out, field->yes ? "true" : "false"); return 0;
	default: return put_text(field, out, note);
	}
}

/* @key: bytes of measurement and tags. */
static int put_fields(const struct point *p, size_t key, struct buf *out, struct line_note *note)
{
	char before = ' ';
	int rc;

	for (size_t i = 0; i < p->n_fields; i++) {
		const struct point_value *field = &p->fields[i];

		if (field->column->type == TYPE_REAL && !isfinite(field->real)) {
			note->left_out++;
			continue;
		}
		(void)buf_put(out, &before, 1);
		before = ',';
		/* "#!~#" is between them in a server's index. */
		if (key + 4 + strlen(field->name) > LINE_KEY_MAX)
			return refuse(note,
				      "measurement, tags and the name of a field: over 64 KiB");
		rc = put_name("field", field->name, out, note);
		if (!rc)
			rc = put_value(field, out, note);
		if (rc)
			return rc;
	}
	return before == ',' ? 0 : refuse(note, "no field with a value is left");
}

static int put_point(const struct point *p, struct buf *out, struct line_note *note)
{
	size_t begin = out->len;
	int rc;

	if (p->time_ns < TIME_MIN || p->time_ns > TIME_MAX)
		return refuse(note, "its time is out of range");
	rc = put_measurement(p->measurement->name, out, note);
	if (!rc)
		rc = put_tags(p, out, note);
	if (!rc)
		rc = put_fields(p, out->len - begin, out, note);
	if (rc)
		return rc;
	(void)buf_put(out, " ", 1);
	put_int(p->time_ns, out);
	(void)buf_put(out, "\n", 1);
	return out->failed;
}

int line_append(const struct point *p, struct buf *out, struct line_note *ret_note)
{
	size_t before = out->len;
	int rc = out->failed;

	*ret_note = (struct line_note){ 0 };
	if (!rc)
		rc = put_point(p, out, ret_note);
	if (rc) {
		out->len = before;
		if (out->data)
			out->data[before] = '\0';
	}
	return rc;
}
