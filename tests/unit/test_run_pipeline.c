// SPDX-License-Identifier: Apache-2.0
/* Every sweep reaches the database, in order, and events travel beside them. */
#include "run/pipeline.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/loss.h"
#include "launch/target.h"
#include "run/live.h"
#include "sample/sampler.h"
#include "store/store.h"

static sqlite3_int64 ask(struct store *s, const char *sql)
{
	sqlite3_stmt *q;
	sqlite3_int64 v;

	assert_int_equal(sqlite3_prepare_v2(store_db(s), sql, -1, &q, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	v = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	return v;
}

/* What a collector is told while it sweeps. */
static uint64_t sweeps, last_sweeps;

static int watch_open(const struct collector_env *env, void **ret_state, struct err *err)
{
	(void)env;
	(void)ret_state;
	(void)err;
	return 0;
}

static void watch_read(void *state, struct frame *f)
{
	(void)state;
	assert_int_equal(f->seq, sweeps);
	assert_true(f->due_ns > 0);
	sweeps++;
	last_sweeps += f->last;
}

static void watch_close(void *state)
{
	(void)state;
}

static const struct collector watch = { .open = watch_open,
					.read = watch_read,
					.close = watch_close };

static void test_flow(void **state)
{
	static struct owner_table owners;
	static struct losses losses = LOSSES_INIT;
	char dir[] = "/tmp/cbpf-test-XXXXXX";
	const struct collector *which[] = { &watch, NULL };
	struct target_set targets = { 0 };
	struct cgroup_layout cgroups = { 0 };
	struct pipeline_stats stats;
	struct err err = { 0 };
	struct sampler *sampler;
	struct pipeline *p;
	struct store *store;
	struct live live;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(live_init(&live, 0), 0);
	assert_int_equal(sampler_open(&(struct collector_env){ .targets = &targets,
							       .cgroups = &cgroups,
							       .owners = &owners,
							       .losses = &losses },
				      which, &sampler, &err),
			 0);
	assert_int_equal(
		store_create(dir, &(struct store_run){ .id = "t", .name = "t" }, &store, &err), 0);
	assert_int_equal(pipeline_open(&(struct pipeline_config){ .sampler = sampler,
								  .store = store,
								  .owners = &owners,
								  .live = &live,
								  .interval_ns =
									  5 * NSEC_PER_MSEC },
				       &p, &err),
			 0);
	for (int i = 0; i < 10; i++)
		pipeline_event(p, "a", "note", "event %d", i);
	clock_sleep_until(clock_mono_ns() + 60 * NSEC_PER_MSEC);
	assert_int_equal(pipeline_finish(p, &err), 0);
	pipeline_stats(p, &stats);

	/* The first and the last sweep are there even if no tick came between. */
	assert_true(stats.ticks >= 2);
	assert_int_equal(ask(store, "select count(*) from tick"), stats.ticks);
	assert_int_equal(ask(store, "select max(seq) - min(seq) + 1 from tick"), stats.ticks);
	assert_int_equal(ask(store, "select count(*) from tick where last"), 1);
	assert_int_equal(ask(store, "select last from tick order by seq desc limit 1"), 1);
	assert_int_equal(sweeps, stats.ticks);
	assert_int_equal(last_sweeps, 1);
	assert_int_equal(ask(store, "select count(*) from event"), 10);
	assert_int_equal(pipeline_events_dropped(p), 0);

	pipeline_close(p);
	sampler_close(sampler);
	store_close(store);
	live_fini(&live);
	assert_int_equal(fs_remove_tree(dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_flow) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
