// SPDX-License-Identifier: Apache-2.0
/* Which value a threshold is judged by, and what it says. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/expect.h"
#include "base/expect_names.h"
#include "base/strlist.h"
#include "fake_full.h"
#include "fake_report.h"
#include "fake_run.h"
#include "report/report.h"
#include "unit.h"

static const struct {
	const char *expr;
	double actual; /* NAN: no such value; -1: whatever it is */
	bool ok;
	const char *why;
} cases[] = {
	{ "victim.block.read.ios == 300", 300, true, "a count" },
	{ "victim.block.write.bytes == 4915200", 4915200, true,
	  "the leaf's bytes; the stacked device sees the same ones" },
	{ "victim.block.write.bytes >= 4.6MiB", 4915200, true, "a size with a unit" },
	{ "neighbour.block.write.errors == 0", 2, false, "errors happened" },
	{ "victim.block.read.p99 < 50ms", -1, true, "total unless told otherwise" },
	{ "victim.block.read.queue.p50 < 1us", -1, false, "a layer of its own" },
	{ "victim.block.read.device.max < 1s", -1, true, "max" },
	{ "victim.block.read.total.count == 300", 300, true, "a histogram's count" },
	{ "victim.block.read.mean > 0", -1, true, "mean" },
	{ "victim.block.discard.p99 < 5ms", NAN, false, "nothing was discarded" },
	{ "victim.block.read.p42 < 5ms", NAN, false, "no such percentile" },
	{ "victim.block.read < 5", NAN, false, "a path that ends early" },
	{ "victim.block. < 5", NAN, false, "an empty operation" },
	{ "nobody.block.read.p99 < 5ms", NAN, false, "no such target" },
	{ "victim.results.write.bw_mib_s >= 11", 11, true, "mean over repetitions" },
	{ "victim.results.write.iops == 2800", 2800, true, "mean of 2700 and 2900" },
	{ "victim.results.read.total_s < 1s", 0.223, true, "seconds against a duration" },
	{ "victim.results.read.total_s < 100ms", 0.223, false, "seconds against a shorter one" },
	{ "victim.results.read.total_s < 0.1", 0.223, false, "seconds against a bare number" },
	{ "victim.results.rename.iops > 0", NAN, false, "not an operation it did" },
	{ "neighbour.results.write.bytes > 0", NAN, false, "a failed tool has no results" },
	{ "victim.cgroup.memory_max_bytes < 41MiB", 41943040, true, "a metric" },
	{ "victim.cgroup.memory_swap_max_bytes < 1", NAN, false, "which was not read" },
	{ "victim.rdt.mbm_total_bytes == 64MiB", 67108864, true, "what resctrl tells" },
	{ "victim.rdt.mbm_total_bytes_per_s < 1g", 1e6, true, "a rate is in no seconds" },
	{ "victim.rdt.llc_occupancy_max_bytes > 0", NAN, false, "which this host does not" },
	{ "neighbour.rdt.mbm_total_bytes >= 0", NAN, false, "of a target without it" },
	{ "victim.pagecache.hit_ratio >= 0.5", 0.75, true, "of the page cache" },
	{ "victim.sched.oncpu_ns < 1s", 5e8, true, "of the scheduler" },
	{ "victim.sched.runq_ns.p99 < 1ms", 80000, true, "a percentile within" },
	{ "victim.sched.runq_ns.p98 < 1ms", NAN, false, "which is not there" },
	{ "victim.sched.runq_ns < 1ms", NAN, false, "an object is no number" },
	{ "victim.sched.oncpu_ns.p99 < 1ms", NAN, false, "nor has a number parts" },
	{ "victim.perf.page-faults < 5", 7, false, "an event" },
	{ "victim.perf.mem_inst.any > 8", 9, true, "whose name has a dot" },
	{ "victim.perf.instructions_per_cycle > 0", NAN, false, "null is no number" },
	{ "neighbour.perf.page-faults >= 0", NAN, false, "of a target without any" },
	{ "victim.profile.samples > 0", -1, true, "of a profile" },
	{ "victim.profile.stacks > 0", NAN, false, "a list is no number" },
	{ "victim.exit_code == 0", 0, true, "exit code" },
	{ "neighbour.exit_code == 0", 1, false, "of one that failed" },
	{ "victim.name == 0", NAN, false, "text is no number" },
};

