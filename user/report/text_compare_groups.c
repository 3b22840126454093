// SPDX-License-Identifier: Apache-2.0
/* Groups of runs beside each other in a terminal: means, changes, and whether they are any. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "report/compare_parts.h"
#include "report/format.h"
#include "report/report.h"
#include "report/table.h"

#define INDENT 2

/* --- a table for each target and side --- */

/* "yes 0.016", "no 0.41", "unknown": not enough repetitions. */
static void add_verdict(struct table *t, const json_t *test)
{
	const char *verdict = text_in(test, "verdict");
	double p = number_in(test, "p_adjusted");

	if (!verdict)
		table_add(t, "-");
	else if (!strcmp(verdict, "not enough repetitions"))
		table_add(t, "unknown");
	else if (isnan(p))
		table_add(t, "no");
	else if (p < 0.001)
		table_add(t, "%s <0.001", strcmp(verdict, "differs") ? "no" : "yes");
	else
		table_add(t, "%s %.2g", strcmp(verdict, "differs") ? "no" : "yes", p);
}

/* Without the sign that the column beside it has. */
static void add_interval(struct table *t, const json_t *ci)
{
	struct text text = compare_format_interval(ci);

	text.s[strcspn(text.s, " ")] = '\0';
	table_add(t, "%s", text.s);
}

static void add_row(struct table *t, const json_t *row, size_t side)
{
	const json_t *values = json_object_get(row, "values"), *base = json_array_get(values, 0);
	const json_t *v = json_array_get(values, side);
	const json_t *change = json_array_get(json_object_get(row, "change_pct"), side);
	const json_t *test = json_array_get(json_object_get(row, "tests"), side);
	const char *path = text_in(row, "path") ? text_in(row, "path") : "?";
	double delta = number_in(test, "cliffs_delta");

	table_add(t, "%s", path);
	table_add(t, "%s", compare_format_value(path, base).s);
	table_add(t, "%s", compare_format_value(path, v).s);
	table_add(t, "%s", compare_format_change(change, v, base).s);
	add_interval(t, json_object_get(test, "change_ci_pct"));
	if (isnan(delta))
		table_add(t, "-");
	else
		table_add(t, "%+.2f", delta);
	add_verdict(t, test);
}

static bool has_tests(const json_t *row)
{
	return json_object_get(row, "tests") != NULL;
}

static void put_table(const json_t *metrics, size_t from, size_t to, size_t side,
		      const struct report_style *style, struct buf *out)
{
	struct table t = { .align = "lrrrrrr", .heading = true, .indent = INDENT, .gap = 1 };

	table_add(&t, "metric");
	table_add(&t, "1");
	table_add(&t, "%zu", side + 1);
	table_add(&t, "change");
	table_add(&t, "95 %% of it");
	table_add(&t, "effect");
	table_add(&t, "differs");
	for (size_t i = from; i < to; i++)
		if (has_tests(json_array_get(metrics, i)))
			add_row(&t, json_array_get(metrics, i), side);
	if (table_print(&t, style, out))
		out->failed = out->failed ? out->failed : t.failed;
	table_fini(&t);
	buf_puts(out, "\n");
}

/* --- what stands out --- */

/* Of how many metrics each run is an outlier, and of which first; returns of how many runs. */
static size_t count_outliers(const json_t *metrics, size_t *counts, const json_t **first)
{
	json_t *row, *side, *at;
	size_t i, k, o, runs = 0;

	json_array_foreach(metrics, i, row)
		json_array_foreach(json_object_get(row, "sides"), k, side)
			json_array_foreach(json_object_get(side, "outliers"), o, at) {
				size_t run = (size_t)json_integer_value(at);

				if (run >= COMPARE_RUNS_MAX)
					continue;
				runs += !counts[run];
				if (!counts[run]++)
					first[run] = row;
			}
	return runs;
}

/* "run 4  12 metrics, such as w.block.write.ios" */
static void put_outliers(const json_t *metrics, const struct report_style *style, struct buf *out)
{
	struct table t = { .align = "rll", .indent = INDENT };
	const json_t *first[COMPARE_RUNS_MAX] = { NULL };
	size_t counts[COMPARE_RUNS_MAX] = { 0 };

	if (!count_outliers(metrics, counts, first))
		return;
	text_toned(out, style, TONE_BOLD, "outliers");
	buf_puts(out, "  counted like all others\n");
	for (size_t run = 0; run < COMPARE_RUNS_MAX; run++) {
		if (!counts[run])
			continue;
		table_add(&t, "run %zu", run + 1);
		table_add(&t, "%zu metric%s", counts[run], counts[run] == 1 ? "" : "s");
		table_add(&t, "%s.%s", text_in(first[run], "target"), text_in(first[run], "path"));
	}
	if (table_print(&t, style, out))
		out->failed = out->failed ? out->failed : t.failed;
	buf_puts(out, "\n");
	table_fini(&t);
}

