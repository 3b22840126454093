// SPDX-License-Identifier: Apache-2.0
/* In a terminal: how requests lay, who was in each device, what they lost to each other. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "report/format.h"
#include "report/report.h"
#include "report/table.h"
#include "report/text_parts.h"

static const char *const ops[] = { "read", "write", "flush", "discard", "other" };

static void add_cells(struct table *t, const char *const *cells)
{
	for (; *cells; cells++)
		table_add(t, "%s", *cells);
}

static void add_access(struct table *t, const char *device, const char *op, const json_t *o)
{
	static const char *const counts[] = { "merges", "splits", "requeues" };
	const json_t *size = json_object_get(o, "size");

	table_add(t, "%s %s%s", device, op,
		  json_is_true(json_object_get(o, "stacked")) ? " (stacked)" : "");
	table_add(t, "%s", format_size(json_object_get(size, "p50")).s);
	table_add(t, "%s", format_size(json_object_get(size, "p99")).s);
	table_add(t, "%s", format_size(json_object_get(size, "max")).s);
	table_add(t, "%s",
		  isnan(number_in(o, "sequential_ratio"))
			  ? "-"
			  : format_ratio(number_in(o, "sequential_ratio"), 1).s);
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++)
		table_add(t, "%s", format_count(json_object_get(o, counts[i])).s);
}

static void put_errors(const char *device, const char *op, const json_t *o, struct buf *out)
{
	json_t *n, *by = json_object_get(o, "errors_by_status");
	const char *status;

	json_object_foreach(by, status, n)
		buf_printf(out, "  %s %s failed with \"%s\": %s\n", device, op, status,
			   format_count(n).s);
}

int text_access(const json_t *target, const struct report_style *style, struct buf *out)
{
	struct table t = { .align = "lrrrrrrr", .heading = true, .indent = 2, .gap = 1 };
	cleanup_buf struct buf errors = BUF_INIT(65536);
	json_t *of_device;
	const char *device;
	size_t n = 0;

	add_cells(&t, (const char *const[]){ "requests", "p50", "p99", "max", "in order", "merges",
					     "splits", "requeues", NULL });
	for (size_t k = 0; k < 2 * ARRAY_SIZE(ops); k++) {
		const char *op = ops[k % ARRAY_SIZE(ops)];
		bool stacked = k >= ARRAY_SIZE(ops);

		json_object_foreach(json_object_get(target, "block"), device, of_device) {
			const json_t *o = json_object_get(of_device, op);

			if (!o || json_is_true(json_object_get(o, "stacked")) != stacked)
				continue;
			put_errors(device, op, o, &errors);
			if (!json_object_get(o, "size"))
				continue;
			add_access(&t, device, op, o);
			n++;
		}
	}
	if (n)
		(void)table_print(&t, style, out); /* @out keeps the failure */
	table_fini(&t);
	return buf_puts(out, buf_str(&errors));
}

static void put_clock(const json_t *probe, const struct report_style *style, struct buf *out)
{
	double n = number_in(probe, "clock_requests"), early = number_in(probe, "clock_early");
	double unset = number_in(probe, "clock_unset");
	cleanup_buf struct buf line = BUF_INIT(1024);

	if (early > 0)
		buf_printf(&line,
			   "the kernel's own time of issue is over 1 us early for %s of requests, "
			   "at most %s: ours is used",
			   format_ratio(early, n).s,
			   format_ns(json_object_get(probe, "clock_early_max_ns")).s);
	else if (unset > 0)
		buf_printf(&line,
			   "the kernel keeps no time of issue for %s of requests: ours is used",
			   format_ratio(unset, n).s);
	if (!line.len)
		return;
	buf_puts(out, "    ");
	(void)text_wrap(out, style, 4, 4, buf_str(&line)); /* @out keeps a failure */
	buf_puts(out, "\n");
}

#define BYSTANDER_PART 0.001 /* of a device's busy time */

static void put_device(const json_t *report, const json_t *device, const struct report_style *style,
		       struct buf *out)
{
	const json_t *probe = json_object_get(device, "probe");
	const char *name = text_in(device, "name");
	struct table t = { .align = "lrrr", .heading = true, .indent = 2 };
	double duration_ns = number_in(report, "duration_s") * 1e9;
	json_t *target, *its;
	size_t i, n = 0;

