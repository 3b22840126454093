// SPDX-License-Identifier: Apache-2.0
/* Measurements of block devices: requests of each owner, and what devices and owners did. */
#include <stddef.h>

#include "sink/measure_rows.h"

#define OP_TAG TAG("op", "read, write, flush, discard, other")

static const struct measure_column block_columns[] = {
	RUN_TAGS,
	TARGET_TAGS,
	DEVICE_TAGS,
	OP_TAG,
	TICK("ios", "requests", "completed"),
	TICK("bytes", "bytes", "moved by them"),
	TICK("errors", "requests", "of them failed"),
	HIST_COLUMNS("queue", "ns", "requests"),
	HIST_COLUMNS("device", "ns", "requests"),
	HIST_COLUMNS("total", "ns", "requests"),
	HIST_COLUMNS("size", "bytes", "requests"),
	TICK("asked", "requests", "of flushes: asked for by fsync, not the device's own"),
	TICK("consecutive", "requests", "began where the one before ended"),
	TICK("forward", "requests", "began further on"),
	TICK("backward", "requests", "began before it; of all others the order is unknown"),
	TICK("requeues", "requests", "sent back by the driver, and issued again"),
	TICK("merges", "requests", "I/O that became part of another request"),
	TICK("splits", "requests", "I/O cut since it was too large"),
	TICK("partial", "requests", "completions of a part only"),
	TICK("missed", "requests", "counted, but not seen to complete: no latency"),
	END,
};

#define QUEUE HIST_SQL(q)
#define DEVICE HIST_SQL(v)
#define TOTAL_TIME HIST_SQL(x)
#define SIZE HIST_SQL(s)
#define QUEUE_BLOB HIST_BLOB(q)
#define DEVICE_BLOB HIST_BLOB(v)
#define TOTAL_BLOB HIST_BLOB(x)
#define SIZE_BLOB HIST_BLOB(s)
#define JOIN_QUEUE JOIN_LAYER(q, "block_queue", "x.op", "x.device")
#define JOIN_TIME JOIN_LAYER(v, "block_device", "x.op", "x.device")
#define JOIN_SIZE JOIN_LAYER(s, "block_size", "x.op", "x.device")

static const char *const block_hists[] = { "queue", "device", "total", "size", NULL };

const struct measurement cbpf_block = {
	.name = "cbpf_block",
	.help = "Block requests of an owner that completed within a tick, by device and operation; "
		"nothing is told of a tick without any. queue is the time from being queued to "
		"being issued, device from there to completion, total both",
	.columns = block_columns,
	.sql = "SELECT x.seq, NULL," RUN_SQL TARGET_SQL DEVICE_SQL
	       ", x.op, x.ios, x.bytes, x.errors" QUEUE DEVICE TOTAL_TIME SIZE
	       ", b.asked, b.consecutive, b.forward, b.backward, b.requeues, "
	       "b.merges, b.splits, b.partial, b.missed" QUEUE_BLOB DEVICE_BLOB TOTAL_BLOB SIZE_BLOB
	       " FROM histogram x" JOIN_TARGET JOIN_DEVICE JOIN_QUEUE JOIN_TIME JOIN_SIZE
	       " LEFT JOIN block b ON b.seq = x.seq AND b.target = x.target AND b.op = x.op "
	       "AND b.device = x.device WHERE x.layer = 'block_total' AND " BETWEEN
	       "ORDER BY x.seq",
	.hists = block_hists,
};

static const struct measure_column block_bucket_columns[] = {
	RUN_TAGS,
	TARGET_TAGS,
	DEVICE_TAGS,
	OP_TAG,
	TAG("layer", "queue, device, total, in ns; size, in bytes"),
	BUCKET_COLUMNS,
	END,
};

const struct measurement cbpf_block_bucket = {
	.name = "cbpf_block_bucket",
	.help = "A bucket of one of cbpf_block's histograms, cumulative: on request only. There is "
		"a point where the count is another than that of the bucket before, and +Inf",
	.columns = block_bucket_columns,
	.sql = "SELECT x.seq, NULL," RUN_SQL TARGET_SQL DEVICE_SQL
	       ", x.op, substr(x.layer, 7), x.buckets, x.layer = 'block_size' FROM histogram "
	       "x" JOIN_TARGET JOIN_DEVICE
	       " WHERE x.layer BETWEEN 'block' AND 'block~' AND x.count > 0 AND " BETWEEN
	       "ORDER BY x.seq",
	.buckets = true,
};

static const struct measure_column block_error_columns[] = {
	RUN_TAGS,
	TARGET_TAGS,
	DEVICE_TAGS,
	OP_TAG,
	TAG("status", "number of the kernel's block status (an errno before Linux 5.16)"),
	TICK("count", "requests", "that failed so"),
	END,
};

const struct measurement cbpf_block_error = {
	.name = "cbpf_block_error",
	.help = "Block requests that failed within a tick, by reason",
	.columns = block_error_columns,
	.sql = "SELECT x.seq, NULL," RUN_SQL TARGET_SQL DEVICE_SQL
	       ", x.op, x.status, x.count FROM block_error x" JOIN_TARGET JOIN_DEVICE
	       " WHERE " BETWEEN "ORDER BY x.seq",
};

