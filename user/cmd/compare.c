// SPDX-License-Identifier: Apache-2.0
/* cbpf compare: what differs between runs, from their databases alone. */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/strlist.h"
#include "cmd/command.h"
#include "cmd/history.h"
#include "cmd/sides.h"
#include "cmd/terminal.h"
#include "html/html.h"
#include "report/compare.h"
#include "report/junit.h"
#include "spec/tree.h"
#include "store/store.h"

#define TEXT_MAX (64 << 20)

struct compare_flags {
	char *store, *junit, *html;
	struct str_list metrics, fail_if;
	enum flag json, no_colour, single, history;
};

#define FIELD(f) .offset = offsetof(struct compare_flags, f)
static const struct option_row compare_rows[] = {
	{ .name = "store",
	  .type = OPTION_STRING,
	  FIELD(store),
	  .preset = STORE_DEFAULT_DIR,
	  .help = "directory of runs",
	  .metavar = "DIR" },
	{ .name = "fail-if",
	  .type = OPTION_STRINGS,
	  FIELD(fail_if),
	  .help = "end with 4 when this is so, as in 'victim.block.read.p99 > +10%'",
	  .metavar = "EXPR" },
	{ .name = "junit",
	  .type = OPTION_STRING,
	  FIELD(junit),
	  .help = "write what became of each --fail-if as JUnit XML",
	  .metavar = "FILE" },
	{ .name = "metric",
	  .type = OPTION_STRINGS,
	  FIELD(metrics),
	  .help = "only what matches TARGET.METRIC, as in 'victim.results.*'",
	  .metavar = "PATTERN" },
	{ .name = "single",
	  .type = OPTION_BOOL,
	  FIELD(single),
	  .preset = "false",
	  .help = "a RUN is that run alone, not all of its repetitions" },
	{ .name = "history",
	  .type = OPTION_BOOL,
	  FIELD(history),
	  .preset = "false",
	  .help = "all RUNs in the order of time: what changed, and since which" },
	{ .name = "html",
	  .type = OPTION_STRING,
	  FIELD(html),
	  .help = "write one page with charts, latencies one over the other",
	  .metavar = "FILE" },
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
	{ 0 }
};

