// SPDX-License-Identifier: Apache-2.0
/* The report as a person reads it in a terminal. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/units.h"
#include "report/compare_parts.h"
#include "report/format.h"
#include "report/report.h"
#include "report/table.h"
#include "report/text_parts.h"

static enum text_tone tone_of(const char *status)
{
	return !strcmp(status, "ok")	    ? TONE_GOOD
	       : !strcmp(status, "running") ? TONE_BOLD
	       : !strcmp(status, "failed")  ? TONE_BAD
					    : TONE_WARN;
}

/* ", "-joined parts of the second line. */
static void put_host(const json_t *host, struct buf *out)
{
	const char *name = text_in(host, "hostname"), *kernel = text_in(host, "kernel");
	double cpus = number_in(host, "cpus");

	if (name) {
		buf_puts(out, ", on ");
		text_put(out, name);
	}
	if (kernel) {
		buf_puts(out, ", Linux ");
		text_put(out, kernel);
	}
	if (!isnan(cpus))
		buf_printf(out, ", %.0f CPUs", cpus);
}

static void put_header(const json_t *r, const struct report_style *style, struct buf *out)
{
	const char *status = text_in(r, "status"), *name;
	cleanup_buf struct buf axes = BUF_INIT(8192);
	json_t *backend;
	size_t n = 0;

	text_toned(out, style, TONE_BOLD, text_in(r, "id") ? text_in(r, "id") : "?");
	buf_puts(out, "  ");
	text_toned(out, style, tone_of(status ? status : "?"), status ? status : "?");
	buf_puts(out, "\n");
	if (json_object_size(json_object_get(r, "axes"))) {
		put_axes(&axes, json_object_get(r, "axes"));
		text_put(out, buf_str(&axes));
		buf_puts(out, "\n");
	}
	text_put(out, text_in(r, "started") ? text_in(r, "started") : "?");
	buf_printf(out, ", %s", format_seconds(json_object_get(r, "duration_s")).s);
	put_host(json_object_get(r, "host"), out);
	buf_puts(out, "\n");
	text_put(out, text_in(r, "runtime") ? text_in(r, "runtime") : "no runtime");
	buf_printf(out, ", a tick each %s", format_ns(json_object_get(r, "interval_ns")).s);
	json_object_foreach(json_object_get(r, "backends"), name, backend) {
		buf_puts(out, n++ ? ", " : "; ");
		text_put(out, name);
		buf_puts(out, " by ");
		text_put(out, json_is_string(backend) ? json_string_value(backend) : "?");
	}
	buf_puts(out, "\n\n");
}

static void put_expect(const json_t *r, const struct report_style *style, struct buf *out)
{
	json_t *v;
	size_t i;

	json_array_foreach(json_object_get(r, "expect"), i, v) {
		bool ok = json_is_true(json_object_get(v, "ok"));
		const json_t *actual = json_object_get(v, "actual");

		if (!i) {
			text_toned(out, style, TONE_BOLD, "expect");
			buf_puts(out, "\n");
		}
		buf_puts(out, "  ");
		text_toned(out, style, ok ? TONE_GOOD : TONE_BAD, ok ? "ok  " : "FAIL");
		buf_puts(out, "  ");
		text_put(out, text_in(v, "expr") ? text_in(v, "expr") : "?");
		if (json_is_number(actual))
			buf_printf(out, "  (%s)\n",
				   compare_format_decided(text_in(v, "expr"), actual).s);
		else
			buf_puts(out, "  (no such value)\n");
	}
	if (json_array_size(json_object_get(r, "expect")))
		buf_puts(out, "\n");
}

static void put_losses(const json_t *r, const struct report_style *style, struct buf *out)
{
	const json_t *losses = json_object_get(r, "losses");
	int widest = 0;
	json_t *l;
	size_t i;

	text_toned(out, style, TONE_BOLD, "losses");
	buf_puts(out, json_array_size(losses) ? "\n" : "  none\n");
	json_array_foreach(losses, i, l) {
		const char *what = text_in(l, "what");
		int width = what ? (int)text_width(what) : 1;

		widest = width > widest ? width : widest;
	}
	json_array_foreach(losses, i, l) {
		const char *what = text_in(l, "what"), *reason = text_in(l, "reason");
		int at = 2 + widest + 2 + 7 + 2;

		buf_puts(out, "  ");
		text_put(out, what ? what : "?");
		buf_printf(out, "%*s  %7s  ", widest - (what ? (int)text_width(what) : 1), "",
			   format_count(json_object_get(l, "count")).s);
		(void)text_wrap(out, style, at, at, reason ? reason : ""); /* @out keeps it */
		buf_puts(out, "\n");
	}
	buf_puts(out, "\n");
}

