// SPDX-License-Identifier: Apache-2.0
/* Many runs, one after the other: what changed when. */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "report/compare_parts.h"
#include "report/format.h"
#include "report/report.h"
#include "report/series.h"
#include "report/table.h"
#include "stat/rank.h"

#define INDENT 2
#define TIME_BYTES 15 /* "20261121T101500", which ids begin with */
#define MARKS 24 /* columns of a trend */

/* Runs of which even the clearest change could be told from chance. */
static size_t needed(double alpha)
{
	size_t n = 8;

	while (n < 1000 && stat_rank_least(n / 2, n - n / 2) > alpha)
		n++;
	return n;
}

/* What runs of one thing have in common: how many there are of each that they have not. */
static const struct {
	const char *key, *words;
} alike[] = { { "spec_sha256", "specs" },
	      { "hostname", "hosts" },
	      { "version", "versions of cbpf" } };

static json_t *unlike(const json_t *runs)
{
	json_t *all = json_object(), *run;
	bool failed = !all;
	size_t i;

	for (size_t k = 0; k < ARRAY_SIZE(alike); k++) {
		json_t *seen = json_object();

		json_array_foreach(runs, i, run) {
			const char *is = text_in(run, alike[k].key);

			/* What is not known is not taken to be the same. */
			failed |= json_object_set_new(seen, is ? is : "", json_null()) != 0;
		}
		if (json_object_size(seen) > 1)
			failed |= json_object_set_new(all, alike[k].key,
						      json_integer((json_int_t)json_object_size(
							      seen))) != 0;
		json_decref(seen);
	}
	if (!failed)
		return all;
	json_decref(all);
	return NULL;
}

int report_history_json(const struct series *s, const json_t *runs, json_t **ret, struct err *err)
{
	json_t *metrics = series_changes(s), *differ = unlike(runs), *all;
	size_t n = json_array_size(metrics);
	double alpha = COMPARE_ALPHA / (double)(n ? n : 1);

	all = json_pack("{s:O, s:o, s:f, s:I, s:o}", "runs", runs, "metrics", metrics, "alpha",
			alpha, "needed", (json_int_t)needed(alpha), "unlike", differ);
	if (!all)
		return err_set(err, -ENOMEM, "looking for changes");
	*ret = all;
	return 0;
}

/* --- for a terminal --- */

static void range_of(const json_t *samples, double *ret_low, double *ret_high)
{
	json_t *v;
	size_t i;

	*ret_low = INFINITY;
	*ret_high = -INFINITY;
	json_array_foreach(samples, i, v)
		if (json_is_number(v)) {
			*ret_low = fmin(*ret_low, json_number_value(v));
			*ret_high = fmax(*ret_high, json_number_value(v));
		}
}

