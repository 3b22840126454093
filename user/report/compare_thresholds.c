// SPDX-License-Identifier: Apache-2.0
/* Expressions that a comparison shall not fulfil, and what decided each. */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/expect.h"
#include "base/strlist.h"
#include "report/compare_parts.h"
#include "report/format.h"
#include "report/report.h"

#define TEXT_MAX 4096

static int parse(const struct compare_run *runs, size_t n, const char *expr, struct expect *ret,
		 struct err *err)
{
	int rc = expect_parse(expr, ret, err);

	if (!rc)
		rc = expect_check_path(ret->path, err);
	if (!rc)
		rc = expect_check_unit(ret, err);
	if (rc)
		return rc;
	report_match_units(ret, expr);
	/* Neither of these two is there when nobody else did anything. */
	if (strcmp(ret->target, "host") && strcmp(ret->target, "unattributed") &&
	    !compare_who_has(runs, n, ret->target))
		return err_say(err, -EINVAL, "no run has a target '%s', which '%s' names",
			       ret->target, expr);
	return 0;
}

/* One expression on one side. */
struct judged {
	const char *expr;
	const struct expect *e;
	const json_t *row, *test; /* borrowed; NULL test: none */
	size_t side;
	const char *by;
	bool crossed;
};

static const json_t *of_side(const struct judged *j, const char *key)
{
	return json_array_get(json_object_get(j->row, key), j->side);
}

static double actual_of(const struct judged *j)
{
	const json_t *v = of_side(j, j->e->relative ? "change_pct" : "values");

	return json_is_number(v) ? json_number_value(v) : NAN;
}

static void judge(struct judged *j)
{
	const char *verdict = text_in(j->test, "verdict");
	double actual = actual_of(j);

	if (isnan(actual)) {
		j->by = "absent";
		j->crossed = true;
		return;
	}
	j->by = "value";
	j->crossed = expect_holds(j->e, actual);
	/* What no change at all would fulfil does not ask for a difference. */
	if (!j->crossed || !j->e->relative || expect_holds(j->e, 0))
		return;
	if (!verdict || !strcmp(verdict, "not enough repetitions")) {
		j->by = "few";
		return;
	}
	j->by = "test";
	j->crossed = !strcmp(verdict, "differs");
}

static size_t runs_of(const struct judged *j, size_t side)
{
	const json_t *s = json_array_get(json_object_get(j->row, "sides"), side);

	return s ? (size_t)json_integer_value(json_object_get(s, "n")) : 1;
}

/* "2: 5.50 ms, base 5.00 ms: +10 % (+8..+12 %), p 0.008, of 5 and 5 runs" */
static int put_why(struct buf *out, const struct judged *j)
{
	const json_t *value = of_side(j, "values");
	const json_t *base = json_array_get(json_object_get(j->row, "values"), 0);
	const json_t *ci = json_object_get(j->test, "change_ci_pct");
	double p = number_in(j->test, "p_adjusted");
	bool few = !strcmp(j->by, "few");

	buf_printf(out, "%zu: %s, base %s", j->side + 1, compare_format_value(j->e->path, value).s,
		   compare_format_value(j->e->path, base).s);
	if (json_is_number(of_side(j, "change_pct")))
		buf_printf(out, ": %s",
			   compare_format_change(of_side(j, "change_pct"), value, base).s);
	if (json_is_number(json_array_get(ci, 0)))
		buf_printf(out, " (%s)", compare_format_interval(ci).s);
	if (!isnan(p))
		buf_printf(out, p < 0.001 ? ", p below 0.001" : ", p %.2g", p);
	buf_printf(out, ", of %zu and %zu run%s", runs_of(j, 0), runs_of(j, j->side),
		   runs_of(j, j->side) == 1 ? "" : "s");
	if (!strcmp(j->by, "absent"))
		buf_puts(out, "; no such value, so it counts as crossed");
	else if (few)
		buf_puts(out, "; not enough repetitions to tell it from noise");
	else if (!strcmp(j->by, "test") && !j->crossed)
		buf_puts(out, "; may be noise");
	return out->failed;
}

static json_t *judged_json(const struct judged *j)
{
	cleanup_buf struct buf why = BUF_INIT(TEXT_MAX);
	const json_t *base = json_array_get(json_object_get(j->row, "values"), 0);
	const json_t *ci = json_object_get(j->test, "change_ci_pct");
	const json_t *p = json_object_get(j->test, "p_adjusted");

	if (put_why(&why, j))
		return NULL;
	return json_pack("{s:s, s:I, s:O, s:O, s:O, s:O*, s:O*, s:s, s:b, s:s}", "expr", j->expr,
			 "side", (json_int_t)j->side, "base", base, "value", of_side(j, "values"),
			 "change_pct", of_side(j, "change_pct"), "change_ci_pct", ci, "p_adjusted",
			 p, "by", j->by, "crossed", j->crossed, "text", buf_str(&why));
}

/* Of @expr on all sides but the base. */
static int judge_sides(const char *expr, const struct expect *e, const json_t *row, json_t *list)
{
	size_t sides = json_array_size(json_object_get(row, "values"));

	for (size_t side = 1; side < sides; side++) {
		struct judged j = { .expr = expr, .e = e, .row = row, .side = side };
		const json_t *test = of_side(&j, "tests");

		j.test = json_is_object(test) ? test : NULL;
		judge(&j);
		if (json_array_append_new(list, judged_json(&j)))
			return -ENOMEM;
	}
	return 0;
}

/* Rows of all expressions; those that ask for a change are one family of tests. */
static int make_rows(const struct compare_run *runs, size_t n, const struct compare_options *o,
		     json_t *rows, struct err *err)
{
	json_t *relative = json_array(), *family = NULL;
	int rc = 0;

	for (size_t i = 0; i < o->fail_if->n && !rc; i++) {
		struct expect e;
		json_t *row;

		rc = parse(runs, n, o->fail_if->v[i], &e, err);
		if (rc)
			break;
		row = compare_row(runs, n, o, e.target, e.path);
		if (!row || json_array_append(rows, row) ||
		    (e.relative && json_array_append(relative, row)))
			rc = err_set(err, -ENOMEM, "judging '%s'", o->fail_if->v[i]);
		json_decref(row);
	}
	if (!rc && json_array_size(relative) && compare_sides(o, n) < n &&
	    compare_tests(relative, &family))
		rc = err_set(err, -ENOMEM, "judging thresholds");
	json_decref(family);
	json_decref(relative);
	return rc;
}

int compare_thresholds(const struct compare_run *runs, size_t n, const struct compare_options *o,
		       json_t **ret, struct err *err)
{
	json_t *rows = json_array(), *list = json_array();
	int rc = make_rows(runs, n, o, rows, err);

	for (size_t i = 0; i < o->fail_if->n && !rc; i++) {
		struct expect e;

		rc = parse(runs, n, o->fail_if->v[i], &e, err);
		if (!rc && judge_sides(o->fail_if->v[i], &e, json_array_get(rows, i), list))
			rc = err_set(err, -ENOMEM, "judging '%s'", o->fail_if->v[i]);
	}
	json_decref(rows);
	if (rc) {
		json_decref(list);
		return rc;
	}
	*ret = list;
	return 0;
}
