/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of a sampling profile, as a part of the schema. */
#ifndef CBPF_STORE_SCHEMA_PROFILE_H
#define CBPF_STORE_SCHEMA_PROFILE_H

#define SCHEMA_PROFILE                                                                             \
	"-- One row where stacks were sampled: who had the CPUs, all over the run.\n"              \
	"-- samples = idle + others + those in profile.\n"                                         \
	"CREATE TABLE profile_run (\n"                                                             \
	"  frequency_hz INTEGER NOT NULL, -- samples per second and CPU\n"                         \
	"  samples INTEGER NOT NULL, -- that were taken, on all CPUs\n"                            \
	"  expected INTEGER, -- CPUs times time times frequency; NULL: unknown\n"                  \
	"  idle INTEGER NOT NULL, -- of the samples: nobody had the CPU\n"                         \
	"  others INTEGER NOT NULL, -- of the samples: tasks of no target\n"                       \
	"  lost INTEGER NOT NULL -- of those in profile: their stack had no room, it is [no "      \
	"room]\n"                                                                                  \
	") STRICT;\n"                                                                              \
	"\n"                                                                                       \
	"-- Where tasks of targets were when they were looked at.\n"                               \
	"CREATE TABLE profile (\n"                                                                 \
	"  target INTEGER NOT NULL REFERENCES target, -- whose\n"                                  \
	"  stack TEXT NOT NULL, -- folded: frames from the root to where it was, joined by ;,\n"   \
	"  -- first the task's name; the kernel's end in _[k]; what has no name is\n"              \
	"  -- [file+0xoffset] or [unknown]\n"                                                      \
	"  samples INTEGER NOT NULL, -- with this stack\n"                                         \
	"  PRIMARY KEY (target, stack)\n"                                                          \
	") STRICT, WITHOUT ROWID;\n"                                                               \
	"\n"

#endif
