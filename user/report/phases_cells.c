// SPDX-License-Identifier: Apache-2.0
/* What a table of phases tells of each. */
#include "report/phases_cells.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const json_t *tool(const json_t *phase, const char *key)
{
	return json_object_get(json_object_get(phase, "tool"), key);
}

/* "write 0", and of several tests "1: write 0" */
static struct text name(const json_t *phase)
{
	double test = number_in(phase, "test");
	struct text t;

	snprintf(t.s, sizeof(t.s), "%.8s", text_in(phase, "op") ? text_in(phase, "op") : "");
	if (test > 0)
		snprintf(t.s, sizeof(t.s), "%.0f: %.8s", test, text_in(phase, "op"));
	if (json_object_get(phase, "iteration"))
		snprintf(t.s + strlen(t.s), sizeof(t.s) - strlen(t.s), " %.0f",
			 number_in(phase, "iteration"));
	return t;
}

static struct text bandwidth(const json_t *phase)
{
	return format_real(tool(phase, "bw_mib_s"));
}

static struct text moved(const json_t *phase)
{
	return format_size(tool(phase, "bytes"));
}

static struct text seen(const json_t *phase)
{
	return format_size(json_object_get(json_object_get(phase, "app"), "bytes"));
}

static struct text edge(const json_t *phase)
{
	const json_t *cut = json_object_get(phase, "cut");

	return format_size(json_object_get(phase, "app") ? json_object_get(cut, "edge_app_bytes")
							 : NULL);
}

/* What went to and came from devices, all of them. */
static struct text devices(const json_t *phase)
{
	static const char *const ops[] = { "read", "write" };
	json_t *of_device, *sum = NULL;
	const char *device;
	double bytes = 0;
	struct text t;

	json_object_foreach(json_object_get(phase, "block"), device, of_device)
		for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
			double n = number_in(json_object_get(of_device, ops[i]), "bytes");

			bytes += isnan(n) ? 0 : n;
		}
	if (json_object_get(phase, "block"))
		sum = json_integer(llround(bytes));
	t = format_size(sum);
	json_decref(sum);
	return t;
}

static struct text hits(const json_t *phase)
{
	double ratio = number_in(json_object_get(phase, "pagecache"), "hit_ratio");
	struct text none = { "-" };

	return isnan(ratio) ? none : format_ratio(ratio, 1);
}

/* Of the phase's own calls. */
static const json_t *latency(const json_t *phase, const char *key)
{
	const char *op = text_in(phase, "op");
	const json_t *vfs = json_object_get(phase, "vfs");

	return json_object_get(json_object_get(json_object_get(vfs, op ? op : ""), "latency_ns"),
			       key);
}

static struct text call_p50(const json_t *phase)
{
	return format_ns(latency(phase, "p50"));
}

static struct text call_p99(const json_t *phase)
{
	return format_ns(latency(phase, "p99"));
}

/* The longest 99th percentile of a device. */
static struct text device_p99(const json_t *phase)
{
	const json_t *worst = NULL;
	const char *device, *op = text_in(phase, "op");
	json_t *of_device;

	json_object_foreach(json_object_get(phase, "block"), device, of_device) {
		const json_t *h =
			json_object_get(json_object_get(of_device, op ? op : ""), "device_ns");
		const json_t *p99 = json_object_get(h, "p99");

		if (p99 && (!worst || json_number_value(p99) > json_number_value(worst)))
			worst = p99;
	}
	return format_ns(worst);
}

static struct text cores(const json_t *phase)
{
	return format_real(json_object_get(json_object_get(phase, "cpu"), "cores"));
}

static struct text stalled(const json_t *phase)
{
	double ns = number_in(json_object_get(phase, "pressure"), "io_some_ns");
	double span = number_in(phase, "end_ns") - number_in(phase, "begin_ns");
	struct text none = { "-" };

	return isnan(ns) ? none : format_ratio(fmin(ns, span), span);
}

static struct text wear_out(const json_t *phase)
{
	return format_seconds(tool(phase, "wear_out_s"));
}

const struct phases_column phases_columns[] = {
	{ "phase", "of the tool", name, 0 },
	{ "MiB/s", "as the tool says", bandwidth, 0 },
	{ "moved", "as the tool says", moved, 0 },
	{ "seen", "by its file system calls", seen, 0 },
	{ "+-", "seen in ticks that are only partly inside", edge, 0 },
	{ "devices", "read and written there", devices, 0 },
	{ "hits", "of pages read through the cache", hits, 0 },
	{ "p50", "of its calls", call_p50, 0 },
	{ "p99", "of its calls", call_p99, 0 },
	{ "device p99", "of its requests, in the slowest device", device_p99, 1 },
	{ "CPUs", "in use", cores, 0 },
	{ "io", "time in which some task waited for I/O", stalled, 0 },
	{ "wear-out", "of its transfers, after ranks were told to end", wear_out, 1 },
	{ 0 },
};
