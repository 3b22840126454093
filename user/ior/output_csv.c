// SPDX-License-Identifier: Apache-2.0
/* IOR's CSV summary: one line per phase. */
#include "ior/options.h"
#include "ior/output.h"

static void csv_begin(FILE *f, const struct report *r)
{
	(void)r;
	fputs("access,bw(MiB/s),IOPS,Latency,block(KiB),xfer(KiB),open(s),wr/"
	      "rd(s),close(s),total(s),"
	      "numTasks,iter\n",
	      f);
	fflush(f);
}

static void csv_row(FILE *f, const struct report *r, const struct row *row)
{
	fprintf(f, "%s,%.4f,%.4f,%.9f,%.4f,%.4f,%.9f,%.9f,%.9f,%.9f,%d,%d\n", row->access,
		row->bw_mib, row->iops, row->latency_s, (double)r->options->block_bytes / 1024,
		(double)r->options->transfer_bytes / 1024, row->open_s, row->wrrd_s, row->close_s,
		row->total_s, r->tasks, row->rep);
	fflush(f);
}

static void csv_end(FILE *f, const struct report *r)
{
	(void)r;
	fflush(f);
}

const struct output output_csv = {
	.begin = csv_begin,
	.row = csv_row,
	.end = csv_end,
};
