// SPDX-License-Identifier: Apache-2.0
/* Events and their totals arrive, those of who is no target too. */
#include <sqlite3.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "fake_run.h"
#include "unit.h"

static const struct {
	const char *sql, *want, *why;
} cases[] = {
	{ "SELECT group_concat(id || name || hardware) FROM perf_event", "0task-clock0,1cycles1",
	  "events; told twice they are one" },
	{ "SELECT value || ' ' || enabled_ns || ' ' || running_ns FROM perf WHERE target = 1",
	  "7 20 10", "every column is its own" },
	{ "SELECT event FROM perf WHERE target = 1", "1", "of which event" },
	{ "SELECT value FROM perf WHERE target = -1", "5", "what is no target's" },
	{ "SELECT value FROM perf WHERE target = -2", "13", "the CPUs' own" },
	{ "SELECT count(*) FROM perf", "3", "and no more" },
};

static void rows_arrive(void **state)
{
	struct err err = { 0 };
	struct fake_run r;
	struct frame *f = &r.frame;

	(void)state;
	fake_run_begin(&r, NULL);
	assert_int_equal(frame_init_perf(f, 2, &err), 0);
	frame_reset(f);
	for (int again = 0; again < 2; again++) {
		f->seq = again;
		f->perf_events[f->n_perf_events++] =
			(struct frame_perf_event){ 0, "task-clock", false };
		f->perf_events[f->n_perf_events++] = (struct frame_perf_event){ 1, "cycles", true };
		if (again) {
			f->perfs[f->n_perfs++] =
				(struct frame_perf){ FAKE_NEIGHBOUR, 1, 7, 20, 10 };
			f->perfs[f->n_perfs++] =
				(struct frame_perf){ FRAME_PERF_OTHERS, 0, 5, 5, 5 };
			f->perfs[f->n_perfs++] =
				(struct frame_perf){ FRAME_PERF_CPUS, 0, 13, 13, 13 };
		}
		if (store_put_frame(r.store, f, r.owners, &err))
			fail_msg("%s", err.text);
		f->n_perf_events = 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		sqlite3_stmt *st;

		if (sqlite3_prepare_v2(store_db(r.store), cases[i].sql, -1, &st, NULL) != SQLITE_OK)
			fail_msg("%s", sqlite3_errmsg(store_db(r.store)));
		assert_int_equal(sqlite3_step(st), SQLITE_ROW);
		if (strcmp((const char *)sqlite3_column_text(st, 0), cases[i].want))
			fail_msg("%s: %s", cases[i].why, sqlite3_column_text(st, 0));
		sqlite3_finalize(st);
	}
	fake_run_end(&r, "ok");
	fake_run_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_arrive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
