// SPDX-License-Identifier: Apache-2.0
/* Ranks of workloads that ran on several hosts, by workload and by host. */
#include "report/ranks.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "report/format.h"
#include "report/internal.h"

static void append(struct building *b, json_t *target, const char *key, json_t *row)
{
	json_t *rows = json_object_get(target, key);

	if (!rows) {
		rows = json_array();
		put(b, target, key, rows);
	}
	put_append(b, rows, row);
}

int build_ranks(struct building *b)
{
	sqlite3_stmt *row;

	if (!has_column(b, "rank", "rank"))
		return 0;
	row = query(b, "SELECT workload, rank, host FROM rank ORDER BY workload, rank");
	while (next(b, &row)) {
		json_t *workload = target_of(b, sqlite3_column_int64(row, 0)),
		       *host = target_of(b, sqlite3_column_int64(row, 2));
		json_int_t rank = sqlite3_column_int64(row, 1);

		if (!workload || !host)
			continue;
		append(b, workload, "ranks",
		       json_pack("{s:I, s:O*}", "rank", rank, "host",
				 json_object_get(host, "name")));
		append(b, host, "ranks_here",
		       json_pack("{s:I, s:O*}", "rank", rank, "workload",
				 json_object_get(workload, "name")));
	}
	return b->err->code;
}

static json_int_t rank_in(const json_t *rows, size_t i)
{
	return json_integer_value(json_object_get(json_array_get(rows, i), "rank"));
}

static bool is_of(const json_t *rows, size_t i, const char *key, const char *name)
{
	const char *text = text_in(json_array_get(rows, i), key);

	return text && !strcmp(text, name);
}

/* " 0-3, 6" of those whose @key is @name. */
static void put_numbers(const json_t *rows, const char *key, const char *name, struct buf *out)
{
	size_t n = json_array_size(rows);
	bool first = true;

	for (size_t i = 0; i < n; i++) {
		json_int_t from = rank_in(rows, i), to = from;

		if (!is_of(rows, i, key, name))
			continue;
		for (; i + 1 < n && is_of(rows, i + 1, key, name) && rank_in(rows, i + 1) == to + 1;
		     i++)
			to++;
		buf_printf(out, "%s%lld", first ? "" : ",", (long long)from);
		if (to > from)
			buf_printf(out, "-%lld", (long long)to);
		first = false;
	}
}

static bool is_first(const json_t *rows, size_t i, const char *key, const char *name)
{
	for (size_t k = 0; k < i; k++)
		if (is_of(rows, k, key, name))
			return false;
	return true;
}

static void put_all(const json_t *rows, const char *key, struct buf *out)
{
	bool by_host = !strcmp(key, "host");
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) {
		const char *name = text_in(row, key);

		if (!name || !is_first(rows, i, key, name))
			continue;
		if (out->len)
			buf_puts(out, ", ");
		if (by_host)
			buf_printf(out, "%s ", name);
		put_numbers(rows, key, name, out);
		if (!by_host)
			buf_printf(out, " of %s", name);
	}
}

json_t *ranks_host(const json_t *target, const json_t *rank)
{
	json_t *row;
	size_t i;

	json_array_foreach(json_object_get(target, "ranks"), i, row)
		if (json_equal(json_object_get(row, "rank"), rank))
			return json_object_get(row, "host");
	return NULL;
}

int ranks_text(const json_t *target, struct buf *out)
{
	cleanup_buf struct buf text = BUF_INIT(64 << 10);

	put_all(json_object_get(target, "ranks"), "host", &text);
	put_all(json_object_get(target, "ranks_here"), "workload", &text);
	return buf_puts(out, buf_str(&text));
}
