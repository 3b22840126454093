// SPDX-License-Identifier: Apache-2.0
/* Reading YAML through libyaml's document API, which resolves aliases to shared nodes. */
#include "spec/doc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Far above any real spec; what aliases multiply ends here. */
#define MAX_VISITS 100000
#define MAX_KEYS 1024
#define MAX_MERGE_DEPTH 16

struct entries {
	struct doc_entry *v;
	size_t n;
};

static struct diag_mark mark_of(const struct doc *doc, yaml_mark_t m)
{
	return (struct diag_mark){ doc->origin, m.line + 1, m.column + 1 };
}

struct diag_mark doc_mark(const struct doc *doc, const yaml_node_t *node)
{
	return mark_of(doc, node->start_mark);
}

static int parser_failed(struct doc *doc, const yaml_parser_t *p)
{
	const char *why = p->problem ? p->problem : "cannot be read";
	struct diag_mark at = mark_of(doc, p->problem_mark);

	if (p->error == YAML_MEMORY_ERROR)
		diag_oom(doc->diag);
	else if (p->error == YAML_READER_ERROR)
		diag_error(doc->diag, mark_of(doc, p->mark), "not YAML: %s at byte %zu", why,
			   p->problem_offset);
	else if (p->context)
		diag_error(doc->diag, at, "not YAML: %s %s (line %zu)", why, p->context,
			   p->context_mark.line + 1);
	else
		diag_error(doc->diag, at, "not YAML: %s", why);
	return -EINVAL;
}

/* What follows the first document must be the end of the stream. */
static int check_single(struct doc *doc, yaml_parser_t *p)
{
	yaml_document_t more;
	const yaml_node_t *root;
	int rc = 0;

	if (!yaml_parser_load(p, &more))
		return parser_failed(doc, p);
	root = yaml_document_get_root_node(&more);
	if (root) {
		diag_error(doc->diag, mark_of(doc, more.start_mark),
			   "a second document begins here; one file holds one spec");
		rc = -EINVAL;
	}
	yaml_document_delete(&more);
	return rc;
}

int doc_parse(struct doc *doc, struct diag *diag, const char *origin, const char *text, size_t len)
{
	yaml_parser_t p;
	int rc;

	*doc = (struct doc){ .origin = origin, .diag = diag };
	if (!yaml_parser_initialize(&p)) {
		diag_oom(diag);
		return -EINVAL;
	}
	yaml_parser_set_input_string(&p, (const unsigned char *)text, len);
	if (!yaml_parser_load(&p, &doc->yaml)) {
		rc = parser_failed(doc, &p);
	} else {
		doc->loaded = true;
		rc = doc_root(doc) ? check_single(doc, &p) : 0;
	}
	yaml_parser_delete(&p);
	if (!rc && !doc_root(doc)) {
		diag_error(diag, (struct diag_mark){ origin, 1, 1 }, "the file is empty");
		rc = -EINVAL;
	}
	return rc;
}

void doc_fini(struct doc *doc)
{
	if (doc->loaded)
		yaml_document_delete(&doc->yaml);
	doc->loaded = false;
}

const yaml_node_t *doc_root(struct doc *doc)
{
	return doc->loaded ? yaml_document_get_root_node(&doc->yaml) : NULL;
}

const yaml_node_t *doc_item(struct doc *doc, const yaml_node_t *sequence, size_t i)
{
	const yaml_node_item_t *at = sequence->data.sequence.items.start + i;

	return at < sequence->data.sequence.items.top ? yaml_document_get_node(&doc->yaml, *at)
						      : NULL;
}

bool doc_is_null(const yaml_node_t *node)
{
	static const char *const words[] = { "", "~", "null", "Null", "NULL" };

	if (node->type != YAML_SCALAR_NODE || node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp((const char *)node->data.scalar.value, words[i]))
			return true;
	return false;
}

const char *doc_kind(const yaml_node_t *node)
{
	switch (node->type) {
	case YAML_MAPPING_NODE: return "a mapping";
	case YAML_SEQUENCE_NODE: return "a list";
	default: return doc_is_null(node) ? "nothing" : "a value";
	}
}

const char *doc_text(const yaml_node_t *node)
{
	const char *text;

	if (node->type != YAML_SCALAR_NODE)
		return NULL;
	text = (const char *)node->data.scalar.value;
	return strlen(text) == node->data.scalar.length ? text : NULL;
}