/* What was read of a run. */
struct one {
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

static int read_one(const char *dir, struct one *ret, struct err *err)
{
	struct store *s;
	int rc = store_open(".", dir, &s, NULL, err);

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

static int write_html(const json_t *comparison, const char *path)
{
	cleanup_buf struct buf html = BUF_INIT(HTML_MAX);
	struct err err = { 0 };
	int rc = html_compare_page(comparison, &html, &err);

	if (rc)
		return fail(EXIT_WORKLOAD, "writing %s: %s", path, err.text);
	rc = fs_create_at(AT_FDCWD, path, buf_str(&html), html.len);
	if (rc)
		return fail(EXIT_WORKLOAD, "writing %s: %s", path, strerror(-rc));
	return EXIT_OK;
}

/* What decided is told already; 4 when a threshold was crossed. */
static int judge(const struct compare_flags *o, const json_t *comparison)
{
	json_int_t crossed = json_integer_value(json_object_get(comparison, "crossed"));

	if (o->junit) {
		struct err err = { 0 };

		if (junit_write_comparison(o->junit, comparison, &err))
			return fail(EXIT_WORKLOAD, "%s", err.text);
	}
	return crossed ? EXIT_THRESHOLD : EXIT_OK;
}

static int compare_all(const struct compare_flags *o, const struct one *all,
		       const struct sides *sides)
{
	const struct compare_options options = { sides->side, &o->metrics, &o->fail_if,
						 o->html != NULL };
	struct compare_run runs[COMPARE_RUNS_MAX];
	json_t *comparison = NULL;
	struct err err = { 0 };
	int status, rc;

	for (size_t i = 0; i < sides->dirs.n; i++)
		runs[i] = (struct compare_run){ all[i].report, all[i].spec };
	rc = report_compare(runs, sides->dirs.n, &options, &comparison, &err);
	if (rc)
		return fail(rc == -EINVAL ? EXIT_USAGE : EXIT_WORKLOAD, "%s", err.text);
	status = o->html ? write_html(comparison, o->html) : EXIT_OK;
	if (status == EXIT_OK)
		status = o->json == FLAG_ON ? print_json(comparison)
					    : print_text(comparison, o->no_colour == FLAG_ON);
	if (status == EXIT_OK)
		status = judge(o, comparison);
	json_decref(comparison);
	return status;
}

static int find_sides(const struct compare_flags *o, int argc, char **argv, bool alone,
		      struct sides *sides)
{
	struct err err = { 0 };

	for (int i = 0; i < argc; i++)
		if (sides_add(sides, o->store, argv[i], alone, &err))
			return fail(err.code == -EINVAL ? EXIT_USAGE : EXIT_WORKLOAD, "%s",
				    err.text);
	if (!alone && sides_overlap(sides)) {
		/* Two repetitions of one run, say. */
		fail(EXIT_OK, "these RUNs are of the same group: each is taken alone");
		sides_fini(sides);
		return find_sides(o, argc, argv, true, sides);
	}
	if (sides->dirs.n > COMPARE_RUNS_MAX)
		return fail(EXIT_USAGE, "compare takes %d runs at most, these are %zu",
			    COMPARE_RUNS_MAX, sides->dirs.n);
	return EXIT_OK;
}

static int compare_sides_of(const struct compare_flags *o, const struct sides *sides)
{
	struct one all[COMPARE_RUNS_MAX] = { 0 };
	struct err err = { 0 };
	int status = EXIT_OK;
	size_t n = 0;

	for (; n < sides->dirs.n && status == EXIT_OK; n++)
		if (read_one(sides->dirs.v[n], &all[n], &err))
			status = fail(EXIT_WORKLOAD, "%s", err.text);
	if (status == EXIT_OK)
		status = compare_all(o, all, sides);
	for (size_t i = 0; i < n; i++) {
		json_decref(all[i].report);
		json_decref(all[i].spec);
	}
	return status;
}

static int look_back(const struct compare_flags *o, int argc, char **argv)
{
	struct report_style style = terminal_style(o->no_colour == FLAG_ON);

	if (o->html)
		return fail(EXIT_USAGE, "--html has a comparison, not a history");
	if (o->junit)
		return fail(EXIT_USAGE, "--junit tells what became of --fail-if, which a history "
					"does not have");
	if (o->fail_if.n)
		return fail(EXIT_USAGE, "--fail-if takes a base to compare with, which a history "
					"does not have");
	return history_print(o->store, argc, argv, &o->metrics, o->json == FLAG_ON ? NULL : &style);
}

static int compare(void *config, int argc, char **argv)
{
	const struct compare_flags *o = config;
	struct sides sides = { 0 };
	int status;

	if (o->history == FLAG_ON)
		return look_back(o, argc, argv);
	if (argc < 2)
		return fail(EXIT_USAGE,
			    "compare takes two RUNs or more, got %s; `cbpf list` shows "
			    "which there are",
			    argc ? argv[0] : "none");
	if (argc > COMPARE_RUNS_MAX)
		return fail(EXIT_USAGE, "compare takes %d RUNs at most, got %d", COMPARE_RUNS_MAX,
			    argc);
	if (o->junit && !o->fail_if.n)
		return fail(EXIT_USAGE, "--junit tells what became of --fail-if, which is missing");
	status = find_sides(o, argc, argv, o->single == FLAG_ON, &sides);
	if (status == EXIT_OK)
		status = compare_sides_of(o, &sides);
	sides_fini(&sides);
	return status;
}

const struct command command_compare = {
	.name = "compare",
	.args = "RUN RUN...",
	.summary = "what differs between runs",
	.description =
		"RUN is a run's directory, its id or a unique start of it, or 'latest', and stands "
		"for all repetitions of that run (`repeat:`), unless --single is given. Several "
		"runs with a comma between them are one group, too, and so is a directory of runs. "
		"The first RUN is the base that the others are compared with. Needs neither root "
		"nor the host that was measured.\n\n"
		"Told first is what was unlike about the runs, since it may be why their numbers "
		"are: facts of the host, keys of the spec, versions, backends, the interval, "
		"losses that only some have, and runs that did not end well, which are compared as "
		"far as they got, or left out of the numbers of a group. What a run does not tell "
		"is 'unknown', never taken to be the same.\n\n"
		"Then, for each target that the runs have in common, what was measured, by names "
		"that 'expect:' takes: write TARGET.METRIC there. A value that a run does not have "
		"is '-' in text and null in JSON, never zero. Percentiles are within 3.2 % of the "
		"true value, so one that differs by less than 6.5 % may be the same.\n\n"
		"Of groups these are means, with the change, its 95 % confidence interval "
		"(bootstrap), the effect (Cliff's delta; in JSON Hedges' g, too), and whether both "
		"differ: by Mann and Whitney's U test, with p adjusted for all metrics together "
		"(Holm), so that 95 of 100 comparisons of the same thing find nothing. That takes "
		"repetitions, more of them the more metrics there are: where even values that are "
		"wholly apart could be chance, it is 'unknown', and how many repetitions would do "
		"is told. --metric leaves metrics out. Repetitions that stand out are told and "
		"counted like all others. Latencies are compared as a whole as well: by how much "
		"their distributions are apart (Kolmogorov-Smirnov) and by how much time "
		"(Wasserstein).\n\n"
		"One run each is no basis to tell a difference from noise. Repeat the runs. What "
		"the "
		"tool itself repeated within them (IOR's -i) is tested by these repetitions, which "
		"is told; they have files, caches and placement in common, so they tell less than "
		"runs do, and --fail-if does not go by them.\n\n"
		"--html makes one page of it that needs nothing else, with the largest changes "
		"and the latencies of all sides one over the other.\n\n"
		"--fail-if takes what 'expect:' takes, and a change of the base: "
		"'victim.block.read.p99 > +10%', 'victim.results.write.bw_mib_s < -5%'. A change "
		"of groups must not only be beyond that, but a difference by the test, too, with p "
		"adjusted for all --fail-if together; with too few repetitions for a test the "
		"values decide alone. What decided is told. A value that is not there counts as "
		"crossed.\n\n"
		"With --history the RUNs are as many as there are, those of the store when none is "
		"given, in the order of time: told is which metrics changed their level, from "
		"which "
		"run on, and by how much. A change is told when chance makes one in less than 5 of "
		"100 such histories (CUSUM of ranks, permuted, for all metrics together), and has "
		"four runs or more on either side. Runs that did not end well are left out, and "
		"named; that runs are of several specs, hosts or versions is told.\n\n"
		"Exit status: 0, whatever differs; 1 when a run cannot be read; 2 for fewer than "
		"two runs, or an expression that is none; 4 when what --fail-if says is so.",
	.examples = "cbpf run --quiet --store before specs/quickstart.yml\n"
		    "cbpf run --quiet --store after --set interval=50ms specs/quickstart.yml\n"
		    "cbpf compare before/latest after/latest\n"
		    "cbpf compare --json --single before/latest after/latest\n"
		    "cbpf compare --html compare.html before after > comparison.txt\n"
		    "cbpf compare --fail-if 'ior.results.write.bytes < -10%' before after\n"
		    "cbpf compare --history --metric '*.results.*' before after\n",
	.options = compare_rows,
	.config_size = sizeof(struct compare_flags),
	.run = compare,
};
