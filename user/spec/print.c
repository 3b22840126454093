// SPDX-License-Identifier: Apache-2.0
/* A spec as YAML again, all of it from the option rows. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/secret.h"
#include "base/strlist.h"
#include "base/utf8.h"
#include "spec/expand.h"
#include "spec/rows.h"
#include "spec/spec.h"

static void print_rows(const struct option_row *rows, const void *config, int depth,
		       struct buf *out);

static bool is_word(const char *s)
{
	static const char *const other[] = { "true", "false", "yes", "no", "on",
					     "off",  "null",  "y",   "n" };

	for (size_t i = 0; i < ARRAY_SIZE(other); i++)
		if (!strcasecmp(s, other[i]))
			return false;
	if (!isalpha((unsigned char)*s) && *s != '/')
		return false;
	while (isalnum((unsigned char)*s) || (*s && strchr("_./-", *s)))
		s++;
	return *s == '\0';
}

/* What YAML wants escaped, and what a terminal should not be sent. */
static bool is_printable(unsigned int cp)
{
	return (cp >= 0x20 && cp < 0x7f) || (cp >= 0xa0 && cp < 0xd800 && (cp & ~1u) != 0x2028) ||
	       (cp >= 0xe000 && cp < 0xfffe && cp != 0xfeff) || cp >= 0x10000;
}

/* Also the form of keys, in which nothing is expanded. */
static void print_key(const char *at, struct buf *out)
{
	unsigned int cp;
	size_t n;

	if (is_word(at)) {
		(void)buf_puts(out, at); /* spec_print() looks at @failed */
		return;
	}
	(void)buf_puts(out, "\"");
	for (; *at && (n = utf8_next(at, &cp)); at += n) {
		if (cp == '"' || cp == '\\')
			(void)buf_printf(out, "\\%c", cp);
		else if (cp == '\n')
			(void)buf_puts(out, "\\n");
		else if (is_printable(cp))
			(void)buf_put(out, at, n);
		else
			(void)buf_printf(out, "\\u%04x", cp);
	}
	(void)buf_puts(out, "\"");
}

static void print_text(const char *text, struct buf *out)
{
	cleanup_buf struct buf escaped = BUF_INIT(1 << 20);

	expand_escape(text, &escaped);
	print_key(buf_str(&escaped), out);
	if (escaped.failed)
		out->failed = escaped.failed;
}

/* In the largest unit that keeps it whole. */
static void print_duration(uint64_t ns, struct buf *out)
{
	static const struct {
		const char *name;
		uint64_t ns;
	} units[] = { { "h", 3600000000000 }, { "m", 60000000000 }, { "s", 1000000000 },
		      { "ms", 1000000 },      { "us", 1000 },	    { "ns", 1 } };
	size_t i = 0;

	while (ns ? ns % units[i].ns != 0 : i < 2)
		i++;
	(void)buf_printf(out, "%" PRIu64 "%s", ns / units[i].ns, units[i].name);
}

/* The fewest digits that read back as the same number. */
static void print_real(double v, struct buf *out)
{
	char text[32];

	for (int digits = 1; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, v);
		if (strtod(text, NULL) == v)
			break;
	}
	(void)buf_puts(out, text);
}

static void print_indent(int depth, struct buf *out)
{
	(void)buf_printf(out, "%*s", depth * 2, "");
}

static void print_list(const struct str_list *list, struct buf *out)
{
	(void)buf_puts(out, " [");
	for (size_t i = 0; i < list->n; i++) {
		(void)buf_puts(out, i ? ", " : "");
		print_text(list->v[i], out);
	}
	(void)buf_puts(out, "]\n");
}

static void print_map(const struct str_map *map, int depth, struct buf *out)
{
	(void)buf_puts(out, "\n");
	for (size_t i = 0; i < map->n; i++) {
		print_indent(depth + 1, out);
		print_key(map->v[i].key, out);
		(void)buf_puts(out, ": ");
		print_text(secret_has_name(map->v[i].key) ? SECRET_HIDDEN : map->v[i].value, out);
		(void)buf_puts(out, "\n");
	}
}

/* The rows of a section below its key, or {} when none holds a value. */
static void print_body(const struct option_row *rows, const void *config, int depth,
		       struct buf *out)
{
	size_t before, start = out->len;

	(void)buf_puts(out, "\n");
	before = out->len;
	print_rows(rows, config, depth + 1, out);
	if (out->len == before && !out->failed) {
		out->len = start;
		(void)buf_puts(out, " {}\n");
	}
}

