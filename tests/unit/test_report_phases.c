// SPDX-License-Identifier: Apache-2.0
/* A run's numbers cut to phases: every tick's are given away once, to whom they belong. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hist.h"
#include "fake_building.h"
#include "report/phases_cells.h"
#include "report/report.h"
#include "report/text_parts.h"
#include "store/store.h"
#include "unit.h"

static struct fake_run run;
static struct err err;
static struct building b;

#define MIB 1048576ll

/* Five ticks of 100 ms, from 1 s on; sweeps take 1 ms. */
static int setup(void **state)
{
	(void)state;
	err = (struct err){ 0 };
	fake_building_begin(&b, &run, &err);
	fake_sql(&run, "DELETE FROM tick; DELETE FROM histogram; DELETE FROM result; "
		       "DELETE FROM sample");
	for (long long i = 0; i < 6; i++)
		fake_sql(&run, "INSERT INTO tick VALUES (%lld, %lld, %lld, %lld, 0)", i,
			 1000000000 + i * 100000000, 1000000000 + i * 100000000,
			 1001000000 + i * 100000000);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_building_end(&b, &run);
	return 0;
}

/* Of target 0; times in ms, 0: not told. */
static void result(const char *op, int iteration, int begin_ms, int end_ms, double mib)
{
	fake_sql(
		&run,
		"INSERT INTO result (target, tool, status, op, iteration, bytes, bw_mib_s, "
		"begin_ns, "
		"end_ns, open_s, wrrd_s) VALUES (0, 'ior', 'ok', '%s', %d, %f, 1, nullif(%lld, 0), "
		"nullif(%lld, 0), 0, %f)",
		op, iteration, mib * MIB, begin_ms * 1000000ll, end_ms * 1000000ll,
		(end_ms - begin_ms) / 1e3);
}

/* @n calls of 1 MiB and @us each within a tick, or requests of a layer. */
static void counted(int seq, const char *layer, const char *op, int place, int n, int us)
{
	struct hist h = { 0 };
	uint8_t blob[HIST_BLOB_MAX];
	char hex[2 * HIST_BLOB_MAX + 1];
	size_t len;

	for (int i = 0; i < n; i++)
		hist_add(&h, us * 1000ull);
	len = hist_encode(&h, blob);
	for (size_t i = 0; i < len; i++)
		snprintf(hex + 2 * i, 3, "%02x", blob[i]);
	fake_sql(
		&run,
		"INSERT INTO histogram VALUES (%d, 0, '%s', '%s', %d, %d, %lld, 0, %d, %lld, NULL, "
		"NULL, NULL, NULL, %lld, x'%s')",
		seq, layer, op, place, n, n * MIB, n, n * us * 1000ll, us * 1000ll, hex);
}

static json_t *phases(void)
{
	assert_int_equal(build_phases(&b), 0);
	return json_object_get(json_array_get(json_object_get(b.report, "targets"), 0), "phases");
}

/* "vfs.write.bytes" of phase @k; fails the test when it is not there. */
static double value(const json_t *all, size_t k, const char *path)
{
	const json_t *at = json_array_get(all, k);
	char *copy = strdup(path), *save = NULL;

	for (char *w = strtok_r(copy, ".", &save); w; w = strtok_r(NULL, ".", &save))
		at = json_object_get(at, w);
	free(copy);
	if (!json_is_number(at))
		fail_msg("phase %zu has no %s", k, path);
	return json_number_value(at);
}

static const json_t *absent(const json_t *all, size_t k, const char *key)
{
	return json_object_get(json_array_get(all, k), key);
}

