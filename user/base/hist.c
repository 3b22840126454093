// SPDX-License-Identifier: Apache-2.0
/* Arithmetic of log-linear histograms. */
#include "base/hist.h"

#include <errno.h>
#include <math.h>

unsigned int hist_bucket(uint64_t value)
{
	unsigned int exp;

	if (value < HIST_SUB)
		return value;
	exp = 63 - __builtin_clzll(value);
	if (exp > HIST_MAX_EXP)
		return HIST_BUCKETS - 1;
	return (exp - HIST_SUB_BITS) * HIST_SUB + (unsigned int)(value >> (exp - HIST_SUB_BITS));
}

uint64_t hist_low(unsigned int bucket)
{
	unsigned int exp;

	if (bucket < HIST_SUB)
		return bucket;
	exp = bucket / HIST_SUB - 1;
	return (uint64_t)(HIST_SUB + bucket % HIST_SUB) << exp;
}

uint64_t hist_high(unsigned int bucket)
{
	return bucket < HIST_SUB ? bucket + 1
				 : hist_low(bucket) + (1ull << (bucket / HIST_SUB - 1));
}

void hist_add(struct hist *h, uint64_t value)
{
	h->count++;
	h->sum += value;
	if (value > h->max)
		h->max = value;
	h->bucket[hist_bucket(value)]++;
}

void hist_merge(struct hist *to, const struct hist *from)
{
	to->count += from->count;
	to->sum += from->sum;
	if (from->max > to->max)
		to->max = from->max;
	for (unsigned int i = 0; i < HIST_BUCKETS; i++)
		to->bucket[i] += from->bucket[i];
}

/* The max of an interval; @top is the highest bucket that grew. */
static uint64_t delta_max(uint64_t now, uint64_t before, unsigned int top)
{
	if (now > before || top == HIST_BUCKETS - 1 || hist_high(top) - 1 > now)
		return now;
	return hist_high(top) - 1;
}

void hist_delta(const struct hist *now, const struct hist *before, struct hist *ret)
{
	unsigned int top = 0;

	ret->count = now->count - before->count;
	ret->sum = now->sum - before->sum;
	for (unsigned int i = 0; i < HIST_BUCKETS; i++) {
		ret->bucket[i] = now->bucket[i] - before->bucket[i];
		if (ret->bucket[i])
			top = i;
	}
	ret->max = ret->count ? delta_max(now->max, before->max, top) : 0;
}

void hist_set_add(const struct hist_set *from, struct hist_set *to)
{
	for (unsigned int k = 0; k < HIST_SET; k++) {
		uint64_t max = __atomic_load_n(&from->of[k].max, __ATOMIC_RELAXED);

		to->of[k].sum += __atomic_load_n(&from->of[k].sum, __ATOMIC_RELAXED);
		if (max > to->of[k].max)
			to->of[k].max = max;
	}
	for (unsigned int i = 0; i < HIST_BUCKETS; i++)
		for (unsigned int k = 0; k < HIST_SET; k++)
			to->bucket[i][k] += __atomic_load_n(&from->bucket[i][k], __ATOMIC_RELAXED);
}

void hist_set_delta(const struct hist_set *now, const struct hist_set *before, unsigned int which,
		    struct hist *ret)
{
	unsigned int top = 0;

	ret->count = 0;
	ret->sum = now->of[which].sum - before->of[which].sum;
	for (unsigned int i = 0; i < HIST_BUCKETS; i++) {
		/* Modulo 2^32, as it is counted. */
		ret->bucket[i] = (uint32_t)(now->bucket[i][which] - before->bucket[i][which]);
		ret->count += ret->bucket[i];
		if (ret->bucket[i])
			top = i;
	}
	ret->max = ret->count ? delta_max(now->of[which].max, before->of[which].max, top) : 0;
}

/* Bucket of the ceil(q * count)-th value, or HIST_BUCKETS when there is none. */
static unsigned int bucket_at(const struct hist *h, double q)
{
	uint64_t rank = ceil(q * h->count), seen = 0;

	if (rank == 0)
		rank = 1;
	if (rank > h->count)
		rank = h->count;
	for (unsigned int i = 0; i < HIST_BUCKETS; i++) {
		seen += h->bucket[i];
		if (seen >= rank && h->bucket[i])
			return i;
	}
	return HIST_BUCKETS;
}

uint64_t hist_quantile(const struct hist *h, double q)
{
	unsigned int i = bucket_at(h, q);
	uint64_t mid;

	/* What lies beyond the last bucket is best told by max. */
	if (i == HIST_BUCKETS || (i == HIST_BUCKETS - 1 && h->max >= hist_high(i)))
		return h->max;
	mid = hist_low(i) + (hist_high(i) - 1 - hist_low(i)) / 2;
	return mid < h->max ? mid : h->max;
}

uint64_t hist_quantile_high(const struct hist *h, double q)
{
	unsigned int i = bucket_at(h, q);

	if (i == HIST_BUCKETS || (i == HIST_BUCKETS - 1 && h->max >= hist_high(i)))
		return h->max;
	return hist_high(i) - 1 < h->max ? hist_high(i) - 1 : h->max;
}

static size_t put_leb128(uint8_t *at, uint64_t v)
{
	size_t n = 0;

	do {
		at[n++] = (v & 0x7f) | (v > 0x7f ? 0x80 : 0);
		v >>= 7;
	} while (v);
	return n;
}

static int get_leb128(const uint8_t **at, const uint8_t *end, uint64_t *ret)
{
	uint64_t v = 0;

	for (unsigned int shift = 0; *at < end && shift < 64; shift += 7) {
		uint8_t byte = *(*at)++;

		if (shift == 63 && byte > 1)
			break;
		v |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80)) {
			*ret = v;
			return 0;
		}
	}
	return -EBADMSG;
}

size_t hist_encode(const struct hist *h, uint8_t *blob)
{
	unsigned int last = 0;
	size_t n = 0;

	for (unsigned int i = 0; i < HIST_BUCKETS; i++) {
		if (!h->bucket[i])
			continue;
		n += put_leb128(blob + n, i - last);
		n += put_leb128(blob + n, h->bucket[i]);
		last = i;
	}
	return n;
}

int hist_decode(const uint8_t *blob, size_t len, struct hist *h)
{
	const uint8_t *at = blob, *end = blob + len;
	uint64_t i = 0;

	while (at < end) {
		uint64_t step, n;

		if (get_leb128(&at, end, &step) || get_leb128(&at, end, &n))
			return -EBADMSG;
		if (step >= HIST_BUCKETS || (i += step) >= HIST_BUCKETS || !n)
			return -EBADMSG;
		h->bucket[i] += n;
		h->count += n;
	}
	return 0;
}
