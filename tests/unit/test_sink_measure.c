// SPDX-License-Identifier: Apache-2.0
/* The tables of measurements: whole, sound, and of every column that the database has. */
#include "sink/measure.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "sink/point.h"
#include "store/store.h"
#include "unit.h"

/* An ellipsis may end it. */
static bool is_sentence(const char *s)
{
	size_t n = strlen(s);

	return n && s[n - 1] == '.' && (n < 3 || s[n - 2] != '.');
}

static size_t n_columns(const struct measurement *m, enum column_kind kind, bool many)
{
	size_t n = 0;

	for (const struct measure_column *c = m->columns; c->name; c++)
		n += (c->kind == COLUMN_TAG) == (kind == COLUMN_TAG) && c->many == many;
	return n;
}

static void are_sound(void **state)
{
	(void)state;
	for (const struct measurement *const *p = measurements; *p; p++) {
		const struct measurement *m = *p;
		bool fields = false;

		assert_ptr_equal(measure_find(m->name), m); /* so the name is its own */
		assert_true(m->help && *m->help && !is_sentence(m->help));
		assert_true(m->sql || m->more);
		assert_string_equal(m->columns[0].name, "benchmark_id");
		assert_string_equal(m->columns[1].name, "host");
		assert_true(n_columns(m, COLUMN_TAG, false) <= POINT_TAGS);
		assert_true(n_columns(m, COLUMN_FACT, false) > 0);
		for (const struct measure_column *c = m->columns; c->name; c++) {
			/* tags, then fields; a name is a tag's or a field's, and once */
			if (c->kind == COLUMN_TAG && (fields || c->type != TYPE_TEXT))
				fail_msg("%s: %s", m->name, c->name);
			fields = c->kind != COLUMN_TAG;
			if (!c->help || !*c->help || is_sentence(c->help))
				fail_msg("%s: %s: no help, or a full stop", m->name, c->name);
			if (c->name[strspn(c->name, "abcdefghijklmnopqrstuvwxyz0123456789_"
						    "ASZCO*")])
				fail_msg("%s: %s", m->name, c->name);
			if (c->many != (c->name[strlen(c->name) - 1] == '*'))
				fail_msg("%s: %s: a pattern ends with *", m->name, c->name);
			if (!c->many && measure_column(m, c->name) != c)
				fail_msg("%s: %s is there twice", m->name, c->name);
			if (m->when == MEASURE_END && c->kind != COLUMN_TAG &&
			    c->kind != COLUMN_FACT)
				fail_msg("%s: %s: what is told once is a fact", m->name, c->name);
		}
	}
	assert_null(measure_find("nothing"));
}

static const struct {
	const char *measurement, *name, *want, *why;
} finds[] = {
	{ "benchmark_metrics", "perf_cycles", "perf_cycles", "a column" },
	{ "benchmark_metrics", "perf_l1_dcache_loads", "perf_*", "a pattern's" },
	{ "benchmark_metrics", "rdt_l3_ways_socket12", "rdt_l3_ways_socket*", "any socket" },
	{ "benchmark_metrics", "rdt_l3_ways_socket", NULL, "none is no socket" },
	{ "benchmark_metrics", "perf_", NULL, "nor is nothing an event" },
	{ "benchmark_metrics", "cycles", NULL, "no such column" },
	{ "cbpf_block", "op", "op", "tags are columns" },
	{ "cbpf_block", "queue_p999_ns", "queue_p999_ns", "percentiles are fields" },
};

static void finds_columns(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(finds); i++) {
		const struct measure_column *c =
			measure_column(measure_find(finds[i].measurement), finds[i].name);

		if (!finds[i].want != !c || (c && strcmp(c->name, finds[i].want) != 0))
			fail_msg("%s: %s", finds[i].why, c ? c->name : "none");
	}
}

/* What the statements read, and what they do not with the reason. */
static const struct {
	const char *table, *column /* NULL: all */, *why;
} left_out[] = {
	{ "cursor", NULL, "how far sinks have got is no news to them" },
	{ "metric", NULL, "what the columns of sample are: help and unit of the measurements" },
	{ "file", NULL, "a series for each file would be too many" },
	{ "threshold", NULL, "a finding's evidence has those it was judged by" },
	{ "profile", NULL, "a series for each stack would be too many" },
	{ "profile_run", NULL, "says how the stacks were sampled" },
	{ "io_limit", NULL, "what was set, not measured; a finding has those that mattered" },
	{ "filesystem", NULL, "what the host had left once, at the end" },
	{ "rank", NULL, "where ranks ran is no series, and nothing adds up over it" },
	{ "run", "id", "the tag benchmark_id of every point" },
	{ "run", "status", "told with what became of killed ones by cbpf_run_meta" },
	{ "run", "pid", "of a process that is gone" },
	{ "tick", "last", "a mark for readers of the database" },
	{ "mount", "dev", "of the superblock: the mount and its type say as much" },
};

static bool seen[64][256]; /* by number of the table and the column */
static char tables[64][32];
static size_t n_tables;

static size_t table_at(const char *name)
{
	size_t i = 0;

	while (i < n_tables && strcmp(tables[i], name) != 0)
		i++;
	if (i == n_tables)
		snprintf(tables[n_tables++], sizeof(*tables), "%s", name);
	return i;
}

