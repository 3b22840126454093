// SPDX-License-Identifier: Apache-2.0
/* JSON Lines: one object per point, for jq, pandas, DuckDB and their like. */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/loss.h"
#include "base/mend.h"
#include "sink/file.h"
#include "sink/point.h"
#include "sink/sink.h"

struct jsonl {
	struct sink sink;
	struct sink_file *file;
};

/* Text as JSON, mended and told when it is no UTF-8; NULL: out of memory. */
static json_t *json_of_text(struct jsonl *j, const struct point *p, const struct point_value *v)
{
	json_t *text = json_string(v->text);
	cleanup_free char *mended = NULL;

	if (text)
		return text;
	mended = mend_utf8(v->text);
	text = mended ? json_string(mended) : NULL;
	if (text)
		loss_add(j->sink.losses, "sink.jsonl", 1,
			 "%s of %s is no UTF-8: bytes that are none are written as '?'", v->name,
			 p->measurement->name);
	return text;
}

static json_t *json_of(struct jsonl *j, const struct point *p, const struct point_value *v)
{
	switch (v->column->type) {
	case TYPE_INT: return json_integer(v->i);
	case TYPE_REAL: return json_real(v->real);
	case TYPE_BOOL: return json_boolean(v->yes);
	case TYPE_TEXT: break;
	}
	return json_of_text(j, p, v);
}

static int put_value(struct jsonl *j, const struct point *p, const struct point_value *v,
		     json_t *object)
{
	cleanup_free char *mended = NULL;
	json_t *value;

	if (v->column->type == TYPE_REAL && !isfinite(v->real)) {
		loss_add(j->sink.losses, "sink.jsonl", 1,
			 "%s of %s is no finite number, which JSON has not: it is left out",
			 v->name, p->measurement->name);
		return 0;
	}
	value = json_of(j, p, v);
	if (!value)
		return -ENOMEM;
	/* Only names of many columns come from outside. */
	if (v->column->many && !(mended = mend_utf8(v->name))) {
		json_decref(value);
		return -ENOMEM;
	}
	return json_object_set_new(object, mended ? mended : v->name, value) ? -ENOMEM : 0;
}

static int into_buf(const char *data, size_t len, void *buf)
{
	return buf_put(buf, data, len);
}

static int build(struct jsonl *j, const struct point *p, json_t *tags, json_t *fields)
{
	int rc = tags && fields ? 0 : -ENOMEM;

	for (size_t i = 0; !rc && i < p->n_tags; i++)
		rc = put_value(j, p, &p->tags[i], tags);
	for (size_t i = 0; !rc && i < p->n_fields; i++)
		rc = put_value(j, p, &p->fields[i], fields);
	return rc;
}

static int jsonl_put(struct sink *s, const struct point *p, struct err *err)
{
	struct jsonl *j = (struct jsonl *)s;
	struct buf *out = sink_file_buf(j->file);
	json_t *tags = json_object(), *fields = json_object(), *line = NULL;
	size_t before = out->len;
	int rc = build(j, p, tags, fields);

	if (!rc && json_object_size(fields)) {
		line = json_pack("{s:s, s:I, s:O, s:O}", "measurement", p->measurement->name,
				 "time_ns", (json_int_t)p->time_ns, "tags", tags, "fields", fields);
		if (!line || json_dump_callback(line, into_buf, out, JSON_COMPACT))
			rc = out->failed ? out->failed : -ENOMEM;
		if (!rc)
			rc = buf_puts(out, "\n");
	}
	if (rc && before < out->len)
		out->data[out->len = before] = '\0'; /* no half of a line */
	json_decref(line);
	json_decref(tags);
	json_decref(fields);
	return rc ? err_set(err, rc, "cannot write a point to %s", s->where)
		  : sink_file_put(j->file, err);
}

static int jsonl_flush(struct sink *s, struct err *err)
{
	return sink_file_flush(((struct jsonl *)s)->file, err);
}

static void jsonl_close(struct sink *s)
{
	struct jsonl *j = (struct jsonl *)s;

	sink_file_close(j->file);
	free(s->where);
	free(j);
}

static int64_t jsonl_position(const struct sink *s)
{
	return sink_file_position(((const struct jsonl *)s)->file);
}

static int jsonl_resume(struct sink *s, int64_t position, struct err *err)
{
	return sink_file_resume(((struct jsonl *)s)->file, position, err);
}

static uint64_t jsonl_cpu_ns(const struct sink *s)
{
	return sink_file_cpu_ns(((const struct jsonl *)s)->file);
}

static const struct sink_ops jsonl_ops = {
	.name = "jsonl",
	.put = jsonl_put,
	.flush = jsonl_flush,
	.position = jsonl_position,
	.resume = jsonl_resume,
	.cpu_ns = jsonl_cpu_ns,
	.close = jsonl_close,
};

int file_jsonl_open(const struct sink_file_config *config, struct losses *losses, struct sink **ret,
		    struct err *err)
{
	static const char *const starts[] = { "{\"measurement\":\"", NULL };
	static const struct sink_file_form form = { .starts = starts };
	struct jsonl *j = calloc(1, sizeof(*j));
	int rc;

	if (!j)
		return err_set(err, -ENOMEM, "cannot open %s", config->path);
	j->sink.ops = &jsonl_ops;
	j->sink.losses = losses;
	rc = sink_file_open(config, &form, &j->file, err);
	if (!rc && asprintf(&j->sink.where, "jsonl %s", sink_file_path(j->file)) < 0) {
		j->sink.where = NULL;
		rc = err_set(err, -ENOMEM, "cannot open %s", config->path);
	}
	if (rc) {
		jsonl_close(&j->sink);
		return rc;
	}
	j->sink.empty = sink_file_is_empty(j->file);
	*ret = &j->sink;
	return 0;
}
