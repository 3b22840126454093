// SPDX-License-Identifier: Apache-2.0
/* The report as a person reads it in a terminal. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
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
	json_t *backend;
	size_t n = 0;

	text_toned(out, style, TONE_BOLD, text_in(r, "id") ? text_in(r, "id") : "?");
	buf_puts(out, "  ");
	text_toned(out, style, tone_of(status ? status : "?"), status ? status : "?");
	buf_puts(out, "\n");
	text_put(out, text_in(r, "started") ? text_in(r, "started") : "?");
	buf_printf(out, ", %s", format_seconds(json_object_get(r, "duration_s")).s);
	put_host(json_object_get(r, "host"), out);
	buf_puts(out, "\n");
	text_put(out, text_in(r, "runtime") ? text_in(r, "runtime") : "no runtime");
	buf_printf(out, ", a tick each %s", format_ns(json_object_get(r, "interval_ns")).s);
	json_object_foreach(json_object_get(r, "backends"), name, backend)
	{
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

	json_array_foreach(json_object_get(r, "expect"), i, v)
	{
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
			buf_printf(out, "  (%.10g)\n", json_number_value(actual));
		else
			buf_puts(out, "  (no such value)\n");
	}
	if (json_array_size(json_object_get(r, "expect")))
		buf_puts(out, "\n");
}

static void put_findings(const json_t *r, const struct report_style *style, struct buf *out)
{
	json_t *f;
	size_t i;

	json_array_foreach(json_object_get(r, "findings"), i, f)
	{
		const char *severity = text_in(f, "severity"), *target = text_in(f, "target");
		const char *advice = text_in(f, "advice"), *text = text_in(f, "text");

		if (!i) {
			text_toned(out, style, TONE_BOLD, "findings");
			buf_puts(out, "\n");
		}
		buf_puts(out, "  ");
		text_toned(out, style,
			   severity && !strcmp(severity, "error") ? TONE_BAD : TONE_WARN,
			   severity ? severity : "?");
		buf_puts(out, " ");
		text_put(out, target ? target : "run");
		buf_puts(out, ": ");
		text_put(out, text ? text : "");
		buf_puts(out, "\n");
		if (advice) {
			buf_puts(out, "    ");
			text_put(out, advice);
			buf_puts(out, "\n");
		}
	}
	if (json_array_size(json_object_get(r, "findings")))
		buf_puts(out, "\n");
}

static void put_losses(const json_t *r, const struct report_style *style, struct buf *out)
{
	const json_t *losses = json_object_get(r, "losses");
	struct table t = { .align = "lrl", .indent = 2 };
	json_t *l;
	size_t i;

	text_toned(out, style, TONE_BOLD, "losses");
	buf_puts(out, json_array_size(losses) ? "\n" : "  none\n");
	json_array_foreach(losses, i, l)
	{
		table_add(&t, "%s", text_in(l, "what") ? text_in(l, "what") : "?");
		table_add(&t, "%s", format_count(json_object_get(l, "count")).s);
		table_add(&t, "%s", text_in(l, "reason") ? text_in(l, "reason") : "");
	}
	(void)table_print(&t, style, out); /* @out keeps the failure */
	table_fini(&t);
	buf_puts(out, "\n");
}

/* Mean time of one run of a program; NAN when the kernel does not keep it. */
static double program_ns(const json_t *p)
{
	double runs = number_in(p, "runs");

	return runs > 0 ? number_in(p, "run_ns") / runs : NAN;
}

static void put_self(const json_t *r, const struct report_style *style, struct buf *out)
{
	const json_t *self = json_object_get(r, "self");
	double cpu = number_in(self, "cpu_s"), duration = number_in(r, "duration_s");
	size_t i, n = 0;
	json_t *p;

	text_toned(out, style, TONE_BOLD, "profiler");
	buf_printf(out, "  CPU %s (%s of one core), RSS %s\n",
		   format_seconds(json_object_get(self, "cpu_s")).s, format_ratio(cpu, duration).s,
		   format_size(json_object_get(self, "rss_max_bytes")).s);
	buf_printf(out, "  %s ticks, %s overruns", format_count(json_object_get(self, "ticks")).s,
		   format_count(json_object_get(self, "overruns")).s);
	if (!isnan(number_in(self, "sweep_mean_us")))
		buf_printf(out, ", a sweep takes %.0f us (max %.0f), begins at most %.0f us late",
			   number_in(self, "sweep_mean_us"), number_in(self, "sweep_max_us"),
			   number_in(self, "late_max_us"));
	buf_puts(out, "\n");
	json_array_foreach(json_object_get(self, "probes"), i, p)
	{
		if (isnan(program_ns(p)) || number_in(p, "run_ns") <= 0)
			continue;
		buf_puts(out, n++ ? ", " : "  per event: ");
		text_put(out, text_in(p, "program") ? text_in(p, "program") : "?");
		buf_printf(out, " %.0f ns x %s", program_ns(p),
			   format_count(json_object_get(p, "runs")).s);
	}
	buf_puts(out, n ? "\n\n" : "\n");
}

int report_text(const json_t *report, const struct report_style *style, struct buf *out)
{
	json_t *t;
	size_t i;

	put_header(report, style, out);
	json_array_foreach(json_object_get(report, "targets"), i, t) if (is_own_target(t))(void)
		text_target(t, style, out); /* @out keeps the failure */
	put_findings(report, style, out);
	(void)text_accounting(report, style, out); /* as above */
	put_expect(report, style, out);
	put_losses(report, style, out);
	put_self(report, style, out);
	text_toned(out, style, TONE_DIM,
		   text_in(report, "database") ? text_in(report, "database") : "");
	return buf_puts(out, "\n");
}