static void a_phase_apart_has_all_of_its_ticks(void **state)
{
	json_t *all;

	(void)state;
	result("write", 0, 1150, 1350, 6);
	counted(2, "vfs", "write", 1, 2, 10);
	counted(3, "vfs", "write", 1, 3, 20);
	counted(4, "vfs", "write", 2, 1, 30);
	all = phases();
	assert_int_equal(json_array_size(all), 1);
	assert_true(value(all, 0, "app.bytes") == 6 * MIB);
	assert_true(value(all, 0, "tool.bytes") == 6 * MIB);
	assert_true(value(all, 0, "app.mount.bytes") == 5 * MIB);
	assert_true(value(all, 0, "vfs.write.calls") == 6);
	assert_true(value(all, 0, "vfs.write.latency_ns.count") == 6);
	assert_true(value(all, 0, "vfs.write.latency_ns.max") == 30000);
	/* One tick is in it as a whole. */
	assert_true(value(all, 0, "cut.ticks") == 3);
	assert_true(value(all, 0, "cut.edge_ticks") == 2);
	assert_true(value(all, 0, "cut.shared_ticks") == 0);
	assert_true(value(all, 0, "cut.edge_app_bytes") == 3 * MIB);
	assert_null(absent(all, 0, "pagecache"));
	assert_null(absent(all, 0, "wear_out"));
}

static void what_reads_is_of_the_phase_that_reads(void **state)
{
	json_t *all;

	(void)state;
	result("write", 0, 1120, 1260, 5);
	result("read", 0, 1260, 1390, 4);
	counted(2, "vfs", "write", 1, 4, 10);
	counted(3, "vfs", "write", 1, 1, 10); /* both are in this tick */
	counted(3, "vfs", "read", 1, 2, 10);
	counted(3, "block_device", "write", 0, 3, 10);
	counted(4, "vfs", "read", 1, 2, 10);
	all = phases();
	assert_true(value(all, 0, "app.bytes") == 5 * MIB);
	assert_true(value(all, 1, "app.bytes") == 4 * MIB);
	assert_true(value(all, 0, "cut.shared_ticks") == 1);
	assert_null(json_object_get(absent(all, 0, "vfs"), "read"));
	assert_null(absent(all, 1, "block"));
	assert_true(value(all, 0, "block.0:0.write.bytes") == 3 * MIB);
	assert_true(value(all, 0, "cut.edge_device_bytes") == 3 * MIB);
}

/* A quarter of the tick is the first phase's, then half is the second's. */
static void phases_of_one_kind_share_a_tick_by_time(void **state)
{
	json_t *all;

	(void)state;
	result("write", 0, 1100, 1225, 5);
	result("write", 1, 1251, 1301, 4);
	counted(3, "vfs", "write", 1, 9, 10);
	all = phases();
	assert_true(fabs(value(all, 0, "app.bytes") - 3 * MIB) < MIB / 100);
	assert_true(fabs(value(all, 1, "app.bytes") - 6 * MIB) < MIB / 100);
	/* All nine may be the one's or the other's. */
	assert_true(value(all, 0, "cut.edge_app_bytes") == 9 * MIB);
	assert_true(value(all, 1, "cut.edge_app_bytes") == 9 * MIB);
	assert_true(value(all, 0, "vfs.write.latency_ns.count") == 3);
	assert_true(value(all, 1, "vfs.write.latency_ns.count") == 6);
}

static void counters_are_what_grew(void **state)
{
	json_t *all;

	(void)state;
	json_object_set_new(json_array_get(json_object_get(b.report, "targets"), 0), "pagecache",
			    json_pack("{s:f}", "hit_ratio", 0.5));
	result("read", 0, 1150, 1350, 1);
	for (long long i = 0; i < 6; i++)
		fake_sql(&run,
			 "INSERT INTO sample (seq, target, cpu_usage_ns, io_some_ns, "
			 "pagecache_accessed, pagecache_missed) VALUES (%lld, 0, %lld, %s, %lld, "
			 "%lld)",
			 i, 1000 * i * i, i > 2 ? "5000" : "NULL", 100 * i, 25 * i);
	all = phases();
	/* Half of ticks 2 and 4, and all of tick 3: what ran before and after is not the phase's. */
	assert_true(fabs(value(all, 0, "cpu.usage_ns") -
			 (3000 * 51.0 / 101 + 5000 + 7000 * 50.0 / 101)) < 1);
	assert_true(value(all, 0, "pagecache.accessed_pages") == 300);
	assert_true(value(all, 0, "pagecache.missed_pages") == 75);
	assert_true(fabs(value(all, 0, "pagecache.hit_ratio") - 0.75) < 1e-9);
	assert_true(value(all, 0, "pressure.io_some_ns") == 0); /* as far as it is known */
	assert_null(json_object_get(absent(all, 0, "pressure"), "cpu_some_ns"));
}

