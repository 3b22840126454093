// SPDX-License-Identifier: Apache-2.0
/* What a run does with resctrl, as far as directories can play it: refusals, losses and facts of a host. */
#include "run/rdt.h"

#include <errno.h>
#include <unistd.h>

#include "base/err.h"
#include "base/loss.h"
#include "host/resctrl_set.h"
#include "launch/target.h"
#include "plan/plan.h"
#include "resctrl_tree.h"
#include "run/progress.h"
#include "unit.h"

static char dir[64];
static struct losses losses = LOSSES_INIT;
static struct plan_target planned[] = { { .name = "a" }, { .name = "b/c" } };
static struct plan plan = { .id = "run", .v = planned, .n = 2 };
static struct progress progress;

static int setup(void **state)
{
	(void)state;
	scratch_make(dir);
	tree_make(dir, tree_intel, TREE_INTEL);
	losses.n = 0;
	progress_init(&progress, true);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return fs_remove_tree(dir);
}

static void off_is_off(void **state)
{
	struct spec_rdt spec = { .mode = TRI_OFF, .root = "/nonexistent" };
	struct resctrl_set *set = NULL;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(rdt_open(&spec, &plan, &losses, &set, &err), 0);
	assert_null(set);
	assert_int_equal(losses.n, 0);
	rdt_published(NULL, &plan, 0, NULL, &losses);
	rdt_close(NULL, &progress);
}

static void a_host_without_it(void **state)
{
	struct spec_rdt spec = { .mode = TRI_AUTO, .root = "/nonexistent" };
	struct resctrl_set *set = NULL;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(rdt_open(&spec, &plan, &losses, &set, &err), 0);
	assert_null(set);
	assert_int_equal(losses.n, 1);
	assert_string_equal(losses.v[0].what, "collector rdt");
	assert_non_null(strstr(losses.v[0].reason, "/nonexistent"));
	spec.mode = TRI_ON;
	assert_int_equal(rdt_open(&spec, &plan, &losses, &set, &err), -ENOENT);
	assert_null(set);
	assert_non_null(strstr(err.text, "collector rdt: /nonexistent"));
	assert_int_equal(losses.n, 1);
}

static void a_group_for_each_target(void **state)
{
	struct spec_rdt spec = { .mode = TRI_ON, .root = dir };
	struct resctrl_set *set = NULL;
	struct err err = { 0 };
	char path[256];

	(void)state;
	assert_int_equal(rdt_open(&spec, &plan, &losses, &set, &err), 0);
	snprintf(path, sizeof(path), "%s/mon_groups/cbpf.run.a", dir);
	assert_int_equal(access(path, F_OK), 0);
	snprintf(path, sizeof(path), "%s/mon_groups/cbpf.run.b_c", dir); /* a name has no slash */
	assert_int_equal(access(path, F_OK), 0);
	rdt_close(set, &progress);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(losses.n, 0);
}

static void groups_that_cannot_be_made(void **state)
{
	struct spec_rdt spec = { .mode = TRI_AUTO, .root = dir };
	struct target target = { .name = "a", .pid = 1 };
	struct resctrl_set *set = NULL;
	struct err err = { 0 };
	char path[256];

	(void)state;
	snprintf(path, sizeof(path), "%s/mon_groups", dir);
	assert_int_equal(fs_remove_tree(path), 0);
	assert_int_equal(rdt_open(&spec, &plan, &losses, &set, &err), 0);
	assert_non_null(set);
	assert_int_equal(losses.n, 2);
	assert_string_equal(losses.v[0].what, "rdt.group");
	assert_non_null(strstr(losses.v[0].reason, "a: not measured"));
	/* And that is all that is said of it. */
	rdt_published(set, &plan, 0, &target, &losses);
	assert_int_equal(losses.n, 2);
	assert_false(set->v[0].ready);
	rdt_close(set, &progress);

	set = NULL;
	spec.mode = TRI_ON;
	assert_int_equal(rdt_open(&spec, &plan, &losses, &set, &err), -ENOENT);
	assert_null(set);
	assert_int_equal(losses.n, 2);
}

