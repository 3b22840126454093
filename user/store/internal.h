/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the store share among themselves. */
#ifndef CBPF_STORE_INTERNAL_H
#define CBPF_STORE_INTERNAL_H

#include <pthread.h>
#include <sqlite3.h>
#include <stddef.h>

#include "store/store.h"

#define CBPF_STR_(x) #x
#define CBPF_STR(x) CBPF_STR_(x)

enum store_stmt {
	STMT_TARGET_SEEN,
	STMT_TARGET,
	STMT_TICK,
	STMT_SAMPLE,
	STMT_CPUSET,
	STMT_RDT,
	STMT_RDT_CLASS,
	STMT_RDT_ALLOC,
	STMT_HISTOGRAM,
	STMT_BLOCK,
	STMT_BLOCK_ERROR,
	STMT_SHARE,
	STMT_INTERFERENCE,
	STMT_DEVICE_NAMED,
	STMT_DEVICE_DEPTH,
	STMT_DEVICE_SEEN,
	STMT_DEVICE,
	STMT_DEVICE_MADE_OF,
	STMT_DEVICE_SAMPLE,
	STMT_EVENT,
	STMT_RESULT,
	STMT_LOSS,
	STMT_LOSS_FORGET,
	STMT_FINDING,
	STMT_THRESHOLD,
	STMT_EXPECT,
	STMT_PREEMPTION,
	STMT_MOUNT,
	STMT_CALL_TIME,
	STMT_FILE,
	STMT_VFS_ERROR,
	STMT_HOST,
	STMT_PERF_EVENT,
	STMT_PERF,
	STMT_PROFILE_RUN,
	STMT_PROFILE,
	STMT_RANK,
	STMT_IO_LIMIT,
	STMT_FILESYSTEM,
	STMT_CURSOR,
	STMT_FINISH,
	STMT_COUNT
};

struct store {
	sqlite3 *db;
	pthread_mutex_t lock; /* one put at a time */
	int lock_fd; /* the run's directory, locked; -1 when it is not */
	int dir_fd; /* the same, of one that is open for cursors: not locked before the end */
	char *path; /* of run.db */
	bool writes; /* it has made the run, and lasts as long */
	char status[16];
	sqlite3_stmt *stmt[STMT_COUNT]; /* prepared on first use */
	size_t n_owners; /* rows of `target` known to be committed */
};

/* A store without a database yet; NULL when out of memory. */
struct store *store_new(const char *run_dir);

/* Open the run in this directory for reading, or for cursors. */
int store_open_dir(const char *run_dir, struct store **ret, struct err *err);
int store_open_dir_rw(const char *run_dir, struct store **ret, struct err *err);
/* cursor.c: before the database is closed; true: SQLite may fold the WAL into it. */
bool store_may_checkpoint(struct store *s);
/* read.c: what is open is a run, of a version that is known. */
int store_check_schema(struct store *s, struct err *err);

/*
 * A transaction as most calls are: begin takes the lock that end gives back. End commits
 * when @rc is SQLITE_OK; else, or when that fails, nothing was written. "cannot @doing PATH".
 */
int store_begin(struct store *s, const char *doing, struct err *err);
int store_end(struct store *s, int rc, const char *doing, struct err *err);

/* What SQLite says of the last call, as "@doing PATH: words"; returns a negative errno. */
int store_fail(struct store *s, const char *doing, struct err *err);

/* write_vfs.c: mounts, and where the time of calls went; an SQLite code. */
int store_put_vfs(struct store *s, const struct frame *f);

/* write_rdt.c: what resctrl tells; an SQLite code. */
int store_put_rdt(struct store *s, const struct frame *f);
/* write_perf.c: events and their totals; an SQLite code. */
int store_put_perf(struct store *s, const struct frame *f);

/* As enum block_op; "other" for what is not known. */
const char *store_op_name(uint8_t op);

/* Within the transaction of a tick: all but histograms that the block probe tells. SQLite code. */
int store_put_block(struct store *s, const struct frame *f);

#endif
