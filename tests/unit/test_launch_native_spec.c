// SPDX-License-Identifier: Apache-2.0
/* From a container of the spec to a process: what fits, what is refused. No root. */
#include "launch/native_spec.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "plan/plan.h"

static struct spec_container container(void)
{
	return (struct spec_container){
		.cpu_limit = NAN,
		.memory = OPTION_UNSET,
		.memory_swap = OPTION_UNSET,
		.pids = OPTION_UNSET,
		.shm_size = OPTION_UNSET,
		.privileged = FLAG_UNSET,
		.io = { NULL, OPTION_UNSET, OPTION_UNSET, OPTION_UNSET, OPTION_UNSET,
			OPTION_UNSET },
	};
}

static void test_users(void **state)
{
	static const struct {
		const char *label, *text;
		int rc;
		uid_t uid;
		gid_t gid;
		const char *words;
	} cases[] = {
		{ "a name has its own group", "daemon", 0, 1, 1, "" },
		{ "a known number too", "1", 0, 1, 1, "" },
		{ "an unknown number has group 0", "123456", 0, 123456, 0, "" },
		{ "a group by number", "daemon:7", 0, 1, 7, "" },
		{ "a group by name", "0:daemon", 0, 0, 1, "" },
		{ "an unknown user", "no-such", -ENOENT, 0, 0, "user \"no-such\"" },
		{ "an unknown group", "0:no-such", -ENOENT, 0, 0, "group \"no-such\"" },
		{ "a negative number is a name", "-1", -ENOENT, 0, 0, "user \"-1\"" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct native_exec x = { 0 };
		struct err err = { 0 };

		print_message("%s\n", cases[i].label);
		assert_int_equal(native_user(cases[i].text, &x, &err), cases[i].rc);
		assert_non_null(strstr(err.text, cases[i].words));
		if (!cases[i].rc) {
			assert_true(x.has_user && x.n_groups >= 1);
			assert_int_equal(x.uid, cases[i].uid);
			assert_int_equal(x.gid, cases[i].gid);
		}
		native_exec_fini(&x);
	}
}

static void test_ulimits(void **state)
{
	static const struct {
		const char *label, *name, *value;
		int rc;
		rlim_t soft, hard;
	} cases[] = {
		{ "one number is both", "nofile", "1024", 0, 1024, 1024 },
		{ "soft and hard", "nproc", "10:20", 0, 10, 20 },
		{ "no limit", "core", "unlimited", 0, RLIM_INFINITY, RLIM_INFINITY },
		{ "no limit, as engines say it", "core", "0:-1", 0, 0, RLIM_INFINITY },
		{ "soft above hard", "nproc", "20:10", -EINVAL, 0, 0 },
		{ "no number", "nproc", "many", -EINVAL, 0, 0 },
		{ "rest", "nproc", "1k", -EINVAL, 0, 0 },
		{ "an unknown name", "files", "1", -EINVAL, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct native_exec x = { 0 };
		struct err err = { 0 };

		print_message("%s\n", cases[i].label);
		assert_int_equal(native_add_limit(cases[i].name, cases[i].value, &x, &err),
				 cases[i].rc);
		assert_int_equal(x.n_limits, !cases[i].rc);
		if (cases[i].rc) {
			assert_non_null(strstr(err.text, cases[i].name));
		} else {
			assert_true(x.limits[0].value.rlim_cur == cases[i].soft);
			assert_true(x.limits[0].value.rlim_max == cases[i].hard);
		}
		native_exec_fini(&x);
	}
}

static void test_mounts(void **state)
{
	static const struct {
		const char *label, *text;
		int rc;
		const char *source, *dest; /* %s: the volumes' directory; NULL source: tmpfs */
		bool ro;
	} cases[] = {
		{ "a path", "/etc:/tmp", 0, "/etc", "/tmp", false },
		{ "a path, read-only", "/etc:/tmp:ro", 0, "/etc", "/tmp", true },
		{ "a path, said to be writable", "/etc:/tmp:rw", 0, "/etc", "/tmp", false },
		{ "a file on a file", "/etc/passwd:/etc/group", 0, "/etc/passwd", "/etc/group",
		  false },
		{ "a tmpfs", "tmpfs:/tmp", 0, NULL, "/tmp", false },
		{ "a named volume is made", "scratch:/tmp", 0, "scratch", "/tmp", false },
		{ "a place that is not there", "/etc:/no/such", -ENOENT, "", "", false },
		{ "a source that is not there", "/no/such:/tmp", -ENOENT, "", "", false },
		{ "a directory on a file", "/etc:/etc/passwd", -ENOTDIR, "", "", false },
		{ "a tmpfs on a file", "tmpfs:/etc/passwd", -ENOTDIR, "", "", false },
		{ "no place", "/etc", -EINVAL, "", "", false },
		{ "a relative place", "/etc:tmp", -EINVAL, "", "", false },
		{ "an unknown option", "/etc:/tmp:rx", -EINVAL, "", "", false },
	};
	char dir[] = "/tmp/cbpf-test-XXXXXX", path[128];

	(void)state;
	assert_non_null(mkdtemp(dir));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct native_exec x = { 0 };
		struct err err = { 0 };

		print_message("%s\n", cases[i].label);
		assert_int_equal(native_add_mount(cases[i].text, dir, &x, &err), cases[i].rc);
		if (!cases[i].rc) {
			const struct native_mount *m = &x.mounts[0];

			assert_string_equal(m->dest, cases[i].dest);
			assert_int_equal(m->read_only, cases[i].ro);
			snprintf(path, sizeof(path), "%s/scratch", dir);
			if (cases[i].source)
				assert_string_equal(m->source, *cases[i].source == '/'
								       ? cases[i].source
								       : path);
			else
				assert_null(m->source);
		}
		native_exec_fini(&x);
	}
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(fs_remove_tree(dir), 0);
}

static const char *env_of(const struct native_exec *x, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < x->env.n; i++)
		if (!strncmp(x->env.v[i], name, len) && x->env.v[i][len] == '=')
			return x->env.v[i] + len + 1;
	return NULL;
}

