// SPDX-License-Identifier: Apache-2.0
/* Making and ending cgroups in directories that play v1 hierarchies. No root. */
#include "host/cgroup.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/fs.h"

static char dir[64];
static struct cgroup_layout l;

static bool there(const char *path)
{
	char full[256];

	snprintf(full, sizeof(full), "%s/%s", dir, path);
	return !access(full, F_OK);
}

static int setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/cbpf-test-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	l = (struct cgroup_layout){ .mode = CGROUP_V1 };
	snprintf(l.v1[CG_CPU], CGROUP_PATH, "%s/cpu", dir);
	snprintf(l.v1[CG_CPUACCT], CGROUP_PATH, "%s/cpu", dir); /* mounted together */
	snprintf(l.v1[CG_BLKIO], CGROUP_PATH, "%s/blkio", dir);
	return mkdir(l.v1[CG_CPU], 0700) || mkdir(l.v1[CG_BLKIO], 0700);
}

static int teardown(void **state)
{
	(void)state;
	return fs_remove_tree(dir);
}

static void test_create_and_remove(void **state)
{
	const struct cgroup_limits none = CGROUP_LIMITS_NONE;
	struct cgroup_ref a, b;
	struct err err = { 0 };
	struct stat st;

	(void)state;
	assert_int_equal(cgroup_create(&l, "/cbpf/run.1", "a", &none, &a, &err), 0);
	assert_int_equal(cgroup_create(&l, "/cbpf/run.1", "b", &none, &b, &err), 0);
	assert_true(there("cpu/cbpf/run.1/a") && there("blkio/cbpf/run.1/a"));
	assert_string_equal(a.v1[CG_CPU], a.v1[CG_CPUACCT]);
	assert_string_equal(a.v2, "");
	assert_int_equal(stat(a.v1[CG_BLKIO], &st), 0);
	assert_int_equal(a.io_id, st.st_ino);
	assert_int_equal(a.default_id, 0);

	/* The same name again is somebody else's. */
	assert_int_equal(cgroup_create(&l, "/cbpf/run.1", "a", &none, &a, &err), -EEXIST);
	assert_non_null(strstr(err.text, "cbpf clean"));
	assert_true(there("blkio/cbpf/run.1/a"));

	assert_int_equal(cgroup_remove(&a), 0);
	cgroup_remove_parents(&l, "/cbpf/run.1");
	assert_true(there("blkio/cbpf/run.1/b"));
	assert_int_equal(cgroup_remove(&b), 0);
	assert_int_equal(cgroup_remove(&b), 0);
	cgroup_remove_parents(&l, "/cbpf/run.1");
	assert_false(there("blkio/cbpf") || there("cpu/cbpf"));
	assert_true(there("blkio") && there("cpu"));
}

static void test_failure_leaves_nothing(void **state)
{
	struct cgroup_limits limits = CGROUP_LIMITS_NONE;
	struct cgroup_ref ref;
	struct err err = { 0 };

	(void)state;
	limits.cpu_limit = 1; /* whose file this hierarchy does not have */
	assert_int_equal(cgroup_create(&l, "/cbpf/run.1", "a", &limits, &ref, &err), -EOPNOTSUPP);
	assert_non_null(strstr(err.text, "cpu_limit"));
	assert_false(there("blkio/cbpf") || there("cpu/cbpf"));
}

static void test_long_name(void **state)
{
	const struct cgroup_limits none = CGROUP_LIMITS_NONE;
	char name[CGROUP_PATH + 1];
	struct cgroup_ref ref;
	struct err err = { 0 };

	(void)state;
	memset(name, 'a', CGROUP_PATH);
	name[CGROUP_PATH] = '\0';
	assert_int_equal(cgroup_create(&l, "/cbpf/r", name, &none, &ref, &err), -ENAMETOOLONG);
	assert_false(there("blkio/cbpf"));
}

static void test_enter(void **state)
{
	const struct cgroup_limits none = CGROUP_LIMITS_NONE;
	struct cgroup_ref ref;
	struct err err = { 0 };
	char path[CGROUP_PATH + 16], text[32];

	(void)state;
	assert_int_equal(cgroup_create(&l, "/cbpf/r", "a", &none, &ref, &err), 0);
	assert_int_equal(cgroup_enter(&ref, 7, &err), -ENOENT);
	for (int c = CG_CPU; c <= CG_BLKIO; c += CG_BLKIO - CG_CPU) {
		snprintf(path, sizeof(path), "%s/cgroup.procs", ref.v1[c]);
		assert_int_equal(fs_create_at(-1, path, "", 0), 0);
	}
	assert_int_equal(cgroup_enter(&ref, 7, &err), 0);
	assert_int_equal(fs_read_at(-1, path, text, sizeof(text)), 0);
	assert_string_equal(text, "7");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_create_and_remove, setup, teardown),
		cmocka_unit_test_setup_teardown(test_failure_leaves_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_name, setup, teardown),
		cmocka_unit_test_setup_teardown(test_enter, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
