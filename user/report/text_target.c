// SPDX-License-Identifier: Apache-2.0
/* One target in a terminal: what its tools said beside what the kernel saw. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/units.h"
#include "report/format.h"
#include "report/ranks.h"
#include "report/report.h"
#include "report/spark.h"
#include "report/table.h"
#include "report/text_parts.h"

#define SPARK_WANTED 24
#define SPARK_LEAST 15 /* holds its heading */
#define LATENCY_WIDTH                                                                              \
	(2 + 1 + 6 + 5 * (1 + 7) + 1) /* of the latency table without label and spark */

static const char *const ops[] = { "read", "write", "flush", "discard", "other" };
static const struct {
	const char *key, *name;
} layers[] = { { "queue_ns", "queue" }, { "device_ns", "device" }, { "total_ns", "total" } };

bool is_own_target(const json_t *target)
{
	const char *kind = text_in(target, "kind");

	return kind && (!strcmp(kind, "container") || !strcmp(kind, "workload"));
}

static void put_title(const json_t *t, const struct report_style *style, struct buf *out)
{
	const json_t *exit_code = json_object_get(t, "exit_code");
	const char *image = text_in(t, "image"), *failure = text_in(t, "failure"),
		   *state = text_in(t, "state");
	const char *name = text_in(t, "name"), *kind = text_in(t, "kind");

	text_toned(out, style, TONE_BOLD, name ? name : "?");
	buf_puts(out, "  ");
	text_put(out, kind ? kind : "");
	if (image) {
		buf_puts(out, " ");
		text_put(out, image);
	}
	if (json_is_number(json_object_get(t, "duration_s")))
		buf_printf(out, ", ran %s", format_seconds(json_object_get(t, "duration_s")).s);
	if (json_is_integer(exit_code))
		buf_printf(out, ", exit %d", (int)json_integer_value(exit_code));
	else if (state)
		buf_printf(out, ", %s", state);
	buf_puts(out, "\n");
	if (failure) {
		buf_puts(out, "  ");
		text_toned(out, style, TONE_BAD, failure);
		buf_puts(out, "\n");
	}
}

/* "ior 4.0.0 (cbpf-ior)" */
static void put_tool(const json_t *result, char *text, size_t size)
{
	const char *tool = text_in(result, "tool"), *version = text_in(result, "version");
	const char *binary = text_in(result, "binary");

	snprintf(text, size, "%s%s%s%s%s%s", tool ? tool : "result", version ? " " : "",
		 version ? version : "", binary ? " (" : "", binary ? binary : "",
		 binary ? ")" : "");
}

static void put_results(const json_t *t, const struct report_style *style, struct buf *out)
{
	struct table table = { .align = "lrrrrr", .heading = true, .indent = 2 };
	const json_t *results = json_object_get(t, "results");
	json_t *r;
	size_t i;

	json_array_foreach(results, i, r) {
		const char *message = text_in(r, "message"), *status = text_in(r, "status");
		const char *op = text_in(r, "op");
		char tool[128];

		put_tool(r, tool, sizeof(tool));
		if (op && !table.n) {
			table_add(&table, "%s", tool);
			for (const char *const *h = (const char *const[]){ "#", "MiB/s", "IOPS",
									   "moved", "time", NULL };
			     *h; h++)
				table_add(&table, "%s", *h);
		}
		if (op) {
			char name[160];

			result_name(r, name, sizeof(name));
			table_add(&table, "%s", name);
			table_add(&table, "%s", format_count(json_object_get(r, "iteration")).s);
			table_add(&table, "%s", format_real(json_object_get(r, "bw_mib_s")).s);
			table_add(&table, "%s", format_real(json_object_get(r, "iops")).s);
			table_add(&table, "%s", format_size(json_object_get(r, "bytes")).s);
			table_add(&table, "%s", format_seconds(json_object_get(r, "total_s")).s);
		}
		if (status && strcmp(status, "ok") && (!i || message)) {
			buf_printf(out, "  ");
			text_toned(out, style, TONE_BAD, tool);
			buf_puts(out, " ");
			text_toned(out, style, TONE_BAD, status);
			if (message) {
				buf_puts(out, ": ");
				text_put(out, message);
			}
			buf_puts(out, "\n");
		}
	}
	(void)table_print(&table, style, out); /* @out keeps the failure */
	table_fini(&table);
}

