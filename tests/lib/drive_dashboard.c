// SPDX-License-Identifier: Apache-2.0
/*
 * Points of every measurement with every tag and field, for queries of dashboards to find. As it
 * is told: "names" prints each measurement with its columns, "lines" line protocol of ticks up to
 * now, "serve" an OpenMetrics endpoint that has a tick each 100 ms until standard input ends.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/hist.h"
#include "base/loss.h"
#include "sink/line.h"
#include "sink/openmetrics.h"
#include "sink/point.h"
#include "sink/sink.h"

#define TICKS 60
#define TICK_MS 100

static void names(void)
{
	for (const struct measurement *const *m = measurements; *m; m++)
		for (const struct measure_column *c = (*m)->columns; c->name; c++)
			printf("%s\t%s\t%s\n", (*m)->name, c->kind == COLUMN_TAG ? "tag" : "field",
			       c->name);
}

/* What a tag says; of those that panels ask for, what they ask for. */
static const char *tag_text(const struct measure_column *c, const char *layer)
{
	return !strcmp(c->name, "benchmark_id") ? "run"
	       : !strcmp(c->name, "kind")	? "container"
	       : !strcmp(c->name, "stacked")	? "no"
	       : !strcmp(c->name, "layer")	? layer
	       : !strcmp(c->name, "le")		? "1024"
						: "some";
}

/* One of many: "perf_*" is "perf_x". */
static const char *one_of(const struct measure_column *c)
{
	static char names[POINT_FIELDS][64];
	static size_t next;
	char *name = names[next++ % POINT_FIELDS];

	snprintf(name, sizeof(names[0]), "%s", c->name);
	name[strlen(name) - 1] = 'x';
	return name;
}

static void set_field(struct point_value *v, const struct measure_column *c, int64_t seq)
{
	int64_t value = c->kind == COLUMN_TOTAL ? 1000 * (seq + 1) : 1000;

	*v = (struct point_value){ .column = c, .name = c->many ? one_of(c) : c->name };
	switch (c->type) {
	case TYPE_INT: v->i = value; break;
	case TYPE_REAL: v->real = value; break;
	case TYPE_TEXT: v->text = "words"; break;
	case TYPE_BOOL: v->yes = true; break;
	}
}

static void make(struct point *p, const struct measurement *m, int64_t seq, int64_t time_ns,
		 const char *layer)
{
	static struct hist hist;

	hist = (struct hist){ 0 };
	hist_add(&hist, 100000);
	*p = (struct point){ .measurement = m, .seq = seq, .time_ns = time_ns };
	for (const struct measure_column *c = m->columns; c->name; c++) {
		if (c->kind != COLUMN_TAG)
			set_field(&p->fields[p->n_fields++], c, seq);
		else
			p->tags[p->n_tags++] = (struct point_value){ .column = c,
								     .name = c->name,
								     .text = tag_text(c, layer) };
	}
	for (size_t i = 0; m->hists && m->hists[i]; i++) {
		p->hists[p->n_hists].name = m->hists[i];
		p->hists[p->n_hists++].hist = &hist;
	}
}

static int put_all(int (*put)(void *data, const struct point *p), void *data, int64_t seq,
		   int64_t time_ns)
{
	static const char *const layers[] = { "total", "latency" };
	static struct point p;
	int rc = 0;

	for (const struct measurement *const *m = measurements; !rc && *m; m++) {
		bool bucket = (*m)->buckets;

		for (size_t i = 0; !rc && i < (bucket ? ARRAY_SIZE(layers) : 1); i++) {
			make(&p, *m, seq, time_ns, layers[i]);
			rc = put(data, &p);
		}
	}
	return rc;
}

static int put_line(void *data, const struct point *p)
{
	struct line_note note;
	int rc = line_append(p, data, &note);

	if (rc)
		fprintf(stderr, "%s: %s\n", p->measurement->name, note.why);
	return rc;
}

static int lines(void)
{
	cleanup_buf struct buf out = BUF_INIT(64 << 20);
	int64_t now = clock_wall_ns();

	for (int64_t seq = 0; seq < TICKS; seq++)
		if (put_all(put_line, &out, seq, now - (TICKS - seq) * (int64_t)NSEC_PER_SEC))
			return 1;
	fputs(buf_str(&out), stdout);
	return 0;
}

static int put_sink(void *data, const struct point *p)
{
	struct sink *s = data;
	struct err err;

	return s->ops->put(s, p, &err);
}

static int serve(void)
{
	const struct openmetrics_config config = { .address = "127.0.0.1:0", .id = "run" };
	static struct losses losses = LOSSES_INIT;
	struct pollfd end = { .fd = STDIN_FILENO, .events = POLLIN };
	struct err err = { 0 };
	struct sink *s;
	int rc = 0;

	if (openmetrics_open(&config, &losses, NULL, &s, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	printf("%s\n", strchr(s->where, ' ') + 1);
	fflush(stdout);
	for (int64_t seq = 0; !rc && !poll(&end, 1, TICK_MS); seq++)
		rc = put_all(put_sink, s, seq, clock_wall_ns());
	sink_close(s);
	for (size_t i = 0; i < losses.n; i++)
		printf("%s: %s\n", losses.v[i].what, losses.v[i].reason);
	return rc != 0;
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";

	if (!strcmp(how, "lines"))
		return lines();
	if (!strcmp(how, "serve"))
		return serve();
	names();
	return 0;
}
