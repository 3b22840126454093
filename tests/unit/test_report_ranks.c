// SPDX-License-Identifier: Apache-2.0
/* Where ranks ran: from the rows of a run into its report, and into words. */
#include "report/ranks.h"

#include <sqlite3.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "fake_report.h"
#include "fake_run.h"
#include "report/internal.h"
#include "report/report.h"
#include "unit.h"

static struct fake_run run;
static struct err err;
static struct building b;

static int setup(void **state)
{
	(void)state;
	fake_run_begin(&run, "victim");
	fake_run_tick(&run, 0);
	err = (struct err){ 0 };
	b = (struct building){ .store = run.store, .err = &err };
	b.report = json_pack("{s:[{s:i, s:s}, {s:i, s:s}, {s:i, s:s}]}", "targets", "id", 0, "name",
			     "w", "id", 1, "name", "c1", "id", 2, "name", "c2");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	json_decref(b.report);
	fake_run_fini(&run);
	return 0;
}

static const struct {
	const char *label;
	struct store_rank v[6];
	size_t n;
	const char *w, *c1, *c2;
} cases[] = {
	{ "nobody named hosts", { { 0 } }, 0, "", "", "" },
	{ "one each", { { 0, 0, 1 }, { 0, 1, 2 } }, 2, "c1 0, c2 1", "0 of w", "1 of w" },
	{ "told in any order, and twice",
	  { { 0, 2, 2 }, { 0, 0, 1 }, { 0, 1, 1 }, { 0, 1, 1 } },
	  4,
	  "c1 0-1, c2 2",
	  "0-1 of w",
	  "2 of w" },
	{ "by turns",
	  { { 0, 0, 1 }, { 0, 1, 2 }, { 0, 2, 1 }, { 0, 3, 2 }, { 0, 4, 2 } },
	  5,
	  "c1 0,2, c2 1,3-4",
	  "0,2 of w",
	  "1,3-4 of w" },
	{ "one that was not seen is not made up",
	  { { 0, 0, 1 }, { 0, 2, 1 } },
	  2,
	  "c1 0,2",
	  "0,2 of w",
	  "" },
	{ "a host of two workloads, one its own",
	  { { 0, 0, 1 }, { 1, 0, 1 } },
	  2,
	  "c1 0",
	  "c1 0, 0 of w, 0 of c1",
	  "" },
};

/* Of the first target. */
static bool has_rank(const struct store_rank *v, size_t n, unsigned int rank)
{
	for (size_t i = 0; i < n; i++)
		if (!v[i].workload && v[i].rank == rank)
			return true;
	return false;
}

static void ranks_in_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *want[] = { cases[i].w, cases[i].c1, cases[i].c2 };

		teardown(NULL);
		setup(NULL);
		assert_int_equal(store_put_ranks(run.store, cases[i].v, cases[i].n, &err), 0);
		assert_int_equal(build_ranks(&b), 0);
		assert_false(b.out_of_memory);
		for (size_t t = 0; t < ARRAY_SIZE(want); t++) {
			cleanup_buf struct buf text = BUF_INIT(4096);

			assert_int_equal(ranks_text(target_of(&b, t), &text), 0);
			for (unsigned int r = 0; r < 5; r++) {
				json_t *rank = json_integer(r);

				/* As words say. */
				assert_int_equal(!ranks_host(target_of(&b, 0), rank),
						 !has_rank(cases[i].v, cases[i].n, r));
				json_decref(rank);
			}
			if (strcmp(buf_str(&text), want[t]))
				fail_msg("%s: %zu is '%s'", cases[i].label, t, buf_str(&text));
		}
	}
}

static void what_a_run_did_not_have_is_no_key(void **state)
{
	(void)state;
	assert_int_equal(build_ranks(&b), 0);
	assert_null(fake_find(b.report, "targets.0.ranks"));
	assert_null(fake_find(b.report, "targets.0.ranks_here"));
	/* A run of before there were ranks. */
	assert_int_equal(sqlite3_exec(store_db(run.store), "DROP TABLE rank", NULL, NULL, NULL), 0);
	assert_int_equal(build_ranks(&b), 0);
}

/* A phase of the workload is the phase of whoever had ranks, with its part of the bytes. */
static void phases_are_where_the_ranks_were(void **state)
{
	static const struct store_rank ranks[] = { { FAKE_VICTIM, 0, FAKE_NEIGHBOUR },
						   { FAKE_VICTIM, 1, FAKE_NEIGHBOUR },
						   { FAKE_VICTIM, 2, FAKE_VICTIM } };
	cleanup_buf struct buf text = BUF_INIT(1 << 20);
	struct report_style style = { .width = 80 };
	json_t *report = NULL;

	(void)state;
	assert_int_equal(store_put_ranks(run.store, ranks, 3, &err), 0);
	for (uint64_t i = 1; i < FAKE_TICKS; i++)
		fake_run_tick(&run, i);
	fake_run_end(&run, "ok");
	assert_int_equal(report_build(run.store, &report, &err), 0);
	assert_int_equal(report_text(report, &style, &text), 0);
	assert_non_null(
		strstr(buf_str(&text), "\n  ranks     neighbour 0-1, victim 2, 2 of victim\n"));
	assert_non_null(strstr(buf_str(&text), "\n  ranks     0-1 of victim\n"));
	json_decref(report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(ranks_in_words, setup, teardown),
		cmocka_unit_test_setup_teardown(what_a_run_did_not_have_is_no_key, setup, teardown),
		cmocka_unit_test_setup_teardown(phases_are_where_the_ranks_were, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
