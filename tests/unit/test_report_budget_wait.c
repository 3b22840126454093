// SPDX-License-Identifier: Apache-2.0
/* How waits for I/O are cut: by the requests that there were, and by whose those can have been. */
#include <stdio.h>
#include <string.h>

#include "budget_case.h"

/* Calls that wait for I/O end, and requests complete. */
struct moment {
	int seq;
	const char *call;
	unsigned int wait, longest; /* ns */
	const char *request;
	unsigned int device, queue; /* ns */
};

static void put_moment(const struct moment *m)
{
	char text[1024];

	if (m->call) {
		snprintf(text, sizeof(text),
			 "INSERT INTO call_time VALUES (%d, 0, '%s', 1, %u, %u, 0, 0, 0, 0, 0, 0, "
			 "0, 0, 0); INSERT INTO histogram (seq, target, layer, op, device, ios, "
			 "bytes, errors, count, sum, max) VALUES (%d, 0, 'vfs', '%s', 1, 1, 0, 0, "
			 "1, %u, %u)",
			 m->seq, m->call, m->wait, m->wait, m->seq, m->call, m->wait, m->longest);
		sql(text);
	}
	if (m->request) {
		snprintf(text, sizeof(text),
			 "INSERT INTO histogram (seq, target, layer, op, device, ios, bytes, "
			 "errors, count, sum) VALUES (%d, 0, '%s', '%s', 1, 1, 0, 0, 1, "
			 "%u), (%d, 0, 'block_queue', '%s', 1, 1, 0, 0, 1, %u)",
			 m->seq, strcmp(m->request, "flush") ? "block_device" : "block_total",
			 m->request, m->device, m->seq, m->request, m->queue);
		sql(text);
	}
}

static const struct {
	const char *why;
	unsigned int wait, device, queue; /* ns */
	unsigned int of_device, of_queue; /* of the wait */
} waits[] = {
	{ "all of it in a device", 1000, 1000, 0, 1000, 0 },
	{ "requests account for it", 1000, 250, 750, 250, 750 },
	{ "held back before there was a request", 1000, 100, 50, 100, 900 },
	{ "no request at all", 1000, 0, 0, 0, 1000 },
	{ "more requests than were waited for", 1000, 3000, 1000, 750, 250 },
	{ "requests that nobody waited for", 0, 500, 500, 0, 0 },
};

static void a_wait_is_cut_in_two(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		struct moment m = { 1,	    "read",	     waits[i].wait, 0,
				    "read", waits[i].device, waits[i].queue };

		sql("DELETE FROM call_time; DELETE FROM histogram");
		put_moment(&m);
		json_object_del(json_array_get(json_object_get(b.report, "targets"), 0), "budget");
		assert_int_equal(build_budget(&b), 0);
		if (ns(budget(0), "device_ns") != waits[i].of_device ||
		    ns(budget(0), "queue_ns") != waits[i].of_queue)
			fail_msg("%s: device %lld, queue %lld", waits[i].why,
				 (long long)ns(budget(0), "device_ns"),
				 (long long)ns(budget(0), "queue_ns"));
		assert_adds_up(budget(0));
	}
}

#define EXACT "exact", NULL
#define CLASSIC "exact", "unattributed" /* as on cgroup v1 */

static const struct {
	const char *why;
	const char *attribution, *writeback;
	const char *call, *dev, *fs; /* of its mount */
	unsigned int wait, device, queue; /* ns: of the call, and its requests */
	unsigned int of_device, of_queue, of_other, unaccounted;
} trusts[] = {
	{ "held back", EXACT, "read", "254:0", "ext4", 1000, 100, 50, 100, 900, 0, 850 },
	{ "charged to all", "ancestor", NULL, "read", "254:0", "ext4", 1000, 100, 50, 100, 50, 850,
	  850 },
	{ "charged to nobody", "none", NULL, "read", "254:0", "ext4", 1000, 0, 0, 0, 0, 1000,
	  1000 },
	{ "not known to whom", NULL, NULL, "read", "254:0", "ext4", 1000, 0, 0, 0, 0, 1000, 1000 },
	{ "its requests account for all of it", "ancestor", NULL, "read", "254:0", "ext4", 1000,
	  600, 400, 600, 400, 0, 0 },
	{ "writeback of anybody", CLASSIC, "fsync", "254:0", "ext4", 1000, 100, 50, 100, 50, 850,
	  850 },
	{ "writeback of its own", EXACT, "fsync", "254:0", "ext4", 1000, 100, 50, 100, 900, 0,
	  850 },
	{ "a removed file's pages, written by anybody", CLASSIC, "unlink", "254:0", "ext4", 1000, 0,
	  0, 0, 0, 1000, 1000 },
	{ "reads are its own", CLASSIC, "read", "254:0", "ext4", 1000, 100, 50, 100, 900, 0, 850 },
	{ "direct writes, too", CLASSIC, "write", "254:0", "ext4", 1000, 100, 50, 100, 900, 0,
	  850 },
	{ "over a network", EXACT, "read", "0:51", "nfs4", 1000, 600, 400, 0, 0, 1000, 1000 },
	{ "a device's node", EXACT, "read", "0:5", "devtmpfs", 1000, 600, 400, 600, 400, 0, 0 },
	{ "no device, but on one", EXACT, "read", "0:51", "btrfs", 1000, 600, 400, 600, 400, 0, 0 },
};

