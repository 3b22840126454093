// SPDX-License-Identifier: Apache-2.0
/* One target in the HTML report. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "report/format.h"
#include "report/html_parts.h"
#include "report/ranks.h"

static const char *const ops[] = { "read", "write", "flush", "discard", "other" };

static void put_title(struct buf *out, const json_t *t)
{
	const char *state = text_in(t, "state"), *failure = text_in(t, "failure");
	const json_t *exit_code = json_object_get(t, "exit_code");

	buf_puts(out, "<h2>");
	html_text(out, text_in(t, "name"));
	buf_puts(out, " <small>");
	html_text(out, text_in(t, "kind"));
	if (text_in(t, "image")) {
		buf_puts(out, " ");
		html_text(out, text_in(t, "image"));
	}
	if (json_is_number(json_object_get(t, "duration_s")))
		buf_printf(out, ", ran %s", format_seconds(json_object_get(t, "duration_s")).s);
	if (json_is_integer(exit_code)) {
		buf_printf(out, ", exit %d", (int)json_integer_value(exit_code));
	} else if (state) {
		buf_puts(out, ", ");
		html_text(out, state);
	}
	buf_puts(out, "</small></h2>\n");
	if (failure) {
		buf_puts(out, "<p class=\"bad\">");
		html_text(out, failure);
		buf_puts(out, "</p>\n");
	}
}

static void put_result(struct buf *out, const json_t *r)
{
	char name[160];

	result_name(r, name, sizeof(name));
	buf_puts(out, "<tr>");
	html_cell(out, 0, name);
	html_cell(out, 0, text_in(r, "binary") ? text_in(r, "binary") : text_in(r, "tool"));
	html_cell(out, 1, format_count(json_object_get(r, "iteration")).s);
	html_cell(out, 1, format_real(json_object_get(r, "bw_mib_s")).s);
	html_cell(out, 1, format_real(json_object_get(r, "iops")).s);
	html_cell(out, 1, format_size(json_object_get(r, "bytes")).s);
	html_cell(out, 1, format_seconds(json_object_get(r, "total_s")).s);
	buf_puts(out, "</tr>\n");
}

static void put_results(struct buf *out, const json_t *t)
{
	static const char *const head[] = { "operation", "tool",  "#",	  "MiB/s",
					    "IOPS",	 "moved", "time", NULL };
	const json_t *results = json_object_get(t, "results");
	size_t i, n = 0;
	json_t *r;

	json_array_foreach(results, i, r) {
		const char *status = text_in(r, "status");

		if (text_in(r, "op")) {
			if (!n++) {
				buf_puts(out, "<h3>What the tool said</h3>\n<table>");
				html_head(out, head);
			}
			put_result(out, r);
		}
		if (status && strcmp(status, "ok") && !text_in(r, "op")) {
			buf_puts(out, "<p class=\"bad\">");
			html_text(out, text_in(r, "tool"));
			buf_puts(out, " ");
			html_text(out, status);
			buf_puts(out, ": ");
			html_text(out, text_in(r, "message"));
			buf_puts(out, "</p>\n");
		}
	}
	if (n)
		buf_puts(out, "</table>\n");
}

static void put_ranks(struct buf *out, const json_t *t)
{
	cleanup_buf struct buf text = BUF_INIT(64 << 10);

	if (ranks_text(t, &text) || !text.len)
		return;
	buf_puts(out, "<p>Ranks: ");
	html_text(out, buf_str(&text));
	buf_puts(out, "</p>\n");
}

static void put_latency(struct buf *out, const json_t *o)
{
	static const struct {
		const char *key, *name;
	} layers[] = { { "queue_ns", "queue" },
		       { "device_ns", "device" },
		       { "total_ns", "total" } };
	static const char *const head[] = { "latency", "count", "mean", "p50", "p90",
					    "p99",     "p99.9", "max",	NULL };
	static const char *const keys[] = { "mean", "p50", "p90", "p99", "p999", "max" };

	buf_puts(out, "<table>");
	html_head(out, head);
	for (size_t i = 0; i < ARRAY_SIZE(layers); i++) {
		const json_t *h = json_object_get(o, layers[i].key);

		if (!h)
			continue;
		buf_puts(out, "<tr>");
		html_cell(out, 0, layers[i].name);
		html_cell(out, 1, format_count(json_object_get(h, "count")).s);
		for (size_t k = 0; k < ARRAY_SIZE(keys); k++)
			html_cell(out, 1, format_ns(json_object_get(h, keys[k])).s);
		buf_puts(out, "</tr>\n");
	}
	buf_puts(out, "</table>\n");
}

static void put_operation(struct buf *out, const json_t *t, const char *device, const char *op,
			  const json_t *o)
{
	double active_s = number_in(o, "active_ns") / 1e9;
	const json_t *said =
		json_object_get(json_object_get(json_object_get(t, "application"), op), "bytes");

	buf_puts(out, "<h3>");
	html_text(out, device);
	buf_printf(out, " %s%s</h3>\n<p>%s requests, %s, %s IOPS, %s MB/s while active, %s errors",
		   op, json_is_true(json_object_get(o, "stacked")) ? " (stacked)" : "",
		   format_count(json_object_get(o, "ios")).s,
		   format_size(json_object_get(o, "bytes")).s,
		   format_rate(number_in(o, "ios") / active_s).s,
		   format_rate(number_in(o, "bytes") / 1e6 / active_s).s,
		   format_count(json_object_get(o, "errors")).s);
	if (said)
		buf_printf(out, "; the tool says it moved %s", format_size(said).s);
	buf_puts(out, "</p>\n");
	put_latency(out, o);
	html_histograms(out, o);
}

/* Several disks together, each byte once. */
static void put_totals(struct buf *out, const json_t *t)
{
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
		const json_t *o = json_object_get(json_object_get(t, "block_total"), ops[i]);

		if (number_in(o, "devices") > 1)
			buf_printf(out,
				   "<h3>all disks %s</h3>\n<p>%s requests, %s, %s errors</p>\n",
				   ops[i], format_count(json_object_get(o, "ios")).s,
				   format_size(json_object_get(o, "bytes")).s,
				   format_count(json_object_get(o, "errors")).s);
	}
}

