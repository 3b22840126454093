/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of what rules conclude, as a part of the schema. */
#ifndef CBPF_STORE_SCHEMA_FINDING_H
#define CBPF_STORE_SCHEMA_FINDING_H

#define SCHEMA_FINDING                                                                             \
	"-- Thresholds of rules that the spec sets.\n"                                             \
	"CREATE TABLE threshold (\n"                                                               \
	"  name TEXT PRIMARY KEY, -- RULE.NAME, as in cache-reads.ratio\n"                         \
	"  value REAL NOT NULL -- instead of the preset\n"                                         \
	") STRICT, WITHOUT ROWID;\n"                                                               \
	"\n"                                                                                       \
	"-- What the rules concluded when the run had ended.\n"                                    \
	"CREATE TABLE finding (\n"                                                                 \
	"  row INTEGER PRIMARY KEY, -- in order of arrival\n"                                      \
	"  id TEXT NOT NULL, -- of the rule\n"                                                     \
	"  severity TEXT NOT NULL, -- info, warning, error\n"                                      \
	"  target TEXT, -- NULL: the run as a whole\n"                                             \
	"  text TEXT NOT NULL, -- what was seen\n"                                                 \
	"  advice TEXT, -- what to do\n"                                                           \
	"  evidence TEXT -- JSON object\n"                                                         \
	") STRICT;\n"                                                                              \
	"\n"

#endif
