/* SPDX-License-Identifier: Apache-2.0 */
/* Everything wrong with a spec, collected so that all of it is told at once, in the file's order. */
#ifndef CBPF_SPEC_DIAG_H
#define CBPF_SPEC_DIAG_H

#include <stddef.h>
#include <stdio.h>

struct buf;

struct diag_mark {
	const char *origin; /* borrowed: KEY of a --set; NULL for the file */
	size_t line, col; /* from 1 */
};

struct diag_item;
struct diag_place;

struct diag {
	struct diag_item *items; /* owned */
	size_t n_items;
	struct diag_place *places; /* owned: where a field's value came from */
	size_t n_places;
	size_t errors; /* also those that were too many to keep */
	/* Of the items so far; what comes later is left out where one of these stands already. */
	size_t settled;
};

/* Add one message; control characters in it are replaced, so a message is one line. */
__attribute__((format(printf, 3, 4))) void diag_error(struct diag *d, struct diag_mark at,
						      const char *fmt, ...);
__attribute__((format(printf, 3, 4))) void diag_warn(struct diag *d, struct diag_mark at,
						     const char *fmt, ...);
/* Out of memory: an error without a place. */
void diag_oom(struct diag *d);

/* Remember that what is at @field was written at @at; the last call for a field wins. */
void diag_place(struct diag *d, const void *field, struct diag_mark at);
/* Where @field was written, else where @parent was, else the file's first character. */
struct diag_mark diag_find(const struct diag *d, const void *field, const void *parent);

/* Append all messages to @out, sorted by position: "@file:line:col: message\n". */
void diag_flush(struct diag *d, const char *file, struct buf *out);
void diag_fini(struct diag *d);

#endif
