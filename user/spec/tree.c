// SPDX-License-Identifier: Apache-2.0
/* From a document's nodes to JSON values. */
#include "spec/tree.h"

#include "base/cleanup.h"
#include "spec/diag.h"
#include "spec/doc.h"

#define DEPTH_MAX 32 /* an alias may hold itself */

static json_t *value_of(struct doc *doc, const yaml_node_t *node, int depth);

static json_t *list_of(struct doc *doc, const yaml_node_t *node, int depth)
{
	json_t *list = json_array();
	const yaml_node_t *item;

	for (size_t i = 0; (item = doc_item(doc, node, i)); i++)
		if (json_array_append_new(list, value_of(doc, item, depth))) {
			json_decref(list);
			return NULL;
		}
	return list;
}

static json_t *mapping_of(struct doc *doc, const yaml_node_t *node, int depth)
{
	cleanup_free struct doc_entry *entries = NULL;
	json_t *object = json_object();
	size_t n;

	if (!doc_entries(doc, node, &entries, &n)) {
		json_decref(object);
		return NULL;
	}
	for (size_t i = 0; i < n; i++)
		if (json_object_set_new(object, entries[i].key,
					value_of(doc, entries[i].value, depth))) {
			json_decref(object);
			return NULL;
		}
	return object;
}

static json_t *value_of(struct doc *doc, const yaml_node_t *node, int depth)
{
	const char *text = doc_text(node);

	if (depth > DEPTH_MAX || !doc_visit(doc, node))
		return NULL;
	switch (node->type) {
	case YAML_MAPPING_NODE: return mapping_of(doc, node, depth + 1);
	case YAML_SEQUENCE_NODE: return list_of(doc, node, depth + 1);
	default: return doc_is_null(node) ? json_null() : text ? json_string(text) : NULL;
	}
}

json_t *spec_tree(const char *text, size_t len)
{
	struct diag diag = { 0 };
	json_t *tree = NULL;
	struct doc doc;

	if (!doc_parse(&doc, &diag, NULL, text, len))
		tree = value_of(&doc, doc_root(&doc), 0);
	if (diag.errors) { /* what was left out would look like no difference */
		json_decref(tree);
		tree = NULL;
	}
	doc_fini(&doc);
	diag_fini(&diag);
	return tree;
}
