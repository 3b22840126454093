// SPDX-License-Identifier: Apache-2.0
#include "fake_sink.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/loss.h"
#include "sink/point.h"

static uint64_t mix(uint64_t hash, const void *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		hash = (hash ^ ((const uint8_t *)bytes)[i]) * 0x100000001b3ull;
	return hash;
}

static uint64_t hash_of(const struct point *p)
{
	uint64_t hash = 0xcbf29ce484222325ull;

	for (size_t i = 0; i < p->n_fields; i++) {
		const struct point_value *v = &p->fields[i];

		hash = mix(hash, v->name, strlen(v->name) + 1);
		switch (v->column->type) {
		case TYPE_INT: hash = mix(hash, &v->i, sizeof(v->i)); break;
		case TYPE_REAL: hash = mix(hash, &v->real, sizeof(v->real)); break;
		case TYPE_TEXT: hash = mix(hash, v->text, strlen(v->text)); break;
		case TYPE_BOOL: hash = mix(hash, &v->yes, sizeof(v->yes)); break;
		}
	}
	return hash;
}

static int put(struct sink *s, const struct point *p, struct err *err)
{
	struct fake_sink *f = (struct fake_sink *)s;
	struct fake_point *to = &f->v[f->n];
	int at;

	if (f->put_rc && f->fail_at && !--f->fail_at) {
		f->n = f->kept;
		return err_say(err, f->put_rc, "the sink was told to fail");
	}
	if (f->loses) {
		f->loses--;
		loss_add(s->losses, "sink.fake", 1, "refused");
	}
	if (f->n == FAKE_SINK_POINTS)
		return err_say(err, -ENOSPC, "more points than the fake sink has room for");
	to->seq = p->seq;
	to->time_ns = p->time_ns;
	to->values = hash_of(p);
	at = snprintf(to->series, sizeof(to->series), "%s", p->measurement->name);
	for (size_t i = 0; i < p->n_tags; i++)
		at += snprintf(to->series + at, sizeof(to->series) - at, ",%s=%s", p->tags[i].name,
			       p->tags[i].text);
	f->n++;
	return 0;
}

static int flush(struct sink *s, struct err *err)
{
	struct fake_sink *f = (struct fake_sink *)s;
	int rc = f->flush_rc;

	f->flush_rc = 0;
	f->flushes++;
	if (rc) {
		f->n = f->kept;
		return err_say(err, rc, "the sink was told to fail");
	}
	f->kept = f->n;
	return 0;
}

static void close_it(struct sink *s)
{
	((struct fake_sink *)s)->closed = true;
}

static const struct sink_ops ops = {
	.name = "fake",
	.put = put,
	.flush = flush,
	.close = close_it,
};

void fake_sink_init(struct fake_sink *f, const char *where)
{
	memset(f, 0, sizeof(*f));
	f->sink.ops = &ops;
	f->sink.where = (char *)where;
}

static size_t times(const struct fake_sink *in, const struct fake_point *what)
{
	size_t n = 0;

	for (size_t i = 0; i < in->kept; i++)
		n += in->v[i].time_ns == what->time_ns && in->v[i].values == what->values &&
		     !strcmp(in->v[i].series, what->series);
	return n;
}

bool fake_sink_same(const struct fake_sink *a, const struct fake_sink *b)
{
	for (size_t i = 0; i < a->kept; i++)
		if (times(b, &a->v[i]) != 1)
			return false;
	return a->kept == b->kept;
}
