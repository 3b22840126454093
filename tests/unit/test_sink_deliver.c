// SPDX-License-Identifier: Apache-2.0
/* Whatever a sink does, in the end it has every point of a run once. */
#include "sink/deliver.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/loss.h"
#include "fake_run.h"
#include "fake_sink.h"
#include "store/store.h"
#include "unit.h"

static struct fake_run run;
static struct fake_sink *whole; /* what a run has, told in one go */

static struct store *open_run(void)
{
	struct err err = { 0 };
	struct store *s;

	if (store_open_rw(NULL, run.dir, &s, NULL, &err))
		fail_msg("%s", err.text);
	return s;
}

static struct delivery *begin(struct fake_sink *to, struct store *s, bool again)
{
	struct err err = { 0 };
	struct delivery *d;

	if (delivery_open(
		    &(struct delivery_config){
			    .sink = &to->sink, .reader = s, .cursor = s, .again = again },
		    &d, &err))
		fail_msg("%s", err.text);
	return d;
}

static struct fake_sink *sink_of(const char *where)
{
	struct fake_sink *f = malloc(sizeof(*f));

	assert_non_null(f);
	fake_sink_init(f, where);
	return f;
}

static int setup(void **state)
{
	struct store *s;
	struct delivery *d;
	struct delivery_state now;
	struct err err = { 0 };

	(void)state;
	fake_run_make(&run, "victim");
	s = open_run();
	whole = sink_of("all at once");
	d = begin(whole, s, false);
	assert_int_equal(delivery_round(d, true, &err), 0);
	delivery_state(d, &now);
	assert_true(now.done);
	assert_int_equal(now.seq, FAKE_TICKS - 1);
	assert_int_equal(now.last, FAKE_TICKS - 1);
	assert_int_equal(now.points, whole->kept);
	assert_true(whole->kept > 50);
	delivery_close(d);
	store_close(s);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(whole);
	fake_run_fini(&run);
	return 0;
}

/* The same sink in later calls: it gets what it lacks, and nothing twice. */
static void test_goes_on(void **state)
{
	struct store *s = open_run();
	struct fake_sink *to = sink_of("in two parts");
	struct delivery *d = begin(to, s, false);
	struct delivery_state now;
	struct err err = { 0 };
	size_t before;

	(void)state;
	/* The run is not to be ended yet: all ticks, and no more. */
	assert_int_equal(delivery_round(d, false, &err), 0);
	delivery_state(d, &now);
	assert_false(now.done);
	assert_int_equal(now.seq, FAKE_TICKS - 1);
	before = to->kept;
	assert_true(before < whole->kept);
	delivery_close(d);
	d = begin(to, s, false);
	assert_int_equal(delivery_round(d, true, &err), 0);
	assert_true(fake_sink_same(whole, to));
	delivery_close(d);
	/* It has all: a third time nothing is put, not even asked for. */
	d = begin(to, s, false);
	to->flushes = 0;
	assert_int_equal(delivery_round(d, true, &err), 0);
	assert_int_equal(to->n, whole->n);
	assert_int_equal(to->flushes, 0);
	delivery_state(d, &now);
	assert_true(now.done);
	assert_int_equal(now.points, 0);
	delivery_close(d);
	/* Unless it is asked to. */
	to->n = to->kept = 0;
	d = begin(to, s, true);
	assert_int_equal(delivery_round(d, true, &err), 0);
	assert_true(fake_sink_same(whole, to));
	delivery_close(d);
	store_close(s);
	free(to);
}

/* However often and wherever it fails: tried again from the cursor, it has all once. */
static void test_failures(void **state)
{
	struct store *s = open_run();
	struct err err = { 0 };

	(void)state;
	for (size_t at = 1; at < whole->kept; at += 7) {
		char where[64];
		struct fake_sink *to;
		struct delivery *d;
		struct delivery_state now;

		snprintf(where, sizeof(where), "fails at %zu", at);
		to = sink_of(where);
		to->put_rc = -EAGAIN;
		to->fail_at = at;
		d = begin(to, s, false);
		assert_int_equal(delivery_round(d, true, &err), -EAGAIN);
		delivery_state(d, &now);
		assert_false(now.done);
		assert_int_equal(now.points, to->kept);
		to->flush_rc = -EAGAIN;
		assert_int_equal(delivery_round(d, true, &err), -EAGAIN);
		assert_int_equal(delivery_round(d, true, &err), 0);
		delivery_state(d, &now);
		assert_true(now.done);
		assert_int_equal(now.points, to->kept);
		if (!fake_sink_same(whole, to))
			fail_msg("failing at %zu: %zu points of %zu", at, to->kept, whole->kept);
		delivery_close(d);
		free(to);
	}
	store_close(s);
}

/* Another place has a cursor of its own; one without a memory gets everything each time. */
static void test_places(void **state)
{
	struct store *s = open_run();
	struct fake_sink *to = sink_of("another place");
	struct delivery *d;
	struct err err = { 0 };

	(void)state;
	to->sink.from_start = true;
	for (int i = 0; i < 2; i++) {
		d = begin(to, s, false);
		to->n = to->kept = 0;
		assert_int_equal(delivery_round(d, true, &err), 0);
		assert_true(fake_sink_same(whole, to));
		delivery_close(d);
	}
	to->sink.from_start = false;
	to->n = to->kept = 0;
	d = begin(to, s, false);
	assert_int_equal(delivery_round(d, true, &err), 0);
	assert_true(fake_sink_same(whole, to));
	delivery_close(d);
	store_close(s);
	free(to);
}

