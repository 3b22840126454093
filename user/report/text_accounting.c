// SPDX-License-Identifier: Apache-2.0
/* The accounting identity in a terminal: all owners' bytes against the kernel's own count. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "report/format.h"
#include "report/report.h"
#include "report/table.h"
#include "report/text_parts.h"

#define OTHERS_SHOWN 4 /* cgroups that are no targets, by bytes; the rest is one row */
#define OTHERS_MAX 1024

static const char *const ops[] = { "read", "write", "discard" };

struct shown { /* which operations have a column */
	bool op[ARRAY_SIZE(ops)];
};

static double bytes_in(const json_t *object, const char *op, const char *key)
{
	return number_in(json_object_get(object, op), key);
}

static double owner_bytes(const json_t *owner)
{
	double sum = 0;

	for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
		double v = bytes_in(owner, ops[i], "bytes");

		sum += isnan(v) ? 0 : v;
	}
	return sum;
}

static void add_row(struct table *t, const struct shown *s, const char *name, const json_t *object,
		    const char *key)
{
	table_add(t, "  %s", name);
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++)
		if (s->op[i])
			table_add(t, "%s",
				  format_size(json_object_get(json_object_get(object, ops[i]), key))
					  .s);
}

/* Bystanders: the largest few by name, the rest as one row. */
static void add_others(struct table *t, const struct shown *s, const json_t *owners)
{
	bool done[OTHERS_MAX] = { false };
	double rest[ARRAY_SIZE(ops)] = { 0 };
	size_t i, n_rest = 0;
	json_t *o;

	for (size_t k = 0; k < OTHERS_SHOWN; k++) {
		size_t best = OTHERS_MAX;
		double most = 0;

		json_array_foreach(owners, i, o) {
			const char *kind = text_in(o, "kind");

			if (i < OTHERS_MAX && !done[i] && !is_own_target(o) && kind &&
			    strcmp(kind, "unattributed") && owner_bytes(o) > most) {
				most = owner_bytes(o);
				best = i;
			}
		}
		if (best == OTHERS_MAX)
			break;
		done[best] = true;
		o = json_array_get(owners, best);
		add_row(t, s, text_in(o, "target"), o, "bytes");
	}
	json_array_foreach(owners, i, o) {
		const char *kind = text_in(o, "kind");

		if ((i < OTHERS_MAX && done[i]) || is_own_target(o) ||
		    (kind && !strcmp(kind, "unattributed")) || owner_bytes(o) <= 0)
			continue;
		n_rest++;
		for (size_t k = 0; k < ARRAY_SIZE(ops); k++) {
			double v = bytes_in(o, ops[k], "bytes");

			rest[k] += isnan(v) ? 0 : v;
		}
	}
	if (!n_rest)
		return;
	table_add(t, "  %zu more cgroups", n_rest);
	for (size_t k = 0; k < ARRAY_SIZE(ops); k++) {
		json_t *v = json_real(rest[k]);

		if (s->op[k])
			table_add(t, "%s", format_size(v).s);
		json_decref(v);
	}
}

static void add_residual(struct table *t, const struct shown *s, const json_t *device)
{
	table_add(t, "  residual");
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
		const json_t *op = json_object_get(device, ops[i]);
		double residual = number_in(op, "residual_bytes");

		if (!s->op[i])
			continue;
		if (isnan(residual))
			table_add(t, "-");
		else
			table_add(
				t, "%s (%s)", format_size(json_object_get(op, "residual_bytes")).s,
				residual == 0
					? "0 %"
					: format_ratio(residual, number_in(op, "kernel_bytes")).s);
	}
}

