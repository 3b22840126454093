// SPDX-License-Identifier: Apache-2.0
/* How requests lay, failed and shared devices, from what was put through the store. */
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "fake_report.h"
#include "fake_run.h"
#include "report/internal.h"
#include "report/report.h"
#include "unit.h"

/* From the begin of the first sweep to the end of the last. */
#define SPAN_NS ((FAKE_TICKS - 1) * FAKE_INTERVAL_NS + 300000)

static const char *const owner_names[] = { "victim", "neighbour", "unattributed",
					   "/system.slice/cron.service" };

static void whole_is(json_t *report, const char *path, int64_t want, const char *sentence)
{
	int64_t got = json_integer_value(fake_at(report, path));

	if (got != want)
		fail_msg("%s: %s is %lld, not %lld", sentence, path, (long long)got,
			 (long long)want);
}

static void real_is(json_t *report, const char *path, double want)
{
	double got = json_number_value(fake_at(report, path));

	if (fabs(got - want) > 1e-9 * fabs(want))
		fail_msg("%s is %.12g, not %.12g", path, got, want);
}

static const struct {
	const char *path;
	int64_t want;
	const char *sentence;
} accesses[] = {
	{ "targets.0.block.vda.write.consecutive", 3 * 360, "ticks are added up" },
	{ "targets.0.block.vda.write.forward", 3 * 20, "so are those further on" },
	{ "targets.0.block.vda.write.merges", 3 * 12, "merges" },
	{ "targets.0.block.vda.write.splits", 0, "what did not happen is 0" },
	{ "targets.0.block.vda.write.requeues", 0, "of all kinds" },
	{ "targets.0.block.vda.write.partial", 0, "partial completions too" },
	{ "targets.0.block.vda.write.missed", 0, "and those missed" },
	{ "targets.0.block.vda.read.consecutive", 3 * 3, "each operation has its own" },
	{ "targets.0.block.vda.flush.asked", 3, "flushes that were asked for" },
	{ "targets.0.block.loop0.write.merges", 0, "each device has its own" },
	{ "targets.1.block.vda.write.splits", 3 * 25, "each target has its own" },
	{ "targets.1.block.vda.write.requeues", 3, "what the driver sent back" },
	{ "targets.3.block.vda.read.consecutive", 3 * 4, "bystanders have it as well" },
	{ "targets.1.block.vda.write.errors_by_status.I/O error", 2, "errors by their name" },
};

static void access_is_as_put_in(void **state)
{
	json_t *report = fake_report(NULL);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(accesses); i++)
		whole_is(report, accesses[i].path, accesses[i].want, accesses[i].sentence);
	real_is(report, "targets.0.block.vda.write.sequential_ratio", 0.9);
	real_is(report, "targets.0.block.vda.read.sequential_ratio", 0.03);
	real_is(report, "targets.1.block.vda.write.sequential_ratio", 0.75);
	/* nothing that was not put in */
	assert_null(fake_find(report, "targets.0.block.vda.write.errors_by_status"));
	json_decref(report);
}

static void shares_are_as_put_in(void **state)
{
	static const struct {
		uint32_t dev;
		const char *name, *at;
	} devices[] = { { FAKE_VDA, "vda", "devices.1" }, { FAKE_LOOP, "loop0", "devices.0" } };
	json_t *report = fake_report(NULL);

	(void)state;
	for (size_t d = 0; d < ARRAY_SIZE(devices); d++) {
		uint64_t busy = FAKE_BUSY_TICKS * FAKE_DISK_BUSY_NS, depths = 0;
		double ratios = 0;
		char path[128];
		json_t *probe;

		for (int owner = 0; owner < FAKE_OWNERS; owner++) {
			uint64_t share = 0, depth = 0;
			json_t *its;

			for (uint64_t tick = 1; tick <= FAKE_BUSY_TICKS; tick++) {
				share += fake_share_ns(owner, devices[d].dev, tick);
				depth += fake_depth_ns(owner, devices[d].dev, tick);
			}
			snprintf(path, sizeof(path), "targets.%d.sharing.%s", owner,
				 devices[d].name);
			its = fake_find(report, path);
			/* Who was never there has none. */
			assert_int_equal(its != NULL, depth != 0);
			if (!its)
				continue;
			depths += depth;
			whole_is(its, "share_ns", share, "ticks are added up");
			whole_is(its, "depth_max", fake_max_depth[owner], "the most of all ticks");
			real_is(its, "depth_mean", (double)depth / SPAN_NS);
			real_is(its, "share_ratio", (double)share / busy);
			if (devices[d].dev ==
			    FAKE_VDA) { /* always there, and busy for half of the time */
				uint64_t active = json_integer_value(fake_at(its, "active_ns"));

				assert_true(active > 0);
				assert_int_equal(active % FAKE_INTERVAL_NS, 0);
				whole_is(its, "active_busy_ns", active / 2, "of its ticks");
			}
			ratios += json_real_value(fake_at(its, "share_ratio"));
		}
		/* They add up to the device's busy time, but for what the division leaves. */
		assert_true(fabs(ratios - 1) < 1e-6);
		snprintf(path, sizeof(path), "%s.probe", devices[d].at);
		probe = fake_at(report, path);
		whole_is(probe, "busy_ns", busy, "the last of the totals");
		real_is(probe, "depth_mean", (double)depths / SPAN_NS);
	}
	whole_is(report, "devices.1.probe.depth_max", 43, "the most at once");
	whole_is(report, "devices.1.probe.clock_requests", 120, "what was compared");
	whole_is(report, "devices.1.probe.clock_early", 0, "and found right");
	json_decref(report);
}