/* Means of as many runs each as it takes; a blank where none has it. */
static void put_trend(struct buf *out, const json_t *samples, bool unicode)
{
	static const char *const blocks[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	static const char *const ascii[] = { ".", ":", "-", "=", "+", "*", "%", "#" };
	size_t n = json_array_size(samples), columns = n < MARKS ? n : MARKS;
	double low, high;

	range_of(samples, &low, &high);
	for (size_t c = 0; c < columns; c++) {
		double sum = 0, count = 0, at;

		for (size_t i = c * n / columns; i < (c + 1) * n / columns; i++) {
			const json_t *v = json_array_get(samples, i);

			sum += json_is_number(v) ? json_number_value(v) : 0;
			count += json_is_number(v);
		}
		at = high > low ? (sum / count - low) / (high - low) : 0.5;
		buf_puts(out, count > 0 ? (unicode ? blocks : ascii)[(size_t)(at * 7 + 0.5)] : " ");
	}
}

static void add_change(struct table *t, const json_t *runs, const json_t *metric,
		       const json_t *change, const char *trend)
{
	const char *path = text_in(metric, "path"), *id;
	size_t run = (size_t)json_integer_value(json_object_get(change, "run"));
	const json_t *before = json_object_get(change, "before");
	const json_t *after = json_object_get(change, "after");
	bool timed;

	id = text_in(json_array_get(runs, run), "id");
	timed = id && strlen(id) > TIME_BYTES && id[TIME_BYTES] == '-';
	table_add(t, "%s.%s", text_in(metric, "target"), path);
	table_add(t, "%s", trend);
	table_add(t, "%s", compare_format_value(path, before).s);
	table_add(t, "%s", compare_format_value(path, after).s);
	table_add(t, "%s",
		  compare_format_change(json_object_get(change, "change_pct"), after, before).s);
	/* Its time, which is enough of a name for RUN. */
	table_add(t, "%.*s", timed ? TIME_BYTES : INT_MAX, id ? id : "?");
}

/* Returns how many metrics changed. */
static size_t add_changes(struct table *t, const json_t *history, bool unicode)
{
	json_t *metric, *change;
	size_t i, k, changed = 0;

	json_array_foreach(json_object_get(history, "metrics"), i, metric) {
		cleanup_buf struct buf trend = BUF_INIT(4096);

		put_trend(&trend, json_object_get(metric, "samples"), unicode);
		changed += json_array_size(json_object_get(metric, "changes")) > 0;
		json_array_foreach(json_object_get(metric, "changes"), k, change)
			add_change(t, json_object_get(history, "runs"), metric, change,
				   k ? "" : buf_str(&trend));
	}
	return changed;
}

/* "These runs are of 2 specs, 3 hosts: ..."; nothing when they are alike. */
static void put_unlike(const json_t *history, struct buf *text)
{
	const json_t *differ = json_object_get(history, "unlike");
	bool any = false;

	for (size_t k = 0; k < ARRAY_SIZE(alike); k++) {
		double n = number_in(differ, alike[k].key);

		if (isnan(n))
			continue;
		buf_printf(text, "%s %.0f %s", any ? "," : " These runs are of", n, alike[k].words);
		any = true;
	}
	buf_puts(text, any ? ": what changed may be theirs." : "");
}

static void put_basis(const json_t *history, size_t changed, const struct report_style *style,
		      struct buf *out)
{
	size_t runs = json_array_size(json_object_get(history, "runs"));
	size_t metrics = json_array_size(json_object_get(history, "metrics"));
	double least = number_in(history, "needed");
	cleanup_buf struct buf text = BUF_INIT(4096);

	buf_printf(&text, "%zu of %zu metrics changed their level.", changed, metrics);
	if ((double)runs < least)
		buf_printf(&text,
			   " %zu runs are not enough to find one among so many metrics: it takes "
			   "%.0f, or fewer metrics (--metric).",
			   runs, least);
	put_unlike(history, &text);
	(void)text_wrap(out, style, 0, 0, buf_str(&text)); /* @out keeps a failure */
	buf_puts(out, "\n");
}

int report_history_text(const json_t *history, const struct report_style *style, struct buf *out)
{
	const json_t *runs = json_object_get(history, "runs");
	struct table t = { .align = "lrrrrr", .heading = true, .indent = INDENT, .gap = 1 };
	size_t n = json_array_size(runs), changed;
	const char *first = text_in(json_array_get(runs, 0), "id");
	const char *last = text_in(json_array_get(runs, n ? n - 1 : 0), "id");

	text_toned(out, style, TONE_BOLD, "history");
	buf_printf(out, "  %zu runs, ", n);
	text_put(out, first ? first : "?");
	buf_puts(out, " to ");
	text_put(out, last ? last : "?");
	buf_puts(out, "\n");
	table_add(&t, "metric");
	table_add(&t, "trend");
	table_add(&t, "before");
	table_add(&t, "after");
	table_add(&t, "change");
	table_add(&t, "from run");
	changed = add_changes(&t, history, style->unicode);
	if (changed && table_print(&t, style, out))
		out->failed = out->failed ? out->failed : t.failed;
	table_fini(&t);
	put_basis(history, changed, style, out);
	return out->failed;
}
