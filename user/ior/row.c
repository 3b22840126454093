// SPDX-License-Identifier: Apache-2.0
/* Reduction over ranks and over repetitions. */
#include "ior/row.h"

#include <math.h>
#include <string.h>

#include "ior/options.h"
#include "ior/phase.h"

#define MIB 0x1p20

/* From the first rank's @from to the last rank's @to, in seconds. */
static double span_s(const struct rank_result *r, int n, int from, int to)
{
	uint64_t begin = UINT64_MAX, end = 0;

	for (int i = 0; i < n; i++) {
		if (r[i].t_ns[from] < begin)
			begin = r[i].t_ns[from];
		if (r[i].t_ns[to] > end)
			end = r[i].t_ns[to];
	}
	return (double)(end - begin) / 1e9;
}

static void fill_stonewall(struct row *row, const struct ior_options *o,
			   const struct rank_result *r, int n)
{
	double transfers = 0, xfer_mib = (double)o->transfer_bytes / MIB;

	row->has_stonewall = true;
	row->stonewall_min = UINT64_MAX;
	for (int i = 0; i < n; i++) {
		double s = (double)r[i].stonewall_ns / 1e9;

		transfers += (double)r[i].stonewall_transfers;
		if (s > row->stonewall_s)
			row->stonewall_s = s;
		if (r[i].stonewall_transfers < row->stonewall_min)
			row->stonewall_min = r[i].stonewall_transfers;
		if (r[i].stonewall_transfers > row->stonewall_max)
			row->stonewall_max = r[i].stonewall_transfers;
	}
	row->stonewall_mib = transfers / n * xfer_mib;
	row->stonewall_min_mib = (double)row->stonewall_min * xfer_mib;
}

void row_fill(struct row *row, const struct ior_options *o, const struct rank_result *r, int n)
{
	uint64_t transfers = 0;

	row->begin_ns = UINT64_MAX;
	row->latency_s = INFINITY;
	for (int i = 0; i < n; i++) {
		double own = (double)(r[i].t_ns[T_DONE] - r[i].t_ns[T_START]) / 1e9;

		row->bytes += r[i].bytes;
		transfers += r[i].transfers;
		if (r[i].t_ns[T_OPEN] < row->begin_ns)
			row->begin_ns = r[i].t_ns[T_OPEN];
		if (r[i].t_ns[T_CLOSED] > row->end_ns)
			row->end_ns = r[i].t_ns[T_CLOSED];
		if (r[i].transfers && own / (double)r[i].transfers < row->latency_s)
			row->latency_s = own / (double)r[i].transfers;
	}
	if (!isfinite(row->latency_s))
		row->latency_s = 0;
	row->open_s = span_s(r, n, T_OPEN, T_OPENED);
	row->wrrd_s = span_s(r, n, T_START, T_DONE);
	row->close_s = span_s(r, n, T_CLOSE, T_CLOSED);
	row->total_s = span_s(r, n, T_OPEN, T_CLOSED);
	row->bw_mib = row->total_s > 0 ? (double)row->bytes / MIB / row->total_s : 0;
	row->iops = row->wrrd_s > 0 ? (double)transfers / row->wrrd_s : 0;
	if (o->deadline_s && o->wear_out)
		fill_stonewall(row, o, r, n);
}

static void add(struct row_stats *s, double v)
{
	s->max = v > s->max ? v : s->max;
	s->min = v < s->min ? v : s->min;
	s->mean += v;
	s->sd += v * v;
}

static void finish(struct row_stats *s, double n)
{
	double variance;

	s->mean /= n;
	variance = s->sd / n - s->mean * s->mean;
	s->sd = variance > 0 ? sqrt(variance) : 0;
}

bool row_summarize(struct row_summary *ret, const struct row *rows, size_t n, const char *access,
		   uint64_t transfer_bytes)
{
	double count = 0, xfer_mib = (double)transfer_bytes / MIB;

	*ret = (struct row_summary){ .access = access };
	ret->bw.min = ret->ops.min = INFINITY;
	for (size_t i = 0; i < n; i++) {
		const struct row *r = &rows[i];

		if (strcmp(r->access, access))
			continue;
		count++;
		add(&ret->bw, r->bw_mib);
		add(&ret->ops, r->bw_mib / xfer_mib);
		ret->mean_s += r->total_s;
		ret->bytes = (double)r->bytes > ret->bytes ? (double)r->bytes : ret->bytes;
		ret->has_stonewall |= r->has_stonewall;
		ret->stonewall_s += r->stonewall_s;
		ret->stonewall_mib += r->stonewall_mib;
		if (r->stonewall_s > 0)
			ret->stonewall_bw_mib += r->stonewall_mib / r->stonewall_s;
	}
	if (count == 0)
		return false;
	finish(&ret->bw, count);
	finish(&ret->ops, count);
	ret->mean_s /= count;
	ret->stonewall_s /= count;
	ret->stonewall_mib /= count;
	ret->stonewall_bw_mib /= count;
	return true;
}