static void unaccounted_waits_are_the_queue_only_if_they_must_be(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(trusts) / sizeof(trusts[0]); i++) {
		json_t *target = json_array_get(json_object_get(b.report, "targets"), 0);
		struct moment m = { 1,
				    trusts[i].call,
				    trusts[i].wait,
				    0,
				    trusts[i].call,
				    trusts[i].device,
				    trusts[i].queue };
		char text[256];

		if (!strcmp(trusts[i].call, "fsync"))
			m.request = "write";
		if (!strcmp(trusts[i].call, "unlink"))
			m.request = "discard";
		sql("DELETE FROM call_time; DELETE FROM histogram; DELETE FROM mount");
		snprintf(text, sizeof(text), "INSERT INTO mount VALUES (1, '%s', '%s', '/x')",
			 trusts[i].fs, trusts[i].dev);
		sql(text);
		put_moment(&m);
		json_object_clear(target);
		json_object_set_new(target, "id", json_integer(0));
		if (trusts[i].attribution)
			json_object_set_new(target, "attribution",
					    json_string(trusts[i].attribution));
		if (trusts[i].writeback)
			json_object_set_new(target, "writeback", json_string(trusts[i].writeback));
		assert_int_equal(build_budget(&b), 0);
		if (ns(budget(0), "device_ns") != trusts[i].of_device ||
		    ns(budget(0), "queue_ns") != trusts[i].of_queue ||
		    ns(budget(0), "other_ns") != trusts[i].of_other ||
		    ns(budget(0), "unaccounted_wait_ns") != trusts[i].unaccounted)
			fail_msg("%s: device %lld, queue %lld, other %lld, unaccounted %lld",
				 trusts[i].why, (long long)ns(budget(0), "device_ns"),
				 (long long)ns(budget(0), "queue_ns"),
				 (long long)ns(budget(0), "other_ns"),
				 (long long)ns(budget(0), "unaccounted_wait_ns"));
		assert_adds_up(budget(0));
	}
}

/* Nobody looked: neither is 0. */
static void without_block_io_waits_are_not_split(void **state)
{
	struct moment m = { 1, "read", 1000, 0, NULL, 0, 0 };
	json_t *line;

	(void)state;
	sql("UPDATE run SET backends = '{\"vfs\": \"syscalls\"}'");
	put_moment(&m);
	json_object_set_new(b.report, "losses", json_array());
	json_object_set_new(json_array_get(json_object_get(b.report, "targets"), 0), "name",
			    json_string("a"));
	assert_int_equal(build_budget(&b), 0);
	assert_int_equal(ns(budget(0), "io_ns"), 1000);
	assert_null(json_object_get(budget(0), "queue_ns"));
	assert_null(json_object_get(budget(0), "device_ns"));
	assert_null(json_object_get(budget(0), "unaccounted_wait_ns"));
	assert_adds_up(budget(0));
	line = json_object_get(budget(0), "timeline");
	assert_null(json_object_get(line, "queue_ns"));
	assert_int_equal(json_integer_value(json_array_get(json_object_get(line, "io_ns"), 0)),
			 1000);
	assert_int_equal(build_budget_losses(&b), 0);
	assert_string_equal(json_string_value(json_object_get(
				    json_array_get(json_object_get(b.report, "losses"), 0),
				    "reason")),
			    "a: block I/O was not watched: its waits for I/O are not split into "
			    "the queue and the device");
}

