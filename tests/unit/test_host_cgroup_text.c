// SPDX-License-Identifier: Apache-2.0
/* Mount tables and /proc/PID/cgroup of hosts that exist, and broken ones. */
#include "host/cgroup_text.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"

#define V2_ROOT "30 23 0:26 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
#define V1(ctrls, point) "34 31 0:31 / " point " rw,relatime - cgroup cgroup rw," ctrls "\n"
#define UNIFIED "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
#define OTHER "22 27 0:21 / /proc rw,relatime - proc proc rw\n"

static const struct {
	const char *label, *text;
	int rc;
	enum cgroup_mode mode;
	bool io_on_v2;
	const char *v2, *v2_root, *memory, *memory_root, *blkio, *cpuacct;
} layouts[] = {
	{ "no cgroup mount is -ENOENT", OTHER, -ENOENT, 0, false, "", "", "", "", "", "" },
	{ "an empty table is -ENOENT", "", -ENOENT, 0, false, "", "", "", "", "", "" },
	{ "cgroup2 alone is v2", OTHER V2_ROOT, 0, CGROUP_V2, true, "/sys/fs/cgroup", "/", "", "",
	  "", "" },
	{ "v1 and cgroup2 are hybrid; io is blkio's",
	  OTHER V1("memory", "/sys/fs/cgroup/memory") V1("blkio", "/sys/fs/cgroup/blkio") UNIFIED,
	  0, CGROUP_HYBRID, false, "/sys/fs/cgroup/unified", "/", "/sys/fs/cgroup/memory", "/",
	  "/sys/fs/cgroup/blkio", "" },
	{ "v1 without cgroup2 is v1", V1("blkio", "/cg/blkio"), 0, CGROUP_V1, false, "", "", "", "",
	  "/cg/blkio", "" },
	{ "hybrid without v1 blkio charges I/O to v2", V1("memory", "/m") UNIFIED, 0, CGROUP_HYBRID,
	  true, "/sys/fs/cgroup/unified", "/", "/m", "/", "", "" },
	{ "a named hierarchy and devices alone leave it v2",
	  V1("name=systemd", "/s") V1("devices", "/d") V2_ROOT, 0, CGROUP_V2, true,
	  "/sys/fs/cgroup", "/", "", "", "", "" },
	{ "controllers mounted together share a mount point", V1("cpu,cpuacct", "/cg/cpu,cpuacct"),
	  0, CGROUP_V1, false, "", "", "", "", "", "/cg/cpu,cpuacct" },
	{ "a space in a mount point is unescaped", V1("memory", "/a\\040b"), 0, CGROUP_V1, false,
	  "", "", "/a b", "/", "", "" },
	{ "a mount of a part keeps its root", "9 8 0:1 /docker/x /m rw - cgroup cgroup rw,memory\n",
	  0, CGROUP_V1, false, "", "", "/m", "/docker/x", "", "" },
	{ "a mount of the whole is preferred to one of a part",
	  "9 8 0:1 /docker/x /part rw - cgroup2 none rw\n" V2_ROOT, 0, CGROUP_V2, true,
	  "/sys/fs/cgroup", "/", "", "", "", "" },
	{ "of two whole mounts the first is taken",
	  V2_ROOT "31 23 0:26 / /mnt/again rw - cgroup2 cgroup2 rw\n", 0, CGROUP_V2, true,
	  "/sys/fs/cgroup", "/", "", "", "", "" },
	{ "a mount that another one hides does not count",
	  V2_ROOT "31 23 0:26 / /mnt/again rw - cgroup2 cgroup2 rw\n"
		  "32 23 0:26 /part /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
	  0, CGROUP_V2, true, "/mnt/again", "/", "", "", "", "" },
	{ "nor one under something else",
	  V2_ROOT "32 23 0:9 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n", -ENOENT, 0, false, "", "", "",
	  "", "", "" },
	{ "a cut line is passed over",
	  "30 23 0:26 / /sys/fs\n30 23 0:26 / /x rw - cgroup2\n" V2_ROOT, 0, CGROUP_V2, true,
	  "/sys/fs/cgroup", "/", "", "", "", "" },
	{ "a last line without newline counts", "30 23 0:26 / /c rw - cgroup2 cgroup2 rw", 0,
	  CGROUP_V2, true, "/c", "/", "", "", "", "" },
};

static void test_layout(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(layouts); i++) {
		struct cgroup_layout l = { 0 };

		print_message("%s\n", layouts[i].label);
		assert_int_equal(cgroup_layout_parse(layouts[i].text, &l), layouts[i].rc);
		if (layouts[i].rc)
			continue;
		assert_int_equal(l.mode, layouts[i].mode);
		assert_int_equal(l.io_on_v2, layouts[i].io_on_v2);
		assert_string_equal(l.v2, layouts[i].v2);
		assert_string_equal(l.v2_root, layouts[i].v2_root);
		assert_string_equal(l.v1[CG_MEMORY], layouts[i].memory);
		assert_string_equal(l.v1_root[CG_MEMORY], layouts[i].memory_root);
		assert_string_equal(l.v1[CG_BLKIO], layouts[i].blkio);
		assert_string_equal(l.v1[CG_CPUACCT], layouts[i].cpuacct);
	}
}