	if (!probe || !name)
		return;
	table_add(&t, "%s%s busy %s (%s)", name,
		  json_is_true(json_object_get(device, "stacked")) ? " (stacked)" : "",
		  format_ns(json_object_get(probe, "busy_ns")).s,
		  format_ratio(number_in(probe, "busy_ns"), duration_ns).s);
	add_cells(&t, (const char *const[]){ "share", "in flight", "at most", NULL });
	json_array_foreach(json_object_get(report, "targets"), i, target) {
		its = json_object_get(json_object_get(target, "sharing"), name);
		/* Bystanders that hardly count are left out. */
		if (!its ||
		    (!is_own_target(target) && !(number_in(its, "share_ratio") >= BYSTANDER_PART)))
			continue;
		table_add(&t, "  %s", text_in(target, "name"));
		table_add(&t, "%s", format_ratio(number_in(its, "share_ratio"), 1).s);
		table_add(&t, "%s", format_real(json_object_get(its, "depth_mean")).s);
		table_add(&t, "%s", format_count(json_object_get(its, "depth_max")).s);
		n++;
	}
	table_add(&t, "  all");
	table_add(&t, "100 %%");
	table_add(&t, "%s", format_real(json_object_get(probe, "depth_mean")).s);
	table_add(&t, "%s", format_count(json_object_get(probe, "depth_max")).s);
	if (n)
		(void)table_print(&t, style, out); /* @out keeps the failure */
	table_fini(&t);
	put_clock(probe, style, out);
}

/* Time that @victim's requests took on @device, waiting or served, over all operations. */
static double time_of(const json_t *report, const char *victim, const char *device)
{
	double sum = 0;
	json_t *t;
	size_t i;

	json_array_foreach(json_object_get(report, "targets"), i, t) {
		const char *name = text_in(t, "name");
		const json_t *its = json_object_get(json_object_get(t, "block"), device);

		if (!name || strcmp(name, victim))
			continue;
		for (size_t k = 0; k < ARRAY_SIZE(ops); k++) {
			double ns =
				number_in(json_object_get(json_object_get(its, ops[k]), "total_ns"),
					  "sum");

			sum += isnan(ns) ? 0 : ns;
		}
	}
	return sum;
}

#define CELLS_SHOWN 12 /* pairs, those that lost most first */

static void put_interference(const json_t *report, const struct report_style *style,
			     struct buf *out)
{
	struct table t = { .align = "lllrr", .heading = true, .indent = 2 };
	size_t i, n = json_array_size(json_object_get(report, "interference"));
	json_t *c;

	if (!n)
		return;
	add_cells(&t, (const char *const[]){ "interference", "lost to", "on", "time",
					     "of its requests' time", NULL });
	json_array_foreach(json_object_get(report, "interference"), i, c) {
		const char *victim = text_in(c, "victim"), *device = text_in(c, "device");

		if (i == CELLS_SHOWN || !victim || !device)
			break;
		table_add(&t, "  %s", victim);
		table_add(&t, "%s", text_in(c, "aggressor"));
		table_add(&t, "%s", device);
		table_add(&t, "%s", format_ns(json_object_get(c, "ns")).s);
		table_add(&t, "%s",
			  format_ratio(number_in(c, "ns"), time_of(report, victim, device)).s);
	}
	(void)table_print(&t, style, out); /* @out keeps the failure */
	table_fini(&t);
	if (n > CELLS_SHOWN)
		buf_printf(out, "    and %zu more pairs\n", n - CELLS_SHOWN);
}

int text_sharing(const json_t *report, const struct report_style *style, struct buf *out)
{
	size_t i, n = 0;
	json_t *d;

	json_array_foreach(json_object_get(report, "devices"), i, d)
		n += json_object_get(d, "probe") != NULL;
	if (!n)
		return out->failed;
	text_toned(out, style, TONE_BOLD, "sharing");
	buf_puts(out, "  while n requests are in a device, each has the n-th part of its time\n");
	for (int stacked = 0; stacked <= 1; stacked++)
		json_array_foreach(json_object_get(report, "devices"), i, d)
			if (json_is_true(json_object_get(d, "stacked")) == stacked)
				put_device(report, d, style, out);
	put_interference(report, style, out);
	return buf_puts(out, "\n");
}
