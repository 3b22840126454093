// SPDX-License-Identifier: Apache-2.0
/* What each target had of L3 caches and memory bandwidth, and what its class allows it. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "report/internal.h"

/* The target's part, made when it is not there. */
static json_t *rdt_of(struct building *b, int64_t id)
{
	json_t *target = target_of(b, id), *rdt = json_object_get(target, "rdt");

	if (target && !rdt) {
		rdt = json_object();
		put(b, target, "rdt", rdt);
	}
	return rdt;
}

/* The entry of a cache, by its id. */
static json_t *domain_of(struct building *b, json_t *rdt, int64_t id)
{
	json_t *domains = json_object_get(rdt, "domains"), *d;
	size_t i;

	if (!domains) {
		domains = json_array();
		put(b, rdt, "domains", domains);
	}
	json_array_foreach(domains, i, d)
		if (json_integer_value(json_object_get(d, "domain")) == id)
			return d;
	d = json_object();
	put(b, d, "domain", json_integer(id));
	put_append(b, domains, d);
	return d;
}

/* Per second of the time in which it was measured. */
static void put_rate(struct building *b, json_t *to, sqlite3_stmt *row, int total, int span_ns)
{
	double ns = (double)sqlite3_column_int64(row, span_ns);

	if (sqlite3_column_type(row, total) != SQLITE_NULL && ns > 0)
		put(b, to, "mbm_total_bytes_per_s",
		    json_real((double)sqlite3_column_int64(row, total) / ns * 1e9));
}

/* Counters begin with the group: the largest is the last. */
static int put_totals(struct building *b)
{
	sqlite3_stmt *row = query(
		b, "SELECT s.target, max(rdt_llc_occupancy_bytes) AS llc_occupancy_max_bytes, "
		   "avg(rdt_llc_occupancy_bytes) AS llc_occupancy_mean_bytes, "
		   "max(rdt_mbm_total_bytes) AS mbm_total_bytes, "
		   "max(rdt_mbm_local_bytes) AS mbm_local_bytes, "
		   "max(t.end_ns) - coalesce((SELECT start_ns FROM target WHERE id = s.target), "
		   "min(t.begin_ns)) FROM sample s JOIN tick t ON t.seq = s.seq "
		   "WHERE rdt_llc_occupancy_bytes IS NOT NULL OR rdt_mbm_total_bytes IS NOT NULL "
		   "OR rdt_mbm_local_bytes IS NOT NULL GROUP BY s.target");

	while (next(b, &row)) {
		json_t *rdt = rdt_of(b, sqlite3_column_int64(row, 0));

		for (int i = 1; rdt && i <= 4; i++)
			put_column(b, rdt, sqlite3_column_name(row, i), row, i);
		if (rdt)
			put_rate(b, rdt, row, 3, 5);
	}
	return b->err->code;
}

static int put_domains(struct building *b)
{
	sqlite3_stmt *row = query(b, "SELECT target, domain, "
				     "max(llc_occupancy_bytes) AS llc_occupancy_max_bytes, "
				     "avg(llc_occupancy_bytes) AS llc_occupancy_mean_bytes, "
				     "max(mbm_total_bytes) AS mbm_total_bytes, "
				     "max(mbm_local_bytes) AS mbm_local_bytes "
				     "FROM rdt GROUP BY target, domain ORDER BY target, domain");

	while (next(b, &row)) {
		json_t *rdt = rdt_of(b, sqlite3_column_int64(row, 0)), *d;

		d = rdt ? domain_of(b, rdt, sqlite3_column_int64(row, 1)) : NULL;
		for (int i = 2; d && i <= 5; i++)
			put_column(b, d, sqlite3_column_name(row, i), row, i);
	}
	return b->err->code;
}

/* The class that was the last, and how often it or its schemata have changed. */
static int put_classes(struct building *b)
{
	sqlite3_stmt *row = query(b, "SELECT target, class, mon_group, schemata, "
				     "count(*) OVER (PARTITION BY target) - 1 AS class_changes "
				     "FROM rdt_class ORDER BY seq");

	while (next(b, &row)) {
		json_t *rdt = rdt_of(b, sqlite3_column_int64(row, 0));

		for (int i = 1; rdt && i < sqlite3_column_count(row); i++)
			put_column(b, rdt, sqlite3_column_name(row, i), row, i);
	}
	return b->err->code;
}

/* "l3" of L3, "l3code" of L3CODE: with CDP a cache has two masks. */
static void put_mask(struct building *b, json_t *d, const char *resource, sqlite3_stmt *row)
{
	int64_t of = json_integer_value(json_object_get(
		json_object_get(json_object_get(json_object_get(b->report, "host"), "rdt"), "l3"),
		"ways"));
	int64_t ways = sqlite3_column_int64(row, 4);
	char low[16], key[48], mask[32];

	snprintf(low, sizeof(low), "%s", resource);
	for (char *c = low; *c; c++)
		*c |= 0x20; /* letters become small, digits stay */
	snprintf(mask, sizeof(mask), "%llx", (unsigned long long)sqlite3_column_int64(row, 3));
	snprintf(key, sizeof(key), "%s_mask", low);
	put(b, d, key, json_string(mask));
	snprintf(key, sizeof(key), "%s_ways", low);
	put(b, d, key, json_integer(ways));
	snprintf(key, sizeof(key), "%s_allocation_pct", low);
	if (of > 0)
		put(b, d, key, json_real(100.0 * (double)ways / (double)of));
}

/* What the last schemata say of each cache. */
static int put_allocs(struct building *b)
{
	sqlite3_stmt *row =
		query(b,
		      "SELECT target, resource, domain, value, ways FROM rdt_alloc a WHERE seq = "
		      "(SELECT max(seq) FROM rdt_class c WHERE c.target = a.target) "
		      "ORDER BY target, domain");

	while (next(b, &row)) {
		const char *resource = (const char *)sqlite3_column_text(row, 1);
		json_t *rdt = rdt_of(b, sqlite3_column_int64(row, 0)), *d;

		if (!rdt || !resource)
			continue;
		d = domain_of(b, rdt, sqlite3_column_int64(row, 2));
		if (sqlite3_column_type(row, 4) != SQLITE_NULL)
			put_mask(b, d, resource, row);
		else
			put_column(b, d, strcmp(resource, "MB") ? "smba" : "mba", row, 3);
	}
	return b->err->code;
}

int build_rdt(struct building *b)
{
	int rc;

	if (!has_column(b, "rdt_class", "class"))
		return b->err->code;
	rc = put_totals(b);
	if (!rc)
		rc = put_domains(b);
	if (!rc)
		rc = put_classes(b);
	return rc ? rc : put_allocs(b);
}
