// SPDX-License-Identifier: Apache-2.0
/*
 * How often a comparison is wrong, on recorded runs. tests/data/compare/same.jsonl is what the
 * reports of 24 runs of one spec on one busy host had of it: IOR writes and reads 16 MiB in 64 KiB,
 * with O_DIRECT and fsync.
 */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/strlist.h"
#include "fake_report.h"
#include "json_case.h"
#include "report/compare.h"
#include "report/series.h"
#include "stat/random.h"

#define RUNS 24
#define TRIALS 100

static json_t *recorded[RUNS];

static int setup(void **state)
{
	FILE *f = fopen("tests/data/compare/same.jsonl", "re");

	(void)state;
	assert_non_null(f);
	for (size_t i = 0; i < RUNS; i++) {
		recorded[i] = json_loadf(f, JSON_DISABLE_EOF_CHECK, NULL);
		assert_non_null(recorded[i]);
	}
	fclose(f);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < RUNS; i++)
		json_decref(recorded[i]);
	return 0;
}

static void shuffle(size_t *order, struct stat_random *random)
{
	for (size_t i = 0; i < RUNS; i++)
		order[i] = i;
	for (size_t i = RUNS; i > 1; i--) {
		size_t k = stat_random_below(random, i), kept = order[i - 1];

		order[i - 1] = order[k];
		order[k] = kept;
	}
}

/* Half of the runs, by chance, against the other half. */
static json_t *compare_at_random(json_t *const *reports, struct stat_random *random,
				 const struct str_list *metrics, const struct str_list *fail_if)
{
	struct compare_run runs[RUNS];
	size_t order[RUNS], sides[RUNS];
	const struct compare_options o = { .sides = sides, .metrics = metrics, .fail_if = fail_if };
	struct err err = { 0 };
	json_t *all = NULL;

	shuffle(order, random);
	for (size_t i = 0; i < RUNS; i++) {
		runs[i] = (struct compare_run){ reports[order[i]], NULL };
		sides[i] = i >= RUNS / 2;
	}
	if (report_compare(runs, RUNS, &o, &all, &err))
		fail_msg("%s", err.text);
	return all;
}

static size_t count(const json_t *all, const char *verdict)
{
	json_t *row;
	size_t i, n = 0;

	json_array_foreach(json_object_get(all, "metrics"), i, row) {
		const json_t *test = json_array_get(json_object_get(row, "tests"), 1);
		const char *is = json_string_value(json_object_get(test, "verdict"));

		n += is && !strcmp(is, verdict);
	}
	return n;
}

static void the_same_thing_does_not_differ(void **state)
{
	struct stat_random random = { 20261127 };
	size_t clean = 0, tested = 0;

	(void)state;
	for (size_t i = 0; i < TRIALS; i++) {
		json_t *all = compare_at_random(recorded, &random, NULL, NULL);

		clean += count(all, "differs") == 0;
		tested += count(all, "no difference");
		json_decref(all);
	}
	/* It had something to tell. */
	assert_true(tested > 40 * TRIALS);
	print_message("# %zu of %d without a difference, %zu metrics\n", clean, TRIALS,
		      tested / TRIALS);
	if (clean < 94)
		fail_msg("only %zu of %d trials found no difference", clean, TRIALS);
}

/* Nor does a threshold that noise is beyond: of these, the median differs by more than 3 %. */
static void noise_crosses_no_threshold(void **state)
{
	struct stat_random random = { 20261127 };
	struct str_list exprs = { 0 }, none = { 0 };
	size_t crossed = 0, beyond = 0;

	(void)state;
	assert_int_equal(str_list_add(&none, "nothing"), 0);
	assert_int_equal(str_list_add(&exprs, "w.results.write.bw_mib_s < -3%"), 0);
	assert_int_equal(str_list_add(&exprs, "w.vfs.write.p99 > +3%"), 0);
	for (size_t i = 0; i < TRIALS; i++) {
		json_t *all = compare_at_random(recorded, &random, &none, &exprs);

		crossed += json_integer_value(json_object_get(all, "crossed")) > 0;
		for (int t = 0; t < 2; t++)
			beyond += !strcmp(json_string_value(fake_at(all, t ? "thresholds.1.by"
									   : "thresholds.0.by")),
					  "test");
		json_decref(all);
	}
	assert_true(beyond > TRIALS / 2);
	if (crossed > 6)
		fail_msg("%zu of %d trials crossed a threshold", crossed, TRIALS);
}

/* In an order that is chance, nothing changes at any time. */
static void a_history_of_the_same_thing_has_no_changes(void **state)
{
	struct stat_random random = { 20261127 };
	size_t quiet = 0;

	(void)state;
	for (size_t i = 0; i < TRIALS; i++) {
		struct series *s = series_open();
		size_t order[RUNS], changes = 0, k;
		json_t *all, *m;

		shuffle(order, &random);
		for (k = 0; k < RUNS; k++)
			assert_int_equal(series_add(s, recorded[order[k]], k, NULL), 0);
		all = series_changes(s);
		json_array_foreach(all, k, m)
			changes += json_array_size(json_object_get(m, "changes"));
		quiet += !changes;
		json_decref(all);
		series_close(s);
	}
	print_message("# %zu of %d histories without a change\n", quiet, TRIALS);
	if (quiet < 94)
		fail_msg("only %zu of %d histories had no change", quiet, TRIALS);
}

/* One half of a trial's runs, made half as fast: it is not that nothing is ever found. */
static void a_difference_is_found(void **state)
{
	struct str_list one = { 0 };
	json_t *half[RUNS];
	size_t sides[RUNS], found = 0;
	const struct compare_options o = { .sides = sides, .metrics = &one };
	struct compare_run runs[RUNS];
	struct err err = { 0 };
	json_t *all = NULL;

	(void)state;
	assert_int_equal(str_list_add(&one, "w.results.*"), 0);
	for (size_t i = 0; i < RUNS; i++) {
		json_t *r;
		size_t k;

		half[i] = json_deep_copy(recorded[i]);
		sides[i] = i >= RUNS / 2;
		json_array_foreach(fake_at(half[i], "targets.0.results"), k, r)
			if (sides[i])
				json_object_set_new(
					r, "bw_mib_s",
					json_real(json_number_value(fake_at(r, "bw_mib_s")) / 2));
		runs[i] = (struct compare_run){ half[i], NULL };
	}
	assert_int_equal(report_compare(runs, RUNS, &o, &all, &err), 0);
	found = count(all, "differs");
	assert_int_equal(found, 2); /* bandwidth of writes and reads, not IOPS */
	json_decref(all);
	for (size_t i = 0; i < RUNS; i++)
		json_decref(half[i]);
	str_list_fini(&one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_thing_does_not_differ),
		cmocka_unit_test(noise_crosses_no_threshold),
		cmocka_unit_test(a_history_of_the_same_thing_has_no_changes),
		cmocka_unit_test(a_difference_is_found),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
