// SPDX-License-Identifier: Apache-2.0
/* The help command, over made-up ones. */
#include "cmd/help.h"

#include "cmd/dispatch.h"
#include "commands.h"

const struct command *const commands[] = { &command_sail, &command_help, NULL };

static const struct {
	const char *label;
	const char *argv[5];
	int status;
	const char *out, *err;
} cases[] = {
	{ "alone it tells of all", { "cbpf", "help" }, EXIT_OK, "go to sea", "" },
	{ "of one command", { "cbpf", "help", "sail" }, EXIT_OK, "--knots N", "" },
	{ "of an unknown one",
	  { "cbpf", "help", "sali" },
	  EXIT_USAGE,
	  "",
	  "unknown command 'sali'; did you mean 'sail'?" },
	{ "of two", { "cbpf", "help", "sail", "help" }, EXIT_USAGE, "", "one command at a time" },
	{ "a manual page", { "cbpf", "help", "--man", "sail" }, EXIT_OK, ".Dt CBPF-SAIL 1", "" },
	{ "the names", { "cbpf", "help", "--names" }, EXIT_OK, "sail\nhelp\n", "" },
	{ "a completion", { "cbpf", "help", "--completion", "bash" }, EXIT_OK, "complete -F", "" },
	{ "a dashboard",
	  { "cbpf", "help", "--dashboard", "prometheus" },
	  EXIT_OK,
	  "\"title\": \"cbpf (Prometheus)\"",
	  "" },
	{ "for a shell of no kind",
	  { "cbpf", "help", "--completion", "csh" },
	  EXIT_USAGE,
	  "",
	  "expected one of none, bash, zsh, fish, got 'csh'" },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		static char out[65536], err[4096];
		char *argv[6] = { 0 };
		struct capture o, e;
		int argc = 0, status;

		for (; argc < 5 && cases[i].argv[argc]; argc++)
			argv[argc] = (char *)cases[i].argv[argc]; /* never written to */
		capture_begin(&o, STDOUT_FILENO);
		capture_begin(&e, STDERR_FILENO);
		status = dispatch(commands, argc, argv);
		capture_end(&e, err, sizeof(err));
		capture_end(&o, out, sizeof(out));
		if (status != cases[i].status || !strstr(out, cases[i].out) ||
		    !strstr(err, cases[i].err))
			fail_msg("%s: %d\n%s\n%s", cases[i].label, status, out, err);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
