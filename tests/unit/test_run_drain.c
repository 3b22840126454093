// SPDX-License-Identifier: Apache-2.0
/* Which mounts are synced at the end of a run. */
#include "run/drain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include "base/cleanup.h"
#include "base/strlist.h"

#include <cmocka.h>

static const struct {
	const char *sentence;
	const char *mountinfo;
	size_t n;
	const char *first;
} cases[] = {
	{ "a disk is synced", "22 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n", 1, "/" },
	{ "pseudo file systems and tmpfs are not",
	  "22 1 0:5 / /proc rw - proc proc rw\n23 1 0:6 / /tmp rw - tmpfs tmpfs rw\n", 0, NULL },
	{ "network file systems are not", "22 1 0:40 / /mnt rw - nfs4 server:/export rw\n", 0,
	  NULL },
	{ "a device mounted twice is synced once",
	  "22 1 254:0 / / rw - ext4 /dev/vda rw\n23 1 254:0 /b /mnt rw - ext4 /dev/vda rw\n", 1,
	  "/" },
	{ "optional fields before the dash are passed over",
	  "36 35 98:0 /r /m/a rw,noatime master:1 shared:2 - ext3 /dev/root rw\n", 1, "/m/a" },
	{ "octal escapes are undone", "22 1 254:1 / /a\\040b rw - xfs /dev/vdb rw\n", 1, "/a b" },
	{ "garbage is passed over", "what\n - \n\n", 0, NULL },
	{ "nothing is nothing", "", 0, NULL },
};

static void test_mounts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct str_list got = { 0 };

		print_message("%s\n", cases[i].sentence);
		assert_int_equal(drain_mounts(cases[i].mountinfo, &got), 0);
		assert_int_equal(got.n, cases[i].n);
		if (cases[i].first)
			assert_string_equal(got.v[0], cases[i].first);
		str_list_fini(&got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_mounts) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
