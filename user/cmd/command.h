/* SPDX-License-Identifier: Apache-2.0 */
/* What a subcommand is: a table row with its options, and a function. */
#ifndef CBPF_CMD_COMMAND_H
#define CBPF_CMD_COMMAND_H

#include <stddef.h>

#include "base/option.h"

/* Exit statuses of cbpf. */
enum exit_status {
	EXIT_OK = 0,
	EXIT_WORKLOAD = 1, /* a workload failed or its data was corrupt; any other failure */
	EXIT_USAGE = 2, /* usage or invalid spec */
	EXIT_HOST = 3, /* this host lacks something that was required */
	EXIT_THRESHOLD = 4,
	EXIT_INTERRUPTED = 130,
};

struct command {
	const char *name;
	const char *args; /* for the usage line: "SPEC", "RUN", "[-- CMD]" */
	const char *summary; /* one line */
	const char *description; /* paragraphs for --help and the man page */
	const char *examples; /* "command\ncommand\n", each run by a test */
	const struct option_row *options; /* may be NULL */
	size_t config_size;
	/* @config was filled from presets and flags; argv holds what is left. Returns an exit status. */
	int (*run)(void *config, int argc, char **argv);
};

/* Every subcommand, in the order of --help; ends with NULL. */
extern const struct command *const commands[];

extern const struct command command_run, command_record, command_validate, command_check,
	command_report, command_compare, command_export, command_list, command_parse, command_clean;

/* "cbpf: text" on stderr; returns @status so that callers can return it. */
__attribute__((format(printf, 2, 3))) int fail(int status, const char *fmt, ...);

#endif
