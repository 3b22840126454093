// SPDX-License-Identifier: Apache-2.0
/* From command lines to commands and exit statuses. */
#include "cmd/dispatch.h"

#include "commands.h"

static const struct command *const all[] = { &command_sail, &command_anchor, NULL };

static const struct {
	const char *label;
	const char *argv[5];
	int status, calls;
	const char *out, *err; /* words in what is printed */
} cases[] = {
	{ "a command's status comes back", { "cbpf", "sail" }, EXIT_THRESHOLD, 1, "", "" },
	{ "a command without options", { "cbpf", "anchor", "a", "b" }, 2, 0, "", "" },
	{ "no command is wrong usage", { "cbpf" }, EXIT_USAGE, 0, "", "a command is needed" },
	{ "--help lists the commands", { "cbpf", "--help" }, EXIT_OK, 0, "go to sea", "" },
	{ "so does -h", { "cbpf", "-h" }, EXIT_OK, 0, "anchor", "" },
	{ "--version tells the version", { "cbpf", "--version" }, EXIT_OK, 0, "cbpf ", "" },
	{ "a command's --help", { "cbpf", "sail", "--help" }, EXIT_OK, 0, "--knots N", "" },
	{ "an unknown command, with the nearest",
	  { "cbpf", "sial" },
	  EXIT_USAGE,
	  0,
	  "",
	  "unknown command 'sial'; did you mean 'sail'?" },
	{ "nothing is near", { "cbpf", "bake" }, EXIT_USAGE, 0, "", "unknown command 'bake'\n" },
	{ "a flag of no command",
	  { "cbpf", "--sail" },
	  EXIT_USAGE,
	  0,
	  "",
	  "unknown option '--sail'" },
	{ "a wrong flag is told with its command",
	  { "cbpf", "sail", "--knotss" },
	  EXIT_USAGE,
	  0,
	  "",
	  "cbpf: sail: unknown option '--knotss'; did you mean '--knots'?" },
	{ "and where help is", { "cbpf", "sail", "-z" }, EXIT_USAGE, 0, "", "cbpf sail --help" },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char out[4096], err[4096], *argv[6] = { 0 };
		int argc = 0, status, before = sail_seen.calls;
		struct capture o, e;

		for (; argc < 5 && cases[i].argv[argc]; argc++)
			argv[argc] = (char *)cases[i].argv[argc]; /* never written to */
		capture_begin(&o, STDOUT_FILENO);
		capture_begin(&e, STDERR_FILENO);
		status = dispatch(all, argc, argv);
		capture_end(&e, err, sizeof(err));
		capture_end(&o, out, sizeof(out));
		if (status != cases[i].status || sail_seen.calls - before != cases[i].calls ||
		    !strstr(out, cases[i].out) || !strstr(err, cases[i].err))
			fail_msg("%s: %d\n%s\n%s", cases[i].label, status, out, err);
		if (cases[i].err[0])
			assert_string_equal(out, ""); /* diagnostics never mix with output */
	}
}

static void test_arguments(void **state)
{
	char *argv[] = { (char *)"cbpf", (char *)"sail", (char *)"-k",
			 (char *)"7",	 (char *)"here", NULL };

	(void)state;
	assert_int_equal(dispatch(all, 5, argv), EXIT_THRESHOLD);
	assert_int_equal(sail_seen.argc, 1);
	assert_string_equal(sail_seen.argv[0], "here");
	assert_int_equal(sail_seen.config.knots, 7);
	assert_int_equal(sail_seen.config.ballast, FLAG_ON); /* the preset */
}

static void test_full_disk(void **state)
{
	char *argv[] = { (char *)"cbpf", (char *)"--version", NULL };
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC), saved;

	(void)state;
	if (full < 0)
		skip();
	(void)fflush(stdout);
	saved = dup(STDOUT_FILENO);
	dup2(full, STDOUT_FILENO);
	assert_int_equal(dispatch(all, 2, argv), EXIT_WORKLOAD);
	dup2(saved, STDOUT_FILENO);
	clearerr(stdout);
	close(saved);
	close(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
