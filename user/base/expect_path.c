// SPDX-License-Identifier: Apache-2.0
/* Which paths a threshold may have: one that names no value would never hold, or always. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/expect.h"
#include "base/expect_names.h"
#include "base/option.h"

#define ANY "*" /* the only row of its table: every name is taken */

#define LEAF(leaf)                                                                                 \
	{                                                                                          \
		.name = leaf, .type = OPTION_REAL                                                  \
	}
#define INNER(inner, below)                                                                        \
	{                                                                                          \
		.name = inner, .type = OPTION_SECTION, .rows = below                               \
	}
#define LATENCIES                                                                                  \
	LEAF("p50"), LEAF("p90"), LEAF("p99"), LEAF("p999"), LEAF("max"), LEAF("mean"),            \
		LEAF("count")

/* What may stand between the target and the comparison, part by part. */
static const struct option_row latencies[] = { LATENCIES, { 0 } };
static const struct option_row block_values[] = { LEAF("ios"),
						  LEAF("bytes"),
						  LEAF("errors"),
						  LATENCIES,
						  INNER("queue", latencies),
						  INNER("device", latencies),
						  INNER("total", latencies),
						  { 0 } };
static const struct option_row block_ops[] = {
	INNER("read", block_values),	INNER("write", block_values), INNER("flush", block_values),
	INNER("discard", block_values), INNER("other", block_values), { 0 }
};
static const struct option_row vfs_values[] = {
	LEAF("calls"), LEAF("bytes"), LEAF("errors"), LATENCIES, { 0 }
};
static const struct option_row vfs_ops[] = {
	INNER("read", vfs_values),	  INNER("write", vfs_values),
	INNER("fsync", vfs_values),	  INNER("open", vfs_values),
	INNER("close", vfs_values),	  INNER("stat", vfs_values),
	INNER("getdents", vfs_values),	  INNER("rename", vfs_values),
	INNER("unlink", vfs_values),	  INNER("mkdir", vfs_values),
	INNER("truncate", vfs_values),	  INNER("fallocate", vfs_values),
	INNER("copy", vfs_values),	  INNER("fault", vfs_values),
	INNER("uring_read", vfs_values),  INNER("uring_write", vfs_values),
	INNER("uring_other", vfs_values), { 0 }
};
/* The numbers that tools report, as `cbpf report --json` calls them. */
static const struct option_row result_values[] = { LEAF("bytes"),
						   LEAF("bw_mib_s"),
						   LEAF("iops"),
						   LEAF("latency_s"),
						   LEAF("block_kib"),
						   LEAF("xfer_kib"),
						   LEAF("open_s"),
						   LEAF("wrrd_s"),
						   LEAF("close_s"),
						   LEAF("total_s"),
						   LEAF("tasks"),
						   LEAF("calls"),
						   LEAF("errors"),
						   LEAF("min_s"),
						   LEAF("p50_s"),
						   LEAF("p90_s"),
						   LEAF("p99_s"),
						   LEAF("p999_s"),
						   LEAF("max_s"),
						   LEAF("stonewall_s"),
						   LEAF("dirty_at_end_bytes"),
						   { 0 } };
static const struct option_row result_ops[] = { INNER(ANY, result_values), { 0 } };
static const struct option_row rdt_values[] = { LEAF("llc_occupancy_max_bytes"),
						LEAF("llc_occupancy_mean_bytes"),
						LEAF("mbm_total_bytes"),
						LEAF("mbm_local_bytes"),
						LEAF("mbm_total_bytes_per_s"),
						LEAF("class_changes"),
						{ 0 } };
static const struct option_row layers[] = { INNER("block", block_ops),
					    INNER("results", result_ops),
					    INNER("cgroup", expect_cgroup_rows),
					    INNER("vfs", vfs_ops),
					    INNER("pagecache", expect_pagecache_rows),
					    INNER("sched", expect_sched_rows),
					    INNER("perf", NULL),
					    INNER("rdt", rdt_values),
					    INNER("profile", expect_profile_rows),
					    LEAF("exit_code"),
					    { 0 } };