/* In the order of the table's columns. */
static size_t column_at(sqlite3 *db, const char *table, const char *column)
{
	sqlite3_stmt *st;
	size_t i = 0;

	assert_int_equal(sqlite3_prepare_v2(db, "SELECT name FROM pragma_table_info(?)", -1, &st,
					    NULL),
			 SQLITE_OK);
	sqlite3_bind_text(st, 1, table, -1, SQLITE_STATIC);
	while (sqlite3_step(st) == SQLITE_ROW &&
	       strcmp((const char *)sqlite3_column_text(st, 0), column) != 0)
		i++;
	sqlite3_finalize(st);
	return i;
}

struct read {
	char table[32], column[64];
};
static struct read reads[4096];
static size_t n_reads;

static int on_read(void *arg, int what, const char *table, const char *column, const char *db,
		   const char *view)
{
	(void)arg;
	(void)db;
	(void)view;
	if (what == SQLITE_READ && n_reads < ARRAY_SIZE(reads)) {
		snprintf(reads[n_reads].table, sizeof(reads->table), "%s", table);
		snprintf(reads[n_reads++].column, sizeof(reads->column), "%s", column);
	}
	return SQLITE_OK;
}

static sqlite3 *empty_run(void)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, store_schema_sql(), NULL, NULL, NULL), SQLITE_OK);
	return db;
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *st;

	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	return st;
}

static bool is_left_out(const char *table, const char *column)
{
	for (size_t i = 0; i < ARRAY_SIZE(left_out); i++)
		if (!strcmp(left_out[i].table, table) &&
		    (!left_out[i].column || !strcmp(left_out[i].column, column)))
			return true;
	return false;
}

static void every_column_is_told(void **state)
{
	sqlite3 *db = empty_run();
	sqlite3_stmt *all;

	(void)state;
	sqlite3_set_authorizer(db, on_read, NULL);
	for (const struct measurement *const *m = measurements; *m; m++)
		if ((*m)->sql)
			sqlite3_finalize(prepare(db, (*m)->sql));
	sqlite3_set_authorizer(db, NULL, NULL);
	assert_true(n_reads < ARRAY_SIZE(reads));
	for (size_t i = 0; i < n_reads; i++)
		if (*reads[i].column)
			seen[table_at(reads[i].table)]
			    [column_at(db, reads[i].table, reads[i].column)] = true;
	all = prepare(db, "SELECT m.name, c.name, c.cid FROM sqlite_master m, "
			  "pragma_table_info(m.name) c WHERE m.type = 'table'");
	while (sqlite3_step(all) == SQLITE_ROW) {
		const char *table = (const char *)sqlite3_column_text(all, 0);
		const char *column = (const char *)sqlite3_column_text(all, 1);
		bool told = seen[table_at(table)][sqlite3_column_int(all, 2)];

		if (!told && !is_left_out(table, column))
			fail_msg("%s.%s is in no measurement: add it to one "
				 "(user/sink/measure_*.c), "
				 "or to the list here with the reason",
				 table, column);
	}
	sqlite3_finalize(all);
	/* And nothing is said to be left out that is not. */
	for (size_t i = 0; i < ARRAY_SIZE(left_out); i++)
		if (left_out[i].column &&
		    seen[table_at(left_out[i].table)]
			[column_at(db, left_out[i].table, left_out[i].column)])
			fail_msg("%s.%s is told", left_out[i].table, left_out[i].column);
	sqlite3_close(db);
}

/* What a measurement's result has after its columns. */
static int n_after(const struct measurement *m)
{
	int n = 0;

	for (size_t i = 0; m->hists && m->hists[i]; i++)
		n += 3;
	/* Of buckets it has two instead of three. */
	return n - m->buckets + (!strcmp(m->name, "cbpf_perf") ? 2 : 0);
}

static void results_have_the_columns(void **state)
{
	sqlite3 *db = empty_run();

	(void)state;
	for (const struct measurement *const *p = measurements; *p; p++) {
		const struct measurement *m = *p;
		sqlite3_stmt *st;
		int want;

		if (!m->sql)
			continue;
		st = prepare(db, m->sql);
		want = 2 + n_columns(m, COLUMN_TAG, false) + n_columns(m, COLUMN_FACT, false) +
		       n_after(m);
		if (sqlite3_column_count(st) != want)
			fail_msg("%s: %d columns, not %d", m->name, sqlite3_column_count(st), want);
		sqlite3_finalize(st);
	}
	sqlite3_close(db);
}

/* A long run is read once, front to back: nothing is sorted, and no table read over and over. */
static void ticks_are_read_in_order(void **state)
{
	sqlite3 *db = empty_run();

	(void)state;
	for (const struct measurement *const *p = measurements; *p; p++) {
		char sql[16384];
		sqlite3_stmt *st;
		int scans = 0;

		/* Events are few, and their ticks are found by time. */
		if ((*p)->when != MEASURE_TICK || !(*p)->sql || !strcmp((*p)->name, "cbpf_event"))
			continue;
		snprintf(sql, sizeof(sql), "EXPLAIN QUERY PLAN %s", (*p)->sql);
		st = prepare(db, sql);
		while (sqlite3_step(st) == SQLITE_ROW) {
			const char *step = (const char *)sqlite3_column_text(st, 3);

			if (strstr(step, "TEMP B-TREE"))
				fail_msg("%s: %s", (*p)->name, step);
			scans += !strncmp(step, "SCAN ", 5) && strcmp(step, "SCAN k") != 0;
		}
		if (scans)
			fail_msg("%s scans a table", (*p)->name);
		sqlite3_finalize(st);
	}
	sqlite3_close(db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(are_sound),
		cmocka_unit_test(finds_columns),
		cmocka_unit_test(every_column_is_told),
		cmocka_unit_test(results_have_the_columns),
		cmocka_unit_test(ticks_are_read_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
