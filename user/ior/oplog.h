/* SPDX-License-Identifier: Apache-2.0 */
/* Per-call records of one rank (savePerOpDataCSV). */
#ifndef CBPF_IOR_OPLOG_H
#define CBPF_IOR_OPLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

struct oplog {
	struct oplog_entry *v; /* owned; allocated before the timed part */
	size_t n, cap;
	uint64_t dropped; /* calls beyond the capacity */
};

/* Room for @calls records, bounded to keep memory in check; more are counted as dropped. */
int oplog_init(struct oplog *log, uint64_t calls, struct err *err);
void oplog_add(struct oplog *log, uint64_t begin_ns, uint64_t end_ns, uint64_t offset,
	       uint64_t bytes);
/* Append to "<prefix>-<rank>.csv" (with a header if it is new) and forget the records. */
int oplog_save(struct oplog *log, const char *prefix, int rank, const char *access, int rep,
	       struct err *err);
void oplog_fini(struct oplog *log);

#endif
