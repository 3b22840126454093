// SPDX-License-Identifier: Apache-2.0
/* Disks in a directory that plays sysfs. No root. */
#include "host/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"

static char dir[] = "/tmp/cbpf-test-XXXXXX";

static void put(const char *path, const char *text)
{
	char full[256];

	snprintf(full, sizeof(full), "%s/%s", dir, path);
	*strrchr(full, '/') = '\0';
	assert_int_equal(fs_mkdirs(full, 0700), 0);
	snprintf(full, sizeof(full), "%s/%s", dir, path);
	assert_int_equal(fs_create_at(AT_FDCWD, full, text, strlen(text)), 0);
}

static void link_to(const char *target, const char *path)
{
	char full[256];

	snprintf(full, sizeof(full), "%s/%s", dir, path);
	assert_int_equal(symlink(target, full), 0);
}

static int setup(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	put("dev/block/placeholder", "");
	put("devices/nvme0n1/dev", "259:0\n");
	put("devices/nvme0n1/uevent", "MAJOR=259\nMINOR=0\nDEVNAME=nvme0n1\nDEVTYPE=disk\n");
	put("devices/nvme0n1/nvme0n1p2/dev", "259:2\n");
	put("devices/nvme0n1/nvme0n1p2/partition", "2\n");
	put("devices/nvme0n1/nvme0n1p2/uevent", "DEVNAME=nvme0n1p2\nDEVTYPE=partition\n");
	put("devices/odd/dev", "7:9\n");
	link_to("../../devices/nvme0n1", "dev/block/259:0");
	link_to("../../devices/nvme0n1/nvme0n1p2", "dev/block/259:2");
	link_to("../../devices/odd", "dev/block/7:9");
	put("mountinfo", "22 1 0:31 / /data rw,relatime shared:1 - tmpfs tmpfs rw\n"
			 "23 1 0:32 / /gone rw - btrfs /dev/no-such-disk rw\n");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return fs_remove_tree(dir);
}

static void test_disks(void **state)
{
	static const struct {
		const char *label;
		unsigned int major, minor;
		int rc;
		const char *node;
	} cases[] = {
		{ "a disk is itself", 259, 0, 0, "/dev/nvme0n1" },
		{ "a partition stands for its disk", 259, 2, 0, "/dev/nvme0n1" },
		{ "a device that sysfs does not know is none", 8, 0, -ENODEV, NULL },
		{ "a device without a name is none", 7, 9, -ENODEV, NULL },
		{ "tmpfs has no disk", 0, 31, -ENODEV, NULL },
		{ "an anonymous device whose source is gone has none", 0, 32, -ENODEV, NULL },
		{ "an anonymous device that is mounted nowhere has none", 0, 33, -ENODEV, NULL },
	};
	char mountinfo[256];

	(void)state;
	snprintf(mountinfo, sizeof(mountinfo), "%s/mountinfo", dir);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct disk disk = { 0 };
		int rc =
			disk_of_dev(dir, mountinfo, makedev(cases[i].major, cases[i].minor), &disk);

		print_message("%s\n", cases[i].label);
		assert_int_equal(rc, cases[i].rc);
		if (!rc) {
			assert_string_equal(disk.node, cases[i].node);
			assert_int_equal(disk.major, 259);
			assert_int_equal(disk.minor, 0);
		}
	}
}

static void test_mounts(void **state)
{
	static const struct {
		const char *label, *path;
		int rc;
		const char *node;
	} cases[] = {
		{ "a path on a mounted partition is on its disk", "/mnt/a b/img", 0,
		  "/dev/nvme0n1" },
		{ "the mount point itself", "/mnt/a b", 0, "/dev/nvme0n1" },
		{ "the longest mount point counts", "/mnt/a b/mem/img", -ENODEV, NULL },
		{ "of two on one point the later one", "/twice/img", 0, "/dev/nvme0n1" },
		{ "a name that begins the same is elsewhere", "/twicer/img", -ENOENT, NULL },
		{ "what only the root covers", "/img", -ENOENT, NULL },
		{ "a server is no disk", "/net/img", -ENODEV, NULL },
		{ "no mount at all", "relative", -ENOENT, NULL },
	};
	char mountinfo[256];

	(void)state;
	put("mounts", "1 0 0:40 / / rw - overlay overlay rw,upperdir=/x\n"
		      "2 1 259:2 / /mnt/a\\040b rw shared:1 - ext4 /dev/nvme0n1p2 rw\n"
		      "3 2 0:31 / /mnt/a\\040b/mem rw - tmpfs tmpfs rw\n"
		      "4 1 0:31 / /twice rw - tmpfs tmpfs rw\n"
		      "5 4 259:0 / /twice rw - xfs /dev/nvme0n1 rw\n"
		      "6 1 0:50 / /net rw - nfs4 server:/export rw\n"
		      "cut\n");
	snprintf(mountinfo, sizeof(mountinfo), "%s/mounts", dir);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct disk disk = { 0 };
		int rc = disk_of_mount(dir, mountinfo, cases[i].path, &disk);

		print_message("%s\n", cases[i].label);
		assert_int_equal(rc, cases[i].rc);
		assert_string_equal(disk.node, cases[i].node ? cases[i].node : "");
	}
	assert_int_equal(disk_of_mount(dir, "/no/such/file", "/", &(struct disk){ 0 }), -ENOENT);
}

static void test_paths(void **state)
{
	struct disk disk;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(disk_of_path("/no/such/path", &disk, &err), -ENOENT);
	assert_non_null(strstr(err.text, "/no/such/path"));
	assert_int_equal(disk_of_path("/proc", &disk, &err), -ENODEV);
	assert_non_null(strstr(err.text, "io: {device:"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_disks),
		cmocka_unit_test(test_mounts),
		cmocka_unit_test(test_paths),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
