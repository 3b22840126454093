/* SPDX-License-Identifier: Apache-2.0 */
/* The table of ranks, as a part of the schema. */
#ifndef CBPF_STORE_SCHEMA_RANK_H
#define CBPF_STORE_SCHEMA_RANK_H

#define SCHEMA_RANK                                                                                \
	"-- Where the ranks of a workload with `hosts:` were seen to run.\n"                       \
	"CREATE TABLE rank (\n"                                                                    \
	"  workload INTEGER NOT NULL REFERENCES target, -- whose\n"                                \
	"  rank INTEGER NOT NULL, -- from 0\n"                                                     \
	"  host INTEGER NOT NULL REFERENCES target, -- in which container\n"                       \
	"  PRIMARY KEY (workload, rank)\n"                                                         \
	") STRICT, WITHOUT ROWID;\n"                                                               \
	"\n"

#endif
