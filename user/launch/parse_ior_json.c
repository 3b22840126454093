// SPDX-License-Identifier: Apache-2.0
/* IOR's JSON summary, also where other lines were printed into it. */
#include <errno.h>
#include <jansson.h>
#include <math.h>
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

/* How many bytes each phase of a test moves, unless a stonewall may have cut it short. */
static double planned_bytes(const json_t *test, const json_t *summary, double *ret_tasks)
{
	const json_t *p = json_object_get(test, "Parameters");
	double bytes = number(p, "blockSize") * number(p, "segmentCount");
	json_t *row;
	size_t i;

	*ret_tasks = number(json_object_get(test, "Options"), "tasks");
	json_array_foreach(summary, i,
			   row) if (isnan(*ret_tasks) &&
				    number(row, "TestID") == number(test, "TestID")) *ret_tasks =
		number(row, "numTasks");
	return number(p, "deadlineForStonewall") > 0 ? NAN : bytes * *ret_tasks;
}

/* Repetition of a row: how many of the same kind stand before it. */
static int nth(const struct result_set *set, size_t first, const char *op)
{
	int n = 0;

	for (size_t i = first; i < set->n; i++)
		n += !strcmp(set->v[i].op, op);
	return n;
}

static int read_result(struct result_set *set, const json_t *o, size_t first, double bytes,
		       double tasks)
{
	char op[sizeof(set->v[0].op)];
	struct result *r;
	int iteration;

	text_of(o, "access", op, sizeof(op));
	iteration = nth(set, first, op);
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
	if (!strcmp(op, "write") || !strcmp(op, "read"))
		r->bytes = isnan(number(o, "bytes")) ? bytes : number(o, "bytes");
	r->tasks = parse_int(tasks);
	return 0;
}

static int read_tests(struct result_set *set, const json_t *root)
{
	json_t *test, *result;
	size_t i, j;

	json_array_foreach(json_object_get(root, "tests"), i, test)
	{
		size_t first = set->n;
		double tasks, bytes = planned_bytes(test, json_object_get(root, "summary"), &tasks);

		json_array_foreach(json_object_get(test, "Results"), j, result)
		{
			int rc = read_result(set, result, first, bytes, tasks);

			if (rc)
				return rc;
		}
	}
	return 0;
}

int parse_ior_json(const char *text, size_t len, struct result_set *ret, struct err *err)
{
	const char *start = memchr(text, '{', len);
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
	if (parse_found_corruption(text, len)) {
		ret->status = RESULT_CORRUPT;
		strcpy(ret->message, "IOR found incorrect data");
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
