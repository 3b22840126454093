/* SPDX-License-Identifier: Apache-2.0 */
/* One finished run with known numbers, printed through a format into memory. */
#ifndef CBPF_TESTS_IOR_REPORT_H
#define CBPF_TESTS_IOR_REPORT_H

#include <stdio.h>

#include "ior/options.h"
#include "ior/output.h"

/* The second repetition of a real IOR run: tests/data/ior/text-write-read-fpp.txt. */
static const struct row sample_rows[] = {
	{ .access = "write",
	  .rep = 1,
	  .bytes = 32 << 20,
	  .begin_ns = 1000,
	  .end_ns = 16913000,
	  .bw_mib = 1892.15,
	  .iops = 1895.17,
	  .latency_s = 0.001054,
	  .open_s = 0.000036,
	  .wrrd_s = 0.016885,
	  .close_s = 0.003764,
	  .total_s = 0.016912 },
	{ .access = "read",
	  .rep = 1,
	  .bytes = 32 << 20,
	  .begin_ns = 17000000,
	  .end_ns = 18566000,
	  .bw_mib = 20435,
	  .iops = 20488,
	  .latency_s = 0.000096,
	  .open_s = 0.000039,
	  .wrrd_s = 0.001562,
	  .close_s = 0.000020,
	  .total_s = 0.001566 },
};

/* All of @out's calls for these rows; the text is the caller's. */
static inline char *print_sample(const struct output *out, int verbose, const char *error,
				 bool aborted)
{
	struct ior_options o = { .test_file = "/x/f",
				 .block_bytes = 8 << 20,
				 .transfer_bytes = 1 << 20,
				 .segments = 2,
				 .repetitions = 3,
				 .file_per_proc = 1,
				 .task_offset = 1,
				 .reorder_constant = 1,
				 .verbose = verbose };
	struct report r = { .options = &o,
			    .command = "ior -o \"a\\b\"\t",
			    .path = "/x/f.00000000",
			    .tasks = 2,
			    .nodes = 1,
			    .tasks_per_node = 2,
			    .rows = sample_rows,
			    .error = error,
			    .aborted = aborted };
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	out->begin(f, &r);
	if (out->table)
		out->table(f, &r, 5);
	for (; r.n_rows < 2; r.n_rows++)
		out->row(f, &r, &sample_rows[r.n_rows]);
	if (out->removed)
		out->removed(f, &r, 1, 0.003569);
	out->end(f, &r);
	fclose(f);
	return text;
}

#endif
