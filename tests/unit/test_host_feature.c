// SPDX-License-Identifier: Apache-2.0
/* What checks of the host share: words, tables, mounts. */
#include "host/feature.h"

#include "feature_case.h"

static void test_words(void **state)
{
	struct feature_result r;

	(void)state;
	feature_no(&r, "sail on", "no %s", "wind");
	assert_int_equal(r.status, FEATURE_NO);
	assert_string_equal(r.why, "no wind");
	assert_string_equal(r.fix, "sail on");
	feature_degraded(&r, NULL, "a breeze");
	assert_string_equal(feature_status_name(r.status), "degraded");
	assert_string_equal(r.fix, ""); /* nothing is left of what was there */
	feature_yes(&r, "a gale");
	assert_string_equal(feature_status_name(r.status), "yes");
}

static void test_ids(void **state)
{
	const struct feature *const tables[] = { features_kernel, features_caps, features_bpf,
						 features_cgroup, features_perf, features_place };

	(void)state;
	for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
		for (const struct feature *f = tables[t]; f->id; f++) {
			assert_ptr_equal(feature_find(tables[t], f->id), f); /* none twice */
			assert_true(f->title && f->title[0] && f->check);
		}
	assert_null(feature_find(features_perf, "nothing"));
}

static const struct {
	const char *label, *mountinfo, *type, *path;
} mounts[] = {
	{ "found among others",
	  "22 1 0:5 / /proc rw - proc proc rw\n23 1 0:6 / /t rw,x - tracefs n rw\n", "tracefs",
	  "t" },
	{ "optional fields are passed over", "23 1 0:6 / /t rw shared:1 master:2 - tracefs n rw\n",
	  "tracefs", "t" },
	{ "the whole type counts", "23 1 0:6 / /c rw - cgroup2 n rw\n", "cgroup", NULL },
	{ "a device of that name is no type", "23 1 0:6 / /c rw - tmpfs tracefs rw\n", "tracefs",
	  NULL },
	{ "the root itself", "23 1 0:6 / / rw - ext4 /dev/x rw\n", "ext4", "" },
	{ "no table, no mount", "", "tracefs", NULL },
};

static void test_mounts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		char dir[64], path[64] = "";
		struct feature_env env = { 0 };
		bool found;

		scratch_make(dir);
		scratch_write(dir, "proc/self/mountinfo", mounts[i].mountinfo);
		env.root = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
		found = feature_mounted(&env, mounts[i].type, path, sizeof(path));
		if (found != !!mounts[i].path || (found && strcmp(path, mounts[i].path) != 0))
			fail_msg("%s: %d '%s'", mounts[i].label, found, path);
		close(env.root);
		assert_int_equal(fs_remove_tree(dir), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_mounts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
