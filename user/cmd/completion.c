// SPDX-License-Identifier: Apache-2.0
/* Shell completion scripts from the commands' tables. */
#include <string.h>

#include "base/buf.h"
#include "cmd/command.h"
#include "cmd/flags.h"
#include "cmd/help.h"

static void bash_flags(const struct command *cmd, struct buf *out)
{
	for (const struct option_row *row = cmd->options; row && row->name; row++) {
		buf_printf(out, "--%s ", row->name);
		if (flag_has_no(row))
			buf_printf(out, "--no-%s ", row->name);
	}
	buf_puts(out, "--help");
}

/* Which bash completion suits a value with this metavar. */
static const char *bash_action(const char *metavar)
{
	if (!strcmp(metavar, "DIR"))
		return "-d";
	if (!strcmp(metavar, "FILE") || !strcmp(metavar, "F") || !strcmp(metavar, "SPEC"))
		return "-f";
	return NULL;
}

static void bash_value(const struct command *cmd, const struct option_row *row, struct buf *out)
{
	const char *action = bash_action(flag_metavar(row));

	buf_printf(out, "\t%s:--%s", cmd->name, row->name);
	if (row->letter)
		buf_printf(out, "|%s:-%c", cmd->name, row->letter);
	buf_puts(out, ") ");
	if (row->choices) {
		buf_puts(out, "words=\"");
		for (size_t i = 0; row->choices[i]; i++)
			buf_printf(out, "%s%s", i ? " " : "", row->choices[i]);
		buf_puts(out, "\"");
	} else if (row->type == OPTION_TRI) {
		buf_puts(out, "words=\"true auto false\"");
	} else {
		buf_printf(out, "action=%s", action ? action : "none");
	}
	buf_puts(out, " ;;\n");
}

static void bash_print(const struct command *const *all, struct buf *out)
{
	buf_puts(out, "# bash completion for cbpf; made by `cbpf help --completion bash`\n"
		      "_cbpf() {\n"
		      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
		      "\tlocal cmd=${COMP_WORDS[1]} words= action=\n"
		      "\tCOMPREPLY=()\n"
		      "\tif [ \"$COMP_CWORD\" -eq 1 ] || [ \"$prev:$COMP_CWORD\" = help:2 ]; then\n"
		      "\t\tcmd=\n\tfi\n"
		      "\tcase $cmd:$prev in\n");
	for (size_t i = 0; all[i]; i++)
		for (const struct option_row *row = all[i]->options; row && row->name; row++)
			if (!flag_is_switch(row))
				bash_value(all[i], row, out);
	buf_puts(out, "\tesac\n"
		      "\tif [ -z \"$words$action\" ]; then\n"
		      "\t\tcase $cmd in\n"
		      "\t\t'') words=\"");
	for (size_t i = 0; all[i]; i++)
		buf_printf(out, "%s ", all[i]->name);
	buf_puts(out, "--help --version\" ;;\n");
	for (size_t i = 0; all[i]; i++) {
		buf_printf(out, "\t\t%s) words=\"", all[i]->name);
		bash_flags(all[i], out);
		buf_puts(out, "\"");
		if (all[i]->args && strstr(all[i]->args, "RUN"))
			buf_puts(out, "; [ \"${cur#-}\" = \"$cur\" ] && "
				      "words=\"latest $(cd cbpf-runs 2>/dev/null && echo */)\" && "
				      "words=${words//\\/}");
		else if (all[i]->args && *all[i]->args)
			buf_puts(out, "; [ \"${cur#-}\" = \"$cur\" ] && action=-f");
		buf_puts(out, " ;;\n");
	}
	buf_puts(out, "\t\tesac\n\tfi\n"
		      "\tcase $action in\n"
		      "\tnone) return ;;\n"
		      "\t-*) compopt -o filenames 2>/dev/null || :\n"
		      "\t\tmapfile -t COMPREPLY < <(compgen \"$action\" -- \"$cur\") ;;\n"
		      "\t*) mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\") ;;\n"
		      "\tesac\n"
		      "}\n"
		      "complete -F _cbpf cbpf\n");
}

/* In single quotes for fish: ' and \ are escaped. */
static void fish_quote(const char *text, struct buf *out)
{
	buf_puts(out, "'");
	for (; *text; text++)
		buf_printf(out, "%s%c", *text == '\'' || *text == '\\' ? "\\" : "", *text);
	buf_puts(out, "'");
}

static void fish_option(const struct command *cmd, const struct option_row *row, struct buf *out)
{
	buf_printf(out, "complete -c cbpf -n '__fish_seen_subcommand_from %s' -l %s", cmd->name,
		   row->name);
	if (row->letter)
		buf_printf(out, " -s %c", row->letter);
	if (!flag_is_switch(row))
		buf_puts(out, bash_action(flag_metavar(row)) ? " -r -F" : " -x");
	if (row->choices) {
		buf_puts(out, " -a '");
		for (size_t i = 0; row->choices[i]; i++)
			buf_printf(out, "%s%s", i ? " " : "", row->choices[i]);
		buf_puts(out, "'");
	}
	buf_puts(out, " -d ");
	fish_quote(row->help ? row->help : "", out);
	buf_puts(out, "\n");
}

static void fish_print(const struct command *const *all, struct buf *out)
{
	buf_puts(out, "# fish completion for cbpf; made by `cbpf help --completion fish`\n");
	for (size_t i = 0; all[i]; i++) {
		buf_printf(out, "complete -c cbpf -n __fish_use_subcommand -f -a %s -d ",
			   all[i]->name);
		fish_quote(all[i]->summary, out);
		buf_puts(out, "\n");
		for (const struct option_row *row = all[i]->options; row && row->name; row++)
			fish_option(all[i], row, out);
	}
}

void completion_print(const struct command *const *all, const char *shell, struct buf *out)
{
	if (!strcmp(shell, "fish")) {
		fish_print(all, out);
		return;
	}
	if (!strcmp(shell, "zsh"))
		buf_puts(out, "autoload -U +X compinit && compinit\n"
			      "autoload -U +X bashcompinit && bashcompinit\n");
	bash_print(all, out);
}
