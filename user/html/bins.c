// SPDX-License-Identifier: Apache-2.0
#include "html/bins.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "html/parts.h"

static size_t parts_of(size_t n, size_t each)
{
	return (n + each - 1) / each;
}

void axis_divide(struct axis *a, size_t most_bins, size_t most_columns)
{
	a->per = a->n ? parts_of(a->n, most_bins) : 1;
	a->bins = parts_of(a->n, a->per);
	a->bins_per_column = a->bins ? parts_of(a->bins, most_columns) : 1;
	a->columns = parts_of(a->bins, a->bins_per_column);
}

void axis_fini(struct axis *a)
{
	free(a->seq);
	free(a->at_ns);
	*a = (struct axis){ 0 };
}

size_t axis_find(const struct axis *a, uint64_t seq)
{
	size_t low = 0, high = a->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (a->seq[middle] < seq)
			low = middle + 1;
		else
			high = middle;
	}
	return low < a->n && a->seq[low] == seq ? low : a->n;
}

static uint64_t from_ns(const struct axis *a, size_t i)
{
	return i ? a->at_ns[i - 1] : a->begin_ns;
}

double axis_seconds(const struct axis *a, size_t i)
{
	return a->at_ns[i] > from_ns(a, i) ? (a->at_ns[i] - from_ns(a, i)) / 1e9 : 0;
}

double axis_bin_seconds(const struct axis *a, size_t bin)
{
	size_t first = bin * a->per, last = first + a->per - 1;

	if (last >= a->n)
		last = a->n - 1;
	return a->at_ns[last] > from_ns(a, first) ? (a->at_ns[last] - from_ns(a, first)) / 1e9 : 0;
}

int bins_init(struct bins *b, const struct axis *axis)
{
	*b = (struct bins){
		.axis = axis,
		.sum = calloc(axis->bins + 1, sizeof(double)),
		.weight = calloc(axis->bins + 1, sizeof(double)),
		.least = calloc(axis->bins + 1, sizeof(double)),
		.most = calloc(axis->bins + 1, sizeof(double)),
		.ticks = calloc(axis->bins + 1, sizeof(unsigned int)),
	};
	if (!b->sum || !b->weight || !b->least || !b->most || !b->ticks) {
		bins_fini(b);
		return -ENOMEM;
	}
	for (size_t i = 0; i < axis->bins; i++)
		b->least[i] = b->most[i] = NAN;
	return 0;
}

void bins_fini(struct bins *b)
{
	free(b->sum);
	free(b->weight);
	free(b->least);
	free(b->most);
	free(b->ticks);
	*b = (struct bins){ 0 };
}

void bins_add(struct bins *b, size_t i, double value, double weight)
{
	size_t bin = i / b->axis->per;

	if (!isfinite(value) || !(weight > 0))
		return;
	b->sum[bin] += value * weight;
	b->weight[bin] += weight;
	b->least[bin] = fmin(b->least[bin], value);
	b->most[bin] = fmax(b->most[bin], value);
	b->ticks[bin]++;
}

void bins_fill_zero(struct bins *b)
{
	const struct axis *a = b->axis;

	for (size_t bin = 0; bin < a->bins; bin++) {
		size_t all = bin + 1 < a->bins ? a->per : a->n - bin * a->per;

		if (b->ticks[bin] >= all)
			continue;
		b->weight[bin] = axis_bin_seconds(a, bin);
		b->least[bin] = fmin(b->least[bin], 0);
		b->most[bin] = fmax(b->most[bin], 0);
	}
}

int rate_init(struct rate *r, const struct axis *axis)
{
	*r = (struct rate){ .at = axis->n };
	return bins_init(&r->bins, axis);
}

void rate_fini(struct rate *r)
{
	bins_fini(&r->bins);
}

static void rate_flush(struct rate *r)
{
	double seconds = r->at < r->bins.axis->n ? axis_seconds(r->bins.axis, r->at) : 0;

	if (seconds > 0)
		bins_add(&r->bins, r->at, r->amount / seconds, seconds);
	r->amount = 0;
}

void rate_add(struct rate *r, size_t i, double amount)
{
	if (r->at != i)
		rate_flush(r);
	r->at = i;
	r->amount += amount;
}

void rate_end(struct rate *r)
{
	rate_flush(r);
	r->at = r->bins.axis->n;
	if (!bins_empty(&r->bins))
		bins_fill_zero(&r->bins);
}

int bins_empty(const struct bins *b)
{
	for (size_t i = 0; i < b->axis->bins; i++)
		if (b->ticks[i])
			return 0;
	return 1;
}

int bins_json(const struct bins *b, struct buf *out)
{
	size_t n = b->axis->bins;
	cleanup_free double *mean = calloc(n + 1, sizeof(*mean));
	bool differ = false;

	if (!mean)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		mean[i] = b->weight[i] > 0 ? b->sum[i] / b->weight[i] : NAN;
		differ |= b->most[i] > b->least[i];
	}
	buf_puts(out, "\"mean\":");
	html_json_numbers(out, mean, n);
	if (differ) {
		buf_puts(out, ",\"min\":");
		html_json_numbers(out, b->least, n);
		buf_puts(out, ",\"max\":");
		html_json_numbers(out, b->most, n);
	}
	return out->failed;
}
