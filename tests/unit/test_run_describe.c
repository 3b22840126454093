// SPDX-License-Identifier: Apache-2.0
/* Devices of frames become rows, and a stack that changes is looked at again. */
#include "run/describe.h"

#include <sqlite3.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "sample/frame.h"
#include "scratch.h"
#include "store/store.h"
#include "unit.h"

static char dir[64];
static struct store *store;
static struct describer d;

static void make_device(const char *name, const char *number)
{
	char path[160], target[128];

	snprintf(path, sizeof(path), "devices/%s/uevent", name);
	snprintf(target, sizeof(target), "DEVNAME=%s\n", name);
	scratch_write(dir, path, target);
	snprintf(path, sizeof(path), "devices/%s/dev", name);
	scratch_write(dir, path, number);
	snprintf(target, sizeof(target), "../../devices/%s", name);
	snprintf(path, sizeof(path), "%.64s/class/block/%s", dir, name);
	assert_int_equal(symlink(target, path), 0);
	snprintf(path, sizeof(path), "%.64s/dev/block/%s", dir, number);
	assert_int_equal(symlink(target, path), 0);
}

static int setup(void **state)
{
	struct store_run run = { .id = "20260102T030405-x-00aa", .interval_ns = 1 };
	static char mountinfo[96];
	struct err err;

	(void)state;
	scratch_make(dir);
	scratch_write(dir, "class/block/.keep", "");
	scratch_write(dir, "dev/block/.keep", "");
	make_device("vda", "254:0");
	make_device("loop0", "7:0");
	scratch_write(dir, "mounts",
		      "1 0 254:0 / / rw - ext4 /dev/vda rw\n"
		      "2 1 0:5 / /mem rw - tmpfs none rw\n");
	snprintf(mountinfo, sizeof(mountinfo), "%s/mounts", dir);
	d = (struct describer){ .sys = dir, .mountinfo = mountinfo };
	return store_create(dir, &run, &store, &err);
}

static int teardown(void **state)
{
	(void)state;
	store_close(store);
	return fs_remove_tree(dir);
}

/* "kind|label|leaves" of a device; "" without a row. */
static const char *row_of(uint32_t dev)
{
	static char text[256];
	sqlite3_stmt *st;

	assert_int_equal(sqlite3_prepare_v2(store_db(store),
					    "SELECT kind || '|' || coalesce(label, '') || '|' || "
					    "coalesce(leaves, '') FROM device WHERE dev = ?",
					    -1, &st, NULL),
			 SQLITE_OK);
	sqlite3_bind_int64(st, 1, dev);
	text[0] = '\0';
	if (sqlite3_step(st) == SQLITE_ROW)
		snprintf(text, sizeof(text), "%s", (const char *)sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
	return text;
}

static void see(uint32_t dev, bool stacked, uint64_t ios, uint64_t at_ns)
{
	struct frame_device device = { .dev = dev, .stacked = stacked, .ios = { ios } };
	struct frame f = { .n_devices = 1, .devices = &device, .end_ns = at_ns };
	struct err err;

	assert_int_equal(describe_devices(&d, &f, store, &err), 0);
}

static void a_disk(void **state)
{
	(void)state;
	see(254 << 20, false, 1, 1);
	assert_string_equal(row_of(254 << 20), "disk||");
	/* What sysfs does not know is no failure. */
	see(99 << 20, false, 1, 1);
	assert_string_equal(row_of(99 << 20), "");
}

static const struct {
	const char *label;
	uint64_t ios, at_ns;
	const char *file; /* of the loop device; NULL: none */
	const char *want;
} steps[] = {
	{ "used before the run, and without a file now", 5, 0, NULL, "loop||" },
	{ "without new I/O it is not looked at", 5, 1, "/a\n", "loop||" },
	{ "with I/O it is, at once", 6, 2, "/a\n", "loop|/a|[\"vda\"]" },
	{ "what it rests upon is believed for a second", 7, 3, "/mem/b\n", "loop|/a|[\"vda\"]" },
	{ "and then looked up again", 8, NSEC_PER_SEC + 3, "/mem/b\n", "loop|/mem/b|[]" },
	{ "what is gone keeps what was known", 9, 3 * NSEC_PER_SEC, NULL, "loop|/mem/b|[]" },
};

static void a_loop_device_through_its_life(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		char path[128];

		snprintf(path, sizeof(path), "%s/devices/loop0/loop", dir);
		if (steps[i].file)
			scratch_write(dir, "devices/loop0/loop/backing_file", steps[i].file);
		else
			(void)fs_remove_tree(path); /* may not be there yet */
		see(7 << 20, true, steps[i].ios, steps[i].at_ns);
		if (strcmp(row_of(7 << 20), steps[i].want))
			fail_msg("%s: %s", steps[i].label, row_of(7 << 20));
	}
}

static void more_devices_than_fit(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < DESCRIBE_MAX + 5; i++)
		see(300 << 20 | i, false, 1, 1);
	assert_int_equal(d.n, DESCRIBE_MAX);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(a_disk),
		CASE(a_loop_device_through_its_life),
		CASE(more_devices_than_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
