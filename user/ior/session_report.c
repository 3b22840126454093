// SPDX-License-Identifier: Apache-2.0
/* What follows a phase: verdict, warnings, the row, per-rank details. */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <mpi.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "ior/files.h"
#include "ior/options.h"
#include "ior/session.h"
#include "ior/world.h"

void session_warn(struct session *s, const char *fmt, ...)
{
	va_list ap;

	s->warnings++;
	fputs("WARNING: ", s->log);
	va_start(ap, fmt);
	vfprintf(s->log, fmt, ap);
	va_end(ap);
	fputc('\n', s->log);
	fflush(s->log);
}

static void report_wrong_data(struct session *s, const struct phase *p)
{
	uint64_t wrong = 0;
	int first = -1;

	for (int i = 0; i < s->world->size; i++) {
		if (s->all[i].wrong_transfers && first < 0)
			first = i;
		wrong += s->all[i].wrong_transfers;
	}
	if (!wrong)
		return;
	s->wrong_transfers += wrong;
	session_warn(s, "Incorrect data on %s (%" PRIu64 " errors found).", phase_name(p->kind),
		     wrong);
	fprintf(s->log,
		"First wrong byte: rank %d, offset %" PRIu64 ", expected 0x%02x, found 0x%02x\n",
		first, s->all[first].wrong_offset, s->all[first].wrong_expected,
		s->all[first].wrong_found);
	fprintf(s->log, "Used Time Stamp %u (0x%x) for Data Signature\n",
		s->engine.pattern.signature, s->engine.pattern.signature);
}

/* @stat is UINT64_MAX when the files have no size to compare. */
static void report_sizes(struct session *s, uint64_t stat, uint64_t moved)
{
	const struct ior_options *o = s->options;
	uint64_t expected = o->block_bytes * (uint64_t)o->segments * (uint64_t)s->world->size;

	if (moved == expected && (stat == expected || stat == UINT64_MAX))
		return;
	session_warn(s, "Expected aggregate file size       = %" PRIu64, expected);
	if (stat != UINT64_MAX)
		session_warn(s, "Stat() of aggregate file size      = %" PRIu64, stat);
	session_warn(s, "Using actual aggregate bytes moved = %" PRIu64, moved);
	if (o->deadline_s)
		session_warn(s, "Maybe caused by deadlineForStonewalling");
}

static void report_outliers(struct session *s, const struct phase *p, int from, int to,
			    const char *what)
{
	double sum = 0, squares = 0, mean, sd;
	int n = s->world->size;

	for (int i = 0; i < n; i++) {
		double v = (double)(s->all[i].t_ns[to] - s->all[i].t_ns[from]) / 1e9;

		sum += v;
		squares += v * v;
	}
	mean = sum / n;
	sd = sqrt(fmax(0, squares / n - mean * mean));
	for (int i = 0; i < n; i++) {
		double v = (double)(s->all[i].t_ns[to] - s->all[i].t_ns[from]) / 1e9;

		if (fabs(v - mean) > (double)s->options->outlier_s)
			session_warn(s, "for task %d, %s %s is %.2f s (mean=%.2f, stddev=%.2f)", i,
				     phase_name(p->kind), what, v, mean, sd);
	}
}

static void report_stonewall(struct session *s, const struct row *row)
{
	if (!row->has_stonewall)
		return;
	fprintf(s->log,
		"stonewalling pairs accessed min: %" PRIu64 " max: %" PRIu64
		" -- min data: %.1f GiB mean data: %.1f GiB time: %.1fs\n",
		row->stonewall_min, row->stonewall_max, row->stonewall_min_mib / 1024,
		row->stonewall_mib / 1024, row->stonewall_s);
}

