// SPDX-License-Identifier: Apache-2.0
/* IOR's file of the calls of one rank: what they took, sorted, is the latency of each phase. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "launch/parse_csv.h"
#include "launch/parse_tool.h"

#define MIB 0x1p20
#define MAX_CALLS (64u << 20)

/* Calls of one phase; upstream does not tell of which one, and keeps only the last. */
struct calls {
	char op[32];
	int iteration;
	double *v; /* seconds each; owned */
	size_t n, cap;
	double bytes, sum_s, begin_s, end_s;
	bool told; /* how many they are */
};

static int add_call(struct calls *c, double begin_s, double took_s, double bytes)
{
	if (c->n == c->cap) {
		size_t cap = c->cap ? 2 * c->cap : 1024;
		double *v = cap > MAX_CALLS ? NULL : reallocarray(c->v, cap, sizeof(*v));

		if (!v)
			return -ENOMEM;
		c->v = v;
		c->cap = cap;
	}
	if (!c->n || begin_s < c->begin_s)
		c->begin_s = begin_s;
	if (!c->n || begin_s + took_s > c->end_s)
		c->end_s = begin_s + took_s;
	c->v[c->n++] = took_s;
	c->bytes += bytes;
	c->sum_s += took_s;
	return 0;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Nearest rank: the least time that so many of the calls do not exceed. */
static double quantile(const struct calls *c, double q)
{
	size_t at = (size_t)ceil(q * (double)c->n);

	return c->v[at ? at - 1 : 0];
}

static int put_phase(struct result_set *set, struct calls *c)
{
	struct result *r;

	if (!c->n)
		return 0;
	if (!c->told && strcmp(set->binary, "ior"))
		parse_fail(set,
			   "the file is cut short: it does not tell how many calls there were");
	c->told = false;
	r = result_add(set);
	if (!r)
		return -ENOMEM;
	qsort(c->v, c->n, sizeof(*c->v), compare);
	strcpy(r->op, c->op);
	r->iteration = c->iteration;
	r->calls = (double)c->n;
	r->bytes = c->bytes > 0 ? round(c->bytes) : NAN;
	r->wrrd_s = c->end_s - c->begin_s;
	r->latency_s = c->sum_s / (double)c->n;
	r->min_s = c->v[0];
	r->p50_s = quantile(c, 0.5);
	r->p90_s = quantile(c, 0.9);
	r->p99_s = quantile(c, 0.99);
	r->p999_s = quantile(c, 0.999);
	r->max_s = c->v[c->n - 1];
	if (r->wrrd_s > 0)
		r->bw_mib_s = r->bytes / MIB / r->wrrd_s;
	c->n = 0;
	c->bytes = c->sum_s = 0;
	return 0;
}

struct call {
	double begin_s, took_s, bytes;
};

/* "time,runtime,tp": seconds since some time, seconds, bytes per second. */
static void read_upstream(struct result_set *set, const struct parse_csv *csv, double *size,
			  struct call *ret)
{
	double speed = parse_number(csv->words[2]), bytes;

	ret->begin_s = parse_number(csv->words[0]);
	ret->took_s = parse_number(csv->words[1]);
	bytes = speed * ret->took_s;
	if (isnan(*size))
		*size = bytes;
	/* All calls of a test are of the same size. */
	if (isnan(bytes) || isnan(ret->begin_s) || fabs(bytes - *size) > 1e-4 * *size)
		parse_fail(set, "a row is cut short or damaged");
	ret->bytes = *size;
}

/* As cbpf-ior writes it: by header, with bytes. */
static void read_ours(struct result_set *set, const struct parse_csv *csv, struct call *ret)
{
	ret->begin_s = parse_csv_number(csv, "begin_ns") / 1e9;
	ret->took_s = parse_csv_number(csv, "runtime");
	ret->bytes = parse_csv_number(csv, "bytes");
	if (csv->n < csv->n_columns || isnan(ret->begin_s) || isnan(ret->took_s) ||
	    isnan(ret->bytes))
		parse_fail(set, "a row is cut short or damaged");
}

/* "# write 0: 16 calls" behind them; or that there were more. */
static void read_count(struct result_set *set, const char *line, struct calls *calls)
{
	char op[16] = "";
	unsigned long long n = 0;
	int iteration = -1;

	if (sscanf(line, "# %15[a-z] %d: %llu calls", op, &iteration, &n) != 3) {
		parse_fail(set, line);
		return;
	}
	if (!calls->n && !n)
		return;
	if (calls->told || calls->n != n || calls->iteration != iteration || strcmp(calls->op, op))
		parse_fail(set, "lines of the file are missing or out of order");
	calls->told = true;
}

static int read_row(struct result_set *set, const struct parse_csv *csv, struct calls *calls,
		    double *size)
{
	bool ours = csv->n_columns > 3;
	struct call call;
	int rc = 0;

	if (!csv->n_columns) {
		parse_fail(set, "lines of the file are missing or out of order");
		return 0;
	}
	if (*csv->words[0] == '#') {
		read_count(set, csv->words[0], calls);
		return 0;
	}
	if (ours) {
		int iteration = parse_int(parse_csv_number(csv, "iter"));

		if (strcmp(calls->op, csv->words[0]) || calls->iteration != iteration ||
		    calls->told)
			rc = put_phase(set, calls);
		snprintf(calls->op, sizeof(calls->op), "%s", csv->words[0]);
		calls->iteration = iteration;
		read_ours(set, csv, &call);
	} else {
		read_upstream(set, csv, size, &call);
	}
	if (!rc && !isnan(call.took_s) && !isnan(call.begin_s))
		rc = add_call(calls, call.begin_s, call.took_s, call.bytes);
	return rc;
}

/* Lines of a phase stand together: what comes twice was torn apart. */
static void check_phases(struct result_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		for (size_t k = 0; k < i; k++)
			if (!strcmp(set->v[i].op, set->v[k].op) &&
			    set->v[i].iteration == set->v[k].iteration) {
				parse_fail(set, "lines of the file are missing or out of order");
				return;
			}
}

int parse_ior_op_csv(const char *text, size_t len, struct result_set *ret, struct err *err)
{
	bool ours = len >= 7 && !memcmp(text, "access,", 7);
	struct calls calls = { .op = "call", .iteration = -1 };
	struct parse_csv csv;
	double size = NAN;
	int rc = 0;

	*ret = (struct result_set){ .status = RESULT_OK, .tool = "ior", .source = "call csv" };
	strcpy(ret->binary, ours ? "cbpf-ior" : "ior");
	parse_csv_begin(&csv, text, len, ours ? "access,iter,begin_ns" : "time,runtime,tp");
	while (!rc && parse_csv_row(&csv))
		rc = read_row(ret, &csv, &calls, &size);
	if (!rc)
		rc = put_phase(ret, &calls);
	free(calls.v);
	if (rc) {
		result_set_fini(ret);
		return err_set(err, rc, "reading IOR's file of calls");
	}
	check_phases(ret);
	if (!parse_whole_lines(text, len))
		parse_fail(ret, "the file is cut short: its last line does not end");
	else if (!ret->n)
		parse_fail(ret, "the file holds no calls");
	return 0;
}
