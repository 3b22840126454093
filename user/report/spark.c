// SPDX-License-Identifier: Apache-2.0
/* Spreading log-linear buckets over columns. */
#include "report/spark.h"

#include <math.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/hist.h"

static void edges(const json_t *bucket, uint64_t *ret_low, uint64_t *ret_high)
{
	*ret_low = json_integer_value(json_array_get(bucket, 0));
	*ret_high = hist_high(hist_bucket(*ret_low));
}

void spark_include(struct spark_axis *axis, const json_t *hist)
{
	uint64_t low, high;
	json_t *bucket;
	size_t i;

	json_array_foreach(json_object_get(hist, "buckets"), i, bucket) {
		edges(bucket, &low, &high);
		if (low < 1)
			low = 1;
		if (!axis->low || low < axis->low)
			axis->low = low;
		if (high > axis->high)
			axis->high = high;
	}
}

double spark_columns(const struct spark_axis *axis, const json_t *hist, size_t n, double *columns)
{
	double from = log(axis->low), span = log(axis->high) - from, most = 0;
	json_t *bucket;
	size_t i;

	for (i = 0; i < n; i++)
		columns[i] = 0;
	if (!axis->low || span <= 0)
		return 0;
	json_array_foreach(json_object_get(hist, "buckets"), i, bucket) {
		double count = json_integer_value(json_array_get(bucket, 1)), a, b;
		uint64_t low, high;

		edges(bucket, &low, &high);
		a = (log(low < 1 ? 1 : low) - from) / span * n;
		b = (log(high) - from) / span * n;
		/* A bucket wider than a column is spread over the columns it covers. */
		for (size_t c = a < 0 ? 0 : (size_t)a; c < n && c < b; c++) {
			double part = fmin(b, c + 1) - fmax(a, c);

			columns[c] += b > a ? count * part / (b - a) : count;
		}
	}
	for (i = 0; i < n; i++)
		most = fmax(most, columns[i]);
	return most;
}

int spark_put(struct buf *out, const struct spark_axis *axis, const json_t *hist, size_t n,
	      bool unicode)
{
	static const char *const blocks[] = { " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	static const char *const ascii[] = { " ", ".", ":", "-", "=", "+", "*", "%", "#" };
	const char *const *marks = unicode ? blocks : ascii;
	double columns[SPARK_MAX], most;

	if (n > SPARK_MAX)
		n = SPARK_MAX;
	most = spark_columns(axis, hist, n, columns);
	for (size_t i = 0; i < n; i++)
		buf_puts(out,
			 marks[columns[i] > 0 ? 1 + (size_t)(columns[i] / most * 7 + 0.5) : 0]);
	return out->failed;
}
