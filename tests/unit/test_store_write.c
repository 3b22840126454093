// SPDX-License-Identifier: Apache-2.0
/* Rows arrive as given, absent stays absent, and a failed write leaves nothing behind. */
#include "store/store.h"

#include <errno.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/loss.h"
#include "fake_run.h"
#include "unit.h"

/* The first value of the first row as text; "NULL" for NULL, "" for no row. */
static const char *ask(struct store *s, const char *sql)
{
	static char text[256];
	sqlite3_stmt *st;

	if (sqlite3_prepare_v2(store_db(s), sql, -1, &st, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(store_db(s)));
	*text = '\0';
	if (sqlite3_step(st) == SQLITE_ROW)
		snprintf(text, sizeof(text), "%s",
			 sqlite3_column_type(st, 0) == SQLITE_NULL
				 ? "NULL"
				 : (const char *)sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
	return text;
}

static const struct {
	const char *sql, *want, *why;
} cases[] = {
	{ "SELECT count(*) FROM tick", "5", "one row per tick" },
	{ "SELECT last FROM tick WHERE seq = 4", "1", "the last sweep is marked" },
	{ "SELECT group_concat(name) FROM target ORDER BY id",
	  "victim,neighbour,unattributed,/system.slice/cron.service", "owners become targets" },
	{ "SELECT kind FROM target WHERE id = 2", "unattributed", "kinds by name" },
	{ "SELECT io_cgroup_id FROM target WHERE id = 2", "NULL", "no cgroup id is absent" },
	{ "SELECT io_cgroup_id FROM target WHERE id = 1", "102",
	  "a later row without an id keeps the one known" },
	{ "SELECT exit_code FROM target WHERE id = 1", "1", "put_target completes the row" },
	{ "SELECT attribution FROM target WHERE id = 1", "ancestor", "how sure its block I/O is" },
	{ "SELECT writeback FROM target WHERE id = 1", "unattributed", "and writeback" },
	{ "SELECT attribution_reason FROM target WHERE id = 0", "NULL",
	  "no reason for what is so" },
	{ "SELECT attribution FROM target WHERE id = 2", "NULL", "nor for who is no target" },
	{ "SELECT count(*) FROM sample", "6", "two targets in three ticks" },
	{ "SELECT memory_bytes FROM sample WHERE seq = 2 AND target = 0", "41943040", "a gauge" },
	{ "SELECT cpu_throttled_ns FROM sample WHERE seq = 1 AND target = 0", "0",
	  "zero is a value" },
	{ "SELECT memory_bytes FROM sample WHERE seq = 2 AND target = 1", "NULL",
	  "what could not be read is absent" },
	{ "SELECT count(*) FROM histogram", "84", "3 ticks, 7 loads, 4 layers" },
	{ "SELECT sum(sum) FROM histogram WHERE layer = 'block_size' AND target = 1", "39321600",
	  "sizes are in bytes" },
	{ "SELECT max FROM histogram WHERE layer = 'block_size' AND target = 1", "65536",
	  "the largest" },
	{ "SELECT max FROM histogram WHERE layer = 'block_size' AND op = 'flush'", "NULL",
	  "a flush has no size" },
	{ "SELECT sum(ios) FROM histogram WHERE layer = 'block_total' AND op = 'write' AND "
	  "target = 0 AND device = 253 << 20",
	  "1200", "requests" },
	{ "SELECT sum(errors) FROM histogram WHERE layer = 'block_total'", "2", "errors" },
	{ "SELECT min(p50 <= p90 AND p90 <= p99 AND p99 <= p999 AND p999 <= max) FROM histogram",
	  "1", "percentiles are ordered" },
	{ "SELECT name FROM device WHERE dev = 7 << 20", "loop0", "a device's name" },
	{ "SELECT stacked FROM device WHERE dev = 7 << 20", "1", "a loop device is stacked" },
	{ "SELECT kind FROM device WHERE dev = 7 << 20", "loop", "what a device is" },
	{ "SELECT label FROM device WHERE dev = 7 << 20", "/data/disk.img", "its file" },
	{ "SELECT leaves FROM device WHERE dev = 7 << 20", "[\"vda\"]", "what it rests upon" },
	{ "SELECT leaves FROM device WHERE dev = 253 << 20", "NULL", "a leaf rests upon none" },
	{ "SELECT count(*) FROM device", "2", "told of before and after they were seen" },
	{ "SELECT max(read_bytes) - min(read_bytes) FROM device_sample WHERE device = 253 << 20",
	  "1474560", "diskstats as totals" },
	{ "SELECT count(*) FROM result WHERE target = 0", "3", "a row per operation" },
	{ "SELECT bytes FROM result WHERE op = 'read'", "1228800.0", "moved bytes" },
	{ "SELECT latency_s FROM result WHERE op = 'read'", "NULL", "not reported is absent" },
	{ "SELECT op FROM result WHERE status = 'failed'", "NULL",
	  "a failed tool has one row without an operation" },
	{ "SELECT count FROM loss WHERE what = 'block.start_missing'", "3", "losses" },
	{ "SELECT text FROM event", "NULL", "an event without words" },
	{ "SELECT actual FROM expect WHERE NOT ok", "NULL", "a verdict without a value" },
	{ "SELECT status FROM run", "ok", "finished" },
	{ "SELECT ended_mono_ns - started_mono_ns FROM run", "400000000", "lasted" },
	{ "SELECT kind FROM metric WHERE name = 'memory_bytes'", "gauge", "metrics are described" },
	{ "PRAGMA user_version", "2", "schema version" },
	{ "PRAGMA integrity_check", "ok", "SQLite agrees" },
};

static void rows_arrive(void **state)
{
	struct fake_run r;
	struct store *s;

	(void)state;
	fake_run_make(&r, NULL);
	s = fake_run_open(&r);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *got = ask(s, cases[i].sql);

		if (strcmp(got, cases[i].want))
			fail_msg("%s: %s: got %s, want %s", cases[i].why, cases[i].sql, got,
				 cases[i].want);
	}
	store_close(s);
	fake_run_fini(&r);
}

static void what_the_host_is_can_be_told_later(void **state)
{
	struct err err = { 0 };
	struct fake_run r;

	(void)state;
	fake_run_begin(&r, NULL);
	assert_int_equal(store_set_host(r.store, "{\"engine\": 1}", &err), 0);
	assert_string_equal(ask(r.store, "SELECT host FROM run"), "{\"engine\": 1}");
	assert_string_equal(ask(r.store, "SELECT status FROM run"), "running");
	fake_run_fini(&r);
}

static void blob_is_the_histogram(void **state)
{
	struct hist h = { 0 }, want = { 0 };
	struct fake_run r;
	struct store *s;
	sqlite3_stmt *st;

	(void)state;
	fake_run_make(&r, NULL);
	s = fake_run_open(&r);
	assert_int_equal(
		sqlite3_prepare_v2(store_db(s),
				   "SELECT buckets FROM histogram WHERE seq = 2 AND target = 1 "
				   "AND layer = 'block_device'",
				   -1, &st, NULL),
		SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	assert_int_equal(hist_decode(sqlite3_column_blob(st, 0), sqlite3_column_bytes(st, 0), &h),
			 0);
	sqlite3_finalize(st);
	for (uint64_t i = 0; i < fake_loads[4].ios; i++)
		hist_add(&want, fake_latency(4, 2, i, LAYER_BLOCK_DEVICE));
	assert_memory_equal(h.bucket, want.bucket, sizeof(h.bucket));
	store_close(s);
	fake_run_fini(&r);
}

static const struct {
	const char *sql, *want, *why;
} beside[] = {
	{ "SELECT count(*) FROM block", "1", "what has no latency" },
	{ "SELECT target || op || device FROM block", "0write265289728", "of whom, and where" },
	{ "SELECT asked * 100000000 + consecutive * 10000000 + forward * 1000000 + "
	  "backward * 100000 + requeues * 10000 + merges * 1000 + splits * 100 + partial * 10 + "
	  "missed FROM block",
	  "123456789", "every column is its own" },
	{ "SELECT group_concat(op || status || '=' || count) FROM block_error", "other5=4,write5=7",
	  "errors of two cgroups of one owner add up; an operation that is not known is another" },
	{ "SELECT target || ' ' || device FROM block_error WHERE op = 'write'", "1 265289728",
	  "of whom, and where" },
	{ "SELECT share_ns || ' ' || depth_ns || ' ' || max_depth FROM share WHERE target = 1",
	  "300 3000 9", "shares of two cgroups of one owner add up; depths have a maximum" },
	{ "SELECT count(*) FROM share", "2", "a row per owner and device" },
	{ "SELECT group_concat(victim || '<' || aggressor || ':' || ns) FROM interference",
	  "0<1:30,1<0:7", "so do losses; who loses is not who takes" },
	{ "SELECT busy_ns || ' ' || depth_ns || ' ' || depth || ' ' || max_depth FROM device_depth",
	  "1000 5000 3 12", "a device's totals" },
	{ "SELECT clock_requests || ' ' || clock_unset || ' ' || clock_early || ' ' || "
	  "clock_early_max_ns FROM device_depth",
	  "100 2 3 4000", "and what its clock is worth" },
	{ "SELECT name FROM device WHERE dev = 265289728", "vda", "the probe knows its name" },
	{ "SELECT stacked FROM device WHERE dev = 265289728", "NULL", "but not what it lies on" },
	{ "PRAGMA foreign_key_check", "", "all of them point at what is there" },
};

static void what_has_no_latency_arrives(void **state)
{
	struct err err = { 0 };
	struct fake_run r;
	struct frame *f = &r.frame;

	(void)state;
	fake_run_begin(&r, NULL);
	frame_reset(f);
	f->blocks[f->n_blocks++] =
		(struct frame_block){ FAKE_VICTIM, 1, FAKE_VDA, 1, 2, 3, 4, 5, 6, 7, 8, 9 };
	f->errors[f->n_errors++] = (struct frame_error){ FAKE_NEIGHBOUR, 1, 5, FAKE_VDA, 3 };
	f->errors[f->n_errors++] = (struct frame_error){ FAKE_NEIGHBOUR, 1, 5, FAKE_VDA, 4 };
	f->errors[f->n_errors++] = (struct frame_error){ FAKE_NEIGHBOUR, 99, 5, FAKE_VDA, 4 };
	f->shares[f->n_shares++] = (struct frame_share){ FAKE_NEIGHBOUR, FAKE_VDA, 100, 1000, 9 };
	f->shares[f->n_shares++] = (struct frame_share){ FAKE_NEIGHBOUR, FAKE_VDA, 200, 2000, 8 };
	f->shares[f->n_shares++] = (struct frame_share){ FAKE_VICTIM, FAKE_VDA, 1, 1, 1 };
	f->crosses[f->n_crosses++] =
		(struct frame_cross){ FAKE_VICTIM, FAKE_NEIGHBOUR, FAKE_VDA, 10 };
	f->crosses[f->n_crosses++] =
		(struct frame_cross){ FAKE_VICTIM, FAKE_NEIGHBOUR, FAKE_VDA, 20 };
	f->crosses[f->n_crosses++] =
		(struct frame_cross){ FAKE_NEIGHBOUR, FAKE_VICTIM, FAKE_VDA, 7 };
	f->depths[f->n_depths++] =
		(struct frame_depth){ FAKE_VDA, "vda", 1000, 5000, 3, 12, 100, 2, 3, 4000 };
	if (store_put_frame(r.store, f, r.owners, &err))
		fail_msg("%s", err.text);
	for (size_t i = 0; i < ARRAY_SIZE(beside); i++) {
		const char *got = ask(r.store, beside[i].sql);

		if (strcmp(got, beside[i].want))
			fail_msg("%s: %s: got %s, want %s", beside[i].why, beside[i].sql, got,
				 beside[i].want);
	}
	/* diskstats tells the rest of the device. */
	fake_run_tick(&r, 1);
	assert_string_equal(ask(r.store, "SELECT stacked FROM device WHERE dev = 265289728"), "0");
	fake_run_fini(&r);
}

static void full_disk_keeps_what_was_there(void **state)
{
	struct err err = { 0 };
	struct fake_run r;
	char want[32];
	uint64_t kept;
	int rc = 0;

	(void)state;
	fake_run_begin(&r, NULL);
	fake_run_tick(&r, 0);
	/* As a disk that has no page left. */
	sqlite3_exec(store_db(r.store), "PRAGMA max_page_count = 60", NULL, NULL, NULL);
	for (int i = 0; !rc && i < 100000; i++) {
		r.frame.seq++;
		rc = store_put_frame(r.store, &r.frame, r.owners, &err);
	}
	assert_int_equal(rc, -ENOSPC);
	assert_non_null(strstr(err.text, "full"));
	assert_non_null(strstr(err.text, r.dir));
	kept = strtoull(ask(r.store, "SELECT count(*) FROM tick"), NULL, 10);
	assert_true(kept > 1);
	/* no half of the tick that failed */
	snprintf(want, sizeof(want), "%" PRIu64, 2 * kept);
	assert_string_equal(ask(r.store, "SELECT count(*) FROM device_sample"), want);
	assert_string_equal(ask(r.store, "PRAGMA integrity_check"), "ok");
	/* and goes on once there is room */
	sqlite3_exec(store_db(r.store), "PRAGMA max_page_count = 100000", NULL, NULL, NULL);
	assert_int_equal(store_put_frame(r.store, &r.frame, r.owners, &err), 0);
	fake_run_fini(&r);
}

static void a_tick_is_written_once(void **state)
{
	struct err err = { 0 };
	struct fake_run r;

	(void)state;
	fake_run_begin(&r, NULL);
	fake_run_tick(&r, 1);
	assert_int_not_equal(store_put_frame(r.store, &r.frame, r.owners, &err), 0);
	assert_non_null(strstr(err.text, "tick 1"));
	assert_string_equal(ask(r.store, "SELECT count(*) FROM tick"), "1");
	assert_string_equal(ask(r.store, "SELECT count(*) FROM histogram"), "28");
	fake_run_fini(&r);
}

static void losses_are_totals(void **state)
{
	static struct losses l = LOSSES_INIT;
	struct err err = { 0 };
	struct fake_run r;

	(void)state;
	fake_run_begin(&r, NULL);
	loss_set(&l, "block.no_slot", 5, "no room");
	assert_int_equal(store_put_losses(r.store, &l, &err), 0);
	loss_set(&l, "block.no_slot", 7, "no room");
	assert_int_equal(store_put_losses(r.store, &l, &err), 0);
	assert_string_equal(ask(r.store, "SELECT group_concat(count) FROM loss"), "7");
	fake_run_fini(&r);
}

/* What is told after the run adds to what is there, or takes the place of what it told before. */
static void losses_of_sinks_add(void **state)
{
	static struct losses run = LOSSES_INIT, sink = LOSSES_INIT;
	static const char all[] =
		"SELECT group_concat(what || ' ' || reason || ' ' || count, '; ') FROM "
		"(SELECT * FROM loss ORDER BY what, reason)";
	struct err err = { 0 };
	struct fake_run r;

	(void)state;
	fake_run_begin(&r, NULL);
	loss_set(&run, "block.no_slot", 5, "no room");
	loss_set(&run, "sink.influxdb", 1, "refused");
	assert_int_equal(store_put_losses(r.store, &run, &err), 0);
	loss_set(&sink, "sink.influxdb", 2, "refused");
	assert_int_equal(store_add_losses(r.store, &sink, NULL, &err), 0);
	assert_string_equal(ask(r.store, all), "block.no_slot no room 5; sink.influxdb refused 3");
	assert_int_equal(store_add_losses(r.store, &sink, "sink.influxdb", &err), 0);
	assert_string_equal(ask(r.store, all), "block.no_slot no room 5; sink.influxdb refused 2");
	fake_run_fini(&r);
}

/* A list that is not known is absent. */
static void lists_of_cpus_arrive(void **state)
{
	struct err err = { 0 };
	struct fake_run r;

	(void)state;
	fake_run_begin(&r, NULL);
	fake_run_tick(&r, 0);
	frame_reset(&r.frame);
	r.frame.seq = 1;
	r.frame.n_cpusets = 2;
	r.frame.cpusets[0] = (struct frame_cpuset){ FAKE_VICTIM, "0-2,5", "0" };
	r.frame.cpusets[1] = (struct frame_cpuset){ FAKE_NEIGHBOUR, "3", "" };
	assert_int_equal(store_put_frame(r.store, &r.frame, r.owners, &err), 0);
	assert_string_equal(ask(r.store, "SELECT cpus FROM cpuset WHERE seq = 1 AND target = 0"),
			    "0-2,5");
	assert_string_equal(ask(r.store, "SELECT mems FROM cpuset WHERE target = 1"), "NULL");
	fake_run_fini(&r);
}

static void what_resctrl_tells_arrives(void **state)
{
	struct err err = { 0 };
	struct fake_run r;

	(void)state;
	fake_run_begin(&r, NULL);
	fake_run_tick(&r, 0);
	frame_reset(&r.frame);
	r.frame.seq = 1;
	r.frame.n_rdts = r.frame.n_classes = 1;
	r.frame.n_allocs = 2;
	r.frame.rdts[0] = (struct frame_rdt){ FAKE_VICTIM, 3, { true, false, true }, { 0, 7, 9 } };
	r.frame.classes[0] = (struct frame_class){ FAKE_VICTIM, "/", "cbpf.x", "" };
	r.frame.allocs[0] = (struct frame_alloc){ FAKE_VICTIM, "L3", 3, 15, 4, NULL };
	r.frame.allocs[1] = (struct frame_alloc){ FAKE_VICTIM, "MB", 3, 7, -1, "is too little" };
	assert_int_equal(store_put_frame(r.store, &r.frame, r.owners, &err), 0);
	assert_string_equal(ask(r.store, "SELECT llc_occupancy_bytes || ' ' || "
					 "coalesce(mbm_total_bytes, '-') || ' ' || mbm_local_bytes "
					 "FROM rdt WHERE seq = 1 AND target = 0 AND domain = 3"),
			    "0 - 9");
	assert_string_equal(ask(r.store, "SELECT class || mon_group || coalesce(schemata, '-') "
					 "FROM rdt_class"),
			    "/cbpf.x-");
	assert_string_equal(ask(r.store, "SELECT value || ' ' || ways || coalesce(wrong, '-') "
					 "FROM rdt_alloc WHERE resource = 'L3'"),
			    "15 4-");
	assert_string_equal(ask(r.store, "SELECT value || coalesce(ways, '-') || wrong "
					 "FROM rdt_alloc WHERE resource = 'MB'"),
			    "7-is too little");
	fake_run_fini(&r);
}

static void an_owner_may_come_late(void **state)
{
	struct fake_run r;

	(void)state;
	fake_run_begin(&r, NULL);
	atomic_store(&r.owners->n, 2);
	fake_run_tick(&r, 0);
	assert_string_equal(ask(r.store, "SELECT count(*) FROM target"), "2");
	atomic_store(&r.owners->n, FAKE_OWNERS);
	fake_run_tick(&r, 1);
	assert_string_equal(ask(r.store, "SELECT count(*) FROM target"), "4");
	fake_run_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_arrive),
		cmocka_unit_test(what_the_host_is_can_be_told_later),
		cmocka_unit_test(blob_is_the_histogram),
		cmocka_unit_test(what_has_no_latency_arrives),
		cmocka_unit_test(full_disk_keeps_what_was_there),
		cmocka_unit_test(a_tick_is_written_once),
		cmocka_unit_test(losses_are_totals),
		cmocka_unit_test(losses_of_sinks_add),
		cmocka_unit_test(lists_of_cpus_arrive),
		cmocka_unit_test(what_resctrl_tells_arrives),
		cmocka_unit_test(an_owner_may_come_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
