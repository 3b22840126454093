/* SPDX-License-Identifier: Apache-2.0 */
/* The axes of `matrix:`: what they are, which combinations there are, and what each one sets. */
#ifndef CBPF_SPEC_MATRIX_H
#define CBPF_SPEC_MATRIX_H

#include "base/strlist.h"
#include "spec/doc.h"
#include "spec/expand.h"

struct buf;
struct spec;

struct matrix_value {
	char *text; /* as it is told and compared; owned */
	bool unset; /* leaves its key as the file has it */
	struct doc *doc; /* of @node; borrowed */
	const yaml_node_t *node; /* what to set; of a label of a named axis: keys and values */
};

struct matrix_axis {
	char *key; /* dotted key of a spec, or any other name; owned */
	const char *name; /* the shortest end of @key that no other axis has; borrowed from it */
	struct diag_mark at;
	bool is_key; /* of a spec */
	bool labelled; /* its values were given as a mapping */
	bool used; /* some ${matrix.NAME} has asked for it */
	struct matrix_value *v; /* owned */
	size_t n;
	size_t now; /* which value this combination has */
};

/* One of `exclude:` or `only:`: for each axis the values that it is about, none for any. */
struct matrix_rule {
	bool only;
	struct str_list *values; /* owned */
	size_t n;
};

/* Zero it, then matrix_read(). */
struct matrix {
	struct diag *diag; /* borrowed */
	struct matrix_axis *v; /* owned */
	size_t n;
	struct matrix_rule *rules; /* owned */
	size_t n_rules;
	struct doc **docs; /* owned: values of --set */
	size_t n_docs;
	bool begun;
	struct expand_names names; /* for ${matrix.NAME} in the file */
};

/* The axes of the document's `matrix:`, none when it has none. Errors go to the document's diag. */
void matrix_read(struct matrix *m, struct doc *doc);
/*
 * If @setting (KEY=VALUE of --set) is about axes, change them: matrix.AXIS=VALUES replaces the
 * values of an axis, chooses from its labels, or adds one; matrix={} drops them all; and a key
 * that is an axis is an axis of that one value. True when that is all that it is for.
 * @origin as of load_override().
 */
bool matrix_override(struct matrix *m, const char *setting, char **origin);
/* Once there are no more changes: names, and whether there are too many combinations. */
void matrix_settle(struct matrix *m);

/* Go to the next combination that is not left out, first to the first; false: no more. */
bool matrix_next(struct matrix *m);
/* Set what this combination sets. */
void matrix_apply(const struct matrix *m, struct spec *spec);
/* "transfer=4KiB block=1MiB" of this combination. */
void matrix_label(const struct matrix *m, struct buf *out);
/* The axis values of this combination into spec->axes. 0 or -ENOMEM. */
int matrix_note(const struct matrix *m, struct spec *spec);
/* After the last combination: axes that set nothing and that nothing asked for. */
void matrix_check_used(struct matrix *m);

/* `exclude` and `only`, which stand among the axes. */
bool matrix_is_filter(const char *key);
/* What stands below @key, which is one of them, in place of what stood there before. */
void matrix_read_filter(struct matrix *m, struct doc *doc, const char *key,
			const yaml_node_t *node);
/* Drop what `exclude`, or @only `only`, holds. */
void matrix_forget(struct matrix *m, bool only);
/* A value as one line, lists and mappings as YAML has them on one; NULL after telling why not. */
char *matrix_text(struct doc *doc, const char *key, const yaml_node_t *node);
/* The axis called @name, by its key or its short name, or NULL. */
struct matrix_axis *matrix_find(const struct matrix *m, const char *name);
void matrix_fini(struct matrix *m);

#endif
