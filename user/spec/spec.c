// SPDX-License-Identifier: Apache-2.0
/* From a file or text to a checked spec. */
#include "spec/spec.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/fs.h"
#include "spec/load.h"

#define MAX_FILE (1 << 20)

const char *runtime_kind_name(enum runtime_kind kind)
{
	static const char *const names[] = { "docker", "podman", "native" };

	return names[kind];
}

/* "specs/quick start.yml" -> "quick-start". */
static char *name_of_file(const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	const char *dot = strrchr(base, '.');
	size_t len = dot && dot != base ? (size_t)(dot - base) : strlen(base);
	char *name;

	while (len && !isalnum((unsigned char)*base)) {
		base++;
		len--;
	}
	name = strndup(len ? base : "run", len ? (len < 63 ? len : 63) : 3);
	for (char *c = name; c && *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("_.-", *c))
			*c = '-';
	return name;
}

/* True when this is a file of another dialect: one message says so. */
static bool is_other_dialect(struct doc *doc)
{
	const yaml_node_t *root = doc_root(doc);

	for (const yaml_node_pair_t *pair = root->data.mapping.pairs.start;
	     pair < root->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key = yaml_document_get_node(&doc->yaml, pair->key);
		const char *text = doc_text(key);

		if (!text || strcmp(text, "benchmark") != 0)
			continue;
		diag_error(doc->diag, doc_mark(doc, key),
			   "'benchmark:' makes this a container-bench file, which this version "
			   "does not read yet; write it with 'containers:' (see specs/README.md)");
		return true;
	}
	return false;
}

/* False when the text is no mapping of keys at all. */
static bool load(struct diag *diag, struct spec *spec, const char *text, size_t len)
{
	const yaml_node_t *root;
	bool readable = false;
	struct doc doc;

	if (!doc_parse(&doc, diag, NULL, text, len)) {
		root = doc_root(&doc);
		if (root->type != YAML_MAPPING_NODE) {
			diag_error(diag, doc_mark(&doc, root), "expected a mapping of keys, got %s",
				   doc_kind(root));
		} else if (!is_other_dialect(&doc)) {
			load_rows(&doc, spec_rows, spec, root);
			readable = !doc.exhausted;
		}
	}
	doc_fini(&doc);
	return readable;
}

/* The file, then the overrides, then what only the whole can tell. */
static void build(struct diag *diag, struct spec *spec, const char *name, const char *text,
		  size_t len, const struct str_list *set, char **origins)
{
	if (!load(diag, spec, text, len))
		return;
	for (size_t i = 0; set && i < set->n; i++)
		load_override(spec, diag, set->v[i], &origins[i]);
	if (!spec->name)
		spec->name = name_of_file(name);
	if (!spec->name)
		diag_oom(diag);
	else
		check_spec(spec, diag);
}

int spec_parse(const char *name, const char *text, size_t len, const struct str_list *set,
	       struct buf *messages, struct spec **ret_spec)
{
	size_t n_set = set ? set->n : 0;
	cleanup_free char **origins = calloc(n_set + 1, sizeof(*origins));
	struct spec *spec = calloc(1, sizeof(*spec));
	struct diag diag = { 0 };
	int rc = 0;

	if (!origins || !spec || option_presets(spec_rows, spec))
		diag_oom(&diag);
	else
		build(&diag, spec, name, text, len, set, origins);
	if (diag.errors) {
		rc = -EINVAL;
		spec_free(spec);
	} else {
		*ret_spec = spec;
	}
	diag_flush(&diag, name, messages);
	diag_fini(&diag);
	for (size_t i = 0; origins && i < n_set; i++)
		free(origins[i]);
	return rc;
}

int spec_load(const char *path, const struct str_list *set, struct buf *messages,
	      struct spec **ret_spec)
{
	cleanup_buf struct buf text = BUF_INIT(MAX_FILE);
	int rc = fs_slurp_at(AT_FDCWD, path, &text);

	if (rc) {
		(void)buf_printf(messages, "%s:1:1: %s\n", path,
				 rc == -EMSGSIZE ? "larger than 1 MiB; is this a spec?"
						 : strerror(-rc));
		return rc;
	}
	return spec_parse(path, buf_str(&text), text.len, set, messages, ret_spec);
}

void spec_free(struct spec *spec)
{
	if (!spec)
		return;
	option_fini(spec_rows, spec);
	free(spec);
}