/* --- latencies as a whole --- */

static void put_distributions(const json_t *list, size_t side, const struct report_style *style,
			      struct buf *out)
{
	struct table t = { .align = "lrrrr", .heading = true, .indent = INDENT };
	bool any = false;
	json_t *row;
	size_t i;

	table_add(&t, "latencies");
	table_add(&t, "1");
	table_add(&t, "%zu", side + 1);
	table_add(&t, "apart"); /* Kolmogorov-Smirnov */
	table_add(&t, "by"); /* Wasserstein */
	json_array_foreach(list, i, row) {
		const json_t *count = json_object_get(row, "count");
		const json_t *ks = json_array_get(json_object_get(row, "ks"), side);

		if (!json_is_number(ks))
			continue;
		table_add(&t, "%s.%s", text_in(row, "target"), text_in(row, "path"));
		table_add(&t, "%s", format_count(json_array_get(count, 0)).s);
		table_add(&t, "%s", format_count(json_array_get(count, side)).s);
		table_add(&t, "%s", format_ratio(json_number_value(ks), 1).s);
		table_add(
			&t, "%s",
			format_ns(json_array_get(json_object_get(row, "wasserstein_ns"), side)).s);
		any = true;
	}
	if (any && table_print(&t, style, out))
		out->failed = out->failed ? out->failed : t.failed;
	if (any)
		buf_puts(out, "\n");
	table_fini(&t);
}

/* --- all of it --- */

static void put_basis(const json_t *comparison, const struct report_style *style, struct buf *out)
{
	const json_t *family = json_object_get(comparison, "family");
	double tests = number_in(family, "tests"), needed = number_in(family, "needed");
	const json_t *metrics = json_object_get(comparison, "metrics");
	cleanup_buf struct buf text = BUF_INIT(4096);
	const char *basis = text_in(comparison, "basis");
	bool groups = basis && !strcmp(basis, "groups");
	size_t unknown = 0, i, k;
	json_t *row, *test;

	json_array_foreach(metrics, i, row)
		json_array_foreach(json_object_get(row, "tests"), k, test)
			unknown += text_in(test, "verdict") &&
				   !strcmp(text_in(test, "verdict"), "not enough repetitions");
	buf_printf(&text,
		   "differs: by Mann and Whitney's U, p adjusted for %.0f test%s (Holm), below "
		   "%g. effect: Cliff's delta.%s",
		   tests, tests == 1 ? "" : "s", number_in(family, "alpha"),
		   groups ? " apart, by: Kolmogorov-Smirnov's distance and Wasserstein's." : "");
	if (unknown)
		buf_printf(
			&text,
			" unknown: not enough repetitions for so many metrics; %.0f of each side "
			"would be, or fewer metrics (--metric).",
			needed);
	(void)text_wrap(out, style, 0, 0, buf_str(&text)); /* @out keeps a failure */
	buf_puts(out, "\n");
}

/* Of one target, rows [@from, @to). */
static void put_target(const json_t *metrics, size_t from, size_t to,
		       const struct report_style *style, struct buf *out)
{
	const json_t *first = NULL;
	size_t sides;

	for (size_t i = from; i < to && !first; i++)
		if (has_tests(json_array_get(metrics, i)))
			first = json_array_get(metrics, i);
	if (!first)
		return;
	sides = json_array_size(json_object_get(first, "sides"));
	text_toned(out, style, TONE_BOLD, text_in(first, "target"));
	buf_puts(out, "\n");
	for (size_t side = 1; side < sides; side++)
		put_table(metrics, from, to, side, style, out);
}

static void put_tables(const json_t *metrics, const struct report_style *style, struct buf *out)
{
	size_t n = json_array_size(metrics);

	for (size_t from = 0, to; from < n; from = to) {
		const json_t *target = json_object_get(json_array_get(metrics, from), "target");

		for (to = from + 1; to < n; to++)
			if (!json_equal(target,
					json_object_get(json_array_get(metrics, to), "target")))
				break;
		put_target(metrics, from, to, style, out);
	}
}

int compare_text_tests(const json_t *comparison, const struct report_style *style, struct buf *out)
{
	put_tables(json_object_get(comparison, "metrics"), style, out);
	put_basis(comparison, style, out);
	return out->failed;
}

int compare_text_groups(const json_t *comparison, const struct report_style *style, struct buf *out)
{
	const json_t *metrics = json_object_get(comparison, "metrics");
	size_t n = json_array_size(metrics), sides;

	sides = json_array_size(json_object_get(json_array_get(metrics, 0), "sides"));
	put_tables(metrics, style, out);
	if (!n)
		buf_puts(out, "These runs have no metric in common, or none that --metric "
			      "wants.\n\n");
	for (size_t side = 1; side < sides; side++)
		put_distributions(json_object_get(comparison, "distributions"), side, style, out);
	put_outliers(metrics, style, out);
	if (n)
		put_basis(comparison, style, out);
	return out->failed;
}
