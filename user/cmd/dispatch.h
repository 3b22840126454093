/* SPDX-License-Identifier: Apache-2.0 */
/* From the command line to a subcommand's function and back to an exit status. */
#ifndef CBPF_CMD_DISPATCH_H
#define CBPF_CMD_DISPATCH_H

struct command;

/* @all as commands[]; returns what main() returns. */
int dispatch(const struct command *const *all, int argc, char **argv);

/* The command called @name, or NULL. */
const struct command *command_find(const struct command *const *all, const char *name);
/* The nearest name for a misspelt one, or NULL. */
const char *command_nearest(const struct command *const *all, const char *name);

#endif