/* "dm-0 vg-root (LVM) (stacked on vda)"; a loop device's file is left to other views. */
static void add_heading(struct table *t, const json_t *device)
{
	cleanup_buf struct buf on = BUF_INIT(1024);
	const char *kind = text_in(device, "kind"), *label = text_in(device, "label");
	bool stacked = json_is_true(json_object_get(device, "stacked"));

	if (kind && !strcmp(kind, "loop"))
		label = NULL;
	(void)put_leaves(&on, device); /* too long: cut */
	table_add(t, "%s%s%s%s%s%s", text_in(device, "name"), label ? " " : "", label ? label : "",
		  stacked ? " (stacked" : "", buf_str(&on), stacked ? ")" : "");
}

static void put_device(const json_t *device, const struct report_style *style, struct buf *out)
{
	const json_t *owners = json_object_get(device, "owners");
	double before = number_in(device, "before_first_tick_bytes");
	struct table t = { .heading = true, .indent = 2 };
	struct shown shown;
	size_t i, n = 0;
	json_t *o;

	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		shown.op[i] = json_object_get(device, ops[i]);
		n += shown.op[i];
	}
	t.align = n == 3 ? "lrrr" : n == 2 ? "lrr" : n == 1 ? "lr" : "l";
	add_heading(&t, device);
	for (i = 0; i < ARRAY_SIZE(ops); i++)
		if (shown.op[i])
			table_add(&t, "%s", ops[i]);
	json_array_foreach(owners, i, o) {
		if (is_own_target(o))
			add_row(&t, &shown, text_in(o, "target"), o, "bytes");
	}
	json_array_foreach(owners, i, o) {
		const char *kind = text_in(o, "kind");

		if (kind && !strcmp(kind, "unattributed") && owner_bytes(o) > 0)
			add_row(&t, &shown, text_in(o, "target"), o, "bytes");
	}
	add_others(&t, &shown, owners);
	add_row(&t, &shown, "sum", device, "bytes");
	add_row(&t, &shown, "/proc/diskstats", device, "kernel_bytes");
	add_residual(&t, &shown, device);
	(void)table_print(&t, style, out); /* @out keeps the failure */
	table_fini(&t);
	if (before > 0)
		buf_printf(out,
			   "    %s more were counted before the first look at /proc/diskstats\n",
			   format_size(json_object_get(device, "before_first_tick_bytes")).s);
}

/* "victim's own cgroup counted: read 1.2 MiB (residual 0 B), write ..." */
static void put_cgroup_check(const json_t *target, const struct report_style *style,
			     struct buf *out)
{
	const json_t *checks = json_object_get(target, "io_check");
	cleanup_buf struct buf line = BUF_INIT(4096);
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
		const json_t *c = json_object_get(checks, ops[i]);

		if (!c)
			continue;
		buf_printf(&line, "%s%s %s", n++ ? ", " : "", ops[i],
			   format_size(json_object_get(c, "cgroup_bytes")).s);
		buf_printf(&line, " (residual %s)",
			   format_size(json_object_get(c, "residual_bytes")).s);
	}
	if (!n)
		return;
	buf_puts(out, "  the kernel counted for ");
	text_put(out, text_in(target, "name"));
	buf_puts(out, "'s cgroup: ");
	(void)text_wrap(out, style, 38 + (int)text_width(text_in(target, "name")), 4,
			buf_str(&line)); /* @out keeps a failure */
	buf_puts(out, "\n");
}

int text_accounting(const json_t *report, const struct report_style *style, struct buf *out)
{
	const json_t *devices = json_object_get(report, "devices");
	json_t *d;
	size_t i;

	if (!json_array_size(devices))
		return out->failed;
	text_toned(out, style, TONE_BOLD, "accounting");
	buf_puts(out, "  every owner's bytes against the kernel's own counters\n");
	for (int stacked = 0; stacked <= 1; stacked++)
		json_array_foreach(devices, i, d)
			if (json_is_true(json_object_get(d, "stacked")) == stacked)
				put_device(d, style, out);
	json_array_foreach(json_object_get(report, "targets"), i, d)
		if (is_own_target(d))
			put_cgroup_check(d, style, out);
	return buf_puts(out, "\n");
}
