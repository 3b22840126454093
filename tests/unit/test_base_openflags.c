// SPDX-License-Identifier: Apache-2.0
/* Flags of open files, by name. */
#include "base/openflags.h"

#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"
#include "unit.h"

static const struct {
	const char *why;
	uint32_t flags, modes;
	const char *names;
} cases[] = {
	{ "nothing", 0, 0, "" },
	{ "to be read, which has no bit of its own in open(2)", 0, 1 << O_RDONLY, "rdonly" },
	{ "in each way once", 0, 1 << O_RDONLY | 1 << O_WRONLY | 1 << O_RDWR,
	  "rdonly wronly rdwr" },
	{ "past the cache", O_DIRECT, 1 << O_RDWR, "rdwr direct" },
	{ "O_SYNC without what it has of O_DSYNC", O_SYNC & ~O_DSYNC, 0, "sync" },
	{ "both", O_SYNC, 0, "dsync sync" },
	{ "data alone", O_DSYNC | O_APPEND | O_NONBLOCK, 0, "append nonblock dsync" },
	{ "a file without a name is no directory", O_TMPFILE, 0, "tmpfile" },
	{ "a directory", O_DIRECTORY | O_NOATIME, 0, "noatime directory" },
	{ "what says nothing about I/O", O_CLOEXEC | O_NOFOLLOW | 0100000, 0, "" },
	{ "a fourth way that there is not", 0, 010, "" },
};

static void flags_have_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint32_t bits = openflags_bits(cases[i].flags, cases[i].modes);
		char names[256] = "";

		for (size_t k = 0; openflags_name(k); k++) {
			if (!(bits >> k & 1))
				continue;
			if (names[0])
				strcat(names, " ");
			strcat(names, openflags_name(k));
		}
		if (strcmp(names, cases[i].names))
			fail_msg("%s: '%s'", cases[i].why, names);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(flags_have_names) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
