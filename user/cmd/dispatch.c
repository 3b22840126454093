// SPDX-License-Identifier: Apache-2.0
/* From the command line to a subcommand's function and back to an exit status. */
#include "cmd/dispatch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "cmd/command.h"
#include "cmd/flags.h"
#include "cmd/usage.h"

#define COMMANDS_MAX 32

const struct command *command_find(const struct command *const *all, const char *name)
{
	for (; *all; all++)
		if (!strcmp((*all)->name, name))
			return *all;
	return NULL;
}

const char *command_nearest(const struct command *const *all, const char *name)
{
	struct option_row rows[COMMANDS_MAX + 1] = { { 0 } };

	for (size_t i = 0; i < COMMANDS_MAX && all[i]; i++)
		rows[i].name = all[i]->name;
	return option_nearest(rows, name);
}

static int run_command(const struct command *cmd, int argc, char **argv)
{
	struct err err = { 0 };
	int first = argc, status = EXIT_USAGE;
	void *config = calloc(1, cmd->config_size + 1);

	if (!config || (cmd->options && option_presets(cmd->options, config))) {
		status = fail(EXIT_WORKLOAD, "%s: out of memory", cmd->name);
		goto out;
	}
	switch (flags_parse(cmd->options, config, argc, argv, &first, &err)) {
	case FLAGS_OK: status = cmd->run(config, argc - first, argv + first); break;
	case FLAGS_HELP: status = usage_print(usage_command, cmd); break;
	case FLAGS_BAD:
		fail(EXIT_USAGE, "%s: %s", cmd->name, err.text);
		fprintf(stderr, "Try 'cbpf %s --help'.\n", cmd->name);
		break;
	}
out:
	if (config && cmd->options)
		option_fini(cmd->options, config);
	free(config);
	return status;
}

/* A full disk or a closed pipe must not look like success. */
static int flush_output(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	if (status == EXIT_OK)
		return fail(EXIT_WORKLOAD, "writing to standard output: %s", strerror(errno));
	return status;
}

static int unknown(const struct command *const *all, const char *word)
{
	const char *near = command_nearest(all, word);

	if (word[0] == '-')
		fail(EXIT_USAGE, "unknown option '%s'", word);
	else if (near)
		fail(EXIT_USAGE, "unknown command '%s'; did you mean '%s'?", word, near);
	else
		fail(EXIT_USAGE, "unknown command '%s'", word);
	fputs("Try 'cbpf --help'.\n", stderr);
	return EXIT_USAGE;
}

int dispatch(const struct command *const *all, int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : NULL;
	const struct command *cmd;

	if (!word) {
		fail(EXIT_USAGE, "a command is needed");
		fputs("Try 'cbpf --help'.\n", stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(word, "--help") || !strcmp(word, "-h"))
		return flush_output(usage_print(usage_all, all));
	if (!strcmp(word, "--version") || !strcmp(word, "-V")) {
		puts("cbpf " CBPF_VERSION);
		return flush_output(EXIT_OK);
	}
	cmd = command_find(all, word);
	if (!cmd)
		return unknown(all, word);
	return flush_output(run_command(cmd, argc - 1, argv + 1));
}
