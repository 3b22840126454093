// SPDX-License-Identifier: Apache-2.0
/* Measurements of file system calls. */
#include <stddef.h>

#include "sink/measure_rows.h"

#define CALL_TAGS                                                                                  \
	TAG("op", "read, write, open, fsync, ...; uring_read, ...; fault"),                        \
		TAG("mount", "where it is mounted, as who used it first saw it; absent: unknown"), \
		TAG("fs", "type of the file system"),                                              \
		TAG("mount_id", "its number within the run; 0: unknown")

static const struct measure_column vfs_columns[] = {
	RUN_TAGS,
	TARGET_TAGS,
	CALL_TAGS,
	TICK("calls", "calls", "ended"),
	TICK("bytes", "bytes", "moved by them"),
	TICK("errors", "calls", "of them failed"),
	HIST_COLUMNS("latency", "ns", "calls"),
	HIST_COLUMNS("size", "bytes", "calls"),
	TICK("time_ns", "ns",
	     "all of their time, where it can be told apart; what is in none of "
	     "the following was spent on CPUs"),
	TICK("io_ns", "ns", "waited for I/O"),
	TICK("lock_ns", "ns", "waited for a lock of the kernel"),
	TICK("blocked_ns", "ns", "could not be interrupted, for another reason"),
	TICK("sleep_ns", "ns", "waited for what somebody does"),
	TICK("throttle_ns", "ns", "paused, since it dirtied pages too fast"),
	TICK("inode_ns", "ns", "waited for the lock of the file"),
	TICK("journal_ns", "ns", "waited for the journal"),
	TICK("runq_ns", "ns", "could have run"),
	TICK("nested_ns", "ns", "of page faults: within another call, whose time has it too"),
	TICK("return_ns", "ns", "not of time_ns: could have run, on the way back to user space"),
	END,
};

#define LATENCY HIST_SQL(x)
#define SIZE HIST_SQL(s)
#define LATENCY_BLOB HIST_BLOB(x)
#define SIZE_BLOB HIST_BLOB(s)
#define JOIN_SIZE JOIN_LAYER(s, "vfs_size", "x.op", "x.device")

static const char *const vfs_hists[] = { "latency", "size", NULL };

const struct measurement cbpf_vfs = {
	.name = "cbpf_vfs",
	.help = "File system calls of a container that ended within a tick, by operation and mount",
	.columns = vfs_columns,
	.sql = "SELECT x.seq, NULL," RUN_SQL TARGET_SQL
	       ", x.op, m.at, m.fs, x.device, x.ios, x.bytes, x.errors" LATENCY SIZE
	       ", c.ns, c.io_ns, c.lock_ns, c.blocked_ns, c.sleep_ns, c.throttle_ns, c.inode_ns, "
	       "c.journal_ns, c.runq_ns, c.nested_ns, c.return_ns" LATENCY_BLOB SIZE_BLOB
	       " FROM histogram x" JOIN_TARGET " LEFT JOIN mount m ON m.id = x.device" JOIN_SIZE
	       " LEFT JOIN call_time c ON c.seq = x.seq AND c.target = x.target AND c.op = x.op "
	       "AND c.mount = x.device WHERE x.layer = 'vfs' AND " BETWEEN "ORDER BY x.seq",
	.hists = vfs_hists,
};

static const struct measure_column vfs_bucket_columns[] = {
	RUN_TAGS,	TARGET_TAGS, CALL_TAGS, TAG("layer", "latency, in ns; size, in bytes"),
	BUCKET_COLUMNS, END,
};

const struct measurement cbpf_vfs_bucket = {
	.name = "cbpf_vfs_bucket",
	.help = "A bucket of one of cbpf_vfs's histograms, as those of cbpf_block_bucket",
	.columns = vfs_bucket_columns,
	.sql = "SELECT x.seq, NULL," RUN_SQL TARGET_SQL
	       ", x.op, m.at, m.fs, x.device, iif(x.layer = 'vfs', 'latency', 'size'), x.buckets, "
	       "x.layer = 'vfs_size' FROM histogram x" JOIN_TARGET
	       " LEFT JOIN mount m ON m.id = x.device "
	       "WHERE x.layer BETWEEN 'vfs' AND 'vfs~' AND x.count > 0 AND " BETWEEN
	       "ORDER BY x.seq",
	.buckets = true,
};

static const struct measure_column vfs_error_columns[] = {
	RUN_TAGS,
	TARGET_TAGS,
	CALL_TAGS,
	TAG("errno", "why, as a number"),
	FACT("count", INT, "calls", "that failed so, over the whole run"),
	END,
};

const struct measurement cbpf_vfs_error = {
	.name = "cbpf_vfs_error",
	.help = "File system calls of a container that failed over the whole run, by reason",
	.when = MEASURE_END,
	.columns = vfs_error_columns,
	.sql = "SELECT 0, NULL," RUN_SQL TARGET_SQL
	       ", x.op, m.at, m.fs, x.mount, x.errno, x.count FROM vfs_error x" JOIN_TARGET
	       " LEFT JOIN mount m ON m.id = x.mount ORDER BY x.target, x.op, x.mount, x.errno",
};
