// SPDX-License-Identifier: Apache-2.0
/* Warm-up of phases and of whole runs: when it was over, and the numbers with and without it. */
#include "report/warm_up.h"

#include <math.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "fake_building.h"
#include "json_case.h"
#include "unit.h"

#define TICK_NS 100000000ll
#define FIRST_NS 1000000000ll /* begin of tick 0; sweeps take 1 ms */

static struct fake_run run;
static struct err err;
static struct building b;

/* @n ticks of a target that is the run's own. */
static void begin(int n, const char *backends)
{
	err = (struct err){ 0 };
	fake_building_begin(&b, &run, &err);
	json_object_set_new(b.report, "backends", json_case(backends));
	json_object_set_new(json_array_get(json_object_get(b.report, "targets"), 0), "kind",
			    json_string("container"));
	fake_sql(&run, "DELETE FROM tick; DELETE FROM histogram");
	fake_sql(&run,
		 "INSERT INTO tick WITH RECURSIVE k(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM k "
		 "WHERE n < %d) SELECT n, %lld + n * %lld, %lld + n * %lld, %lld + n * %lld, 0 "
		 "FROM k",
		 n - 1, FIRST_NS, TICK_NS, FIRST_NS, TICK_NS, FIRST_NS + 1000000, TICK_NS);
}

static void end(void)
{
	fake_building_end(&b, &run);
}

/* Ticks @from to @to: @ios that moved @bytes together and took @us each. */
static void did(int from, int to, const char *layer, const char *op, int target, int ios, int bytes,
		int us)
{
	fake_sql(
		&run,
		"INSERT INTO histogram (seq, target, layer, op, device, ios, bytes, errors, count, "
		"sum) SELECT seq, %d, '%s', '%s', 0, %d, %d, 0, %d, %lld FROM tick WHERE seq "
		"BETWEEN %d AND %d",
		target, layer, op, ios, bytes, ios, ios * us * 1000ll, from, to);
}

static json_t *of_target(int i)
{
	return json_object_get(json_array_get(json_object_get(b.report, "targets"), (size_t)i),
			       "warm_up");
}

static json_t *look(void)
{
	assert_int_equal(build_warm_up(&b), 0);
	assert_false(b.out_of_memory);
	return of_target(0);
}

static void phases(const char *text)
{
	json_object_set_new(json_array_get(json_object_get(b.report, "targets"), 0), "phases",
			    json_case(text));
}

/* All but what is real, which @real says within a billionth. */
static void series_is(json_t *phase, const char *name, const char *want, const char *const *keys,
		      const double *real)
{
	json_t *one = json_object_get(phase, name);

	for (; *keys; keys++, real++) {
		double got = json_number_value(json_object_get(one, *keys));

		if (!(fabs(got - *real) <= 1e-9 * fabs(*real)))
			fail_msg("%s %s: %.17g", name, *keys, got);
		json_object_del(one, *keys);
	}
	json_case_is(one, want, name);
}

/* Ten slow ticks of sixty, of which the phase has all but those at its edges. */
static void a_phase_that_warms_up(void **state)
{
	json_t *all;

	(void)state;
	begin(64, "{'vfs': 'raw_tp'}");
	phases("[{'op': 'write', 'iteration': 3, 'test': 1, 'begin_ns': 1050000000, 'end_ns': "
	       "7150000000}, {'op': 'read', 'iteration': 3, 'begin_ns': 7150000000, 'end_ns': "
	       "7250000000}]");
	did(0, 1, "vfs", "write", 0, 50, 5000000, 5000); /* only partly inside */
	did(2, 11, "vfs", "write", 0, 1, 100000, 40000);
	did(12, 61, "vfs", "write", 0, 9, 800000, 10000);
	did(2, 61, "vfs", "uring_write", 0, 1, 100000, 10000);
	did(2, 61, "vfs", "read", 0, 7, 77, 7);
	did(2, 61, "vfs", "write", 1, 7, 77, 7);
	did(2, 61, "block_total", "write", 0, 7, 77, 7);
	all = look();
	assert_int_equal(json_array_size(all), 2);
	json_case_is(json_object_get(json_array_get(all, 0), "op"), "'write'", "op");
	json_case_is(json_object_get(json_array_get(all, 0), "iteration"), "3", "iteration");
	json_case_is(json_object_get(json_array_get(all, 0), "test"), "1", "test");
	json_case_is(json_object_get(json_array_get(all, 0), "source"), "'calls'", "source");
	/* Tick 2 began with the sweep of tick 1, at 1.1 s; tick 11 ended at 2.101 s. */
	series_is(json_array_get(all, 0), "throughput",
		  "{'settled': 'found', 'ticks': 60, 'warm_up_ticks': 10, 'until_ns': 2101000000}",
		  (const char *const[]){ "mean_bytes_per_s", "steady_mean_bytes_per_s", "until_s",
					 NULL },
		  (const double[]){ (10 * 2e5 + 50 * 9e5) / 6, 9e6, 1.051 });
	series_is(json_array_get(all, 0), "latency",
		  "{'settled': 'found', 'ticks': 60, 'warm_up_ticks': 10, 'until_ns': 2101000000}",
		  (const char *const[]){ "mean_ns", "steady_mean_ns", "until_s", NULL },
		  (const double[]){ (10 * 5e7 + 50 * 1e8) / (10 * 2 + 50 * 10), 1e7, 1.051 });
	json_case_is(json_object_get(json_array_get(all, 1), "throughput"),
		     "{'settled': 'too few', 'ticks': 0}", "a phase of one tick");
	/* A neighbour that is none of the run's own. */
	assert_null(of_target(1));
	end();
}

