// SPDX-License-Identifier: Apache-2.0
/* Whose block I/O it is that is charged to a target's cgroup or to one above it. */
#include "launch/target.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "unit.h"

#define ID "0123456789abcdef0123"

static const struct cgroup_layout v2 = { .mode = CGROUP_V2, .v2 = "/c", .io_on_v2 = true };
static const struct cgroup_layout hybrid = { .mode = CGROUP_HYBRID,
					     .v2 = "/u",
					     .v1 = { [CG_BLKIO] = "/b" } };

static const struct {
	const char *label;
	const struct cgroup_layout *layout;
	const char *id, *dir; /* of the io hierarchy */
	const char *above; /* the ancestor that is charged */
	const char *path; /* NULL: unknown */
	bool owns;
} cases[] = {
	{ "a container's own", &v2, ID, "/c/docker/" ID, NULL, "/docker/" ID, true },
	{ "a native target's own", &v2, "", "/c/cbpf/run/a", NULL, "/cbpf/run/a", true },
	{ "that of all containers", &v2, ID, "/c/docker/" ID, "/c/docker", "/docker", false },
	{ "the root's", &v2, ID, "/c/docker/" ID, "/c", "/", false },
	{ "above a native target", &v2, "", "/c/cbpf/run/a", "/c/cbpf", "/cbpf", false },
	{ "above, but named after the container", &v2, ID, "/c/libpod-" ID ".scope/container",
	  "/c/libpod-" ID ".scope", "/libpod-" ID ".scope", true },
	{ "blkio's", &hybrid, ID, "/b/docker/" ID, NULL, "/docker/" ID, true },
	{ "a container that blkio has no cgroup for", &hybrid, ID, "/b/system.slice", NULL,
	  "/system.slice", false },
};

static void ownership(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct target t = { .cg = { .io_id = 7 } };
		const char *path;
		size_t len = 0;

		print_message("%s\n", cases[i].label);
		strcpy(t.container_id, cases[i].id);
		strcpy(cases[i].layout->io_on_v2 ? t.cg.v2 : t.cg.v1[CG_BLKIO], cases[i].dir);
		t.cg.io_above = cases[i].above ? strlen(cases[i].above) : 0;
		path = target_io_path(cases[i].layout, &t, &len);
		assert_non_null(path);
		assert_int_equal(len, strlen(cases[i].path));
		assert_memory_equal(path, cases[i].path, len);
		assert_int_equal(target_owns_io(cases[i].layout, &t), cases[i].owns);
		t.cg.io_id = 0;
		assert_null(target_io_path(cases[i].layout, &t, &len));
		assert_false(target_owns_io(cases[i].layout, &t));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(ownership) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
