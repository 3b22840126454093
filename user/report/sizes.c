// SPDX-License-Identifier: Apache-2.0
/* Sizes of requests: percentiles, and the buckets that users of Darshan know. */
#include "base/cleanup.h"
#include "report/internal.h"

/* Darshan's POSIX_SIZE_*: the largest size of each, but the last, which has none. */
static const struct {
	const char *name;
	uint64_t last; /* bytes */
} darshan[] = {
	{ "0_100", 100 },	   { "100_1K", 1024 },	      { "1K_10K", 10240 },
	{ "10K_100K", 102400 },	   { "100K_1M", 1048576 },    { "1M_4M", 4194304 },
	{ "4M_10M", 10485760 },	   { "10M_100M", 104857600 }, { "100M_1G", 1073741824 },
	{ "1G_PLUS", UINT64_MAX },
};

static size_t darshan_of(uint64_t bytes)
{
	size_t i = 0;

	while (bytes > darshan[i].last)
		i++;
	return i;
}

json_t *json_sizes(struct building *b, const struct hist *less_one)
{
	static const struct {
		const char *key;
		double q;
	} quantiles[] = { { "p50", 0.5 }, { "p90", 0.9 }, { "p99", 0.99 }, { "p999", 0.999 } };
	json_t *json = json_object(), *buckets = json_array(), *names = json_object();
	uint64_t in[ARRAY_SIZE(darshan)] = { 0 };

	put(b, json, "count", json_integer(less_one->count));
	put(b, json, "sum", json_integer(less_one->sum + less_one->count));
	put(b, json, "mean", json_real((double)less_one->sum / less_one->count + 1));
	for (size_t i = 0; i < ARRAY_SIZE(quantiles); i++)
		put(b, json, quantiles[i].key,
		    json_integer(hist_quantile_high(less_one, quantiles[i].q) + 1));
	put(b, json, "max", json_integer(less_one->max + 1));
	for (unsigned int i = 0; i < HIST_BUCKETS; i++) {
		if (!less_one->bucket[i])
			continue;
		/* All of Darshan's limits are limits of ours: a bucket lies within one. */
		in[darshan_of(hist_high(i))] += less_one->bucket[i];
		put_append(b, buckets,
			   json_pack("[II]", (json_int_t)hist_high(i),
				     (json_int_t)less_one->bucket[i]));
	}
	for (size_t i = 0; i < ARRAY_SIZE(darshan); i++)
		if (in[i])
			put(b, names, darshan[i].name, json_integer(in[i]));
	put(b, json, "buckets", buckets);
	put(b, json, "darshan", names);
	return json;
}

void sizes_of_json(const json_t *json, struct hist *less_one)
{
	uint64_t max = json_integer_value(json_object_get(json, "max"));
	uint64_t n = json_integer_value(json_object_get(json, "count"));
	json_t *bucket;
	size_t i;

	less_one->count += n;
	less_one->sum += json_integer_value(json_object_get(json, "sum")) - n;
	if (n && max - 1 > less_one->max)
		less_one->max = max - 1;
	json_array_foreach(json_object_get(json, "buckets"), i, bucket)
		less_one->bucket[hist_bucket(json_integer_value(json_array_get(bucket, 0)) - 1)] +=
			json_integer_value(json_array_get(bucket, 1));
}
