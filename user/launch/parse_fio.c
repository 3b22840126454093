// SPDX-License-Identifier: Apache-2.0
/* fio's JSON, with whatever it printed around it. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "launch/parse_tool.h"

#define DAMAGED_EILSEQ 84 /* fio's error of a verify that failed */

/* Bandwidth and rate are bytes and calls by run time, which is in whole ms. */
static bool is_quotient(double quotient, double of, double by_ms)
{
	double least, most;

	if (isnan(quotient) || isnan(of) || isnan(by_ms) || by_ms <= 0)
		return true;
	least = of / (by_ms + 1) * 1000;
	most = by_ms > 1 ? of / (by_ms - 1) * 1000 : INFINITY;
	return quotient >= least * 0.99 - 1024 && quotient <= most * 1.01 + 1024;
}

static double percentile(const json_t *latency, const char *which, double unit)
{
	return parse_json_number(json_object_get(latency, "percentile"), which) * unit;
}

/* Since 3.0 in ns, before in us. Completion times: what percentiles are of unless asked. */
static const json_t *latency_of(const json_t *o, double *ret_unit)
{
	static const struct {
		const char *key;
		double unit;
	} keys[] = { { "clat_ns", 1e-9 }, { "lat_ns", 1e-9 }, { "clat", 1e-6 }, { "lat", 1e-6 } };
	const json_t *best = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const json_t *l = json_object_get(o, keys[i].key);

		if (!json_is_object(l) ||
		    (json_object_get(l, "N") && !(parse_json_number(l, "N") > 0)))
			continue;
		/* With lat_percentiles=1 only the whole latency has them. */
		if (best &&
		    (json_object_get(best, "percentile") || !json_object_get(l, "percentile")))
			continue;
		best = l;
		*ret_unit = keys[i].unit;
	}
	return best;
}

static void read_latency(struct result_set *set, struct result *r, const json_t *o)
{
	double unit = 1;
	const json_t *l = latency_of(o, &unit);

	if (!l)
		return;
	r->latency_s = parse_json_number(l, "mean") * unit;
	r->min_s = parse_json_number(l, "min") * unit;
	r->max_s = parse_json_number(l, "max") * unit;
	r->p50_s = percentile(l, "50.000000", unit);
	r->p90_s = percentile(l, "90.000000", unit);
	r->p99_s = percentile(l, "99.000000", unit);
	r->p999_s = percentile(l, "99.900000", unit);
	if (r->p50_s > r->p90_s || r->p90_s > r->p99_s || r->p99_s > r->p999_s ||
	    r->min_s > r->max_s || r->latency_s > r->max_s)
		parse_fail(set, "the JSON contradicts itself: percentiles do not ascend");
}

static int read_op(struct result_set *set, const json_t *job, const char *op)
{
	const json_t *o = json_object_get(job, op);
	bool old = !json_object_get(o, "clat_ns") && !json_object_get(o, "lat_ns"); /* before 3.0 */
	double ios = parse_json_number(o, "total_ios"), bytes, ms;
	struct result *r;

	if (!(ios > 0) && !(parse_json_number(o, "io_bytes") > 0))
		return 0;
	r = result_add(set);
	if (!r)
		return -ENOMEM;
	snprintf(r->op, sizeof(r->op), "%s", op);
	parse_json_text(job, "jobname", r->job, sizeof(r->job));
	bytes = parse_json_number(o, "io_bytes");
	if (isnan(bytes) && old)
		bytes = parse_json_number(o, "io_kbytes") * 1024;
	ms = parse_json_number(o, "runtime");
	r->bytes = bytes;
	r->calls = ios;
	r->bw_mib_s = parse_json_number(o, "bw_bytes") / 0x1p20;
	if (isnan(r->bw_mib_s) && old)
		r->bw_mib_s = parse_json_number(o, "bw") / 1024;
	r->iops = parse_json_number(o, "iops");
	/* Of less than a millisecond nothing is known but that. */
	if (ms > 0)
		r->total_s = ms / 1e3;
	if (strcmp(op, "sync") &&
	    (!is_quotient(r->bw_mib_s * 0x1p20, bytes, ms) || !is_quotient(r->iops, ios, ms)))
		parse_fail(set, "the JSON contradicts itself: bandwidth is not bytes by time");
	read_latency(set, r, o);
	return 0;
}

