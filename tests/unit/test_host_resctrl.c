// SPDX-License-Identifier: Apache-2.0
/*
 * Hosts played by directories: what they can do, and groups as far as they need no kernel. What does
 * need one is seen in tests/integration/rdt.bats.
 */
#include "host/resctrl.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "host/cgroup.h"
#include "host/resctrl_group.h"
#include "host/resctrl_set.h"
#include "resctrl_tree.h"
#include "unit.h"

static char dir[64];

static int setup(void **state)
{
	(void)state;
	scratch_make(dir);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return fs_remove_tree(dir);
}

static void an_intel_host(void **state)
{
	struct resctrl r;
	struct err err = { 0 };

	(void)state;
	tree_make(dir, tree_intel, TREE_INTEL);
	assert_int_equal(resctrl_open(dir, &r, &err), 0);
	assert_string_equal(r.root, dir);
	assert_false(r.mounted);
	assert_true(r.has[RESCTRL_OCCUPANCY] && r.has[RESCTRL_TOTAL] && r.has[RESCTRL_LOCAL]);
	assert_int_equal(r.rmids, 176);
	assert_true(r.allocates);
	assert_int_equal(r.n_domains, 2);
	assert_int_equal(r.domains[1].id, 1);
	/* The second has 8 of its 20 ways left to the default group. */
	assert_int_equal(r.domains[0].cache_bytes, 20 << 20);
	assert_int_equal(r.domains[1].cache_bytes, 20 << 20);
	assert_true(r.rules.l3.known && !r.rules.l3.sparse && !r.rules.l2.known);
	assert_int_equal(r.rules.mba_unit, MBA_PERCENT);
	resctrl_close(&r);
}

/* Each is the host above, but for these files. */
static const struct {
	const char *label;
	struct tree_file files[8];
	const char *without; /* a directory or file */
	int rc;
	const char *words; /* of the error */
	size_t domains;
	uint64_t cache_bytes; /* of the first */
	enum resctrl_mba_unit unit;
	bool occupancy, allocates, sparse;
} hosts[] = {
	{ .label = "CDP: the masks of code and data are told apart",
	  .files = { { "info/L3CODE/cbm_mask", "fff\n" },
		     { "info/L3DATA/cbm_mask", "fff\n" },
		     { "info/L3CODE/sparse_masks", "0\n" },
		     { "schemata", "L3CODE:0=f\nL3DATA:0=ff0\n" },
		     { "size", "L3CODE:0=4194304\nL3DATA:0=8388608\n" } },
	  .without = "info/L3",
	  .domains = 2,
	  .cache_bytes = 12 << 20,
	  .occupancy = true,
	  .allocates = true },
	{ .label = "SNC: nodes are within the caches' directories",
	  .files = { { "mon_data/mon_L3_00/mon_sub_L3_00/llc_occupancy", "0\n" },
		     { "mon_data/mon_L3_00/mon_sub_L3_01/llc_occupancy", "0\n" } },
	  .domains = 2,
	  .cache_bytes = 20 << 20,
	  .occupancy = true,
	  .allocates = true },
	{ .label = "what else is monitored is left alone",
	  .files = { { "mon_data/mon_PERF_PKG_00/core_energy", "1.5\n" },
		     { "info/PERF_PKG_MON/mon_features", "core_energy\n" } },
	  .domains = 2,
	  .cache_bytes = 20 << 20,
	  .occupancy = true,
	  .allocates = true },
	{ .label = "AMD: masks need not be in a row, bandwidth is no percent",
	  .files = { { "info/L3/sparse_masks", "1\n" },
		     { "info/MB/delay_linear", "0\n" },
		     { "schemata", "MB:0=2048;1=2048\nL3:0=fffff;1=fffff\n" },
		     { "size", "MB:0=2048;1=2048\nL3:0=20971520;1=20971520\n" } },
	  .domains = 2,
	  .cache_bytes = 20 << 20,
	  .unit = MBA_HARDWARE,
	  .occupancy = true,
	  .allocates = true,
	  .sparse = true },
	{ .label = "an older kernel does not tell whether masks may be sparse",
	  .without = "info/L3/sparse_masks",
	  .domains = 2,
	  .cache_bytes = 20 << 20,
	  .occupancy = true,
	  .allocates = true,
	  .sparse = true },
	{ .label = "mounted with mba_MBps",
	  .files = { { "schemata", "MB:0=4294967295\nL3:0=fffff;1=fffff\n" },
		     { "size", "MB:0=4294967295\nL3:0=20971520;1=20971520\n" } },
	  .domains = 2,
	  .cache_bytes = 20 << 20,
	  .unit = MBA_MIB_S,
	  .occupancy = true,
	  .allocates = true },
	{ .label = "bandwidth without occupancy",
	  .files = { { "info/L3_MON/mon_features", "mbm_total_bytes\nmbm_total_bytes_config\n" } },
	  .domains = 2,
	  .cache_bytes = 20 << 20,
	  .allocates = true },
	{ .label = "it only monitors", .without = "schemata", .domains = 2, .occupancy = true },
	{ .label = "it only allocates",
	  .without = "info/L3_MON",
	  .rc = -EOPNOTSUPP,
	  .words = "cannot monitor" },
	{ .label = "no cache is online",
	  .without = "mon_data",
	  .rc = -ENOENT,
	  .words = "mon_data" },
	{ .label = "something else", .without = "info", .rc = -EINVAL, .words = "not resctrl" },
};