bool doc_visit(struct doc *doc, const yaml_node_t *node)
{
	if (doc->visits++ < MAX_VISITS)
		return true;
	if (!doc->exhausted)
		diag_error(doc->diag, doc_mark(doc, node),
			   "more than %d values, counting those of an alias each time it is used",
			   MAX_VISITS);
	doc->exhausted = true;
	return false;
}

static const struct doc_entry *find(const struct entries *e, size_t from, const char *key)
{
	for (size_t i = from; i < e->n; i++)
		if (!strcmp(e->v[i].key, key))
			return &e->v[i];
	return NULL;
}

static bool add(struct doc *doc, struct entries *e, const struct doc_entry *entry)
{
	struct doc_entry *v;

	if (e->n >= MAX_KEYS) {
		diag_error(doc->diag, doc_mark(doc, entry->key_node), "more than %d keys",
			   MAX_KEYS);
		return false;
	}
	v = reallocarray(e->v, e->n + 1, sizeof(*v));
	if (!v) {
		diag_oom(doc->diag);
		return false;
	}
	e->v = v;
	v[e->n++] = *entry;
	return true;
}

static bool is_merge_key(const yaml_node_t *key)
{
	return key->type == YAML_SCALAR_NODE && key->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	       !strcmp((const char *)key->data.scalar.value, "<<");
}

/*
 * The keys that stand in the mapping itself. A key that an earlier merge source
 * has brought (before @own) wins silently; one that stands here twice is an error.
 */
static bool add_own(struct doc *doc, const yaml_node_t *mapping, struct entries *e)
{
	size_t own = e->n;
	bool merged = false;

	for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
	     pair < mapping->data.mapping.pairs.top; pair++) {
		struct doc_entry entry = {
			.key_node = yaml_document_get_node(&doc->yaml, pair->key),
			.value = yaml_document_get_node(&doc->yaml, pair->value),
		};
		const struct doc_entry *first;

		if (!doc_visit(doc, entry.key_node))
			return false;
		entry.key = doc_text(entry.key_node);
		if (!entry.key) {
			diag_error(doc->diag, doc_mark(doc, entry.key_node),
				   "expected a plain name as key, got %s",
				   doc_kind(entry.key_node));
			continue;
		}
		first = find(e, own, entry.key);
		if (first || (is_merge_key(entry.key_node) && merged)) {
			diag_error(doc->diag, doc_mark(doc, entry.key_node), "duplicate key '%s'%s",
				   entry.key,
				   first ? "" : "; merge several with a list: <<: [*a, *b]");
			continue;
		}
		if (is_merge_key(entry.key_node)) {
			merged = true;
			continue;
		}
		if (!find(e, 0, entry.key) && !add(doc, e, &entry))
			return false;
	}
	return true;
}

static bool add_merged(struct doc *doc, const yaml_node_t *mapping, int depth, struct entries *e);

static bool add_source(struct doc *doc, const yaml_node_t *source, int depth, struct entries *e)
{
	if (source->type != YAML_MAPPING_NODE) {
		diag_error(doc->diag, doc_mark(doc, source),
			   "a merge key (<<) takes a mapping or a list of mappings, got %s",
			   doc_kind(source));
		return true;
	}
	if (depth > MAX_MERGE_DEPTH) {
		diag_error(doc->diag, doc_mark(doc, source),
			   "merge keys (<<) are nested more than %d deep", MAX_MERGE_DEPTH);
		return false;
	}
	return add_own(doc, source, e) && add_merged(doc, source, depth, e);
}

static bool add_merged(struct doc *doc, const yaml_node_t *mapping, int depth, struct entries *e)
{
	for (const yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
	     pair < mapping->data.mapping.pairs.top; pair++) {
		const yaml_node_t *from = yaml_document_get_node(&doc->yaml, pair->value), *item;

		if (!is_merge_key(yaml_document_get_node(&doc->yaml, pair->key)))
			continue;
		if (from->type != YAML_SEQUENCE_NODE) {
			if (!add_source(doc, from, depth + 1, e))
				return false;
			continue;
		}
		for (size_t i = 0; (item = doc_item(doc, from, i)); i++)
			if (!doc_visit(doc, item) || !add_source(doc, item, depth + 1, e))
				return false;
	}
	return true;
}

bool doc_entries(struct doc *doc, const yaml_node_t *mapping, struct doc_entry **ret, size_t *ret_n)
{
	struct entries e = { 0 };

	if (!add_own(doc, mapping, &e) || !add_merged(doc, mapping, 0, &e)) {
		free(e.v);
		return false;
	}
	*ret = e.v;
	*ret_n = e.n;
	return true;
}
