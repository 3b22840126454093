// SPDX-License-Identifier: Apache-2.0
/* Rows of SQL as JSON, and histograms to and from it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "report/internal.h"
#include "store/store.h"

void put(struct building *b, json_t *object, const char *key, json_t *value)
{
	if (!value || json_object_set_new(object, key, value))
		b->out_of_memory = true;
}

void put_append(struct building *b, json_t *array, json_t *value)
{
	if (!value || json_array_append_new(array, value))
		b->out_of_memory = true;
}

json_t *json_text(const char *text)
{
	cleanup_free char *copy = NULL;
	json_t *json = json_string(text);

	if (json)
		return json;
	copy = strdup(text);
	if (!copy)
		return NULL;
	for (char *p = copy; *p; p++)
		if (*p & 0x80)
			*p = '?';
	return json_string(copy);
}

void put_column(struct building *b, json_t *object, const char *key, sqlite3_stmt *row, int at)
{
	switch (sqlite3_column_type(row, at)) {
	case SQLITE_INTEGER:
		put(b, object, key, json_integer(sqlite3_column_int64(row, at)));
		break;
	case SQLITE_FLOAT: put(b, object, key, json_real(sqlite3_column_double(row, at))); break;
	case SQLITE_TEXT:
		put(b, object, key, json_text((const char *)sqlite3_column_text(row, at)));
		break;
	}
}

void put_row(struct building *b, json_t *object, sqlite3_stmt *row)
{
	for (int i = 0; i < sqlite3_column_count(row); i++)
		put_column(b, object, sqlite3_column_name(row, i), row, i);
}

sqlite3_stmt *query(struct building *b, const char *sql)
{
	sqlite3_stmt *st = NULL;

	if (sqlite3_prepare_v2(store_db(b->store), sql, -1, &st, NULL) == SQLITE_OK)
		return st;
	err_say(b->err, -EIO, "cannot read %s: %s", store_path(b->store),
		sqlite3_errmsg(store_db(b->store)));
	return NULL;
}

bool next(struct building *b, sqlite3_stmt **row)
{
	int rc;

	if (!*row)
		return false;
	rc = sqlite3_step(*row);
	if (rc == SQLITE_ROW)
		return true;
	if (rc != SQLITE_DONE)
		err_say(b->err, -EIO, "cannot read %s: %s", store_path(b->store),
			sqlite3_errmsg(store_db(b->store)));
	sqlite3_finalize(*row);
	*row = NULL;
	return false;
}

int64_t query_int(struct building *b, const char *sql, int64_t otherwise)
{
	sqlite3_stmt *row = query(b, sql);
	int64_t value = otherwise;

	while (next(b, &row))
		if (sqlite3_column_type(row, 0) != SQLITE_NULL)
			value = sqlite3_column_int64(row, 0);
	return value;
}

/* Losses are in order of what is lost. */
void put_loss(struct building *b, const char *what, json_int_t count, json_t *reason)
{
	json_t *losses = json_object_get(b->report, "losses"), *l;
	size_t at = 0;

	while (at < json_array_size(losses) &&
	       strcmp(json_string_value(json_object_get(json_array_get(losses, at), "what")),
		      what) <= 0)
		at++;
	l = json_pack("{s:s, s:I, s:o}", "what", what, "count", count, "reason", reason);
	if (!l || json_array_insert_new(losses, at, l))
		b->out_of_memory = true;
}

bool has_column(struct building *b, const char *table, const char *column)
{
	return sqlite3_table_column_metadata(store_db(b->store), NULL, table, column, NULL, NULL,
					     NULL, NULL, NULL) == SQLITE_OK;
}

json_t *json_hist(struct building *b, const struct hist *h)
{
	static const struct {
		const char *key;
		double q;
	} quantiles[] = { { "p50", 0.5 }, { "p90", 0.9 }, { "p99", 0.99 }, { "p999", 0.999 } };
	json_t *json = json_object(), *buckets = json_array();

	put(b, json, "count", json_integer(h->count));
	put(b, json, "sum", json_integer(h->sum));
	put(b, json, "mean", json_real((double)h->sum / h->count));
	for (size_t i = 0; i < ARRAY_SIZE(quantiles); i++)
		put(b, json, quantiles[i].key, json_integer(hist_quantile(h, quantiles[i].q)));
	put(b, json, "max", json_integer(h->max));
	for (unsigned int i = 0; i < HIST_BUCKETS; i++)
		if (h->bucket[i])
			put_append(b, buckets,
				   json_pack("[II]", (json_int_t)hist_low(i),
					     (json_int_t)h->bucket[i]));
	put(b, json, "buckets", buckets);
	return json;
}

void hist_of_json(const json_t *json, struct hist *h)
{
	uint64_t max = json_integer_value(json_object_get(json, "max"));
	json_t *bucket;
	size_t i;

	h->count += json_integer_value(json_object_get(json, "count"));
	h->sum += json_integer_value(json_object_get(json, "sum"));
	if (max > h->max)
		h->max = max;
	json_array_foreach(json_object_get(json, "buckets"), i, bucket)
		h->bucket[hist_bucket(json_integer_value(json_array_get(bucket, 0)))] +=
			json_integer_value(json_array_get(bucket, 1));
}