static void other_hosts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
		char path[512];
		struct resctrl r;
		struct err err = { 0 };
		int rc;

		tree_make(dir, tree_intel, TREE_INTEL);
		if (hosts[i].without) {
			snprintf(path, sizeof(path), "%s/%s", dir, hosts[i].without);
			if (unlink(path))
				assert_int_equal(fs_remove_tree(path), 0);
		}
		tree_make(dir, hosts[i].files, ARRAY_SIZE(hosts[i].files));
		rc = resctrl_open(dir, &r, &err);
		if (rc != hosts[i].rc || (rc && !strstr(err.text, hosts[i].words)))
			fail_msg("%s: %d, '%s'", hosts[i].label, rc, err.text);
		if (!rc &&
		    (r.n_domains != hosts[i].domains ||
		     r.domains[0].cache_bytes != hosts[i].cache_bytes ||
		     r.rules.mba_unit != hosts[i].unit || !r.has[RESCTRL_TOTAL] ||
		     r.has[RESCTRL_OCCUPANCY] != hosts[i].occupancy ||
		     r.allocates != hosts[i].allocates || r.rules.l3.sparse != hosts[i].sparse))
			fail_msg("%s: %zu caches of %llu bytes, unit %d, %d %d %d", hosts[i].label,
				 r.n_domains, (unsigned long long)r.domains[0].cache_bytes,
				 r.rules.mba_unit, r.has[RESCTRL_OCCUPANCY], r.allocates,
				 r.rules.l3.sparse);
		assert_int_equal(fs_remove_tree(dir), 0);
		assert_int_equal(mkdir(dir, 0700), 0);
	}
}

static void a_root_that_is_not_there(void **state)
{
	struct resctrl r;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(resctrl_open("/nonexistent/resctrl", &r, &err), -ENOENT);
	assert_non_null(strstr(err.text, "/nonexistent/resctrl"));
	assert_non_null(strstr(err.text, "No such file"));
}

static void the_class_of_a_task(void **state)
{
	char class[RESCTRL_NAME];
	struct resctrl r;
	struct err err = { 0 };

	(void)state;
	tree_make(dir, tree_intel, TREE_INTEL);
	scratch_write(dir, "gold/tasks", "7\n17\n");
	scratch_write(dir, "iron/tasks", "");
	assert_int_equal(resctrl_open(dir, &r, &err), 0);
	assert_int_equal(resctrl_class_of(&r, 17, class, &err), 0);
	assert_string_equal(class, "gold");
	assert_int_equal(resctrl_class_of(&r, 1, class, &err), 0);
	assert_string_equal(class, "");
	/* A number that only begins so is another's. */
	assert_int_equal(resctrl_class_of(&r, 171, class, &err), 0);
	assert_string_equal(class, "");
}

static void what_the_kernel_said(void **state)
{
	struct resctrl r;
	struct err err = { 0 };
	char said[64];

	(void)state;
	tree_make(dir, tree_intel, TREE_INTEL);
	assert_int_equal(resctrl_open(dir, &r, &err), 0);
	resctrl_last_status(&r, said, sizeof(said));
	assert_string_equal(said, "");
	scratch_write(dir, "info/last_cmd_status", "No task 3\nError while processing task 3\n");
	resctrl_last_status(&r, said, sizeof(said));
	assert_string_equal(said, "No task 3 Error while processing task 3");
}

static void a_group_is_locked_while_its_owner_lives(void **state)
{
	cleanup_buf struct buf report = BUF_INIT(4096);
	struct resctrl_group g;
	char stranger[128];
	struct resctrl r;
	struct err err = { 0 };

	(void)state;
	tree_make(dir, tree_intel, TREE_INTEL);
	scratch_write(dir, "gold/mon_groups/.keep", "");
	assert_int_equal(resctrl_open(dir, &r, &err), 0);
	snprintf(stranger, sizeof(stranger), "%s/gold/mon_groups/m1", dir);
	assert_int_equal(mkdir(stranger, 0700), 0);
	assert_int_equal(resctrl_group_make(&r, "gold", "run.a", &g, &err), 0);
	assert_string_equal(g.class, "gold");
	assert_non_null(strstr(g.path, "/gold/mon_groups/cbpf.run.a"));
	assert_int_equal(resctrl_clean(dir, false, &report, &err), 0);
	assert_string_equal(buf_str(&report), "");

	/* Its owner ends without a word. */
	close(g.lock);
	assert_int_equal(resctrl_clean(dir, true, &report, &err), 0);
	assert_non_null(strstr(buf_str(&report), "would remove monitor group"));
	assert_int_equal(access(g.path, F_OK), 0);
	buf_reset(&report);
	assert_int_equal(resctrl_clean(dir, false, &report, &err), 0);
	assert_non_null(strstr(buf_str(&report), g.path));
	assert_int_equal(access(g.path, F_OK), -1);
	assert_int_equal(access(stranger, F_OK), 0);
	assert_int_equal(resctrl_clean("/nonexistent", false, &report, &err), 0);
}