static void a_steady_run_without_phases(void **state)
{
	json_t *all, *one;

	(void)state;
	begin(64, "{'vfs': 'raw_tp'}");
	did(1, 1, "vfs", "read", 0, 1, 500, 10); /* it began somewhere within */
	for (int i = 2; i < 60; i++)
		did(i, i, "vfs", "read", 0, 10, 100000 + 1000 * (i * 7 % 5), 10 + i * 3 % 4);
	did(60, 60, "vfs", "read", 0, 1, 500, 10);
	all = look();
	assert_int_equal(json_array_size(all), 1);
	one = json_array_get(all, 0);
	json_case_is(json_object_get(one, "op"), "'read'", "op");
	assert_null(json_object_get(one, "iteration"));
	json_case_is(json_object_get(json_object_get(one, "throughput"), "settled"), "'none'",
		     "throughput");
	json_case_is(json_object_get(json_object_get(one, "latency"), "settled"), "'none'",
		     "latency");
	json_case_is(json_object_get(json_object_get(one, "latency"), "ticks"), "58", "ticks");
	assert_null(json_object_get(json_object_get(one, "throughput"), "steady_mean_bytes_per_s"));
	end();
}

/* What did something in a few of many ticks has no steady state to be unlike. */
static void too_few_that_are_busy(void **state)
{
	json_t *one;

	(void)state;
	begin(64, "{'vfs': 'raw_tp'}");
	phases("[{'op': 'write', 'iteration': 0, 'begin_ns': 1000000000, 'end_ns': 7350000000}]");
	did(1, 19, "vfs", "write", 0, 1, 1000, 10);
	one = json_object_get(json_array_get(look(), 0), "throughput");
	json_case_is(json_object_get(one, "ticks"), "63", "ticks");
	json_case_is(json_object_get(one, "settled"), "'too few'", "19 of them");
	end();
}

/* A tick in which nothing ended has a rate of 0 and no latency. */
static void pauses_have_no_latency(void **state)
{
	json_t *one;

	(void)state;
	begin(64, "{'vfs': 'raw_tp'}");
	phases("[{'op': 'write', 'iteration': 0, 'begin_ns': 1000000000, 'end_ns': 7350000000}]");
	did(1, 25, "vfs", "write", 0, 1, 1000, 10);
	one = json_array_get(look(), 0);
	json_case_is(json_object_get(json_object_get(one, "latency"), "ticks"), "25", "latency");
	json_case_is(json_object_get(json_object_get(one, "throughput"), "ticks"), "63", "rate");
	json_case_is(json_object_get(json_object_get(one, "throughput"), "settled"),
		     "'not settled'", "it stopped");
	end();
}

static void without_calls_requests(void **state)
{
	json_t *one;

	(void)state;
	begin(64, "{'block': 'tp_btf'}");
	fake_sql(&run,
		 "INSERT OR REPLACE INTO device (dev, name, stacked) VALUES (7, 'loop7', 1), (8, "
		 "'sda', 0)");
	phases("[{'op': 'write', 'iteration': 0, 'begin_ns': 1000000000, 'end_ns': 7350000000}]");
	did(1, 63, "block_total", "write", 0, 1, 1000, 10);
	fake_sql(&run,
		 "UPDATE histogram SET device = 8; INSERT INTO histogram SELECT seq, target, "
		 "layer, op, 7, ios, 50 * bytes, errors, count, sum, p50, p90, p99, p999, max, "
		 "buckets FROM histogram");
	one = json_array_get(look(), 0);
	json_case_is(json_object_get(one, "source"), "'requests'", "source");
	/* Each byte once. */
	assert_true(fabs(json_number_value(json_object_get(json_object_get(one, "throughput"),
							   "mean_bytes_per_s")) -
			 1e4) < 1e-6);
	end();
}

static void nobody_looked(void **state)
{
	(void)state;
	begin(64, "{'cgroup': 'files'}");
	did(1, 63, "vfs", "write", 0, 1, 1000, 10);
	assert_null(look());
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_phase_that_warms_up),
		cmocka_unit_test(a_steady_run_without_phases),
		cmocka_unit_test(too_few_that_are_busy),
		cmocka_unit_test(pauses_have_no_latency),
		cmocka_unit_test(without_calls_requests),
		cmocka_unit_test(nobody_looked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
