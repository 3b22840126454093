// SPDX-License-Identifier: Apache-2.0
/* /proc/diskstats of several kernels. */
#include "host/diskstats.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"

static void lines(void **state)
{
	static const struct {
		const char *label, *text;
		int rc;
		struct diskstats want;
	} cases[] = {
		{ "since 5.5: with discards and flushes",
		  " 254       0 vda 10 1 20 3 40 5 60 7 0 80 90 11 1 12 13 14 15\n",
		  1,
		  { 254, 0, "vda", 10, 10240, 40, 30720, 11, 6144, 14, 80000000 } },
		{ "since 4.18: discards only",
		  "   8       0 sda 1 0 2 0 3 0 4 0 0 5 6 7 0 8 9\n",
		  1,
		  { 8, 0, "sda", 1, 1024, 3, 2048, 7, 4096, 0, 5000000 } },
		{ "older: eleven fields",
		  "   8       0 sda 1 0 2 0 3 0 4 0 0 5 6\n",
		  1,
		  { 8, 0, "sda", 1, 1024, 3, 2048, 0, 0, 0, 5000000 } },
		{ "too few fields", "   8       1 sda1 1 2 3 4\n", 0, { 0 } },
		{ "a cut line", "   8       0 sda 1 0 2 0 3 0 4 0 0 5 6", 0, { 0 } },
		{ "garbage", "hello\n", 0, { 0 } },
		{ "a hidden path of an NVMe namespace has no number",
		  "   0       0 nvme0c0n1 1 0 2 0 3 0 4 0 0 5 6\n",
		  0,
		  { 0 } },
		{ "a name that is too long",
		  "8 0 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 1 0 2 0 3 0 4\n",
		  0,
		  { 0 } },
		{ "nothing", "", -ENODATA, { 0 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct diskstats *w = &cases[i].want;
		const char *at = cases[i].text;
		struct diskstats d = { 0 };
		int rc = diskstats_next(&at, &d);

		if (rc != cases[i].rc || d.major != w->major || d.minor != w->minor ||
		    strcmp(d.name, w->name) != 0 || d.read_ios != w->read_ios ||
		    d.read_bytes != w->read_bytes || d.write_ios != w->write_ios ||
		    d.write_bytes != w->write_bytes || d.discard_ios != w->discard_ios ||
		    d.discard_bytes != w->discard_bytes || d.flush_ios != w->flush_ios ||
		    d.busy_ns != w->busy_ns)
			fail_msg("%s", cases[i].label);
		assert_int_equal(*at, '\0');
	}
}

static void one_line_after_another(void **state)
{
	const char *at = "8 0 sda 1 0 2 0 3 0 4 0 0 5 6\nbad\n8 16 sdb 1 0 2 0 3 0 4 0 0 5 6\n";
	struct diskstats d;

	(void)state;
	assert_int_equal(diskstats_next(&at, &d), 1);
	assert_string_equal(d.name, "sda");
	assert_int_equal(diskstats_next(&at, &d), 0);
	assert_int_equal(diskstats_next(&at, &d), 1);
	assert_string_equal(d.name, "sdb");
	assert_int_equal(diskstats_next(&at, &d), -ENODATA);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(one_line_after_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
