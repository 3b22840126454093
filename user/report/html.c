// SPDX-License-Identifier: Apache-2.0
/* The report as one HTML file that needs nothing else: no script, no network. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "report/format.h"
#include "report/html_parts.h"
#include "report/report.h"
#include "report/text_parts.h"

/* Light and dark. */
static const char style[] =
	":root{color-scheme:light dark;--fg:#1a1d21;--bg:#fff;--dim:#616970;--line:#d8dce0;"
	"--bad:#b3261e;--good:#1a7f37;--queue:#8250df;--device:#0969da;--total:#57606a;"
	"--user:#f7c27f;--kernel:#9cc7f5;--task:#d8dce0}\n"
	"@media(prefers-color-scheme:dark){:root{--fg:#e6e8eb;--bg:#15181c;--dim:#9aa3ab;"
	"--line:#33393f;--bad:#ff8a80;--good:#57d364;--queue:#bc8cff;--device:#58a6ff;"
	"--total:#9aa3ab;--user:#7d4b10;--kernel:#1f4f7d;--task:#3a4149}}\n"
	"body{font:15px/1.45 system-ui,sans-serif;color:var(--fg);background:var(--bg);"
	"max-width:64rem;margin:0 auto;padding:1rem}\n"
	"h1{font-size:1.4rem;margin:.4rem 0}h2{font-size:1.15rem;margin:1.6rem 0 .3rem;"
	"border-top:1px solid var(--line);padding-top:.8rem}h3{font-size:1rem;margin:1rem 0 "
	".2rem}\n"
	"small,.dim{color:var(--dim);font-weight:normal}.bad{color:var(--bad)}"
	".good{color:var(--good)}p{margin:.2rem 0}\n"
	"table{border-collapse:collapse;margin:.3rem 0;font-variant-numeric:tabular-nums}"
	"td,th{padding:.1rem .8rem .1rem 0;text-align:left;border-bottom:1px solid var(--line);"
	"vertical-align:top;overflow-wrap:anywhere}\n"
	"th{color:var(--dim);font-weight:normal}.n{text-align:right;white-space:nowrap}\n"
	"section{overflow-x:auto}svg{display:block;max-width:100%;height:auto;margin:.4rem 0}"
	"svg text{font-size:11px;fill:var(--dim)}svg line{stroke:var(--line)}\n"
	".queue rect{fill:var(--queue)}.device rect{fill:var(--device)}"
	".total rect{fill:var(--total)}summary{cursor:pointer;color:var(--dim)}\n"
	".user{fill:var(--user);background:var(--user)}"
	".kernel{fill:var(--kernel);background:var(--kernel)}"
	".task{fill:var(--task);background:var(--task)}\n"
	".flame{min-width:44rem}.flame rect{stroke:var(--bg);stroke-width:.6}"
	".flame text{font:11px ui-monospace,monospace;fill:var(--fg);pointer-events:none}"
	".legend span{color:var(--fg);padding:0 .5rem;margin-right:.4rem}\n";

static const char *const ops[] = { "read", "write", "discard" };

int html_bytes(struct buf *out, const char *text, size_t len)
{
	for (const char *p = text; p < text + len; p++) {
		switch (*p) {
		case '&': buf_puts(out, "&amp;"); break;
		case '<': buf_puts(out, "&lt;"); break;
		case '>': buf_puts(out, "&gt;"); break;
		case '"': buf_puts(out, "&quot;"); break;
		case '\'': buf_puts(out, "&#39;"); break;
		default:
			/* HTML has no way to write control characters. */
			buf_put(out, (unsigned char)*p < 0x20 && *p != '\n' ? "?" : p, 1);
		}
	}
	return out->failed;
}

int html_text(struct buf *out, const char *text)
{
	return html_bytes(out, text ? text : "", text ? strlen(text) : 0);
}

int html_cell(struct buf *out, int number, const char *text)
{
	buf_puts(out, number ? "<td class=\"n\">" : "<td>");
	html_text(out, text);
	return buf_puts(out, "</td>");
}

int html_head(struct buf *out, const char *const *cells)
{
	buf_puts(out, "<tr>");
	for (int i = 0; cells[i]; i++) {
		buf_puts(out, i ? "<th class=\"n\">" : "<th>");
		html_text(out, cells[i]);
		buf_puts(out, "</th>");
	}
	return buf_puts(out, "</tr>\n");
}

