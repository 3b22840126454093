/* SPDX-License-Identifier: Apache-2.0 */
/* The run database: one writer while a run lasts, any number of readers ever after. */
#ifndef CBPF_STORE_STORE_H
#define CBPF_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sample/frame.h"

struct buf;
struct err;
struct losses;
struct result_set;
struct sqlite3;
struct store;
struct str_list;

/* 2: what devices are made of, how sure attribution is. What reads version 1 does without the columns that came later. */
#define STORE_SCHEMA_VERSION 2
#define STORE_DEFAULT_DIR "cbpf-runs"

struct store_run { /* a row of `run`, text may be NULL */
	const char *id, *group, *name, *spec, *spec_sha256, *version, *runtime;
	uint64_t repetition;
	uint64_t started_wall_ns, started_mono_ns;
	uint64_t interval_ns;
	const char *host_json; /* the host, as one JSON object */
	const char *backends_json; /* {"block": "tp_btf"} */
	const char *description, *scheduler; /* of the spec */
	uint64_t duration_ns; /* at most; 0: unknown */
	const char *axes_json; /* {"transfer": "4KiB"}; NULL: no matrix */
	uint64_t group_runs; /* 0: unknown */
};

struct store_target { /* a row of `target`; NULL text and -1 are absent */
	uint32_t owner;
	const char *name, *kind, *image, *container_id, *cgroup, *state, *failure, *binary;
	uint64_t io_cgroup_id, default_cgroup_id;
	int exit_code;
	uint64_t start_ns, ready_ns, end_ns;
	const char *attribution, *attribution_reason, *writeback;
	const char *cpus; /* as the spec has it */
	const uint64_t *start_after_ns, *stop_after_ns; /* the same; NULL: absent */
};

struct store_device { /* what is known of a device beside its counters; NULL text is absent */
	uint32_t dev; /* major << 20 | minor */
	const char *kind, *label;
	const char *leaves_json; /* ["vda"] */
};

/*
 * DIR/<id>/run.db is made; the directory must exist. Status starts as "running".
 * The directory stays locked (flock) until close: that is how a run that was
 * killed is told from one that lasts. Calls on one store may come from any thread.
 */
int store_create(const char *run_dir, const struct store_run *run, struct store **ret,
		 struct err *err);
/* What has become known of the host since: replaces host_json of the run. */
int store_set_host(struct store *s, const char *host_json, struct err *err);
/* One transaction per call. A write that fails leaves the database as it was before. */
int store_put_frame(struct store *s, const struct frame *f, const struct owner_table *owners,
		    struct err *err);
int store_put_target(struct store *s, const struct store_target *t, struct err *err);
/* The device may be told of before or after a frame has it; what was told before is replaced. */
int store_put_device(struct store *s, const struct store_device *d, struct err *err);
int store_put_event(struct store *s, uint64_t mono_ns, const char *target, const char *what,
		    const char *text, struct err *err);
int store_put_results(struct store *s, uint32_t owner, const struct result_set *r, struct err *err);
int store_put_losses(struct store *s, struct losses *l, struct err *err);
int store_put_finding(struct store *s, const char *id, const char *severity, const char *target,
		      const char *text, const char *advice, const char *evidence_json,
		      struct err *err);
/* The spec sets this threshold of a rule: "cache-reads.ratio". */
int store_put_threshold(struct store *s, const char *name, double value, struct err *err);
/* Target @victim lost a CPU @count times to @by, or to target @by_target when that is NULL. */
int store_put_preemption(struct store *s, uint32_t victim, const char *by, uint32_t by_target,
			 uint64_t count, struct err *err);
struct store_file { /* a row of `file`: one that a target used, over the whole run */
	uint32_t owner, mount;
	uint32_t dev; /* major << 20 | minor */
	uint64_t inode;
	uint32_t generation; /* of the inode */
	const char *path;
	uint64_t calls[3], bytes[2], ns[3]; /* reading, writing, others */
	uint64_t missed; /* calls that it may have had besides, at most */
	uint64_t direct;
	uint32_t flags; /* as openflags_bits() */
};
/* Told twice it is one row, with the sums. */
int store_put_file(struct store *s, const struct store_file *f, struct err *err);
/* Of target @owner, @count calls of @op (enum vfs_op) on a mount failed with @code (an errno). */
int store_put_vfs_error(struct store *s, uint32_t owner, unsigned int op, uint32_t mount,
			unsigned int code, uint64_t count, struct err *err);
