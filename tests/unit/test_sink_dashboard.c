// SPDX-License-Identifier: Apache-2.0
/* Dashboards: sound JSON, panels side by side, exact queries, and no name that is not there. */
#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "sink/dashboard_parts.h"
#include "unit.h"

static json_t *make(enum dashboard_kind kind, const struct panel *panels)
{
	cleanup_buf struct buf text = BUF_INIT(1 << 20);
	struct err err = { 0 };
	json_t *json;

	if (panels ? dashboard_make(kind, panels, &text, &err) : dashboard_print(kind, &text, &err))
		fail_msg("%s", err.text);
	assert_int_equal(text.data[text.len - 1], '\n');
	json = json_loads(buf_str(&text), JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(json);
	return json;
}

static int at(const json_t *panel, const char *key)
{
	return json_integer_value(json_object_get(json_object_get(panel, "gridPos"), key));
}

static bool overlap(const json_t *a, const json_t *b)
{
	return at(a, "x") < at(b, "x") + at(b, "w") && at(b, "x") < at(a, "x") + at(a, "w") &&
	       at(a, "y") < at(b, "y") + at(b, "h") && at(b, "y") < at(a, "y") + at(a, "h");
}

static void panels_are_sound(void **state)
{
	static const struct {
		enum dashboard_kind kind;
		size_t least;
	} cases[] = { { DASHBOARD_INFLUXQL, 45 },
		      { DASHBOARD_FLUX, 45 },
		      { DASHBOARD_PROMETHEUS, 40 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		json_t *json = make(cases[i].kind, NULL), *panels = json_object_get(json, "panels");
		size_t n = json_array_size(panels);

		assert_true(n >= cases[i].least);
		for (size_t j = 0; j < n; j++) {
			const json_t *p = json_array_get(panels, j);

			assert_true(at(p, "x") + at(p, "w") <= 24);
			assert_true(json_string_length(json_object_get(p, "title")) > 0);
			if (strcmp(json_string_value(json_object_get(p, "type")), "row"))
				assert_true(json_array_size(json_object_get(p, "targets")) > 0);
			for (size_t k = 0; k < j; k++) {
				const json_t *other = json_array_get(panels, k);

				assert_false(overlap(p, other));
				assert_false(json_equal(json_object_get(p, "id"),
							json_object_get(other, "id")));
			}
		}
		json_decref(json);
	}
}

#define BLOCK_WHERE                                                                                \
	"WHERE $timeFilter AND \"benchmark_id\" = '$benchmark_id' AND \"target\" =~ "              \
	"/^${target:regex}$/ AND \"stacked\" != 'yes'"
#define SCHED_WHERE                                                                                \
	"WHERE $timeFilter AND \"benchmark_id\" = '$benchmark_id' AND \"target\" =~ "              \
	"/^${target:regex}$/"
#define FROM(measurement)                                                                          \
	"from(bucket: v.defaultBucket)\n"                                                          \
	"  |> range(start: v.timeRangeStart, stop: v.timeRangeStop)\n"                             \
	"  |> filter(fn: (r) => r._measurement == \"" measurement "\" and r.benchmark_id == "      \
	"\"${benchmark_id}\")\n"
#define FROM_TARGET(measurement)                                                                   \
	FROM(measurement)                                                                          \
	"  |> filter(fn: (r) => not exists r.target or r.target =~ /^${target:regex}$/)\n"
#define NOT_STACKED "  |> filter(fn: (r) => not exists r.stacked or r.stacked != \"yes\")\n"
#define WINDOW(fn) "  |> aggregateWindow(every: v.windowPeriod, fn: " fn ", createEmpty: false)\n"
#define BLOCK_LABELS "{benchmark_id=\"$benchmark_id\",target=~\"$target\",stacked!=\"yes\"}"

static const struct {
	struct panel panel;
	const char *influxql, *flux, *prometheus; /* NULL: there is no panel */
	const char *why;
} queries[] = {
	{ { .title = "t", .measurement = "cbpf_block", .columns = { "ios" }, .by = { "op" } },
	  "SELECT sum(\"ios\") / $__interval_ms * 1000 FROM \"cbpf_block\" " BLOCK_WHERE
	  " GROUP BY time($__interval), \"op\" fill(null)",
	  FROM_TARGET("cbpf_block") NOT_STACKED
	  "  |> filter(fn: (r) => r._field == \"ios\")\n"
	  "  |> group(columns: [\"op\"])\n" WINDOW(
		  "sum") "  |> map(fn: (r) => ({r with _value: float(v: r._value) * 1000000000.0 / "
			 "float(v: int(v: v.windowPeriod))}))\n",
	  "sum by (op) (rate(cbpf_block_ios_total" BLOCK_LABELS "[$__rate_interval]))",
	  "what happens in a tick is summed, per second" },
	{ { .title = "t",
	    .measurement = "cbpf_sched",
	    .columns = { "sched_oncpu_ns" },
	    .by = { "target" } },
	  "SELECT sum(\"a\") / 1000000000 FROM (SELECT non_negative_derivative(max("
	  "\"sched_oncpu_ns\"), 1s) AS \"a\" FROM \"cbpf_sched\" " SCHED_WHERE
	  " GROUP BY time($__interval), \"benchmark_id\", \"host\", \"target\", \"target_id\", "
	  "\"kind\" fill(null)) WHERE $timeFilter GROUP BY time($__interval), \"target\" "
	  "fill(null)",
	  FROM_TARGET("cbpf_sched") "  |> filter(fn: (r) => r._field == "
				    "\"sched_oncpu_ns\")\n" WINDOW(
					    "max") "  |> derivative(unit: 1s, nonNegative: true)\n"
						   "  |> group(columns: [\"target\"])\n" WINDOW(
							   "sum") "  |> map(fn: (r) => ({r with "
								  "_value: r._value / "
								  "1000000000.0}))\n",
	  "sum by (target) (rate(cbpf_sched_oncpu_seconds_total{benchmark_id=\"$benchmark_id\","
	  "target=~\"$target\"}[$__rate_interval]))",
	  "totals of each series are subtracted, then added" },
	{ { .title = "t",
	    .measurement = "cbpf_block",
	    .columns = { "total_p999_ns" },
	    .by = { "op" } },
	  "SELECT max(\"total_p999_ns\") FROM \"cbpf_block\" " BLOCK_WHERE
	  " GROUP BY time($__interval), \"op\" fill(null)",
	  FROM_TARGET("cbpf_block") NOT_STACKED
	  "  |> filter(fn: (r) => r._field == \"total_p999_ns\")\n"
	  "  |> group(columns: [\"op\"])\n" WINDOW("max"),
	  "histogram_quantile(0.999, sum by (op, le) "
	  "(rate(cbpf_block_total_seconds_bucket" BLOCK_LABELS "[$__rate_interval])))",
	  "percentiles are never averaged" },
	{ { .title = "t",
	    .measurement = "cbpf_block",
	    .columns = { "total_max_ns" },
	    .by = { "op" } },
	  "SELECT max(\"total_max_ns\") FROM \"cbpf_block\" " BLOCK_WHERE
	  " GROUP BY time($__interval), \"op\" fill(null)",
	  FROM_TARGET("cbpf_block") NOT_STACKED
	  "  |> filter(fn: (r) => r._field == \"total_max_ns\")\n"
	  "  |> group(columns: [\"op\"])\n" WINDOW("max"),
	  NULL,
	  "a histogram has no maximum" },
	{ { .title = "t",
	    .type = PANEL_HEATMAP,
	    .measurement = "cbpf_block_bucket",
	    .hist = "size",
	    .of = "cbpf_block" },
	  "SELECT sum(\"in_bucket\") FROM \"cbpf_block_bucket\" " BLOCK_WHERE
	  " AND \"layer\" = 'size' GROUP BY time($__interval), \"le\" fill(null)",
	  FROM_TARGET("cbpf_block_bucket") NOT_STACKED
	  "  |> filter(fn: (r) => r.layer == \"size\")\n"
	  "  |> filter(fn: (r) => r._field == \"in_bucket\")\n"
	  "  |> group(columns: [\"le\"])\n" WINDOW("sum"),
	  "sum by (le) (increase(cbpf_block_size_bytes_bucket" BLOCK_LABELS "[$__rate_interval]))",
	  "buckets that add up" },
	{ { .title = "t",
	    .type = PANEL_TABLE,
	    .measurement = "cbpf_loss",
	    .columns = { "count" },
	    .by = { "what", "reason" } },
	  "SELECT \"what\", \"reason\", \"count\" FROM \"cbpf_loss\" WHERE $timeFilter AND "
	  "\"benchmark_id\" = '$benchmark_id'",
	  FROM("cbpf_loss") "  |> filter(fn: (r) => r._field == \"count\")\n"
			    "  |> toString()\n"
			    "  |> group(columns: [\"_measurement\", \"benchmark_id\", \"host\", "
			    "\"what\", \"reason\"])\n"
			    "  |> pivot(rowKey: [\"_time\"], columnKey: [\"_field\"], "
			    "valueColumn: \"_value\")\n"
			    "  |> group()\n"
			    "  |> keep(columns: [\"_time\", \"what\", \"reason\", \"count\"])\n",
	  NULL,
	  "what is told at the end is no metric" },
};

static void assert_query(enum dashboard_kind kind, const struct panel *panel, const char *want,
			 const char *why)
{
	struct panel panels[2] = { *panel };
	json_t *json = make(kind, panels);
	const json_t *target = json_array_get(
		json_object_get(json_array_get(json_object_get(json, "panels"), 0), "targets"), 0);
	const char *text = json_string_value(
		json_object_get(target, kind == DASHBOARD_PROMETHEUS ? "expr" : "query"));

	if (kind == DASHBOARD_PROMETHEUS && !want) {
		/* What is first then is about cbpf itself. */
		if (text && strstr(text, "cbpf_block"))
			fail_msg("%s: %s", why, text);
	} else if (!text || strcmp(text, want)) {
		fail_msg("%s:\n%s\nnot\n%s", why, text, want);
	}
	json_decref(json);
}

static void queries_are_exact(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(queries); i++) {
		assert_query(DASHBOARD_INFLUXQL, &queries[i].panel, queries[i].influxql,
			     queries[i].why);
		assert_query(DASHBOARD_FLUX, &queries[i].panel, queries[i].flux, queries[i].why);
		assert_query(DASHBOARD_PROMETHEUS, &queries[i].panel, queries[i].prometheus,
			     queries[i].why);
	}
}

static const struct {
	struct panel panel;
	const char *says;
} bad[] = {
	{ { .title = "t", .measurement = "cbpf_nothing", .columns = { "ios" } }, "cbpf_nothing" },
	{ { .title = "t", .measurement = "cbpf_block", .columns = { "iops" } }, "field 'iops'" },
	{ { .title = "t", .measurement = "cbpf_block", .columns = { "op" } }, "field 'op'" },
	{ { .title = "t", .measurement = "cbpf_block", .columns = { "ios", "x" } }, "field 'x'" },
	{ { .title = "t", .measurement = "cbpf_block", .columns = { "ios" }, .by = { "ios" } },
	  "tag 'ios'" },
	{ { .title = "t", .type = PANEL_HEATMAP, .measurement = "cbpf_block_bucket", .of = "x" },
	  "measurement x" },
};

static void names_that_are_not_there(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		cleanup_buf struct buf out = BUF_INIT(1 << 20);
		const struct panel panels[2] = { bad[i].panel };
		struct err err = { 0 };

		assert_int_equal(dashboard_make(DASHBOARD_INFLUXQL, panels, &out, &err), -EINVAL);
		if (!strstr(err.text, bad[i].says))
			fail_msg("%s", err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(panels_are_sound),
		cmocka_unit_test(queries_are_exact),
		cmocka_unit_test(names_that_are_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
