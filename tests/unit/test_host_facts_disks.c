// SPDX-License-Identifier: Apache-2.0
/* Block devices of a machine that is files. */
#include <unistd.h>

#include "facts_case.h"

static void those_with_a_size_and_their_queues(void **state)
{
	struct facts_place at = facts_fake();
	char path[128];

	(void)state;
	facts_are(facts_disks(&at), "[]");
	scratch_write(facts_root, "sys/block/loop0/size", "0\n");
	scratch_write(facts_root, "sys/block/nvme0n1/size", "2048\n");
	scratch_write(facts_root, "sys/block/nvme0n1/dev", "259:0\n");
	scratch_write(facts_root, "sys/block/nvme0n1/device/model", "A DISK          \n");
	scratch_write(facts_root, "sys/block/nvme0n1/device/firmware_rev", "1.0     \n");
	scratch_write(facts_root, "sys/block/nvme0n1/queue/scheduler", "[none] mq-deadline\n");
	scratch_write(facts_root, "sys/block/nvme0n1/queue/rotational", "0\n");
	scratch_write(facts_root, "sys/block/nvme0n1/queue/write_cache", "write through\n");
	scratch_write(facts_root, "sys/block/nvme0n1/queue/discard_max_bytes",
		      "18446744073709551615\n");
	scratch_write(facts_root, "sys/block/dm-0/size", "8\n");
	scratch_write(facts_root, "sys/block/dm-0/dev", "253:0\n");
	scratch_write(facts_root, "sys/block/dm-0/dm/name", "x\n");
	scratch_write(facts_root, "sys/dev/block/placeholder", "");
	snprintf(path, sizeof(path), "%s/sys/dev/block/253:0", facts_root);
	assert_int_equal(symlink("../../block/dm-0", path), 0);
	facts_are(facts_disks(&at),
		  "[{'name': 'dm-0', 'kind': 'dm', 'size_bytes': 4096}, "
		  "{'name': 'nvme0n1', 'kind': 'disk', 'size_bytes': 1048576, 'model': 'A DISK', "
		  "'firmware': '1.0', 'rotational': false, 'scheduler': 'none', "
		  "'write_cache': 'write through'}]");
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
		cmocka_unit_test_setup_teardown(those_with_a_size_and_their_queues, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
