// SPDX-License-Identifier: Apache-2.0
/*
 * Leaves a run behind for tests of report.html, and prints where its store is. As it is told:
 * "full", with something of all that there can be; "targets N", so many that do the same;
 * "absent", of which nothing was measured; "interrupted"; "hostile", whose every name is markup;
 * "hour", of 36000 ticks, 20 targets and over a million cells of histograms.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hist.h"
#include "fake_building.h"
#include "fake_full.h"
#include "fake_random.h"
#include "unit.h"

#define HOSTILE "</script><script>window.hostile=1</script><img src=x onerror=window.hostile=2>"
#define FIRST 10 /* id of the first further target */
#define BLOBS 64 /* histograms that differ */
#define HOUR_TICKS 36000
#define HOUR_TARGETS 20

static void put_targets(const struct fake_run *r, int n)
{
	for (int i = 1; i < n; i++)
		fake_sql(r,
			 "INSERT INTO target (id, name, kind, cgroup, start_ns, end_ns) SELECT %d, "
			 "'target %d', kind, cgroup, start_ns, end_ns FROM target WHERE id = 0",
			 FIRST + i - 1, i);
}

/* They do what the victim does, and are in each other's way. */
static void copy_victim(const struct fake_run *r, int n)
{
	static const char *const tables[] = { "sample", "histogram", "share", "call_time" };

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		fake_sql(r, "CREATE TEMP TABLE copy AS SELECT * FROM %s WHERE target = 0",
			 tables[i]);
		for (int k = 1; k < n; k++)
			fake_sql(r,
				 "UPDATE copy SET target = %d; INSERT INTO %s SELECT * FROM copy",
				 FIRST + k - 1, tables[i]);
		fake_sql(r, "DROP TABLE copy");
	}
	fake_sql(
		r,
		"INSERT INTO interference SELECT 1, %u, v.id, a.id, 100 * (1 + (v.id + a.id) %% 7) "
		"FROM target v, target a WHERE v.id >= %d AND a.id >= %d AND v.id <> a.id",
		FAKE_VDA, FIRST, FIRST);
}

/* A table `blob` of histograms, each with about twenty cells over five powers of ten. */
static void put_blobs(const struct fake_run *r)
{
	char hex[2 * HIST_BLOB_MAX + 1];
	uint8_t bytes[HIST_BLOB_MAX];

	fake_sql(r, "CREATE TEMP TABLE blob (id INTEGER PRIMARY KEY, p50, most, sum, b)");
	for (int k = 0; k < BLOBS; k++) {
		struct hist h = { 0 };
		size_t n;

		for (int i = 0; i < 24; i++)
			hist_add(&h, 1000 + random_u64() % (1ull << (10 + random_u64() % 17)));
		n = hist_encode(&h, bytes);
		for (size_t i = 0; i < n; i++)
			sprintf(hex + 2 * i, "%02x", bytes[i]);
		fake_sql(r,
			 "INSERT INTO blob VALUES (%d, %" PRIu64 ", %" PRIu64 ", %" PRIu64
			 ", x'%s')",
			 k, hist_quantile(&h, 0.5), (uint64_t)h.max, (uint64_t)h.sum, hex);
	}
}

