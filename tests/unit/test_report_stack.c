// SPDX-License-Identifier: Apache-2.0
/* Frames of folded stacks. */
#include "report/stack.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "unit.h"

static const struct {
	const char *stack, *frames, *why;
} splits[] = {
	{ "", "", "none" },
	{ "sh", "<sh>", "the task alone" },
	{ "sh;main;f(int, char)", "<sh><main><f(int, char)>", "a blank parts nothing" },
	{ ";a;;b;", "<a><b>", "empty frames are none" },
};

static void frames_one_by_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(splits); i++) {
		const char *at = splits[i].stack;
		struct stack_frame f;
		char got[128] = "";
		size_t n = 0;

		for (; stack_next(&at, &f); n++)
			snprintf(got + strlen(got), sizeof(got) - strlen(got), "<%.*s>", (int)f.len,
				 f.name);
		if (strcmp(got, splits[i].frames) || n != stack_depth(splits[i].stack))
			fail_msg("%s: %s", splits[i].why, got);
	}
}

/* In this order, each before the next. */
static const char *const ordered[] = {
	"", "a", "a;a", "a;b", "a;b;c", "a;b;c;d", "a;b d;a", "a;b.c", "a;bc", "a b;a", "a.b", "b",
};

static void order_by_frames(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ordered); i++)
		for (size_t k = 0; k < ARRAY_SIZE(ordered); k++) {
			int order = stack_compare(ordered[i], ordered[k]);

			if ((order < 0) != (i < k) || (order > 0) != (i > k))
				fail_msg("\"%s\" and \"%s\": %d", ordered[i], ordered[k], order);
		}
}

static const struct {
	const char *name;
	bool kernel, nameless;
} kinds[] = {
	{ "main", false, false },
	{ "vfs_write_[k]", true, false },
	{ "vfs_write_[k]x", false, false },
	{ "[k]", false, true },
	{ "_[k]", true, false },
	{ "[unknown]", false, true },
	{ "[unknown]_[k]", true, true },
	{ "[unknown", false, false },
	{ "[anon]", false, true },
	{ "[cut off]", false, true },
	{ "[cut off]_[k]", true, true },
	{ "[libc.so.6+0x8a0]", false, true },
	{ "[ext4+0x8a0]_[k]", true, true },
	{ "ext4_sync [ext4]_[k]", true, false },
	{ "operator+0x", false, false },
	{ "[", false, false },
	{ "]", false, false },
	{ "f [ext4]", false, false },
};

static void kinds_of_frames(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const struct stack_frame f = { kinds[i].name, strlen(kinds[i].name) };

		if (stack_in_kernel(&f) != kinds[i].kernel ||
		    stack_is_nameless(&f) != kinds[i].nameless)
			fail_msg("%s", kinds[i].name);
	}
}

static const struct {
	const char *name;
	size_t columns, bytes;
	const char *why;
} fits[] = {
	{ "main", 4, 4, "all of it" },
	{ "main", 9, 4, "with room" },
	{ "main", 3, 1, "two for the dots" },
	{ "main", 2, 0, "dots alone" },
	{ "main", 1, 0, "not even these" },
	{ "\xc3\xbc\xc3\xbc", 4, 4, "two wide characters" },
	{ "\xc3\xbc\xc3\xbc\xc3\xbc", 5, 2, "one of three, none cut in its midst" },
	{ "a\xf0\x9f\x90\x9d"
	  "b",
	  4, 6, "one of four bytes" },
	{ "a\xf0\x9f\x90\x9d"
	  "b",
	  3, 1, "which does not fit" },
};

static void names_are_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(fits); i++) {
		const struct stack_frame f = { fits[i].name, strlen(fits[i].name) };

		if (stack_fit(&f, fits[i].columns) != fits[i].bytes)
			fail_msg("%s: %zu", fits[i].why, stack_fit(&f, fits[i].columns));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_one_by_one),
		cmocka_unit_test(order_by_frames),
		cmocka_unit_test(kinds_of_frames),
		cmocka_unit_test(names_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
