// SPDX-License-Identifier: Apache-2.0
/* Locked while the owner lives, cleaned when it does not; in directories. No root. */
#include "launch/native_group.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"

static char dir[64];
static struct cgroup_layout l;

static int setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/cbpf-test-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	l = (struct cgroup_layout){ .mode = CGROUP_V1 };
	snprintf(l.v1[CG_BLKIO], CGROUP_PATH, "%s/blkio", dir);
	snprintf(l.v1[CG_PIDS], CGROUP_PATH, "%s/pids", dir);
	return fs_mkdirs(l.v1[CG_BLKIO], 0700) || fs_mkdirs(l.v1[CG_PIDS], 0700);
}

static int teardown(void **state)
{
	(void)state;
	return fs_remove_tree(dir);
}

static bool there(const char *hierarchy, const char *path)
{
	char full[2 * CGROUP_PATH];

	snprintf(full, sizeof(full), "%s/%s%s", dir, hierarchy, path);
	return !access(full, F_OK);
}

static void test_open_close(void **state)
{
	struct native_group g;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(native_group_open(&l, "id", dir, &g, &err), 0);
	assert_true(there("blkio", g.parent) && there("pids", g.parent));
	assert_int_equal(strncmp(g.parent, "/cbpf/id.", 9), 0);
	native_group_close(&g);
	assert_false(there("blkio", "/cbpf") || there("pids", "/cbpf"));
}

static void test_clean(void **state)
{
	struct buf report = BUF_INIT(4096);
	struct native_group g;
	struct err err = { 0 };
	char dead[CGROUP_PATH];

	(void)state;
	assert_int_equal(native_group_open(&l, "alive", dir, &g, &err), 0);
	snprintf(dead, sizeof(dead), "%s/pids/cbpf/dead.1/target", dir);
	assert_int_equal(fs_mkdirs(dead, 0700), 0);

	assert_int_equal(native_group_clean(&l, true, &report, &err), 0);
	assert_string_equal(buf_str(&report), "would remove cgroup /cbpf/dead.1\n");
	assert_true(there("pids", "/cbpf/dead.1"));

	buf_reset(&report);
	assert_int_equal(native_group_clean(&l, false, &report, &err), 0);
	assert_string_equal(buf_str(&report), "removed cgroup /cbpf/dead.1\n");
	assert_false(there("pids", "/cbpf/dead.1"));
	assert_true(there("pids", g.parent) && there("blkio", g.parent));
	native_group_close(&g);

	buf_reset(&report);
	assert_int_equal(native_group_clean(&l, false, &report, &err), 0);
	assert_string_equal(buf_str(&report), "");
	buf_fini(&report);
}

static void test_unwritable(void **state)
{
	struct native_group g;
	struct err err = { 0 };

	(void)state;
	snprintf(l.v1[CG_PIDS], CGROUP_PATH, "/proc/no-such-dir");
	assert_true(native_group_open(&l, "id", dir, &g, &err) < 0);
	assert_non_null(strstr(err.text, "/proc/no-such-dir/cbpf/id."));
	assert_false(there("blkio", "/cbpf"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_open_close, setup, teardown),
		cmocka_unit_test_setup_teardown(test_clean, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unwritable, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
