// SPDX-License-Identifier: Apache-2.0
/* Where the time of calls went, from rows that are written here: parts add up whatever they are. */
#include <string.h>

#include "budget_case.h"

/* seq, target, op, mount, ns, io, lock, blocked, sleep, throttle, inode, journal, runq, nested, return */
static void parts_are_what_was_counted(void **state)
{
	(void)state;
	sql("INSERT INTO call_time VALUES (1, 0, 'write', 1, 1000, 0, 10, 20, 30, 40, 50, 70, 60, "
	    "0, 5), "
	    "(2, 0, 'write', 2, 500, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)");
	assert_int_equal(build_budget(&b), 0);
	assert_int_equal(ns(budget(0), "total_ns"), 1505);
	assert_int_equal(ns(budget(0), "lock_ns"), 60);
	assert_int_equal(ns(budget(0), "inode_lock_ns"), 50);
	assert_int_equal(ns(budget(0), "other_ns"), 50);
	assert_int_equal(ns(budget(0), "blocked_ns"), 20);
	assert_int_equal(ns(budget(0), "sleep_ns"), 30);
	assert_int_equal(ns(budget(0), "excess_ns"), 0);
	assert_int_equal(ns(budget(0), "journal_ns"), 70);
	assert_int_equal(ns(budget(0), "throttle_ns"), 40);
	assert_int_equal(ns(budget(0), "runq_ns"), 65);
	/* After the call, and so not of its time. */
	assert_int_equal(ns(budget(0), "return_ns"), 5);
	assert_int_equal(ns(budget(0), "cpu_ns"), 1500 - 280);
	assert_int_equal(ns(budget(0), "device_ns"), 0);
	assert_adds_up(budget(0));
	/* Of the other target nothing is known, which is not 0. */
	assert_null(budget(1));
}

static json_int_t point(const char *key, size_t i)
{
	json_t *line = json_object_get(budget(0), "timeline");

	return json_integer_value(json_array_get(json_object_get(line, key), i));
}

static const struct {
	const char *why;
	const char *oncpu; /* at the ends of ticks 1 and 2; NULL: not known */
	json_int_t cpu, other, unseen; /* of 1000 ns that nobody saw wait, and 50 that slept */
} bounds[] = {
	{ "on CPUs all the time", "(1, 0, 400), (2, 0, 5000)", 1000, 50, 0 },
	{ "waits that were missed", "(1, 0, 400), (2, 0, 700)", 700, 350, 300 },
	{ "nobody looked", NULL, 1000, 50, -1 },
};

static void what_ran_is_no_more_than_had_cpus(void **state)
{
	(void)state;
	sql("INSERT INTO call_time VALUES (1, 0, 'read', 1, 550, 0, 0, 0, 50, 0, 0, 0, 0, 0, 0), "
	    "(2, 0, 'read', 1, 500, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)");
	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		char text[160];
		json_t *seen;

		sql("DELETE FROM sample");
		if (bounds[i].oncpu) {
			snprintf(text, sizeof(text),
				 "INSERT INTO sample (seq, target, sched_oncpu_ns) VALUES %s",
				 bounds[i].oncpu);
			sql(text);
		}
		json_object_del(json_array_get(json_object_get(b.report, "targets"), 0), "budget");
		assert_int_equal(build_budget(&b), 0);
		seen = json_object_get(budget(0), "unseen_ns");
		if (ns(budget(0), "cpu_ns") != bounds[i].cpu ||
		    ns(budget(0), "other_ns") != bounds[i].other ||
		    (seen ? json_integer_value(seen) : -1) != bounds[i].unseen)
			fail_msg("%s: cpu %lld, other %lld", bounds[i].why,
				 (long long)ns(budget(0), "cpu_ns"),
				 (long long)ns(budget(0), "other_ns"));
		assert_adds_up(budget(0));
		/* Of intervals, too: both have as much of what nobody saw wait. */
		assert_int_equal(point("cpu_ns", 0), bounds[i].cpu / 2);
		assert_int_equal(point("cpu_ns", 1), bounds[i].cpu / 2);
		assert_int_equal(point("other_ns", 0) + point("other_ns", 1), bounds[i].other);
	}
}