/* Where a workload's ranks ran, or whose ran here. */
static void put_ranks(const json_t *t, const struct report_style *style, struct buf *out)
{
	cleanup_buf struct buf text = BUF_INIT(64 << 10);

	if (ranks_text(t, &text) || !text.len)
		return;
	buf_puts(out, "  ranks     ");
	(void)text_wrap(out, style, 12, 12, buf_str(&text)); /* @out keeps the failure */
	buf_puts(out, "\n");
}

/* Calls @fn for each device and operation, leaves before what is stacked on them. */
struct block_walk {
	void (*fn)(struct block_walk *w, const char *device, const char *op, const json_t *o);
	const json_t *target;
	const struct report_style *style;
	struct table *table;
	struct spark_axis axis;
	size_t label; /* width of the widest "device op" */
	size_t spark; /* width of histograms */
};

static void walk(struct block_walk *w)
{
	for (int stacked = 0; stacked <= 1; stacked++) {
		const char *device;
		json_t *of_device;

		json_object_foreach(json_object_get(w->target, "block"), device, of_device) {
			for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
				const json_t *o = json_object_get(of_device, ops[i]);

				if (o && json_is_true(json_object_get(o, "stacked")) == stacked)
					w->fn(w, device, ops[i], o);
			}
		}
	}
}

static void add_counts(struct block_walk *w, const char *device, const char *op, const json_t *o)
{
	const json_t *said =
		json_object_get(json_object_get(json_object_get(w->target, "application"), op),
				"bytes");
	double active_s = number_in(o, "active_ns") / 1e9;
	bool stacked = json_is_true(json_object_get(o, "stacked"));

	table_add(w->table, "%s %s%s", device, op, stacked ? " (stacked)" : "");
	table_add(w->table, "%s", format_count(json_object_get(o, "ios")).s);
	table_add(w->table, "%s", format_size(json_object_get(o, "bytes")).s);
	table_add(w->table, "%s", format_size(said).s);
	table_add(w->table, "%s", format_rate(number_in(o, "ios") / active_s).s);
	table_add(w->table, "%s", format_rate(number_in(o, "bytes") / 1e6 / active_s).s);
	table_add(w->table, "%s", format_count(json_object_get(o, "errors")).s);
}

/* Several disks together, each byte once: not what is stacked upon them. */
static void add_totals(struct table *t, const json_t *target)
{
	const json_t *total = json_object_get(target, "block_total");
	const json_t *app = json_object_get(target, "application");

	for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
		const json_t *o = json_object_get(total, ops[i]);
		const json_t *said = json_object_get(json_object_get(app, ops[i]), "bytes");

		if (!(number_in(o, "devices") > 1))
			continue;
		table_add(t, "all disks %s", ops[i]);
		table_add(t, "%s", format_count(json_object_get(o, "ios")).s);
		table_add(t, "%s", format_size(json_object_get(o, "bytes")).s);
		table_add(t, "%s", format_size(said).s);
		table_add(t, "-");
		table_add(t, "-");
		table_add(t, "%s", format_count(json_object_get(o, "errors")).s);
	}
}

static void include_hists(struct block_walk *w, const char *device, const char *op, const json_t *o)
{
	size_t label = text_width(device) + 1 + strlen(op);

	if (label > w->label)
		w->label = label;
	for (size_t i = 0; i < ARRAY_SIZE(layers); i++)
		spark_include(&w->axis, json_object_get(o, layers[i].key));
}

static void add_latency(struct block_walk *w, const char *device, const char *op, const json_t *o)
{
	static const char *const keys[] = { "p50", "p90", "p99", "p999", "max" };
	bool first = true;

	for (size_t i = 0; i < ARRAY_SIZE(layers); i++) {
		cleanup_buf struct buf spark = BUF_INIT(SPARK_MAX * 4);
		const json_t *h = json_object_get(o, layers[i].key);

		if (!h)
			continue;
		table_add(w->table, "%s%s%s", first ? device : "", first ? " " : "",
			  first ? op : "");
		table_add(w->table, "%s", layers[i].name);
		for (size_t k = 0; k < ARRAY_SIZE(keys); k++)
			table_add(w->table, "%s", format_ns(json_object_get(h, keys[k])).s);
		(void)spark_put(&spark, &w->axis, h, w->spark, w->style->unicode);
		table_add(w->table, "%s", buf_str(&spark));
		first = false;
	}
}

static void add_row(struct table *t, const char *const *cells)
{
	for (; *cells; cells++)
		table_add(t, "%s", *cells);
}

