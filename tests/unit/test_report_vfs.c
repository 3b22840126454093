// SPDX-License-Identifier: Apache-2.0
/* File system calls in a report, from rows that are written here. */
#include <sqlite3.h>
#include <string.h>

#include "base/err.h"
#include "base/hist.h"
#include "fake_building.h"
#include "store/store.h"
#include "unit.h"

static struct fake_run run;
static struct err err;
static struct building b;

/* @n calls in tick @seq that took @ns each, and moved @bytes each if any. */
static void called(int seq, int mount, const char *op, unsigned int n, uint64_t ns, uint64_t bytes,
		   unsigned int errors)
{
	uint8_t blob[HIST_BLOB_MAX];
	sqlite3_stmt *row;

	for (int sizes = 0; sizes < (bytes ? 2 : 1); sizes++) {
		uint64_t each = sizes ? bytes : ns;
		struct hist h = { 0 };

		for (unsigned int i = 0; i < n; i++)
			hist_add(&h, sizes ? bytes - 1 : ns);
		assert_int_equal(
			sqlite3_prepare_v2(store_db(run.store),
					   "INSERT INTO histogram (seq, target, layer, op, "
					   "device, ios, bytes, errors, count, sum, max, "
					   "buckets) VALUES (?, 0, ?, ?, ?, ?, ?, ?, ?, ?, "
					   "?, ?)",
					   -1, &row, NULL),
			SQLITE_OK);
		sqlite3_bind_int(row, 1, seq);
		sqlite3_bind_text(row, 2, sizes ? "vfs_size" : "vfs", -1, SQLITE_STATIC);
		sqlite3_bind_text(row, 3, op, -1, SQLITE_STATIC);
		sqlite3_bind_int(row, 4, mount);
		sqlite3_bind_int(row, 5, n);
		sqlite3_bind_int64(row, 6, n * bytes);
		sqlite3_bind_int(row, 7, errors);
		sqlite3_bind_int(row, 8, n);
		sqlite3_bind_int64(row, 9, n * each);
		sqlite3_bind_int64(row, 10, each);
		sqlite3_bind_blob(row, 11, blob, hist_encode(&h, blob), SQLITE_STATIC);
		assert_int_equal(sqlite3_step(row), SQLITE_DONE);
		sqlite3_finalize(row);
	}
}

static int setup(void **state)
{
	(void)state;
	fake_building_begin(&b, &run, &err);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_building_end(&b, &run);
	return 0;
}

static json_t *target(size_t i)
{
	return json_array_get(json_object_get(b.report, "targets"), i);
}

static json_int_t number(const json_t *op, const char *key)
{
	return json_integer_value(json_object_get(op, key));
}

static void ticks_and_mounts_add_up(void **state)
{
	json_t *read, *mounts, *one;

	(void)state;
	called(0, 1, "read", 3, 100, 4096, 0);
	called(1, 1, "read", 1, 100, 4096, 0);
	called(1, 2, "read", 2, 900, 512, 0);
	fake_sql(&run,
		 "INSERT INTO mount VALUES (1, 'ext4', '8:1', '/'), (2, 'tmpfs', '0:40', '/tmp')");
	assert_int_equal(build_vfs(&b), 0);
	read = json_object_get(json_object_get(target(0), "vfs"), "read");
	assert_int_equal(number(read, "calls"), 6);
	assert_int_equal(number(read, "bytes"), 4 * 4096 + 2 * 512);
	assert_int_equal(number(json_object_get(read, "latency_ns"), "count"), 6);
	assert_int_equal(number(json_object_get(read, "latency_ns"), "sum"), 4 * 100 + 2 * 900);
	assert_int_equal(number(json_object_get(read, "latency_ns"), "max"), 900);
	assert_int_equal(number(json_object_get(read, "size_bytes"), "sum"), 4 * 4096 + 2 * 512);
	assert_int_equal(number(json_object_get(read, "size_bytes"), "p50"), 4096);
	assert_int_equal(number(json_object_get(read, "size_bytes"), "max"), 4096);
	mounts = json_object_get(target(0), "vfs_mounts");
	assert_int_equal(json_array_size(mounts), 2);
	one = json_array_get(mounts, 1);
	assert_string_equal(json_string_value(json_object_get(one, "mount")), "/tmp");
	assert_string_equal(json_string_value(json_object_get(one, "fs")), "tmpfs");
	assert_int_equal(number(json_object_get(json_object_get(one, "ops"), "read"), "calls"), 2);
	/* The other target called nothing. */
	assert_null(json_object_get(target(1), "vfs"));
}

static void failures_have_their_reason(void **state)
{
	json_t *open, *mount;

	(void)state;
	called(0, 0, "open", 5, 100, 0, 4);
	fake_sql(&run, "INSERT INTO vfs_error VALUES (0, 'open', 0, 2, 3), (0, 'open', 0, 999, 1)");
	assert_int_equal(build_vfs(&b), 0);
	open = json_object_get(json_object_get(target(0), "vfs"), "open");
	assert_int_equal(number(open, "calls"), 5);
	assert_int_equal(number(open, "errors"), 4);
	assert_int_equal(number(json_object_get(open, "errnos"), "ENOENT"), 3);
	assert_int_equal(number(json_object_get(open, "errnos"), "999"), 1);
	/* What is not known is null, and no sizes are no sizes. */
	mount = json_array_get(json_object_get(target(0), "vfs_mounts"), 0);
	assert_true(json_is_null(json_object_get(mount, "mount")));
	assert_null(json_object_get(open, "size_bytes"));
}