/* A file that is new has nothing, whatever was kept of one of the same name. */
static void test_empty(void **state)
{
	struct store *s = open_run();
	struct fake_sink *to = sink_of("a file that was removed");
	struct err err = { 0 };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct delivery *d = begin(to, s, false);

		to->n = to->kept = 0;
		assert_int_equal(delivery_round(d, true, &err), 0);
		assert_true(fake_sink_same(whole, to));
		delivery_close(d);
		to->sink.empty = true;
	}
	store_close(s);
	free(to);
}

/* A run of before there was a mark for having all: the mark is made. */
static void test_old_cursor(void **state)
{
	static const char old[] = "DROP TABLE cursor; CREATE TABLE cursor (sink TEXT PRIMARY KEY, "
				  "seq INTEGER NOT NULL) STRICT, WITHOUT ROWID; "
				  "PRAGMA user_version = 1";
	struct fake_sink *to = sink_of("an old run");
	struct fake_run r;
	struct err err = { 0 };
	struct delivery *d;
	struct delivery_state now;
	char path[512];
	struct store *s;
	sqlite3 *db;
	size_t n;

	(void)state;
	fake_run_make(&r, "victim");
	snprintf(path, sizeof(path), "%.400s/run.db", r.dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, old, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(store_open_rw(NULL, r.dir, &s, NULL, &err), 0);
		d = begin(to, s, false);
		if (delivery_round(d, true, &err))
			fail_msg("%s", err.text);
		delivery_state(d, &now);
		assert_true(now.done);
		n = i ? n : to->kept;
		assert_int_equal(to->kept, n);
		delivery_close(d);
		store_close(s);
	}
	assert_true(n > 50);
	fake_run_fini(&r);
	free(to);
}

static void test_stopped(void **state)
{
	struct store *s = open_run();
	struct fake_sink *to = sink_of("stopped");
	atomic_bool stop = true;
	struct delivery *d;
	struct err err = { 0 };

	(void)state;
	to->sink.stop = &stop;
	d = begin(to, s, false);
	assert_int_equal(delivery_round(d, true, &err), -ECANCELED);
	assert_int_equal(to->n, 0);
	stop = false;
	assert_int_equal(delivery_round(d, true, &err), 0);
	assert_true(fake_sink_same(whole, to));
	delivery_close(d);
	store_close(s);
	free(to);
}

/* One that can be read only: everything is sent, and no cursor is kept. */
static void test_without_cursor(void **state)
{
	struct store *s = fake_run_open(&run);
	struct fake_sink *to = sink_of("without a cursor");
	struct err err = { 0 };
	struct delivery *d;

	(void)state;
	assert_int_equal(delivery_open(&(struct delivery_config){ .sink = &to->sink, .reader = s },
				       &d, &err),
			 0);
	assert_int_equal(delivery_round(d, true, &err), 0);
	assert_true(fake_sink_same(whole, to));
	delivery_close(d);
	store_close(s);
	free(to);
}

/* What a sink refuses of points that are put again, and what no sink can have, counts once. */
static void test_losses_once(void **state)
{
	struct losses losses = LOSSES_INIT;
	struct err err = { 0 };
	struct fake_sink *to = sink_of("loses");
	struct delivery *d;
	struct fake_run r;
	char path[512];
	struct store *s;
	sqlite3 *db;

	(void)state;
	fake_run_make(&r, "victim");
	snprintf(path, sizeof(path), "%.400s/run.db", r.dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
				      "UPDATE sample SET memory_bytes = -1 WHERE seq = 2 AND "
				      "target = (SELECT min(target) FROM sample WHERE seq = 2)",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	assert_int_equal(sqlite3_changes(db), 1);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	assert_int_equal(store_open_rw(NULL, r.dir, &s, NULL, &err), 0);
	to->sink.losses = &losses;
	to->loses = 10;
	d = begin(to, s, false);
	to->put_rc = -EAGAIN;
	to->fail_at = 30;
	assert_int_equal(delivery_round(d, true, &err), -EAGAIN);
	to->flush_rc = -EAGAIN;
	assert_int_equal(delivery_round(d, true, &err), -EAGAIN);
	assert_int_equal(losses.n, 0);
	to->loses = 10;
	assert_int_equal(delivery_round(d, true, &err), 0);
	delivery_close(d);
	assert_ptr_equal(to->sink.losses, &losses);
	assert_int_equal(losses.n, 3);
	for (size_t i = 0; i < losses.n; i++) {
		bool refused = !strcmp(losses.v[i].reason, "refused");

		assert_string_equal(losses.v[i].what, "sink.fake");
		assert_int_equal(losses.v[i].count, refused ? 10 : 1);
		if (!refused)
			assert_non_null(strstr(losses.v[i].reason,
					       " was above 9223372036854775807, which the run's "
					       "database cannot hold: it is left out"));
	}
	assert_int_equal(memcmp(losses.v[0].reason, "memory_bytes of cbpf_cgroup", 27) &&
				 memcmp(losses.v[1].reason, "memory_bytes of cbpf_cgroup", 27) &&
				 memcmp(losses.v[2].reason, "memory_bytes of cbpf_cgroup", 27),
			 0);
	/* It has all: nothing is counted again. */
	d = begin(to, s, false);
	assert_int_equal(delivery_round(d, true, &err), 0);
	delivery_close(d);
	assert_int_equal(losses.v[0].count + losses.v[1].count + losses.v[2].count, 12);
	store_close(s);
	fake_run_fini(&r);
	free(to);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_goes_on),	       cmocka_unit_test(test_failures),
		cmocka_unit_test(test_places),	       cmocka_unit_test(test_stopped),
		cmocka_unit_test(test_without_cursor), cmocka_unit_test(test_empty),
		cmocka_unit_test(test_old_cursor),     cmocka_unit_test(test_losses_once),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