static void test_env(void **state)
{
	struct spec_container c = container();
	struct native_exec x = { 0 };
	struct err err = { 0 };

	(void)state;
	setenv("CBPF_TEST_A", "parent=1", 1);
	setenv("CBPF_TEST_B", "parent", 1);
	setenv("TMPDIR", "/parent", 1);
	setenv("INFLUXDB_TOKEN", "hush", 1);
	setenv("INFLUXDB_PASSWORD", "hush", 1);
	setenv("INFLUXDB_ORG", "org", 1);
	setenv("CREDENTIALS_DIRECTORY", "/parent", 1);
	unsetenv("PATH");
	str_map_set(&c.env, "INFLUXDB_PASSWORD", "of the spec");
	str_map_set(&c.env, "CBPF_TEST_B", "container");
	str_map_set(&c.env, "CBPF_TEST_C", "container");
	c.workload.has_ior = FLAG_ON;
	str_map_set(&c.workload.ior.env, "CBPF_TEST_C", "workload");
	x.has_user = x.private_shm = true;
	x.uid = 1;
	assert_int_equal(native_env(&c, &x, &err), 0);
	assert_string_equal(env_of(&x, "CBPF_TEST_A"), "parent=1");
	assert_string_equal(env_of(&x, "CBPF_TEST_B"), "container");
	assert_string_equal(env_of(&x, "CBPF_TEST_C"), "workload");
	assert_null(env_of(&x, "INFLUXDB_TOKEN"));
	assert_string_equal(env_of(&x, "INFLUXDB_PASSWORD"), "of the spec");
	assert_string_equal(env_of(&x, "INFLUXDB_ORG"), "org");
	assert_null(env_of(&x, "CREDENTIALS_DIRECTORY"));
	assert_string_equal(env_of(&x, "USER"), "daemon");
	assert_string_equal(env_of(&x, "TMPDIR"), "/dev/shm");
	assert_non_null(strstr(env_of(&x, "PATH"), "/usr/bin"));
	native_exec_fini(&x);
	str_map_fini(&c.env);
	str_map_fini(&c.workload.ior.env);
}

static void test_private_shm(void **state)
{
	static const struct {
		const char *label, *file, *working_dir;
		bool mounted, wanted;
	} cases[] = {
		{ "an MPI job gets one", NULL, NULL, false, true },
		{ "another file does not matter", "/dev/shmoo", "/dev", false, true },
		{ "not when it is what is measured", "/dev/shm/x", NULL, false, false },
		{ "not when it works there", NULL, "/dev/shm", false, false },
		{ "not when the spec mounts something there", NULL, NULL, true, false },
	};

	(void)state;
	if (access("/dev/shm", F_OK))
		skip();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct spec_container c = container();
		struct native_exec x = { 0 };
		struct err err = { 0 };

		print_message("%s\n", cases[i].label);
		c.workload.ior.file = (char *)cases[i].file;
		c.working_dir = (char *)cases[i].working_dir;
		if (cases[i].mounted)
			assert_int_equal(native_add_mount("/etc:/dev/shm", "", &x, &err), 0);
		assert_int_equal(native_private_shm(&c, &x, &err), 0);
		assert_int_equal(x.private_shm, cases[i].wanted);
		assert_int_equal(x.n_mounts, cases[i].mounted || cases[i].wanted);
		native_exec_fini(&x);
	}
}

static void test_limits(void **state)
{
	struct cgroup_layout l = { .mode = CGROUP_V2, .v2 = "/c", .v2_controllers = "cpuset io" };
	struct spec_container c = container();
	struct native_exec x = { 0 };
	struct cgroup_limits limits;
	struct err err = { 0 };

	(void)state;
	c.cpus = "0";
	c.memory = 4096;
	assert_int_equal(native_limits(&l, &c, &x, "/proc", &limits, &err), 0);
	assert_string_equal(limits.cpus, "0");
	assert_int_equal(limits.memory, 4096);
	assert_true(isnan(limits.cpu_limit) && limits.pids == UINT64_MAX);
	/* Without a cpuset controller the process is bound by itself. */
	strcpy(l.v2_controllers, "io");
	assert_int_equal(native_limits(&l, &c, &x, "/proc", &limits, &err), 0);
	assert_null(limits.cpus);
	/* A limit per device needs a device. */
	c.io.read_iops = 1;
	assert_int_equal(native_limits(&l, &c, &x, "/proc", &limits, &err), -ENODEV);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_users),	    cmocka_unit_test(test_ulimits),
		cmocka_unit_test(test_mounts),	    cmocka_unit_test(test_env),
		cmocka_unit_test(test_private_shm), cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
