// SPDX-License-Identifier: Apache-2.0
/* Names, types and units that columns get, and which columns get none. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "sink/openmetrics_parts.h"
#include "unit.h"

#define C(name, kind, type, unit)                                                                  \
	{                                                                                          \
		name, COLUMN_##kind, TYPE_##type, unit, "", false                                  \
	}
#define MANY(name, kind, type, unit)                                                               \
	{                                                                                          \
		name, COLUMN_##kind, TYPE_##type, unit, "", true                                   \
	}

static const struct {
	struct measure_column column;
	const char *name; /* NULL: is not served */
	enum om_type type;
	const char *unit;
	enum om_scale scale;
	const char *why;
} cases[] = {
	{ C("ios", TICK, INT, "requests"), "cbpf_x_ios", OM_COUNTER, NULL, OM_PLAIN,
	  "what happens is a counter" },
	{ C("usage_ns", TOTAL, INT, "ns"), "cbpf_x_usage_seconds", OM_COUNTER, "seconds", OM_NANO,
	  "times are in seconds" },
	{ C("wait", TOTAL, INT, "us"), "cbpf_x_wait_seconds", OM_COUNTER, "seconds", OM_MICRO,
	  "whatever they are called" },
	{ C("memory_bytes", GAUGE, INT, "bytes"), "cbpf_x_memory_bytes", OM_GAUGE, "bytes",
	  OM_PLAIN, "a unit is not told twice" },
	{ C("memory", GAUGE, INT, "bytes"), "cbpf_x_memory_bytes", OM_GAUGE, "bytes", OM_PLAIN,
	  "nor left out" },
	{ C("hit_ratio", GAUGE, REAL, "1"), "cbpf_x_hit_ratio", OM_GAUGE, "ratio", OM_PLAIN,
	  "a ratio" },
	{ C("usage_percent", GAUGE, REAL, "%"), "cbpf_x_usage_ratio", OM_GAUGE, "ratio", OM_PERCENT,
	  "percent are a ratio" },
	{ C("rate_bp", GAUGE, INT, "1/100 %"), "cbpf_x_rate_ratio", OM_GAUGE, "ratio",
	  OM_BASIS_POINT, "hundredths of a percent, too" },
	{ C("io_total", TOTAL, INT, "bytes"), "cbpf_x_io_bytes", OM_COUNTER, "bytes", OM_PLAIN,
	  "the unit comes before _total" },
	{ C("call_count", TICK, INT, "calls"), "cbpf_x_call", OM_COUNTER, NULL, OM_PLAIN,
	  "_count is for histograms" },
	{ C("L1-misses", TICK, INT, "events"), "cbpf_x_L1_misses", OM_COUNTER, NULL, OM_PLAIN,
	  "what a name must not have is '_'" },
	{ MANY("perf_*", TICK, REAL, "events"), "cbpf_x_perf", OM_COUNTER, NULL, OM_PLAIN,
	  "many are one family with a label" },
	{ MANY("*", TICK, REAL, "events"), "cbpf_x", OM_COUNTER, NULL, OM_PLAIN,
	  "also when there is no other word" },
	{ C("on", GAUGE, BOOL, NULL), "cbpf_x_on", OM_GAUGE, NULL, OM_PLAIN,
	  "yes and no are 1 and 0" },
	{ C("op", TAG, TEXT, NULL), NULL, 0, NULL, 0, "a tag is a label" },
	{ C("state", GAUGE, TEXT, NULL), NULL, 0, NULL, 0, "text is none" },
	{ C("bw", FACT, REAL, "MiB/s"), NULL, 0, NULL, 0, "nor a fact" },
	{ C("p99", QUANTILE, INT, "ns"), NULL, 0, NULL, 0, "a histogram has it" },
	{ C("total_sum_ns", TICK, INT, "ns"), NULL, 0, NULL, 0, "it is the histogram's sum" },
	{ C("total_count", TICK, INT, "requests"), NULL, 0, NULL, 0,
	  "it is the histogram's count" },
	{ C("total_ns", TICK, INT, "ns"), NULL, 0, NULL, 0, "a histogram is called so" },
	{ C("device_sum_ns", TICK, INT, "ns"), "cbpf_x_device_sum_seconds", OM_COUNTER, "seconds",
	  OM_NANO, "there is no such histogram" },
	{ C("x_slices", TICK, INT, "slices"), "cbpf_x_slices", OM_COUNTER, NULL, OM_PLAIN,
	  "a word is not said twice" },
	{ C("x_total_ns", TICK, INT, "ns"), "cbpf_x_x_total_seconds", OM_COUNTER, "seconds",
	  OM_NANO, "unless a histogram is called so" },
};

