// SPDX-License-Identifier: Apache-2.0
/* Entry point: the list of subcommands. */
#include "cmd/command.h"
#include "cmd/dispatch.h"
#include "cmd/help.h"

const struct command *const commands[] = {
	&command_check, &command_report, &command_list, &command_parse,
	&command_clean, &command_help,	 NULL, /* one on a line: the order of --help */
};

int main(int argc, char **argv)
{
	return dispatch(commands, argc, argv);
}
