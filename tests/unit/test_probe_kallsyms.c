// SPDX-License-Identifier: Apache-2.0
/* Where functions are, by a list as the kernel makes it. */
#include "probe/kallsyms.h"

#include <errno.h>
#include <stdio.h>

#include "scratch.h"
#include "unit.h"

static const char list[] = "ffffffff81000000 T _text\n"
			   "ffffffff81000100 t first\n"
			   "ffffffff81000100 T alias\n"
			   "ffffffff81000180 d first_data\n"
			   "ffffffff81000190 d second\n"
			   "ffffffff81000200 W second\n"
			   "no line\n"
			   "ffffffff81000230 B _end\n"
			   "ffffffffc0002000 t far\t[a]\n"
			   "ffffffffc0001000 t third\t[a]\n"
			   "ffffffffc0001800 t not_next\t[a]\n"
			   "ffffffffc0001040 t next\t[a]\n"
			   "ffffffffc0001020 t __builtin__x\t[bpf]\n";

static void found(void **state)
{
	static const struct {
		const char *name;
		uint64_t from, size;
	} cases[] = {
		{ "first", 0xffffffff81000100, 0x80 },
		{ "second", 0xffffffff81000200, 0x30 }, /* the data of that name is not meant */
		{ "third", 0xffffffffc0001000, 0x20 },
		{ "far", 0xffffffffc0002000, 0 }, /* nothing follows */
		{ "fir", 0, 0 },
		{ "absent", 0, 0 },
	};
	struct kallsyms_function v[sizeof(cases) / sizeof(*cases)];
	char dir[64], path[128];

	(void)state;
	scratch_make(dir);
	scratch_write(dir, "kallsyms", list);
	snprintf(path, sizeof(path), "%s/kallsyms", dir);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		v[i].name = cases[i].name;
	assert_int_equal(kallsyms_find(path, v, sizeof(cases) / sizeof(*cases)), 4);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (v[i].from != cases[i].from || v[i].size != cases[i].size)
			fail_msg("%s: %llx, %llx", cases[i].name, (unsigned long long)v[i].from,
				 (unsigned long long)v[i].size);
	/* Who may not see addresses sees zeros. */
	scratch_write(dir, "zeros", "0000000000000000 t first\n0000000000000000 t second\n");
	snprintf(path, sizeof(path), "%s/zeros", dir);
	assert_int_equal(kallsyms_find(path, v, 2), 0);
	assert_int_equal(v[0].from, 0);
	assert_int_equal(kallsyms_find("/nonexistent", v, 2), -ENOENT);
	(void)fs_remove_tree(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(found) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