static void a_call_without_a_latency_has_none(void **state)
{
	json_t *fault;

	(void)state;
	fake_sql(
		&run,
		"INSERT INTO histogram (seq, target, layer, op, device, ios, bytes, errors, count, "
		"sum) "
		"VALUES (0, 0, 'vfs', 'fault', 1, 7, 0, 0, 0, 0)");
	assert_int_equal(build_vfs(&b), 0);
	fault = json_object_get(json_object_get(target(0), "vfs"), "fault");
	assert_int_equal(number(fault, "calls"), 7);
	assert_null(json_object_get(fault, "latency_ns"));
}

static json_int_t file_number(size_t i, const char *key)
{
	return number(json_array_get(json_object_get(target(0), "files"), i), key);
}

static void files_have_their_flags_by_name(void **state)
{
	struct store_file f = { .dev = 254 << 20,
				.inode = 5,
				.mount = 1,
				.path = "/data/a",
				.calls = { 2, 0, 1 },
				.ns = { 100, 0, 10 },
				.missed = 1,
				.flags = 1 << 0 | 1 << 7 };
	json_t *one;

	(void)state;
	fake_sql(&run, "INSERT INTO mount VALUES (1, 'ext4', '254:0', '/data')");
	assert_int_equal(store_put_file(run.store, &f, &err), 0);
	/* Two places of one file are one row. */
	f.flags = 1 << 1;
	assert_int_equal(store_put_file(run.store, &f, &err), 0);
	/* Another one with the same number is not. */
	f.generation = 9;
	f.path = "/data/\xff";
	assert_int_equal(store_put_file(run.store, &f, &err), 0);
	assert_int_equal(build_vfs(&b), 0);
	assert_int_equal(json_array_size(json_object_get(target(0), "files")), 2);
	one = json_array_get(json_object_get(target(0), "files"), 0);
	assert_string_equal(json_string_value(json_object_get(one, "mount")), "/data");
	assert_int_equal(file_number(0, "reads"), 4);
	assert_int_equal(file_number(0, "read_ns"), 200);
	assert_int_equal(file_number(0, "others"), 2);
	assert_int_equal(file_number(0, "missed"), 2);
	one = json_object_get(one, "flags");
	assert_int_equal(json_array_size(one), 3);
	assert_string_equal(json_string_value(json_array_get(one, 0)), "rdonly");
	assert_string_equal(json_string_value(json_array_get(one, 1)), "wronly");
	assert_string_equal(json_string_value(json_array_get(one, 2)), "direct");
	assert_int_equal(file_number(1, "generation"), 9);
}

static void files_are_held_against_what_the_target_did(void **state)
{
	struct store_file f = { .dev = 254 << 20,
				.inode = 5,
				.mount = 1,
				.path = "/data/a",
				.calls = { 2, 0, 1 },
				.bytes = { 1000, 0 },
				.ns = { 100, 0, 10 } };
	const json_t *total, *l;

	(void)state;
	called(0, 1, "read", 6, 100, 500, 0);
	called(0, 1, "copy", 2, 100, 500, 0);
	called(0, 1, "uring_read", 7, 100, 500, 0);
	called(0, 1, "uring_other", 1, 100, 0, 0);
	json_object_set_new(b.report, "losses", json_array());
	assert_int_equal(build_vfs(&b), 0);
	/* Nobody asked for files: nothing is missing of them. */
	assert_null(json_object_get(target(0), "files_total"));
	assert_int_equal(build_vfs_losses(&b), 0);
	assert_int_equal(json_array_size(json_object_get(b.report, "losses")), 0);

	json_object_del(target(0), "vfs");
	json_object_del(target(0), "vfs_mounts");
	assert_int_equal(store_put_file(run.store, &f, &err), 0);
	assert_int_equal(build_vfs(&b), 0);
	total = json_object_get(target(0), "files_total");
	assert_int_equal(number(total, "files"), 1);
	assert_int_equal(number(total, "read_bytes"), 1000);
	assert_true(json_real_value(json_object_get(total, "reads_ratio")) == 0.25);
	assert_true(json_real_value(json_object_get(total, "read_bytes_ratio")) == 0.25);
	assert_true(json_real_value(json_object_get(total, "write_bytes_ratio")) == 0);
	assert_int_equal(build_vfs_losses(&b), 0);
	l = json_array_get(json_object_get(b.report, "losses"), 0);
	assert_string_equal(json_string_value(json_object_get(l, "what")), "vfs.files_io_uring");
	assert_int_equal(number(l, "count"), 8);
}

static void an_older_database_has_none(void **state)
{
	(void)state;
	fake_sql(&run, "DROP TABLE mount");
	assert_int_equal(build_vfs(&b), 0);
	assert_null(json_object_get(target(0), "vfs"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(ticks_and_mounts_add_up, setup, teardown),
		cmocka_unit_test_setup_teardown(failures_have_their_reason, setup, teardown),
		cmocka_unit_test_setup_teardown(a_call_without_a_latency_has_none, setup, teardown),
		cmocka_unit_test_setup_teardown(files_have_their_flags_by_name, setup, teardown),
		cmocka_unit_test_setup_teardown(files_are_held_against_what_the_target_did, setup,
						teardown),
		cmocka_unit_test_setup_teardown(an_older_database_has_none, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
