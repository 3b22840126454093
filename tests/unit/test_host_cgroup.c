// SPDX-License-Identifier: Apache-2.0
/* Finding cgroups in directories that play hierarchies. No root. */
#include "host/cgroup.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"

struct fixture {
	char dir[64];
	struct cgroup_layout hybrid, v2;
};

static void make(const struct fixture *f, const char *path)
{
	char full[256];

	snprintf(full, sizeof(full), "%s/%s", f->dir, path);
	assert_int_equal(fs_mkdirs(full, 0700), 0);
}

static uint64_t inode(const struct fixture *f, const char *path)
{
	char full[256];
	struct stat st;

	snprintf(full, sizeof(full), "%s/%s", f->dir, path);
	assert_int_equal(stat(full, &st), 0);
	return st.st_ino;
}

static int setup(void **state)
{
	static struct fixture f;

	strcpy(f.dir, "/tmp/cbpf-test-XXXXXX");
	if (!mkdtemp(f.dir))
		return -1;
	make(&f, "unified/docker/1");
	make(&f, "blkio/docker/1");
	make(&f, "blkio/a/b/c");
	make(&f, "memory/docker");
	f.hybrid.mode = CGROUP_HYBRID;
	snprintf(f.hybrid.v2, CGROUP_PATH, "%s/unified", f.dir);
	snprintf(f.hybrid.v1[CG_BLKIO], CGROUP_PATH, "%s/blkio", f.dir);
	snprintf(f.hybrid.v1[CG_MEMORY], CGROUP_PATH, "%s/memory", f.dir);
	f.v2.mode = CGROUP_V2;
	f.v2.io_on_v2 = true;
	snprintf(f.v2.v2, CGROUP_PATH, "%s/unified", f.dir);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	return fs_remove_tree(((struct fixture *)*state)->dir);
}

static void test_of_path(void **state)
{
	const struct fixture *f = *state;
	static const struct {
		const char *label, *path;
		int rc;
		bool v2, blkio, memory;
	} cases[] = {
		{ "where it exists, it is taken", "/docker/1", 0, true, true, false },
		{ "only in one hierarchy", "/a/b", 0, false, true, false },
		{ "nowhere", "/nowhere", -ENOENT, false, false, false },
		{ "the root is no container", "/", -EINVAL, false, false, false },
		{ "a relative path", "docker/1", -EINVAL, false, false, false },
		{ "a way out", "/docker/../..", -EINVAL, false, false, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct cgroup_ref ref = { 0 };
		struct err err = { 0 };

		print_message("%s\n", cases[i].label);
		assert_int_equal(cgroup_of_path(&f->hybrid, cases[i].path, &ref, &err),
				 cases[i].rc);
		assert_int_equal(*ref.v2 != '\0', cases[i].v2);
		assert_int_equal(*ref.v1[CG_BLKIO] != '\0', cases[i].blkio);
		assert_int_equal(*ref.v1[CG_MEMORY] != '\0', cases[i].memory);
		assert_int_equal(!cases[i].rc, !*err.text);
	}
}

static void test_ids(void **state)
{
	const struct fixture *f = *state;
	struct cgroup_ref ref;
	struct err err;

	assert_int_equal(cgroup_of_path(&f->hybrid, "/docker/1", &ref, &err), 0);
	assert_int_equal(ref.io_id, inode(f, "blkio/docker/1"));
	assert_int_equal(ref.default_id, inode(f, "unified/docker/1"));
	assert_int_equal(ref.io_above, 0);
}

static void touch(const struct fixture *f, const char *file)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", f->dir, file);
	assert_int_equal(fs_create_at(-1, path, "", 0), 0);
}

/* Memory is charged where the directory has its controller. */
static void test_memory_id(void **state)
{
	const struct fixture *f = *state;
	struct cgroup_layout below = f->hybrid;
	struct cgroup_ref ref;
	struct err err;
	unsigned int level = 0;
	uint64_t id = 0;

	assert_int_equal(cgroup_of_path(&f->hybrid, "/docker", &ref, &err), 0);
	assert_int_equal(cgroup_memory_id(&f->hybrid, &ref, &id, &level), -ENOENT);
	touch(f, "memory/docker/memory.stat");
	assert_int_equal(cgroup_memory_id(&f->hybrid, &ref, &id, &level), 0);
	assert_int_equal(id, inode(f, "memory/docker"));
	assert_int_equal(level, 1);
	/* Mounted from deeper in the hierarchy. */
	strcpy(below.v1_root[CG_MEMORY], "/a/b");
	assert_int_equal(cgroup_memory_id(&below, &ref, &id, &level), 0);
	assert_int_equal(level, 3);
	assert_int_equal(cgroup_of_path(&f->v2, "/docker/1", &ref, &err), 0);
	assert_int_equal(cgroup_memory_id(&f->v2, &ref, &id, &level), -ENOENT);
	touch(f, "unified/docker/1/memory.current");
	assert_int_equal(cgroup_memory_id(&f->v2, &ref, &id, &level), 0);
	assert_int_equal(id, inode(f, "unified/docker/1"));
	assert_int_equal(level, 2);
}

