// SPDX-License-Identifier: Apache-2.0
/* The page: the template with the report and its series as JSON. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "html/html.h"
#include "html/parts.h"
#include "report/internal.h"
#include "store/store.h"

/* All series of a run have about so many points, however many targets there are. */
#define POINTS 10000
#define MOST_BINS 1500
#define LEAST_BINS 150
#define MOST_COLUMNS 200
#define FLAMES_MAX (4u << 20) /* bytes of stacks */

static int load_axis(struct building *b, const struct owners *o, struct axis *a)
{
	sqlite3_stmt *row = query(b, "SELECT seq, begin_ns, (SELECT min(started_mono_ns) FROM run) "
				     "FROM tick ORDER BY seq");
	size_t room = 0, most = POINTS / (o->n + 1);

	while (next(b, &row)) {
		if (a->n == room) {
			uint64_t *seq, *at_ns;

			room = room ? 2 * room : 1024;
			seq = reallocarray(a->seq, room, sizeof(*seq));
			a->seq = seq ? seq : a->seq;
			at_ns = reallocarray(a->at_ns, room, sizeof(*at_ns));
			a->at_ns = at_ns ? at_ns : a->at_ns;
			if (!seq || !at_ns) {
				sqlite3_finalize(row);
				return err_set(b->err, -ENOMEM, "cannot make series of a run");
			}
		}
		a->seq[a->n] = sqlite3_column_int64(row, 0);
		a->at_ns[a->n++] = sqlite3_column_int64(row, 1);
		a->begin_ns = sqlite3_column_int64(row, 2);
	}
	axis_divide(a,
		    most > MOST_BINS	? MOST_BINS
		    : most < LEAST_BINS ? LEAST_BINS
					: most,
		    MOST_COLUMNS);
	return b->err->code;
}

/* Ends of bins in seconds since the run began. */
static void put_axis(const struct axis *a, struct buf *out)
{
	buf_printf(out, "\"axis\":{\"ticks\":%zu,\"per\":%zu,\"bins_per_column\":%zu,\"end_s\":[",
		   a->n, a->per, a->bins_per_column);
	for (size_t bin = 0; bin < a->bins; bin++) {
		size_t last = (bin + 1) * a->per - 1;

		if (last >= a->n)
			last = a->n - 1;
		buf_printf(out, "%s%.6g", bin ? "," : "",
			   ((double)a->at_ns[last] - (double)a->begin_ns) / 1e9);
	}
	buf_puts(out, "]},\n");
}

/* As resolved, secrets replaced. */
static int put_spec(struct building *b, struct buf *out)
{
	sqlite3_stmt *row = query(b, "SELECT spec FROM run");
	json_t *text;

	while (next(b, &row)) {
		if (sqlite3_column_type(row, 0) == SQLITE_NULL)
			continue;
		text = json_text((const char *)sqlite3_column_text(row, 0));
		buf_puts(out, "\"spec\":");
		html_json_text(out, text ? json_string_value(text) : "");
		buf_puts(out, ",\n");
		json_decref(text);
	}
	return b->err->code;
}

static int put_data(struct building *b, struct buf *out)
{
	/* Of phases, percentiles are shown and no distributions; stacks are apart. */
	static const struct html_cut cuts[] = { { "phases", "buckets" }, { "profile", "stacks" } };
	struct owners o = { 0 };
	struct axis axis = { 0 };
	int rc = owners_load(&o, b->report) ? -ENOMEM : 0;

	if (rc)
		(void)err_set(b->err, rc, "cannot make a page of a run");
	buf_puts(out, "{\"report\":");
	(void)html_json(out, b->report, cuts, 2); /* @out keeps the failure */
	buf_puts(out, ",\n");
	if (!rc)
		rc = put_spec(b, out);
	if (!rc)
		rc = load_axis(b, &o, &axis);
	if (!rc) {
		put_axis(&axis, out);
		rc = html_lines(b, &axis, &o, out);
	}
	buf_puts(out, ",\n");
	if (!rc)
		rc = html_latency(b, &axis, &o, out);
	buf_puts(out, ",\n");
	(void)html_flames(b->report, FLAMES_MAX, out);
	buf_puts(out, "}\n");
	axis_fini(&axis);
	owners_fini(&o);
	return rc;
}

int html_page(struct store *s, const json_t *report, struct buf *out, struct err *err)
{
	struct building b = { .store = s, .err = err, .report = (json_t *)report };
	int rc = html_open(out, err);

	if (rc)
		return rc;
	err->code = 0;
	store_snapshot_begin(s);
	rc = put_data(&b, out);
	store_snapshot_end(s);
	return rc ? rc : html_close(out, err);
}
