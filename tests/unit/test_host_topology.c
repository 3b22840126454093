// SPDX-License-Identifier: Apache-2.0
/* Stacks of devices in a directory that plays sysfs. No root. */
#include "host/topology.h"

#include <errno.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "scratch.h"
#include "unit.h"

static char dir[64];

static void link_to(const char *target, const char *path)
{
	char full[512], *slash;

	snprintf(full, sizeof(full), "%s/%s", dir, path);
	slash = strrchr(full, '/');
	*slash = '\0';
	assert_int_equal(fs_mkdirs(full, 0755), 0);
	*slash = '/';
	assert_int_equal(symlink(target, full), 0);
}

/* Each device as sysfs shows it: a directory, and links from its number and its name. */
static const struct {
	const char *place; /* below devices/ */
	const char *number; /* NULL: hidden */
	const char *slaves[4]; /* places */
	const char *file, *text; /* what it has */
	const char *file2, *text2;
} devices[] = {
	{ .place = "vda", .number = "254:0" },
	{ .place = "vda/vda1", .number = "254:1", .file = "partition", .text = "1\n" },
	{ .place = "vda/vda2", .number = "254:2", .file = "partition", .text = "2\n" },
	{ .place = "sda", .number = "8:0" },
	{ .place = "sdb", .number = "8:16" },
	{ .place = "cciss!c0d0", .number = "104:0" },
	{ .place = "zram0", .number = "252:0" },
	{ .place = "ram0", .number = "1:0" },
	{ .place = "loop0",
	  .number = "7:0",
	  .file = "loop/backing_file",
	  .text = "/data/disk image\n" },
	{ .place = "loop1",
	  .number = "7:1",
	  .file = "loop/backing_file",
	  .text = "/data/gone (deleted)\n" },
	{ .place = "loop2", .number = "7:2", .file = "loop/backing_file", .text = "/mem/img\n" },
	{ .place = "loop3", .number = "7:3" },
	{ .place = "loop4", .number = "7:4", .file = "loop/backing_file", .text = "/dev/sda\n" },
	{ .place = "loop5", .number = "7:5", .file = "loop/backing_file", .text = "/lvm/img\n" },
	{ .place = "loop6", .number = "7:6", .file = "loop/backing_file", .text = "/over/img\n" },
	{ .place = "loop7",
	  .number = "7:7",
	  .file = "loop/backing_file",
	  .text = "/dev/cciss/c0d0\n" },
	{ .place = "dm-0",
	  .number = "253:0",
	  .slaves = { "vda/vda1" },
	  .file = "dm/name",
	  .text = "vg-root\n",
	  .file2 = "dm/uuid",
	  .text2 = "LVM-abc\n" },
	{ .place = "dm-1",
	  .number = "253:1",
	  .slaves = { "dm-0", "sda", "vda/vda2" },
	  .file = "dm/name",
	  .text = "plain\n",
	  .file2 = "dm/uuid",
	  .text2 = "\n" },
	{ .place = "dm-2",
	  .number = "253:2",
	  .slaves = { "loop2" },
	  .file = "dm/name",
	  .text = "secret\n",
	  .file2 = "dm/uuid",
	  .text2 = "CRYPT-LUKS2-abc\n" },
	{ .place = "dm-3",
	  .number = "253:3",
	  .slaves = { "dm-4", "sda" },
	  .file = "dm/name",
	  .text = "round\n" },
	{ .place = "dm-4",
	  .number = "253:4",
	  .slaves = { "dm-3" },
	  .file = "dm/name",
	  .text = "about\n" },
	{ .place = "dm-5", .number = "253:5", .file = "dm/name", .text = "zeros\n" },
	{ .place = "dm-6", .number = "253:6", .slaves = { "loop3", "sda" }, .file = "dm/name" },
	{ .place = "md0",
	  .number = "9:0",
	  .slaves = { "sda", "sdb" },
	  .file = "md/level",
	  .text = "raid0\n" },
	{ .place = "bcache0", .number = "251:0", .slaves = { "sda" } },
	{ .place = "other", .number = "250:0", .slaves = { "sdb" } },
	{ .place = "nvme-subsys1/nvme1n2", .number = "259:0" },
	{ .place = "nvme1/nvme1c1n2" },
	{ .place = "nvme2/nvme1c2n2" },
	{ .place = "nvme2/nvme1c2n3" },
	{ .place = "nvme3/nvme3n2", .number = "259:1" },
};

static const char *base(const char *place)
{
	return strrchr(place, '/') ? strrchr(place, '/') + 1 : place;
}

