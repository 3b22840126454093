// SPDX-License-Identifier: Apache-2.0
#include "fake_feed.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/hist.h"
#include "fake_run.h"
#include "sink/feed.h"
#include "sink/point.h"
#include "store/store.h"
#include "unit.h"

static void print_field(FILE *to, const struct point_value *v)
{
	switch (v->column->type) {
	case TYPE_INT: fprintf(to, "%" PRId64 "i", v->i); break;
	case TYPE_REAL: fprintf(to, "%.6g", v->real); break;
	case TYPE_TEXT: fprintf(to, "\"%s\"", v->text); break;
	case TYPE_BOOL: fputs(v->yes ? "true" : "false", to); break;
	}
}

static void print_tag(FILE *to, const struct point_value *v)
{
	fprintf(to, ",%s=", v->name);
	for (const char *c = v->text; *c; c++)
		fprintf(to, *c == ' ' ? "\\%c" : "%c", *c);
}

void fake_point_print(FILE *to, const struct point *p, int64_t epoch_ns)
{
	fputs(p->measurement->name, to);
	for (size_t i = 0; i < p->n_tags; i++)
		print_tag(to, &p->tags[i]);
	for (size_t i = 0; i < p->n_fields; i++) {
		fprintf(to, "%c%s=", i ? ',' : ' ', p->fields[i].name);
		print_field(to, &p->fields[i]);
	}
	fprintf(to, " @%" PRId64, p->time_ns - epoch_ns);
	for (size_t i = 0; i < p->n_hists; i++)
		fprintf(to, " %s:%" PRIu64, p->hists[i].name, (uint64_t)p->hists[i].hist->count);
	fputc('\n', to);
}

struct printer {
	FILE *to;
	const char *want;
};

static int print(void *data, const struct point *p, struct err *err)
{
	const struct printer *to = data;

	(void)err;
	if (!to->want || !strcmp(p->measurement->name, to->want))
		fake_point_print(to->to, p, FAKE_WALL_NS);
	return 0;
}

static void must(int rc, const struct err *err)
{
	if (rc)
		fail_msg("reading points: %s", err->text);
}

char *fake_points(struct store *s, const char *want, int how, int64_t step, int fresh)
{
	struct feed_config config = { .store = s,
				      .hists = how & FAKE_HISTS,
				      .buckets = how & FAKE_BUCKETS };
	struct printer to = { .want = want };
	struct feed *f = NULL;
	struct err err = { 0 };
	char *text = NULL;
	size_t size = 0;
	int64_t last;

	to.to = open_memstream(&text, &size);
	assert_non_null(to.to);
	must(feed_open(&config, &f, &err), &err);
	must(feed_last(f, &last, &err), &err);
	if (!step)
		step = last + 1;
	for (int64_t from = 0; from <= last && !(how & FAKE_END_ONLY); from += step) {
		if (fresh) {
			feed_close(f);
			must(feed_open(&config, &f, &err), &err);
		}
		must(feed_ticks(f, from, from + step - 1 < last ? from + step - 1 : last, print,
				&to, &err),
		     &err);
	}
	if (!(how & FAKE_TICKS_ONLY))
		must(feed_end(f, print, &to, &err), &err);
	feed_close(f);
	fclose(to.to);
	return text;
}