/* "17.7ms" */
static void squeezed(uint64_t ns, char *text, size_t size)
{
	char *to = text;

	units_format_duration(ns, text, size);
	for (const char *p = text; *p; p++)
		if (*p != ' ')
			*to++ = *p;
	*to = '\0';
}

static void put_block(const json_t *t, const struct report_style *style, struct buf *out)
{
	struct table counts = { .align = "lrrrrrr", .heading = true, .indent = 2 };
	struct table latency = { .align = "llrrrrrl", .heading = true, .indent = 2, .gap = 1 };
	struct block_walk w = { .fn = add_counts, .target = t, .style = style, .table = &counts };
	char low[32], high[32];
	int spare;

	if (!json_object_size(json_object_get(t, "block")))
		return;
	add_row(&counts, (const char *const[]){ "block layer", "ios", "bytes", "tool says", "IOPS",
						"MB/s", "errors", NULL });
	walk(&w);
	add_totals(&counts, t);
	(void)table_print(&counts, style, out); /* @out keeps the failure */
	w.fn = include_hists;
	walk(&w);
	w.fn = add_latency;
	w.table = &latency;
	spare = style->width > 0 ? style->width - (int)w.label - LATENCY_WIDTH : SPARK_WANTED;
	w.spark = spare < SPARK_LEAST ? SPARK_LEAST : spare > SPARK_WANTED ? SPARK_WANTED : spare;
	add_row(&latency,
		(const char *const[]){ "latency", "", "p50", "p90", "p99", "p99.9", "max", NULL });
	squeezed(w.axis.low, low, sizeof(low));
	squeezed(w.axis.high, high, sizeof(high));
	table_add(&latency, "%s..%s", low, high);
	walk(&w);
	if (w.axis.low)
		(void)table_print(&latency, style, out); /* as above */
	table_fini(&counts);
	table_fini(&latency);
}

/* How sure it is that the block rows are all of the target's I/O, and only its own. */
static void put_attribution(const json_t *t, const struct report_style *style, struct buf *out)
{
	const char *how = text_in(t, "attribution"), *reason = text_in(t, "attribution_reason");
	cleanup_buf struct buf text = BUF_INIT(2048);

	buf_printf(&text, "%s%s%s", how ? how : "", reason ? ": " : "", reason ? reason : "");
	if (text_in(t, "writeback"))
		buf_printf(&text, "%sbuffered writeback is %s", text.len ? "; " : "",
			   text_in(t, "writeback"));
	/* What holds for every sound run needs no line. */
	if (!text.len || (!reason && !text_in(t, "writeback")))
		return;
	buf_puts(out, "  owner     ");
	(void)text_wrap(out, style, 12, 12, buf_str(&text)); /* @out keeps the failure */
	buf_puts(out, "\n");
}

static void put_cpu(const json_t *cg, struct buf *out)
{
	double usage = number_in(cg, "cpu_usage_ns"), throttled = number_in(cg, "cpu_throttled_ns");
	/* Sampled by the timer tick where usage is exact: they need not add up to it. */
	double user = number_in(cg, "cpu_user_ns"), split = user + number_in(cg, "cpu_system_ns");

	if (isnan(usage))
		return;
	buf_printf(out, "  cpu       %s", format_ns(json_object_get(cg, "cpu_usage_ns")).s);
	if (!isnan(number_in(cg, "cpu_cores")))
		buf_printf(out, " = %.2f cores", number_in(cg, "cpu_cores"));
	if (split > 0)
		buf_printf(out, ", %s user, %s system", format_ratio(user, split).s,
			   format_ratio(split - user, split).s);
	if (throttled > 0)
		buf_printf(out, ", throttled %s",
			   format_ns(json_object_get(cg, "cpu_throttled_ns")).s);
	if (!isnan(number_in(cg, "cpu_limit_cores")))
		buf_printf(out, ", limit %.2f cores", number_in(cg, "cpu_limit_cores"));
	buf_puts(out, "\n");
}

