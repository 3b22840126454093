/* SPDX-License-Identifier: Apache-2.0 */
/* A run's database as CSV, for spreadsheets and data frames. */
#ifndef CBPF_SINK_CSV_H
#define CBPF_SINK_CSV_H

struct err;
struct store;
struct writer_limits;

/*
 * One file per table, "table.csv", into @dir, which is made when it is missing. All of them
 * are of one state of the database. RFC 4180; NULL is empty, empty text is "", and a blob
 * is hexadecimal. A file gets its name when it is whole, and replaces an older one.
 */
int sink_csv(struct store *s, const char *dir, const struct writer_limits *limits, struct err *err);

#endif
