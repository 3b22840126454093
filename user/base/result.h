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
	int test; /* of a tool that runs several in a row, from 0 */
	int rank; /* whose own result it is; -1: of all together */
	char job[64]; /* that did it, where a tool names them: fio; "" none */
	double calls; /* that the times below are of, or that were made */
	double errors; /* calls that failed */
	double min_s, p50_s, p90_s, p99_s, p999_s, max_s; /* of a call */
	double stonewall_s; /* after which the slowest rank was told to end; total_s has what followed */
};

struct result_set {
	char tool[32]; /* ior, mdtest, md-workbench, fio, command */
	char version[64]; /* as the tool prints it */
	char binary[64]; /* ior, cbpf-ior */
	char source[32]; /* which output was parsed: json, text, rank csv, ... */
	char command[1024]; /* as the tool prints it */
	enum result_status status;
	char message[256]; /* why it is failed or corrupt */
	struct result *v; /* owned */
	size_t n;
};

const char *result_status_name(enum result_status s);
/* Everything "not reported". */
void result_init(struct result *r);
/* A new row with everything "not reported"; NULL when out of memory. */
struct result *result_add(struct result_set *set);
void result_set_fini(struct result_set *set);

#endif
