// SPDX-License-Identifier: Apache-2.0
/* Limits of block I/O, as both versions of cgroups tell them. */
#include "host/io_limit.h"

#include <stdio.h>
#include <string.h>

#include "base/fs.h"
#include "scratch.h"
#include "unit.h"

static void is(const struct io_limit *v, uint32_t major, uint32_t minor, const uint64_t *want)
{
	assert_int_equal(v->major, major);
	assert_int_equal(v->minor, minor);
	for (size_t k = 0; k < IO_LIMIT_KINDS; k++)
		assert_int_equal(v->at_most[k], want[k]);
}

#define IS(v, major, minor, ...) is(v, major, minor, (const uint64_t[]){ __VA_ARGS__ })

static void version_2(void **state)
{
	struct io_limits io = { 0 };

	(void)state;
	io_limits_parse_v2("8:0 rbps=1048576 wbps=max riops=max wiops=120\n"
			   "253:17 rbps=max wbps=max riops=max wiops=max\n",
			   &io);
	assert_int_equal(io.n, 2);
	IS(&io.v[0], 8, 0, 1048576, 0, 0, 120);
	IS(&io.v[1], 253, 17, 0, 0, 0, 0);
	/* That of an ancestor: the least holds. */
	io_limits_parse_v2("8:0 rbps=4096 wbps=7 riops=max wiops=5000 later=3\n", &io);
	assert_int_equal(io.n, 2);
	IS(&io.v[0], 8, 0, 4096, 7, 0, 120);
}

static void version_1(void **state)
{
	struct io_limits io = { 0 };

	(void)state;
	io_limits_parse_v1("8:0 1048576\n8:16 4096\n", IO_LIMIT_WRITE_BPS, &io);
	io_limits_parse_v1("8:16 10\n", IO_LIMIT_READ_IOPS, &io);
	assert_int_equal(io.n, 2);
	IS(&io.v[0], 8, 0, 0, 1048576, 0, 0);
	IS(&io.v[1], 8, 16, 0, 4096, 10, 0);
}

static void what_no_kernel_writes(void **state)
{
	static const char *const texts[] = {
		"",
		"\n\n",
		"8:0",
		"8:0 ",
		"x:y rbps=1",
		"8 rbps=1",
		"8:0 rbps=",
		"8:0 rbps=1x",
		"8:0 rbps=-1",
		"8:0 rbps=99999999999999999999",
		"8:0 =1",
		"8:0  rbps 1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct io_limits io = { 0 };

		io_limits_parse_v2(texts[i], &io);
		for (size_t k = 0; k < io.n; k++)
			IS(&io.v[k], 8, 0, 0, 0, 0, 0);
		io_limits_parse_v1(texts[i], IO_LIMIT_READ_BPS, &io);
		for (size_t k = 0; k < io.n; k++)
			IS(&io.v[k], 8, 0, 0, 0, 0, 0);
	}
}

static void more_devices_than_there_is_room_for(void **state)
{
	struct io_limits io = { 0 };
	char line[32];

	(void)state;
	for (int i = 0; i < IO_LIMITS_MAX; i++) {
		snprintf(line, sizeof(line), "8:%d 1\n", i);
		io_limits_parse_v1(line, IO_LIMIT_READ_BPS, &io);
	}
	assert_false(io.more);
	io_limits_parse_v1("9:0 1\n", IO_LIMIT_READ_BPS, &io);
	assert_true(io.more);
	assert_int_equal(io.n, IO_LIMITS_MAX);
}

static void files(void **state)
{
	struct cgroup_layout l = { .mode = CGROUP_V2, .io_on_v2 = true };
	struct cgroup_ref ref = { 0 };
	struct io_limits io;
	char dir[64];

	(void)state;
	scratch_make(dir);
	scratch_write(dir, "a/io.max", "8:0 rbps=max wbps=1000 riops=max wiops=max\n");
	scratch_write(dir, "a/b/io.max", "8:0 rbps=2000 wbps=3000 riops=max wiops=max\n");
	snprintf(l.v2, sizeof(l.v2), "%s", dir);
	assert_int_not_equal(io_limits_read(&l, &ref, &io), 0);
	snprintf(ref.v2, sizeof(ref.v2), "%s/a/b", dir);
	assert_int_equal(io_limits_read(&l, &ref, &io), 0);
	assert_true(io.v2);
	assert_int_equal(io.n, 1);
	IS(&io.v[0], 8, 0, 2000, 1000, 0, 0);
	snprintf(ref.v2, sizeof(ref.v2), "%s/gone", dir);
	assert_int_not_equal(io_limits_read(&l, &ref, &io), 0);

	l = (struct cgroup_layout){ .mode = CGROUP_V1 };
	assert_int_not_equal(io_limits_read(&l, &ref, &io), 0);
	snprintf(ref.v1[CG_BLKIO], sizeof(ref.v1[0]), "%s/v1", dir);
	scratch_write(dir, "v1/blkio.throttle.read_bps_device", "");
	scratch_write(dir, "v1/blkio.throttle.write_bps_device", "259:3 77\n");
	scratch_write(dir, "v1/blkio.throttle.read_iops_device", "");
	assert_int_not_equal(io_limits_read(&l, &ref, &io), 0);
	scratch_write(dir, "v1/blkio.throttle.write_iops_device", "");
	assert_int_equal(io_limits_read(&l, &ref, &io), 0);
	assert_false(io.v2);
	assert_int_equal(io.n, 1);
	IS(&io.v[0], 259, 3, 0, 77, 0, 0);
	assert_int_equal(fs_remove_tree(dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_2),
		cmocka_unit_test(version_1),
		cmocka_unit_test(what_no_kernel_writes),
		cmocka_unit_test(more_devices_than_there_is_room_for),
		cmocka_unit_test(files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
