/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of what holds targets back from outside, as a part of the schema. */
#ifndef CBPF_STORE_SCHEMA_LIMIT_H
#define CBPF_STORE_SCHEMA_LIMIT_H

#define SCHEMA_LIMIT                                                                               \
	"-- Limits of block I/O that held for targets when they began, whoever had set them.\n"    \
	"CREATE TABLE io_limit (\n"                                                                \
	"  target INTEGER NOT NULL REFERENCES target, -- whose\n"                                  \
	"  device INTEGER NOT NULL, -- device.dev\n"                                               \
	"  version INTEGER NOT NULL, -- of cgroups: 1, of direct I/O and reads alone; 2\n"         \
	"  read_bps INTEGER, -- bytes per second, at most; NULL: no limit\n"                       \
	"  write_bps INTEGER, -- the same of writes\n"                                             \
	"  read_iops INTEGER, -- requests per second, at most\n"                                   \
	"  write_iops INTEGER, -- the same of writes\n"                                            \
	"  PRIMARY KEY (target, device)\n"                                                         \
	") STRICT, WITHOUT ROWID;\n"                                                               \
	"\n"                                                                                       \
	"-- File systems that targets used and that this host has mounted, when the run had "      \
	"ended.\n"                                                                                 \
	"CREATE TABLE filesystem (\n"                                                              \
	"  dev TEXT PRIMARY KEY, -- mount.dev\n"                                                   \
	"  at TEXT NOT NULL, -- where the host has it\n"                                           \
	"  used_bytes INTEGER NOT NULL, -- by files and its own metadata\n"                        \
	"  free_bytes INTEGER NOT NULL -- left to users, without what root alone may use\n"        \
	") STRICT, WITHOUT ROWID;\n"                                                               \
	"\n"

#endif
