// SPDX-License-Identifier: Apache-2.0
/* Opening and closing: what was made is unmade, whatever fails in between. No root. */
#include "launch/launch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "launch/runtime.h"
#include "plan/plan.h"
#include "spec/spec.h"

static struct {
	char calls[256];
	int open_rc, create_rc, remove_rc;
	size_t create_fails_at;
} fake;

static void said(const char *what)
{
	strncat(fake.calls, what, sizeof(fake.calls) - strlen(fake.calls) - 1);
}

static int fake_open(const struct launch_config *config, struct target_set *set, void **ret_state,
		     struct err *err)
{
	(void)config;
	(void)set;
	said("open ");
	if (fake.open_rc)
		return err_say(err, fake.open_rc, "no engine");
	*ret_state = &fake;
	return 0;
}

static int fake_create(void *state, size_t i, struct err *err)
{
	char text[16];

	(void)state;
	snprintf(text, sizeof(text), "create%zu ", i);
	said(text);
	return fake.create_rc && i == fake.create_fails_at
		       ? err_say(err, fake.create_rc, "no image")
		       : 0;
}

static int fake_remove(void *state, size_t i, struct err *err)
{
	char text[16];

	(void)state;
	snprintf(text, sizeof(text), "remove%zu ", i);
	said(text);
	return fake.remove_rc ? err_say(err, fake.remove_rc, "stuck") : 0;
}

static void fake_close(void *state)
{
	said(state ? "close" : "close-null");
}

static const struct runtime runtime = {
	.name = "fake",
	.open = fake_open,
	.create = fake_create,
	.remove = fake_remove,
	.close = fake_close,
};

static const struct {
	const char *label;
	int open_rc, create_rc;
	size_t fails_at;
	int remove_rc;
	bool cancelled;
	int rc, close_rc;
	const char *calls, *words;
} cases[] = {
	{ "all goes well", 0, 0, 0, 0, false, 0, 0, "open create0 create1 remove1 remove0 close",
	  NULL },
	{ "no engine: nothing to remove", -ENOTCONN, 0, 0, 0, false, -ENOTCONN, 0,
	  "open close-null", "no engine" },
	{ "the second cannot be made: both are removed", 0, -ENOENT, 1, 0, false, -ENOENT, 0,
	  "open create0 create1 remove1 remove0 close", "container b: no image" },
	{ "the first cannot be made: half-made targets are removed", 0, -ENOENT, 0, 0, false,
	  -ENOENT, 0, "open create0 remove0 close", "container a: no image" },
	{ "removal fails: the rest is removed all the same", 0, 0, 0, -EBUSY, false, 0, -EBUSY,
	  "open create0 create1 remove1 remove0 close", NULL },
	{ "interrupted before anything is made", 0, 0, 0, 0, true, -EINTR, 0, "open close",
	  "interrupted" },
};

static void test_open_close(void **state)
{
	static const char text[] = "{name: t, runtime: native, containers: {a: {command: [x]}, "
				   "b: {command: [x]}}}";
	cleanup_buf struct buf messages = BUF_INIT(1 << 16);
	char dir[] = "/tmp/cbpf-test-XXXXXX", path[PATH_MAX];
	struct spec *spec;
	struct plan *plan;
	struct err err = { 0 };

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(spec_parse("t", text, strlen(text), NULL, &messages, &spec), 0);
	assert_int_equal(plan_make(spec, 1, 0, NULL, &plan, &err), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		atomic_bool cancel = cases[i].cancelled;
		const struct launch_config config = { .plan = plan,
						      .run_dir = dir,
						      .cancel = &cancel };
		struct launcher *l = NULL;

		print_message("%s\n", cases[i].label);
		memset(&fake, 0, sizeof(fake));
		fake.open_rc = cases[i].open_rc;
		fake.create_rc = cases[i].create_rc;
		fake.create_fails_at = cases[i].fails_at;
		fake.remove_rc = cases[i].remove_rc;
		assert_int_equal(launch_open_with(&config, &runtime, &l, &err), cases[i].rc);
		if (cases[i].rc) {
			assert_null(l);
			assert_string_equal(err.text, cases[i].words);
		} else {
			assert_int_equal(launch_targets(l)->n, 2);
			assert_string_equal(launch_targets(l)->v[1].name, "b");
			snprintf(path, sizeof(path), "%s/logs/b.log", dir);
			assert_string_equal(launch_targets(l)->v[1].log_path, path);
		}
		assert_int_equal(launch_close(l, &err), cases[i].close_rc);
		assert_string_equal(fake.calls, cases[i].calls);
	}
	snprintf(path, sizeof(path), "%s/results", dir);
	assert_int_equal(access(path, F_OK), 0);
	plan_free(plan);
	spec_free(spec);
	assert_int_equal(fs_remove_tree(dir), 0);
}

static void test_unwritable(void **state)
{
	static const char text[] = "{name: t, runtime: native, containers: {a: {command: [x]}}}";
	cleanup_buf struct buf messages = BUF_INIT(1 << 16);
	struct launch_config config = { .run_dir = "/proc/no-such-dir" };
	struct launcher *l = NULL;
	struct spec *spec;
	struct plan *plan;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(spec_parse("t", text, strlen(text), NULL, &messages, &spec), 0);
	assert_int_equal(plan_make(spec, 1, 0, NULL, &plan, &err), 0);
	config.plan = plan;
	memset(&fake, 0, sizeof(fake));
	assert_true(launch_open_with(&config, &runtime, &l, &err) < 0);
	assert_non_null(strstr(err.text, "/proc/no-such-dir"));
	assert_string_equal(fake.calls, "close-null");
	plan_free(plan);
	spec_free(spec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_open_close),
		cmocka_unit_test(test_unwritable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
