/* SPDX-License-Identifier: Apache-2.0 */
/* Everything wrong with a spec, collected so that all of it is told at once, in the file's order. */
#ifndef CBPF_SPEC_DIAG_H
#define CBPF_SPEC_DIAG_H

#include <stdbool.h>
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
	/* What comes now is left out where an error of before stands already. */
	bool checking;
	size_t variant; /* of a matrix, from 1; 0: what is told now is about none of them */
	size_t n_variants; /* so far */
	const char *label; /* borrowed: of the variant */
};

/*
 * What is told from now on is about the next variant of the same file, called @label, which must
 * live until the next one; NULL: about none of them. What not all of them have is told with the
 * first that has it. Places of fields are forgotten: those of the variant before may be gone.
 */
void diag_variant(struct diag *d, const char *label);

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
