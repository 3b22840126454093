// SPDX-License-Identifier: Apache-2.0
/* What is kept of points: sums, totals, states, within bounds, and what is not kept is told. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hist.h"
#include "base/loss.h"
#include "fake_points.h"
#include "sink/openmetrics_parts.h"
#include "unit.h"

/* How often it was told that @why, part of the reason. */
static uint64_t lost(const struct losses *l, const char *why)
{
	uint64_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->v[i].what, "sink.openmetrics") && strstr(l->v[i].reason, why))
			n += l->v[i].count;
	return n;
}

static const struct om_value *value(const struct om_registry *r, size_t row, const char *column)
{
	const struct om_measure *m = &r->measures[0];

	assert_true(row < m->n_rows);
	for (size_t i = 0; i < m->n_columns; i++)
		if (!strcmp(m->measurement->columns[i].name, column))
			return &m->rows[row]->values[i];
	fail_msg("no column %s", column);
	return NULL;
}

static void kinds_are_kept_as_they_are(void **state)
{
	struct losses losses = LOSSES_INIT;
	struct om_registry r;
	struct point p;

	(void)state;
	om_registry_init(&r, 100, &losses);
	for (int64_t seq = 0; seq < 3; seq++) {
		fake_point(&p, &fake_cgroup, seq);
		fake_tag(&p, "target", "a");
		/* The cgroup was replaced in tick 2: a total begins again. */
		fake_int(&p, "cpu_usage_ns", seq == 2 ? 5 : 100 * (seq + 1));
		fake_int(&p, "memory_bytes", 10 * seq);
		assert_int_equal(om_registry_put(&r, &p), 0);
		assert_int_equal(om_registry_put(&r, &p), 0); /* told again */
	}
	assert_int_equal(value(&r, 0, "cpu_usage_ns")->i, 5);
	assert_int_equal(value(&r, 0, "memory_bytes")->i, 20);
	assert_int_equal(r.n_series, 2);
	assert_int_equal(r.n_ticks, 3);
	assert_int_equal(r.n_points, 6);
	assert_int_equal(r.last_seq, 2);
	om_registry_fini(&r);
	om_registry_init(&r, 100, &losses);
	for (int64_t seq = 0; seq < 3; seq++) {
		fake_point(&p, &fake_block, seq);
		fake_int(&p, "ios", 7);
		if (seq)
			fake_int(&p, "bytes", INT64_MAX);
		fake_real(&p, "cache_x", seq);
		fake_real(&p, "cache_y", 1);
		assert_int_equal(om_registry_put(&r, &p), 0);
		assert_int_equal(om_registry_put(&r, &p), 0); /* is not counted twice */
	}
	assert_int_equal(value(&r, 0, "ios")->i, 21);
	assert_true(value(&r, 0, "bytes")->real); /* more than an integer can say */
	assert_true(value(&r, 0, "bytes")->d == 2 * (double)INT64_MAX);
	assert_false(value(&r, 0, "depth")->present);
	assert_int_equal(r.measures[0].rows[0]->n_many, 2);
	assert_true(r.measures[0].rows[0]->many[0].value.d == 2);
	assert_int_equal(losses.n, 0);
	om_registry_fini(&r);
}

static void what_is_not_served(void **state)
{
	struct losses losses = LOSSES_INIT;
	struct om_registry r;
	struct point p;

	(void)state;
	om_registry_init(&r, 100, &losses);
	fake_point(&p, &fake_metrics, 0);
	fake_int(&p, "perf_cycles", 1);
	assert_int_equal(om_registry_put(&r, &p), 0);
	fake_point(&p, &fake_result, INT64_MAX);
	fake_int(&p, "bytes", 1);
	assert_int_equal(om_registry_put(&r, &p), 0);
	assert_int_equal(r.n_series, 0);
	assert_int_equal(r.n_table, 0);
	assert_int_equal(losses.n, 0); /* by design, not by accident */
	assert_int_equal(r.last_seq, 0); /* the end is no tick */
	fake_point(&p, &fake_block, 1);
	fake_real(&p, "share", NAN);
	fake_real(&p, "busy", INFINITY);
	fake_int(&p, "ios", -1);
	fake_int(&p, "depth", -1); /* a state may be anything */
	assert_int_equal(om_registry_put(&r, &p), 0);
	assert_int_equal(r.n_series, 1);
	assert_int_equal(lost(&losses, "left out"), 3);
	om_registry_fini(&r);
}