static void put_header(struct buf *out, const json_t *r)
{
	const char *status = text_in(r, "status"), *name;
	const json_t *host = json_object_get(r, "host");
	bool ok = status && (!strcmp(status, "ok") || !strcmp(status, "running"));
	cleanup_buf struct buf axes = BUF_INIT(8192);
	json_t *backend;

	buf_puts(out, "<h1>");
	html_text(out, text_in(r, "id"));
	buf_printf(out, " <span class=\"%s\">", ok ? "good" : "bad");
	html_text(out, status);
	buf_puts(out, "</span></h1>\n");
	put_axes(&axes, json_object_get(r, "axes"));
	if (axes.len) {
		buf_puts(out, "<p>");
		html_text(out, buf_str(&axes));
		buf_puts(out, "</p>\n");
	}
	buf_puts(out, "<p class=\"dim\">");
	html_text(out, text_in(r, "started"));
	buf_printf(out, ", %s, on ", format_seconds(json_object_get(r, "duration_s")).s);
	html_text(out, text_in(host, "hostname"));
	buf_puts(out, ", Linux ");
	html_text(out, text_in(host, "kernel"));
	buf_puts(out, ", runtime ");
	html_text(out, text_in(r, "runtime"));
	buf_printf(out, ", a tick each %s", format_ns(json_object_get(r, "interval_ns")).s);
	json_object_foreach(json_object_get(r, "backends"), name, backend) {
		buf_puts(out, ", ");
		html_text(out, name);
		buf_puts(out, " by ");
		html_text(out, json_string_value(backend));
	}
	buf_puts(out, "</p>\n");
}

static void put_expect(struct buf *out, const json_t *r)
{
	json_t *v;
	size_t i;

	if (!json_array_size(json_object_get(r, "expect")))
		return;
	buf_puts(out, "<section><h2>Expected</h2>\n<table>");
	json_array_foreach(json_object_get(r, "expect"), i, v) {
		bool ok = json_is_true(json_object_get(v, "ok"));
		const json_t *actual = json_object_get(v, "actual");

		buf_printf(out, "<tr><td class=\"%s\">%s</td>", ok ? "good" : "bad",
			   ok ? "ok" : "FAIL");
		html_cell(out, 0, text_in(v, "expr"));
		html_cell(out, 1, json_is_number(actual) ? format_real(actual).s : "no such value");
		buf_puts(out, "</tr>\n");
	}
	buf_puts(out, "</table></section>\n");
}

static void put_findings(struct buf *out, const json_t *r)
{
	json_t *f;
	size_t i;

	if (!json_array_size(json_object_get(r, "findings")))
		return;
	buf_puts(out, "<section><h2>Findings</h2>\n<table>");
	json_array_foreach(json_object_get(r, "findings"), i, f) {
		buf_puts(out, "<tr>");
		html_cell(out, 0, text_in(f, "severity"));
		html_cell(out, 0, text_in(f, "target"));
		html_cell(out, 0, text_in(f, "text"));
		html_cell(out, 0, text_in(f, "advice"));
		buf_puts(out, "</tr>\n");
	}
	buf_puts(out, "</table></section>\n");
}

static void put_identity_row(struct buf *out, const char *name, const json_t *object,
			     const char *key)
{
	buf_puts(out, "<tr>");
	html_cell(out, 0, name);
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++)
		html_cell(out, 1,
			  format_size(json_object_get(json_object_get(object, ops[i]), key)).s);
	buf_puts(out, "</tr>\n");
}

/* "loop0 /data/disk.img (stacked on vda)" */
static void put_device_name(struct buf *out, const json_t *d)
{
	cleanup_buf struct buf on = BUF_INIT(8192);

	html_text(out, text_in(d, "name"));
	if (text_in(d, "label")) {
		buf_puts(out, " ");
		html_text(out, text_in(d, "label"));
	}
	if (!json_is_true(json_object_get(d, "stacked")))
		return;
	(void)put_leaves(&on, d); /* too long: cut */
	buf_puts(out, " (stacked");
	html_text(out, buf_str(&on));
	buf_puts(out, ")");
}

static void put_device(struct buf *out, const json_t *d)
{
	json_t *o;
	size_t i;

	buf_puts(out, "<table><tr><th>");
	put_device_name(out, d);
	buf_puts(out, "</th><th class=\"n\">read</th><th class=\"n\">write</th>"
		      "<th class=\"n\">discard</th></tr>\n");
	json_array_foreach(json_object_get(d, "owners"), i, o)
		put_identity_row(out, text_in(o, "target"), o, "bytes");
	put_identity_row(out, "sum", d, "bytes");
	put_identity_row(out, "/proc/diskstats", d, "kernel_bytes");
	put_identity_row(out, "residual", d, "residual_bytes");
	buf_puts(out, "</table>\n");
}

