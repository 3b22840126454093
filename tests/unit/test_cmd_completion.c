// SPDX-License-Identifier: Apache-2.0
/* Completion scripts of made-up commands. */
#include "base/buf.h"
#include "cmd/help.h"
#include "commands.h"

static const struct command *const all[] = { &command_sail, &command_anchor, NULL };

static const struct {
	const char *label, *shell, *words;
} cases[] = {
	{ "bash knows the commands", "bash", "words=\"sail anchor --help --version\"" },
	{ "bash knows flags and their opposites", "bash", "--ballast --no-ballast --flag --knots" },
	{ "bash knows choices", "bash", "sail:--rig) words=\"sloop ketch\"" },
	{ "bash completes directories", "bash", "sail:--port) action=-d" },
	{ "bash knows letters", "bash", "sail:--knots|sail:-k) action=none" },
	{ "bash offers runs for RUN", "bash", "latest" },
	{ "zsh goes through bash's", "zsh", "bashcompinit\n" },
	{ "fish knows the commands", "fish", "-a sail -d 'go to sea'" },
	{ "fish knows flags", "fish", "-l knots -s k -x -d 'how fast'" },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cleanup_buf struct buf out = BUF_INIT(65536);

		completion_print(all, cases[i].shell, &out);
		assert_int_equal(out.failed, 0);
		if (!strstr(buf_str(&out), cases[i].words))
			fail_msg("%s:\n%s", cases[i].label, buf_str(&out));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
