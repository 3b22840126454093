// SPDX-License-Identifier: Apache-2.0
#include "fake_full.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/hist.h"
#include "fake_building.h"
#include "unit.h"

#define HOST                                                                                       \
	"{\"hostname\": \"bench1\", \"os\": \"Debian 12\", \"kernel\": \"6.12.0\", \"cpus\": 4, "  \
	"\"memory_bytes\": 8589934592, \"cpu\": {\"vendor\": \"GenuineIntel\", \"model_name\": "   \
	"\"Xeon\", \"sockets\": 2, \"cores\": 2, \"threads\": 4, \"packages\": [{\"id\": 0, "      \
	"\"first_cpus\": \"0\"}, {\"id\": 1, \"first_cpus\": \"2\"}], \"caches\": [{\"level\": "   \
	"1, "                                                                                      \
	"\"type\": \"Instruction\", \"size\": \"32K\"}, {\"level\": 1, \"type\": \"Data\", "       \
	"\"size\": \"48K\"}, {\"level\": 2, \"type\": \"Unified\", \"size\": \"2048K\"}, "         \
	"{\"level\": 3, \"type\": \"Unified\", \"size\": \"16384K\", \"ways\": 16}]}, \"rdt\": "   \
	"{\"root\": \"/sys/fs/resctrl\", \"domains\": [{\"domain\": 0, \"l3_bytes\": 16777216}, "  \
	"{\"domain\": 1, \"l3_bytes\": 16777216}], \"rmids\": 224, \"l3\": {\"ways\": 16}, "       \
	"\"mba\": {\"unit\": \"percent\", \"min\": 10, \"step\": 10}}}"

static void must(int rc, const struct err *err)
{
	if (rc)
		fail_msg("full run: %s", err->text);
}

/* A histogram of five values as SQL has blobs: two buckets of times, or one size of a page. */
static const char *blob(bool size)
{
	static char text[2][2 * 64 + 4];
	uint8_t bytes[HIST_BLOB_MAX];
	struct hist h = { 0 };
	char *at = text[size];
	size_t n;

	for (int i = 0; i < FAKE_FULL_COUNT; i++)
		hist_add(&h, size ? 4095 : i < 3 ? 100 : 1000);
	n = hist_encode(&h, bytes);
	at += sprintf(at, "x'");
	for (size_t i = 0; i < n; i++)
		at += sprintf(at, "%02x", bytes[i]);
	strcpy(at, "'");
	return text[size];
}

#define TICKS                                                                                      \
	"WITH RECURSIVE k(seq) AS (SELECT 0 UNION ALL SELECT seq + 1 FROM k WHERE seq < %" PRIu64  \
	" - 1) "

static void put_hist(const struct fake_run *r, uint64_t ticks, const char *layer, const char *op,
		     uint32_t device, bool size)
{
	fake_sql(r,
		 "INSERT INTO histogram " TICKS
		 "SELECT seq, 0, '%s', '%s', %u, 6, 24576, 1, 5, %d, "
		 "%d, %d, %d, %d, %d, %s FROM k",
		 ticks, layer, op, device, size ? 5 * 4096 : 2300, size ? 4096 : 100,
		 size ? 4096 : 1000, size ? 4096 : 1000, size ? 4096 : 1000, size ? 4096 : 1000,
		 blob(size));
}

static void put_block(const struct fake_run *r, uint64_t ticks)
{
	static const char *const layers[] = { "block_queue", "block_device", "block_total",
					      "block_size" };

	for (size_t i = 0; i < ARRAY_SIZE(layers); i++) {
		put_hist(r, ticks, layers[i], "read", FAKE_VDA, i == 3);
		put_hist(r, ticks, layers[i], "write", FAKE_LOOP, i == 3);
	}
	fake_sql(r,
		 "INSERT INTO device VALUES (%u, 'vda', 0, 'disk', NULL, NULL), "
		 "(%u, 'loop0', 1, 'loop', '/data/disk.img', '[\"vda\"]')",
		 FAKE_VDA, FAKE_LOOP);
	fake_sql(r,
		 "INSERT INTO block " TICKS
		 "SELECT seq, 0, 'read', %u, 1, 2, 3, 4, 5, 6, 7, 8, 9 FROM k",
		 ticks, FAKE_VDA);
	fake_sql(r, "INSERT INTO block_error " TICKS "SELECT seq, 0, 'read', %u, 10, 1 FROM k",
		 ticks, FAKE_VDA);
	fake_sql(r, "INSERT INTO share " TICKS "SELECT seq, 0, %u, 11, 12, 13 FROM k", ticks,
		 FAKE_VDA);
	fake_sql(r, "INSERT INTO interference " TICKS "SELECT seq, %u, 0, 1, 14 FROM k", ticks,
		 FAKE_VDA);
	/* Of the loop device only what the probe saw is known, and that of odd ticks. */
	fake_sql(r,
		 "INSERT INTO device_depth " TICKS
		 "SELECT seq, %u, 1 + seq, 2 + seq, 3, 4, 5 + seq, 6, 7, 8 FROM k WHERE seq %% 2",
		 ticks, FAKE_LOOP);
	fake_sql(r,
		 "INSERT INTO device_depth " TICKS "SELECT seq, %u, 1, 2, 3, 4, 5, 6, 7, 8 FROM k",
		 ticks, FAKE_VDA);
	fake_sql(r,
		 "INSERT INTO device_sample " TICKS
		 "SELECT seq, %u, 10 + seq, 20, 30, 40, 50, 60, 70, 80 FROM k",
		 ticks, FAKE_VDA);
}

