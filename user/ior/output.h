/* SPDX-License-Identifier: Apache-2.0 */
/* How results leave the program: IOR's text, JSON or CSV. Rank 0 only. */
#ifndef CBPF_IOR_OUTPUT_H
#define CBPF_IOR_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "ior/row.h"

struct err;
struct ior_options;

/* What every format may show; all borrowed. */
struct report {
	const struct ior_options *options;
	const char *command; /* line */
	const char *path; /* rank 0's file */
	int tasks, nodes, tasks_per_node;
	char api_version[32];
	const struct row *rows; /* so far */
	size_t n_rows;
	const char *error; /* at the end: why the run failed, or NULL */
	bool aborted; /* at the end: not all phases were run */
};

/*
 * Called in this order; table, row and removed any number of times between
 * begin and end. @table and @removed are NULL where a format has no place for them.
 */
struct output {
	void (*begin)(FILE *f, const struct report *r);
	/* Rows with this signature of the data follow. */
	void (*table)(FILE *f, const struct report *r, uint32_t signature);
	void (*row)(FILE *f, const struct report *r, const struct row *row);
	void (*removed)(FILE *f, const struct report *r, int rep, double seconds);
	void (*end)(FILE *f, const struct report *r);
};

extern const struct output output_text, output_json, output_csv;

const struct output *output_of(const struct ior_options *o);

/* One "key : value" of the Options section. @text NULL: the value is @number. */
typedef void (*option_line_fn)(void *ctx, const char *key, const char *text, int64_t number);
void output_options(const struct report *r, option_line_fn line, void *ctx);

/* "Sat Nov 21 05:44:17 2026" */
const char *output_time(char *text, size_t size);
/* "Linux vm", with release and version when @full. */
const char *output_machine(bool full, char *text, size_t size);
/* "65536 bytes", "1 MiB", "1.50 GiB" */
const char *output_size(uint64_t bytes, char *text, size_t size);

#endif
