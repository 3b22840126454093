// SPDX-License-Identifier: Apache-2.0
/* `volumes:` entries. */
#include "launch/docker_mount.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "unit.h"

static const struct {
	const char *label, *text;
	int rc;
	enum docker_mount_type type;
	const char *source, *target;
	bool read_only;
} cases[] = {
	{ "a path", "/usr:/x", 0, MOUNT_BIND, "/usr", "/x", false },
	{ "a path is made plain", "/usr/../usr/:/x:ro", 0, MOUNT_BIND, "/usr", "/x", true },
	{ "a path from here", ".:/x", 0, MOUNT_BIND, "/usr", "/x", false },
	{ "a name", "data-1.x_y:/x:rw", 0, MOUNT_VOLUME, "data-1.x_y", "/x", false },
	{ "memory", "tmpfs:/x", 0, MOUNT_TMPFS, "", "/x", false },
	{ "a path that is not there", "/no/such:/x", -ENOENT, 0, 0, 0, 0 },
	{ "a name that engines refuse", "da ta:/x", -EINVAL, 0, 0, 0, 0 },
	{ "a name that begins wrong", "-data:/x", -EINVAL, 0, 0, 0, 0 },
	{ "a relative path without a dot is no name", "a/b:/x", -EINVAL, 0, 0, 0, 0 },
	{ "no target", "data", -EINVAL, 0, 0, 0, 0 },
	{ "an empty source", ":/x", -EINVAL, 0, 0, 0, 0 },
	{ "an empty target", "data:", -EINVAL, 0, 0, 0, 0 },
	{ "a relative target", "data:x", -EINVAL, 0, 0, 0, 0 },
	{ "an unknown mode", "data:/x:z", -EINVAL, 0, 0, 0, 0 },
	{ "too many parts", "data:/x:ro:rw", -EINVAL, 0, 0, 0, 0 },
};

static void test_parse(void **state)
{
	(void)state;
	assert_int_equal(chdir("/usr"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct docker_mount m;
		struct err err = { 0 };
		int rc = docker_mount_parse(cases[i].text, &m, &err);

		print_message("%s: %s\n", cases[i].label, err.text);
		assert_int_equal(rc, cases[i].rc);
		if (rc) {
			assert_non_null(strstr(err.text, cases[i].text));
			continue;
		}
		assert_int_equal(m.type, cases[i].type);
		assert_string_equal(m.source, cases[i].source);
		assert_string_equal(m.target, cases[i].target);
		assert_int_equal(m.read_only, cases[i].read_only);
	}
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(docker_mount_type_name(MOUNT_BIND), "bind");
	assert_string_equal(docker_mount_type_name(MOUNT_VOLUME), "volume");
	assert_string_equal(docker_mount_type_name(MOUNT_TMPFS), "tmpfs");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
