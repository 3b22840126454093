/* SPDX-License-Identifier: Apache-2.0 */
/* What the user asked for: IOR's options, parsed from rows. */
#ifndef CBPF_IOR_OPTIONS_H
#define CBPF_IOR_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

#define IOR_VERSION "4.1.0+cbpf-" CBPF_VERSION

enum ior_api { IOR_POSIX, IOR_MPIIO };
enum ior_packet {
	PACKET_GENERIC,
	PACKET_OFFSET,
	PACKET_INCOMPRESSIBLE,
	PACKET_TIMESTAMP,
	PACKET_RANDOM
};
enum ior_format { FORMAT_TEXT, FORMAT_JSON, FORMAT_CSV };

/* Flags are 0 or 1; repeated ones (-v, -z) count. Strings are owned; NULL when not given. */
struct ior_options {
	int64_t api; /* enum ior_api */
	char *test_file;
	uint64_t block_bytes;
	uint64_t transfer_bytes;
	int64_t segments;
	int64_t repetitions;
	int64_t file_per_proc;
	int64_t unique_dir;
	int64_t multi_file; /* one per repetition */
	int64_t collective;
	int64_t write, read, check_write, check_read;
	int64_t keep, keep_on_error;
	int64_t use_existing;
	int64_t fsync, fsync_per_write;
	int64_t odirect;
	int64_t barriers;
	int64_t delay_s;
	int64_t io_delay_us;
	uint64_t memory_bytes; /* taken by each task beside its buffers */
	int64_t reorder_constant, reorder_random, reorder_seed;
	int64_t task_offset; /* in nodes */
	int64_t random_offset; /* 1: a permutation, 2: with replacement */
	int64_t packet; /* enum ior_packet */
	int64_t signature; /* 0: take the time */
	int64_t outlier_s;
	int64_t deadline_s; /* stonewall */
	int64_t wear_out;
	int64_t wear_out_iterations; /* transfers per task; 0: no limit */
	int64_t min_duration_s;
	char *status_file;
	int64_t verbose;
	int64_t format; /* enum ior_format */
	char *summary_file;
	char *rank_csv;
	char *op_csv;
	int64_t dry_run;
	int64_t warnings_fail;
	int64_t preallocate, file_view, show_hints; /* MPIIO */
	char *hints_file;
	int64_t help;
};

enum ior_row_kind {
	ROW_FLAG, /* 0 or 1; a repeat changes nothing */
	ROW_COUNT, /* a repeat counts */
	ROW_INT, /* within [min, max] */
	ROW_SIZE, /* bytes, k/m/g/t are powers of 1024 */
	ROW_TEXT,
	ROW_CHOICE, /* index into choices; the first letter is enough */
	ROW_REFUSED, /* known to IOR, not to us */
	ROW_REFUSED_ARG, /* same, and it would take an argument */
};

/* One option of IOR: "-b 4k", "--blockSize=4k" and "-O blockSize=4k" are the same row. */
struct ior_row {
	char letter; /* 0 when there is only the long name */
	const char *name;
	enum ior_row_kind kind;
	size_t offset; /* in struct ior_options */
	const char *preset;
	int64_t min, max; /* ROW_INT */
	const char *const *choices; /* NULL-terminated */
	const char *help;
};

extern const struct ior_row ior_rows[]; /* ends with a NULL name */

/*
 * Presets, then argv[1..argc-1]. @err names the option and what it expects.
 * Returns 0 or a negative errno; @ret must be given to ior_options_fini() either way.
 */
int ior_options_parse(struct ior_options *ret, int argc, char *const argv[], struct err *err);

/*
 * What only shows when all options are known: sizes that do not fit each other,
 * contradictions. Fills in what follows from others (-w -r when none is given).
 * @warn is called with each reset that deserves a warning; may be NULL.
 */
int ior_options_check(struct ior_options *o, void (*warn)(void *ctx, const char *text), void *ctx,
		      struct err *err);

void ior_options_fini(struct ior_options *o);

static inline const char *ior_api_name(const struct ior_options *o)
{
	return o->api == IOR_MPIIO ? "MPIIO" : "POSIX";
}

/* Known to IOR, but not to us. */
static inline bool ior_row_refused(const struct ior_row *row)
{
	return row->kind == ROW_REFUSED || row->kind == ROW_REFUSED_ARG;
}

/* Transfers that one task makes when nothing stops it. */
static inline uint64_t ior_transfers_per_task(const struct ior_options *o)
{
	return o->block_bytes / o->transfer_bytes * (uint64_t)o->segments;
}

/* True when data is stamped with the signature, so that a reader must know it. */
static inline bool ior_packet_signed(const struct ior_options *o)
{
	return o->packet != PACKET_OFFSET && o->packet != PACKET_INCOMPRESSIBLE;
}

#endif
