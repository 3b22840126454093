/* SPDX-License-Identifier: Apache-2.0 */
/* Which files of a cgroup hold which metrics, on cgroup v1 and v2. */
#ifndef CBPF_SAMPLE_CGROUP_SOURCE_H
#define CBPF_SAMPLE_CGROUP_SOURCE_H

#include "host/cgroup.h"
#include "sample/cgroup_text.h"

enum cgroup_parse {
	PARSE_U64,
	PARSE_US, /* microseconds, made ns */
	PARSE_LIMIT, /* a number that may be none */
	PARSE_FLAT,
	PARSE_PRESSURE,
	PARSE_QUOTA,
	PARSE_LIST, /* of CPUs or nodes: how many, and the text is kept too */
	PARSE_IO_STAT,
	PARSE_BLKIO,
};

/* A file in the v2 directory, used where @ctrl has no v1 directory; or one in @ctrl's v1 directory. */
struct cgroup_source {
	const char *file;
	const char *else_file; /* of older kernels; may be NULL */
	/*
	 * Of files that a kernel or cgroup may lack in the normal course, what they are
	 * called together when that is told. NULL: a file that should be there.
	 */
	const char *group;
	bool v1;
	enum cgroup_ctrl ctrl; /* CG_NCTRL: on v2 alone */
	enum cgroup_parse parse;
	enum metric metric[3];
	const struct text_key *keys; /* PARSE_FLAT */
	size_t n_keys;
};

#define CGROUP_SOURCES_MAX 64

extern const struct cgroup_source cgroup_sources[];
extern const size_t cgroup_n_sources; /* at most CGROUP_SOURCES_MAX; those of one group in a row */

/* v1 says "no limit" with the largest page-aligned number. */
static inline bool cgroup_is_limit(uint64_t v)
{
	return v < 1ull << 62;
}

/* Put into @row what @text, which was read from @src, says. */
void cgroup_source_parse(const struct cgroup_source *src, const char *text,
			 device_is_stacked_fn stacked, void *arg, struct frame_row *row);

#endif
