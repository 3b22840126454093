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

static double number(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return json_is_number(v) ? json_number_value(v) : NAN;
}

static void text_of(const json_t *o, const char *key, char *text, size_t size)
{
	const char *s = json_string_value(json_object_get(o, key));

	snprintf(text, size, "%s", s ? s : "");
}

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

/* One test of the file: what its results are read with. */
struct test {
	const json_t *summary; /* of all tests */
	double id, tasks;
	double bytes; /* that a phase moves when it is not cut short */
	double xfer;
	bool stonewalled; /* phases may be cut short */
	size_t first; /* its first row */
};

static void read_test(const json_t *o, const json_t *summary, struct test *t)
{
	const json_t *p = json_object_get(o, "Parameters");
	const json_t *row;
	size_t i;

	t->summary = summary;
	t->id = number(o, "TestID");
	t->tasks = number(json_object_get(o, "Options"), "tasks");
	json_array_foreach(summary, i, row) {
		if (isnan(t->tasks) && number(row, "TestID") == t->id)
			t->tasks = number(row, "numTasks");
	}
	t->bytes = number(p, "blockSize") * number(p, "segmentCount") * t->tasks;
	t->xfer = number(p, "transferSize");
	t->stonewalled = number(p, "deadlineForStonewall") > 0;
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
		double bytes = number(row, "xsizeMiB") * 0x1p20;

		if (iteration != 0 || !operation || strcmp(operation, op) ||
		    number(row, "TestID") != t->id)
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

static int read_result(struct result_set *set, const json_t *o, const struct test *t)
{
	char op[sizeof(set->v[0].op)];
	struct result *r;
	int iteration;

	text_of(o, "access", op, sizeof(op));
	iteration = nth(set, t->first, op);
	r = result_add(set);
	if (!r)
		return -ENOMEM;
	strcpy(r->op, op);
	r->iteration = isnan(number(o, "iter")) ? iteration : parse_int(number(o, "iter"));
	r->bw_mib_s = number(o, "bwMiB");
	r->iops = number(o, "iops");
	r->latency_s = number(o, "latency");
	/* Upstream prints four decimals: 40 us read 0.0000, which is not a latency. */
	if (r->latency_s == 0)
		r->latency_s = NAN;
	r->block_kib = number(o, "blockKiB");
	r->xfer_kib = number(o, "xferKiB");
	r->open_s = number(o, "openTime");
	r->wrrd_s = number(o, "wrRdTime");
	r->close_s = number(o, "closeTime");
	r->total_s = number(o, "totalTime");
	r->begin_ns = number(o, "beginNs");
	r->end_ns = number(o, "endNs");
	r->tasks = parse_int(t->tasks);
	if (!isnan(number(o, "bytes")))
		r->bytes = number(o, "bytes");
	else if (!strcmp(op, "write") || !strcmp(op, "read"))
		r->bytes = t->stonewalled ? moved_bytes(t, op, r->iteration) : t->bytes;
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

		read_test(o, json_object_get(root, "summary"), &t);
		rc = read_results(set, json_object_get(o, "Results"), &t);
		if (rc)
			return rc;
	}
	return 0;
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
	text_of(root, "Version", ret->version, sizeof(ret->version));
	text_of(root, "Command line", ret->command, sizeof(ret->command));
	parse_ior_binary(ret);
	rc = read_tests(ret, root);
	/* Only cbpf-ior writes why it failed, and warns of wrong data elsewhere. */
	error = json_string_value(json_object_get(root, "Error"));
	if (parse_found_corruption(text, len) || (error && strstr(error, "wrong data"))) {
		ret->status = RESULT_CORRUPT;
		strcpy(ret->message, "IOR found incorrect data");
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
