// SPDX-License-Identifier: Apache-2.0
/* Names, types and units that columns get, and which columns get none. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "sink/openmetrics_parts.h"
#include "unit.h"

static const struct {
	struct measure_column column;
	const char *name; /* NULL: is not served */
	enum om_type type;
	const char *unit;
	enum om_scale scale;
	const char *why;
} cases[] = {
	{ { "ios", COLUMN_TICK, TYPE_INT, "requests", "", false },
	  "cbpf_x_ios",
	  OM_COUNTER,
	  NULL,
	  OM_PLAIN,
	  "what happens is a counter" },
	{ { "usage_ns", COLUMN_TOTAL, TYPE_INT, "ns", "", false },
	  "cbpf_x_usage_seconds",
	  OM_COUNTER,
	  "seconds",
	  OM_NANO,
	  "times are in seconds" },
	{ { "wait", COLUMN_TOTAL, TYPE_INT, "us", "", false },
	  "cbpf_x_wait_seconds",
	  OM_COUNTER,
	  "seconds",
	  OM_MICRO,
	  "whatever they are called" },
	{ { "memory_bytes", COLUMN_GAUGE, TYPE_INT, "bytes", "", false },
	  "cbpf_x_memory_bytes",
	  OM_GAUGE,
	  "bytes",
	  OM_PLAIN,
	  "a unit is not told twice" },
	{ { "memory", COLUMN_GAUGE, TYPE_INT, "bytes", "", false },
	  "cbpf_x_memory_bytes",
	  OM_GAUGE,
	  "bytes",
	  OM_PLAIN,
	  "nor left out" },
	{ { "hit_ratio", COLUMN_GAUGE, TYPE_REAL, "1", "", false },
	  "cbpf_x_hit_ratio",
	  OM_GAUGE,
	  "ratio",
	  OM_PLAIN,
	  "a ratio" },
	{ { "usage_percent", COLUMN_GAUGE, TYPE_REAL, "%", "", false },
	  "cbpf_x_usage_ratio",
	  OM_GAUGE,
	  "ratio",
	  OM_PERCENT,
	  "percent are a ratio" },
	{ { "io_total", COLUMN_TOTAL, TYPE_INT, "bytes", "", false },
	  "cbpf_x_io_bytes",
	  OM_COUNTER,
	  "bytes",
	  OM_PLAIN,
	  "the unit comes before _total" },
	{ { "call_count", COLUMN_TICK, TYPE_INT, "calls", "", false },
	  "cbpf_x_call",
	  OM_COUNTER,
	  NULL,
	  OM_PLAIN,
	  "_count is for histograms" },
	{ { "L1-misses", COLUMN_TICK, TYPE_INT, "events", "", false },
	  "cbpf_x_L1_misses",
	  OM_COUNTER,
	  NULL,
	  OM_PLAIN,
	  "what a name must not have is '_'" },
	{ { "perf_*", COLUMN_TICK, TYPE_REAL, "events", "", true },
	  "cbpf_x_perf",
	  OM_COUNTER,
	  NULL,
	  OM_PLAIN,
	  "many are one family with a label" },
	{ { "*", COLUMN_TICK, TYPE_REAL, "events", "", true },
	  "cbpf_x",
	  OM_COUNTER,
	  NULL,
	  OM_PLAIN,
	  "also when there is no other word" },
	{ { "on", COLUMN_GAUGE, TYPE_BOOL, NULL, "", false },
	  "cbpf_x_on",
	  OM_GAUGE,
	  NULL,
	  OM_PLAIN,
	  "yes and no are 1 and 0" },
	{ { "op", COLUMN_TAG, TYPE_TEXT, NULL, "", false }, NULL, 0, NULL, 0, "a tag is a label" },
	{ { "state", COLUMN_GAUGE, TYPE_TEXT, NULL, "", false }, NULL, 0, NULL, 0, "text is none" },
	{ { "bw", COLUMN_FACT, TYPE_REAL, "MiB/s", "", false }, NULL, 0, NULL, 0, "nor a fact" },
	{ { "p99", COLUMN_QUANTILE, TYPE_INT, "ns", "", false },
	  NULL,
	  0,
	  NULL,
	  0,
	  "a histogram has it" },
	{ { "total_ns", COLUMN_TICK, TYPE_INT, "ns", "", false },
	  NULL,
	  0,
	  NULL,
	  0,
	  "it is the histogram's sum" },
	{ { "device_ns", COLUMN_TICK, TYPE_INT, "ns", "", false },
	  "cbpf_x_device_seconds",
	  OM_COUNTER,
	  "seconds",
	  OM_NANO,
	  "unless there is no such histogram" },
};

static void columns_are_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct measure_column columns[] = {
			cases[i].column,
			{ "total_p50", COLUMN_QUANTILE, TYPE_INT, "ns", "", false },
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
		cmocka_unit_test(clashes_are_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
