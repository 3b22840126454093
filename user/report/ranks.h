/* SPDX-License-Identifier: Apache-2.0 */
/* Which ranks ran where, in words. */
#ifndef CBPF_REPORT_RANKS_H
#define CBPF_REPORT_RANKS_H

#include <jansson.h>

struct buf;

/*
 * SQL: whose results tell of target ?1, and which part of them: its own, or, where a workload's
 * ranks ran elsewhere, as large a part as it had of the ranks. The latter needs the table `rank`.
 */
#define RANKS_OWN "SELECT ?1 AS workload, 1.0 AS part"
#define RANKS_PART                                                                                 \
	"SELECT workload, 1.0 * sum(host = ?1) / count(*) AS part FROM rank GROUP BY workload "    \
	"HAVING part > 0 UNION ALL SELECT ?1, 1.0 WHERE ?1 NOT IN (SELECT workload FROM rank)"

/* The name of the host that @rank of the workload @target ran on, borrowed; NULL: not known. */
json_t *ranks_host(const json_t *target, const json_t *rank);

/* Of a workload: "client1 0-3, client2 4-7"; of a host: "0-3 of controller"; nothing without any. */
int ranks_text(const json_t *target, struct buf *out);

#endif