static void put_accounting(struct buf *out, const json_t *r)
{
	json_t *d;
	size_t i;

	buf_puts(out, "<section><h2>Accounting <small>every owner's bytes against the kernel's own "
		      "counters</small></h2>\n");
	json_array_foreach(json_object_get(r, "devices"), i, d)
		put_device(out, d);
	buf_puts(out, "</section>\n");
}

static void put_losses(struct buf *out, const json_t *r)
{
	cleanup_buf struct buf gap = BUF_INIT(1024);
	json_t *l;
	size_t i;

	buf_puts(out, "<section><h2>Losses</h2>\n");
	(void)put_profile_gap(&gap, r); /* it fits */
	if (gap.len)
		buf_printf(out, "<p>Profile: %s</p>\n", gap.data);
	if (!json_array_size(json_object_get(r, "losses"))) {
		buf_puts(out, "<p>none</p></section>\n");
		return;
	}
	buf_puts(out, "<table>");
	json_array_foreach(json_object_get(r, "losses"), i, l) {
		buf_puts(out, "<tr>");
		html_cell(out, 0, text_in(l, "what"));
		html_cell(out, 1, format_count(json_object_get(l, "count")).s);
		html_cell(out, 0, text_in(l, "reason"));
		buf_puts(out, "</tr>\n");
	}
	buf_puts(out, "</table></section>\n");
}

static void put_self(struct buf *out, const json_t *r)
{
	static const char *const head[] = { "program", "runs", "each", NULL };
	const json_t *self = json_object_get(r, "self");
	json_t *p;
	size_t i;

	buf_printf(out,
		   "<section><h2>Profiler</h2>\n<p>CPU %s (%s of one core), RSS %s, %s ticks, %s "
		   "overruns</p>\n",
		   format_seconds(json_object_get(self, "cpu_s")).s,
		   format_ratio(number_in(self, "cpu_s"), number_in(r, "duration_s")).s,
		   format_size(json_object_get(self, "rss_max_bytes")).s,
		   format_count(json_object_get(self, "ticks")).s,
		   format_count(json_object_get(self, "overruns")).s);
	if (json_array_size(json_object_get(self, "probes"))) {
		buf_puts(out, "<table>");
		html_head(out, head);
		json_array_foreach(json_object_get(self, "probes"), i, p) {
			json_t *each =
				json_real(number_in(p, "runs") > 0
						  ? number_in(p, "run_ns") / number_in(p, "runs")
						  : -1);

			buf_puts(out, "<tr>");
			html_cell(out, 0, text_in(p, "program"));
			html_cell(out, 1, format_count(json_object_get(p, "runs")).s);
			html_cell(out, 1, format_ns(each).s);
			buf_puts(out, "</tr>\n");
			json_decref(each);
		}
		buf_puts(out, "</table>");
	}
	buf_puts(out, "</section>\n");
}

#define FLAMES_MAX (24u << 20) /* bytes of all flame graphs: a report is to be opened */

/* Of each one. */
static size_t flame_max(const json_t *report)
{
	size_t i, n = 0;
	json_t *t;

	json_array_foreach(json_object_get(report, "targets"), i, t)
		n += json_object_get(t, "profile") != NULL;
	return FLAMES_MAX / (n + !n);
}

int report_html(const json_t *report, struct buf *out)
{
	const size_t most = flame_max(report);
	json_t *t;
	size_t i;

	buf_puts(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
		      "<meta name=\"viewport\" content=\"width=device-width\">\n"
		      "<meta http-equiv=\"Content-Security-Policy\" "
		      "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<title>cbpf ");
	html_text(out, text_in(report, "id"));
	buf_printf(out, "</title>\n<style>\n%s</style></head><body>\n", style);
	put_header(out, report);
	put_expect(out, report);
	put_findings(out, report);
	json_array_foreach(json_object_get(report, "targets"), i, t)
		if (is_own_target(t))
			(void)html_target(out, t, most); /* @out keeps the failure */
	put_accounting(out, report);
	(void)html_sharing(out, report); /* @out keeps the failure */
	put_losses(out, report);
	put_self(out, report);
	buf_puts(out, "<p class=\"dim\">");
	html_text(out, text_in(report, "database"));
	return buf_puts(out, "</p>\n</body></html>\n");
}
