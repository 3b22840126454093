// SPDX-License-Identifier: Apache-2.0
/* Joining checks to collectors and runtimes, on this host and on one that has nothing. */
#include "run/preflight.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "scratch.h"
#include "spec/spec.h"
#include "unit.h"

static char bare[64]; /* an empty root */
static struct feature_env env;

static int setup(void **state)
{
	(void)state;
	scratch_make(bare);
	env = (struct feature_env){ .root = open(bare, O_PATH | O_DIRECTORY | O_CLOEXEC),
				    .store = "/tmp",
				    .path = "/nonexistent" };
	setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock", 1);
	return env.root < 0;
}

static int teardown(void **state)
{
	(void)state;
	close(env.root);
	return fs_remove_tree(bare);
}

static void test_ids(void **state)
{
	static const char *const needed[] = { "btf", "block", "cgroup" };
	struct feature_result r;

	(void)state;
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		assert_true(preflight_is_needed(needed[i]));
		assert_int_equal(preflight_check(&env, needed[i], &r), 0);
	}
	assert_false(preflight_is_needed("docker"));
	assert_int_equal(preflight_check(&env, "nothing", &r), -ENOENT);
}

/* An id stands for one row in all groups together. */
static void test_unique(void **state)
{
	(void)state;
	for (const struct preflight_group *a = preflight_groups; a->title; a++)
		for (const struct feature *f = a->rows; f->id; f++)
			for (const struct preflight_group *b = preflight_groups; b->title; b++)
				if (b != a && feature_find(b->rows, f->id))
					fail_msg("'%s' is in two groups", f->id);
}

static const struct {
	const char *label;
	enum tri block, cgroup, vfs;
	enum runtime_kind runtime;
	int rc;
	const char *words[3];
} cases[] = {
	{ "a required collector names each lack",
	  TRI_ON,
	  TRI_ON,
	  TRI_OFF,
	  RUNTIME_NATIVE,
	  -EOPNOTSUPP,
	  { "collector block lacks 'btf'", "collector cgroup lacks 'cgroup'" } },
	{ "a runtime names its own",
	  TRI_AUTO,
	  TRI_AUTO,
	  TRI_OFF,
	  RUNTIME_DOCKER,
	  -EOPNOTSUPP,
	  { "runtime docker lacks 'docker'", "/nonexistent/docker.sock" } },
	{ "a probe needs the kernel's type information",
	  TRI_OFF,
	  TRI_OFF,
	  TRI_ON,
	  RUNTIME_NATIVE,
	  -EOPNOTSUPP,
	  { "collector vfs lacks 'btf'" } },
	{ "native needs cgroups",
	  TRI_OFF,
	  TRI_OFF,
	  TRI_AUTO,
	  RUNTIME_NATIVE,
	  -EOPNOTSUPP,
	  { "runtime native lacks 'cgroup'" } },
};

static void test_spec(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct spec spec = { .runtime = cases[i].runtime };
		struct err err = { 0 };
		int rc;

		spec.collectors.block.mode = cases[i].block;
		spec.collectors.cgroup = cases[i].cgroup;
		spec.collectors.vfs.mode = cases[i].vfs;
		rc = preflight_spec(&env, &spec, &err);
		if (rc != cases[i].rc)
			fail_msg("%s: %d '%s'", cases[i].label, rc, err.text);
		for (size_t w = 0; w < 3 && cases[i].words[w]; w++)
			if (!strstr(err.text, cases[i].words[w]))
				fail_msg("%s: '%s' is not in '%s'", cases[i].label,
					 cases[i].words[w], err.text);
	}
}

static void test_collector(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_int_equal(preflight_collector(&env, "cgroup", &err), -EOPNOTSUPP);
	assert_non_null(strstr(err.text, "lacks 'cgroup'"));
	assert_int_equal(preflight_collector(&env, "wind", &err), -EOPNOTSUPP);
	assert_non_null(strstr(err.text, "no collector 'wind'"));
}

static void test_env(void **state)
{
	struct feature_env here;

	(void)state;
	assert_int_equal(preflight_env("/tmp", &here), 0);
	assert_true(faccessat(here.root, "proc", F_OK, 0) == 0);
	close(here.root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ids),  cmocka_unit_test(test_unique),
		cmocka_unit_test(test_spec), cmocka_unit_test(test_collector),
		cmocka_unit_test(test_env),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