static const struct measure_column share_columns[] = {
	RUN_TAGS,
	TARGET_TAGS,
	DEVICE_TAGS,
	TICK("share_ns", "ns",
	     "of the device's busy time: while n requests are in it, each has "
	     "the n-th part"),
	TICK("depth_ns", "ns", "its requests in the device, integrated over time"),
	GAUGE("max_depth", "requests", "most at once since the run began"),
	END,
};

const struct measurement cbpf_share = {
	.name = "cbpf_share",
	.help = "An owner's part in a device within a tick; share_ns of all owners adds up to the "
		"device's busy time",
	.columns = share_columns,
	.sql = "SELECT x.seq, NULL," RUN_SQL TARGET_SQL DEVICE_SQL
	       ", x.share_ns, x.depth_ns, x.max_depth FROM share x" JOIN_TARGET JOIN_DEVICE
	       " WHERE " BETWEEN "ORDER BY x.seq",
};

static const struct measure_column interference_columns[] = {
	RUN_TAGS,
	DEVICE_TAGS,
	TAG("victim", "whose requests"),
	TAG("victim_id", "its number, as target_id"),
	TAG("aggressor", "whose share"),
	TAG("aggressor_id", "its number, as target_id"),
	TICK("ns", "ns", "summed over the victim's requests"),
	END,
};

const struct measurement cbpf_interference = {
	.name = "cbpf_interference",
	.help = "By how much an owner's share of a device grew while requests of another waited or "
		"were served, for those that completed within a tick",
	.columns = interference_columns,
	.sql = "SELECT x.seq, NULL," RUN_SQL DEVICE_SQL
	       ", v.name, v.id, a.name, a.id, x.ns FROM interference x "
	       "CROSS JOIN target v ON v.id = x.victim CROSS JOIN target a ON a.id = "
	       "x.aggressor" JOIN_DEVICE " WHERE " BETWEEN "ORDER BY x.seq",
};

static const struct measure_column device_columns[] = {
	RUN_TAGS,
	DEVICE_TAGS,
	TOTAL("read_ios", "requests", "/proc/diskstats: completed"),
	TOTAL("read_bytes", "bytes", "moved by them"),
	TOTAL("write_ios", "requests", "completed"),
	TOTAL("write_bytes", "bytes", "moved by them"),
	TOTAL("discard_ios", "requests", "completed"),
	TOTAL("discard_bytes", "bytes", "given back by them"),
	TOTAL("flushes", "requests", "cache flushes completed"),
	TOTAL("busy_ns", "ns", "with at least one request in flight"),
	TOTAL("probe_busy_ns", "ns", "the same as the block probe saw it, since the run began"),
	TOTAL("depth_ns", "ns", "requests in it, integrated over time"),
	GAUGE("depth", "requests", "in it now"),
	GAUGE("max_depth", "requests", "most at once since the run began"),
	TOTAL("clock_requests", "requests",
	      "whose time of issue was compared with the kernel's own"),
	TOTAL("clock_unset", "requests", "of them, the kernel had none"),
	TOTAL("clock_early", "requests", "of them, the kernel's was over 1 us early"),
	GAUGE("clock_early_max_ns", "ns", "by how much at most since the run began"),
	END,
};

const struct measurement cbpf_device = {
	.name = "cbpf_device",
	.help = "A block device at the end of a tick: the kernel's own totals since it was made, "
		"and what the block probe saw where that has changed",
	.columns = device_columns,
	.sql = "SELECT x.seq, NULL," RUN_SQL DEVICE_SQL
	       ", x.read_ios, x.read_bytes, x.write_ios, x.write_bytes, x.discard_ios, "
	       "x.discard_bytes, "
	       "x.flushes, x.busy_ns, p.busy_ns, p.depth_ns, p.depth, p.max_depth, "
	       "p.clock_requests, "
	       "p.clock_unset, p.clock_early, p.clock_early_max_ns FROM device_sample x "
	       "LEFT JOIN device_depth p ON p.seq = x.seq AND p.device = x.device" JOIN_DEVICE
	       " WHERE " BETWEEN "UNION ALL "
	       "SELECT x.seq, NULL," RUN_SQL DEVICE_SQL
	       ", NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, x.busy_ns, x.depth_ns, x.depth, "
	       "x.max_depth, x.clock_requests, x.clock_unset, x.clock_early, x.clock_early_max_ns "
	       "FROM device_depth x" JOIN_DEVICE " WHERE " BETWEEN "AND NOT EXISTS (SELECT 1 "
	       "FROM device_sample k WHERE k.seq = x.seq AND k.device = x.device) ORDER BY 1",
};

static const struct measure_column device_meta_columns[] = {
	RUN_TAGS,
	DEVICE_TAGS,
	WORDS("device_kind", "disk, loop, dm, md, nvme-head, bcache, zram, ram, stacked"),
	WORDS("label", "of dm name and type, of md level, of loop the backing file"),
	WORDS("leaves", "JSON array: names of the disks it rests upon"),
	END,
};

const struct measurement cbpf_device_meta = {
	.name = "cbpf_device_meta",
	.help = "What a block device is made of",
	.when = MEASURE_END,
	.columns = device_meta_columns,
	.sql = "SELECT 0, NULL," RUN_SQL DEVICE_SQL
	       ", d.kind, d.label, d.leaves FROM (SELECT dev AS device FROM device) x" JOIN_DEVICE
	       "ORDER BY x.device",
};