/* A directory takes no tasks. */
static void tasks_that_cannot_be_moved(void **state)
{
	struct spec_rdt spec = { .mode = TRI_AUTO, .root = dir };
	struct target target = { .name = "a", .pid = 1 };
	struct resctrl_set *set = NULL;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(rdt_open(&spec, &plan, &losses, &set, &err), 0);
	rdt_published(set, &plan, 0, &target, &losses);
	assert_int_equal(losses.n, 1);
	assert_string_equal(losses.v[0].what, "rdt.tasks");
	assert_non_null(strstr(losses.v[0].reason, "task 1"));
	assert_false(set->v[0].ready);
	/* Of a container that has ended nothing is left to move. */
	strcpy(target.container_id, "0123456789ab");
	target.pid = 0;
	rdt_published(set, &plan, 1, &target, &losses);
	assert_int_equal(losses.n, 2);
	assert_non_null(strstr(losses.v[1].reason, "ended before"));
	rdt_close(set, &progress);
}

/* Nobody knows a process of it: what is in it is moved, and not whoever asks. */
static void a_cgroup_that_is_attached_to(void **state)
{
	struct spec_rdt spec = { .mode = TRI_AUTO, .root = dir };
	struct target target = { .name = "a", .attached = true };
	struct resctrl_set *set = NULL;
	struct err err = { 0 };
	char path[256], text[64];

	(void)state;
	scratch_write(dir, "cg/cgroup.threads", "41\n42\n");
	snprintf(target.cg.v2, sizeof(target.cg.v2), "%s/cg", dir);
	assert_int_equal(rdt_open(&spec, &plan, &losses, &set, &err), 0);
	scratch_write(dir, "mon_groups/cbpf.run.a/tasks", "");
	rdt_published(set, &plan, 0, &target, &losses);
	assert_int_equal(set->v[0].moved, 2);
	assert_true(set->v[0].ready);
	assert_int_equal(losses.n, 1);
	assert_string_equal(losses.v[0].what, "rdt.late");
	snprintf(path, sizeof(path), "%s/tasks", set->v[0].group.path);
	assert_int_equal(fs_read_at(AT_FDCWD, path, text, sizeof(text)), 0);
	assert_string_equal(text, "42"); /* a file keeps what is written last */
	assert_int_equal(unlink(path), 0);

	/* One of two is another's already. */
	set->v[0].moved = 0;
	scratch_write(dir, "mon_groups/theirs/tasks", "7\n42\n");
	scratch_write(dir, "mon_groups/cbpf.run.a/tasks", "");
	rdt_published(set, &plan, 0, &target, &losses);
	assert_int_equal(set->v[0].moved, 1);
	assert_int_equal(fs_read_at(AT_FDCWD, path, text, sizeof(text)), 0);
	assert_string_equal(text, "41");
	assert_int_equal(losses.n, 2); /* with that of before */
	assert_string_equal(losses.v[1].what, "rdt.tasks");
	assert_non_null(strstr(losses.v[1].reason, "not measured: 1 of its tasks"));
	assert_int_equal(unlink(path), 0);

	/* Without tasks it has not ended. */
	scratch_write(dir, "cg/cgroup.threads", "");
	rdt_published(set, &plan, 1, &target, &losses);
	assert_int_equal(losses.n, 3);
	assert_string_equal(losses.v[2].what, "rdt.tasks");
	assert_non_null(strstr(losses.v[2].reason, "no tasks in it"));
	assert_false(set->v[1].ready);
	rdt_close(set, &progress);
}

static void what_a_host_has(void **state)
{
	struct spec_rdt spec = { .mode = TRI_ON, .root = dir };
	struct resctrl_set *set = NULL;
	struct err err = { 0 };
	json_t *o, *expected;

	(void)state;
	assert_int_equal(rdt_open(&spec, &plan, &losses, &set, &err), 0);
	o = rdt_host_json(set);
	expected = json_pack(
		"{s:s, s:i, s:[{s:i, s:i}, {s:i, s:i}], s:{s:s, s:i, s:i, s:b}, s:{s:s, s:i, s:i}}",
		"root", dir, "rmids", 176, "domains", "domain", 0, "l3_bytes", 20 << 20, "domain",
		1, "l3_bytes", 20 << 20, "l3", "mask", "fffff", "ways", 20, "min_ways", 1, "sparse",
		0, "mba", "unit", "percent", "min", 10, "step", 10);
	assert_true(json_equal(o, expected));
	json_decref(expected);
	json_decref(o);
	rdt_close(set, &progress);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(off_is_off),
		TEST(a_host_without_it),
		TEST(a_group_for_each_target),
		TEST(groups_that_cannot_be_made),
		TEST(tasks_that_cannot_be_moved),
		TEST(a_cgroup_that_is_attached_to),
		TEST(what_a_host_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
