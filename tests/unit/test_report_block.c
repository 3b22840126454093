// SPDX-License-Identifier: Apache-2.0
/* Block numbers against what was put in: exact counts, percentiles within the bound. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "fake_report.h"
#include "fake_run.h"
#include "unit.h"

#define BOUND (1.0 / 31) /* 3.2 % */

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static uint64_t *sorted(size_t load, enum hist_layer layer, size_t *ret_n)
{
	uint64_t *v = calloc(FAKE_BUSY_TICKS * fake_loads[load].ios, sizeof(*v));
	size_t n = 0;

	for (uint64_t tick = 1; tick <= FAKE_BUSY_TICKS; tick++)
		for (uint64_t i = 0; i < fake_loads[load].ios; i++)
			v[n++] = fake_latency(load, tick, i, layer);
	qsort(v, n, sizeof(*v), by_value);
	*ret_n = n;
	return v;
}

static void check_hist(size_t load, enum hist_layer layer, json_t *h)
{
	static const struct {
		const char *key;
		double q;
	} quantiles[] = { { "p50", 0.5 }, { "p90", 0.9 }, { "p99", 0.99 }, { "p999", 0.999 } };
	uint64_t sum = 0, counted = 0;
	json_t *bucket;
	size_t n, i;
	uint64_t *v = sorted(load, layer, &n);

	for (i = 0; i < n; i++)
		sum += v[i];
	assert_int_equal(json_integer_value(fake_at(h, "count")), n);
	assert_int_equal(json_integer_value(fake_at(h, "sum")), sum);
	assert_int_equal(json_integer_value(fake_at(h, "max")), v[n - 1]);
	assert_true(fabs(json_real_value(fake_at(h, "mean")) - (double)sum / n) < 1e-3);
	for (i = 0; i < ARRAY_SIZE(quantiles); i++) {
		double got = json_integer_value(fake_at(h, quantiles[i].key));
		double want = v[(size_t)ceil(quantiles[i].q * n) - 1];

		if (fabs(got - want) > BOUND * want)
			fail_msg("load %zu layer %d %s: %.0f is not within 3.2 %% of %.0f", load,
				 layer, quantiles[i].key, got, want);
	}
	json_array_foreach(fake_at(h, "buckets"), i, bucket)
		counted += json_integer_value(json_array_get(bucket, 1));
	assert_int_equal(counted, n);
	free(v);
}

/* All requests of a load are of one size, a power of two: that is exact. */
static void check_sizes(const struct fake_load *l, json_t *h)
{
	static const char *const keys[] = { "p50", "p90", "p99", "p999", "max" };
	json_int_t n = FAKE_BUSY_TICKS * l->ios;

	/* An empty flush has none. */
	assert_int_equal(h != NULL, l->bytes_each != 0);
	if (!h)
		return;
	assert_int_equal(json_integer_value(fake_at(h, "count")), n);
	assert_int_equal(json_integer_value(fake_at(h, "sum")), n * l->bytes_each);
	assert_true(fabs(json_real_value(fake_at(h, "mean")) - (double)l->bytes_each) < 1e-3);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		assert_int_equal(json_integer_value(fake_at(h, keys[i])), l->bytes_each);
	assert_int_equal(json_array_size(fake_at(h, "buckets")), 1);
	assert_int_equal(json_integer_value(fake_at(h, "buckets.0.0")), l->bytes_each);
	assert_int_equal(json_integer_value(fake_at(h, "buckets.0.1")), n);
}

static void every_load_is_as_put_in(void **state)
{
	static const char *const ops[] = { "read", "write", "flush" };
	static const char *const keys[] = { "queue_ns", "device_ns", "total_ns" };
	json_t *report = fake_report(NULL);

	(void)state;
	for (size_t i = 0; i < fake_n_loads; i++) {
		const struct fake_load *l = &fake_loads[i];
		char path[128];
		json_t *o;

		snprintf(path, sizeof(path), "targets.%d.block.%s.%s", l->owner,
			 l->dev == FAKE_VDA ? "vda" : "loop0", ops[l->op]);
		o = fake_at(report, path);
		assert_int_equal(json_integer_value(fake_at(o, "ios")), FAKE_BUSY_TICKS * l->ios);
		assert_int_equal(json_integer_value(fake_at(o, "bytes")),
				 FAKE_BUSY_TICKS * l->ios * l->bytes_each);
		assert_int_equal(json_integer_value(fake_at(o, "errors")), l->errors);
		assert_int_equal(json_is_true(fake_at(o, "stacked")), l->dev == FAKE_LOOP);
		assert_int_equal(json_integer_value(fake_at(o, "active_ns")),
				 FAKE_BUSY_TICKS * FAKE_INTERVAL_NS);
		for (size_t layer = 0; layer < ARRAY_SIZE(keys); layer++)
			check_hist(i, layer, fake_at(o, keys[layer]));
		check_sizes(l, fake_find(o, "size"));
	}
	/* nothing that was not put in */
	assert_null(fake_find(report, "targets.1.block.vda.read"));
	assert_null(fake_find(report, "targets.1.block.loop0"));
	json_decref(report);
}

static const struct {
	const char *path;
	int64_t want;
	const char *why;
} identity[] = {
	{ "devices.1.read.bytes", 3 * (100 * 4096 + 5 * 16384), "all owners, bystanders too" },
	{ "devices.1.read.kernel_bytes", 3 * (100 * 4096 + 5 * 16384),
	  "what was there before the run does not count" },
	{ "devices.1.read.residual_bytes", 0, "nothing is left" },
	{ "devices.1.write.bytes", 3 * (400 * 4096 + 200 * 65536 + 10 * 4096),
	  "unattributed I/O counts, the stacked device's does not" },
	{ "devices.1.write.residual_bytes", FAKE_RESIDUAL_BYTES, "what nobody owns is told" },
	{ "devices.1.write.residual_ios", 2, "in requests too" },
	{ "devices.1.flush.ios", 3, "flushes" },
	{ "devices.1.flush.kernel_ios", 3, "the kernel's" },
	{ "devices.1.busy_ns", 150000000, "time the device was busy" },
	{ "devices.0.write.bytes", 3 * 400 * 4096, "a stacked device has its own sum" },
	{ "devices.1.owners.0.write.bytes", 3 * 400 * 4096, "a share" },
	{ "devices.1.owners.3.read.bytes", 3 * 5 * 16384, "the last owner's share" },
};

static void identity_holds(void **state)
{
	json_t *report = fake_report(NULL);

	(void)state;
	assert_string_equal(json_string_value(fake_at(report, "devices.1.name")), "vda");
	assert_true(json_is_true(fake_at(report, "devices.0.stacked")));
	for (size_t i = 0; i < ARRAY_SIZE(identity); i++)
		if (json_integer_value(fake_at(report, identity[i].path)) != identity[i].want)
			fail_msg("%s: %s is %lld", identity[i].why, identity[i].path,
				 json_integer_value(fake_at(report, identity[i].path)));
	assert_int_equal(json_array_size(fake_at(report, "devices")), 2);
	assert_null(fake_find(report, "devices.1.discard"));
	assert_null(fake_find(report, "devices.1.before_first_tick_bytes"));
	json_decref(report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_load_is_as_put_in),
		cmocka_unit_test(identity_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
