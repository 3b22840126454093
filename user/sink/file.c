// SPDX-License-Identifier: Apache-2.0
/* Lines are written whole: a failure or an early end leaves the file as it was flushed last. */
#include "sink/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "sink/file_aside.h"
#include "sink/writer.h"

#define WRITE_AT (256 << 10) /* bytes */
#define BUF_MAX (4 << 20) /* bytes: a line is far shorter */

struct sink_file {
	struct writer *writer;
	char *path;
	bool empty;
	int64_t longest, position; /* bytes; @longest: that it was known to have */
	struct buf buf;
};

static int start(struct sink_file *f, const struct sink_file_config *c,
		 const struct sink_file_form *form, struct err *err)
{
	cleanup_free char *path = writer_path(c->path);
	struct file_asked asked = {
		.path = path, .name = f->path, .append = c->append, .form = form
	};
	const struct writer_limits limits = { .stop = c->stop, .stall_ns = c->retry_for_ns };
	struct writer_answer hello;
	char *absolute;
	int rc;

	if (!path)
		return err_set(err, -ENOMEM, "cannot open %s", c->path);
	rc = writer_start("cbpf-file", file_aside, &asked, &limits, &f->writer, err);
	if (rc)
		return rc;
	rc = writer_hello(f->writer, &hello, err);
	if (rc)
		return hello.code == rc ? rc : err_wrap(err, "cannot open %s", c->path);
	f->empty = hello.empty;
	f->position = f->longest = hello.position;
	absolute = *hello.text ? strdup(hello.text) : NULL;
	if (absolute) {
		free(f->path);
		f->path = absolute;
	}
	return 0;
}

int sink_file_open(const struct sink_file_config *config, const struct sink_file_form *form,
		   struct sink_file **ret, struct err *err)
{
	struct sink_file *f = calloc(1, sizeof(*f));
	int rc;

	if (!f || !(f->path = strdup(config->path))) {
		free(f);
		return err_set(err, -ENOMEM, "cannot open %s", config->path);
	}
	f->buf.max = BUF_MAX;
	rc = start(f, config, form, err);
	if (rc) {
		sink_file_close(f);
		return rc;
	}
	*ret = f;
	return 0;
}

const char *sink_file_path(const struct sink_file *f)
{
	return f->path;
}

bool sink_file_is_empty(const struct sink_file *f)
{
	return f->empty;
}

struct buf *sink_file_buf(struct sink_file *f)
{
	return &f->buf;
}

static int write_out(struct sink_file *f, struct err *err)
{
	int rc = f->buf.failed ? err_set(err, f->buf.failed, "cannot write %s", f->path) : 0;

	if (!rc) {
		rc = writer_data(f->writer, WRITER_DATA, f->buf.data, f->buf.len, err);
		if (rc)
			err_wrap(err, "cannot write %s", f->path);
	}
	buf_reset(&f->buf);
	return rc;
}

int sink_file_put(struct sink_file *f, struct err *err)
{
	return f->buf.failed || f->buf.len >= WRITE_AT ? write_out(f, err) : 0;
}

int sink_file_flush(struct sink_file *f, struct err *err)
{
	struct writer_answer a = { 0 };
	int rc = write_out(f, err);

	if (rc)
		return rc;
	rc = writer_flush(f->writer, &a, err);
	if (rc)
		return a.code == rc ? rc : err_wrap(err, "cannot write %s", f->path);
	f->position = a.position;
	if (f->longest < a.position)
		f->longest = a.position;
	return 0;
}

int64_t sink_file_position(const struct sink_file *f)
{
	return f->position;
}

int sink_file_resume(struct sink_file *f, int64_t position, struct err *err)
{
	int rc;

	buf_reset(&f->buf);
	if (position > f->longest)
		return err_say(err, -ESTALE, "%s is shorter than it was", f->path);
	rc = writer_back(f->writer, position, err);
	if (rc)
		return err_wrap(err, "cannot write %s", f->path);
	f->position = position;
	return 0;
}

uint64_t sink_file_cpu_ns(const struct sink_file *f)
{
	return writer_cpu_ns(f->writer);
}

void sink_file_close(struct sink_file *f)
{
	if (!f)
		return;
	writer_end(f->writer);
	buf_fini(&f->buf);
	free(f->path);
	free(f);
}