static void put_attribution(struct buf *out, const json_t *t)
{
	const char *reason = text_in(t, "attribution_reason");
	const char *writeback = text_in(t, "writeback");

	if (reason) {
		buf_puts(out, "<p class=\"bad\">Owner of block I/O: ");
		html_text(out, text_in(t, "attribution"));
		buf_puts(out, ": ");
		html_text(out, reason);
		buf_puts(out, "</p>\n");
	}
	if (writeback) {
		buf_puts(out, "<p>Buffered writeback is ");
		html_text(out, writeback);
		buf_puts(out, "</p>\n");
	}
}

/* Every metric by its name: the report's own contract, readable enough. */
static void put_cgroup(struct buf *out, const json_t *cgroup)
{
	const char *key;
	json_t *v;

	if (!json_object_size(cgroup))
		return;
	buf_puts(out, "<details><summary>cgroup counters</summary><table>");
	json_object_foreach((json_t *)cgroup, key, v) {
		size_t len = strlen(key);

		buf_puts(out, "<tr>");
		html_cell(out, 0, key);
		html_cell(out, 1,
			  json_is_string(v)				? json_string_value(v)
			  : len > 3 && !strcmp(key + len - 3, "_ns")	? format_ns(v).s
			  : len > 6 && !strcmp(key + len - 6, "_bytes") ? format_size(v).s
									: format_real(v).s);
		buf_puts(out, "</tr>\n");
	}
	buf_puts(out, "</table></details>\n");
}

static void put_usage(struct buf *out, const json_t *cg)
{
	if (!isnan(number_in(cg, "cpu_usage_ns"))) {
		buf_printf(out, "<p>CPU %s", format_ns(json_object_get(cg, "cpu_usage_ns")).s);
		if (!isnan(number_in(cg, "cpu_cores")))
			buf_printf(out, ", %.2f cores", number_in(cg, "cpu_cores"));
		if (number_in(cg, "cpu_throttled_ns") > 0)
			buf_printf(out, ", throttled %s",
				   format_ns(json_object_get(cg, "cpu_throttled_ns")).s);
		buf_puts(out, "</p>\n");
	}
	if (!isnan(number_in(cg, "memory_max_bytes")))
		buf_printf(out, "<p>Memory %s at most, limit %s</p>\n",
			   format_size(json_object_get(cg, "memory_max_bytes")).s,
			   isnan(number_in(cg, "memory_limit_bytes"))
				   ? "none"
				   : format_size(json_object_get(cg, "memory_limit_bytes")).s);
}

static void put_rdt(struct buf *out, const json_t *rdt)
{
	const json_t *domains = json_object_get(rdt, "domains"), *d;
	size_t i;

	if (!json_array_size(domains))
		return;
	buf_puts(out, "<table><tr><th>L3 cache</th><th>occupancy at most</th><th>mean</th>"
		      "<th>to and from memory</th><th>of it local</th><th>ways</th>"
		      "<th>MB</th></tr>\n");
	json_array_foreach((json_t *)domains, i, d) {
		buf_puts(out, "<tr>");
		html_cell(out, 0, format_count(json_object_get(d, "domain")).s);
		html_cell(out, 1, format_size(json_object_get(d, "llc_occupancy_max_bytes")).s);
		html_cell(out, 1, format_size(json_object_get(d, "llc_occupancy_mean_bytes")).s);
		html_cell(out, 1, format_size(json_object_get(d, "mbm_total_bytes")).s);
		html_cell(out, 1, format_size(json_object_get(d, "mbm_local_bytes")).s);
		html_cell(out, 1, format_count(json_object_get(d, "l3_ways")).s);
		html_cell(out, 1, format_count(json_object_get(d, "mba")).s);
		buf_puts(out, "</tr>\n");
	}
	buf_puts(out, "</table>\n");
}

int html_target(struct buf *out, const json_t *target, size_t flame_max)
{
	const char *device;
	json_t *of_device;

	buf_puts(out, "<section>");
	put_title(out, target);
	put_results(out, target);
	put_ranks(out, target);
	html_phases(out, target);
	json_object_foreach(json_object_get(target, "block"), device, of_device) {
		for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
			const json_t *o = json_object_get(of_device, ops[i]);

			if (o)
				put_operation(out, target, device, ops[i], o);
		}
	}
	put_totals(out, target);
	html_vfs(out, target);
	html_tasks(out, target);
	html_profile(out, target, flame_max);
	put_attribution(out, target);
	put_usage(out, json_object_get(target, "cgroup"));
	put_rdt(out, json_object_get(target, "rdt"));
	put_cgroup(out, json_object_get(target, "cgroup"));
	return buf_puts(out, "</section>\n");
}
