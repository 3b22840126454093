/* SPDX-License-Identifier: Apache-2.0 */
/* One YAML document as a graph of nodes: merge keys resolved, duplicates refused, work bounded. */
#ifndef CBPF_SPEC_DOC_H
#define CBPF_SPEC_DOC_H

#include <stdbool.h>
#include <stddef.h>
#include <yaml.h>

#include "spec/diag.h"

struct expand_names;

struct doc {
	yaml_document_t yaml;
	bool loaded;
	const char *origin; /* borrowed: for marks, see struct diag_mark */
	struct diag *diag; /* borrowed */
	const struct expand_names *names; /* borrowed: of the axes of a matrix; NULL: none */
	size_t visits; /* nodes looked at so far: aliases are counted each time */
	bool exhausted; /* told already */
};

struct doc_entry {
	const char *key; /* borrowed from the document */
	const yaml_node_t *key_node;
	const yaml_node_t *value;
};

/* 0, or -EINVAL with messages in @diag: syntax, empty, several documents. */
int doc_parse(struct doc *doc, struct diag *diag, const char *origin, const char *text, size_t len);
void doc_fini(struct doc *doc);
const yaml_node_t *doc_root(struct doc *doc);
/* Item @i of a sequence, or NULL past its end. */
const yaml_node_t *doc_item(struct doc *doc, const yaml_node_t *sequence, size_t i);

/*
 * The entries of a mapping, those of its merge keys (<<) behind its own. The
 * caller frees *@ret. Keys that are no plain text or stand twice are told in
 * the doc's diag and left out. False when the document's bounds were exceeded.
 */
bool doc_entries(struct doc *doc, const yaml_node_t *mapping, struct doc_entry **ret,
		 size_t *ret_n);

struct diag_mark doc_mark(const struct doc *doc, const yaml_node_t *node);
/* "a mapping", "a list", "nothing" or "a value". */
const char *doc_kind(const yaml_node_t *node);
/* An empty plain scalar, ~ or null. */
bool doc_is_null(const yaml_node_t *node);
/* The text of a scalar without NUL bytes, else NULL. */
const char *doc_text(const yaml_node_t *node);
/* Count one more value; false once there were too many, which is told once. */
bool doc_visit(struct doc *doc, const yaml_node_t *node);

#endif
