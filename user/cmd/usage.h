/* SPDX-License-Identifier: Apache-2.0 */
/* --help, from the commands' tables, as wide as the terminal. */
#ifndef CBPF_CMD_USAGE_H
#define CBPF_CMD_USAGE_H

struct buf;

/* @what: a list as commands[] for usage_all(), one struct command for usage_command(). */
typedef void (*usage_fn)(const void *what, int width, struct buf *out);

void usage_all(const void *commands, int width, struct buf *out);
void usage_command(const void *command, int width, struct buf *out);

/* Render for the terminal on stdout, and print. Returns an exit status. */
int usage_print(usage_fn render, const void *what);

/* @text in lines of at most @width columns, each after @indent blanks; "\n" in it ends a line. */
void usage_wrap(const char *text, int indent, int width, struct buf *out);

/* Columns of the terminal on stdout (or COLUMNS), within reason; 80 when it is none. */
int usage_width(void);

/* What each exit status of cbpf means; ends with NULL. */
extern const struct usage_status {
	const char *status, *text;
} usage_statuses[];

#endif