/* Half of the ticks have requests of each target, the other half calls. */
static void put_hour(const struct fake_run *r)
{
	fake_sql(r, "BEGIN; DELETE FROM histogram; DELETE FROM sample WHERE target = 0");
	put_blobs(r);
	fake_sql(
		r,
		"INSERT INTO histogram SELECT seq, t.id, iif(seq %% 2, 'block_total', 'vfs'), "
		"iif(seq / 2 %% 2, 'read', 'write'), iif(seq %% 2, %u, 1), 24, 24 * 4096, 0, 24, "
		"b.sum, b.p50, b.most, b.most, b.most, b.most, b.b FROM tick, target t JOIN blob b "
		"ON b.id = (seq * 7919 + t.id * 31) %% %d WHERE t.id = 0 OR t.id >= %d",
		FAKE_VDA, BLOBS, FIRST);
	fake_sql(r,
		 "INSERT INTO sample (seq, target, cpu_usage_ns, memory_bytes, memory_file_bytes, "
		 "memory_dirty_bytes, memory_writeback_bytes, io_some_ns, io_full_ns, cpu_some_ns, "
		 "pagecache_accessed, pagecache_missed, sched_runq_ns) SELECT seq, t.id, "
		 "seq * 30000000 + (seq * 7919 + t.id) %% 20000000, 100000000 + seq * 7919 %% "
		 "90001, "
		 "50000000 + seq * 104729 %% 80021, seq * 31 %% 9973 * 4096, 0, seq * 20000000 + "
		 "seq * 7907 %% 15000000, seq * 10000000 + seq * 6007 %% 8000000, seq * 1000000, "
		 "seq * 1000 + seq * 13 %% 700, seq * 100 + seq * 17 %% 90, seq * 3000000 + "
		 "seq * 997 %% 2000000 FROM tick, target t WHERE t.id = 0 OR t.id >= %d",
		 FIRST);
	/* One moment that no mean may hide. */
	fake_sql(r, "UPDATE sample SET memory_bytes = 987654321 WHERE seq = 20001 AND target = 0; "
		    "COMMIT");
}

static void name_hostile(const struct fake_run *r)
{
	fake_sql(r, "UPDATE target SET name = '%s' || id, cgroup = '%s', image = '%s'", HOSTILE,
		 HOSTILE, HOSTILE);
	fake_sql(r, "UPDATE run SET name = '%s', spec = '%s', description = '%s'", HOSTILE, HOSTILE,
		 HOSTILE);
	fake_sql(r, "UPDATE device SET name = name || '%s', label = '%s'", HOSTILE, HOSTILE);
	fake_sql(r, "UPDATE mount SET at = '%s' || id, fs = '%s'", HOSTILE, HOSTILE);
	fake_sql(r, "UPDATE result SET command = '%s', message = '%s', op = 'write'", HOSTILE,
		 HOSTILE);
	fake_sql(r, "UPDATE event SET what = '%s', text = '%s'; UPDATE expect SET expr = '%s'",
		 HOSTILE, HOSTILE, HOSTILE);
	fake_sql(r,
		 "UPDATE OR REPLACE loss SET what = '%s', reason = '%s'; "
		 "UPDATE preemption SET by = '%s'",
		 HOSTILE, HOSTILE, HOSTILE);
	fake_sql(r, "UPDATE OR REPLACE profile SET stack = '%s;%s'; UPDATE file SET path = '%s'",
		 HOSTILE, HOSTILE, HOSTILE);
}

static void forget_all(const struct fake_run *r)
{
	static const char *const tables[] = {
		"sample",	"histogram",	"block",	 "block_error", "share",
		"interference", "device_depth", "device_sample", "call_time",	"vfs_error",
		"perf",		"perf_event",	"rdt",		 "rdt_class",	"rdt_alloc",
		"preemption",	"file",		"mount",	 "cpuset",	"profile",
		"profile_run",	"device",	"result",	 "expect",
	};

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++)
		fake_sql(r, "DELETE FROM %s", tables[i]);
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "full";
	const bool hour = !strcmp(how, "hour");
	const int n = hour ? HOUR_TARGETS : argc > 2 ? atoi(argv[2]) : 1;
	struct fake_run r;

	fake_full_begin(&r, hour ? HOUR_TICKS : 120);
	fake_full_end(&r);
	put_targets(&r, n);
	if (hour)
		put_hour(&r);
	else if (n > 1)
		copy_victim(&r, n);
	if (!strcmp(how, "hostile"))
		name_hostile(&r);
	if (!strcmp(how, "absent"))
		forget_all(&r);
	if (!strcmp(how, "interrupted"))
		fake_sql(&r, "UPDATE run SET status = 'interrupted'");
	store_close(r.store);
	puts(r.store_dir);
	return 0;
}
