// SPDX-License-Identifier: Apache-2.0
/* Generation and verification of test data. */
#include "ior/pattern.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "ior/offsets.h"

#define WORDS_PER_STAMP (PATTERN_STAMP_BYTES / sizeof(uint64_t))
#define RANDOM_SLICES 1024
#define FILE_SHIFT 48

static bool is_random(const struct pattern *p)
{
	return p->kind == PACKET_INCOMPRESSIBLE || p->kind == PACKET_RANDOM;
}

static size_t base_bytes(const struct pattern *p)
{
	return p->transfer_bytes + (p->slices - 1) * PATTERN_ALIGN;
}

int pattern_init(struct pattern *p, enum ior_packet kind, size_t transfer_bytes, struct err *err)
{
	void *base;
	int rc;

	*p = (struct pattern){ .kind = kind, .transfer_bytes = transfer_bytes, .slices = 1 };
	if (is_random(p))
		p->slices = RANDOM_SLICES;
	rc = posix_memalign(&base, PATTERN_ALIGN, base_bytes(p));
	if (rc)
		return err_set(err, -rc, "allocating a buffer of %zu bytes", base_bytes(p));
	p->base = base;
	return 0;
}

void pattern_sign(struct pattern *p, uint32_t signature)
{
	uint64_t high = (uint64_t)signature << 32;
	size_t words = base_bytes(p) / sizeof(uint64_t);

	p->signature = signature;
	for (size_t i = 0; i < words; i++) {
		uint64_t pos = i * sizeof(uint64_t);

		switch (p->kind) {
		case PACKET_GENERIC: p->base[i] = high | pos; break;
		case PACKET_OFFSET: p->base[i] = pos; break;
		case PACKET_TIMESTAMP: p->base[i] = high | signature; break;
		case PACKET_INCOMPRESSIBLE:
		case PACKET_RANDOM: p->base[i] = mix64(high ^ i); break;
		}
	}
}

void pattern_fini(struct pattern *p)
{
	free(p->base);
	p->base = NULL;
}

const void *pattern_at(struct pattern *p, uint64_t file, uint64_t offset)
{
	size_t words = p->transfer_bytes / sizeof(uint64_t);
	uint64_t stamp = offset ^ file << FILE_SHIFT;
	uint64_t *slice = p->base;

	if (is_random(p)) {
		slice += mix64(stamp) % p->slices * (PATTERN_ALIGN / sizeof(uint64_t));
		for (size_t i = 0; i < words; i += WORDS_PER_STAMP)
			slice[i] = mix64((stamp + i * sizeof(uint64_t)) ^ p->signature);
		return slice;
	}
	for (size_t i = 0; i < words; i += WORDS_PER_STAMP)
		slice[i] = (offset + i * sizeof(uint64_t)) ^ file << FILE_SHIFT;
	return slice;
}

int pattern_learn(const struct pattern *p, const void *data, uint32_t *ret_signature)
{
	uint64_t word;

	if ((p->kind != PACKET_GENERIC && p->kind != PACKET_TIMESTAMP) ||
	    p->transfer_bytes < 2 * sizeof(word))
		return -ENODATA;
	memcpy(&word, (const char *)data + sizeof(word), sizeof(word));
	*ret_signature = word >> 32;
	return 0;
}

bool pattern_verify(struct pattern *p, uint64_t file, uint64_t offset, const void *data,
		    struct pattern_mismatch *ret)
{
	const uint8_t *right = pattern_at(p, file, offset), *found = data;
	size_t i = 0;

	if (!memcmp(right, found, p->transfer_bytes))
		return true;
	while (right[i] == found[i])
		i++;
	*ret = (struct pattern_mismatch){ .at = i, .expected = right[i], .found = found[i] };
	return false;
}
