// SPDX-License-Identifier: Apache-2.0
/* Collecting, placing and sorting the messages about a spec. */
#include "spec/diag.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"

/* A file that is no spec at all should not print one line per word. */
#define MAX_ITEMS 200

struct diag_item {
	struct diag_mark at;
	bool warning;
	bool checked; /* told while checking */
	char *text;
	size_t order;
	size_t variant; /* the last that had it */
	size_t n_variants; /* that had it */
	char *label; /* of the first of these; NULL: it is about none */
};

struct diag_place {
	const void *field;
	struct diag_mark at;
};

/*
 * What an alias stands for is read each time it is used; and a value that is
 * wrong by itself need not also be missing from the whole.
 */
static bool told_already(struct diag *d, struct diag_mark at, const char *text)
{
	for (size_t i = 0; i < d->n_items; i++) {
		struct diag_item *item = &d->items[i];
		bool now = item->variant == d->variant, same = !strcmp(item->text, text);

		if (item->at.origin != at.origin || item->at.line != at.line ||
		    item->at.col != at.col)
			continue;
		if (now && d->checking && !item->checked && !item->warning)
			return true;
		if (same && !now && item->label) {
			item->variant = d->variant;
			item->checked = d->checking;
			item->n_variants++;
		}
		if (same)
			return true;
	}
	return false;
}

__attribute__((format(printf, 4, 0))) static void add(struct diag *d, struct diag_mark at,
						      bool warning, const char *fmt, va_list ap)
{
	struct diag_item *v;
	char *text;

	if (!warning)
		d->errors++;
	if (d->n_items >= MAX_ITEMS)
		return;
	v = reallocarray(d->items, d->n_items + 1, sizeof(*v));
	if (!v)
		return;
	d->items = v;
	if (vasprintf(&text, fmt, ap) < 0)
		return;
	utf8_clean(text);
	if (told_already(d, at, text)) {
		d->errors -= !warning;
		free(text);
		return;
	}
	v[d->n_items] = (struct diag_item){
		.at = at,
		.warning = warning,
		.checked = d->checking,
		.text = text,
		.order = d->n_items,
		.variant = d->variant,
		.n_variants = 1,
		.label = d->variant && d->label ? strdup(d->label) : NULL,
	};
	d->n_items++;
}

void diag_variant(struct diag *d, const char *label)
{
	d->variant = label ? ++d->n_variants : 0;
	d->label = label;
	d->checking = false;
	d->n_places = 0;
}

void diag_error(struct diag *d, struct diag_mark at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(d, at, false, fmt, ap);
	va_end(ap);
}

void diag_warn(struct diag *d, struct diag_mark at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(d, at, true, fmt, ap);
	va_end(ap);
}

void diag_oom(struct diag *d)
{
	diag_error(d, (struct diag_mark){ .line = 1, .col = 1 }, "out of memory");
}

void diag_place(struct diag *d, const void *field, struct diag_mark at)
{
	struct diag_place *v = d->places;

	/* Grown by doubling: there is one for each value of the file. */
	if ((d->n_places & (d->n_places - 1)) == 0) {
		v = reallocarray(v, d->n_places ? d->n_places * 2 : 1, sizeof(*v));
		if (!v) {
			diag_oom(d);
			return;
		}
		d->places = v;
	}
	v[d->n_places++] = (struct diag_place){ field, at };
}

static const struct diag_place *find(const struct diag *d, const void *field)
{
	for (size_t i = d->n_places; field && i > 0; i--)
		if (d->places[i - 1].field == field)
			return &d->places[i - 1];
	return NULL;
}

struct diag_mark diag_find(const struct diag *d, const void *field, const void *parent)
{
	const struct diag_place *place = find(d, field);

	if (!place)
		place = find(d, parent);
	return place ? place->at : (struct diag_mark){ .line = 1, .col = 1 };
}

static int by_position(const void *a, const void *b)
{
	const struct diag_item *x = a, *y = b;

	if (!x->at.origin != !y->at.origin)
		return x->at.origin ? 1 : -1;
	if (!x->at.origin && x->at.line != y->at.line)
		return x->at.line < y->at.line ? -1 : 1;
	if (!x->at.origin && x->at.col != y->at.col)
		return x->at.col < y->at.col ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

/* " (transfer=4KiB block=1MiB, and 3 more)": nothing for what all variants have. */
static void put_variants(const struct diag *d, const struct diag_item *item, struct buf *out)
{
	if (!item->label || item->n_variants == d->n_variants)
		return;
	(void)buf_printf(out, " (%s", item->label); /* as the others */
	if (item->n_variants > 1)
		(void)buf_printf(out, ", and %zu more", item->n_variants - 1);
	(void)buf_puts(out, ")");
}

void diag_flush(struct diag *d, const char *file, struct buf *out)
{
	size_t told = 0;

	if (d->n_items)
		qsort(d->items, d->n_items, sizeof(*d->items), by_position);
	for (size_t i = 0; i < d->n_items; i++) {
		const struct diag_item *item = &d->items[i];

		if (item->at.origin)
			(void)buf_printf(out, "--set %s", item->at.origin);
		else
			(void)buf_printf(out, "%s:%zu:%zu", file, item->at.line, item->at.col);
		/* The caller's buffer is bounded: what does not fit is cut off. */
		(void)buf_printf(out, ": %s%s", item->warning ? "warning: " : "", item->text);
		put_variants(d, item, out);
		(void)buf_puts(out, "\n");
		told += !item->warning;
	}
	if (told < d->errors)
		(void)buf_printf(out, "%s:1:1: and %zu more errors\n", file, d->errors - told);
}

void diag_fini(struct diag *d)
{
	for (size_t i = 0; i < d->n_items; i++) {
		free(d->items[i].text);
		free(d->items[i].label);
	}
	free(d->items);
	free(d->places);
	*d = (struct diag){ 0 };
}
