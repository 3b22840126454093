// SPDX-License-Identifier: Apache-2.0
/* Tables of mounts, as the kernel writes them and as it never did. */
#include "facts_case.h"

static const struct {
	const char *table, *want, *why;
} cases[] = {
	{ "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard,data=ordered\n",
	  "[{'point': '/', 'type': 'ext4', 'source': '/dev/vda', 'flags': ['rw', 'relatime'], "
	  "'options': ['rw', 'discard', 'data=ordered']}]",
	  "a file system on a disk" },
	{ "22 1 254:0 / / rw - ext4 /dev/vda rw\n23 22 254:0 /sub /bind rw - ext4 /dev/vda rw\n",
	  "[{'point': '/', 'type': 'ext4', 'source': '/dev/vda', 'flags': ['rw'], "
	  "'options': ['rw']}]",
	  "once, however often it is mounted" },
	{ "22 1 254:0 / / rw - ext4 /dev/vda rw\n23 22 254:0 /sub /bind ro,noatime - ext4 /dev/vda "
	  "rw\n",
	  "[{'point': '/', 'type': 'ext4', 'source': '/dev/vda', 'flags': ['rw'], "
	  "'options': ['rw']}, {'point': '/bind', 'type': 'ext4', 'source': '/dev/vda', 'flags': "
	  "['ro', "
	  "'noatime'], 'options': ['rw']}]",
	  "but again where it is mounted in another way" },
	{ "22 1 0:4 / /proc rw - proc proc rw\n23 1 0:5 / /sys rw - sysfs sysfs rw\n", "[]",
	  "the kernel's own" },
	{ "22 1 0:40 / /var/lib/x/merged rw - overlay overlay rw,lowerdir=/l\n", "[]",
	  "a container's own" },
	{ "22 1 0:40 / / rw - overlay overlay rw,lowerdir=/a:/b,upperdir=/u,workdir=/w,index=off\n",
	  "[{'point': '/', 'type': 'overlay', 'source': 'overlay', 'flags': ['rw'], "
	  "'options': ['rw', 'index=off']}]",
	  "a root of layers, without their names" },
	{ "22 1 0:41 / /with\\040space\\134 rw - nfs4 server:/a\\011b rw,vers=4.2\n",
	  "[{'point': '/with space\\\\', 'type': 'nfs4', 'source': 'server:/a\\tb', "
	  "'flags': ['rw'], 'options': ['rw', 'vers=4.2']}]",
	  "odd bytes" },
	{ "22 1 0:41 / /a\\9 rw - xfs \\ rw\n",
	  "[{'point': '/a\\\\9', 'type': 'xfs', 'source': '\\\\', 'flags': ['rw'], "
	  "'options': ['rw']}]",
	  "what looks like one and is not" },
	{ "22 1 254:0 / / rw - ext4 /dev/vda\nx\n\n22 1 254:0 / /\n - \n22 1 - a b c\n", "[]",
	  "lines that are cut" },
	{ "", "[]", "no mounts" },
};

static void real_ones_once_each(void **state)
{
	struct facts_place at = facts_fake();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		scratch_write(facts_root, "proc/self/mountinfo", cases[i].table);
		print_message("%s\n", cases[i].why);
		facts_are(facts_mounts(&at), cases[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(real_ones_once_each) };
	int failed;

	scratch_make(facts_root);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	fs_remove_tree(facts_root);
	return failed;
}
