/* SPDX-License-Identifier: Apache-2.0 */
/* From the ranks' times to the numbers that IOR prints. */
#ifndef CBPF_IOR_ROW_H
#define CBPF_IOR_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ior_options;
struct rank_result;

/* One line of the results table: a phase of one repetition. */
struct row {
	const char *access; /* "write", "read"; borrowed from constants */
	int rep;
	uint64_t bytes; /* moved by all ranks */
	uint64_t begin_ns, end_ns; /* first open to last close */
	double bw_mib; /* per second, bytes by open to close */
	double iops; /* transfers by transfer time alone */
	double latency_s; /* mean of the quickest rank */
	double open_s, wrrd_s, close_s, total_s; /* last end minus first begin */
	/* With wear-out only: */
	bool has_stonewall;
	double stonewall_s; /* of the slowest rank */
	double stonewall_mib; /* moved until then, mean per rank */
	double stonewall_min_mib; /* by the rank that had moved least */
	uint64_t stonewall_min, stonewall_max; /* transfers */
};

/* From the results of @n ranks. */
void row_fill(struct row *row, const struct ior_options *o, const struct rank_result *r, int n);

/* Over the repetitions of one access. */
struct row_stats {
	double max, min, mean, sd; /* sd of the population */
};
struct row_summary {
	const char *access;
	struct row_stats bw; /* MiB/s */
	struct row_stats ops; /* bw in transfers */
	double mean_s; /* total */
	double bytes; /* most that a repetition moved */
	bool has_stonewall;
	double stonewall_s, stonewall_mib, stonewall_bw_mib;
};

/* False when there is no row of @access. */
bool row_summarize(struct row_summary *ret, const struct row *rows, size_t n, const char *access,
		   uint64_t transfer_bytes);

#endif