/* Its part of L3 caches, what it moved between them and memory, and what its class may. */
static void put_rdt(const json_t *rdt, const struct report_style *style, struct buf *out)
{
	const json_t *most = json_object_get(rdt, "llc_occupancy_max_bytes"),
		     *total = json_object_get(rdt, "mbm_total_bytes"),
		     *local = json_object_get(rdt, "mbm_local_bytes");
	const char *class = text_in(rdt, "class"), *schemata = text_in(rdt, "schemata");
	cleanup_buf struct buf text = BUF_INIT(4096);

	if (most)
		buf_printf(&text, "L3 %s at most, %s mean", format_size(most).s,
			   format_size(json_object_get(rdt, "llc_occupancy_mean_bytes")).s);
	if (total)
		buf_printf(&text, "%s%s to and from memory", text.len ? "; " : "",
			   format_size(total).s);
	if (!isnan(number_in(rdt, "mbm_total_bytes_per_s")))
		buf_printf(&text, ", %s MB/s",
			   format_rate(number_in(rdt, "mbm_total_bytes_per_s") / 1e6).s);
	if (total && local && json_number_value(total) > 0)
		buf_printf(&text, ", %s local",
			   format_ratio(json_number_value(local), json_number_value(total)).s);
	if (class)
		buf_printf(&text, "%sclass %s", text.len ? "; " : "", class);
	if (schemata)
		buf_printf(&text, " (%s)", schemata);
	if (!text.len)
		return;
	for (char *c = text.data; *c; c++)
		if (*c == '\n')
			*c = ' ';
	buf_puts(out, "  rdt       ");
	(void)text_wrap(out, style, 12, 12, buf_str(&text)); /* @out keeps the failure */
	buf_puts(out, "\n");
}

static void put_memory(const json_t *cg, struct buf *out)
{
	if (isnan(number_in(cg, "memory_max_bytes")) && isnan(number_in(cg, "memory_peak_bytes")))
		return;
	buf_printf(out, "  memory    max %s sampled, peak %s, limit %s",
		   format_size(json_object_get(cg, "memory_max_bytes")).s,
		   format_size(json_object_get(cg, "memory_peak_bytes")).s,
		   isnan(number_in(cg, "memory_limit_bytes"))
			   ? "none"
			   : format_size(json_object_get(cg, "memory_limit_bytes")).s);
	if (number_in(cg, "memory_events_oom_kill") > 0)
		buf_printf(out, ", %s OOM kills",
			   format_count(json_object_get(cg, "memory_events_oom_kill")).s);
	/* The sign of a cache that is too small, whatever the limit. */
	if (number_in(cg, "memory_refault_file") > 0)
		buf_printf(out, ", %s pages of files read again soon after reclaim",
			   format_count(json_object_get(cg, "memory_refault_file")).s);
	buf_puts(out, "\n");
}

/* "io 90.0 ms (30 %)" for each resource with any: time in which some task waited for it. */
static void put_pressure(const json_t *cg, struct buf *out)
{
	static const struct {
		const char *key, *name;
	} rows[] = { { "cpu_some_ns", "cpu" },
		     { "memory_some_ns", "memory" },
		     { "io_some_ns", "io" } };
	double watched = number_in(cg, "watched_ns");
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const json_t *v = json_object_get(cg, rows[i].key);

		if (!json_is_number(v))
			continue;
		buf_printf(out, "%s%s %s", n++ ? ", " : "  pressure  ", rows[i].name,
			   format_ns(v).s);
		/* A group's stalls begin before its command does: no share of a short one. */
		if (json_number_value(v) <= watched)
			buf_printf(out, " (%s)", format_ratio(json_number_value(v), watched).s);
	}
	if (n)
		buf_puts(out, "\n");
}

static void put_network(const json_t *cg, struct buf *out)
{
	if (isnan(number_in(cg, "net_rx_bytes")) || isnan(number_in(cg, "net_tx_bytes")))
		return;
	buf_printf(out, "  network   %s in, %s out\n",
		   format_size(json_object_get(cg, "net_rx_bytes")).s,
		   format_size(json_object_get(cg, "net_tx_bytes")).s);
}

int text_target(const json_t *target, const struct report_style *style, struct buf *out)
{
	const json_t *cgroup = json_object_get(target, "cgroup");

	put_title(target, style, out);
	put_results(target, style, out);
	(void)text_repetitions(target, style, out); /* @out keeps the failure */
	put_ranks(target, style, out);
	(void)text_phases(target, style, out);
	(void)text_warm_up(target, style, out);
	put_block(target, style, out);
	(void)text_limits(target, style, out);
	put_attribution(target, style, out);
	(void)text_access(target, style, out); /* @out keeps the failure */
	(void)text_vfs(target, style, out);
	put_cpu(cgroup, out);
	(void)text_tasks(target, style, out);
	put_rdt(json_object_get(target, "rdt"), style, out);
	(void)text_perf(target, style, out);
	(void)text_profile(target, style, out);
	put_memory(cgroup, out);
	put_pressure(cgroup, out);
	put_network(cgroup, out);
	return buf_puts(out, "\n");
}