static void what_cannot_be_adds_up_all_the_same(void **state)
{
	(void)state;
	/* More off CPUs than the calls took: they ended while counters were read. */
	sql("INSERT INTO call_time VALUES (1, 0, 'read', 1, 100, 300, 0, 0, 0, 0, 0, 0, 50, 0, 0)");
	assert_int_equal(build_budget(&b), 0);
	assert_int_equal(ns(budget(0), "total_ns"), 350);
	assert_int_equal(ns(budget(0), "excess_ns"), 250);
	assert_int_equal(ns(budget(0), "cpu_ns"), 0);
	assert_adds_up(budget(0));
}

static void nested_faults_count_once(void **state)
{
	(void)state;
	sql("INSERT INTO call_time VALUES (1, 0, 'read', 1, 1000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), "
	    "(1, 0, 'fault', 1, 400, 0, 0, 0, 0, 0, 0, 0, 0, 300, 0)");
	assert_int_equal(build_budget(&b), 0);
	assert_int_equal(ns(budget(0), "total_ns"), 1100);
}

static void calls_go_to_phases_by_kind_and_time(void **state)
{
	json_t *phases, *p;

	(void)state;
	/* One tick has the end of a phase of writing and the begin of one of reading. */
	sql("INSERT INTO result (target, status, op, iteration, begin_ns, end_ns, bytes, "
	    "test) VALUES (0, 'ok', 'write', 0, 1200000, 2500000, 4096, NULL), "
	    "(0, 'ok', 'read', 0, 2500000, 2900000, 8192, 1), "
	    "(0, 'ok', 'remove', 0, 2900000, 2950000, NULL, NULL)");
	sql("INSERT INTO call_time VALUES (1, 0, 'write', 1, 1000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), "
	    "(2, 0, 'write', 1, 500, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), "
	    "(2, 0, 'fsync', 1, 250, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), "
	    "(2, 0, 'read', 1, 70, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), "
	    "(2, 0, 'open', 1, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)");
	sql("INSERT INTO histogram (seq, target, layer, op, device, ios, bytes, errors, count, "
	    "sum) "
	    "VALUES (1, 0, 'vfs', 'write', 1, 1, 3000, 0, 1, 1), "
	    "(2, 0, 'vfs', 'write', 1, 1, 1096, 0, 1, 1), (2, 0, 'vfs', 'read', 1, 1, 8192, 0, 1, "
	    "1)");
	assert_int_equal(build_budget(&b), 0);
	phases = json_object_get(budget(0), "phases");
	assert_int_equal(json_array_size(phases), 2);
	p = json_array_get(phases, 0);
	assert_string_equal(json_string_value(json_object_get(p, "op")), "write");
	/* Half of the tick in which a file was opened was the phase's. */
	assert_int_equal(ns(p, "total_ns"), 1750 + 5);
	assert_string_equal(json_string_value(json_object_get(p, "bounds")), "tool");
	assert_int_equal(ns(p, "tool_bytes"), 4096);
	assert_int_equal(ns(p, "seen_bytes"), 4096);
	assert_null(json_object_get(p, "test")); /* nobody says */
	assert_adds_up(p);
	p = json_array_get(phases, 1);
	assert_int_equal(ns(p, "test"), 1);
	assert_int_equal(ns(p, "total_ns"), 70 + 4);
	assert_int_equal(ns(p, "seen_bytes"), 8192);
	assert_int_equal(ns(budget(0), "total_ns"), 1830);
}

