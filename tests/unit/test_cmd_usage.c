// SPDX-License-Identifier: Apache-2.0
/* Help texts, and how they are wrapped. */
#include "cmd/usage.h"

#include "base/buf.h"
#include "commands.h"

static const struct {
	const char *label, *text;
	int indent, width;
	const char *want;
} wraps[] = {
	{ "short text stays on a line", "one two", 0, 20, "one two\n" },
	{ "a line is full to the width", "12345 789", 0, 9, "12345 789\n" },
	{ "and not beyond", "12345 7890", 0, 9, "12345\n7890\n" },
	{ "each line is indented", "aaa bbb", 2, 6, "  aaa\n  bbb\n" },
	{ "a long word stands alone", "a bbbbbbbbbb c", 0, 5, "a\nbbbbbbbbbb\nc\n" },
	{ "an empty line parts paragraphs", "a\n\nb", 0, 9, "a\n\nb\n" },
	{ "nothing is nothing", "", 4, 20, "" },
};

static void test_wrap(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wraps) / sizeof(wraps[0]); i++) {
		cleanup_buf struct buf out = BUF_INIT(1024);

		usage_wrap(wraps[i].text, wraps[i].indent, wraps[i].width, &out);
		if (strcmp(buf_str(&out), wraps[i].want) != 0)
			fail_msg("%s: '%s'", wraps[i].label, buf_str(&out));
	}
}

static void test_command(void **state)
{
	static const char *const words[] = {
		"Usage: cbpf sail [OPTIONS] RUN\n",
		"Hoists the sails.",
		"--[no-]ballast",
		"-f, --flag ",
		"-k, --knots N",
		"(preset: 5)",
		"--port DIR",
		"sloop, ketch",
		"may be repeated",
		"  cbpf sail --rig ketch there\n",
	};
	cleanup_buf struct buf out = BUF_INIT(65536);

	(void)state;
	usage_command(&command_sail, 80, &out);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strstr(buf_str(&out), words[i]))
			fail_msg("'%s' is not in:\n%s", words[i], buf_str(&out));
}

/* Nothing but examples may be wider than the terminal. */
static void test_width(void **state)
{
	static const struct command *const all[] = { &command_sail, &command_anchor, NULL };

	(void)state;
	for (int width = 50; width <= 100; width++) {
		cleanup_buf struct buf out = BUF_INIT(65536);

		usage_all(all, width, &out);
		usage_command(&command_sail, width, &out);
		for (const char *line = buf_str(&out); *line; line += strcspn(line, "\n") + 1)
			assert_true(strcspn(line, "\n") <= (size_t)width);
	}
}

static void test_terminal(void **state)
{
	(void)state;
	setenv("COLUMNS", "72", 1);
	assert_int_equal(usage_width(), 72);
	setenv("COLUMNS", "10", 1);
	assert_int_equal(usage_width(), 50); /* less cannot be read */
	setenv("COLUMNS", "400", 1);
	assert_int_equal(usage_width(), 100); /* nor can more */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_command),
		cmocka_unit_test(test_width),
		cmocka_unit_test(test_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