/* Read, not set: where huge pages are counted is known as of any other controller. */
static void test_huge_pages(void **state)
{
	struct cgroup_layout l = { 0 };
	struct cgroup_ref ref;

	(void)state;
	assert_int_equal(cgroup_layout_parse(V1("hugetlb", "/h") UNIFIED, &l), 0);
	assert_string_equal(l.v1[CG_HUGETLB], "/h");
	assert_true(l.io_on_v2);
	cgroup_proc_parse(&l, "3:hugetlb:/docker/1\n0::/docker/1\n", &ref);
	assert_string_equal(ref.v1[CG_HUGETLB], "/h/docker/1");
	assert_string_equal(cgroup_ctrl_name(CG_HUGETLB), "hugetlb");
}

static const struct {
	const char *label, *mounts, *text, *v2, *memory, *cpu;
} procs[] = {
	{ "v2: the one line", V2_ROOT, "0::/system.slice/docker-1.scope\n",
	  "/sys/fs/cgroup/system.slice/docker-1.scope", "", "" },
	{ "v2: the root is nobody's own", V2_ROOT, "0::/\n", "", "", "" },
	{ "hybrid: each hierarchy has its own path",
	  V1("memory", "/m") V1("cpu,cpuacct", "/c") UNIFIED,
	  "3:cpu,cpuacct:/docker/1\n2:memory:/other/1\n1:name=systemd:/x\n0::/docker/1\n",
	  "/sys/fs/cgroup/unified/docker/1", "/m/other/1", "/c/docker/1" },
	{ "a hierarchy that is not mounted is absent", V2_ROOT, "2:memory:/a\n0::/a\n",
	  "/sys/fs/cgroup/a", "", "" },
	{ "a path with colons is whole", V2_ROOT, "0::/a:b:c\n", "/sys/fs/cgroup/a:b:c", "", "" },
	{ "a removed cgroup is absent", V2_ROOT, "0::/a (deleted)\n", "", "", "" },
	{ "outside the cgroup namespace is absent", V2_ROOT, "0::/../other\n", "", "", "" },
	{ "what is mounted in part is found below it",
	  "9 8 0:1 /docker/x /m rw - cgroup cgroup rw,memory\n", "2:memory:/docker/x/sub\n", "",
	  "/m/sub", "" },
	{ "what is mounted itself is the root there",
	  "9 8 0:1 /docker/x /m rw - cgroup cgroup rw,memory\n", "2:memory:/docker/x\n", "", "",
	  "" },
	{ "a neighbour with the same beginning is outside",
	  "9 8 0:1 /docker/x /m rw - cgroup cgroup rw,memory\n", "2:memory:/docker/xy/sub\n", "",
	  "", "" },
	{ "garbage is passed over", V2_ROOT, "hello\n0:\n::\n0::/ok", "/sys/fs/cgroup/ok", "", "" },
	{ "an empty text has none", V2_ROOT, "", "", "", "" },
};

static void test_proc(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(procs); i++) {
		struct cgroup_layout l = { 0 };
		struct cgroup_ref ref;

		print_message("%s\n", procs[i].label);
		assert_int_equal(cgroup_layout_parse(procs[i].mounts, &l), 0);
		cgroup_proc_parse(&l, procs[i].text, &ref);
		assert_string_equal(ref.v2, procs[i].v2);
		assert_string_equal(ref.v1[CG_MEMORY], procs[i].memory);
		assert_string_equal(ref.v1[CG_CPU], procs[i].cpu);
		assert_int_equal(ref.io_id, 0);
	}
}

static void test_long_paths(void **state)
{
	char text[2 * CGROUP_PATH];
	struct cgroup_layout l;
	struct cgroup_ref ref;

	(void)state;
	assert_int_equal(cgroup_layout_parse(V2_ROOT, &l), 0);
	strcpy(text, "0::/");
	memset(text + 4, 'a', CGROUP_PATH);
	text[4 + CGROUP_PATH] = '\0';
	cgroup_proc_parse(&l, text, &ref);
	assert_string_equal(ref.v2, "");
}

static const struct {
	const char *label, *text, *key;
	int rc;
	uint64_t value;
} keys[] = {
	{ "the first line", "oom_kill 3\nx 1\n", "oom_kill", 0, 3 },
	{ "a later line", "oom 1\noom_kill 2\n", "oom_kill", 0, 2 },
	{ "a longer key is another", "oom_kill_group 2\n", "oom_kill", -ENOENT, 0 },
	{ "nothing", "", "oom_kill", -ENOENT, 0 },
};

static void test_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		uint64_t value = 0;

		print_message("%s\n", keys[i].label);
		assert_int_equal(cgroup_flat_key(keys[i].text, keys[i].key, &value), keys[i].rc);
		assert_int_equal(value, keys[i].value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout), cmocka_unit_test(test_huge_pages),
		cmocka_unit_test(test_proc),   cmocka_unit_test(test_long_paths),
		cmocka_unit_test(test_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
