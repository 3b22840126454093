// SPDX-License-Identifier: Apache-2.0
/* Exact, an ancestor's, or nobody's: each with its reason and the way out. */
#include "run/attribution.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "launch/target.h"
#include "unit.h"

#define ID "0123456789abcdef0123"

static const struct cgroup_layout v2 = {
	.mode = CGROUP_V2, .v2 = "/c", .v2_root = "/", .v2_controllers = "cpu io", .io_on_v2 = true
};
static const struct cgroup_layout part = {
	.mode = CGROUP_V2, .v2 = "/c", .v2_root = "/x", .v2_controllers = "cpu", .io_on_v2 = true
};
static const struct cgroup_layout without = {
	.mode = CGROUP_V2, .v2 = "/c", .v2_root = "/", .v2_controllers = "cpu", .io_on_v2 = true
};
static const struct cgroup_layout hybrid = {
	.mode = CGROUP_HYBRID, .v2 = "/u", .v2_root = "/", .v1 = { [CG_BLKIO] = "/b" }
};

static const struct {
	const char *label;
	const struct cgroup_layout *layout;
	struct cgroup_ref cg;
	const char *how, *writeback, *reason, *fix;
} cases[] = {
	{ .label = "its own on version 2",
	  .layout = &v2,
	  .cg = { .v2 = "/c/docker/" ID, .io_id = 5 },
	  .how = "exact" },
	{ .label = "an ancestor just above",
	  .layout = &v2,
	  .cg = { .v2 = "/c/system.slice/docker-" ID ".scope", .io_id = 5, .io_above = 15 },
	  .how = "ancestor",
	  .reason = "its block I/O is charged to /system.slice, as that of everyone there is",
	  .fix = "echo +io | tee /c/system.slice/cgroup.subtree_control" },
	{ .label = "the root, two levels up",
	  .layout = &v2,
	  .cg = { .v2 = "/c/system.slice/docker-" ID ".scope", .io_id = 5, .io_above = 2 },
	  .how = "ancestor",
	  .reason = "its block I/O is charged to /, as that of everyone there is",
	  .fix = "echo +io | tee /c/cgroup.subtree_control "
		 "/c/system.slice/cgroup.subtree_control" },
	{ .label = "above what is mounted",
	  .layout = &part,
	  .cg = { .v2 = "/c/docker/" ID },
	  .how = "ancestor",
	  .reason = "its block I/O is charged to a cgroup above what is mounted here; run cbpf "
		    "where it sees the host's cgroup root" },
	{ .label = "a kernel without the controller",
	  .layout = &without,
	  .cg = { .v2 = "/c/docker/" ID },
	  .how = "none",
	  .reason = "this kernel charges block I/O to no cgroup; boot without "
		    "cgroup_disable=io" },
	{ .label = "its own on version 1, but for writeback",
	  .layout = &hybrid,
	  .cg = { .v2 = "/u/docker/" ID, .v1 = { [CG_BLKIO] = "/b/docker/" ID }, .io_id = 5 },
	  .how = "exact",
	  .writeback = "unattributed" },
	{ .label = "in the root of blkio",
	  .layout = &hybrid,
	  .cg = { .v2 = "/u/docker/" ID },
	  .how = "ancestor",
	  .writeback = "unattributed",
	  .reason = "it has no blkio cgroup of its own: its block I/O is the host's" },
	{ .label = "in a blkio cgroup of others",
	  .layout = &hybrid,
	  .cg = { .v2 = "/u/docker/" ID, .v1 = { [CG_BLKIO] = "/b/docker" }, .io_id = 5 },
	  .how = "ancestor",
	  .writeback = "unattributed",
	  .reason = "its block I/O is charged to /docker, as that of everyone there is" },
	{ .label = "never seen to run", .layout = &v2 },
};

/* NULL is as good as nothing. */
static void same(const char *got, const char *want)
{
	assert_string_equal(got ? got : "", want ? want : "");
}

static void words(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct target t = { .container_id = ID, .cg = cases[i].cg };
		struct attribution a;

		print_message("%s\n", cases[i].label);
		attribution_of(cases[i].layout, &t, &a);
		assert_null(a.how); /* not published yet */
		atomic_store(&t.published, true);
		attribution_of(cases[i].layout, &t, &a);
		same(a.how, cases[i].how);
		same(a.writeback, cases[i].writeback);
		same(a.reason, cases[i].reason);
		same(a.fix, cases[i].fix);
	}
}

/* A command that does not fit is left out rather than cut. */
static void deep_down(void **state)
{
	struct target t = { .container_id = ID, .cg = { .io_id = 5, .io_above = 2 } };
	struct attribution a;

	(void)state;
	strcpy(t.cg.v2, "/c");
	for (int i = 0; i < 40; i++)
		strcat(t.cg.v2, "/directory");
	atomic_store(&t.published, true);
	attribution_of(&v2, &t, &a);
	assert_string_equal(a.how, "ancestor");
	assert_non_null(strstr(a.reason, "charged to /, "));
	assert_string_equal(a.fix, "");
}

static void together(void **state)
{
	struct attribution a = { .reason = "so", .fix = "do" };
	char text[32];

	(void)state;
	assert_string_equal(attribution_words(&a, text, sizeof(text)), "so; before a run: do");
	assert_string_equal(attribution_words(&a, text, 10), "so");
	a.fix[0] = '\0';
	assert_string_equal(attribution_words(&a, text, sizeof(text)), "so");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(deep_down),
		cmocka_unit_test(together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