static void put_vfs(const struct fake_run *r, uint64_t ticks)
{
	/* Two mounts that look the same. */
	fake_sql(r,
		 "INSERT INTO mount VALUES (1, 'ext4', '253:0', '/'), (2, 'ext4', '253:0', '/')");
	put_hist(r, ticks, "vfs", "read", 1, false);
	put_hist(r, ticks, "vfs_size", "read", 1, true);
	put_hist(r, ticks, "vfs", "read", 2, false);
	put_hist(r, ticks, "vfs", "open", 0, false);
	fake_sql(r,
		 "INSERT INTO call_time " TICKS
		 "SELECT seq, 0, 'read', 1, 100, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 FROM k",
		 ticks);
	fake_sql(r, "INSERT INTO vfs_error VALUES (0, 'open', 0, 2, 17)");
}

static void put_samples(const struct fake_run *r, uint64_t ticks)
{
	char columns[METRIC_COUNT * 24], *at = columns;

	for (int i = 0; i < METRIC_COUNT; i++)
		at += sprintf(at, ", %d * (seq + 1)", (i + 1) * 1000);
	fake_sql(r, "INSERT INTO sample " TICKS "SELECT seq, 0%s FROM k", ticks, columns);
	fake_sql(r,
		 "INSERT INTO sample (seq, target, cpu_usage_ns) " TICKS
		 "SELECT seq, 1, 50000000 * (seq + 1) FROM k",
		 ticks);
	put_hist(r, ticks, "sched_runq", "", 0, false);
	put_hist(r, ticks, "sched_io", "", 0, false);
	put_hist(r, ticks, "sched_lock", "", 0, false);
	put_hist(r, ticks, "sched_other", "", 0, false);
	fake_sql(r, "INSERT INTO cpuset VALUES (0, 0, '0-2', '0'), (1, 1, '3', NULL)");
	fake_sql(r, "INSERT INTO preemption VALUES (0, 1, 'target', 3), (0, NULL, 'kernel', 4)");
}

static void put_events(const struct fake_run *r, uint64_t ticks)
{
	fake_sql(r,
		 "INSERT INTO perf_event VALUES (0, 'instructions', 1), (1, 'cpu-cycles', 1), "
		 "(2, 'cache-references', 1), (3, 'cache-misses', 1), (4, 'L1-dcache-loads', 1), "
		 "(5, 'page-faults', 0)");
	/* Cycles had a counter for half of the time, page faults for none of it. */
	fake_sql(r,
		 "INSERT INTO perf " TICKS "SELECT seq, 0, e.id, (e.id + 1) * 100 * (seq + 1), "
		 "1000 * (seq + 1), iif(e.id = 5, 0, iif(e.id = 1, 500, 1000)) * (seq + 1) "
		 "FROM k, perf_event e",
		 ticks);
	fake_sql(r, "INSERT INTO perf VALUES (0, -1, 0, 7, 8, 8), (%" PRIu64 ", -2, 0, 9, 9, 9)",
		 ticks - 1);
	fake_sql(r,
		 "INSERT INTO rdt " TICKS "SELECT seq, 0, d.id, 1048576, 1000000 * (seq + 1), "
		 "500000 * (seq + 1) FROM k, (SELECT 0 AS id UNION ALL SELECT 1) d",
		 ticks);
	fake_sql(r, "INSERT INTO rdt_class VALUES (0, 0, 'gold', 'cbpf-0', "
		    "'MB:0=50;1=100\nL3:0=ff;1=f')");
	fake_sql(r, "INSERT INTO rdt_alloc VALUES (0, 0, 'L3', 0, 255, 8, NULL), "
		    "(0, 0, 'L3', 1, 15, 4, NULL), (0, 0, 'MB', 0, 50, NULL, NULL), "
		    "(0, 0, 'MB', 1, 100, NULL, 'no such thing')");
}

