/* SPDX-License-Identifier: Apache-2.0 */
/* The data that is written, such that any wrong byte is noticed on reading. */
#ifndef CBPF_IOR_PATTERN_H
#define CBPF_IOR_PATTERN_H

#include <stddef.h>
#include <stdint.h>

#include "ior/options.h"

struct err;

#define PATTERN_STAMP_BYTES 512 /* one stamp per sector */
#define PATTERN_ALIGN 4096

/*
 * A transfer is a sequence of 8-byte little-endian words on x86 and arm. The
 * first word of each 512 bytes of a transfer is a stamp: its own offset in
 * the file, exclusive-or the file's number in the upper 16 bits. The others
 * depend on the kind only (p is the word's position in the transfer in bytes):
 *	generic		signature << 32 | p
 *	offset		p
 *	timestamp	signature << 32 | signature
 *	incompressible, random	pseudo-random, seeded by the signature; the stamp is mixed too
 * So a write needs one store per sector, a sector in the wrong place carries
 * the wrong stamp, and each byte of a transfer has one right value.
 */
struct pattern {
	enum ior_packet kind;
	uint32_t signature;
	uint64_t *base; /* owned; aligned for O_DIRECT */
	size_t transfer_bytes;
	uint64_t slices; /* random kinds: different windows of @base, against deduplication */
};

/* Allocates. The signature is set by pattern_sign(), which must come before use. */
int pattern_init(struct pattern *p, enum ior_packet kind, size_t transfer_bytes, struct err *err);
void pattern_sign(struct pattern *p, uint32_t signature);
void pattern_fini(struct pattern *p);

/*
 * The right content of the transfer at @offset of file number @file (0 for a
 * shared file). Borrowed until the next call.
 */
const void *pattern_at(struct pattern *p, uint64_t file, uint64_t offset);

/* The signature that the first bytes of a file carry. 0 or -ENODATA when the kind has none. */
int pattern_learn(const struct pattern *p, const void *data, uint32_t *ret_signature);

/*
 * Compare what was read at @offset with what should be there. True when right;
 * else the position of the first wrong byte in the transfer and both values.
 */
struct pattern_mismatch {
	uint64_t at;
	uint8_t expected, found;
};
bool pattern_verify(struct pattern *p, uint64_t file, uint64_t offset, const void *data,
		    struct pattern_mismatch *ret);

#endif