static void losses_are_as_put_in(void **state)
{
	json_t *report = fake_report(NULL), *list = fake_at(report, "interference");

	(void)state;
	assert_int_equal(json_array_size(list), fake_n_lost);
	/* Those that lost most first, as they stand there. */
	for (size_t i = 0; i < fake_n_lost; i++) {
		json_t *cell = json_array_get(list, i);

		whole_is(cell, "ns", FAKE_BUSY_TICKS * fake_lost[i].ns, "ticks are added up");
		assert_string_equal(json_string_value(fake_at(cell, "victim")),
				    owner_names[fake_lost[i].victim]);
		assert_string_equal(json_string_value(fake_at(cell, "aggressor")),
				    owner_names[fake_lost[i].aggressor]);
		assert_string_equal(json_string_value(fake_at(cell, "device")), "vda");
	}
	json_decref(report);
}

/* What a probe on a strange kernel may leave. */
static void put_odd_tick(struct fake_run *r)
{
	static const struct frame_error errors[] = {
		{ FAKE_VICTIM, 0, 2, FAKE_VDA, 3 }, /* a time-out */
		{ FAKE_VICTIM, 0, 0, FAKE_VDA, 4 }, /* no failure at all */
		{ FAKE_VICTIM, 0, 31, FAKE_VDA, 5 }, /* no status has this number */
		{ FAKE_NEIGHBOUR, 1, 10, FAKE_VDA, 7 }, /* one more tick with it */
		{ FAKE_NEIGHBOUR, 0, 10, FAKE_VDA, 9 }, /* of an operation without requests */
	};
	struct frame *f = &r->frame;
	struct err err = { 0 };

	frame_reset(f);
	f->seq = FAKE_TICKS;
	f->due_ns = f->begin_ns = f->end_ns = FAKE_MONO_NS + FAKE_TICKS * FAKE_INTERVAL_NS;
	memcpy(f->errors, errors, sizeof(errors));
	f->n_errors = ARRAY_SIZE(errors);
	/* Of a device, an operation and an owner without any request. */
	f->blocks[f->n_blocks++] = (struct frame_block){ FAKE_CRON, 0, 5 << 20, .merges = 1 };
	f->blocks[f->n_blocks++] = (struct frame_block){ FAKE_NEIGHBOUR, 3, FAKE_VDA, .merges = 1 };
	f->shares[f->n_shares++] = (struct frame_share){ FAKE_CRON, 5 << 20, 7, 7, 7 };
	f->crosses[f->n_crosses++] = (struct frame_cross){ FAKE_CRON, FAKE_VICTIM, 5 << 20, 7 };
	f->depths[f->n_depths++] = (struct frame_depth){ 6 << 20, "nvme9n9", .busy_ns = 9 };
	/* The same pair as before on a device that has a name. */
	f->crosses[f->n_crosses++] =
		(struct frame_cross){ FAKE_CRON, FAKE_VICTIM, FAKE_VDA, 1000000000 };
	if (store_put_frame(r->store, f, r->owners, &err))
		fail_msg("%s", err.text);
}

static json_t *report_of(struct fake_run *r)
{
	struct store *s = fake_run_open(r);
	struct err err = { 0 };
	json_t *report = NULL;

	if (report_build(s, &report, &err))
		fail_msg("%s", err.text);
	store_close(s);
	return report;
}