static void put_targets(struct fake_run *r)
{
	const uint64_t start_ns = 0, stop_ns = 30000000000ull;
	const struct store_target victim = { .owner = 0,
					     .name = "victim",
					     .kind = "container",
					     .image = "cbpf/ior",
					     .exit_code = -1,
					     .cpus = "0-2",
					     .start_after_ns = &start_ns,
					     .stop_after_ns = &stop_ns };
	const struct store_target neighbour = { .owner = 1,
						.name = "neighbour",
						.kind = "container",
						.exit_code = -1,
						.start_after_ns = &start_ns };
	struct err err = { 0 };

	must(store_put_target(r->store, &victim, &err), &err);
	must(store_put_target(r->store, &neighbour, &err), &err);
	fake_sql(r,
		 "INSERT INTO target (id, name, kind) VALUES (2, 'unattributed', 'unattributed'), "
		 "(3, '/system.slice/cron.service', 'cgroup')");
}

void fake_full_begin(struct fake_run *r, uint64_t ticks)
{
	struct err err = { 0 };

	fake_run_begin(r, NULL);
	must(store_set_host(r->store, HOST, &err), &err);
	put_targets(r);
	fake_sql(r,
		 "UPDATE run SET description = 'of a test', duration_ns = 60000000000, "
		 "scheduler = 'observe', backends = '{\"perf\": \"bpf\", \"rdt\": \"resctrl\"}'; "
		 "BEGIN");
	fake_sql(r,
		 "INSERT INTO tick " TICKS "SELECT seq, %llu + seq * 100000000, "
		 "%llu + seq * 100000000 + 5000, %llu + (seq + 1) * 100000000, seq = %" PRIu64
		 " FROM k",
		 ticks, FAKE_MONO_NS + 99000000, FAKE_MONO_NS + 99000000, FAKE_MONO_NS, ticks - 1);
	put_block(r, ticks);
	put_vfs(r, ticks);
	put_samples(r, ticks);
	put_events(r, ticks);
	/* In a tick, at the end of one, and after them all. */
	fake_sql(r,
		 "INSERT INTO event VALUES (1, %llu, 'victim', 'started', NULL), "
		 "(2, %llu, NULL, 'note', 'at the end'), (3, %llu, 'victim', 'exited', 'late'); "
		 "COMMIT",
		 FAKE_MONO_NS + 150000000, FAKE_MONO_NS + 200000000,
		 FAKE_MONO_NS + ticks * 100000000 + 1);
}

void fake_full_end(struct fake_run *r)
{
	fake_sql(r,
		 "UPDATE target SET container_id = 'c0ffee', cgroup = '/docker/c0ffee', "
		 "io_cgroup_id = -1, default_cgroup_id = 101, state = 'ok', failure = 'none', "
		 "binary = 'cbpf-ior', exit_code = 0, start_ns = %llu, ready_ns = %llu, "
		 "end_ns = %llu, attribution = 'exact', attribution_reason = 'r', "
		 "writeback = 'unattributed' WHERE id = 0",
		 FAKE_MONO_NS + 1500000000, FAKE_MONO_NS + 1600000000, FAKE_MONO_NS + 9500000000);
	fake_sql(r,
		 "INSERT INTO result VALUES (1, 0, 'ior', '4.0', 'cbpf-ior', 'json', 'ior -t 4k', "
		 "'ok', NULL, 'write', 0, 4096, 1.5, 2.5, 0.5, 4, 8, 0.1, 0.2, 0.3, 0.4, %llu, "
		 "%llu, 2, 0, 1, 'j', 9, 1, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07), (2, 0, "
		 "'ior', '4.0', 'cbpf-ior', 'json', 'ior -t 4k', 'failed', 'bad', "
		 "NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, "
		 "NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, "
		 "NULL)",
		 FAKE_MONO_NS + 1000, FAKE_MONO_NS + 2000);
	fake_sql(r, "INSERT INTO expect VALUES (1, 'a < 1', 0.5, 1), (2, 'a < 1', NULL, 0)");
	fake_sql(r, "INSERT INTO finding VALUES (1, 'cache-reads', 'warning', 'victim', 'seen', "
		    "'do', '{}'), (2, 'cache-reads', 'info', NULL, 'seen', NULL, NULL)");
	fake_sql(r, "INSERT INTO loss VALUES ('rdt', 'no resctrl', 1), ('rdt', 'no L3', 2)");
	fake_run_put_whole(r);
	fake_sql(r,
		 "UPDATE run SET status = 'ok', ended_mono_ns = %llu, self = '{\"cpu_s\": 0.25, "
		 "\"rss_max_bytes\": 4096, \"ticks\": 3, \"overruns\": 0, \"skipped\": 1, "
		 "\"sweep_mean_us\": 2.5, \"sweep_max_us\": 3.5, \"late_max_us\": 4.5, "
		 "\"startup_s\": 0.5, \"block_times\": \"own\", \"probes\": [{\"program\": "
		 "\"block.on_issue\", \"runs\": 7, \"run_ns\": 700}]}'",
		 FAKE_MONO_NS + 10500000000ull);
}

void fake_full_make(struct fake_run *r, uint64_t ticks)
{
	fake_full_begin(r, ticks);
	fake_full_end(r);
	store_close(r->store);
	r->store = NULL;
}
