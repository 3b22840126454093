// SPDX-License-Identifier: Apache-2.0
/* Setting what a dotted key means: KEY=VALUE overrides (--set), and values of a matrix. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strlist.h"
#include "base/utf8.h"
#include "spec/load.h"
#include "spec/spec.h"

struct override {
	struct diag *diag;
	const struct expand_names *names; /* of axes, or NULL */
	struct diag_mark at; /* of the key, for messages */
	const char *value; /* as text; NULL: @node of @doc */
	struct doc *doc;
	const yaml_node_t *node;
};

/*
 * Lists and mappings are read as YAML. Other values are taken as they are
 * unless quoted, so that "a: b" or "x #1" need no second level of quotes.
 */
static bool takes_yaml(const struct option_row *row, const char *value)
{
	switch (row->type) {
	case OPTION_STRINGS: return strchr("['\"", value[0]);
	case OPTION_STRMAP:
	case OPTION_SECTIONS: return true;
	case OPTION_SECTION: return !row->scalar || value[0] == '{';
	default: return value[0] == '\'' || value[0] == '"';
	}
}

/* A document that holds @text as one scalar. */
static int plain_document(struct doc *doc, const struct override *o)
{
	*doc = (struct doc){ .origin = o->at.origin, .diag = o->diag };
	doc->loaded = yaml_document_initialize(&doc->yaml, NULL, NULL, NULL, 1, 1);
	/* Single-quoted: an empty value is a value. */
	if (doc->loaded && yaml_document_add_scalar(&doc->yaml, NULL, (const yaml_char_t *)o->value,
						    -1, YAML_SINGLE_QUOTED_SCALAR_STYLE))
		return 0;
	diag_oom(o->diag);
	return -1;
}

static void set_field(struct override *o, const struct option_row *row, void *config)
{
	struct doc doc;
	int rc;

	if (!o->value) {
		load_field(o->doc, row, config, o->node);
		return;
	}
	if (takes_yaml(row, o->value))
		rc = doc_parse(&doc, o->diag, o->at.origin, o->value, strlen(o->value));
	else
		rc = plain_document(&doc, o);
	doc.names = o->names;
	if (!rc)
		load_field(&doc, row, config, doc_root(&doc));
	doc_fini(&doc);
}

static void set_pair(struct override *o, const struct option_row *row, void *config,
		     const char *name)
{
	struct str_map *map = (struct str_map *)((char *)config + row->offset);
	struct doc doc;

	if (!o->value) {
		load_pair(o->doc, map, name, o->node);
		return;
	}
	if (!plain_document(&doc, o)) {
		doc.names = o->names;
		load_pair(&doc, map, name, doc_root(&doc));
	}
	doc_fini(&doc);
}

static void unknown(struct override *o, const struct option_row *rows, const char *name)
{
	const char *nearest = option_nearest(rows, name);

	if (nearest)
		diag_error(o->diag, o->at, "unknown key '%s'; did you mean '%s'?", name, nearest);
	else
		diag_error(o->diag, o->at, "unknown key '%s'", name);
}

/* The section whose name begins @path, the longest one: names may hold dots. */
static void *find_section(const struct option_row *row, void *config, const char *path,
			  const char **ret_rest)
{
	const struct section_list *list = (struct section_list *)((char *)config + row->offset);
	size_t best = 0;
	void *found = NULL;

	for (size_t i = 0; i < list->n; i++) {
		char *one = (char *)list->v + i * row->size;
		const char *name = *(char **)one;
		size_t len = strlen(name);

		if (len > best && !strncmp(path, name, len) && path[len] == '.') {
			best = len;
			found = one;
		}
	}
	*ret_rest = path + best + 1;
	return found;
}

static void descend(struct override *o, const struct option_row *rows, void *config,
		    const char *path)
{
	size_t len = strcspn(path, ".");
	cleanup_free char *name = strndup(path, len);
	const char *rest = path[len] ? path + len + 1 : NULL;
	const struct option_row *row;
	void *section;

	if (!name) {
		diag_oom(o->diag);
		return;
	}
	row = option_find(rows, name);
	if (!row) {
		unknown(o, rows, name);
	} else if (row->type == OPTION_MATRIX) {
		diag_error(o->diag, o->at, "%s: cannot be set from here", name);
	} else if (!rest) {
		set_field(o, row, config);
	} else if (row->type == OPTION_SECTION) {
		load_mark_given(row, config);
		descend(o, row->rows, (char *)config + row->offset, rest);
	} else if (row->type == OPTION_STRMAP && *rest) {
		set_pair(o, row, config, rest);
	} else if (row->type == OPTION_SECTIONS) {
		section = find_section(row, config, rest, &rest);
		if (section)
			descend(o, row->rows, section, rest);
		else
			diag_error(o->diag, o->at, "the spec has no such entry under %s", name);
	} else {
		diag_error(o->diag, o->at, "'%s' holds a value, nothing is below it", name);
	}
}

void load_override(struct spec *spec, struct diag *diag, const struct expand_names *names,
		   const char *setting, char **origin)
{
	const char *equals = strchr(setting, '=');
	struct override o = { .diag = diag, .names = names };

	if (!*origin)
		*origin = strndup(setting, equals ? (size_t)(equals - setting) : strlen(setting));
	if (!*origin) {
		diag_oom(diag);
		return;
	}
	o.at.origin = *origin;
	if (!utf8_valid(setting)) {
		utf8_clean(*origin);
		diag_error(diag, o.at, "not UTF-8");
		return;
	}
	if (!equals || equals == setting) {
		diag_error(diag, o.at, "expected KEY=VALUE");
		return;
	}
	o.value = equals + 1;
	descend(&o, spec_rows, spec, *origin);
}

void load_key(struct spec *spec, struct doc *doc, const char *key, struct diag_mark at,
	      const yaml_node_t *node)
{
	struct override o = { .diag = doc->diag, .at = at, .doc = doc, .node = node };

	descend(&o, spec_rows, spec, key);
}

bool load_is_key(const char *key)
{
	cleanup_free char *first = strndup(key, strcspn(key, "."));

	return strchr(key, '.') || (first && option_find(spec_rows, first));
}
