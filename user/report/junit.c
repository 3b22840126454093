// SPDX-License-Identifier: Apache-2.0
/* JUnit XML of thresholds. */
#include "report/junit.h"

#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "report/compare_parts.h"
#include "report/format.h"

#define XML_MAX (64 << 20)

/* For an attribute. What XML 1.0 cannot hold is '?'. */
static void put_text(struct buf *out, const char *text)
{
	for (; text && *text; text++)
		switch (*text) {
		case '&': buf_puts(out, "&amp;"); break;
		case '<': buf_puts(out, "&lt;"); break;
		case '>': buf_puts(out, "&gt;"); break;
		case '"': buf_puts(out, "&quot;"); break;
		case '\t':
		case '\n':
		case '\r': buf_printf(out, "&#%d;", *text); break;
		default: buf_put(out, (unsigned char)*text < ' ' ? "?" : text, 1);
		}
}

static void put_attribute(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, " %s=\"", name);
	put_text(out, value);
	buf_puts(out, "\"");
}

struct suite {
	struct buf cases;
	unsigned int tests, failures;
};

/* @failure: what decided, or NULL. */
static void add_case(struct suite *s, const char *class, const char *name, const char *failure)
{
	struct buf *out = &s->cases;

	s->tests++;
	buf_puts(out, "    <testcase");
	put_attribute(out, "classname", class);
	put_attribute(out, "name", name);
	if (!failure) {
		buf_puts(out, "/>\n");
		return;
	}
	s->failures++;
	buf_puts(out, ">\n      <failure");
	put_attribute(out, "message", failure);
	buf_puts(out, "/>\n    </testcase>\n");
}

/* Ends it. @started, @seconds: NULL and NAN when not known. */
static void put_suite(struct buf *out, struct suite *s, const char *name, const char *started,
		      double seconds)
{
	buf_puts(out, "  <testsuite");
	put_attribute(out, "name", name);
	buf_printf(out, " tests=\"%u\" failures=\"%u\" errors=\"0\" skipped=\"0\"", s->tests,
		   s->failures);
	if (!isnan(seconds))
		buf_printf(out, " time=\"%.3f\"", seconds);
	if (started)
		put_attribute(out, "timestamp", started);
	buf_printf(out, ">\n%s  </testsuite>\n", buf_str(&s->cases));
	if (s->cases.failed)
		out->failed = s->cases.failed;
	buf_fini(&s->cases);
}

static void add_expect(struct suite *s, const char *class, const json_t *verdict)
{
	const json_t *actual = json_object_get(verdict, "actual");
	const char *expr = text_in(verdict, "expr");
	char failure[128] = "there is no such value";

	if (json_is_number(actual))
		snprintf(failure, sizeof(failure), "it was %s",
			 compare_format_decided(expr, actual).s);
	add_case(s, class, expr, json_is_true(json_object_get(verdict, "ok")) ? NULL : failure);
}

static void put_run(struct buf *out, const json_t *report)
{
	struct suite s = { .cases = BUF_INIT(XML_MAX) };
	const char *id = text_in(report, "id"), *name = text_in(report, "name");
	const char *status = text_in(report, "status"), *class = name ? name : "cbpf";
	json_t *verdict;
	size_t i;

	add_case(&s, class, "run",
		 status && !strcmp(status, "ok") ? NULL
		 : status			 ? status
						 : "unknown");
	json_array_foreach(json_object_get(report, "expect"), i, verdict)
		add_expect(&s, class, verdict);
	put_suite(out, &s, id ? id : class, text_in(report, "started"),
		  number_in(report, "duration_s"));
}

static void begin(struct buf *out)
{
	buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
}

int junit_runs(const json_t *reports, struct buf *out)
{
	json_t *report;
	size_t i;

	begin(out);
	json_array_foreach(reports, i, report)
		put_run(out, report);
	return buf_puts(out, "</testsuites>\n");
}

int junit_comparison(const json_t *comparison, struct buf *out)
{
	const json_t *runs = json_object_get(comparison, "runs");
	struct suite s = { .cases = BUF_INIT(XML_MAX) };
	const char *base = text_in(json_array_get(runs, 0), "id");
	char class[256];
	json_t *t, *run;
	size_t i, k;

	begin(out);
	json_array_foreach(json_object_get(comparison, "thresholds"), i, t) {
		double side = number_in(t, "side");

		snprintf(class, sizeof(class), "%.0f", side + 1);
		json_array_foreach(runs, k, run)
			if (number_in(run, "side") == side) {
				snprintf(class, sizeof(class), "%s", text_in(run, "id"));
				break;
			}
		add_case(&s, class, text_in(t, "expr"),
			 json_is_true(json_object_get(t, "crossed")) ? text_in(t, "text") : NULL);
	}
	snprintf(class, sizeof(class), "cbpf compare with %s", base ? base : "?");
	put_suite(out, &s, class, NULL, NAN);
	return buf_puts(out, "</testsuites>\n");
}

static int write_file(const char *path, int (*make)(const json_t *, struct buf *),
		      const json_t *what, struct err *err)
{
	cleanup_buf struct buf xml = BUF_INIT(XML_MAX);
	int rc = make(what, &xml);

	if (!rc)
		rc = fs_create_at(AT_FDCWD, path, buf_str(&xml), xml.len);
	return rc ? err_set(err, rc, "writing %s", path) : 0;
}

int junit_write_runs(const char *path, const json_t *reports, struct err *err)
{
	return write_file(path, junit_runs, reports, err);
}

int junit_write_comparison(const char *path, const json_t *comparison, struct err *err)
{
	return write_file(path, junit_comparison, comparison, err);
}
