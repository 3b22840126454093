// SPDX-License-Identifier: Apache-2.0
/*
 * md-workbench: a line per phase, in words or, with --print-detailed-stats, in columns.
 *
 * "benchmark process max:0.5s min:0.4s mean: 0.4s balance:98.9 stddev:0.0 rate:9.9 iops/s
 * objects:30 rate:2.5 obj/s tp:0.0 MiB/s op-max:1.5e-04s (0 errs) read(1e-06s, ...) ..."
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "launch/parse_tool.h"

static const char *const phases[] = { "precreate", "benchmark", "cleanup" };
#define BENCHMARK 1 /* of these */

struct reader {
	struct result_set *set;
	int counts[ARRAY_SIZE(phases)]; /* lines of each phase */
	size_t last; /* phase of the last line; they follow each other */
	int iterations; /* of the benchmark that were asked for; 0: not told */
	bool begun, finished;
};

/* Index of the phase that @text begins with, followed by @after; ARRAY_SIZE: none. */
static size_t phase_of(const char *text, const char *after)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(phases); i++) {
		size_t n = strlen(phases[i]);

		if (!strncmp(text, phases[i], n) && !strncmp(text + n, after, strlen(after)))
			break;
	}
	return i;
}

/* The number behind the first @label; NAN without one. */
static double labelled(const char *line, const char *label)
{
	const char *at = strstr(line, label);
	char *end;
	double v;

	if (!at)
		return NAN;
	at += strlen(label);
	v = strtod(at, &end);
	return end == at || !isfinite(v) ? NAN : v;
}

static struct result *new_row(struct reader *r, const char *op, size_t phase, int rank)
{
	struct result *row = result_add(r->set);

	if (!row)
		return NULL;
	snprintf(row->op, sizeof(row->op), "%s", op);
	row->rank = rank;
	row->iteration = r->counts[phase] ? r->counts[phase] - 1 : 0;
	return row;
}

/* "read(min, q1, median, q3, q90, q99, max)" of single calls; 1 when it is cut. */
static int read_latencies(struct reader *r, const char *line, const char *call, size_t phase,
			  int rank)
{
	struct result *row;
	double v[7];
	char label[16], op[32];
	const char *at;

	snprintf(label, sizeof(label), " %s(", call);
	at = strstr(line, label);
	if (!at)
		return 0;
	at += strlen(label);
	for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
		char *end;

		v[i] = strtod(at, &end);
		if (end == at || *end != 's' || (end[1] != ',' && end[1] != ')') ||
		    (i && v[i] < v[i - 1]))
			return 1;
		at = end + 2;
	}
	snprintf(op, sizeof(op), "%s %s", phases[phase], call);
	row = new_row(r, op, phase, rank);
	if (!row)
		return -ENOMEM;
	row->min_s = v[0];
	row->p50_s = v[2];
	row->p90_s = v[4];
	row->p99_s = v[5];
	row->max_s = v[6];
	return 0;
}

static void expect_phase(struct reader *r, size_t phase, int rank)
{
	if (rank >= 0)
		return;
	r->counts[phase]++;
	if (phase < r->last || r->finished)
		parse_fail(r->set, "lines of the output are missing or out of order");
	r->last = phase;
}

static int read_phase(struct reader *r, const char *line, size_t phase, int rank)
{
	static const char *const calls[] = { "read", "stat", "create", "delete" };
	const char *errors = strstr(line, " errs");
	struct result *row;
	int rc = 0;

	expect_phase(r, phase, rank);
	row = new_row(r, phases[phase], phase, rank);
	if (!row)
		return -ENOMEM;
	row->total_s = labelled(line, "process max:");
	row->iops = labelled(line, "rate:");
	row->bw_mib_s = labelled(line, "tp:");
	row->calls = labelled(line, "objects:");
	row->max_s = labelled(line, "op-max:");
	/* Told to be quiet it does not print that there were none. */
	while (errors && errors > line && *errors != '(')
		errors--;
	if (errors)
		row->errors = strtod(errors + 1, NULL);
	if (isnan(row->total_s) || isnan(row->iops) || isnan(row->max_s) || (!errors && r->begun))
		parse_fail(r->set, "a line of the output is cut short");
	if (row->errors > 0)
		parse_fail(r->set, "md-workbench met errors: see the rows");
	for (size_t i = 0; rc == 0 && i < ARRAY_SIZE(calls); i++)
		rc = read_latencies(r, line, calls[i], phase, rank);
	if (rc == 1)
		parse_fail(r->set, "a line of the output is cut short or damaged");
	return rc < 0 ? rc : 0;
}

