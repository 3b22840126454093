// SPDX-License-Identifier: Apache-2.0
/* A file of InfluxDB's line protocol, to be sent or looked at later. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/loss.h"
#include "sink/file.h"
#include "sink/line.h"
#include "sink/point.h"
#include "sink/sink.h"

struct line_file {
	struct sink sink;
	struct sink_file *file;
};

static int line_put(struct sink *s, const struct point *p, struct err *err)
{
	struct line_file *l = (struct line_file *)s;
	struct line_note note;
	int rc = line_append(p, sink_file_buf(l->file), &note);

	if (note.left_out)
		loss_add(s->losses, "sink.line", note.left_out,
			 "a field of %s is no finite number, which line protocol has not: it is "
			 "left out",
			 p->measurement->name);
	if (rc == -EINVAL) {
		loss_add(s->losses, "sink.line", 1, "a point of %s: %s", p->measurement->name,
			 note.why);
		return 0;
	}
	return rc ? err_set(err, rc, "cannot write a point to %s", s->where)
		  : sink_file_put(l->file, err);
}

static int line_flush(struct sink *s, struct err *err)
{
	return sink_file_flush(((struct line_file *)s)->file, err);
}

static void line_close(struct sink *s)
{
	struct line_file *l = (struct line_file *)s;

	sink_file_close(l->file);
	free(s->where);
	free(l);
}

static int64_t line_position(const struct sink *s)
{
	return sink_file_position(((const struct line_file *)s)->file);
}

static int line_resume(struct sink *s, int64_t position, struct err *err)
{
	return sink_file_resume(((struct line_file *)s)->file, position, err);
}

static uint64_t line_cpu_ns(const struct sink *s)
{
	return sink_file_cpu_ns(((const struct line_file *)s)->file);
}

static const struct sink_ops line_ops = {
	.name = "line",
	.put = line_put,
	.flush = line_flush,
	.position = line_position,
	.resume = line_resume,
	.cpu_ns = line_cpu_ns,
	.close = line_close,
};

int file_line_open(const struct sink_file_config *config, struct losses *losses, struct sink **ret,
		   struct err *err)
{
	static const char *const starts[] = { "benchmark_", "cbpf_", NULL };
	static const struct sink_file_form form = { starts, .timed = true };
	struct line_file *l = calloc(1, sizeof(*l));
	int rc;

	if (!l)
		return err_set(err, -ENOMEM, "cannot open %s", config->path);
	l->sink.ops = &line_ops;
	l->sink.losses = losses;
	rc = sink_file_open(config, &form, &l->file, err);
	if (!rc && asprintf(&l->sink.where, "line %s", sink_file_path(l->file)) < 0) {
		l->sink.where = NULL;
		rc = err_set(err, -ENOMEM, "cannot open %s", config->path);
	}
	if (rc) {
		line_close(&l->sink);
		return rc;
	}
	l->sink.empty = sink_file_is_empty(l->file);
	*ret = &l->sink;
	return 0;
}
