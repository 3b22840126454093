// SPDX-License-Identifier: Apache-2.0
/* Memory of a machine that is files. */
#include "facts_case.h"

static void how_much_and_how_it_is_used(void **state)
{
	struct facts_place at = facts_fake();

	(void)state;
	scratch_write(
		facts_root, "proc/meminfo",
		"MemTotal:       24683656 kB\nMemFree:  1 kB\nSwapTotal:  0 kB\n"
		"HugePages_Total:      12\nHugepagesize:       2048 kB\nMemTotal\nSwapTotal: x\n");
	scratch_write(facts_root, "sys/kernel/mm/transparent_hugepage/enabled",
		      "always [madvise] never\n");
	scratch_write(facts_root, "sys/module/zswap/parameters/enabled", "N\n");
	scratch_write(facts_root, "proc/sys/vm/dirty_ratio", "20\n");
	facts_are(facts_memory(&at),
		  "{'total_bytes': 25276063744, 'swap_bytes': 0, 'huge_pages': 12, "
		  "'huge_page_bytes': 2097152, 'thp': 'madvise', 'zswap': false, "
		  "'dirty_ratio': 20}");
}

static void nodes_have_their_own(void **state)
{
	struct facts_place at = facts_fake();

	(void)state;
	facts_are(facts_nodes(&at), "[]");
	scratch_write(facts_root, "sys/devices/system/node/node10/cpulist", "4-7\n");
	scratch_write(facts_root, "sys/devices/system/node/node0/cpulist", "0-3\n");
	scratch_write(facts_root, "sys/devices/system/node/node0/distance", "10 21\n");
	scratch_write(facts_root, "sys/devices/system/node/node0/meminfo",
		      "Node 0 MemTotal:       1024 kB\nNode 0 MemFree:  1 kB\n"
		      "Node 0 HugePages_Total:     0\n");
	scratch_write(facts_root, "sys/devices/system/node/possible", "0-10\n");
	facts_are(facts_nodes(&at),
		  "[{'id': 0, 'cpus': '0-3', 'distances': '10 21', 'total_bytes': 1048576, "
		  "'huge_pages': 0}, {'id': 10, 'cpus': '4-7'}]");
}

static int setup(void **state)
{
	(void)state;
	scratch_make(facts_root);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return fs_remove_tree(facts_root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(how_much_and_how_it_is_used, setup, teardown),
		cmocka_unit_test_setup_teardown(nodes_have_their_own, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
