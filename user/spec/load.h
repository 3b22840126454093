/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of spec_load(): file into struct, overrides, checks of the whole. */
#ifndef CBPF_SPEC_LOAD_H
#define CBPF_SPEC_LOAD_H

#include "spec/doc.h"

struct option_row;
struct section_list;
struct spec;
struct spec_container;
struct str_map;

/* Fill the struct at @config, which holds presets, from a mapping. */
void load_rows(struct doc *doc, const struct option_row *rows, void *config,
	       const yaml_node_t *node);
/* Fill the field of @row in @config; what it held is replaced. */
void load_field(struct doc *doc, const struct option_row *row, void *config,
		const yaml_node_t *node);

/*
 * The expanded text of a scalar, valid until @b changes; NULL after telling why there is none.
 * @key and @expected are for messages.
 */
const char *load_text(struct doc *doc, const char *key, const char *expected,
		      const yaml_node_t *node, struct buf *b);
/* Set one key of a map to the text of a scalar. */
void load_pair(struct doc *doc, struct str_map *map, const char *key, const yaml_node_t *node);
/* Sections whose presence alone says something: note that @row's was given. */
void load_mark_given(const struct option_row *row, void *config);

/*
 * Apply one KEY=VALUE, with @names for ${matrix.AXIS}. @origin receives the key, unless it has it
 * already; it must live as long as @diag: messages about later findings point at it.
 */
void load_override(struct spec *spec, struct diag *diag, const struct expand_names *names,
		   const char *setting, char **origin);
/* Set what the dotted @key means to @node of @doc. @at: of the key, for messages; @key is copied. */
void load_key(struct spec *spec, struct doc *doc, const char *key, struct diag_mark at,
	      const yaml_node_t *node);
/* Whether the dotted @key can be one of a spec, going by its first part. */
bool load_is_key(const char *key);

/* What no single row can tell: references, orders, contradictions. */
void check_spec(const struct spec *spec, struct diag *diag);
void check_ior(const struct spec_container *c, struct diag *diag);
/* depends_on: unknown names and cycles. */
void check_depends(const struct spec *spec, struct diag *diag);
/* One threshold of expect: its form, its target and what it compares. */
void check_expect(const struct spec *spec, const char *text, struct diag *diag);
/* Tell that @name is no @what; @nearest is what may have been meant, or NULL. */
void check_unknown_name(struct diag *diag, struct diag_mark at, const char *what, const char *name,
			const char *nearest);
/* Tell that @name is none of the names that begin each struct of @known (@size bytes each). */
void check_unknown(struct diag *diag, struct diag_mark at, const char *what, const char *name,
		   const struct section_list *known, size_t size);

#endif
