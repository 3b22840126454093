// SPDX-License-Identifier: Apache-2.0
/* The command line of an IOR workload on a PATH that the test made. No root. */
#include "launch/native_ior.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "launch/native_child.h"
#include "launch/target.h"
#include "plan/plan.h"
#include "spec/spec.h"

static const struct {
	const char *label, *ior, *programs; /* programs on PATH */
	int rc;
	const char *want; /* parts of the command line, or of the message */
	const char *also, *binary;
} cases[] = {
	{ "one rank runs the program itself", "{transfer: 4KiB}", "ior", 0,
	  "/ior -t 4096 -o /data/f ", "summaryFile=", "ior" },
	{ "cbpf-ior when there is no ior", "{transfer: 4KiB}", "cbpf-ior", 0, "/cbpf-ior -t 4096 ",
	  "summaryFormat=JSON", "cbpf-ior" },
	{ "the spec's file is kept", "{file: /x}", "ior", 0, " -o /x", "summaryFile=", "ior" },
	{ "ranks need mpirun", "{ranks: 2}", "ior mpirun", 0, "/mpirun -np 2 ", "/ior ", "ior" },
	{ "which may be missing", "{ranks: 2}", "ior", -ENOENT, "needs mpirun", "openmpi-bin", "" },
	{ "a launcher of one's own needs none", "{ranks: 2, launcher: srun}", "ior", 0, "srun",
	  "/ior", "ior" },
	{ "a program of one's own", "{binary: my-ior}", "ior my-ior", 0, "/my-ior ",
	  "summaryFile=", "my-ior" },
	{ "which may be missing too", "{binary: my-ior}", "ior", -ENOENT,
	  "\"my-ior\" is not on PATH", "", "" },
	{ "a program by path", "{binary: /bin/true}", "ior", 0, "/bin/true ",
	  "summaryFile=", "true" },
};

static void touch_programs(const char *dir, const char *programs)
{
	cleanup_free char *copy = strdup(programs);
	char path[256], *save;

	for (char *p = strtok_r(copy, " ", &save); p; p = strtok_r(NULL, " ", &save)) {
		snprintf(path, sizeof(path), "%s/bin/%s", dir, p);
		assert_int_equal(fs_create_at(AT_FDCWD, path, "", 0), 0);
		assert_int_equal(chmod(path, 0755), 0);
	}
}

static void run_case(size_t i)
{
	cleanup_buf struct buf messages = BUF_INIT(1 << 16), line = BUF_INIT(1 << 16);
	char dir[] = "/tmp/cbpf-test-XXXXXX", text[512], path[128];
	struct native_exec x = { 0 };
	struct err err = { 0 };
	struct target t = { .name = "t" };
	struct spec *spec;
	struct plan *plan;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/bin", dir);
	assert_int_equal(fs_mkdirs(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/results", dir);
	assert_int_equal(fs_mkdirs(path, 0700), 0);
	touch_programs(dir, cases[i].programs);
	str_list_addf(&x.env, "PATH=%s/bin", dir);
	snprintf(text, sizeof(text),
		 "{name: t, runtime: native, containers: {t: {workload: {ior: %s}}}}",
		 cases[i].ior);
	if (spec_parse("t", text, strlen(text), NULL, &messages, &spec))
		fail_msg("%s", buf_str(&messages));
	assert_int_equal(plan_make(spec, 1, 0, NULL, &plan, &err), 0);
	t.plan = &plan->v[0];

	assert_int_equal(native_ior_argv(&t, "/data/f", dir, &x, &err), cases[i].rc);
	for (size_t k = 0; k < x.argv.n; k++)
		buf_printf(&line, "%s ", x.argv.v[k]);
	if (cases[i].rc)
		buf_puts(&line, err.text);
	assert_non_null(strstr(buf_str(&line), cases[i].want));
	assert_non_null(strstr(buf_str(&line), cases[i].also));
	assert_string_equal(t.binary, cases[i].binary);
	snprintf(path, sizeof(path), "%s/results/t.json", dir);
	if (!cases[i].rc) {
		assert_string_equal(t.summary_path, path);
		assert_int_equal(access(path, F_OK), -1); /* left to the tool itself */
	}
	native_exec_fini(&x);
	plan_free(plan);
	spec_free(spec);
	assert_int_equal(fs_remove_tree(dir), 0);
}

static void test_argv(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		print_message("%s\n", cases[i].label);
		run_case(i);
	}
}

/* Its own and no other's: of a target called NAME.1 the files may be kept. */
static void test_removal(void **state)
{
	static const struct {
		const char *file;
		bool is, is_of_m;
	} files[] = {
		{ "f", true, true },
		{ "f.00000000", true, true },
		{ "f.123456789", true, true },
		{ "f.0", false, true },
		{ "f.00000001.12", false, true },
		{ "f.1.2.3", false, false },
		{ "f.00000001.", false, false },
		{ "f.old", false, false },
		{ "ff", false, false },
	};
	char dir[] = "/tmp/cbpf-test-XXXXXX", path[128];

	(void)state;
	assert_non_null(mkdtemp(dir));
	for (int multi = 0; multi < 2; multi++) {
		struct str_list options = { 0 };

		assert_int_equal(str_list_add(&options, multi ? "-m" : "-v"), 0);
		for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
			snprintf(path, sizeof(path), "%s/%s", dir, files[i].file);
			assert_int_equal(fs_create_at(AT_FDCWD, path, "", 0), 0);
		}
		native_ior_remove("", &options);
		snprintf(path, sizeof(path), "%s/f", dir);
		native_ior_remove(path, &options);
		for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
			snprintf(path, sizeof(path), "%s/%s", dir, files[i].file);
			if ((access(path, F_OK) != 0) != (multi ? files[i].is_of_m : files[i].is))
				fail_msg("%s, -m %d", files[i].file, multi);
			(void)unlink(path); /* if it is there */
		}
		str_list_fini(&options);
	}
	assert_int_equal(fs_remove_tree(dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_argv),
					    cmocka_unit_test(test_removal) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
