/* SPDX-License-Identifier: Apache-2.0 */
/* What a machine is and how it is set up: whatever can make a run differ from the same run elsewhere. */
#ifndef CBPF_HOST_FACTS_H
#define CBPF_HOST_FACTS_H

#include <jansson.h>
#include <stddef.h>

struct facts_place {
	const char *sys, *proc; /* "/sys" and "/proc", or what plays them in a test; borrowed */
};

/*
 * New objects and lists, the caller's; NULL: no memory. What the machine does not tell is left
 * out. Keys are those of "The host" in specs/README.md.
 */
json_t *facts_cpu(const struct facts_place *at);
json_t *facts_memory(const struct facts_place *at);
json_t *facts_nodes(const struct facts_place *at); /* of memory, with their CPUs */
json_t *facts_disks(const struct facts_place *at); /* block devices that have a size */
/* File systems that hold files, each once, by their first mount. */
json_t *facts_mounts(const struct facts_place *at);

/* All of them, into @host. 0 or -ENOMEM. */
int facts_put_all(const struct facts_place *at, json_t *host);

/* --- one file, one fact --- */

enum fact_kind {
	FACT_TEXT, /* its first line; none when empty */
	FACT_NUMBER, /* a decimal, with or without a sign */
	FACT_FLAG, /* 0 or N, 1 or Y: a boolean */
	FACT_CHOICE, /* of "one [two] three" the second */
};

struct fact {
	const char *key, *file; /* below a directory */
	enum fact_kind kind;
};

/* The value of @dir/@file; NULL: it is not there, or no such thing. */
json_t *fact_read(const char *dir, const char *file, enum fact_kind kind);
void facts_read(json_t *to, const char *dir, const struct fact *facts, size_t n);
/* @value is stolen; NULL is no fact. */
void fact_put(json_t *to, const char *key, json_t *value);
/* A path of mountinfo, which writes space, tab, newline and backslash as \\ooo, as it is. */
void fact_mount_point(char *path);
/* Names in @dir that begin with @prefix and go on with digits alone, or all for "": sorted as numbers. */
int facts_list(const char *dir, const char *prefix, char (**ret_names)[64], size_t *ret_n);

#endif