static void a_group_that_cannot_be_made(void **state)
{
	struct resctrl_group g = { .lock = -1 };
	struct resctrl r;
	struct err err = { 0 };

	(void)state;
	tree_make(dir, tree_intel, TREE_INTEL);
	assert_int_equal(resctrl_open(dir, &r, &err), 0);
	assert_int_equal(resctrl_group_make(&r, "gone", "run.a", &g, &err), -ENOENT);
	assert_non_null(strstr(err.text, "cbpf.run.a"));
	assert_string_equal(g.path, "");
	assert_int_equal(resctrl_group_make(&r, "", "run.a", &g, &err), 0);
	/* A directory has no tasks file: that is told with its name and the task's. */
	assert_int_equal(resctrl_group_add(&r, &g, 1, &err), -ENOENT);
	assert_non_null(strstr(err.text, "task 1"));
	/* What is no task is not even tried. */
	assert_int_equal(resctrl_group_add(&r, &g, 0, &err), -EINVAL);
	assert_non_null(strstr(err.text, "no task 0"));
	assert_int_equal(resctrl_group_add(&r, &g, -1, &err), -EINVAL);
	assert_int_equal(resctrl_group_remove(&g, &err), 0);
	assert_string_equal(g.path, "");
	assert_int_equal(resctrl_group_remove(&g, &err), 0); /* again is nothing to do */
}

static void a_set_makes_and_removes_all(void **state)
{
	struct resctrl_set *set = NULL;
	struct err err = { 0 };
	char path[256];

	(void)state;
	tree_make(dir, tree_intel, TREE_INTEL);
	assert_int_equal(resctrl_set_open("/nonexistent", 2, &set, &err), -ENOENT);
	assert_null(set);
	assert_int_equal(resctrl_set_open(dir, 2, &set, &err), 0);
	assert_int_equal(resctrl_set_make(set, 0, "run.a", &err), 0);
	snprintf(path, sizeof(path), "%s/mon_groups/cbpf.run.a", dir);
	assert_string_equal(set->v[0].group.path, path);
	assert_false(set->v[0].ready);
	resctrl_set_ready(set, 0);
	assert_true(set->v[0].ready);
	assert_int_equal(resctrl_set_close(set, &err), 0);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(resctrl_set_close(NULL, &err), 0);
}

static void a_cgroup_without_tasks(void **state)
{
	struct cgroup_ref cg = { 0 };
	struct resctrl_group g;
	struct resctrl r;
	struct err err = { 0 };
	size_t n = 7;

	(void)state;
	tree_make(dir, tree_intel, TREE_INTEL);
	scratch_write(dir, "cg/cgroup.threads", "");
	snprintf(cg.v2, sizeof(cg.v2), "%s/cg", dir);
	assert_int_equal(resctrl_open(dir, &r, &err), 0);
	assert_int_equal(resctrl_group_make(&r, "", "run.a", &g, &err), 0);
	assert_int_equal(resctrl_group_add_cgroup(&r, &g, &cg, &n, NULL, &err), 0);
	assert_int_equal(n, 0);
	assert_int_equal(resctrl_cgroup_task(&cg), 0);
	scratch_write(dir, "cg/deeper/cgroup.threads", "0\n9\n");
	assert_int_equal(resctrl_cgroup_task(&cg), 9);
	/* Those that are there are tried, each once; of the failures the first is told. */
	scratch_write(dir, "cg/cgroup.threads", "3\n5\n0\n");
	scratch_write(dir, "cg/deeper/cgroup.threads", "5\n9\n");
	assert_int_equal(resctrl_group_add_cgroup(&r, &g, &cg, &n, NULL, &err), -ENOENT);
	assert_non_null(strstr(err.text, "task 3"));
	assert_int_equal(n, 0);
	cg = (struct cgroup_ref){ 0 }; /* not known */
	assert_int_equal(resctrl_cgroup_task(&cg), 0);
	assert_int_equal(resctrl_group_add_cgroup(&r, &g, &cg, &n, NULL, &err), 0);
	assert_int_equal(n, 0);
	assert_int_equal(resctrl_group_remove(&g, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_intel_host, setup, teardown),
		cmocka_unit_test_setup_teardown(other_hosts, setup, teardown),
		cmocka_unit_test(a_root_that_is_not_there),
		cmocka_unit_test_setup_teardown(the_class_of_a_task, setup, teardown),
		cmocka_unit_test_setup_teardown(what_the_kernel_said, setup, teardown),
		cmocka_unit_test_setup_teardown(a_group_is_locked_while_its_owner_lives, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_group_that_cannot_be_made, setup, teardown),
		cmocka_unit_test_setup_teardown(a_set_makes_and_removes_all, setup, teardown),
		cmocka_unit_test_setup_teardown(a_cgroup_without_tasks, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