static void phases_without_times_are_found(void **state)
{
	json_t *p;

	(void)state;
	sql("INSERT INTO result (target, status, op, iteration, bytes, total_s) VALUES "
	    "(0, 'ok', 'write', 0, 4096, 0.001), (0, 'ok', 'read', 0, 4096, 0.001), "
	    "(0, 'ok', 'read', 1, 4096, 0.001)");
	sql("INSERT INTO call_time VALUES (1, 0, 'write', 1, 1000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), "
	    "(3, 0, 'read', 1, 500, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)");
	sql("INSERT INTO histogram (seq, target, layer, op, device, ios, bytes, errors, count, "
	    "sum) VALUES (1, 0, 'vfs', 'write', 1, 1, 4096, 0, 1, 1), "
	    "(3, 0, 'vfs', 'read', 1, 1, 4096, 0, 1, 1)");
	assert_int_equal(build_budget(&b), 0);
	assert_int_equal(json_array_size(json_object_get(budget(0), "phases")), 2);
	p = json_array_get(json_object_get(budget(0), "phases"), 1);
	assert_string_equal(json_string_value(json_object_get(p, "op")), "read");
	assert_string_equal(json_string_value(json_object_get(p, "bounds")), "derived");
	assert_int_equal(ns(p, "begin_ns"), 3000000);
	assert_int_equal(ns(p, "end_ns"), 4000000);
	assert_int_equal(ns(p, "total_ns"), 500);
	assert_int_equal(ns(p, "seen_bytes"), 4096);
	/* The last is not in the ticks. */
	assert_string_equal(json_string_value(json_object_get(budget(0), "phases_absent")),
			    "read 1: its 4.0 KiB were not seen in the time that it took");
}

static void every_interval_has_its_budget(void **state)
{
	json_t *line;

	(void)state;
	sql("INSERT INTO call_time VALUES (1, 0, 'write', 1, 1000, 400, 0, 0, 0, 0, 0, 0, 0, 0, "
	    "0), "
	    "(3, 0, 'read', 1, 50, 70, 0, 0, 0, 0, 0, 0, 0, 0, 0)");
	sql("INSERT INTO histogram (seq, target, layer, op, device, ios, bytes, errors, count, "
	    "sum) VALUES (1, 0, 'block_device', 'write', 1, 1, 0, 0, 1, 300)");
	assert_int_equal(build_budget(&b), 0);
	line = json_object_get(budget(0), "timeline");
	assert_int_equal(ns(line, "begin_ns"), 1000000);
	assert_int_equal(ns(line, "ticks_per_point"), 1);
	assert_int_equal(json_array_size(json_object_get(line, "end_ns")), 3);
	assert_int_equal(point("end_ns", 0), 2000000);
	assert_int_equal(point("cpu_ns", 0), 600);
	assert_int_equal(point("device_ns", 0), 300);
	assert_int_equal(point("queue_ns", 0), 100);
	/* Nothing happened, which is known. */
	assert_int_equal(point("end_ns", 1), 3000000);
	assert_int_equal(point("cpu_ns", 1), 0);
	assert_int_equal(point("queue_ns", 2), 70);
	assert_int_equal(point("excess_ns", 2), 20);
	assert_int_equal(json_array_size(json_object_get(line, "other_ns")), 3);
}

static void long_runs_have_sums_of_neighbours(void **state)
{
	json_int_t sum = 0;

	(void)state;
	sql("DELETE FROM tick; WITH RECURSIVE s(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s "
	    "WHERE n < 1300) INSERT INTO tick SELECT n, n * 1000, n * 1000, n * 1000, 0 FROM s");
	sql("INSERT INTO call_time SELECT seq, 0, 'read', 1, seq, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 "
	    "FROM tick WHERE seq BETWEEN 1 AND 1300");
	assert_int_equal(build_budget(&b), 0);
	assert_int_equal(ns(json_object_get(budget(0), "timeline"), "ticks_per_point"), 3);
	for (size_t i = 0; i < 434; i++)
		sum += point("cpu_ns", i);
	assert_int_equal(json_array_size(
				 json_object_get(json_object_get(budget(0), "timeline"), "cpu_ns")),
			 434);
	assert_int_equal(sum, 1300 * 1301 / 2);
	assert_int_equal(sum, ns(budget(0), "total_ns"));
	assert_int_equal(point("cpu_ns", 0), 1 + 2 + 3);
	/* The last has one tick. */
	assert_int_equal(point("cpu_ns", 433), 1300);
	assert_int_equal(point("end_ns", 433), 1300000);
}

static const char *loss(const char *what, json_int_t count)
{
	json_t *l;
	size_t i;

	json_array_foreach(json_object_get(b.report, "losses"), i, l)
		if (!strcmp(json_string_value(json_object_get(l, "what")), what)) {
			assert_int_equal(ns(l, "count"), count);
			return json_string_value(json_object_get(l, "reason"));
		}
	return "none";
}

