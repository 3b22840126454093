// SPDX-License-Identifier: Apache-2.0
/* IOR's files of comma separated values: its summary, its ranks, and the calls of one of them. */
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

static bool is_access(const char *word)
{
	return !strcmp(word, "write") || !strcmp(word, "read");
}

static int end_of(struct result_set *set, const char *text, size_t len, const char *what, int rc,
		  struct err *err)
{
	if (parse_found_corruption(text, len)) {
		set->status = RESULT_CORRUPT;
		parse_say_corruption(text, len, set->message, sizeof(set->message));
	} else if (!parse_whole_lines(text, len)) {
		parse_fail(set, "the file is cut short: its last line does not end");
	} else if (!set->n) {
		parse_fail(set, "the file holds no results");
	}
	if (!rc)
		return 0;
	result_set_fini(set);
	return err_set(err, rc, "reading %s", what);
}

static void begin(struct result_set *set, const char *source)
{
	*set = (struct result_set){ .status = RESULT_OK, .tool = "ior", .binary = "ior" };
	snprintf(set->source, sizeof(set->source), "%s", source);
}

int parse_ior_csv(const char *text, size_t len, struct result_set *ret, struct err *err)
{
	static const struct {
		const char *column;
		size_t offset;
	} fields[] = {
		{ "bw(MiB/s)", offsetof(struct result, bw_mib_s) },
		{ "IOPS", offsetof(struct result, iops) },
		{ "Latency", offsetof(struct result, latency_s) },
		{ "block(KiB)", offsetof(struct result, block_kib) },
		{ "xfer(KiB)", offsetof(struct result, xfer_kib) },
		{ "open(s)", offsetof(struct result, open_s) },
		{ "wr/rd(s)", offsetof(struct result, wrrd_s) },
		{ "close(s)", offsetof(struct result, close_s) },
		{ "total(s)", offsetof(struct result, total_s) },
	};
	struct parse_csv csv;
	int rc = 0, last = -1;

	begin(ret, "csv");
	parse_csv_begin(&csv, text, len, "access,bw(MiB/s)");
	while (!rc && parse_csv_row(&csv)) {
		struct result *r;

		if (!is_access(csv.words[0]))
			continue;
		if (!csv.n_columns || csv.n < csv.n_columns) {
			parse_fail(ret, "a row is cut short, or stands before the header");
			continue;
		}
		r = result_add(ret);
		if (!r) {
			rc = -ENOMEM;
			break;
		}
		snprintf(r->op, sizeof(r->op), "%s", csv.words[0]);
		for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
			*(double *)((char *)r + fields[i].offset) =
				parse_csv_number(&csv, fields[i].column);
		/* Rounded to four decimals, 40 us read 0, which is no time. */
		for (size_t i = 2; i < ARRAY_SIZE(fields); i++)
			if (*(double *)((char *)r + fields[i].offset) == 0)
				*(double *)((char *)r + fields[i].offset) = NAN;
		r->tasks = parse_int(parse_csv_number(&csv, "numTasks"));
		r->iteration = parse_int(parse_csv_number(&csv, "iter"));
		if (r->iteration >= 0 && r->iteration < last)
			parse_fail(ret, "lines of the file are out of order");
		last = r->iteration;
	}
	return end_of(ret, text, len, "IOR's CSV", rc, err);
}

/* Of a file without `iter`: how many blocks of ranks with this operation there were before. */
struct blocks {
	int begun[2]; /* by is_read */
	int next_rank;
	bool is_read;
	int ranks; /* in the first block; 0: it lasts */
};

/* Ranks of a phase follow each other from 0 on. */
static int place(struct blocks *b, struct result_set *set, bool is_read, int rank)
{
	if (rank == 0) {
		if (b->next_rank && b->ranks && b->next_rank != b->ranks)
			parse_fail(set, "lines of the file are missing or out of order");
		if (b->next_rank && !b->ranks)
			b->ranks = b->next_rank;
		b->begun[is_read]++;
	} else if (rank != b->next_rank || is_read != b->is_read) {
		parse_fail(set, "lines of the file are missing or out of order");
	}
	b->next_rank = rank + 1;
	b->is_read = is_read;
	return b->begun[is_read] - 1;
}

/*
 * access, rank, time from open to close, time of transfers, bytes by each of them. Newer
 * versions begin with a header; ours adds the repetition and the bytes.
 */
static void read_rank(struct result_set *set, const struct parse_csv *csv, struct result *r)
{
	double inner = parse_number(csv->words[5]);

	r->total_s = parse_number(csv->words[2]);
	r->wrrd_s = parse_number(csv->words[3]);
	r->bw_mib_s = parse_number(csv->words[4]) / MIB;
	r->bytes = parse_csv_number(csv, "bytes");
	if (isnan(r->total_s) || isnan(r->wrrd_s) || isnan(r->bw_mib_s) || isnan(inner)) {
		parse_fail(set, "a row is cut short or damaged");
		return;
	}
	if (fabs(r->bw_mib_s * MIB * r->total_s - inner * r->wrrd_s) >
	    1e-4 * (1 + inner * r->wrrd_s)) {
		parse_fail(set, "the file contradicts itself: a rank's bandwidths are not of the "
				"same bytes");
		return;
	}
	if (isnan(r->bytes))
		r->bytes = round(r->bw_mib_s * MIB * r->total_s);
}

int parse_ior_rank_csv(const char *text, size_t len, struct result_set *ret, struct err *err)
{
	struct blocks blocks = { .next_rank = 0 };
	struct parse_csv csv;
	int rc = 0;

	begin(ret, "rank csv");
	parse_csv_begin(&csv, text, len, "access,rank");
	while (!rc && parse_csv_row(&csv)) {
		struct result *r;
		int rank, iteration;

		if (!is_access(csv.words[0]))
			continue;
		rank = csv.n < 6 ? -1 : parse_int(parse_number(csv.words[1]));
		/* Only what the header names stands behind the sixth. */
		if (rank < 0 || (csv.n_columns ? csv.n != csv.n_columns : csv.n != 6)) {
			parse_fail(ret, "a row is cut short or damaged");
			continue;
		}
		iteration = place(&blocks, ret, !strcmp(csv.words[0], "read"), rank);
		r = result_add(ret);
		if (!r) {
			rc = -ENOMEM;
			break;
		}
		snprintf(r->op, sizeof(r->op), "%s", csv.words[0]);
		r->rank = rank;
		r->iteration = iteration;
		if (!isnan(parse_csv_number(&csv, "iter")))
			r->iteration = parse_int(parse_csv_number(&csv, "iter"));
		read_rank(ret, &csv, r);
	}
	if (blocks.ranks && blocks.next_rank != blocks.ranks)
		parse_fail(ret, "the file is cut short: ranks are missing at its end");
	/* Whether the only phase is whole cannot be told. */
	for (size_t i = 0; blocks.ranks && i < ret->n; i++)
		ret->v[i].tasks = blocks.ranks;
	return end_of(ret, text, len, "IOR's file of ranks", rc, err);
}
