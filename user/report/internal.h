/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that build a report share: rows of SQL into JSON. */
#ifndef CBPF_REPORT_INTERNAL_H
#define CBPF_REPORT_INTERNAL_H

#include <jansson.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/hist.h"

struct err;
struct store;

/* A report being built. Memory that ran out is told once, at the end. */
struct building {
	struct store *store;
	struct err *err;
	json_t *report; /* borrowed */
	bool out_of_memory;
};

/* Takes @value over; NULL is memory that ran out. */
void put(struct building *b, json_t *object, const char *key, json_t *value);
void put_append(struct building *b, json_t *array, json_t *value);
/* Column @at of the row as @key; nothing when it is NULL. */
void put_column(struct building *b, json_t *object, const char *key, sqlite3_stmt *row, int at);
/* As put_column() for each column, called as the query calls it. */
void put_row(struct building *b, json_t *object, sqlite3_stmt *row);
/* Text that is not UTF-8 (a cgroup may be called anything) with its odd bytes as '?'. */
json_t *json_text(const char *text);

/* Prepare; NULL and @b->err is filled on failure. */
sqlite3_stmt *query(struct building *b, const char *sql);
/* true while there are rows; the statement is finalized and set to NULL at the end. */
bool next(struct building *b, sqlite3_stmt **row);
/* The one value of a query, or @otherwise when there is no row or it is NULL. */
int64_t query_int(struct building *b, const char *sql, int64_t otherwise);

/* A loss that follows from the report's own numbers, among its losses; takes @reason over. */
void put_loss(struct building *b, const char *what, json_int_t count, json_t *reason);

/* Databases of an older schema lack columns. */
bool has_column(struct building *b, const char *table, const char *column);

/* {"count", "sum", "mean", "p50", ..., "max", "buckets": [[lower edge, count], ...]} */
json_t *json_hist(struct building *b, const struct hist *h);
/*
 * The same of sizes, from a histogram of bytes less 1, with "darshan": {"4M_10M": n, ...}.
 * A percentile is the largest size of its bucket; "buckets" have that, not the lower edge.
 */
json_t *json_sizes(struct building *b, const struct hist *less_one);
/* The histogram that json_hist() wrote, added to @h; and what json_sizes() wrote. */
void hist_of_json(const json_t *json, struct hist *h);
void sizes_of_json(const json_t *json, struct hist *less_one);

/* Target @id of the report being built: an object, or NULL. */
json_t *target_of(struct building *b, int64_t id);

/* The parts of a report; each returns 0 or what it left in @b->err. */
int build_block(struct building *b); /* targets[].block, devices */
int build_sharing(struct building *b); /* after it: shares, depth, access, interference */
int build_devices(struct building *b); /* what devices are made of, targets[].block_total */
int build_limits(struct building *b); /* targets[].io_limits, filesystems */
int build_cgroup(struct building *b); /* targets[].cgroup */
int build_sched(struct building *b); /* targets[].sched */
int build_vfs(struct building *b); /* targets[].vfs, .vfs_mounts, .files, .files_total */
int build_vfs_losses(struct building *b); /* after it and losses: more of these */
int build_budget(struct building *b); /* targets[].budget */
int build_budget_losses(struct building *b); /* after it, vfs and losses: more of these */
int build_pagecache(struct building *b); /* targets[].pagecache */
int build_phases(struct building *b); /* after it and budget: targets[].phases */
int build_rdt(struct building *b); /* targets[].rdt */
int build_perf(struct building *b); /* targets[].perf, and perf: sums over all */
int build_profile(struct building *b); /* targets[].profile, and profile: of all CPUs */
int build_ranks(struct building *b); /* targets[].ranks, targets[].ranks_here */
int build_residual(struct building *b); /* after it and devices: targets[].io_check */

#endif
