// SPDX-License-Identifier: Apache-2.0
/* Numbers as people read them. */
#include "report/format.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/units.h"

static const struct text absent = { "-" };

struct text format_size(const json_t *bytes)
{
	struct text t = absent;
	double v = json_number_value(bytes);
	char size[32];

	if (!json_is_number(bytes))
		return t;
	units_format_size(fabs(v), size, sizeof(size));
	snprintf(t.s, sizeof(t.s), "%s%s", v < 0 ? "-" : "", size);
	return t;
}

struct text format_ns(const json_t *ns)
{
	struct text t = absent;

	if (json_is_number(ns) && json_number_value(ns) >= 0)
		units_format_duration(llround(json_number_value(ns)), t.s, sizeof(t.s));
	return t;
}

struct text format_seconds(const json_t *s)
{
	struct text t = absent;

	if (json_is_number(s) && json_number_value(s) >= 0)
		units_format_duration(llround(json_number_value(s) * 1e9), t.s, sizeof(t.s));
	return t;
}

struct text format_rate(double v)
{
	struct text t = absent;

	if (!isfinite(v))
		return t;
	if (fabs(v) >= 1e10)
		snprintf(t.s, sizeof(t.s), "%.1f G", v / 1e9);
	else if (fabs(v) >= 1e7)
		snprintf(t.s, sizeof(t.s), "%.1f M", v / 1e6);
	else if (v == round(v) || fabs(v) >= 100)
		snprintf(t.s, sizeof(t.s), "%.0f", v);
	else if (fabs(v) >= 10)
		snprintf(t.s, sizeof(t.s), "%.1f", v);
	else
		snprintf(t.s, sizeof(t.s), "%.2f", v);
	return t;
}

struct text format_count(const json_t *n)
{
	return json_is_number(n) ? format_rate(round(json_number_value(n))) : absent;
}

struct text format_real(const json_t *v)
{
	return json_is_number(v) ? format_rate(json_number_value(v)) : absent;
}

struct text format_ratio(double part, double of)
{
	struct text t = absent;
	double pct = 100 * part / of;

	if (!isfinite(pct))
		return t;
	if (pct == 0 || fabs(pct) >= 10)
		snprintf(t.s, sizeof(t.s), "%.0f %%", pct);
	else
		snprintf(t.s, sizeof(t.s), "%.2g %%", pct);
	return t;
}

struct text format_mean_ns(double sum_ns, double n)
{
	json_t *mean = n > 0 ? json_real(sum_ns / n) : NULL;
	struct text t = format_ns(mean);

	json_decref(mean);
	return t;
}

int put_leaves(struct buf *out, const json_t *device)
{
	const json_t *leaves = json_object_get(device, "leaves");
	json_t *name;
	size_t i;

	if (leaves && !json_array_size(leaves))
		buf_puts(out, " on no disk");
	json_array_foreach(leaves, i, name)
		buf_printf(out, "%s%s", i ? ", " : " on ",
			   json_is_string(name) ? json_string_value(name) : "?");
	return out->failed;
}

int put_flags(struct buf *out, const json_t *flags)
{
	json_t *name;
	size_t i;

	json_array_foreach(flags, i, name)
		buf_printf(out, "%s%s", i ? "," : "",
			   json_is_string(name) ? json_string_value(name) : "?");
	return out->failed;
}

struct text format_event(const char *name, const json_t *value)
{
	bool is_clock = !strncmp(name, "task-clock", 10) || !strncmp(name, "cpu-clock", 9);

	return is_clock ? format_ns(value) : format_count(value);
}

struct text lock_wait(const json_t *sched)
{
	double inode = number_in(sched, "inode_lock_sum_ns");
	json_t *sum = json_real(number_in(sched, "lock_wait_sum_ns") + (inode > 0 ? inode : 0));
	struct text t = format_ns(sum);

	json_decref(sum);
	return t;
}

#define PREEMPTORS_SHOWN 3

int put_preemptors(struct buf *out, const json_t *by)
{
	json_int_t others = 0;
	const char *name;
	json_t *n;
	int i = 0;

	json_object_foreach((json_t *)by, name, n) {
		if (i < PREEMPTORS_SHOWN)
			buf_printf(out, "%s%s %s", i ? ", " : "by ", name, format_count(n).s);
		else
			others += json_integer_value(n);
		i++;
	}
	if (i > PREEMPTORS_SHOWN)
		buf_printf(out, ", %d more %lld", i - PREEMPTORS_SHOWN, (long long)others);
	return out->failed;
}

int put_errnos(struct buf *out, const json_t *errnos)
{
	const char *name;
	json_t *count;
	int i = 0;

	json_object_foreach((json_t *)errnos, name, count)
		buf_printf(out, "%s%s %s", i++ ? ", " : "", name, format_count(count).s);
	return out->failed;
}

int put_axes(struct buf *out, const json_t *axes)
{
	const char *name;
	json_t *value;
	size_t n = 0;

	json_object_foreach((json_t *)axes, name, value) {
		buf_printf(out, "%s%s=%s", n++ ? " " : "", name,
			   json_is_string(value) ? json_string_value(value) : "?");
	}
	return out->failed;
}

double number_in(const json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);

	return json_is_number(v) ? json_number_value(v) : NAN;
}

const char *text_in(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

void result_name(const json_t *result, char *name, size_t size)
{
	double test = number_in(result, "test");
	const char *job = text_in(result, "job"), *op = text_in(result, "op");
	int n = test > 0 ? snprintf(name, size, "%.0f: ", test) : 0;

	snprintf(name + n, size - n, "%s%s%s", job ? job : "", job ? ": " : "", op ? op : "");
}