static int unknown(const char *part, const char *nearest, struct err *err)
{
	if (nearest)
		return err_say(err, -EINVAL, "unknown metric '%s'; did you mean '%s'?", part,
			       nearest);
	return err_say(err, -EINVAL, "unknown metric '%s'", part);
}

int expect_check_path(const char *path, struct err *err)
{
	const struct option_row *rows = layers;
	char parts[sizeof(((struct expect *)NULL)->path)], *rest = parts, *part;

	if ((size_t)snprintf(parts, sizeof(parts), "%s", path) >= sizeof(parts))
		return err_say(err, -EINVAL, "'%.40s...' is too long", path);
	while (rows && (part = strsep(&rest, "."))) {
		const struct option_row *row = rows;

		if (strcmp(rows->name, ANY) || !*part)
			row = option_find(rows, part);
		if (!row)
			return unknown(part, option_nearest(rows, part), err);
		if (row->type == OPTION_SECTION && !rest)
			return err_say(err, -EINVAL, "expected more after '%s', such as %s", part,
				       row->rows && strcmp(row->rows->name, ANY) ? row->rows->name
										 : "a metric");
		if (row->type != OPTION_SECTION && rest)
			return err_say(err, -EINVAL, "'%s' has no part '%s'", part, rest);
		rows = row->rows;
	}
	return 0;
}

const char *expect_target_end(const char *name)
{
	const char *first = strchr(name, '.'), *longest = NULL, *begun = NULL;
	struct err ignored; /* of what is no metric */

	for (const char *dot = first; dot; dot = strchr(dot + 1, '.')) {
		char layer[16];

		snprintf(layer, sizeof(layer), "%.*s", (int)strcspn(dot + 1, "."), dot + 1);
		if (!expect_check_path(dot + 1, &ignored))
			longest = dot;
		else if (!begun && option_find(layers, layer))
			begun = dot;
	}
	return longest ? longest : begun ? begun : first;
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), n = strlen(end);

	return len >= n && !strcmp(text + len - n, end);
}

/* Of a latency. */
static bool is_percentile(const char *path)
{
	static const char *const ends[] = { ".p50", ".p90", ".p99", ".p999", ".max", ".mean" };

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (ends_with(path, ends[i]))
			return true;
	return false;
}

static bool is_below(const char *path, const char *layer)
{
	size_t n = strlen(layer);

	return !strncmp(path, layer, n) && path[n] == '.';
}

/* Of layers of which every name is taken, only names that say what they are tell it. */
static bool unit_of(const char *path, enum expect_unit *ret)
{
	static const char *const known[] = { "block", "vfs", "results", "rdt" };
	bool timed = is_below(path, "block") || is_below(path, "vfs");

	*ret = EXPECT_NUMBER;
	if (ends_with(path, "bytes") || ends_with(path, "bytes_per_s"))
		*ret = EXPECT_SIZE;
	else if (ends_with(path, "_ns") || ends_with(path, "_s"))
		*ret = ends_with(path, "_per_s") || ends_with(path, "_mib_s") ? EXPECT_NUMBER
									      : EXPECT_TIME;
	else if (is_percentile(path) && (timed || strstr(path, "_ns.")))
		*ret = EXPECT_TIME;
	for (size_t i = 0; *ret == EXPECT_NUMBER && i < ARRAY_SIZE(known); i++)
		if (is_below(path, known[i]))
			return true;
	return *ret != EXPECT_NUMBER || !strcmp(path, "exit_code");
}

int expect_check_unit(const struct expect *e, struct err *err)
{
	static const char *const words[] = { [EXPECT_NUMBER] = "a plain number, such as 200",
					     [EXPECT_TIME] = "a time, such as 5ms",
					     [EXPECT_SIZE] = "bytes, such as 4KiB" };
	static const char *const is[] = { [EXPECT_TIME] = "a time", [EXPECT_SIZE] = "a size" };
	enum expect_unit unit;

	if (e->relative || e->unit == EXPECT_NUMBER || !unit_of(e->path, &unit) || unit == e->unit)
		return 0;
	return err_say(err, -EINVAL, "'%s' is %s, but is compared with %s", e->path, words[unit],
		       is[e->unit]);
}
