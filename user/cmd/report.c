// SPDX-License-Identifier: Apache-2.0
/* cbpf report: what a run found, from its database alone. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "cmd/command.h"
#include "cmd/group.h"
#include "cmd/terminal.h"
#include "html/html.h"
#include "report/group.h"
#include "sink/csv.h"
#include "sink/writer.h"
#include "store/store.h"

#define REPORT_MAX (256 << 20)

struct report_options {
	char *store, *html, *csv, *folded;
	enum flag json, no_colour, findings_only, group;
};

#define FIELD(f) .offset = offsetof(struct report_options, f)
static const struct option_row report_rows[] = {
	{ .name = "store",
	  .type = OPTION_STRING,
	  FIELD(store),
	  .preset = STORE_DEFAULT_DIR,
	  .help = "directory of runs",
	  .metavar = "DIR" },
	{ .name = "group",
	  .type = OPTION_BOOL,
	  FIELD(group),
	  .preset = "false",
	  .help = "all runs of RUN's matrix or repetitions, as one table",
	  .letter = 'g' },
	{ .name = "json",
	  .type = OPTION_BOOL,
	  FIELD(json),
	  .preset = "false",
	  .help = "print one JSON object" },
	{ .name = "html",
	  .type = OPTION_STRING,
	  FIELD(html),
	  .help = "write one self-contained HTML file",
	  .metavar = "FILE" },
	{ .name = "csv",
	  .type = OPTION_STRING,
	  FIELD(csv),
	  .help = "write every table of the run as a CSV file into DIR, or matrix.csv of a group",
	  .metavar = "DIR" },
	{ .name = "folded",
	  .type = OPTION_STRING,
	  FIELD(folded),
	  .help = "write sampled stacks, folded as flame graph tools read them; '-': print them",
	  .metavar = "FILE" },
	{ .name = "findings-only",
	  .type = OPTION_BOOL,
	  FIELD(findings_only),
	  .preset = "false",
	  .help = "only what the rules concluded, and what they could not judge" },
	{ .name = "no-colour",
	  .type = OPTION_BOOL,
	  FIELD(no_colour),
	  .preset = "false",
	  .help = "plain text, also on a terminal" },
	{ 0 }
};

static int print_text(const json_t *report, const struct report_options *o)
{
	cleanup_buf struct buf text = BUF_INIT(REPORT_MAX);
	struct report_style style = terminal_style(o->no_colour == FLAG_ON);
	int rc = o->findings_only == FLAG_ON ? report_text_findings(report, &style, &text)
					     : report_text(report, &style, &text);

	if (rc)
		return fail(EXIT_WORKLOAD, "writing the report: %s", strerror(-rc));
	fputs(buf_str(&text), stdout);
	return EXIT_OK;
}

static int print_json(const json_t *report, bool findings_only)
{
	json_t *part = NULL;
	int rc;

	if (findings_only)
		part = json_pack("{s:O*, s:O*, s:O*}", "id", json_object_get(report, "id"),
				 "findings", json_object_get(report, "findings"), "not_judged",
				 json_object_get(report, "not_judged"));
	rc = json_dumpf(part ? part : report, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
	json_decref(part);
	if (rc)
		return fail(EXIT_WORKLOAD, "writing the report as JSON failed");
	putchar('\n');
	return EXIT_OK;
}

static int write_html(struct store *s, const json_t *report, const char *path)
{
	cleanup_buf struct buf html = BUF_INIT(HTML_MAX);
	struct err err = { 0 };
	int rc = html_page(s, report, &html, &err);

	if (rc)
		return fail(EXIT_WORKLOAD, "writing %s: %s", path, err.text);
	rc = fs_create_at(AT_FDCWD, path, buf_str(&html), html.len);
	if (rc)
		return fail(EXIT_WORKLOAD, "writing %s: %s", path, strerror(-rc));
	return EXIT_OK;
}

static bool is_stdout(const char *path)
{
	return path && !strcmp(path, "-");
}

static int write_folded(const json_t *report, const char *path)
{
	cleanup_buf struct buf folded = BUF_INIT(REPORT_MAX);
	int rc;

	if (!json_object_get(report, "profile"))
		return fail(EXIT_WORKLOAD,
			    "writing %s: no stacks were sampled in this run, or it has not ended",
			    path);
	rc = report_folded(report, &folded);
	if (!rc && !is_stdout(path))
		rc = fs_create_at(AT_FDCWD, path, buf_str(&folded), folded.len);
	if (rc)
		return fail(EXIT_WORKLOAD, "writing %s: %s", path, strerror(-rc));
	if (is_stdout(path))
		fputs(buf_str(&folded), stdout);
	return EXIT_OK;
}

static int write_all(struct store *s, const struct report_options *o)
{
	struct err err = { 0 };
	json_t *report = NULL;
	int status = EXIT_OK;

	if (o->csv && sink_csv(s, o->csv, &(struct writer_limits){ 0 }, &err))
		return fail(EXIT_WORKLOAD, "%s", err.text);
	if (o->csv && !o->html && !o->folded && o->json != FLAG_ON)
		return EXIT_OK;
	if (report_build(s, &report, &err))
		return fail(EXIT_WORKLOAD, "%s", err.text);
	if (o->html)
		status = write_html(s, report, o->html);
	if (status == EXIT_OK && o->folded)
		status = write_folded(report, o->folded);
	if (status == EXIT_OK && o->json == FLAG_ON)
		status = print_json(report, o->findings_only == FLAG_ON);
	else if (status == EXIT_OK && !o->html && !o->folded)
		status = print_text(report, o);
	json_decref(report);
	return status;
}

static int write_group_csv(const json_t *group, const char *dir)
{
	cleanup_buf struct buf csv = BUF_INIT(REPORT_MAX);
	cleanup_free char *path = fs_join(dir, "matrix.csv");
	int rc = path ? fs_mkdirs(dir, 0755) : -ENOMEM;

	if (!rc)
		rc = report_group_csv(group, &csv);
	if (!rc)
		rc = fs_create_at(AT_FDCWD, path, buf_str(&csv), csv.len);
	return rc ? fail(EXIT_WORKLOAD, "writing %s/matrix.csv: %s", dir, strerror(-rc)) : EXIT_OK;
}

static int report_all_of_group(const struct report_options *o, const char *run)
{
	struct report_style style = terminal_style(o->no_colour == FLAG_ON);
	json_t *group = NULL;
	int status;

	if (o->html || o->folded)
		return fail(EXIT_USAGE, "--group goes with --json or --csv, not with --%s",
			    o->html ? "html" : "folded");
	if (!o->csv && o->json != FLAG_ON)
		return group_print(o->store, run, &style);
	status = group_build(o->store, run, &group);
	if (status == EXIT_OK && o->csv)
		status = write_group_csv(group, o->csv);
	if (status == EXIT_OK && o->json == FLAG_ON)
		status = print_json(group, false);
	json_decref(group);
	return status;
}

static int report(void *config, int argc, char **argv)
{
	const struct report_options *o = config;
	struct err err = { 0 };
	struct store *s;
	int status;

	if (argc > 1)
		return fail(EXIT_USAGE, "report takes one RUN, got '%s' too", argv[1]);
	if (is_stdout(o->folded) && o->json == FLAG_ON)
		return fail(EXIT_USAGE, "--json and --folded - both print: leave one out, or give "
					"--folded a FILE");
	if (o->group == FLAG_ON)
		return report_all_of_group(o, argc ? argv[0] : NULL);
	if (store_open(o->store, argc ? argv[0] : NULL, &s, NULL, &err))
		return fail(EXIT_USAGE, "%s", err.text);
	status = write_all(s, o);
	store_close(s);
	return status;
}

const struct command command_report = {
	.name = "report",
	.args = "[RUN]",
	.summary = "what a run found, from its database alone",
	.description =
		"RUN is a run's directory, its id or a unique start of it, or 'latest', which is "
		"also what it is when left out. Needs neither root nor the host that was measured. "
		"A run that still lasts, or that was killed, is reported as far as it got.\n\n"
		"A value that could not be measured is '-' in text and absent in JSON, never zero. "
		"Percentiles are within 3.2 % of the true value.\n\n"
		"Where the tool repeated itself, its repetitions have their mean, median, standard "
		"deviation, the 95 % confidence interval of the mean, those that stand out, and "
		"how many of the first are warm-up. They are of one run, and so less independent "
		"than runs of `repeat:`. Of each phase it is told until when throughput and "
		"latency were unlike the rest of it (MSER-5), over ticks that are wholly inside; "
		"the full numbers stand, and what they would be without that is beside them.\n\n"
		"--html makes one page with charts that needs nothing else, neither a network nor "
		"other files; a cbpf that was built without it says so.\n\n"
		"With --group the runs of a `matrix:` or `repeat:` are one table, with a line for "
		"each combination, target and operation: RUN is any of them, or the group. "
		"Bandwidth and IOPS are means over the runs that ended well, with the standard "
		"deviation where there are several; p50 and p99 are of all their calls "
		"together.\n\n"
		"Exit status: 0; 1 when the report cannot be written; 2 when there is no such "
		"run.",
	.examples = "cbpf report\n"
		    "cbpf report latest --json\n"
		    "cbpf report latest --findings-only\n"
		    "cbpf report latest --html report.html\n"
		    "cbpf report --group latest --csv table\n",
	.options = report_rows,
	.config_size = sizeof(struct report_options),
	.run = report,
};