/* name, dset create, delete, object create, read, stat, delete, with barrier, without, MiB/s, max */
static int read_columns(struct reader *r, char *line, size_t phase, int rank)
{
	char *words[PARSE_MAX_WORDS];
	size_t n = parse_words(line, words, PARSE_MAX_WORDS);
	struct result *row;

	expect_phase(r, phase, rank);
	if (n > 1 && !strcmp(words[1], "err")) {
		parse_fail(r->set, "md-workbench met errors");
		return 0;
	}
	row = new_row(r, phases[phase], phase, rank);
	if (!row)
		return -ENOMEM;
	if (n < 12 || strcmp(words[10], "MiB/s") || isnan(parse_number(words[11]))) {
		parse_fail(r->set, "a row of the output is cut short");
		return 0;
	}
	row->total_s = strtod(words[8], NULL);
	row->bw_mib_s = parse_number(words[9]);
	row->max_s = parse_number(words[11]);
	return 0;
}

/* '"-R" "3"', as it tells its arguments. */
static int iterations_of(const char *args)
{
	static const char *const names[] = { "\"-R\" \"", "\"-R=", "\"--iterations=" };
	int n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *at = strstr(args, names[i]);

		if (at)
			n = parse_int(strtod(at + strlen(names[i]), NULL));
	}
	return n > 0 ? n : 0;
}

static int read_line(struct reader *r, char *line)
{
	static const char title[] = "MD-Workbench total objects:";
	const char *version = strstr(line, "(version: ");
	int rank = -1, used = 0;
	size_t phase;

	if (!strncmp(line, title, strlen(title))) {
		r->begun = true;
		if (version)
			snprintf(r->set->version, sizeof(r->set->version), "%.*s",
				 (int)strcspn(version + 10, ")"), version + 10);
		return 0;
	}
	if (!strncmp(line, "Args: ", 6)) {
		snprintf(r->set->command, sizeof(r->set->command), "%.1023s", line + 6);
		r->iterations = iterations_of(line);
		return 0;
	}
	if (!strncmp(line, "Total runtime: ", 15))
		r->finished = true;
	if (!strncmp(line, "ERROR", 5) || strstr(line, "Error while "))
		parse_fail(r->set, line);
	/* "3: benchmark process ...": of that rank alone */
	if (sscanf(line, "%d: %n", &rank, &used) < 1 || !used)
		rank = -1, used = 0;
	phase = phase_of(line + used, " process max:");
	if (phase < ARRAY_SIZE(phases))
		return read_phase(r, line + used, phase, rank);
	phase = phase_of(line + used, " \t");
	if (phase == ARRAY_SIZE(phases))
		phase = phase_of(line + used, " err\t");
	if (phase < ARRAY_SIZE(phases))
		return read_columns(r, line + used, phase, rank);
	return 0;
}

int parse_md_workbench(const char *text, size_t len, struct result_set *ret, struct err *err)
{
	struct reader r = { .set = ret };
	const char *at = text, *end = text + len;
	char line[4096];
	int rc = 0;

	*ret = (struct result_set){
		.status = RESULT_OK,
		.source = "text",
		.tool = "md-workbench",
		.binary = "md-workbench",
	};
	while (!rc && parse_line(&at, end, line, sizeof(line)))
		rc = read_line(&r, line);
	/* Told to be quiet it prints neither its name nor its end: then the last phase is that. */
	if (!r.finished &&
	    (r.begun || !r.counts[ARRAY_SIZE(phases) - 1] || !parse_whole_lines(text, len)))
		parse_fail(ret, "the output is cut short: md-workbench did not print that it "
				"finished");
	else if (!ret->n)
		parse_fail(ret, "the output holds no phases");
	if (r.iterations && r.counts[BENCHMARK] && r.counts[BENCHMARK] != r.iterations)
		parse_fail(ret, "lines of the output are missing or out of order");
	if (rc) {
		result_set_fini(ret);
		return err_set(err, rc, "reading md-workbench's output");
	}
	return 0;
}