static int save_rank_csv(struct session *s, const struct phase *p, struct err *err)
{
	cleanup_fclose FILE *f = fopen(s->options->rank_csv, "ae");

	if (!f)
		return err_set(err, -errno, "cannot write rank details '%s'", s->options->rank_csv);
	fseek(f, 0, SEEK_END);
	if (ftell(f) == 0)
		fputs("access,rank,runtime-with-openclose,runtime,throughput-withopenclose,"
		      "throughput,iter,bytes\n",
		      f);
	for (int i = 0; i < s->world->size; i++) {
		const struct rank_result *r = &s->all[i];
		double whole = (double)(r->t_ns[T_CLOSED] - r->t_ns[T_OPEN]) / 1e9;
		double inner = (double)(r->t_ns[T_DONE] - r->t_ns[T_START]) / 1e9;

		fprintf(f, "%s,%d,%.9f,%.9f,%.4f,%.4f,%d,%" PRIu64 "\n", phase_name(p->kind), i,
			whole, inner, whole > 0 ? (double)r->bytes / whole : 0,
			inner > 0 ? (double)r->bytes / inner : 0, p->rep, r->bytes);
	}
	if (fflush(f))
		return err_set(err, -errno, "cannot write rank details '%s'", s->options->rank_csv);
	return 0;
}

/* Room for one more row; NULL when out of memory. */
static struct row *next_row(struct session *s)
{
	size_t n = s->report.n_rows;
	struct row *rows = s->rows;

	if ((n & (n - 1)) == 0) { /* doubles at each power of two */
		rows = realloc(rows, (n ? 2 * n : 1) * sizeof(*rows));
		if (!rows)
			return NULL;
		s->rows = rows;
		s->report.rows = rows;
	}
	return &rows[n];
}

/* Rank 0. */
static int report_row(struct session *s, const struct phase *p, uint64_t stat, struct err *err)
{
	const struct ior_options *o = s->options;
	struct row *row = next_row(s);

	if (!row)
		return err_set(err, -ENOMEM, "room for the results");
	*row = (struct row){ .access = phase_name(p->kind), .rep = p->rep };
	row_fill(row, o, s->all, s->world->size);
	report_wrong_data(s, p);
	if (p->kind == PHASE_WRITE_CHECK)
		return 0;
	report_sizes(s, stat, row->bytes);
	if (o->outlier_s) {
		report_outliers(s, p, T_OPEN, T_OPENED, "elapsed open");
		report_outliers(s, p, T_START, T_DONE, "elapsed transfer");
		report_outliers(s, p, T_CLOSE, T_CLOSED, "elapsed close");
	}
	report_stonewall(s, row);
	s->output->row(s->results, &s->report, row);
	s->report.n_rows++;
	return o->rank_csv ? save_rank_csv(s, p, err) : 0;
}

/* Sum over the files; UINT64_MAX when one has none. Collective. */
static int stat_files(struct session *s, uint64_t *ret, struct err *err)
{
	bool mine = s->options->file_per_proc || s->world->rank == 0;
	uint64_t size = 0, no_size, any_no_size;
	int rc = mine ? files_size(s->path, &size, err) : 0;

	rc = world_agree(s->world, rc, err);
	if (rc)
		return rc;
	no_size = size == UINT64_MAX;
	MPI_Allreduce(&no_size, &any_no_size, 1, MPI_UINT64_T, MPI_MAX, s->world->comm);
	MPI_Allreduce(&size, ret, 1, MPI_UINT64_T, MPI_SUM, s->world->comm);
	if (any_no_size)
		*ret = UINT64_MAX;
	return 0;
}

int session_report(struct session *s, const struct phase *p, const struct rank_result *mine, int rc,
		   struct err *err)
{
	uint64_t counts[2], stat = UINT64_MAX;

	rc = world_agree(s->world, rc, err);
	if (rc)
		return rc;
	MPI_Gather(mine, sizeof(*mine), MPI_BYTE, s->all, sizeof(*mine), MPI_BYTE, 0,
		   s->world->comm);
	rc = stat_files(s, &stat, err);
	if (rc)
		return rc;
	if (s->engine.oplog.v && p->kind != PHASE_WRITE_CHECK)
		rc = oplog_save(&s->engine.oplog, s->options->op_csv, s->world->rank,
				phase_name(p->kind), p->rep, err);
	if (s->world->rank == 0 && !rc)
		rc = report_row(s, p, stat, err);
	rc = world_agree(s->world, rc, err);
	if (rc)
		return rc;

	counts[0] = s->wrong_transfers;
	counts[1] = s->warnings;
	MPI_Bcast(counts, 2, MPI_UINT64_T, 0, s->world->comm);
	s->wrong_transfers = counts[0];
	s->warnings = counts[1];
	if (s->warnings && s->options->warnings_fail)
		return err_say(err, -ECANCELED, "a warning ends the run (--warningAsErrors)");
	return 0;
}
