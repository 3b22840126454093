// SPDX-License-Identifier: Apache-2.0
/* IOR's JSON summary, also where other lines were printed into it. */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "launch/parse_tool.h"

/* IOR does not escape the quotes of its own arguments. */
static int put_command(struct buf *b, const char *line)
{
	static const char key[] = "\"Command line\": \"";
	const char *start = strstr(line, key), *stop = strrchr(line, '"');

	if (!start || stop < start + strlen(key))
		return buf_puts(b, line);
	start += strlen(key);
	buf_puts(b, key);
	for (const char *p = start; p < stop; p++) {
		if (*p == '"' && p[-1] != '\\')
			buf_puts(b, "\\");
		buf_put(b, p, 1);
	}
	return buf_puts(b, stop);
}

/*
 * Warnings and stonewall lines land in the middle of JSON on stdout. Lines of
 * the JSON itself begin with a bracket, a comma or a quote.
 */
static json_t *load_repaired(const char *text, size_t len)
{
	cleanup_buf struct buf b = BUF_INIT(len * 2 + 4096);
	const char *at = text, *end = text + len;
	char line[8192];

	while (parse_line(&at, end, line, sizeof(line))) {
		const char *first = line + strspn(line, " \t");

		if (!*first || !strchr("{}[],\"", *first))
			continue;
		put_command(&b, line);
		buf_puts(&b, "\n");
	}
	if (b.failed)
		return NULL;
	return json_loadb(buf_str(&b), b.len, JSON_DISABLE_EOF_CHECK, NULL);
}

#define ROUNDING 0.00005 /* of upstream's four decimals */

/* One test of the file: what its results are read with. */
struct test {
	const json_t *summary; /* of all tests */
	double id, tasks;
	double bytes; /* that a phase moves when it is not cut short */
	double xfer;
	bool stonewalled; /* phases may be cut short */
	size_t first; /* its first row */
};

static void read_test(const json_t *o, const json_t *summary, const char *command, struct test *t)
{
	const json_t *p = json_object_get(o, "Parameters");
	const json_t *row;
	size_t i;

	t->summary = summary;
	t->id = parse_json_number(o, "TestID");
	t->tasks = parse_json_number(json_object_get(o, "Options"), "tasks");
	json_array_foreach(summary, i, row) {
		if (isnan(t->tasks) && parse_json_number(row, "TestID") == t->id)
			t->tasks = parse_json_number(row, "numTasks");
	}
	t->bytes =
		parse_json_number(p, "blockSize") * parse_json_number(p, "segmentCount") * t->tasks;
	t->xfer = parse_json_number(p, "transferSize");
	/* Starting over until some time has passed moves more. */
	t->stonewalled = parse_json_number(p, "deadlineForStonewall") > 0 ||
			 strstr(command, "minTimeDuration");
}

/*
 * What a stonewalled test moved is told in MiB with four decimals, and for the
 * first repetition only; it is a whole number of transfers. NAN when unknown.
 */
static double moved_bytes(const struct test *t, const char *op, int iteration)
{
	const json_t *row;
	size_t i;

	json_array_foreach(t->summary, i, row) {
		const char *operation = json_string_value(json_object_get(row, "operation"));
		double bytes = parse_json_number(row, "xsizeMiB") * 0x1p20;

		if (iteration != 0 || !operation || strcmp(operation, op) ||
		    parse_json_number(row, "TestID") != t->id)
			continue;
		if (fabs(bytes - t->bytes) < 64)
			return t->bytes;
		return t->xfer >= 128 ? round(bytes / t->xfer) * t->xfer : NAN;
	}
	return NAN;
}

/* Repetition of a row: how many of the same kind stand before it. */
static int nth(const struct result_set *set, size_t first, const char *op)
{
	int n = 0;

	for (size_t i = first; i < set->n; i++)
		n += !strcmp(set->v[i].op, op);
	return n;
}

/* Upstream prints four decimals: 40 us read 0.0000, which is no time. */
static double parse_time(const struct result_set *set, const json_t *o, const char *key)
{
	double v = parse_json_number(o, key);

	return v == 0 && !strcmp(set->binary, "ior") ? NAN : v;
}

static int read_result(struct result_set *set, const json_t *o, const struct test *t)
{
	char op[sizeof(set->v[0].op)];
	struct result *r;
	int iteration;

	parse_json_text(o, "access", op, sizeof(op));
	iteration = nth(set, t->first, op);
	r = result_add(set);
	if (!r)
		return -ENOMEM;
	strcpy(r->op, op);
	r->iteration = isnan(parse_json_number(o, "iter"))
			       ? iteration
			       : parse_int(parse_json_number(o, "iter"));
	r->bw_mib_s = parse_json_number(o, "bwMiB");
	r->iops = parse_json_number(o, "iops");
	r->block_kib = parse_json_number(o, "blockKiB");
	r->xfer_kib = parse_json_number(o, "xferKiB");
	r->latency_s = parse_time(set, o, "latency");
	r->open_s = parse_time(set, o, "openTime");
	r->wrrd_s = parse_time(set, o, "wrRdTime");
	r->close_s = parse_time(set, o, "closeTime");
	r->total_s = parse_time(set, o, "totalTime");
	r->begin_ns = parse_json_number(o, "beginNs");
	r->end_ns = parse_json_number(o, "endNs");
	r->tasks = parse_int(t->tasks);
	r->test = parse_int(t->id);
	if (!isnan(parse_json_number(o, "bytes")))
		r->bytes = parse_json_number(o, "bytes");
	else if (!strcmp(op, "write") || !strcmp(op, "read"))
		r->bytes = t->stonewalled ? moved_bytes(t, op, r->iteration) : t->bytes;
	if (!*op)
		parse_fail(set, "the JSON is damaged: a row does not say what it is of");
	if (parse_agrees(r, ROUNDING, ROUNDING))
		return 0;
	r->bytes = NAN;
	parse_fail(set, "the JSON contradicts itself: a row's bandwidth is not its bytes by its "
			"time");
	return 0;
}