/* A tick is 1000000 ns long. */
static const struct {
	const char *why;
	struct moment moments[4];
	unsigned int device, queue; /* of the run */
} splits[] = {
	{ "reads held back, and writeback later",
	  { { 1, "read", 10000, 10000, "read", 500, 0 },
	    { 2, "write", 0, 0, "write", 100000, 50000 } },
	  500,
	  9500 },
	{ "reads held back, and writeback meanwhile",
	  { { 1, "read", 10000, 10000, "read", 500, 0 },
	    { 1, NULL, 0, 0, "write", 100000, 50000 } },
	  500,
	  9500 },
	{ "writes held back, and what they gave up is discarded",
	  { { 1, "write", 10000, 10000, "write", 500, 0 },
	    { 1, NULL, 0, 0, "discard", 100000, 50000 } },
	  500,
	  9500 },
	{ "fsync waits for writes and flushes",
	  { { 1, "fsync", 10000, 10000, "write", 4000, 1000 },
	    { 1, NULL, 0, 0, "flush", 5000, 0 } },
	  9000,
	  1000 },
	{ "who copies may wait for writes",
	  { { 1, "copy", 1000, 1000, "write", 750, 250 } },
	  750,
	  250 },
	{ "for those that nobody wrote for",
	  { { 1, "write", 1000, 1000, "write", 900, 100 }, { 1, "copy", 500, 500, NULL, 0, 0 } },
	  900,
	  600 },
	{ "who opens does not", { { 1, "open", 1000, 1000, "write", 750, 250 } }, 0, 1000 },
	{ "files are opened by reading",
	  { { 1, "open", 1000, 1000, "read", 750, 250 } },
	  750,
	  250 },
	{ "a file is removed by discarding",
	  { { 1, "unlink", 1000, 1000, "discard", 750, 250 } },
	  750,
	  250 },
	{ "reads do not wait for that",
	  { { 1, "unlink", 1000, 1000, "discard", 800, 200 },
	    { 1, "read", 10000, 10000, "read", 500, 0 } },
	  1264,
	  9736 },
	{ "a part of a page is written after reading the rest",
	  { { 1, "write", 1000, 1000, "read", 750, 250 } },
	  750,
	  250 },
	{ "such reads are not those that reads waited for",
	  { { 1, "read", 1000, 1000, "read", 900, 100 }, { 1, "write", 500, 500, NULL, 0, 0 } },
	  900,
	  600 },
	{ "a call that outlasts ticks waits for requests of those, too",
	  { { 1, NULL, 0, 0, "write", 900000, 0 },
	    { 2, NULL, 0, 0, "write", 900000, 0 },
	    { 3, "fsync", 2400000, 2500000, "write", 500000, 0 } },
	  2300000,
	  100000 },
	{ "one that does not has nothing to do with them",
	  { { 1, NULL, 0, 0, "write", 900000, 0 },
	    { 3, "fsync", 800000, 900000, "write", 500000, 0 } },
	  500000,
	  300000 },
	{ "a request accounts for one wait",
	  { { 1, NULL, 0, 0, "read", 300, 0 },
	    { 2, "read", 300, 1500000, NULL, 0, 0 },
	    { 3, "read", 300, 2500000, NULL, 0, 0 } },
	  300,
	  300 },
};

static void waits_are_cut_by_tick_and_kind(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(splits) / sizeof(splits[0]); i++) {
		sql("DELETE FROM call_time; DELETE FROM histogram");
		for (size_t k = 0; k < 4; k++)
			put_moment(&splits[i].moments[k]);
		json_object_del(json_array_get(json_object_get(b.report, "targets"), 0), "budget");
		assert_int_equal(build_budget(&b), 0);
		if (ns(budget(0), "device_ns") != splits[i].device ||
		    ns(budget(0), "queue_ns") != splits[i].queue)
			fail_msg("%s: device %lld, queue %lld", splits[i].why,
				 (long long)ns(budget(0), "device_ns"),
				 (long long)ns(budget(0), "queue_ns"));
		assert_adds_up(budget(0));
	}
}

static void leaves_count_unless_there_are_none(void **state)
{
	(void)state;
	sql("INSERT INTO call_time VALUES (1, 0, 'read', 1, 5000, 1000, 0, 0, 0, 0, 0, 0, 0, 0, "
	    "0)");
	sql("INSERT INTO device (dev, stacked) VALUES (11, 0), (12, 1)");
	sql("INSERT INTO histogram (seq, target, layer, op, device, ios, bytes, errors, count, "
	    "sum) "
	    "VALUES (1, 0, 'block_device', 'read', 12, 1, 0, 0, 1, 600)");
	assert_int_equal(build_budget(&b), 0);
	assert_int_equal(ns(budget(0), "device_ns"), 600);
	sql("INSERT INTO histogram (seq, target, layer, op, device, ios, bytes, errors, count, "
	    "sum) "
	    "VALUES (1, 0, 'block_device', 'read', 11, 1, 0, 0, 1, 200)");
	json_object_del(json_array_get(json_object_get(b.report, "targets"), 0), "budget");
	assert_int_equal(build_budget(&b), 0);
	assert_int_equal(ns(budget(0), "device_ns"), 200);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_wait_is_cut_in_two),
		TEST(unaccounted_waits_are_the_queue_only_if_they_must_be),
		TEST(without_block_io_waits_are_not_split),
		TEST(leaves_count_unless_there_are_none),
		TEST(waits_are_cut_by_tick_and_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
