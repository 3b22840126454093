// SPDX-License-Identifier: Apache-2.0
/* --help, from the commands' tables, as wide as the terminal. */
#include "cmd/usage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "cmd/command.h"
#include "cmd/flags.h"

#define HELP_LIMIT (256 * 1024) /* bytes */
#define HELP_COLUMN 28 /* where an option's description begins */

static void blanks(struct buf *out, int n)
{
	buf_printf(out, "%*s", n, "");
}

/* One line's words; returns what is left of @text. @at: columns used already. */
static const char *wrap_line(const char *text, int at, int width, struct buf *out)
{
	bool first = true;

	while (*text && *text != '\n') {
		int word = (int)strcspn(text, " \n");

		if (!first && at + 1 + word > width)
			return text;
		if (!first)
			buf_puts(out, " ");
		buf_put(out, text, (size_t)word);
		at += word + !first;
		first = false;
		text += word;
		text += strspn(text, " ");
	}
	return text;
}

void usage_wrap(const char *text, int indent, int width, struct buf *out)
{
	while (*text) {
		const char *rest;

		if (*text == '\n') {
			buf_puts(out, "\n");
			text++;
			continue;
		}
		blanks(out, indent);
		rest = wrap_line(text, indent, width, out);
		buf_puts(out, "\n");
		text = *rest == '\n' ? rest + 1 : rest;
	}
}

/* A left column, and a description that is wrapped beside or below it. */
static void two_columns(const char *left, const char *text, int column, int width, struct buf *out)
{
	const char *rest;
	int used = (int)strlen(left) + 2;

	buf_printf(out, "  %s", left);
	if (used + 2 > column) {
		buf_puts(out, "\n");
		used = 0;
	}
	blanks(out, column - used);
	rest = wrap_line(text, column, width, out);
	buf_puts(out, "\n");
	usage_wrap(rest, column, width, out);
}

static void option_line(const struct option_row *row, int width, struct buf *out)
{
	cleanup_buf struct buf left = BUF_INIT(256), text = BUF_INIT(4096);
	const char *metavar = flag_metavar(row);

	if (row->letter)
		buf_printf(&left, "-%c, ", row->letter);
	else
		buf_puts(&left, "    ");
	buf_printf(&left, "--%s%s", flag_has_no(row) ? "[no-]" : "", row->name);
	if (metavar)
		buf_printf(&left, " %s", metavar);

	buf_puts(&text, row->help ? row->help : "");
	for (size_t i = 0; row->choices && row->choices[i]; i++)
		buf_printf(&text, "%s%s", i ? ", " : ": ", row->choices[i]);
	if (row->type == OPTION_STRINGS)
		buf_puts(&text, "; may be repeated");
	if (row->required)
		buf_puts(&text, " (needed)");
	else if (row->preset && strcmp(row->preset, "false") != 0)
		buf_printf(&text, " (preset: %s)", flag_has_no(row) ? "on" : row->preset);
	two_columns(buf_str(&left), buf_str(&text), HELP_COLUMN, width, out);
}

void usage_command(const void *command, int width, struct buf *out)
{
	const struct command *cmd = command;

	buf_printf(out, "Usage: cbpf %s%s%s%s\n\n", cmd->name, cmd->options ? " [OPTIONS]" : "",
		   cmd->args && *cmd->args ? " " : "", cmd->args ? cmd->args : "");
	usage_wrap(cmd->description ? cmd->description : cmd->summary, 0, width, out);
	buf_puts(out, "\nOptions:\n");
	for (const struct option_row *row = cmd->options; row && row->name; row++)
		option_line(row, width, out);
	two_columns("-h, --help", "show this text", HELP_COLUMN, width, out);
	if (cmd->examples && *cmd->examples) {
		buf_puts(out, "\nExamples:\n");
		for (const char *line = cmd->examples; *line; line += strspn(line, "\n")) {
			int len = (int)strcspn(line, "\n");

			buf_printf(out, "  %.*s\n", len, line);
			line += len;
		}
	}
}

const struct usage_status usage_statuses[] = {
	{ "0", "all went well" },
	{ "1", "a workload failed or its data was corrupt, or cbpf itself failed" },
	{ "2", "wrong usage or an invalid spec" },
	{ "3", "this host lacks something that was required (see 'cbpf check')" },
	{ "4", "a threshold was crossed" },
	{ "130", "interrupted; the run is stored all the same" },
	{ NULL, NULL },
};

void usage_all(const void *commands_list, int width, struct buf *out)
{
	const struct command *const *all = commands_list;

	buf_puts(out, "Usage: cbpf COMMAND [OPTIONS] [ARGUMENTS]\n\n");
	usage_wrap("Profiles storage benchmarks in containers with eBPF: where did the time go, "
		   "and whose fault was it?\n",
		   0, width, out);
	buf_puts(out, "\nCommands:\n");
	for (; *all; all++)
		two_columns((*all)->name, (*all)->summary, 14, width, out);
	buf_puts(out, "\nOptions:\n");
	two_columns("-h, --help", "show this text", 18, width, out);
	two_columns("-V, --version", "show the version", 18, width, out);
	buf_puts(out, "\nExit status:\n");
	for (const struct usage_status *s = usage_statuses; s->status; s++)
		two_columns(s->status, s->text, 8, width, out);
	buf_puts(out, "\n'cbpf help COMMAND' tells more about one of them.\n");
}

int usage_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	int width = 80;

	if (columns && atoi(columns) > 0)
		width = atoi(columns);
	else if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		width = size.ws_col;
	return width < 50 ? 50 : width > 100 ? 100 : width;
}

int usage_print(usage_fn render, const void *what)
{
	cleanup_buf struct buf out = BUF_INIT(HELP_LIMIT);

	render(what, usage_width(), &out);
	if (out.failed)
		return fail(EXIT_WORKLOAD, "out of memory");
	fputs(buf_str(&out), stdout);
	return EXIT_OK;
}
