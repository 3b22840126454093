// SPDX-License-Identifier: Apache-2.0
/* Options that contradict each other, and what follows from what was given. */
#include <errno.h>

#include "base/err.h"
#include "ior/options.h"

/* IOR stamps data in words of this many bytes. */
#define WORD_BYTES sizeof(uint64_t)

static int check_sizes(const struct ior_options *o, struct err *err)
{
	uint64_t per_task, b = o->block_bytes, t = o->transfer_bytes;

	if (t == 0 || t % WORD_BYTES)
		return err_say(err, -EINVAL,
			       "transfer size (-t) must be a multiple of %zu bytes, got %llu",
			       WORD_BYTES, (unsigned long long)t);
	if (t > INT32_MAX)
		return err_say(err, -EINVAL, "transfer size (-t) must be below 2g, got %llu",
			       (unsigned long long)t);
	if (b < t)
		return err_say(
			err, -EINVAL,
			"block size (-b %llu) must not be smaller than transfer size (-t %llu)",
			(unsigned long long)b, (unsigned long long)t);
	if (b % t)
		return err_say(err, -EINVAL,
			       "block size (-b %llu) must be a multiple of transfer size (-t %llu)",
			       (unsigned long long)b, (unsigned long long)t);
	if (__builtin_mul_overflow(b, (uint64_t)o->segments, &per_task) || per_task > INT64_MAX)
		return err_say(err, -EINVAL,
			       "block size times segments (-b, -s) exceeds 2^63 bytes");
	return 0;
}

static int check_conflicts(const struct ior_options *o, struct err *err)
{
	const struct {
		bool bad;
		const char *why;
	} rules[] = {
		{ o->reorder_constant && o->reorder_random,
		  "-C and -Z both reorder tasks; choose one" },
		{ o->collective && o->random_offset,
		  "-z (random offsets) cannot be combined with -c (collective)" },
		{ o->file_view && o->random_offset,
		  "-z (random offsets) cannot be combined with --mpiio.useFileView" },
		{ o->file_view && o->block_bytes > INT32_MAX,
		  "--mpiio.useFileView needs a block size (-b) below 2g" },
		{ o->unique_dir && !o->file_per_proc,
		  "-u (unique directory) needs -F (file per process)" },
		{ o->wear_out && !o->deadline_s,
		  "stoneWallingWearOut needs a deadline (-D seconds)" },
		{ o->min_duration_s && o->deadline_s,
		  "minTimeDuration cannot be combined with -D (stonewalling)" },
		{ o->min_duration_s && o->collective,
		  "minTimeDuration cannot be combined with -c (collective)" },
		{ o->odirect && o->api != IOR_POSIX, "--posix.odirect needs -a POSIX" },
		{ o->random_offset > 1 && o->write && (o->read || o->check_read) && o->deadline_s &&
			  o->status_file,
		  "stoneWallingStatusFile cannot describe random offsets with replacement" },
		{ o->packet == PACKET_RANDOM && !o->write && !o->signature &&
			  (o->check_read || o->check_write),
		  "checking random data (-l random) of an earlier run needs its signature (-G)" },
		{ o->fsync_per_write && o->api != IOR_POSIX,
		  "-Y (fsync per write) needs -a POSIX" },
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i].bad)
			return err_say(err, -EINVAL, "%s", rules[i].why);
	return 0;
}

int ior_options_check(struct ior_options *o, void (*warn)(void *ctx, const char *text), void *ctx,
		      struct err *err)
{
	int rc;

	if (!o->write && !o->read && !o->check_write && !o->check_read)
		o->write = o->read = 1;
	if (o->collective && o->api == IOR_POSIX) {
		if (warn)
			warn(ctx, "collective not available in POSIX; using independent access");
		o->collective = 0;
	}
	rc = check_sizes(o, err);
	return rc ? rc : check_conflicts(o, err);
}
