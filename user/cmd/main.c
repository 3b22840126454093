// SPDX-License-Identifier: Apache-2.0
/* Entry point: the list of subcommands. */
#include "cmd/command.h"
#include "cmd/dispatch.h"
#include "cmd/help.h"
#include "cmd/hide.h"

const struct command *const commands[] = {
	&command_run,	 &command_record,  &command_validate, &command_check,
	&command_report, &command_compare, &command_export,   &command_list,
	&command_parse,	 &command_clean,   &command_help,     NULL,
};

int main(int argc, char **argv)
{
	char **copy = hide_secrets(argc, argv);
	int status = dispatch(commands, argc, copy ? copy : argv);

	hide_free(copy);
	return status;
}