static void make_device(size_t i)
{
	char target[256], path[256];

	snprintf(path, sizeof(path), "devices/%s/dev", devices[i].place);
	scratch_write(dir, path, devices[i].number ? devices[i].number : "");
	snprintf(path, sizeof(path), "devices/%s/uevent", devices[i].place);
	snprintf(target, sizeof(target), "DEVNAME=%s\n", base(devices[i].place));
	scratch_write(dir, path, target);
	snprintf(target, sizeof(target), "../../devices/%s", devices[i].place);
	snprintf(path, sizeof(path), "class/block/%s", base(devices[i].place));
	link_to(target, path);
	snprintf(path, sizeof(path), "dev/block/%s", devices[i].number ? devices[i].number : "");
	if (devices[i].number)
		link_to(target, path);
	for (size_t k = 0; k < 4 && devices[i].slaves[k]; k++) {
		snprintf(path, sizeof(path), "devices/%s/slaves/%s", devices[i].place,
			 base(devices[i].slaves[k]));
		snprintf(target, sizeof(target), "../../%s", devices[i].slaves[k]);
		link_to(target, path);
	}
	snprintf(path, sizeof(path), "devices/%s/%s", devices[i].place, devices[i].file);
	if (devices[i].file)
		scratch_write(dir, path, devices[i].text ? devices[i].text : "");
	snprintf(path, sizeof(path), "devices/%s/%s", devices[i].place, devices[i].file2);
	if (devices[i].file2)
		scratch_write(dir, path, devices[i].text2);
}

static int setup(void **state)
{
	(void)state;
	scratch_make(dir);
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++)
		make_device(i);
	link_to("../../nvme-subsys1", "devices/nvme-subsys1/nvme1n2/device");
	link_to("../../nvme3", "devices/nvme3/nvme3n2/device");
	scratch_write(dir, "devices/sdb/bcache/set", "");
	link_to("../sdb/bcache", "devices/bcache-set/cache0");
	scratch_write(dir, "devices/sda/bcache/running", "");
	link_to("../../bcache-set", "devices/sda/bcache/cache");
	link_to("../sda/bcache", "devices/bcache0/bcache");
	scratch_write(dir, "mountinfo",
		      "1 0 0:1 / / rw - rootfs none rw\n"
		      "2 1 254:1 / /data rw - ext4 /dev/vda1 rw\n"
		      "3 1 0:31 / /mem rw - tmpfs none rw\n"
		      "4 1 253:0 / /lvm rw - xfs /dev/dm-0 rw\n"
		      "5 1 0:32 / /over rw - overlay none rw\n");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return fs_remove_tree(dir);
}

static const struct {
	const char *label;
	unsigned int major, minor;
	const char *kind, *text; /* its label */
	const char *lower, *leaves;
	bool incomplete;
} cases[] = {
	{ "a disk is a leaf", 254, 0, "disk", "", "", "", false },
	{ "a partition stands for its disk", 254, 1, "partition", "", "vda", "vda", false },
	{ "memory that is compressed is a leaf", 252, 0, "zram", "", "", "", false },
	{ "memory is a leaf", 1, 0, "ram", "", "", "", false },
	{ "a loop device on a file rests on the disk of its file system", 7, 0, "loop",
	  "/data/disk image", "vda", "vda", false },
	{ "the file may be gone", 7, 1, "loop", "/data/gone (deleted)", "vda", "vda", false },
	{ "a file in memory is on no disk", 7, 2, "loop", "/mem/img", "", "", false },
	{ "a loop device without a file rests on nothing known", 7, 3, "loop", "", "", "", true },
	{ "a loop device on a disk", 7, 4, "loop", "/dev/sda", "sda", "sda", false },
	{ "a file on a logical volume rests on the disk below", 7, 5, "loop", "/lvm/img", "dm-0",
	  "vda", false },
	{ "a file on an overlay rests on some disk", 7, 6, "loop", "/over/img", "", "", true },
	{ "a name with a slash", 7, 7, "loop", "/dev/cciss/c0d0", "cciss/c0d0", "cciss/c0d0",
	  false },
	{ "a logical volume on a partition", 253, 0, "dm", "vg-root (LVM)", "vda", "vda", false },
	{ "dm on dm, a disk and another partition of the same disk", 253, 1, "dm", "plain",
	  "dm-0 sda vda", "sda vda", false },
	{ "what is below ends in memory: that is the leaf", 253, 2, "dm", "secret (CRYPT)", "loop2",
	  "loop2", false },
	{ "a circle ends", 253, 3, "dm", "round", "dm-4 sda", "sda", false },
	{ "a circle seen from within", 253, 4, "dm", "about", "dm-3", "sda", false },
	{ "a target that needs no device", 253, 5, "dm", "zeros", "", "", false },
	{ "what is known of a stack is told", 253, 6, "dm", "", "loop3 sda", "sda", true },
	{ "md on two disks", 9, 0, "md", "raid0", "sda sdb", "sda sdb", false },
	{ "bcache: the disk, and the one that caches", 251, 0, "bcache", "", "sda sdb", "sda sdb",
	  false },
	{ "anything else on top of others", 250, 0, "stacked", "", "sdb", "sdb", false },
	{ "an NVMe head has the paths of its namespace", 259, 0, "nvme-head", "",
	  "nvme1c1n2 nvme1c2n2", "nvme1c1n2 nvme1c2n2", false },
	{ "an NVMe namespace without a head is a disk", 259, 1, "disk", "", "", "", false },
};

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* "a b" in alphabetical order: that of a directory is not defined. */
static const char *joined(size_t n, char (*names)[TOPOLOGY_NAME], struct buf *text)
{
	qsort(names, n, sizeof(*names), by_name);
	buf_reset(text);
	for (size_t i = 0; i < n; i++)
		buf_printf(text, "%s%s", i ? " " : "", names[i]);
	return buf_str(text);
}

