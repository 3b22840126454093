// SPDX-License-Identifier: Apache-2.0
/* Of targets' limits those that are some; of file systems those that targets used. */
#include "run/limits.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/err.h"
#include "base/fs.h"
#include "fake_building.h"
#include "launch/target.h"
#include "scratch.h"
#include "unit.h"

static void limits_of_a_target(void **state)
{
	struct cgroup_layout l = { .mode = CGROUP_V2, .io_on_v2 = true };
	struct target t = { .name = "a" };
	struct limits limits = { 0 };
	char dir[64];

	(void)state;
	scratch_make(dir);
	snprintf(l.v2, sizeof(l.v2), "%s", dir);
	snprintf(t.cg.v2, sizeof(t.cg.v2), "%s/a", dir);
	scratch_write(dir, "a/io.max",
		      "8:16 rbps=max wbps=1000 riops=max wiops=5\n8:32 rbps=max wbps=max\n");
	/* Not started yet: nobody knows its cgroup. */
	assert_int_equal(limits_look(&limits, &l, &t, 3), 0);
	assert_int_equal(limits.n, 0);
	atomic_store(&t.published, true);
	assert_int_equal(limits_look(&limits, &l, &t, 3), 0);
	assert_int_equal(limits.n, 1);
	assert_int_equal(limits.v[0].owner, 3);
	assert_int_equal(limits.v[0].dev, 8 << 20 | 16);
	assert_int_equal(limits.v[0].version, 2);
	assert_int_equal(limits.v[0].write_bps, 1000);
	assert_int_equal(limits.v[0].write_iops, 5);
	assert_int_equal(limits.v[0].read_bps, 0);
	limits_fini(&limits);
	assert_int_equal(fs_remove_tree(dir), 0);
}

static void file_systems_in_use(void **state)
{
	struct fake_run run;
	struct err err;
	struct building b;
	char dir[64], path[96], text[512];
	struct stat st;
	sqlite3_stmt *row;

	(void)state;
	fake_building_begin(&b, &run, &err);
	scratch_make(dir);
	assert_int_equal(stat(dir, &st), 0);
	snprintf(path, sizeof(path), "%s/with space", dir);
	assert_int_equal(fs_mkdirs(path, 0755), 0);
	snprintf(text, sizeof(text),
		 "1 2 1:1 / /nowhere rw - x y z\n"
		 "1 2 %u:%u / %s/with\\040space rw - x y z\n1 2 %u:%u / / rw - x y z\n",
		 major(st.st_dev), minor(st.st_dev), dir, major(st.st_dev), minor(st.st_dev));
	scratch_write(dir, "mountinfo", text);
	snprintf(text, sizeof(text), "%s/mountinfo", dir);
	fake_sql(&run, "DELETE FROM mount");
	fake_sql(&run,
		 "INSERT INTO mount VALUES (1, 'a', '%u:%u', '/x'), (2, 'a', '%u:%u', '/y'), "
		 "(3, 'b', '1:1', '/z'), (4, 'b', '2:2', '/z')",
		 major(st.st_dev), minor(st.st_dev), major(st.st_dev), minor(st.st_dev));
	assert_int_equal(limits_put_filesystems(run.store, text, &err), 0);
	assert_int_equal(sqlite3_prepare_v2(store_db(run.store),
					    "SELECT at, used_bytes > 0, count(*) FROM filesystem",
					    -1, &row, NULL),
			 SQLITE_OK);
	assert_int_equal(sqlite3_step(row), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(row, 0), path);
	assert_int_equal(sqlite3_column_int(row, 1), 1);
	assert_int_equal(sqlite3_column_int(row, 2), 1);
	sqlite3_finalize(row);
	assert_int_equal(fs_remove_tree(dir), 0);
	fake_building_end(&b, &run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_of_a_target),
		cmocka_unit_test(file_systems_in_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
