// SPDX-License-Identifier: Apache-2.0
/* IOR's text output, versions 3.2 to 4.1: rows by their header, everything else by its key. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "launch/parse_tool.h"

struct reader {
	struct result_set *set;
	int test; /* TestID of the rows that come */
	int tasks; /* of that test; -1 unknown */
	double aggregate_bytes; /* of that test, when printed exactly; else NAN */
	double moved_bytes; /* told for the next row; else NAN */
	bool stonewalled; /* the test may move less than its aggregate */
	bool silent; /* its API does not tell when it does */
	int *tests; /* TestID of each row */
	char *columns[PARSE_MAX_WORDS]; /* of the results table */
	size_t n_columns;
	char *totals[PARSE_MAX_WORDS]; /* columns of the summary */
	size_t n_totals;
	bool in_totals;
	bool finished;
};

/* Column name to field; "block(KiB)" and the rest, as printed since 3.2. */
static const struct {
	const char *column;
	size_t offset;
} fields[] = {
	{ "bw(MiB/s)", offsetof(struct result, bw_mib_s) },
	{ "IOPS", offsetof(struct result, iops) },
	{ "Latency(s)", offsetof(struct result, latency_s) },
	{ "block(KiB)", offsetof(struct result, block_kib) },
	{ "xfer(KiB)", offsetof(struct result, xfer_kib) },
	{ "open(s)", offsetof(struct result, open_s) },
	{ "wr/rd(s)", offsetof(struct result, wrrd_s) },
	{ "close(s)", offsetof(struct result, close_s) },
	{ "total(s)", offsetof(struct result, total_s) },
};

static void forget(char **words, size_t *n)
{
	for (size_t i = 0; i < *n; i++)
		free(words[i]);
	*n = 0;
}

static int remember(char **to, size_t *n_to, char *line)
{
	char *words[PARSE_MAX_WORDS];
	size_t n = parse_words(line, words, PARSE_MAX_WORDS);

	forget(to, n_to);
	for (size_t i = 0; i < n; i++) {
		to[i] = strdup(words[i]);
		if (!to[i])
			return -ENOMEM;
		(*n_to)++;
	}
	return 0;
}

/* The value of "key    : value" lines; NULL when @line is none of @key. */
static const char *value_of(const char *line, const char *key)
{
	size_t n = strlen(key);

	if (strncmp(line, key, n))
		return NULL;
	line += n;
	line += strspn(line, " \t");
	if (*line != ':')
		return NULL;
	line++;
	return line + strspn(line, " \t");
}

/* "32 MiB", "65536 bytes": exact when IOR did not have to round, else NAN. */
static double human_bytes(const char *text)
{
	static const struct {
		const char *unit;
		double factor;
	} units[] = {
		{ "bytes", 1 },	   { "KiB", 0x1p10 }, { "MiB", 0x1p20 }, { "GiB", 0x1p30 },
		{ "TiB", 0x1p40 }, { "byte", 1 },     { "-", NAN },
	};
	char *end;
	double v = strtod(text, &end);

	if (end == text || v != floor(v))
		return NAN;
	end += strspn(end, " ");
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (!strcmp(end, units[i].unit))
			return v * units[i].factor;
	return NAN;
}

/* May a test have moved less than its aggregate without saying so? */
static bool may_be_less(const struct reader *r)
{
	return r->stonewalled && r->silent;
}

static int read_row(struct reader *r, char **words, size_t n)
{
	struct result *row;
	size_t missing = 0;
	int *tests;

	/* 3.x prints fewer dashes than it has columns; what counts stands at the end. */
	if (!strcmp(words[0], "remove") && n >= 4 && n < r->n_columns)
		missing = r->n_columns - n;
	if (n + missing < r->n_columns) {
		parse_fail(r->set, "a row of the results table is cut short");
		return 0;
	}
	tests = reallocarray(r->tests, r->set->n + 1, sizeof(*tests));
	if (!tests)
		return -ENOMEM;
	r->tests = tests;
	tests[r->set->n] = r->test;
	row = result_add(r->set);
	if (!row)
		return -ENOMEM;
	snprintf(row->op, sizeof(row->op), "%s", words[0]);
	for (size_t c = 1 + missing; c < r->n_columns; c++) {
		double v = parse_number(words[c - missing]);

		if (!strcmp(r->columns[c], "iter"))
			row->iteration = parse_int(v);
		for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
			if (!strcmp(r->columns[c], fields[i].column))
				*(double *)((char *)row + fields[i].offset) = v;
	}
	row->tasks = r->tasks;
	if (!strcmp(row->op, "write") || !strcmp(row->op, "read")) {
		if (!isnan(r->moved_bytes))
			row->bytes = r->moved_bytes;
		else if (!may_be_less(r))
			row->bytes = r->aggregate_bytes;
		r->moved_bytes = NAN;
	}
	return 0;
}

static double total(const struct reader *r, char **words, size_t n, const char *column)
{
	for (size_t i = 0; i < r->n_totals && i < n; i++)
		if (!strcmp(r->totals[i], column))
			return parse_number(words[i]);
	return NAN;
}

