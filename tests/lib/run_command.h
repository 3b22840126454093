/* SPDX-License-Identifier: Apache-2.0 */
/* One command line, through dispatch(): what it prints where and how it ends. */
#ifndef CBPF_TESTS_RUN_COMMAND_H
#define CBPF_TESTS_RUN_COMMAND_H

#include "cmd/dispatch.h"
#include "commands.h"

#define RUN_ARGS 8

struct run_case {
	const char *label;
	const char *args[RUN_ARGS]; /* after the command's name */
	int status;
	const char *out, *err; /* words in it; "" for nothing at all, NULL for anything */
};

static inline bool run_has(const char *text, const char *words)
{
	if (!words)
		return true;
	return words[0] ? strstr(text, words) != NULL : text[0] == '\0';
}

/* @out and @err receive what was printed; returns the exit status. */
static inline int run_command(const struct command *cmd, const char *const *args, char *out,
			      size_t out_size, char *err, size_t err_size)
{
	const struct command *const all[] = { cmd, NULL };
	char *argv[RUN_ARGS + 3] = { (char *)"cbpf", (char *)cmd->name };
	struct capture o, e;
	int argc = 2, status;

	for (; argc < RUN_ARGS + 2 && args[argc - 2]; argc++)
		argv[argc] = (char *)args[argc - 2]; /* never written to */
	capture_begin(&o, STDOUT_FILENO);
	capture_begin(&e, STDERR_FILENO);
	status = dispatch(all, argc, argv);
	capture_end(&e, err, err_size);
	capture_end(&o, out, out_size);
	return status;
}

static inline void run_cases(const struct command *cmd, const struct run_case *cases, size_t n)
{
	static char out[1 << 20], err[1 << 16];

	for (size_t i = 0; i < n; i++) {
		int status = run_command(cmd, cases[i].args, out, sizeof(out), err, sizeof(err));

		if (status != cases[i].status || !run_has(out, cases[i].out) ||
		    !run_has(err, cases[i].err))
			fail_msg("%s: %d\nstdout: %.2000s\nstderr: %.2000s", cases[i].label, status,
				 out, err);
	}
}

#endif