static void what_is_odd_is_told_all_the_same(void **state)
{
	struct fake_run r;
	json_t *report;

	(void)state;
	fake_run_begin(&r, NULL);
	for (uint64_t seq = 0; seq < FAKE_TICKS; seq++)
		fake_run_tick(&r, seq);
	put_odd_tick(&r);
	fake_run_end(&r, "ok");
	store_close(r.store);
	r.store = NULL;
	report = report_of(&r);
	whole_is(report, "targets.0.block.vda.read.errors_by_status.timeout", 3, "by its name");
	whole_is(report, "targets.0.block.vda.read.errors_by_status.status 0", 4, "no name for 0");
	whole_is(report, "targets.0.block.vda.read.errors_by_status.status 31", 5, "nor for this");
	whole_is(report, "targets.1.block.vda.write.errors_by_status.I/O error", 9, "added up");
	assert_null(fake_find(report, "targets.1.block.vda.read"));
	assert_null(fake_find(report, "targets.1.block.vda.discard"));
	/* A device without a name has its number. */
	whole_is(report, "targets.3.sharing.5:0.share_ns", 7, "a share of it");
	assert_null(fake_find(report, "targets.3.sharing.5:0.share_ratio"));
	assert_int_equal(json_array_size(fake_at(report, "interference")), fake_n_lost + 1);
	whole_is(report, "interference.0.ns", 1000000000 + 3 * 300000, "now it lost most");
	assert_string_equal(json_string_value(fake_at(report, "interference.4.device")), "5:0");
	/* A device that only the probe saw, and idle, is not told. */
	assert_int_equal(json_array_size(fake_at(report, "devices")), 2);
	json_decref(report);
	fake_run_fini(&r);
}

static void change(const struct fake_run *r, const char *const *sql, size_t n)
{
	char path[PATH_MAX + 16];
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/run.db", r->dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(sqlite3_exec(db, sql[i], NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* The victim lives in the time of ticks 2 and 3 in part; what neighbours do in tick 1 is not meanwhile. */
static void meanwhile_is_of_its_life(void **state)
{
	static const char *const sql[] = {
		"UPDATE target SET start_ns = (SELECT begin_ns + 10 FROM tick WHERE seq = 1), "
		"end_ns = (SELECT begin_ns + 10 FROM tick WHERE seq = 2) WHERE name = 'victim'",
		"UPDATE target SET start_ns = NULL WHERE name = 'neighbour'",
	};
	json_t *report, *meanwhile, *cell;
	struct fake_run r;
	size_t i;

	(void)state;
	fake_run_make(&r, NULL);
	change(&r, sql, ARRAY_SIZE(sql));
	report = report_of(&r);
	meanwhile = fake_at(report, "targets.0.sharing.vda.meanwhile");
	assert_true(json_array_size(meanwhile) > 1);
	json_array_foreach(meanwhile, i, cell) {
		const char *name = json_string_value(fake_at(cell, "name"));
		uint64_t want = 0;

		for (int owner = 0; owner < FAKE_OWNERS; owner++)
			for (uint64_t tick = 2; tick <= 3 && tick <= FAKE_BUSY_TICKS; tick++)
				if (!strcmp(name, owner_names[owner]))
					want += fake_share_ns(owner, FAKE_VDA, tick);
		whole_is(cell, "share_ns", want, name);
	}
	/* Who has not begun is beside nobody. */
	assert_null(fake_find(report, "targets.1.sharing.vda.meanwhile"));
	json_decref(report);
	fake_run_fini(&r);
}

/* As a version wrote it that knew nothing of all this. */
static void make_old(const struct fake_run *r)
{
	static const char *const sql[] = {
		"DROP TABLE block",	   "DROP TABLE block_error",
		"DROP TABLE share",	   "DROP TABLE interference",
		"DROP TABLE device_depth", "DELETE FROM histogram WHERE layer = 'block_size'",
	};

	change(r, sql, ARRAY_SIZE(sql));
}

static void an_older_database_has_none_of_it(void **state)
{
	static const char *const absent[] = {
		"targets.0.sharing",
		"targets.0.block.vda.write.consecutive",
		"targets.0.block.vda.write.sequential_ratio",
		"targets.0.block.vda.write.size",
		"targets.1.block.vda.write.errors_by_status",
		"devices.1.probe",
	};
	static const char *const never[] = { "sharing  ", "interference  ", "requests  " };
	struct report_style style = { .width = 80 };
	cleanup_buf struct buf out = BUF_INIT(1 << 20);
	struct fake_run r;
	json_t *report;

	(void)state;
	fake_run_make(&r, NULL);
	make_old(&r);
	report = report_of(&r);
	assert_true(json_is_array(fake_at(report, "interference")));
	assert_int_equal(json_array_size(fake_at(report, "interference")), 0);
	for (size_t i = 0; i < ARRAY_SIZE(absent); i++)
		if (fake_find(report, absent[i]))
			fail_msg("where does %s come from?", absent[i]);
	/* What it has is told as ever. */
	whole_is(report, "targets.0.block.vda.write.ios", 1200, "requests");
	whole_is(report, "targets.1.block.vda.write.errors", 2, "errors");
	assert_int_equal(report_text(report, &style, &out), 0);
	for (size_t i = 0; i < ARRAY_SIZE(never); i++)
		assert_null(strstr(buf_str(&out), never[i]));
	json_decref(report);
	fake_run_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(access_is_as_put_in),
		cmocka_unit_test(shares_are_as_put_in),
		cmocka_unit_test(losses_are_as_put_in),
		cmocka_unit_test(what_is_odd_is_told_all_the_same),
		cmocka_unit_test(meanwhile_is_of_its_life),
		cmocka_unit_test(an_older_database_has_none_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
