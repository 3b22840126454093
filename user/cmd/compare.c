// SPDX-License-Identifier: Apache-2.0
/* cbpf compare: what differs between runs, from their databases alone. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "cmd/command.h"
#include "cmd/terminal.h"
#include "report/compare.h"
#include "spec/tree.h"
#include "store/store.h"

#define TEXT_MAX (64 << 20)

struct compare_options {
	char *store;
	enum flag json, no_colour;
};

#define FIELD(f) .offset = offsetof(struct compare_options, f)
static const struct option_row compare_rows[] = { { .name = "store",
						    .type = OPTION_STRING,
						    FIELD(store),
						    .preset = STORE_DEFAULT_DIR,
						    .help = "directory of runs",
						    .metavar = "DIR" },
						  { .name = "json",
						    .type = OPTION_BOOL,
						    FIELD(json),
						    .preset = "false",
						    .help = "print one JSON object" },
						  { .name = "no-colour",
						    .type = OPTION_BOOL,
						    FIELD(no_colour),
						    .preset = "false",
						    .help = "plain text, also on a terminal" },
						  { 0 } };

/* What was read of a run. */
struct side {
	json_t *report, *spec; /* owned; NULL spec: not known */
};

static json_t *read_spec(struct store *s)
{
	sqlite3_stmt *row = NULL;
	json_t *spec = NULL;

	if (sqlite3_prepare_v2(store_db(s), "SELECT spec FROM run", -1, &row, NULL) == SQLITE_OK &&
	    sqlite3_step(row) == SQLITE_ROW && sqlite3_column_text(row, 0))
		spec = spec_tree((const char *)sqlite3_column_text(row, 0),
				 (size_t)sqlite3_column_bytes(row, 0));
	sqlite3_finalize(row);
	return spec;
}

static int read_side(const char *store_dir, const char *run, struct side *ret, struct err *err)
{
	struct store *s;
	int rc = store_open(store_dir, run, &s, NULL, err);

	if (rc)
		return rc;
	rc = report_build(s, &ret->report, err);
	if (!rc)
		ret->spec = read_spec(s);
	store_close(s);
	return rc;
}

static int print_text(const json_t *comparison, bool no_colour)
{
	struct report_style style = terminal_style(no_colour);
	cleanup_buf struct buf text = BUF_INIT(TEXT_MAX);
	int rc = report_compare_text(comparison, &style, &text);

	if (rc)
		return fail(EXIT_WORKLOAD, "compare: writing the text: %s", strerror(-rc));
	fputs(buf_str(&text), stdout);
	return EXIT_OK;
}

static int print_json(const json_t *comparison)
{
	if (json_dumpf(comparison, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(15)))
		return fail(EXIT_WORKLOAD, "compare: writing JSON failed");
	putchar('\n');
	return EXIT_OK;
}

static int compare_all(const struct compare_options *o, const struct side *sides, size_t n)
{
	struct compare_run runs[COMPARE_RUNS_MAX];
	json_t *comparison = NULL;
	struct err err = { 0 };
	int status;

	for (size_t i = 0; i < n; i++)
		runs[i] = (struct compare_run){ sides[i].report, sides[i].spec };
	if (report_compare(runs, n, &comparison, &err))
		return fail(EXIT_WORKLOAD, "%s", err.text);
	status = o->json == FLAG_ON ? print_json(comparison)
				    : print_text(comparison, o->no_colour == FLAG_ON);
	json_decref(comparison);
	return status;
}

static int compare(void *config, int argc, char **argv)
{
	const struct compare_options *o = config;
	struct side sides[COMPARE_RUNS_MAX] = { 0 };
	int status = EXIT_OK, n = 0;
	struct err err = { 0 };

	if (argc < 2)
		return fail(EXIT_USAGE,
			    "compare takes two RUNs or more, got %s; `cbpf list` shows "
			    "which there are",
			    argc ? argv[0] : "none");
	if (argc > COMPARE_RUNS_MAX)
		return fail(EXIT_USAGE, "compare takes %d RUNs at most, got %d", COMPARE_RUNS_MAX,
			    argc);
	for (; n < argc && status == EXIT_OK; n++)
		if (read_side(o->store, argv[n], &sides[n], &err))
			status = fail(EXIT_WORKLOAD, "%s", err.text);
	if (status == EXIT_OK)
		status = compare_all(o, sides, (size_t)n);
	for (int i = 0; i < n; i++) {
		json_decref(sides[i].report);
		json_decref(sides[i].spec);
	}
	return status;
}

const struct command command_compare = {
	.name = "compare",
	.args = "RUN RUN...",
	.summary = "what differs between runs",
	.description =
		"RUN is a run's directory, its id or a unique start of it, or 'latest'; the first "
		"is the base that the others are compared with. Needs neither root nor the host "
		"that was measured.\n\n"
		"Told first is what was unlike about the runs, since it may be why their numbers "
		"are: facts of the host, keys of the spec, versions, backends, the interval, "
		"losses that only some have, and runs that did not end well, which are compared as "
		"far as they got. What a run does not tell is 'unknown', never taken to be the "
		"same.\n\n"
		"Then, for each target that the runs have in common, what was measured, by names "
		"that 'expect:' takes: write TARGET.METRIC there. A value that a run does not have "
		"is '-' in text and null in JSON, never zero. Percentiles are within 3.2 % of the "
		"true value, so one that differs by less than 6.5 % may be the same.\n\n"
		"One run each is no basis to tell a difference from noise. Repeat the runs.\n\n"
		"Exit status: 0, whatever differs; 1 when a run cannot be read; 2 for fewer than "
		"two runs.",
	.examples = "cbpf run --quiet --store before specs/quickstart.yml\n"
		    "cbpf run --quiet --store after --set interval=50ms specs/quickstart.yml\n"
		    "cbpf compare before/latest after/latest\n"
		    "cbpf compare --json before/latest after/latest\n",
	.options = compare_rows,
	.config_size = sizeof(struct compare_options),
	.run = compare,
};
