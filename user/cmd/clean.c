// SPDX-License-Identifier: Apache-2.0
/* cbpf clean: remove what a killed run left on this host. */
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "cmd/command.h"
#include "host/resctrl_group.h"
#include "launch/launch.h"

#define REPORT_MAX (1024 * 1024) /* bytes */

struct clean_config {
	enum flag dry_run;
	char *resctrl;
};

static const struct option_row clean_rows[] = {
	{ "dry-run", OPTION_BOOL, offsetof(struct clean_config, dry_run), .letter = 'n',
	  .help = "only tell what would be removed" },
	{ "resctrl", OPTION_STRING, offsetof(struct clean_config, resctrl), .metavar = "DIR",
	  .help = "where resctrl is mounted, as `root` of a spec's `rdt`; absent: "
		  "/sys/fs/resctrl" },
	{ 0 },
};

static int clean_run(void *data, int argc, char **argv)
{
	const struct clean_config *config = data;
	cleanup_buf struct buf report = BUF_INIT(REPORT_MAX);
	struct err err = { 0 }, of_groups = { 0 };
	int rc, groups_rc;

	if (argc)
		return fail(EXIT_USAGE, "clean: takes no argument, got '%s'", argv[0]);
	rc = launch_clean(config->dry_run == FLAG_ON, &report, &err);
	groups_rc = resctrl_clean(config->resctrl, config->dry_run == FLAG_ON, &report, &of_groups);
	fputs(buf_str(&report), stdout); /* also what was done before a failure */
	if (rc)
		return fail(EXIT_WORKLOAD, "clean: %s", err.text);
	if (groups_rc)
		return fail(EXIT_WORKLOAD, "clean: %s", of_groups.text);
	if (!report.len)
		puts("nothing was left behind");
	return EXIT_OK;
}

const struct command command_clean = {
	.name = "clean",
	.args = "",
	.summary = "remove what a killed run left behind",
	.description = "Stops and removes containers, networks and volumes that carry the label of "
		       "a run whose cbpf is gone, its cgroups, its monitor groups of "
		       "resctrl and ssh keys that it was making. Runs that still last and runs' "
		       "directories are left alone.",
	.examples = "cbpf clean --dry-run\n"
		    "cbpf clean\n",
	.options = clean_rows,
	.config_size = sizeof(struct clean_config),
	.run = clean_run,
};