static void print_sections(const struct option_row *row, const struct section_list *list, int depth,
			   struct buf *out)
{
	(void)buf_puts(out, "\n");
	for (size_t i = 0; i < list->n; i++) {
		const char *one = (const char *)list->v + i * row->size;

		print_indent(depth + 1, out);
		print_key(*(char *const *)one, out);
		(void)buf_puts(out, ":");
		print_body(row->rows, one, depth + 1, out);
	}
}

/* USER:PASSWORD@ before the host is nobody's business, nor is a query behind it. */
static void print_url(const char *url, struct buf *out)
{
	const char *begin = strstr(url, "://"), *host, *at = NULL, *from, *query;
	cleanup_buf struct buf shown = BUF_INIT(1 << 20);

	host = begin ? begin + 3 : url;
	for (const char *s = host; *s && !strchr("/?#", *s); s++)
		if (*s == '@')
			at = s;
	if (at)
		(void)buf_put(&shown, url, host - url);
	from = at ? at : url;
	query = from + strcspn(from, "?#");
	(void)buf_printf(&shown, "%s%.*s", at ? SECRET_HIDDEN : "", (int)(query - from), from);
	if (*query)
		(void)buf_printf(&shown, "%c%s", *query, SECRET_HIDDEN);
	print_text(buf_str(&shown), out);
	if (shown.failed)
		out->failed = shown.failed;
}

static void print_scalar(const struct option_row *row, const void *field, struct buf *out)
{
	static const char *const tri[] = { "false", "auto", "true" };
	const uint64_t *number = field;

	switch (row->type) {
	case OPTION_BOOL: (void)buf_puts(out, *(const enum flag *)field ? "true" : "false"); break;
	case OPTION_TRI: (void)buf_puts(out, tri[*(const enum tri *)field]); break;
	case OPTION_INT:
	case OPTION_SIZE: (void)buf_printf(out, "%" PRIu64, *number); break;
	case OPTION_DURATION: print_duration(*number, out); break;
	case OPTION_REAL: print_real(*(const double *)field, out); break;
	case OPTION_ENUM: (void)buf_puts(out, row->choices[*(const int *)field]); break;
	default:
		if (row->url)
			print_url(*(char *const *)field, out);
		else
			print_text(row->secret ? SECRET_HIDDEN : *(char *const *)field, out);
	}
}

static bool has_rows(const struct option_row *rows, const void *config);

static bool has_value(const struct option_row *row, const void *config)
{
	const void *field = (const char *)config + row->offset;

	switch (row->type) {
	case OPTION_BOOL: return *(const enum flag *)field != FLAG_UNSET;
	case OPTION_INT:
	case OPTION_SIZE:
	case OPTION_DURATION: return *(const uint64_t *)field != OPTION_UNSET;
	case OPTION_REAL: return !isnan(*(const double *)field);
	case OPTION_STRING:
	case OPTION_CPUS: return *(char *const *)field;
	case OPTION_STRINGS: return ((const struct str_list *)field)->n;
	case OPTION_STRMAP: return ((const struct str_map *)field)->n;
	case OPTION_SECTIONS: return ((const struct section_list *)field)->n;
	case OPTION_SECTION:
		if (row->rows == spec_ior_rows)
			return ((const struct spec_workload *)config)->has_ior == FLAG_ON;
		if (row->marked)
			return *(const enum flag *)field == FLAG_ON;
		return has_rows(row->rows, field);
	case OPTION_MATRIX: return false; /* this is one run */
	default: return true;
	}
}

static bool has_rows(const struct option_row *rows, const void *config)
{
	for (; rows->name; rows++)
		if (has_value(rows, config))
			return true;
	return false;
}

static void print_rows(const struct option_row *rows, const void *config, int depth,
		       struct buf *out)
{
	for (const struct option_row *row = rows; row->name; row++) {
		const void *field = (const char *)config + row->offset;

		if (!has_value(row, config))
			continue;
		print_indent(depth, out);
		(void)buf_printf(out, "%s:", row->name);
		switch (row->type) {
		case OPTION_STRINGS: print_list(field, out); break;
		case OPTION_STRMAP: print_map(field, depth, out); break;
		case OPTION_SECTION: print_body(row->rows, field, depth, out); break;
		case OPTION_SECTIONS: print_sections(row, field, depth, out); break;
		default:
			(void)buf_puts(out, " ");
			print_scalar(row, field, out);
			(void)buf_puts(out, "\n");
		}
	}
}

int spec_print(const struct spec *spec, struct buf *out)
{
	print_rows(spec_rows, spec, 0, out);
	return out->failed;
}
