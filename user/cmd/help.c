// SPDX-License-Identifier: Apache-2.0
/* `cbpf help`: texts, man pages and shell completion, all from the same rows. */
#include "cmd/help.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "cmd/command.h"
#include "cmd/dispatch.h"
#include "cmd/usage.h"
#include "finding/document.h"
#include "sink/dashboard.h"
#include "sink/document.h"

#define OUTPUT_LIMIT (1024 * 1024) /* bytes */

enum { SHELL_NONE };
static const char *const shells[] = { "none", "bash", "zsh", "fish", NULL };

/* As enum dashboard_kind, after none. */
enum { NO_DASHBOARD, DASHBOARDS };
static const char *const dashboards[] = { "none", "influxql", "flux", "prometheus", NULL };

struct help_config {
	enum flag man, names, measurements, findings;
	int shell, dashboard;
};

static const struct option_row help_rows[] = {
	{ "man", OPTION_BOOL, offsetof(struct help_config, man),
	  .help = "print the manual page, for mandoc or 'man -l'" },
	{ "names", OPTION_BOOL, offsetof(struct help_config, names),
	  .help = "print the names of all commands, one in a line" },
	{ "findings", OPTION_BOOL, offsetof(struct help_config, findings),
	  .help = "print what rules conclude of a run, with their thresholds, as Markdown" },
	{ "measurements", OPTION_BOOL, offsetof(struct help_config, measurements),
	  .help = "print the document of what sinks are told, as Markdown" },
	{ "completion", OPTION_ENUM, offsetof(struct help_config, shell), .preset = "none",
	  .choices = shells, .metavar = "SHELL", .help = "print a completion script for a shell" },
	{ "dashboard", OPTION_ENUM, offsetof(struct help_config, dashboard), .preset = "none",
	  .choices = dashboards, .metavar = "LANGUAGE",
	  .help = "print Grafana's dashboard for data sources that are queried in it" },
	{ 0 },
};

static int print_dashboard(int which)
{
	cleanup_buf struct buf out = BUF_INIT(OUTPUT_LIMIT);
	struct err err = { 0 };

	if (dashboard_print(which - DASHBOARDS, &out, &err))
		return fail(EXIT_WORKLOAD, "help: %s", err.text);
	fputs(buf_str(&out), stdout);
	return EXIT_OK;
}

static int help_run(void *data, int argc, char **argv)
{
	const struct help_config *config = data;
	cleanup_buf struct buf out = BUF_INIT(OUTPUT_LIMIT);
	const struct command *cmd = NULL;

	if (argc > 1)
		return fail(EXIT_USAGE, "help: one command at a time");
	if (argc == 1 && !(cmd = command_find(commands, argv[0]))) {
		const char *near = command_nearest(commands, argv[0]);

		return fail(EXIT_USAGE, "help: unknown command '%s'%s%s%s", argv[0],
			    near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
	}
	if (config->dashboard != NO_DASHBOARD)
		return print_dashboard(config->dashboard);
	if (config->shell != SHELL_NONE)
		completion_print(commands, shells[config->shell], &out);
	else if (config->findings == FLAG_ON)
		(void)findings_document(&out); /* @out keeps a failure */
	else if (config->measurements == FLAG_ON)
		(void)measure_document(&out); /* a failure is in the buffer */
	else if (config->names == FLAG_ON)
		for (const struct command *const *c = commands; *c; c++)
			buf_printf(&out, "%s\n", (*c)->name);
	else if (config->man == FLAG_ON)
		man_print(commands, cmd, &out);
	else if (cmd)
		return usage_print(usage_command, cmd);
	else
		return usage_print(usage_all, commands);
	if (out.failed)
		return fail(EXIT_WORKLOAD, "help: out of memory");
	fputs(buf_str(&out), stdout);
	return EXIT_OK;
}

const struct command command_help = {
	.name = "help",
	.args = "[COMMAND]",
	.summary = "tell about a command, as text, manual page or shell completion",
	.description =
		"Without a COMMAND, tells about cbpf as a whole. Manual pages and completion "
		"scripts come from the same tables as the options themselves, so they are "
		"never out of date.",
	.examples = "cbpf help check\n"
		    "cbpf help --man check > cbpf-check.1\n"
		    "cbpf help --measurements\n"
		    "cbpf help --dashboard prometheus > cbpf.json\n"
		    "source <(cbpf help --completion bash)\n",
	.options = help_rows,
	.config_size = sizeof(struct help_config),
	.run = help_run,
};
