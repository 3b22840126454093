// SPDX-License-Identifier: Apache-2.0
/* Manual pages in mdoc(7) from the commands' tables. */
#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "cmd/command.h"
#include "cmd/flags.h"
#include "cmd/help.h"
#include "cmd/usage.h"

#define TEXT_LIMIT (16 * 1024) /* bytes of one sentence */

/* Text that roff must take literally; a line may not begin with a control character. */
static void put_text(const char *text, size_t len, struct buf *out)
{
	bool at_start = true;

	for (size_t i = 0; i < len; i++) {
		if (at_start && (text[i] == '.' || text[i] == '\''))
			buf_puts(out, "\\&");
		if (text[i] == '\\')
			buf_puts(out, "\\e");
		else
			buf_put(out, &text[i], 1);
		at_start = text[i] == '\n';
	}
}

/* An argument of a macro: quoted, so that no word of it is taken for a macro. */
static void put_arg(const char *text, struct buf *out)
{
	buf_puts(out, "\"");
	for (; *text; text++) {
		if (*text == '"')
			buf_puts(out, "\\(dq");
		else if (*text == '\\')
			buf_puts(out, "\\e");
		else
			buf_put(out, text, 1);
	}
	buf_puts(out, "\"");
}

/* In lines that people can read in the source too, as mdoc's lint asks for. */
static void put_sentence(const char *text, size_t len, struct buf *out)
{
	cleanup_buf struct buf one = BUF_INIT(TEXT_LIMIT), lines = BUF_INIT(TEXT_LIMIT);

	buf_put(&one, text, len);
	usage_wrap(buf_str(&one), 0, 78, &lines);
	put_text(buf_str(&lines), lines.len, out);
}

/* Paragraphs: an empty line parts them; each sentence on a line of its own, as mdoc wants. */
static void put_paragraphs(const char *text, struct buf *out)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		for (size_t at = 0; at < len;) {
			size_t end = at;

			while (end < len && !(strchr(".!?", text[end]) && text[end + 1] == ' '))
				end++;
			end = end < len ? end + 1 : len;
			put_sentence(text + at, end - at, out);
			at = end + strspn(text + end, " ");
		}
		text += len;
		if (text[0] == '\n' && text[1] == '\n')
			buf_puts(out, ".Pp\n");
		text += strspn(text, "\n");
	}
}

static void put_head(const char *title, const char *name, const char *summary, struct buf *out)
{
	buf_puts(out, ".\\\" SPDX-License-Identifier: Apache-2.0\n");
	buf_puts(out, ".Dd " CBPF_DATE "\n.Dt ");
	for (; *title; title++)
		buf_printf(out, "%c", toupper((unsigned char)*title));
	buf_printf(out, " 1\n.Os\n.Sh NAME\n.Nm %s\n.Nd %s\n.Sh SYNOPSIS\n", name, summary);
}

static void put_option(const struct option_row *row, struct buf *out)
{
	cleanup_buf struct buf text = BUF_INIT(TEXT_LIMIT);
	const char *metavar = flag_metavar(row);

	buf_puts(out, ".It ");
	if (row->letter)
		buf_printf(out, "Fl %c , ", row->letter);
	buf_printf(out, "Fl Fl %s%s", flag_has_no(row) ? "[no-]" : "", row->name);
	if (metavar) {
		buf_puts(out, " Ar ");
		put_arg(metavar, out);
	}
	buf_puts(out, "\n");
	buf_puts(&text, row->help ? row->help : "");
	for (size_t i = 0; row->choices && row->choices[i]; i++)
		buf_printf(&text, "%s%s", i ? ", " : ": ", row->choices[i]);
	if (row->type == OPTION_STRINGS)
		buf_puts(&text, "; may be repeated");
	buf_puts(&text, ".");
	put_sentence(buf_str(&text), text.len, out);
	if (row->preset && strcmp(row->preset, "false") != 0) {
		buf_puts(out, "The preset is\n.Ql ");
		put_arg(row->preset, out);
		buf_puts(out, " .\n");
	}
}

static void put_examples(const char *lines, struct buf *out)
{
	buf_puts(out, ".Sh EXAMPLES\n.Bd -literal\n");
	put_text(lines, strlen(lines), out);
	buf_puts(out, ".Ed\n");
}

static void put_status(struct buf *out)
{
	buf_puts(out, ".Sh EXIT STATUS\n.Bl -tag -width 4n\n");
	for (const struct usage_status *s = usage_statuses; s->status; s++)
		buf_printf(out, ".It %s\n%s.\n", s->status, s->text);
	buf_puts(out, ".El\n");
}

static void command_page(const struct command *cmd, struct buf *out)
{
	cleanup_buf struct buf name = BUF_INIT(64);

	buf_printf(&name, "cbpf-%s", cmd->name);
	put_head(buf_str(&name), buf_str(&name), cmd->summary, out);
	buf_printf(out, ".Nm cbpf Cm %s\n", cmd->name);
	if (cmd->options)
		buf_puts(out, ".Op Ar options\n");
	if (cmd->args && *cmd->args) {
		buf_puts(out, ".Ar ");
		put_arg(cmd->args, out);
		buf_puts(out, "\n");
	}
	buf_puts(out, ".Sh DESCRIPTION\n");
	put_paragraphs(cmd->description ? cmd->description : cmd->summary, out);
	buf_puts(out, ".Pp\nThe options are:\n.Bl -tag -width indent\n");
	for (const struct option_row *row = cmd->options; row && row->name; row++)
		put_option(row, out);
	buf_puts(out, ".It Fl h , Fl Fl help\nshow a short text about the command.\n.El\n");
	put_status(out);
	if (cmd->examples && *cmd->examples)
		put_examples(cmd->examples, out);
	buf_puts(out, ".Sh SEE ALSO\n.Xr cbpf 1\n");
}

/* In alphabetical order, as mdoc wants it. */
static void put_references(const struct command *const *all, struct buf *out)
{
	const struct command *last = NULL, *next;

	for (;; last = next) {
		next = NULL;
		for (size_t i = 0; all[i]; i++)
			if ((!last || strcmp(all[i]->name, last->name) > 0) &&
			    (!next || strcmp(all[i]->name, next->name) < 0))
				next = all[i];
		if (!next)
			break;
		buf_printf(out, "%s.Xr cbpf-%s 1", last ? " ,\n" : "", next->name);
	}
	buf_puts(out, "\n");
}

static void whole_page(const struct command *const *all, struct buf *out)
{
	put_head("cbpf", "cbpf", "eBPF profiler for storage benchmarks in containers", out);
	buf_puts(out, ".Nm\n.Ar command\n.Op Ar options\n.Op Ar arguments\n.Sh DESCRIPTION\n");
	put_paragraphs("Starts containers and IOR runs, watches the kernel with eBPF while they "
		       "run, and leaves one self-contained run behind: a local database, a report "
		       "to look at, and the same numbers in InfluxDB.\n\n"
		       "Results go to standard output, diagnostics to standard error.",
		       out);
	buf_puts(out, ".Pp\nThe commands are:\n.Bl -tag -width validate\n");
	for (size_t i = 0; all[i]; i++)
		buf_printf(out, ".It Cm %s\n%s.\nSee\n.Xr cbpf-%s 1 .\n", all[i]->name,
			   all[i]->summary, all[i]->name);
	buf_puts(out, ".El\n");
	put_status(out);
	buf_puts(out, ".Sh SEE ALSO\n");
	put_references(all, out);
}

void man_print(const struct command *const *all, const struct command *cmd, struct buf *out)
{
	if (cmd)
		command_page(cmd, out);
	else
		whole_page(all, out);
}