static void verdicts(void **state)
{
	json_t *report = fake_report(NULL);
	json_t *victim = json_array_get(json_object_get(report, "targets"), 0);

	(void)state;
	json_object_set_new(victim, "rdt",
			    json_pack("{s:i, s:f}", "mbm_total_bytes", 64 << 20,
				      "mbm_total_bytes_per_s", 1e6));
	json_object_set_new(victim, "pagecache", json_pack("{s:f}", "hit_ratio", 0.75));
	json_object_set_new(victim, "sched",
			    json_pack("{s:i, s:{s:i}}", "oncpu_ns", 500000000, "runq_ns", "p99",
				      80000));
	json_object_set_new(victim, "perf",
			    json_pack("{s:i, s:i, s:n}", "page-faults", 7, "mem_inst.any", 9,
				      "instructions_per_cycle"));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct str_list exprs = { 0 };
		struct err err = { 0 };
		json_t *all = NULL, *actual;
		bool ok;

		str_list_add(&exprs, cases[i].expr);
		if (report_expect(report, &exprs, &all, &ok, &err))
			fail_msg("%s: %s", cases[i].why, err.text);
		assert_string_equal(json_string_value(fake_at(all, "0.expr")), cases[i].expr);
		assert_int_equal(json_is_true(fake_at(all, "0.ok")), ok);
		actual = fake_at(all, "0.actual");
		if (ok != cases[i].ok || json_is_null(actual) != !!isnan(cases[i].actual) ||
		    (cases[i].actual >= 0 &&
		     fabs(json_number_value(actual) - cases[i].actual) > 1e-9))
			fail_msg("%s: %s is %d at %f", cases[i].why, cases[i].expr, ok,
				 json_number_value(actual));
		json_decref(all);
		str_list_fini(&exprs);
	}
	json_decref(report);
}

/* A row for each reason, and a threshold on all of them. */
static void unattributed_is_all_of_it(void **state)
{
	json_t *report = json_loads(
		"{\"targets\": ["
		"{\"name\": \"unattributed\", \"kind\": \"unattributed\", \"block\": {\"vda\": "
		"{\"flush\": {\"ios\": 3}}}},"
		"{\"name\": \"unattributed (metadata)\", \"kind\": \"unattributed\", \"block\": "
		"{\"vda\": {\"write\": {\"ios\": 4}}}},"
		"{\"name\": \"host\", \"kind\": \"host\", \"block\": {\"vda\": {\"write\": "
		"{\"ios\": 100}}}},"
		"{\"name\": \"unattributed (writeback)\", \"kind\": \"unattributed\", \"block\": "
		"{\"vda\": {\"write\": {\"ios\": 5}}, \"sda\": {\"write\": {\"ios\": 6}}}}]}",
		0, NULL);
	struct str_list exprs = { 0 };
	struct err err = { 0 };
	json_t *all = NULL;
	bool ok;

	(void)state;
	assert_non_null(report);
	str_list_add(&exprs, "unattributed.block.write.ios == 15");
	str_list_add(&exprs, "unattributed.block.flush.ios == 3");
	assert_int_equal(report_expect(report, &exprs, &all, &ok, &err), 0);
	assert_true(ok);
	json_decref(all);
	json_decref(report);
	str_list_fini(&exprs);
}

/* Percentiles over two disks come from the merged counts, not from two percentiles. */
static void merged_over_devices(void **state)
{
	static const char text[] =
		"{\"targets\": [{\"name\": \"t\", \"block\": {"
		"\"sda\": {\"read\": {\"ios\": 98, \"stacked\": false, \"total_ns\": {\"count\": "
		"98, "
		"\"sum\": 980, \"max\": 10, \"buckets\": [[10, 98]]}}},"
		"\"sdb\": {\"read\": {\"ios\": 2, \"stacked\": false, \"total_ns\": {\"count\": 2, "
		"\"sum\": 2000, \"max\": 1000, \"buckets\": [[992, 2]]}}},"
		"\"dm-0\": {\"read\": {\"ios\": 100, \"stacked\": true, \"total_ns\": {\"count\": "
		"100, \"sum\": 9e9, \"max\": 90000000, \"buckets\": [[83886080, 100]]}}}}},"
		"{\"name\": \"u\", \"block\": {\"dm-0\": {\"read\": {\"ios\": 7, \"stacked\": "
		"true}}}},"
		"{\"name\": \"v\", \"block\": {\"dm-0\": {\"read\": {\"ios\": 7, \"stacked\": "
		"true}}, \"dm-1\": {\"read\": {\"ios\": 7, \"stacked\": true}}}}]}";
	static const struct {
		const char *expr;
		bool ok;
		const char *why;
	} rows[] = {
		{ "t.block.read.p50 == 10", true, "98 of 100 are on the fast disk" },
		{ "t.block.read.p90 == 10", true, "so at 90 %" },
		{ "t.block.read.p99 > 900", true, "the 99th is on the slow one" },
		{ "t.block.read.max == 1000", true, "not the stacked device's" },
		{ "t.block.read.mean == 29.8", true, "sum over count" },
		{ "t.block.read.ios == 100", true, "each request once" },
		{ "u.block.read.bytes == 0", false, "what is absent is not 0" },
		{ "u.block.read.ios == 7", true, "only a stacked device: judged there" },
		{ "v.block.read.ios == 7", false, "two stacked devices may be each other's" },
	};
	json_t *report = json_loads(text, 0, NULL);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct str_list exprs = { 0 };
		struct err err = { 0 };
		json_t *all = NULL;
		bool ok;

		str_list_add(&exprs, rows[i].expr);
		assert_int_equal(report_expect(report, &exprs, &all, &ok, &err), 0);
		if (ok != rows[i].ok)
			fail_msg("%s: %s", rows[i].why, rows[i].expr);
		json_decref(all);
		str_list_fini(&exprs);
	}
	json_decref(report);
}

