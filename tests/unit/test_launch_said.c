// SPDX-License-Identifier: Apache-2.0
/* Words of programs that are known, in logs short and long. */
#include "launch/said.h"

#include <stdio.h>
#include <string.h>

#include "scratch.h"
#include "unit.h"

#include "base/cleanup.h"

static const struct {
	const char *what, *log;
	const char *lines[3];
} cases[] = {
	{ "nothing of that", "write 100 MiB/s\n", { 0 } },
	{ "nothing at all", "", { 0 } },
	{ "refused copies: the first of them",
	  "a\n[node:12] Read -1, expected 4194304, errno = 1\nb\n"
	  "[node:13] Read -1, expected 7, errno = 1\n",
	  { "[node:12] Read -1, expected 4194304, errno = 1" } },
	{ "too little shared memory, and how much",
	  "It appears as if there is not enough space for /dev/shm/vader.1 (the\nfile).\n\n"
	  "  Local host:  x\n  Space Requested: 4194312 B\n  Space Available: 1048576 B",
	  { "It appears as if there is not enough space for /dev/shm/vader.1 (the",
	    "Space Requested: 4194312 B", "Space Available: 1048576 B" } },
	{ "what is not printable is a space",
	  "Bus\xc3 error\n\tBus error\x1b[0m \n",
	  { "Bus error [0m" } },
};

static void put(const char *path, const char *head, size_t between, const char *tail)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(head, f);
	for (size_t i = 0; i < between; i++)
		fputs("0123456789abcde\n", f);
	fputs(tail, f);
	assert_int_equal(fclose(f), 0);
}

static void test_lines(void **state)
{
	struct said said[SAID_MAX];
	char dir[64], path[80];

	(void)state;
	scratch_make(dir);
	snprintf(path, sizeof(path), "%s/log", dir);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t want = 0, n;

		put(path, cases[i].log, 0, "");
		n = said_look(path, said);
		while (want < 3 && cases[i].lines[want])
			want++;
		if (n != want)
			fail_msg("%s: %zu lines", cases[i].what, n);
		for (size_t k = 0; k < n; k++)
			assert_string_equal(said[k].text, cases[i].lines[k]);
	}
	(void)fs_remove_tree(dir);
}

static void test_long(void **state)
{
	struct said said[SAID_MAX];
	char dir[64], path[80];

	(void)state;
	scratch_make(dir);
	snprintf(path, sizeof(path), "%s/log", dir);
	put(path, "Bus error at first\n", 1 << 16, "Read -1, expected 3\nBus error at last\n");
	assert_int_equal(said_look(path, said), 2);
	assert_string_equal(said[0].text, "Read -1, expected 3");
	assert_string_equal(said[1].text, "Bus error at first");
	/* A line is cut. */
	put(path, "Bus error ", 20, "");
	assert_int_equal(said_look(path, said), 1);
	put(path, "", 0, "");
	assert_int_equal(said_look(path, said), 0);
	assert_int_equal(said_look("/nowhere", said), 0);
	(void)fs_remove_tree(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