static void columns_are_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct measure_column columns[] = {
			cases[i].column,
			{ "total_p50_ns", COLUMN_QUANTILE, TYPE_INT, "ns", "", false },
			{ 0 },
		};
		const struct measurement m = { .name = "cbpf_x", .columns = columns };
		struct om_family f;
		int rc = om_family(&m, columns, &f);

		if (rc != (cases[i].name ? 0 : -ENODATA))
			fail_msg("%s: %d", cases[i].why, rc);
		if (rc)
			continue;
		if (strcmp(f.name, cases[i].name) || f.type != cases[i].type ||
		    f.scale != cases[i].scale ||
		    strcmp(f.unit ? f.unit : "", cases[i].unit ? cases[i].unit : ""))
			fail_msg("%s: is called %s", cases[i].why, f.name);
		if (!f.label != !cases[i].column.many)
			fail_msg("%s: label %s", cases[i].why, f.label);
	}
}

static void histograms_are_named(void **state)
{
	const struct measurement m = { .name = "cbpf_x" };
	struct om_family f;

	(void)state;
	om_family_hist(&m, "queue", &f);
	assert_string_equal(f.name, "cbpf_x_queue_seconds");
	assert_string_equal(f.unit, "seconds");
	assert_int_equal(f.scale, OM_NANO);
	om_family_hist(&m, "size", &f);
	assert_string_equal(f.name, "cbpf_x_size_bytes");
	assert_int_equal(f.scale, OM_PLAIN);
	assert_int_equal(f.type, OM_HISTOGRAM);
}

static const struct {
	struct om_family a, b;
	bool clash;
	const char *why;
} clashes[] = {
	{ { .name = "x", .type = OM_GAUGE }, { .name = "x", .type = OM_GAUGE }, true, "equal" },
	{ { .name = "x", .type = OM_GAUGE }, { .name = "y", .type = OM_GAUGE }, false, "others" },
	{ { .name = "x", .type = OM_COUNTER },
	  { .name = "x_total", .type = OM_GAUGE },
	  true,
	  "a gauge called as a counter's sample is" },
	{ { .name = "x_sum", .type = OM_GAUGE },
	  { .name = "x", .type = OM_HISTOGRAM },
	  true,
	  "a gauge called as a histogram's sum is" },
	{ { .name = "x_sum", .type = OM_COUNTER },
	  { .name = "x", .type = OM_COUNTER },
	  false,
	  "counters have no sum" },
};

static void what_is_served(void **state)
{
	static const struct measure_column plain[] = { C("op", TAG, TEXT, NULL), { 0 } };
	static const struct measure_column edges[] = { C("le", TAG, TEXT, NULL), { 0 } };
	const struct measurement own = { .name = "cbpf_x", .columns = plain };
	const struct measurement bucket = { .name = "cbpf_x_bucket", .columns = edges };
	const struct measurement other = { .name = "benchmark_metrics", .columns = plain };

	(void)state;
	assert_true(om_has(&own));
	assert_false(om_has(&bucket)); /* the histogram itself is served */
	assert_false(om_has(&other)); /* the same in other words */
}

static void clashes_are_seen(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(clashes); i++)
		if (om_clash(&clashes[i].a, &clashes[i].b) != clashes[i].clash ||
		    om_clash(&clashes[i].b, &clashes[i].a) != clashes[i].clash)
			fail_msg("%s", clashes[i].why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_named),
		cmocka_unit_test(histograms_are_named),
		cmocka_unit_test(what_is_served),
		cmocka_unit_test(clashes_are_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