static void fail_job(struct result_set *set, const json_t *job, int code)
{
	char text[sizeof(set->message)], name[64];

	parse_json_text(job, "jobname", name, sizeof(name));
	if (code == DAMAGED_EILSEQ) {
		set->status = RESULT_CORRUPT;
		snprintf(set->message, sizeof(set->message), "job %s found incorrect data", name);
		return;
	}
	snprintf(text, sizeof(text), "job %s failed with error %d (%s)", name, code,
		 strerror(code));
	parse_fail(set, text);
}

static int read_job(struct result_set *set, const json_t *job)
{
	/* With unified_rw_reporting there is one row of all, or beside the others. */
	static const char *const ops[] = { "read", "write", "trim", "mixed", "sync" };
	double code = parse_json_number(job, "error"), all = parse_json_number(job, "total_err");
	size_t first = set->n;
	char text[sizeof(set->message)], name[64];
	int rc = 0;

	for (size_t i = 0; !rc && i < ARRAY_SIZE(ops); i++)
		rc = read_op(set, job, ops[i]);
	if (rc)
		return rc;
	if (all > 0) /* with continue_on_error */
		for (size_t i = first; i < set->n; i++)
			set->v[i].errors = all;
	if (code > 0 && code < 4096)
		fail_job(set, job, (int)code);
	else if (isnan(code))
		parse_fail(set, "the JSON does not say whether a job failed");
	parse_json_text(job, "jobname", name, sizeof(name));
	snprintf(text, sizeof(text), "job %s did nothing", name);
	if (set->n == first)
		parse_fail(set, text);
	return 0;
}

/* The last of the objects that name fio: it prints one for each --status-interval. */
static json_t *find_object(const char *text, size_t len, bool *ret_cut)
{
	static const char mark[] = "\"fio version\"";
	const char *end = text + len, *at = text;
	json_t *found = NULL;

	*ret_cut = false;
	while ((at = memchr(at, '{', end - at))) {
		const char *key = at + 1;
		json_error_t where;
		json_t *o;

		while (key < end && strchr(" \t\r\n", *key))
			key++;
		if ((size_t)(end - key) < strlen(mark) || memcmp(key, mark, strlen(mark))) {
			at++;
			continue;
		}
		o = json_loadb(at, end - at, JSON_DISABLE_EOF_CHECK, &where);
		*ret_cut = !o;
		if (o) {
			json_decref(found);
			found = o;
		}
		at += o ? where.position : 1;
	}
	return found;
}

/* fio tells some things only in words, on the other stream. */
static void read_words(struct result_set *set, const char *text, size_t len)
{
	const char *at = text, *end = text + len;
	char line[1024];

	while (parse_line(&at, end, line, sizeof(line))) {
		if (!strncmp(line, "verify: bad ", 12) || !strncmp(line, "verify: wrong ", 14) ||
		    strstr(line, ": verify failed at file ")) {
			set->status = RESULT_CORRUPT;
			snprintf(set->message, sizeof(set->message), "fio found incorrect data");
		} else if (!strncmp(line, "fio: ", 5) && strstr(line, "err=")) {
			parse_fail(set, line);
		} else if (!strncmp(line, "fio: terminating on signal", 26)) {
			parse_fail(set, "fio was told to end before it was done");
		}
	}
}

int parse_fio_json(const char *text, size_t len, struct result_set *ret, struct err *err)
{
	bool cut;
	json_t *root = find_object(text, len, &cut);
	const json_t *jobs = json_object_get(root, "jobs"), *job;
	int rc = 0;
	size_t i;

	*ret = (struct result_set){
		.status = RESULT_OK, .source = "json", .tool = "fio", .binary = "fio"
	};
	parse_json_text(root, "fio version", ret->version, sizeof(ret->version));
	if (!strncmp(ret->version, "fio-", 4))
		memmove(ret->version, ret->version + 4, strlen(ret->version + 4) + 1);
	if (!jobs)
		jobs = json_object_get(root, "client_stats");
	read_words(ret, text, len);
	if (cut)
		parse_fail(ret, "the JSON is cut short or damaged");
	json_array_foreach(jobs, i, job)
		if (!rc && strcmp(json_string_value(json_object_get(job, "jobname"))
					  ? json_string_value(json_object_get(job, "jobname"))
					  : "",
				  "All clients"))
			rc = read_job(ret, job);
	if (!ret->n)
		parse_fail(ret, "the JSON holds no results");
	json_decref(root);
	if (rc) {
		result_set_fini(ret);
		return err_set(err, rc, "reading fio's JSON");
	}
	return 0;
}