/* Up to 3.2 each repetition is an array of its own within the array. */
static int read_results(struct result_set *set, const json_t *results, const struct test *t)
{
	const json_t *o, *inner;
	size_t i, j;

	json_array_foreach(results, i, o) {
		int rc = json_is_array(o) ? 0 : read_result(set, o, t);

		json_array_foreach(o, j, inner) {
			rc = rc ? rc : read_result(set, inner, t);
		}
		if (rc)
			return rc;
	}
	return 0;
}

static int read_tests(struct result_set *set, const json_t *root)
{
	const json_t *o;
	size_t i;

	json_array_foreach(json_object_get(root, "tests"), i, o) {
		struct test t = { .first = set->n };
		int rc;

		read_test(o, json_object_get(root, "summary"), set->command, &t);
		rc = read_results(set, json_object_get(o, "Results"), &t);
		if (rc)
			return rc;
	}
	return 0;
}

/* As the test's own parameters have it, where these are told. */
static bool may_end_early(const struct result_set *set, const json_t *root, double id)
{
	const json_t *o;
	size_t i;

	json_array_foreach(json_object_get(root, "tests"), i, o) {
		double limit =
			parse_json_number(json_object_get(o, "Parameters"), "maxTimeDuration");

		if (parse_json_number(o, "TestID") == id && !isnan(limit))
			return limit > 0;
	}
	return parse_ior_may_end_early(set->command);
}

/* The summary is of the rows, and tells after what time ranks were told to end. */
static void read_summary(struct result_set *set, const json_t *root)
{
	const json_t *o;
	size_t i;

	json_array_foreach(json_object_get(root, "summary"), i, o) {
		const char *op = json_string_value(json_object_get(o, "operation"));
		struct parse_total t = {
			.op = op,
			.test = parse_int(parse_json_number(o, "TestID")),
			.max = parse_json_number(o, "bwMaxMIB"),
			.min = parse_json_number(o, "bwMinMIB"),
			.mean = parse_json_number(o, "bwMeanMIB"),
			.rounding = 2 * ROUNDING,
			.repetitions = parse_json_number(o, "repetitions"),
			.or_fewer = may_end_early(set, root, parse_json_number(o, "TestID")),
		};

		if (!op)
			continue;
		parse_ior_compare(set, &t);
		for (size_t k = 0; t.repetitions == 1 && k < set->n; k++)
			if (!strcmp(set->v[k].op, op) && set->v[k].test == t.test)
				set->v[k].stonewall_s = parse_json_number(o, "StoneWallTime");
	}
}

int parse_ior_json(const char *text, size_t len, struct result_set *ret, struct err *err)
{
	const char *start = memchr(text, '{', len);
	const char *error;
	json_t *root = NULL;
	int rc = 0;

	*ret = (struct result_set){ .status = RESULT_OK, .source = "json" };
	if (start)
		root = json_loadb(start, len - (start - text), JSON_DISABLE_EOF_CHECK, NULL);
	if (start && !root) {
		root = load_repaired(text, len);
		strcpy(ret->source, "json (repaired)");
	}
	parse_json_text(root, "Version", ret->version, sizeof(ret->version));
	parse_json_text(root, "Command line", ret->command, sizeof(ret->command));
	parse_ior_binary(ret);
	rc = read_tests(ret, root);
	read_summary(ret, root);
	/* Only cbpf-ior writes why it failed, and warns of wrong data elsewhere. */
	error = json_string_value(json_object_get(root, "Error"));
	if (parse_found_corruption(text, len) || (error && strstr(error, "wrong data"))) {
		ret->status = RESULT_CORRUPT;
		parse_say_corruption(text, len, ret->message, sizeof(ret->message));
		if (error && strstr(error, "wrong data"))
			snprintf(ret->message, sizeof(ret->message),
				 "IOR found incorrect data: %.200s", error);
	} else if (error) {
		parse_fail(ret, error);
	} else if (!root) {
		parse_fail(ret, "the JSON is cut short or damaged");
	} else if (!json_object_get(root, "Finished")) {
		parse_fail(ret, "the JSON does not say that IOR finished");
	} else if (!ret->n && !strstr(ret->command, "--dryRun")) {
		parse_fail(ret, "the JSON holds no results");
	}
	json_decref(root);
	if (rc) {
		result_set_fini(ret);
		return err_set(err, rc, "reading IOR's JSON");
	}
	return 0;
}
