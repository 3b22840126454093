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

/* How far a text is. What comes in another order has lost the sense of its lines. */
enum stage { NOTHING, TITLE, TABLE, TOTALS, FINISHED };

struct reader {
	struct result_set *set;
	enum stage stage;
	int test; /* TestID of the rows that come */
	int iteration_base; /* iteration of its first row */
	int tasks; /* of that test; -1 unknown */
	double aggregate_bytes; /* of that test, when printed exactly; else NAN */
	double moved_bytes; /* told for the next row; else NAN */
	bool stonewalled; /* the test may move less than its aggregate */
	bool silent; /* its API does not tell when it does */
	double stonewall_s; /* told for the next row; else NAN */
	size_t first; /* row of the test */
	size_t first_of_run; /* row of the invocation: a log may hold more than one */
	char *columns[PARSE_MAX_WORDS]; /* of the results table */
	size_t n_columns;
	char *totals[PARSE_MAX_WORDS]; /* columns of the summary */
	size_t n_totals;
};

#define BLOCK "block(KiB)"
#define XFER "xfer(KiB)"

/* Column name to field, as printed since 3.2. */
static const struct {
	const char *column;
	size_t offset;
} fields[] = {
	{ "bw(MiB/s)", offsetof(struct result, bw_mib_s) },
	{ "IOPS", offsetof(struct result, iops) },
	{ "Latency(s)", offsetof(struct result, latency_s) },
	{ BLOCK, offsetof(struct result, block_kib) },
	{ XFER, offsetof(struct result, xfer_kib) },
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

/*
 * "32 MiB", "65536 bytes" are exact. IOR prints decimals only of what is no whole number of units, so
 * that "1.00 GiB" is rounded: NAN.
 */
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

	if (end == text || memchr(text, '.', end - text))
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

static void disorder(struct reader *r)
{
	parse_fail(r->set, "lines of the output are missing or out of order");
}

/* Repetition that the next row of @op in this test must be of. */
static int expected_iteration(const struct reader *r, const char *op)
{
	int n = 0;

	for (size_t i = r->first; i < r->set->n; i++)
		n += !strcmp(r->set->v[i].op, op);
	return n;
}

/* Rounding of the words of two columns; 0 for one that is not there. */
struct rounding {
	double bw, total;
};

static struct rounding read_columns(struct reader *r, char **words, size_t missing,
				    struct result *row)
{
	struct rounding rounding = { 0 };

	for (size_t c = 1 + missing; c < r->n_columns; c++) {
		const char *word = words[c - missing];
		double v = parse_number(word);

		/* "45.91" is rounded; the summary knows. */
		if ((!strcmp(r->columns[c], BLOCK) || !strcmp(r->columns[c], XFER)) &&
		    v != floor(v))
			v = NAN;
		if (!strcmp(r->columns[c], "iter"))
			row->iteration = parse_int(v);
		for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
			if (!strcmp(r->columns[c], fields[i].column))
				*(double *)((char *)row + fields[i].offset) = v;
		if (!strcmp(r->columns[c], "bw(MiB/s)"))
			rounding.bw = parse_rounding(word);
		if (!strcmp(r->columns[c], "total(s)"))
			rounding.total = parse_rounding(word);
	}
	return rounding;
}

/* What a row of those bytes must agree with. */
static void set_bytes(struct reader *r, struct result *row, double bytes,
		      const struct rounding *rounding)
{
	row->bytes = bytes;
	if (parse_agrees(row, rounding->bw, rounding->total))
		return;
	row->bytes = NAN;
	parse_fail(r->set, "the output contradicts itself: a row's bandwidth is not its bytes by "
			   "its time");
}

static void read_bytes(struct reader *r, struct result *row, const struct rounding *rounding)
{
	double bytes = r->moved_bytes;

	if (strcmp(row->op, "write") && strcmp(row->op, "read"))
		return;
	if (isnan(bytes) && !may_be_less(r))
		bytes = r->aggregate_bytes;
	row->stonewall_s = r->stonewall_s;
	r->moved_bytes = NAN;
	r->stonewall_s = NAN;
	set_bytes(r, row, bytes, rounding);
}

static int read_row(struct reader *r, char **words, size_t n)
{
	struct rounding rounding;
	struct result *row;
	size_t missing = 0;
	int expected;

	if (r->stage != TABLE) {
		disorder(r);
		return 0;
	}
	/* 3.x prints fewer dashes than it has columns; what counts stands at the end. */
	if (!strcmp(words[0], "remove") && n >= 4 && n < r->n_columns)
		missing = r->n_columns - n;
	if (n + missing < r->n_columns) {
		parse_fail(r->set, "a row of the results table is cut short");
		return 0;
	}
	/* One of the summary has more words. */
	if (n + missing > r->n_columns) {
		disorder(r);
		return 0;
	}
	expected = expected_iteration(r, words[0]);
	row = result_add(r->set);
	if (!row)
		return -ENOMEM;
	snprintf(row->op, sizeof(row->op), "%s", words[0]);
	rounding = read_columns(r, words, missing, row);
	row->tasks = r->tasks;
	row->test = r->test;
	if (r->set->n == r->first + 1)
		r->iteration_base = row->iteration;
	if (row->iteration >= 0 && row->iteration != expected + r->iteration_base)
		disorder(r);
	read_bytes(r, row, &rounding);
	return 0;
}

static const char *total_word(const struct reader *r, char **words, size_t n, const char *column)
{
	for (size_t i = 0; i < r->n_totals && i < n; i++)
		if (!strcmp(r->totals[i], column))
			return words[i];
	return "";
}

static double total(const struct reader *r, char **words, size_t n, const char *column)
{
	return parse_number(total_word(r, words, n, column));
}

/* As IOR prints numbers in a row: six decimals below one, two below 3600, none above. */
static double rounding_of(double v)
{
	return v < 1 ? 0.5e-6 : v < 3600 ? 0.5e-2 : 0.5;
}

static void set_size(double *kib, double bytes)
{
	if (isnan(*kib) || fabs(*kib - bytes / 1024) < 0.5)
		*kib = bytes / 1024;
}

/* What the summary has in bytes is exact; a row may have it rounded, or not at all. */
static void complete_row(struct reader *r, struct result *row, double block, double xfer,
			 double bytes)
{
	struct rounding rounding = { rounding_of(row->bw_mib_s), rounding_of(row->total_s) };

	if (r->set->status != RESULT_OK)
		return;
	set_size(&row->block_kib, block);
	set_size(&row->xfer_kib, xfer);
	if (isnan(row->bytes) && !may_be_less(r))
		set_bytes(r, row, bytes, &rounding);
}

/* The summary knows exactly what a test was meant to move, and with how many tasks. */
static void read_total(struct reader *r, char **words, size_t n)
{
	double tasks = total(r, words, n, "#Tasks"), stonewall = total(r, words, n, "Stonewall(s)");
	double block = total(r, words, n, "blksiz"), xfer = total(r, words, n, "xsize");
	struct parse_total t = {
		.op = words[0],
		.test = parse_int(total(r, words, n, "Test#")),
		.max = total(r, words, n, "Max(MiB)"),
		.min = total(r, words, n, "Min(MiB)"),
		.mean = total(r, words, n, "Mean(MiB)"),
		.rounding = 2 * parse_rounding(total_word(r, words, n, "Max(MiB)")),
		.repetitions = total(r, words, n, "reps"),
		.or_fewer = parse_ior_may_end_early(r->set->command),
	};
	struct result_set run;

	if (n < r->n_totals) {
		parse_fail(r->set, "a row of the summary is cut short");
		return;
	}
	for (size_t i = r->first_of_run; i < r->set->n; i++) {
		struct result *row = &r->set->v[i];

		if (strcmp(row->op, words[0]) || (t.test >= 0 && row->test != t.test))
			continue;
		if (row->tasks < 0)
			row->tasks = parse_int(tasks);
		complete_row(r, row, block, xfer, block * total(r, words, n, "segcnt") * tasks);
		if (t.repetitions == 1 && !isnan(stonewall))
			row->stonewall_s = stonewall;
	}
	run = *r->set;
	run.v += r->first_of_run;
	run.n -= r->first_of_run;
	parse_ior_compare(&run, &t);
	r->set->status = run.status;
	memcpy(r->set->message, run.message, sizeof(run.message));
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

static void begin_test(struct reader *r, int id)
{
	r->test = id;
	r->first = r->set->n;
	r->tasks = -1;
	r->aggregate_bytes = NAN;
	r->moved_bytes = NAN;
	r->stonewall_s = NAN;
	r->stonewalled = false;
	if (r->stage == TABLE)
		r->stage = TITLE;
	else if (r->stage != TITLE)
		disorder(r);
}

/* A key of a test stands above its table. */
static const char *key_above(struct reader *r, const char *line, const char *key)
{
	const char *v = value_of(line, key);

	if (v && r->stage != TITLE)
		disorder(r);
	return v;
}

static void read_key(struct reader *r, const char *line)
{
	const char *v;

	if ((v = value_of(line, "Command line")) || (v = value_of(line, "Command line used")))
		snprintf(r->set->command, sizeof(r->set->command), "%s", v);
	else if ((v = value_of(line, "TestID")))
		begin_test(r, parse_int(parse_number(v)));
	else if ((v = key_above(r, line, "api")))
		r->silent = is_silent(v);
	else if ((v = key_above(r, line, "tasks")))
		r->tasks = parse_int(parse_number(v));
	else if ((v = key_above(r, line, "aggregate filesize")))
		r->aggregate_bytes = human_bytes(v);
	else if ((v = key_above(r, line, "stonewallingTime")))
		r->stonewalled = atoi(v) > 0;
	else if (value_of(line, "Finished")) {
		if (r->stage == NOTHING || r->stage == FINISHED || !isnan(r->moved_bytes))
			disorder(r);
		r->stage = FINISHED;
	}
}

static void read_message(struct reader *r, const char *line)
{
	static const char moved[] = "Using actual aggregate bytes moved = ";
	static const char pairs[] = "stonewalling pairs accessed min:";
	const char *at = strstr(line, moved), *error = strstr(line, "ERROR"), *time;

	if (at) {
		if (r->stage != TABLE || !isnan(r->moved_bytes))
			disorder(r);
		r->moved_bytes = parse_number(at + strlen(moved));
	}
	time = strstr(line, pairs) ? strstr(line, " time: ") : NULL;
	if (time)
		r->stonewall_s = strtod(time + strlen(" time: "), NULL);
	/* "ERROR: ..." and "ior ERROR: ...", but not a file name that holds the word. */
	if (error && error - line <= 4 && (error[5] == ':' || error[5] == ' '))
		parse_fail(r->set, line);
}

/* A log may hold several invocations; each must have ended before the next begins. */
static void begin_run(struct reader *r, const char *version, int len)
{
	snprintf(r->set->version, sizeof(r->set->version), "%.*s", len, version);
	if (r->stage != NOTHING && r->stage != FINISHED)
		disorder(r);
	r->stage = TITLE;
	begin_test(r, 0);
	r->first_of_run = r->set->n;
}

static int read_cells(struct reader *r, char **words, size_t n)
{
	if (n < 2 || !is_access(words[0]) ||
	    (!(parse_number(words[1]) >= 0) && strcmp(words[1], "-")))
		return 0;
	if (r->stage != TOTALS)
		return read_row(r, words, n);
	read_total(r, words, n);
	return 0;
}

static int read_line(struct reader *r, char *line)
{
	static const char title[] = ": MPI Coordinated Test of Parallel I/O";
	char *words[PARSE_MAX_WORDS], *at = strstr(line, title), *copy;
	int rc;

	if (at && !strncmp(line, "IOR-", 4)) {
		begin_run(r, line + 4, at - line - 4);
		return 0;
	}
	if (!strncmp(line, "access ", 7) && strstr(line, "bw(MiB/s)")) {
		if (r->stage != TITLE)
			disorder(r);
		r->stage = TABLE;
		return remember(r->columns, &r->n_columns, line);
	}
	if (!strncmp(line, "Operation ", 10) && strstr(line, "Max(MiB)")) {
		if (r->stage == NOTHING || r->stage >= TOTALS)
			disorder(r);
		r->stage = TOTALS;
		return remember(r->totals, &r->n_totals, line);
	}
	read_key(r, line);
	read_message(r, line);
	copy = strdup(line);
	if (!copy)
		return -ENOMEM;
	rc = read_cells(r, words, parse_words(copy, words, PARSE_MAX_WORDS));
	free(copy);
	return rc;
}

int parse_ior_text(const char *text, size_t len, struct result_set *ret, struct err *err)
{
	struct reader r = { .set = ret,
			    .tasks = -1,
			    .aggregate_bytes = NAN,
			    .moved_bytes = NAN,
			    .stonewall_s = NAN };
	const char *at = text, *end = text + len;
	char line[4096];
	int rc = 0;

	*ret = (struct result_set){ .status = RESULT_OK, .source = "text" };
	while (!rc && parse_line(&at, end, line, sizeof(line)))
		rc = read_line(&r, line);
	parse_ior_binary(ret);
	if (parse_found_corruption(text, len)) {
		ret->status = RESULT_CORRUPT;
		parse_say_corruption(text, len, ret->message, sizeof(ret->message));
	} else if (r.stage != FINISHED) {
		parse_fail(ret, "the output is cut short: IOR did not print that it finished");
	} else if (!ret->n && !strstr(ret->command, "--dryRun")) {
		parse_fail(ret, "the output holds no results");
	}
	forget(r.columns, &r.n_columns);
	forget(r.totals, &r.n_totals);
	if (rc) {
		result_set_fini(ret);
		return err_set(err, rc, "reading IOR's output");
	}
	return 0;
}
