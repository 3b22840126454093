// SPDX-License-Identifier: Apache-2.0
/* What devices are made of is told, and sums over disks count each byte once. */
#include <sqlite3.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "fake_report.h"
#include "fake_run.h"
#include "report/report.h"
#include "unit.h"

static const struct {
	const char *path, *want, *why;
} told[] = {
	{ "devices.0.kind", "loop", "what it is" },
	{ "devices.0.label", "/data/disk.img", "its file" },
	{ "devices.0.leaves.0", "vda", "what it rests upon" },
	{ "devices.1.kind", "disk", "a disk" },
};

static const struct {
	const char *path;
	int64_t want;
	const char *why;
} sums[] = {
	{ "targets.0.block_total.write.bytes", 3 * 400 * 4096, "not again those of the loop" },
	{ "targets.0.block_total.write.ios", 3 * 400, "requests too" },
	{ "targets.0.block_total.write.devices", 1, "one disk" },
	{ "targets.0.block_total.read.bytes", 3 * 100 * 4096, "reads by themselves" },
	{ "targets.1.block_total.write.errors", 2, "errors" },
	{ "targets.3.block_total.read.bytes", 3 * 5 * 16384, "bystanders too" },
};

static void leaves_and_sums(void **state)
{
	json_t *report = fake_report(NULL);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(told); i++) {
		print_message("%s\n", told[i].why);
		assert_string_equal(json_string_value(fake_at(report, told[i].path)), told[i].want);
	}
	for (size_t i = 0; i < ARRAY_SIZE(sums); i++) {
		print_message("%s\n", sums[i].why);
		assert_int_equal(json_integer_value(fake_at(report, sums[i].path)), sums[i].want);
	}
	assert_null(fake_find(report, "devices.1.leaves"));
	assert_null(fake_find(report, "devices.1.label"));
	assert_null(fake_find(report, "targets.1.block_total.read"));
	json_decref(report);
}

/* The same run after a change of its database. */
static json_t *changed(const char *sql)
{
	cleanup_free char *db = NULL;
	struct err err = { 0 };
	json_t *report = NULL;
	struct fake_run r;
	struct store *s;
	sqlite3 *raw;

	fake_run_make(&r, NULL);
	db = fs_join(r.dir, "run.db");
	assert_int_equal(sqlite3_open(db, &raw), SQLITE_OK);
	assert_int_equal(sqlite3_exec(raw, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(raw);
	s = fake_run_open(&r);
	if (report_build(s, &report, &err))
		fail_msg("%s", err.text);
	store_close(s);
	fake_run_fini(&r);
	return report;
}

static const struct {
	const char *sql, *why;
	int64_t bytes, devices; /* of block_total.write */
} changes[] = {
	{ "CREATE TABLE d AS SELECT dev, name, stacked FROM device; DROP TABLE device; "
	  "ALTER TABLE d RENAME TO device; "
	  "CREATE TABLE t AS SELECT id, name, kind, image, container_id, cgroup, io_cgroup_id, "
	  "default_cgroup_id, state, failure, binary, exit_code, start_ns, ready_ns, end_ns "
	  "FROM target; DROP TABLE target; ALTER TABLE t RENAME TO target; PRAGMA user_version = 1",
	  "an older database: stacked devices are known all the same", 3 * 400 * 4096, 1 },
	{ "UPDATE device SET leaves = '[]' WHERE name = 'loop0'",
	  "a device on no disk is seen nowhere else", 6 * 400 * 4096, 2 },
	{ "UPDATE device SET leaves = NULL WHERE name = 'loop0'",
	  "where the disks are not known they are there nevertheless", 3 * 400 * 4096, 1 },
	{ "UPDATE device SET leaves = 'odd' WHERE name = 'loop0'",
	  "what cannot be parsed is absent", 3 * 400 * 4096, 1 },
	{ "UPDATE device SET stacked = NULL, name = NULL",
	  "a device that nothing is known of counts", 6 * 400 * 4096, 2 },
};

static void databases_that_know_less(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		json_t *report = changed(changes[i].sql);
		json_t *sum = fake_at(report, "targets.0.block_total.write");

		print_message("%s\n", changes[i].why);
		assert_int_equal(json_integer_value(fake_at(sum, "bytes")), changes[i].bytes);
		assert_int_equal(json_integer_value(fake_at(sum, "devices")), changes[i].devices);
		json_decref(report);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaves_and_sums),
		cmocka_unit_test(databases_that_know_less),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
