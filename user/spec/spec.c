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
#include "spec/matrix.h"

#define MAX_FILE (1 << 20)
#define MAX_VISITS 2000000 /* values that all combinations of a matrix have together */
#define MAX_LABEL 8192 /* what is longer is cut */

const char *runtime_kind_name(enum runtime_kind kind)
{
	static const char *const names[] = { "docker", "podman", "native", "attach" };

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

/* A spec being read: the file, --set, and what they make of each combination. */
struct reading {
	struct diag diag;
	struct doc doc;
	struct matrix matrix;
	const char *name; /* of the file */
	const struct str_list *set; /* NULL: none */
	char **origins; /* keys of @set */
	bool *taken; /* by the matrix, of @set */
	size_t visits; /* of all combinations */
};

/* False when the text is no mapping of keys at all. */
static bool open_document(struct reading *r, const char *text, size_t len)
{
	const yaml_node_t *root;

	if (doc_parse(&r->doc, &r->diag, NULL, text, len))
		return false;
	root = doc_root(&r->doc);
	if (root->type == YAML_MAPPING_NODE)
		return !is_other_dialect(&r->doc);
	diag_error(&r->diag, doc_mark(&r->doc, root), "expected a mapping of keys, got %s",
		   doc_kind(root));
	return false;
}

static void read_matrix(struct reading *r)
{
	matrix_read(&r->matrix, &r->doc);
	for (size_t i = 0; r->set && i < r->set->n; i++)
		r->taken[i] = matrix_override(&r->matrix, r->set->v[i], &r->origins[i]);
	matrix_settle(&r->matrix);
	if (r->matrix.n)
		r->doc.names = &r->matrix.names;
}

/* False when it is not worth going on. */
static bool count_visits(struct reading *r)
{
	size_t *all = &r->visits;

	*all += r->doc.visits;
	r->doc.visits = 0;
	for (size_t i = 0; i < r->matrix.n_docs; i++) {
		*all += r->matrix.docs[i]->visits;
		r->matrix.docs[i]->visits = 0;
		r->doc.exhausted |= r->matrix.docs[i]->exhausted;
	}
	if (*all > MAX_VISITS)
		diag_error(&r->diag, r->matrix.v[0].at,
			   "the matrix makes more than %d values of this file", MAX_VISITS);
	return !r->doc.exhausted && *all <= MAX_VISITS;
}

/* The file, then what this combination sets, then --set, then what only the whole can tell. */
static void build(struct reading *r, struct spec *spec)
{
	load_rows(&r->doc, spec_rows, spec, doc_root(&r->doc));
	matrix_apply(&r->matrix, spec);
	for (size_t i = 0; r->set && i < r->set->n; i++)
		if (!r->taken[i])
			load_override(spec, &r->diag, r->doc.names, r->set->v[i], &r->origins[i]);
	if (!count_visits(r))
		return;
	if (!spec->name)
		spec->name = name_of_file(r->name);
	if (!spec->name || matrix_note(&r->matrix, spec))
		diag_oom(&r->diag);
	else
		check_spec(spec, &r->diag);
}

static void add_spec(struct reading *r, struct spec_set *all)
{
	struct spec **v = reallocarray(all->v, all->n + 1, sizeof(struct spec *));
	struct spec *spec = calloc(1, sizeof(*spec));

	if (v)
		all->v = v;
	if (!v || !spec) {
		diag_oom(&r->diag);
		free(spec);
		return;
	}
	v[all->n++] = spec;
	if (option_presets(spec_rows, spec))
		diag_oom(&r->diag);
	else
		build(r, spec);
}

static void read_all(struct reading *r, struct spec_set *all)
{
	cleanup_buf struct buf label = BUF_INIT(MAX_LABEL);

	read_matrix(r);
	if (r->diag.errors)
		return;
	while (!r->doc.exhausted && r->visits <= MAX_VISITS && matrix_next(&r->matrix)) {
		if (all->n == SPEC_SET_MAX) {
			diag_error(&r->diag, r->matrix.v[0].at, "matrix: more than %d combinations",
				   SPEC_SET_MAX);
			return;
		}
		buf_reset(&label);
		label.failed = 0;
		matrix_label(&r->matrix, &label);
		diag_variant(&r->diag, buf_str(&label));
		add_spec(r, all);
	}
	diag_variant(&r->diag, NULL);
	if (!all->n)
		diag_error(&r->diag, r->matrix.v[0].at, "matrix: no combination is left");
	else
		matrix_check_used(&r->matrix);
}

int spec_parse_all(const char *name, const char *text, size_t len, const struct str_list *set,
		   struct buf *messages, struct spec_set *ret)
{
	size_t n_set = set ? set->n : 0;
	cleanup_free char **origins = calloc(n_set + 1, sizeof(*origins));
	cleanup_free bool *taken = calloc(n_set + 1, sizeof(*taken));
	struct reading r = { .name = name, .set = set, .origins = origins, .taken = taken };
	struct spec_set all = { 0 };
	int rc = 0;

	if (!origins || !taken)
		diag_oom(&r.diag);
	else if (open_document(&r, text, len))
		read_all(&r, &all);
	if (r.diag.errors) {
		rc = -EINVAL;
		spec_set_fini(&all);
	} else {
		*ret = all;
	}
	diag_flush(&r.diag, name, messages);
	diag_fini(&r.diag);
	matrix_fini(&r.matrix);
	doc_fini(&r.doc);
	for (size_t i = 0; origins && i < n_set; i++)
		free(origins[i]);
	return rc;
}

int spec_load_all(const char *path, const struct str_list *set, struct buf *messages,
		  struct spec_set *ret)
{
	cleanup_buf struct buf text = BUF_INIT(MAX_FILE);
	int rc = fs_slurp_at(AT_FDCWD, path, &text);

	if (rc) {
		(void)buf_printf(messages, "%s:1:1: %s\n", path,
				 rc == -EMSGSIZE ? "larger than 1 MiB; is this a spec?"
						 : strerror(-rc));
		return rc;
	}
	return spec_parse_all(path, buf_str(&text), text.len, set, messages, ret);
}

static struct spec *take_first(struct spec_set *all)
{
	struct spec *first = all->v[0];

	all->v[0] = NULL;
	spec_set_fini(all);
	return first;
}

int spec_parse(const char *name, const char *text, size_t len, const struct str_list *set,
	       struct buf *messages, struct spec **ret_spec)
{
	struct spec_set all = { 0 };
	int rc = spec_parse_all(name, text, len, set, messages, &all);

	if (!rc)
		*ret_spec = take_first(&all);
	return rc;
}

int spec_load(const char *path, const struct str_list *set, struct buf *messages,
	      struct spec **ret_spec)
{
	struct spec_set all = { 0 };
	int rc = spec_load_all(path, set, messages, &all);

	if (!rc)
		*ret_spec = take_first(&all);
	return rc;
}

int spec_axes_text(const struct spec *spec, struct buf *out)
{
	for (size_t i = 0; i < spec->axes.n; i++)
		(void)buf_printf(out, "%s%s=%s", i ? " " : "", spec->axes.v[i].key,
				 spec->axes.v[i].value);
	return out->failed;
}

void spec_free(struct spec *spec)
{
	if (!spec)
		return;
	option_fini(spec_rows, spec);
	free(spec);
}

void spec_set_fini(struct spec_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		spec_free(set->v[i]);
	free(set->v);
	*set = (struct spec_set){ 0 };
}
