// SPDX-License-Identifier: Apache-2.0
/* IOR 4's text output, column by column. */
#include <string.h>

#include "ior/files.h"
#include "ior/options.h"
#include "ior/output.h"

#define KIB 1024.0
#define MIB 0x1p20
#define GIB 0x1p30

static void header(FILE *f, const char *key, const char *value)
{
	fprintf(f, "%-20s: %s\n", key, value);
}

static void option_line(void *ctx, const char *key, const char *text, int64_t number)
{
	char digits[32];

	snprintf(digits, sizeof(digits), "%lld", (long long)number);
	header(ctx, key, text ? text : digits);
}

static void text_space(FILE *f, const struct report *r)
{
	struct files_space s;

	if (files_space(r->path, &s))
		return;
	fprintf(f, "%-20s: %.1f %s   Used FS: %2.1f%%   Inodes: %.1f Mi   Used Inodes: %2.1f%%\n",
		"FS", s.bytes / (s.bytes >= KIB * GIB ? KIB * GIB : GIB),
		s.bytes >= KIB * GIB ? "TiB" : "GiB", s.used_pct, s.inodes / MIB,
		s.used_inodes_pct);
}

static void text_begin(FILE *f, const struct report *r)
{
	char text[512];

	fputs("IOR-" IOR_VERSION ": MPI Coordinated Test of Parallel I/O\n", f);
	header(f, "Began", output_time(text, sizeof(text)));
	header(f, "Command line", r->command);
	header(f, "Machine", output_machine(r->options->verbose > 0, text, sizeof(text)));
	header(f, "TestID", "0");
	header(f, "StartTime", output_time(text, sizeof(text)));
	header(f, "Path", r->path);
	text_space(f, r);
	fputs("\nOptions: \n", f);
	output_options(r, option_line, f);
	fputs("\nResults: \n", f);
	fflush(f);
}

static void table_head(FILE *f)
{
	fputs("\naccess    bw(MiB/s)  IOPS       Latency(s)  block(KiB) xfer(KiB)  open(s)    "
	      "wr/rd(s)   close(s)   total(s)   iter\n"
	      "------    ---------  ----       ----------  ---------- ---------  --------   "
	      "--------   --------   --------   ----\n",
	      f);
	fflush(f);
}

/* The table's head is printed once, after the first signature. */
static void text_table(FILE *f, const struct report *r, uint32_t signature)
{
	if (r->options->verbose)
		fprintf(f, "Using Time Stamp %u (0x%x) for Data Signature\n", signature, signature);
	if (r->n_rows == 0)
		table_head(f);
}

/* IOR's precision: six digits below one, two below 3600, none above. */
static void number(FILE *f, double v, const char *gap)
{
	int digits = v < 1 ? 6 : v < 3600 ? 2 : 0;

	fprintf(f, "%-10.*f%s", digits, v, gap);
}

static void text_row(FILE *f, const struct report *r, const struct row *row)
{
	fprintf(f, "%-10s", row->access);
	number(f, row->bw_mib, " ");
	number(f, row->iops, " ");
	number(f, row->latency_s, "  ");
	number(f, (double)r->options->block_bytes / KIB, " ");
	number(f, (double)r->options->transfer_bytes / KIB, " ");
	number(f, row->open_s, " ");
	number(f, row->wrrd_s, " ");
	number(f, row->close_s, " ");
	number(f, row->total_s, " ");
	fprintf(f, "%-4d\n", row->rep);
	fflush(f);
}

static void text_removed(FILE *f, const struct report *r, int rep, double seconds)
{
	if (!r->options->verbose)
		return;
	fprintf(f, "%-10s%-10s %-10s %-10s  %-10s %-10s %-10s %-10s %-10s ", "remove", "-", "-",
		"-", "-", "-", "-", "-", "-");
	number(f, seconds, " ");
	fprintf(f, "%-4d\n", rep);
}

static void text_max(FILE *f, const struct report *r, const char *access, const char *label)
{
	struct row_summary s;

	if (row_summarize(&s, r->rows, r->n_rows, access, r->options->transfer_bytes))
		fprintf(f, "%-10s %.2f MiB/sec (%.2f MB/sec)\n", label, s.bw.max,
			s.bw.max * MIB / 1e6);
}

static void text_summary(FILE *f, const struct report *r, const char *access)
{
	const struct ior_options *o = r->options;
	struct row_summary s;

	if (!row_summarize(&s, r->rows, r->n_rows, access, o->transfer_bytes))
		return;
	fprintf(f, "%-9s %10.2f %10.2f %10.2f %10.2f %10.2f %10.2f %10.2f %10.2f %10.5f ", access,
		s.bw.max, s.bw.min, s.bw.mean, s.bw.sd, s.ops.max, s.ops.min, s.ops.mean, s.ops.sd,
		s.mean_s);
	if (s.has_stonewall)
		fprintf(f, "%10.2f %13.2f ", s.stonewall_s, s.stonewall_mib);
	else
		fprintf(f, "%10s %13s ", "NA", "NA");
	fprintf(f, "%5d %6d %3d %4lld %3lld %5d %8lld %9lld %4lld ", 0, r->tasks, r->tasks_per_node,
		(long long)o->repetitions, (long long)o->file_per_proc,
		(int)(o->reorder_constant || o->reorder_random), (long long)o->task_offset,
		(long long)o->reorder_random, (long long)o->reorder_seed);
	fprintf(f, "%6lld %8llu %8llu %9.1f %s %6d\n", (long long)o->segments,
		(unsigned long long)o->block_bytes, (unsigned long long)o->transfer_bytes,
		s.bytes / MIB, ior_api_name(o), 0);
}

static void text_end(FILE *f, const struct report *r)
{
	char text[64];

	if (r->aborted)
		return;
	if (r->options->verbose) {
		text_max(f, r, "write", "Max Write:");
		text_max(f, r, "read", "Max Read:");
	}
	fputs("\nSummary of all tests:\n"
	      "Operation   Max(MiB)   Min(MiB)  Mean(MiB)     StdDev   Max(OPs)   Min(OPs)  "
	      "Mean(OPs)"
	      "     StdDev    Mean(s) Stonewall(s) Stonewall(MiB) Test# #Tasks tPN reps fPP reord"
	      " reordoff reordrand seed segcnt   blksiz    xsize aggs(MiB)   API RefNum\n",
	      f);
	text_summary(f, r, "write");
	text_summary(f, r, "read");
	header(f, "Finished", output_time(text, sizeof(text)));
}

const struct output output_text = {
	.begin = text_begin,
	.table = text_table,
	.row = text_row,
	.removed = text_removed,
	.end = text_end,
};