/* Which of /docker, /docker/1 and the root have the controller, and who is charged then. */
static void test_io_of_ancestors(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *label, *with[3], *controllers, *mounted, *charged;
		bool above;
	} cases[] = {
		{ "its own", { "docker/1", "docker", "" }, "io", "/", "unified/docker/1", false },
		{ "the parent's", { "docker", "" }, "io", "/", "unified/docker", true },
		{ "the root's", { "" }, "io", "/", "unified", true },
		{ "the root's, which shows no file", { NULL }, "cpu io", "/", "unified", true },
		{ "nobody's: there is no such controller", { NULL }, "cpu", "/", NULL, false },
		{ "nobody's that can be seen from here", { NULL }, "io", "/a/b", NULL, false },
		{ "the uppermost that is mounted", { "" }, "io", "/a/b", "unified", true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct cgroup_ref ref;
		char path[256];
		struct err err;

		print_message("%s\n", cases[i].label);
		for (size_t k = 0; k < 3 && cases[i].with[k]; k++) {
			snprintf(path, sizeof(path), "%s/unified/%s/io.stat", f->dir,
				 cases[i].with[k]);
			assert_int_equal(fs_create_at(-1, path, "", 0), 0);
		}
		strcpy(f->v2.v2_controllers, cases[i].controllers);
		strcpy(f->v2.v2_root, cases[i].mounted);
		assert_int_equal(cgroup_of_path(&f->v2, "/docker/1", &ref, &err), 0);
		assert_int_equal(ref.io_id, cases[i].charged ? inode(f, cases[i].charged) : 0);
		assert_int_equal(ref.io_above > 0, cases[i].above);
		if (cases[i].above) {
			snprintf(path, sizeof(path), "%s/%s", f->dir, cases[i].charged);
			assert_int_equal(ref.io_above, strlen(path));
		}
		for (size_t k = 0; k < 3 && cases[i].with[k]; k++) {
			snprintf(path, sizeof(path), "%s/unified/%s/io.stat", f->dir,
				 cases[i].with[k]);
			assert_int_equal(unlink(path), 0);
		}
	}
}

static void test_path_of_id(void **state)
{
	const struct fixture *f = *state;
	static const struct {
		const char *label;
		bool io, v2;
		const char *where, *path;
	} cases[] = {
		{ "deep in blkio", true, false, "blkio/a/b/c", "/a/b/c" },
		{ "in the default hierarchy", false, false, "unified/docker/1", "/docker/1" },
		{ "io on v2", true, true, "unified/docker/1", "/docker/1" },
		{ "the root itself", true, false, "blkio", "/" },
		{ "another hierarchy's id is not found", true, false, "memory/docker", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char path[CGROUP_PATH];
		int rc = cgroup_path_of_id(cases[i].v2 ? &f->v2 : &f->hybrid, cases[i].io,
					   inode(f, cases[i].where), path, sizeof(path));

		print_message("%s\n", cases[i].label);
		assert_int_equal(rc, cases[i].path ? 0 : -ENOENT);
		assert_string_equal(path, cases[i].path ? cases[i].path : "");
	}
}

static void test_of_pid(void **state)
{
	const struct fixture *f = *state;
	struct cgroup_ref ref;
	struct err err = { 0 };
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(cgroup_of_pid(&f->hybrid, pid, &ref, &err), -ESRCH);
	assert_int_equal(cgroup_of_pid(&f->hybrid, getpid(), &ref, &err), 0);
}

static void test_oom_kills(void **state)
{
	const struct fixture *f = *state;
	struct cgroup_ref ref = { 0 };
	uint64_t n = 0;
	char path[2 * CGROUP_PATH];

	assert_int_equal(cgroup_oom_kills(&ref, &n), -ENOENT);
	snprintf(ref.v2, CGROUP_PATH, "%s/unified/docker/1", f->dir);
	snprintf(path, sizeof(path), "%s/memory.events", ref.v2);
	assert_int_equal(fs_create_at(-1, path, "oom 2\noom_kill 5\n", 17), 0);
	assert_int_equal(cgroup_oom_kills(&ref, &n), 0);
	assert_int_equal(n, 5);
	snprintf(ref.v1[CG_MEMORY], CGROUP_PATH, "%s/memory/docker", f->dir);
	snprintf(path, sizeof(path), "%s/memory.oom_control", ref.v1[CG_MEMORY]);
	assert_int_equal(fs_create_at(-1, path, "under_oom 0\noom_kill 1\n", 23), 0);
	assert_int_equal(cgroup_oom_kills(&ref, &n), 0);
	assert_int_equal(n, 1);
}

static void test_can(void **state)
{
	struct cgroup_layout l = { .v2 = "/c", .v2_controllers = "cpu io" };

	(void)state;
	assert_true(cgroup_can(&l, CG_CPU));
	assert_true(cgroup_can(&l, CG_BLKIO));
	assert_true(cgroup_can(&l, CG_CPUACCT));
	assert_false(cgroup_can(&l, CG_CPUSET));
	strcpy(l.v1[CG_CPUSET], "/v1");
	assert_true(cgroup_can(&l, CG_CPUSET));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_of_path, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ids, setup, teardown),
		cmocka_unit_test_setup_teardown(test_memory_id, setup, teardown),
		cmocka_unit_test_setup_teardown(test_io_of_ancestors, setup, teardown),
		cmocka_unit_test_setup_teardown(test_path_of_id, setup, teardown),
		cmocka_unit_test_setup_teardown(test_of_pid, setup, teardown),
		cmocka_unit_test_setup_teardown(test_oom_kills, setup, teardown),
		cmocka_unit_test(test_can),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