struct store_profile_stack {
	uint32_t target; /* owner */
	const char *stack; /* frames joined by ';', as in `profile`; any bytes, borrowed */
	uint64_t samples;
};
struct store_profile { /* the row of `profile_run`, and those of `profile` */
	unsigned int frequency_hz; /* of each CPU */
	uint64_t samples, expected, idle, others, lost; /* expected: 0 when unknown */
	const struct store_profile_stack *stacks; /* borrowed */
	size_t n_stacks;
};
/*
 * Once, at the end of a run. The same stack of a target told twice is one row, with the sum;
 * so are two that only differ in bytes that are no UTF-8, which become '?'.
 */
int store_put_profile(struct store *s, const struct store_profile *p, struct err *err);
struct store_rank { /* a row of `rank`; both are owners */
	uint32_t workload, rank, host;
};
int store_put_ranks(struct store *s, const struct store_rank *v, size_t n, struct err *err);
struct store_io_limit { /* a row of `io_limit` */
	uint32_t owner;
	uint32_t dev; /* major << 20 | minor */
	unsigned int version; /* of cgroups */
	uint64_t read_bps, write_bps, read_iops, write_iops; /* 0: none */
};
int store_put_io_limits(struct store *s, const struct store_io_limit *v, size_t n, struct err *err);
struct store_filesystem { /* a row of `filesystem` */
	const char *dev, *at; /* borrowed */
	uint64_t used_bytes, free_bytes;
};
int store_put_filesystems(struct store *s, const struct store_filesystem *v, size_t n,
			  struct err *err);
/* A verdict on one line of `expect:`; @actual is NAN when there was no such value. */
int store_put_expect(struct store *s, const char *expr, double actual, bool ok, struct err *err);
/* "ok", "failed" or "interrupted"; @self_json is the profiler's own cost. */
int store_finish(struct store *s, const char *status, uint64_t ended_mono_ns, const char *self_json,
		 struct err *err);
/* Also checkpoints the WAL, so that run.db alone is complete. Takes NULL. */
void store_close(struct store *s);

/* --- how far sinks have got --- */

/*
 * Open a run that is there, as store_open() does, to read it and to write cursors: also beside
 * its writer, and one that was killed. Nothing else is to be written. What is written is in the
 * WAL until store_close(), which makes run.db alone complete again where nobody reads it (after a
 * second of waiting for them it leaves the WAL, as complete). -EROFS, -EACCES: the
 * run's directory cannot be written, and @err says so.
 */
int store_open_rw(const char *store_dir, const char *run, struct store **ret, char **ret_dir,
		  struct err *err);
struct store_cursor {
	int64_t seq; /* last tick that the sink has acknowledged; -1: none */
	bool done; /* and what is told when a run has ended */
	int64_t position; /* bytes that it had then; -1: unknown */
};

/* May be called on the store of a run that lasts, too, from any thread. */
int store_put_cursor(struct store *s, const char *sink, const struct store_cursor *c,
		     struct err *err);
/*
 * What a sink would not take, after the run: counts are added to those of the same reason.
 * @instead_of: all that is called so is forgotten first; NULL: nothing is.
 */
int store_add_losses(struct store *s, struct losses *l, const char *instead_of, struct err *err);
/* -1, false and -1 when nothing was put; *ret_known, which may be NULL, is false then. */
int store_get_cursor(struct store *s, const char *sink, struct store_cursor *ret, bool *ret_known,
		     struct err *err);

/* --- reading --- */

/*
 * RUN is a run's directory, its id or a unique start of it below @store_dir, or "latest"
 * (also when NULL). Opened read-only; works on the database of a run that lasts, of one that
 * was killed, and on a read-only file system. @ret_dir (may be NULL): the run's directory,
 * caller frees. -ENOENT: no such run; -EPROTO: written by a newer version; -EBADMSG: not a run.
 */
int store_open(const char *store_dir, const char *run, struct store **ret, char **ret_dir,
	       struct err *err);
/*
 * One state of the database for all that is read between the two calls, however fast a run
 * that lasts goes on. A run's own connection sees itself anyway.
 */
void store_snapshot_begin(struct store *s);
void store_snapshot_end(struct store *s);
struct sqlite3 *store_db(struct store *s); /* borrowed; read with plain SQL */
const char *store_path(const struct store *s); /* of run.db; borrowed */
/* As stored ("ok", ...); "killed" for one still "running" that nobody writes any more. Borrowed. */
const char *store_status(struct store *s);
/* Ids of the runs below @store_dir, oldest first, appended to @ids. -ENOENT: no such directory. */
int store_list(const char *store_dir, struct str_list *ids, struct err *err);

/*
 * Make "20261121T101500-name-4f2a07c3"'s directory with logs/ and results/, and point `latest` at
 * it. -EEXIST: there is a run of this id, and it is left alone. Caller frees @ret_dir.
 */
int store_make_dir(const char *store_dir, const char *id, char **ret_dir, struct err *err);

/* DDL of every table with a comment per column, as `cbpf` documents it. */
const char *store_schema_sql(void);

#endif