static void labels_are_mended(void **state)
{
	struct losses losses = LOSSES_INIT;
	struct om_registry r;
	struct point p;

	(void)state;
	om_registry_init(&r, 100, &losses);
	fake_point(&p, &fake_block, 0);
	fake_tag(&p, "benchmark_id", "");
	fake_tag(&p, "target", "a\xff");
	fake_tag(&p, "op", "\n\\\"");
	fake_int(&p, "ios", 1);
	assert_int_equal(om_registry_put(&r, &p), 0);
	assert_string_equal(r.measures[0].rows[0]->labels, "target=\"a?\",op=\"\\n\\\\\\\"\"");
	assert_int_equal(lost(&losses, "no UTF-8"), 1);
	om_registry_fini(&r);
}

/* Rows are found again among many; what is beyond the limit is told and not kept. */
static void bounds_are_kept(void **state)
{
	struct losses losses = LOSSES_INIT;
	struct om_registry r;
	struct hist h = { .count = 1, .sum = 1, .max = 1 };

	(void)state;
	h.bucket[1] = 1;
	om_registry_init(&r, 1000, &losses);
	for (int64_t seq = 0; seq < 2; seq++) {
		for (int i = 0; i < 600; i++) {
			struct point p;
			char name[16];

			snprintf(name, sizeof(name), "%d", i);
			fake_point(&p, &fake_block, seq);
			fake_tag(&p, "target", name);
			fake_int(&p, "ios", 1);
			fake_int(&p, "depth", 1);
			assert_int_equal(om_registry_put(&r, &p), 0);
		}
	}
	assert_int_equal(r.n_series, 1000);
	assert_int_equal(r.measures[0].n_rows, 500);
	assert_int_equal(r.n_refused, 200);
	assert_int_equal(lost(&losses, "more than 1000 series"), 200);
	for (size_t i = 0; i < 500; i++)
		assert_int_equal(value(&r, i, "ios")->i, 2);
	om_registry_fini(&r);
	om_registry_init(&r, 10, &losses);
	{
		struct point p;

		fake_point(&p, &fake_block, 0);
		fake_int(&p, "ios", 1);
		fake_hist(&p, "total", &h);
		assert_int_equal(om_registry_put(&r, &p), 0);
	}
	assert_int_equal(r.n_series, 1); /* a histogram is many series */
	assert_null(r.measures[0].rows[0]->hists[0]);
	om_registry_fini(&r);
}

static const struct measure_column twice[] = {
	{ "op", COLUMN_TAG, TYPE_TEXT, NULL, "", false },
	{ "wait_ns", COLUMN_TICK, TYPE_INT, "ns", "", false },
	{ "wait_us", COLUMN_TICK, TYPE_INT, "us", "", false },
	{ "wait_seconds_total", COLUMN_GAUGE, TYPE_INT, "things", "", false },
	{ 0 },
};
static const struct measurement clashing = { .name = "cbpf_y", .columns = twice };

static void one_name_is_one_family(void **state)
{
	struct losses losses = LOSSES_INIT;
	struct om_registry r;
	struct point p = { .measurement = &clashing, .n_fields = 2 };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		p.fields[i].column = &twice[i + 1];
		p.fields[i].name = twice[i + 1].name;
		p.fields[i].i = 5;
	}
	om_registry_init(&r, 10, &losses);
	assert_int_equal(om_registry_put(&r, &p), 0);
	assert_int_equal(r.n_series, 1);
	assert_int_equal(lost(&losses, "only the first"), 2);
	om_registry_fini(&r);
}

static void edges_are_exact(void **state)
{
	const struct om_family times = { .unit = "seconds" }, sizes = { .unit = "bytes" };

	(void)state;
	assert_int_equal(om_edge(&times, 0), 255);
	assert_int_equal(om_edge(&sizes, 0), 512);
	assert_true(om_edges(&times) <= OM_EDGES_MAX && om_edges(&sizes) <= OM_EDGES_MAX);
	/* No bucket lies on both sides, and each of them is resolved. */
	for (size_t i = 0; i < om_edges(&times); i++)
		assert_int_equal(hist_low(hist_bucket(om_edge(&times, i) + 1)),
				 om_edge(&times, i) + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_are_kept_as_they_are), cmocka_unit_test(what_is_not_served),
		cmocka_unit_test(labels_are_mended),	      cmocka_unit_test(bounds_are_kept),
		cmocka_unit_test(one_name_is_one_family),     cmocka_unit_test(edges_are_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