/* The summary knows exactly what a test was meant to move, and with how many tasks. */
static void read_total(struct reader *r, char **words, size_t n)
{
	double test = total(r, words, n, "Test#"), tasks = total(r, words, n, "#Tasks");
	double bytes = total(r, words, n, "blksiz") * total(r, words, n, "segcnt") * tasks;

	for (size_t i = 0; i < r->set->n; i++) {
		struct result *row = &r->set->v[i];

		if (strcmp(row->op, words[0]) || (!isnan(test) && r->tests[i] != parse_int(test)))
			continue;
		if (row->tasks < 0)
			row->tasks = parse_int(tasks);
		if (isnan(row->bytes) && !may_be_less(r))
			row->bytes = bytes;
	}
}

static bool is_access(const char *word)
{
	static const char *const words[] = { "write", "read", "remove" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(word, words[i]))
			return true;
	return false;
}

/* These write no plain files, so that IOR does not compare what it moved with their size. */
static bool is_silent(const char *api)
{
	static const char *const names[] = { "HDF5", "NCMPI", "DAOS" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strncasecmp(api, names[i], strlen(names[i])))
			return true;
	return false;
}

static void read_key(struct reader *r, const char *line)
{
	const char *v;

	if ((v = value_of(line, "Command line")) || (v = value_of(line, "Command line used")))
		snprintf(r->set->command, sizeof(r->set->command), "%s", v);
	else if ((v = value_of(line, "TestID"))) {
		r->test = atoi(v);
		r->tasks = -1;
		r->aggregate_bytes = NAN;
		r->moved_bytes = NAN;
		r->stonewalled = false;
	} else if ((v = value_of(line, "api")))
		r->silent = is_silent(v);
	else if ((v = value_of(line, "tasks")))
		r->tasks = atoi(v);
	else if ((v = value_of(line, "aggregate filesize")))
		r->aggregate_bytes = human_bytes(v);
	else if ((v = value_of(line, "stonewallingTime")))
		r->stonewalled = atoi(v) > 0;
	else if (value_of(line, "Finished"))
		r->finished = true;
}

static void read_message(struct reader *r, const char *line)
{
	static const char moved[] = "Using actual aggregate bytes moved = ";
	const char *at = strstr(line, moved), *error = strstr(line, "ERROR");

	if (at)
		r->moved_bytes = parse_number(at + strlen(moved));
	/* "ERROR: ..." and "ior ERROR: ...", but not a file name that holds the word. */
	if (error && error - line <= 4 && (error[5] == ':' || error[5] == ' '))
		parse_fail(r->set, line);
}

static int read_line(struct reader *r, char *line)
{
	static const char title[] = ": MPI Coordinated Test of Parallel I/O";
	char *words[PARSE_MAX_WORDS], *at = strstr(line, title), *copy;
	size_t n;
	int rc = 0;

	if (at && !strncmp(line, "IOR-", 4)) {
		snprintf(r->set->version, sizeof(r->set->version), "%.*s", (int)(at - line - 4),
			 line + 4);
		return 0;
	}
	if (!strncmp(line, "access ", 7) && strstr(line, "bw(MiB/s)")) {
		r->in_totals = false;
		return remember(r->columns, &r->n_columns, line);
	}
	if (!strncmp(line, "Operation ", 10) && strstr(line, "Max(MiB)")) {
		r->in_totals = true;
		return remember(r->totals, &r->n_totals, line);
	}
	read_key(r, line);
	read_message(r, line);
	copy = strdup(line);
	if (!copy)
		return -ENOMEM;
	n = parse_words(copy, words, PARSE_MAX_WORDS);
	if (n > 1 && is_access(words[0]) &&
	    (parse_number(words[1]) >= 0 || !strcmp(words[1], "-"))) {
		if (r->in_totals)
			read_total(r, words, n);
		else if (r->n_columns)
			rc = read_row(r, words, n);
	}
	free(copy);
	return rc;
}

int parse_ior_text(const char *text, size_t len, struct result_set *ret, struct err *err)
{
	struct reader r = { .set = ret, .tasks = -1, .aggregate_bytes = NAN, .moved_bytes = NAN };
	const char *at = text, *end = text + len;
	char line[4096];
	int rc = 0;

	*ret = (struct result_set){ .status = RESULT_OK, .source = "text" };
	while (!rc && parse_line(&at, end, line, sizeof(line)))
		rc = read_line(&r, line);
	parse_ior_binary(ret);
	if (parse_found_corruption(text, len)) {
		ret->status = RESULT_CORRUPT;
		strcpy(ret->message, "IOR found incorrect data");
	} else if (!r.finished) {
		parse_fail(ret, "the output is cut short: IOR did not print that it finished");
	} else if (!ret->n && !strstr(ret->command, "--dryRun")) {
		parse_fail(ret, "the output holds no results");
	}
	forget(r.columns, &r.n_columns);
	forget(r.totals, &r.n_totals);
	free(r.tests);
	if (rc) {
		result_set_fini(ret);
		return err_set(err, rc, "reading IOR's output");
	}
	return 0;
}
