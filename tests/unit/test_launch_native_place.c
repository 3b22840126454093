// SPDX-License-Identifier: Apache-2.0
/* Where on the host the files of a process are. */
#include "launch/native_place.h"

#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "launch/native_child.h"
#include "plan/plan.h"
#include "unit.h"

static void test_places(void **state)
{
	static const struct {
		const char *why;
		const char *file; /* of IOR; NULL: none */
		size_t n; /* of the volumes below */
		const char *place; /* NULL: none on this host */
	} cases[] = {
		{ "without volumes it is the working directory", NULL, 0, "/work" },
		{ "a volume that cannot be written is passed over", NULL, 1, "/work" },
		{ "the first that can be is it", NULL, 2, "/host/b" },
		{ "a file has its directory", "/x/y", 2, "/x" },
		{ "also below the root", "/y", 2, "/" },
		{ "or in a volume", "/b/deep/f", 2, "/host/b/deep" },
		{ "of which the name is whole", "/bb/f", 2, "/bb" },
		{ "a relative one is in the working directory", "f", 2, "/work" },
		{ "a tmpfs of its own is nowhere", "/t/f", 3, NULL },
	};
	struct native_mount mounts[] = { { "/host/a", "/a", true },
					 { "/host/b", "/b", false },
					 { NULL, "/t", false } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct spec_container c = { .volumes.n = cases[i].n,
					    .workload.has_ior = FLAG_ON,
					    .workload.ior.file = (char *)cases[i].file };
		struct native_exec x = { .dir = (char *)"/work",
					 .mounts = mounts,
					 .n_mounts = cases[i].n };
		struct err err = { 0 };
		char path[64];
		int rc = native_place(&c, &x, path, sizeof(path), &err);

		print_message("%s\n", cases[i].why);
		assert_int_equal(rc, cases[i].place ? 0 : -ENODEV);
		if (cases[i].place)
			assert_string_equal(path, cases[i].place);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_places) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