static void stacks(void **state)
{
	cleanup_buf struct buf text = BUF_INIT(4096);
	char mountinfo[128], numbers[128];
	int fd;

	(void)state;
	snprintf(mountinfo, sizeof(mountinfo), "%s/mountinfo", dir);
	snprintf(numbers, sizeof(numbers), "%s/dev/block", dir);
	fd = open(numbers, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct topology t = { 0 };

		print_message("%s\n", cases[i].label);
		assert_int_equal(topology_read(dir, mountinfo, cases[i].major, cases[i].minor, &t),
				 0);
		assert_string_equal(device_kind_name(t.kind), cases[i].kind);
		assert_string_equal(t.label, cases[i].text);
		assert_string_equal(joined(t.n_lower, t.lower, &text), cases[i].lower);
		assert_string_equal(joined(t.n_leaves, t.leaves, &text), cases[i].leaves);
		assert_int_equal(t.complete, !cases[i].incomplete);
		assert_int_equal(topology_kind(fd, cases[i].major, cases[i].minor), t.kind);
	}
	close(fd);
}

static void what_is_not_there(void **state)
{
	struct topology t;

	(void)state;
	assert_int_equal(topology_read(dir, "", 99, 0, &t), -ENODEV);
	assert_int_equal(topology_read("/nonexistent", "", 254, 0, &t), -ENODEV);
	assert_int_equal(topology_kind(-1, 99, 0), DEVICE_DISK);
	assert_int_equal(topology_kind(-1, 7, 3), DEVICE_LOOP);
	assert_false(device_kind_is_stacked(DEVICE_DISK));
	assert_false(device_kind_is_stacked(DEVICE_ZRAM));
	assert_true(device_kind_is_stacked(DEVICE_NVME_HEAD));
}

static void more_than_can_be_followed(void **state)
{
	struct topology t;

	(void)state;
	for (int i = 0; i < TOPOLOGY_MAX + 5; i++) {
		char path[64];

		snprintf(path, sizeof(path), "devices/md0/slaves/sd%d", i);
		scratch_write(dir, path, "");
	}
	assert_int_equal(topology_read(dir, "", 9, 0, &t), 0);
	assert_false(t.complete);
	assert_int_equal(t.n_lower, TOPOLOGY_MAX);
	assert_true(t.n_leaves < TOPOLOGY_MAX);
}

static void the_cache_remembers_and_overflows_softly(void **state)
{
	struct topology_cache c;

	(void)state;
	topology_cache_init(&c);
	assert_int_equal(topology_cache_kind(&c, 7, 0), DEVICE_LOOP);
	assert_int_equal(topology_cache_kind(&c, 7, 0), DEVICE_LOOP);
	assert_int_equal(c.n, 1);
	for (uint32_t i = 0; i < TOPOLOGY_CACHE + 10; i++)
		assert_int_equal(topology_cache_kind(&c, 7, i), DEVICE_LOOP);
	assert_int_equal(c.n, TOPOLOGY_CACHE);
	topology_cache_fini(&c);
	topology_cache_fini(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stacks),
		cmocka_unit_test(what_is_not_there),
		cmocka_unit_test(more_than_can_be_followed),
		cmocka_unit_test(the_cache_remembers_and_overflows_softly),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