/* The same without a comparison. */
static void a_value_alone(void **state)
{
	json_t *report = fake_report(NULL);

	(void)state;
	assert_true(report_value(report, "victim", "block.read.ios") == 300);
	assert_true(report_value(report, "unattributed", "block.write.ios") == 30);
	assert_true(isnan(report_value(report, "victim", "block.discard.ios")));
	assert_true(isnan(report_value(report, "nobody", "block.read.ios")));
	json_decref(report);
}

static const struct {
	const char *layer;
	const struct option_row *rows;
} named[] = {
	{ "cgroup", expect_cgroup_rows },
	{ "pagecache", expect_pagecache_rows },
	{ "sched", expect_sched_rows },
	{ "profile", expect_profile_rows },
};

/* Each number below @object is one that a threshold may name. */
static void may_be_named(const json_t *object, const char *path)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)object, key, v) {
		struct err err = { 0 };
		char below[256];

		snprintf(below, sizeof(below), "%s.%s", path, key);
		if (json_is_object(v))
			may_be_named(v, below);
		else if (json_is_number(v) && expect_check_path(below, &err))
			fail_msg("%s: %s", below, err.text);
	}
}

/* And each that it may name is there, where a run has everything; @path: what has @rows. */
static void are_there(const json_t *report, const struct option_row *rows, const char *path)
{
	for (; rows->name; rows++) {
		char below[256];

		snprintf(below, sizeof(below), "%s.%s", path, rows->name);
		if (rows->rows)
			are_there(report, rows->rows, below);
		else if (rows->type != OPTION_SECTION &&
			 isnan(report_value(report, "victim", below)))
			fail_msg("no %s", below);
	}
}

static void names_are_those_of_the_report(void **state)
{
	struct fake_run run;
	struct err err = { 0 };
	json_t *report = NULL, *target;
	size_t i;

	(void)state;
	fake_full_begin(&run, 4);
	fake_full_end(&run);
	if (report_build(run.store, &report, &err))
		fail_msg("%s", err.text);
	for (size_t k = 0; k < ARRAY_SIZE(named); k++) {
		json_array_foreach(json_object_get(report, "targets"), i, target)
			may_be_named(json_object_get(target, named[k].layer), named[k].layer);
		are_there(report, named[k].rows, named[k].layer);
	}
	json_decref(report);
	fake_run_fini(&run);
}

static void nonsense_is_refused(void **state)
{
	struct str_list exprs = { 0 };
	struct err err = { 0 };
	json_t *report = json_object(), *all = NULL;
	bool ok = true;

	(void)state;
	assert_int_equal(report_expect(report, &exprs, &all, &ok, &err), 0);
	assert_true(ok);
	assert_int_equal(json_array_size(all), 0);
	json_decref(all);
	str_list_add(&exprs, "victim is fast");
	assert_int_equal(report_expect(report, &exprs, &all, &ok, &err), -EINVAL);
	assert_non_null(strstr(err.text, "victim is fast"));
	str_list_fini(&exprs);
	json_decref(report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unattributed_is_all_of_it),
		cmocka_unit_test(verdicts),
		cmocka_unit_test(a_value_alone),
		cmocka_unit_test(merged_over_devices),
		cmocka_unit_test(names_are_those_of_the_report),
		cmocka_unit_test(nonsense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
