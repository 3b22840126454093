// SPDX-License-Identifier: Apache-2.0
/* File systems that may never answer, by what is told of mounts. */
#include "symbol/files_remote.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "scratch.h"
#include "unit.h"

static void types(void **state)
{
	static const struct {
		const char *type;
		bool is;
	} cases[] = {
		{ "ext4", false },	  { "overlay", false }, { "tmpfs", false },
		{ "btrfs", false },	  { "fuse", true },	{ "fuse.sshfs", true },
		{ "fuseblk", true },	  { "fusectl", false }, { "nfs", true },
		{ "nfs4", true },	  { "nfsd", false },	{ "9p", true },
		{ "virtiofs", true },	  { "ceph", true },	{ "lustre", true },
		{ "fuse.gluster", true }, { "", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (remote_type(cases[i].type) != cases[i].is)
			fail_msg("%s", cases[i].type);
}

static void devices(void **state)
{
	static const struct {
		const char *label;
		uint32_t major, minor;
		int want;
	} cases[] = {
		{ "of a disk", 254, 0, 0 },
		{ "of user space", 0, 50, 1 },
		{ "of the network, without optional fields", 0, 51, 1 },
		{ "whose mount point looks like the end of the fields", 0, 52, 1 },
		{ "of memory", 0, 53, 0 },
		{ "that is not mounted there", 0, 5, -ENOENT },
		{ "of which only the begin is alike", 0, 500, -ENOENT },
	};
	char dir[64], path[96];

	(void)state;
	scratch_make(dir);
	scratch_write(dir, "mountinfo",
		      "27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n"
		      "60 27 0:50 / /mnt/a rw shared:2 master:3 - fuse.sshfs host:/ rw,user_id=0\n"
		      "61 27 0:51 / /mnt/b rw - nfs4 server:/export rw\n"
		      "62 27 0:52 / /mnt/-\\040- rw - fuse daemon rw\n"
		      "no mount\n"
		      "63 27 0:53 / /dev/shm rw - tmpfs tmpfs rw\n");
	snprintf(path, sizeof(path), "%s/mountinfo", dir);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int is = remote_device(path, cases[i].major, cases[i].minor);

		if (is != cases[i].want)
			fail_msg("%s: %d", cases[i].label, is);
	}
	assert_int_equal(fs_remove_tree(dir), 0);
	assert_int_equal(remote_device(path, 254, 0), -ENOENT); /* nor is there such a file */
}

static void what_is_open_is_asked(void **state)
{
	cleanup_close int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_false(remote_open(fd));
	assert_true(remote_open(-1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types),
		cmocka_unit_test(devices),
		cmocka_unit_test(what_is_open_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