static void what_budgets_lack_is_a_loss(void **state)
{
	json_t *target = json_array_get(json_object_get(b.report, "targets"), 0);

	(void)state;
	sql("INSERT INTO result (target, status, op, iteration, bytes, begin_ns, end_ns) VALUES "
	    "(0, 'ok', 'write', 0, 4096, 1000000, 2000000), "
	    "(0, 'ok', 'write', 1, 4096, 2000000, 3000000), "
	    "(0, 'ok', 'read', 0, 4096, 3000000, 4000000)");
	sql("INSERT INTO call_time VALUES (1, 0, 'write', 1, 1000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)");
	sql("INSERT INTO histogram (seq, target, layer, op, device, ios, bytes, errors, count, "
	    "sum) VALUES (1, 0, 'vfs', 'write', 1, 1, 4100, 0, 1, 1), "
	    "(2, 0, 'vfs', 'write', 1, 1, 3072, 0, 1, 1), "
	    "(3, 0, 'vfs', 'read', 1, 1, 4000, 0, 1, 1)");
	json_object_set_new(target, "name", json_string("a"));
	json_object_set_new(target, "vfs",
			    json_pack("{s:{s:i}, s:{s:i}}", "uring_read", "calls", 3, "uring_other",
				      "calls", 2));
	json_object_set_new(b.report, "losses",
			    json_pack("[{s:s}, {s:s}]", "what", "block.x", "what", "vfs.x"));
	assert_int_equal(build_budget(&b), 0);
	json_object_set_new(budget(0), "phases_absent", json_string("read 1: why"));
	assert_int_equal(build_budget_losses(&b), 0);
	assert_string_equal(loss("budget.bytes", 2),
			    "a: phases whose bytes are not what the tool tells, by more than 1 %; "
			    "most in write 1, where 3.0 KiB were seen of 4.0 KiB");
	assert_string_equal(loss("budget.io_uring", 5),
			    "a: requests of io_uring: who waits for them does so in "
			    "io_uring_enter, whose time is in no budget");
	assert_string_equal(loss("budget.phases", 1),
			    "a: the time of the tool's phases is not told from here on: read 1: "
			    "why");
	/* In their place among the others. */
	assert_string_equal(json_string_value(json_object_get(
				    json_array_get(json_object_get(b.report, "losses"), 4),
				    "what")),
			    "vfs.x");
}

static void nothing_is_lost_where_nobody_looked(void **state)
{
	json_t *target = json_array_get(json_object_get(b.report, "targets"), 0);

	(void)state;
	json_object_set_new(target, "vfs", json_pack("{s:{s:i}}", "uring_read", "calls", 3));
	json_object_set_new(b.report, "losses", json_array());
	assert_int_equal(build_budget(&b), 0);
	assert_int_equal(build_budget_losses(&b), 0);
	assert_int_equal(json_array_size(json_object_get(b.report, "losses")), 0);
}

static void older_databases_lack_what_came_after_calls(void **state)
{
	(void)state;
	sql("ALTER TABLE call_time DROP COLUMN return_ns");
	sql("INSERT INTO call_time VALUES (1, 0, 'read', 1, 1000, 0, 0, 0, 0, 0, 0, 0, 60, 0)");
	assert_int_equal(build_budget(&b), 0);
	assert_int_equal(ns(budget(0), "total_ns"), 1000);
	assert_int_equal(ns(budget(0), "runq_ns"), 60);
}

static void an_older_database_has_none(void **state)
{
	(void)state;
	sql("DROP TABLE call_time");
	assert_int_equal(build_budget(&b), 0);
	assert_null(budget(0));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(parts_are_what_was_counted),
		TEST(what_ran_is_no_more_than_had_cpus),
		TEST(what_cannot_be_adds_up_all_the_same),
		TEST(nested_faults_count_once),
		TEST(calls_go_to_phases_by_kind_and_time),
		TEST(phases_without_times_are_found),
		TEST(every_interval_has_its_budget),
		TEST(long_runs_have_sums_of_neighbours),
		TEST(what_budgets_lack_is_a_loss),
		TEST(nothing_is_lost_where_nobody_looked),
		TEST(older_databases_lack_what_came_after_calls),
		TEST(an_older_database_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
