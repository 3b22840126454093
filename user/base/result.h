/* SPDX-License-Identifier: Apache-2.0 */
/* What a benchmark tool reported, in one shape for all tools. */
#ifndef CBPF_BASE_RESULT_H
#define CBPF_BASE_RESULT_H

#include <stddef.h>
#include <stdint.h>

enum result_status { RESULT_OK, RESULT_FAILED, RESULT_CORRUPT };

/* One row: an operation of one repetition. NAN and -1 mean "not reported". */
struct result {
	char op[32]; /* write, read, remove, ... */
	int iteration;
	double bytes; /* moved by all ranks */
	double bw_mib_s;
	double iops;
	double latency_s;
	double block_kib; /* per rank and segment */
	double xfer_kib;
	double open_s;
	double wrrd_s;
	double close_s;
	double total_s;
	double begin_ns; /* CLOCK_MONOTONIC, where the tool tells */
	double end_ns;
	int tasks;
};

struct result_set {
	char tool[32]; /* ior, mdtest, fio, command */
	char version[64]; /* as the tool prints it */
	char binary[64]; /* ior, cbpf-ior */
	char source[32]; /* which output was parsed: json, text */
	char command[1024]; /* as the tool prints it */
	enum result_status status;
	char message[256]; /* why it is failed or corrupt */
	struct result *v; /* owned */
	size_t n;
};

const char *result_status_name(enum result_status s);
/* A new row with everything "not reported"; NULL when out of memory. */
struct result *result_add(struct result_set *set);
void result_set_fini(struct result_set *set);

#endif
