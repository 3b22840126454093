/* SPDX-License-Identifier: Apache-2.0 */
/* `cbpf help`: texts, man pages and shell completion, all from the same rows. */
#ifndef CBPF_CMD_HELP_H
#define CBPF_CMD_HELP_H

struct buf;
struct command;

extern const struct command command_help;

/* mdoc(7) of cbpf(1), or with @cmd of cbpf-CMD(1). */
void man_print(const struct command *const *all, const struct command *cmd, struct buf *out);

/* A script for @shell: "bash", "zsh" or "fish". */
void completion_print(const struct command *const *all, const char *shell, struct buf *out);

#endif
