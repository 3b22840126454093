// SPDX-License-Identifier: Apache-2.0
/* The schema: accepted by SQLite, complete, and documented column by column. */
#include "store/store.h"

#include <sqlite3.h>
#include <string.h>

#include "base/cleanup.h"
#include "unit.h"

static const struct {
	const char *table, *why;
} tables[] = {
	{ "run", "the run itself" },
	{ "target", "what rows point at" },
	{ "tick", "the time axis" },
	{ "metric", "says what the columns of sample are" },
	{ "sample", "one wide row per target and tick" },
	{ "cpuset", "what targets may run on" },
	{ "rdt", "what they have of caches" },
	{ "rdt_class", "and the class they are in" },
	{ "rdt_alloc", "and what that may use" },
	{ "histogram", "latencies and sizes" },
	{ "block", "what of the same requests has no latency" },
	{ "block_error", "failures by status" },
	{ "share", "who was in a device" },
	{ "interference", "what they lost to each other" },
	{ "device_depth", "queue depth, and how good the kernel's clock is" },
	{ "device", "names" },
	{ "device_sample", "the kernel's own totals" },
	{ "event", "what happened" },
	{ "result", "what tools said" },
	{ "expect", "verdicts" },
	{ "profile_run", "how stacks were sampled" },
	{ "profile", "and those that were" },
	{ "finding", "conclusions" },
	{ "loss", "what is missing" },
	{ "cursor", "how far sinks have got" },
};

static sqlite3 *fresh(void)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	if (sqlite3_exec(db, store_schema_sql(), NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(db));
	return db;
}

static void tables_are_there(void **state)
{
	sqlite3 *db = fresh();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		if (sqlite3_table_column_metadata(db, NULL, tables[i].table, NULL, NULL, NULL, NULL,
						  NULL, NULL) != SQLITE_OK)
			fail_msg("%s (%s) is missing", tables[i].table, tables[i].why);
	sqlite3_close(db);
}

static void sample_has_every_metric(void **state)
{
	static const char *const names[] = {
#define NAME(name, kind, unit, source) #name,
		METRICS(NAME)
#undef NAME
	};
	sqlite3 *db = fresh();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(sqlite3_table_column_metadata(db, NULL, "sample", names[i], NULL,
							       NULL, NULL, NULL, NULL),
				 SQLITE_OK);
	sqlite3_close(db);
}

/* A column is a line that starts with two blanks and is no key over several. */
static void columns_have_comments(void **state)
{
	const char *line = store_schema_sql();

	(void)state;
	while (*line) {
		size_t len = strcspn(line, "\n");

		if (!strncmp(line, "  ", 2) && strncmp(line, "  PRIMARY KEY", 13) &&
		    !memmem(line, len, " -- ", 4))
			fail_msg("no comment: %.*s", (int)len, line);
		line += len + (line[len] == '\n');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_are_there),
		cmocka_unit_test(sample_has_every_metric),
		cmocka_unit_test(columns_have_comments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
