// SPDX-License-Identifier: Apache-2.0
/* Values of a comparison as short text, in the units of their metric. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/expect.h"
#include "report/compare_parts.h"
#include "report/format.h"

#define LITTLE 0.005 /* percent, below which a change is as good as none */

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), n = strlen(end);

	return len >= n && !strcmp(text + len - n, end);
}

static bool is_layer(const char *path, const char *layer)
{
	size_t n = strlen(layer);

	return !strncmp(path, layer, n) && path[n] == '.';
}

/* A percentile of block. and vfs. is a latency. */
static bool is_time(const char *path)
{
	if (ends_with(path, "_ns") || strstr(path, "_ns."))
		return true;
	return (is_layer(path, "block") || is_layer(path, "vfs")) &&
	       (ends_with(path, ".p50") || ends_with(path, ".p99"));
}

struct text compare_format_value(const char *path, const json_t *v)
{
	struct text t = format_real(v), size;

	if (ends_with(path, "bytes_per_s") && json_is_number(v)) {
		size = format_size(v);
		snprintf(t.s, sizeof(t.s), "%.40s/s", size.s);
	} else if (is_layer(path, "perf")) {
		t = json_is_real(v) ? t : format_event(path + strlen("perf."), v);
	} else if (ends_with(path, "bytes")) {
		t = format_size(v);
	} else if (is_time(path)) {
		t = format_ns(v);
	}
	return t;
}

struct text compare_format_decided(const char *expr, const json_t *v)
{
	struct expect e = { 0 };
	struct err ignored; /* what is no expression has no unit */
	double number = json_number_value(v);
	struct text t, shown;

	(void)(expr && expect_parse(expr, &e, &ignored));
	t = shown = compare_format_value(e.path, v);
	if (shown.s[strspn(shown.s, "-0123456789.")] || strtod(shown.s, NULL) != number)
		snprintf(t.s, sizeof(t.s), "%.20s, %.15g", shown.s, number);
	return t;
}

struct text compare_format_change(const json_t *change, const json_t *v, const json_t *base)
{
	double pct = json_number_value(change);
	struct text t = { "-" };

	if (json_is_number(change) && pct != 0 && fabs(pct) < LITTLE)
		snprintf(t.s, sizeof(t.s), "~0 %%");
	else if (json_is_number(change))
		snprintf(t.s, sizeof(t.s), "%s%.40s", pct > 0 ? "+" : "", format_ratio(pct, 100).s);
	else if (json_is_number(v) && json_is_number(base))
		snprintf(t.s, sizeof(t.s), "from 0");
	return t;
}

static double number_in_list(const json_t *list, size_t at)
{
	const json_t *v = json_array_get(list, at);

	return json_is_number(v) ? json_number_value(v) : NAN;
}

static struct text end_of(double pct)
{
	struct text t;

	snprintf(t.s, sizeof(t.s), fabs(pct) < LITTLE ? "0" : "%+.3g", pct);
	return t;
}

struct text compare_format_interval(const json_t *ci)
{
	double low = number_in_list(ci, 0), high = number_in_list(ci, 1);
	struct text t = { "-" };

	if (!isnan(low) && !isnan(high))
		snprintf(t.s, sizeof(t.s), "%.20s..%.20s %%", end_of(low).s, end_of(high).s);
	return t;
}