static void ratios_that_do_not_hold_are_absent(void **state)
{
	json_t *all;

	(void)state;
	result("read", 0, 1150, 1350, 1);
	for (long long i = 0; i < 6; i++)
		fake_sql(&run,
			 "INSERT INTO sample (seq, target, pagecache_accessed, pagecache_missed) "
			 "VALUES (%lld, 0, %lld, %lld)",
			 i, 100 * i, 25 * i);
	all = phases();
	assert_null(json_object_get(absent(all, 0, "pagecache"), "hit_ratio"));
	assert_true(value(all, 0, "pagecache.accessed_pages") == 300);
}

/* Half of the second tick and the third are after the stonewall. */
static void what_follows_the_stonewall_is_wear_out(void **state)
{
	struct report_style style = { 0 };
	cleanup_buf struct buf out = BUF_INIT(65536);
	json_t *all;

	(void)state;
	result("write", 0, 1100, 1401, 8);
	fake_sql(&run, "UPDATE result SET stonewall_s = 0.1505");
	counted(2, "vfs", "write", 1, 2, 10);
	counted(3, "vfs", "write", 1, 2, 10);
	counted(4, "vfs", "write", 1, 4, 10);
	all = phases();
	assert_true(fabs(value(all, 0, "tool.wear_out_s") - 0.1505) < 1e-9);
	assert_true(value(all, 0, "wear_out.begin_ns") == 1250500000);
	assert_true(fabs(value(all, 0, "wear_out.app_bytes") - 5 * MIB) < MIB / 10);
	text_phases(json_array_get(json_object_get(b.report, "targets"), 0), &style, &out);
	assert_non_null(strstr(buf_str(&out), "write 0: 150 ms until the stonewall"));
}

static void phases_that_nobody_tells_of_are_those_of_the_budget(void **state)
{
	json_t *all;

	(void)state;
	result("write", 0, 0, 0, 6);
	assert_null(phases());
	json_object_set_new(json_array_get(json_object_get(b.report, "targets"), 0), "budget",
			    json_pack("{s:[{s:I, s:I}]}", "phases", "begin_ns",
				      (json_int_t)1100000000, "end_ns", (json_int_t)1200000000));
	counted(2, "vfs", "write", 1, 2, 10);
	all = phases();
	assert_string_equal(json_string_value(absent(all, 0, "bounds")), "derived");
	assert_true(value(all, 0, "app.bytes") == 2 * MIB);
}

static void ranks_are_no_phases(void **state)
{
	(void)state;
	result("write", 0, 1100, 1200, 2);
	fake_sql(&run, "INSERT INTO result (target, tool, status, op, iteration, rank) VALUES "
		       "(0, 'ior', 'ok', 'write', 0, 1)");
	assert_int_equal(json_array_size(phases()), 1);
}

static void tables_show_them(void **state)
{
	struct report_style style = { .width = 80 };
	cleanup_buf struct buf text = BUF_INIT(65536);
	const json_t *target = json_array_get(json_object_get(b.report, "targets"), 0);

	(void)state;
	text_phases(target, &style, &text);
	assert_int_equal(text.len, 0); /* without phases nothing */
	result("write", 0, 1150, 1350, 6);
	counted(2, "vfs", "write", 1, 6, 10);
	phases();
	assert_int_equal(text_phases(target, &style, &text), 0);
	assert_non_null(strstr(buf_str(&text), "write 0"));
	assert_non_null(strstr(buf_str(&text), "6.0 MiB"));
	for (const struct phases_column *c = phases_columns; c->title; c++)
		assert_true(*c->cell(NULL).s || c == phases_columns); /* what is absent is "-" */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_phase_apart_has_all_of_its_ticks),
		TEST(what_reads_is_of_the_phase_that_reads),
		TEST(phases_of_one_kind_share_a_tick_by_time),
		TEST(counters_are_what_grew),
		TEST(ratios_that_do_not_hold_are_absent),
		TEST(what_follows_the_stonewall_is_wear_out),
		TEST(phases_that_nobody_tells_of_are_those_of_the_budget),
		TEST(ranks_are_no_phases),
		TEST(tables_show_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
