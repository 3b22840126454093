// SPDX-License-Identifier: Apache-2.0
/* cbpf parse: what a benchmark tool printed, as JSON or a table. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/result.h"
#include "cmd/command.h"
#include "launch/parse.h"

#define OUTPUT_MAX (256 << 20)

struct parse_options {
	enum flag json;
};

static const struct option_row parse_rows[] = { { .name = "json",
						  .type = OPTION_BOOL,
						  .offset = offsetof(struct parse_options, json),
						  .preset = "false",
						  .help = "print one JSON object" },
						{ 0 } };

static void put_number(json_t *o, const char *key, double v)
{
	if (isnan(v))
		return;
	json_object_set_new(o, key,
			    v == floor(v) && fabs(v) < 0x1p53 ? json_integer(v) : json_real(v));
}

static json_t *row_json(const struct result *r)
{
	json_t *o = json_pack("{s:s}", "op", r->op);

	if (r->job[0])
		json_object_set_new(o, "job", json_string(r->job));
	put_number(o, "test", r->test < 0 ? NAN : r->test);
	put_number(o, "rank", r->rank < 0 ? NAN : r->rank);

	put_number(o, "iteration", r->iteration < 0 ? NAN : r->iteration);
	put_number(o, "tasks", r->tasks < 0 ? NAN : r->tasks);
	put_number(o, "bytes", r->bytes);
	put_number(o, "bw_mib_s", r->bw_mib_s);
	put_number(o, "iops", r->iops);
	put_number(o, "latency_s", r->latency_s);
	put_number(o, "block_kib", r->block_kib);
	put_number(o, "xfer_kib", r->xfer_kib);
	put_number(o, "open_s", r->open_s);
	put_number(o, "wrrd_s", r->wrrd_s);
	put_number(o, "close_s", r->close_s);
	put_number(o, "total_s", r->total_s);
	put_number(o, "begin_ns", r->begin_ns);
	put_number(o, "end_ns", r->end_ns);
	put_number(o, "calls", r->calls);
	put_number(o, "errors", r->errors);
	put_number(o, "min_s", r->min_s);
	put_number(o, "p50_s", r->p50_s);
	put_number(o, "p90_s", r->p90_s);
	put_number(o, "p99_s", r->p99_s);
	put_number(o, "p999_s", r->p999_s);
	put_number(o, "max_s", r->max_s);
	put_number(o, "stonewall_s", r->stonewall_s);
	return o;
}

static void print_json(const struct result_set *set)
{
	json_t *rows = json_array(), *o;

	for (size_t i = 0; i < set->n; i++)
		json_array_append_new(rows, row_json(&set->v[i]));
	/* Tools print whatever bytes a user's file name holds: those that are no UTF-8 are left out. */
	o = json_pack("{s:s, s:s*, s:s*, s:s, s:s*, s:s, s:o}", "tool", set->tool, "binary",
		      set->binary[0] ? set->binary : NULL, "version",
		      set->version[0] ? set->version : NULL, "source", set->source, "command",
		      set->command[0] ? set->command : NULL, "status",
		      result_status_name(set->status), "results", rows);
	if (!o)
		o = json_pack("{s:s, s:s, s:s, s:o}", "tool", set->tool, "source", set->source,
			      "status", result_status_name(set->status), "results", rows);
	if (set->message[0])
		json_object_set_new(o, "message", json_string(set->message));
	json_dumpf(o, stdout, JSON_COMPACT | JSON_REAL_PRECISION(15));
	putchar('\n');
	json_decref(o);
}

static void print_cell(double v, int width, int digits)
{
	if (isnan(v))
		printf(" %*s", width, "-");
	else
		printf(" %*.*f", width, digits, v);
}

/* "write", "write of rank 3", "randread: write", and from the second test of a script on "1: write" */
static void name_row(const struct result *r, char *text, size_t size)
{
	int n = r->test > 0 ? snprintf(text, size, "%d: ", r->test) : 0;

	n += snprintf(text + n, size - n, "%s%s%s", r->job, r->job[0] ? ": " : "", r->op);
	if (r->rank >= 0)
		snprintf(text + n, size - n, " of rank %d", r->rank);
}

static void print_table(const struct result_set *set)
{
	printf("%s %s: %s%s%s\n", set->binary, set->version, result_status_name(set->status),
	       set->message[0] ? ": " : "", set->message);
	if (!set->n)
		return;
	printf("%-20s %4s %15s %11s %13s %12s %12s %10s\n", "op", "iter", "bytes", "MiB/s", "IOPS",
	       "latency us", "p99 us", "total s");
	for (size_t i = 0; i < set->n; i++) {
		const struct result *r = &set->v[i];

		char op[sizeof(r->op) + sizeof(r->job) + 32];

		name_row(r, op, sizeof(op));
		printf("%-20s", op);
		print_cell(r->iteration < 0 ? NAN : r->iteration, 4, 0);
		print_cell(r->bytes, 15, 0);
		print_cell(r->bw_mib_s, 11, 2);
		print_cell(r->iops, 13, 1);
		print_cell(r->latency_s * 1e6, 12, 1);
		print_cell(r->p99_s * 1e6, 12, 1);
		print_cell(r->total_s, 10, 4);
		putchar('\n');
	}
}

static int parse(void *config, int argc, char **argv)
{
	const struct parse_options *o = config;
	cleanup_buf struct buf text = BUF_INIT(OUTPUT_MAX);
	struct result_set set = { 0 };
	struct err err = { 0 };
	int rc, status;

	if (argc != 1)
		return fail(EXIT_USAGE, "parse takes one FILE, '-' for standard input");
	rc = fs_slurp_at(AT_FDCWD, strcmp(argv[0], "-") ? argv[0] : "/dev/stdin", &text);
	if (rc)
		return fail(EXIT_USAGE, "reading %s: %s", argv[0], strerror(-rc));
	if (parse_results(buf_str(&text), text.len, &set, &err))
		return fail(EXIT_USAGE, "%s: %s", argv[0], err.text);
	if (o->json == FLAG_ON)
		print_json(&set);
	else
		print_table(&set);
	status = set.status == RESULT_OK ? EXIT_OK : EXIT_WORKLOAD;
	result_set_fini(&set);
	return status;
}

const struct command command_parse = {
	.name = "parse",
	.args = "FILE",
	.summary = "read what IOR, mdtest, md-workbench or fio printed",
	.description =
		"Tells the tool and the format from FILE itself ('-' is standard input): IOR's "
		"text, JSON and CSV, versions 3.2 to 4.1, its files of ranks "
		"(saveRankPerformanceDetailsCSV) and of the calls of one of them "
		"(savePerOpDataCSV); mdtest's table of rates; what md-workbench prints; fio's "
		"JSON, whose latencies are completion times. Warnings that the tool printed in "
		"between do no harm. Lines that are missing or out of order, and numbers that "
		"contradict each other, are a failure.\n\n"
		"Exit status: 0 when the results are good; 1 when the tool failed, its output is "
		"cut "
		"short, or it found incorrect data; 2 when FILE cannot be read or is no known "
		"tool's output.",
	.examples = "cbpf parse tests/data/ior/text-write-read-fpp.txt\n"
		    "cbpf parse --json tests/data/ior/summary.json\n",
	.options = parse_rows,
	.config_size = sizeof(struct parse_options),
	.run = parse,
};