/* Mean time of one run of a program; NAN when the kernel does not keep it. */
static double program_ns(const json_t *p)
{
	double runs = number_in(p, "runs");

	return runs > 0 ? number_in(p, "run_ns") / runs : NAN;
}

/* "143 ticks, 0 overruns, a sweep takes 164 us (max 4.70 ms) and begins at most 24.6 ms late" */
static void put_ticks(const json_t *self, const struct report_style *style, struct buf *out)
{
	static const struct {
		const char *key, *before, *after;
	} parts[] = { { "sweep_mean_us", ", a sweep takes ", "" },
		      { "sweep_max_us", " (max ", ")" },
		      { "late_max_us", " and begins at most ", " late" } };
	cleanup_buf struct buf line = BUF_INIT(1024);
	char text[32];

	buf_printf(&line, "%s ticks, %s overruns", format_count(json_object_get(self, "ticks")).s,
		   format_count(json_object_get(self, "overruns")).s);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		double us = number_in(self, parts[i].key);

		if (!(us >= 0)) /* absent */
			continue;
		units_format_duration(llround(us * 1e3), text, sizeof(text));
		buf_printf(&line, "%s%s%s", parts[i].before, text, parts[i].after);
	}
	buf_puts(out, "  ");
	(void)text_wrap(out, style, 2, 2, buf_str(&line)); /* @out keeps a failure */
	buf_puts(out, "\n");
}

static void put_self(const json_t *r, const struct report_style *style, struct buf *out)
{
	const json_t *self = json_object_get(r, "self");
	double cpu = number_in(self, "cpu_s"), duration = number_in(r, "duration_s");
	cleanup_buf struct buf costs = BUF_INIT(65536);
	json_t *p;
	size_t i;

	text_toned(out, style, TONE_BOLD, "profiler");
	buf_printf(out, "  CPU %s (%s of one core), RSS %s\n",
		   format_seconds(json_object_get(self, "cpu_s")).s, format_ratio(cpu, duration).s,
		   format_size(json_object_get(self, "rss_max_bytes")).s);
	put_ticks(self, style, out);
	json_array_foreach(json_object_get(self, "probes"), i, p) {
		const char *program = text_in(p, "program");

		if (isnan(program_ns(p)) || number_in(p, "run_ns") <= 0)
			continue;
		buf_printf(&costs, "%s%s %.0f ns x %s",
			   costs.len ? ", " : "per event: ", program ? program : "?", program_ns(p),
			   format_count(json_object_get(p, "runs")).s);
	}
	if (costs.len) {
		buf_puts(out, "  ");
		(void)text_wrap(out, style, 2, 2, buf_str(&costs)); /* @out keeps a failure */
		buf_puts(out, "\n");
	}
	buf_puts(out, "\n");
}

int report_text(const json_t *report, const struct report_style *style, struct buf *out)
{
	json_t *t;
	size_t i;

	put_header(report, style, out);
	json_array_foreach(json_object_get(report, "targets"), i, t)
		if (is_own_target(t))
			(void)text_target(t, style, out); /* @out keeps the failure */
	(void)text_findings(report, style, out); /* as above */
	(void)text_accounting(report, style, out); /* as above */
	(void)text_sharing(report, style, out); /* as above */
	put_expect(report, style, out);
	put_losses(report, style, out);
	(void)text_profile_gap(report, style, out); /* as above */
	put_self(report, style, out);
	text_toned(out, style, TONE_DIM,
		   text_in(report, "database") ? text_in(report, "database") : "");
	return buf_puts(out, "\n");
}

int report_text_findings(const json_t *report, const struct report_style *style, struct buf *out)
{
	put_header(report, style, out);
	return text_findings(report, style, out);
}
