/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that targets' processes run, each once, whoever runs it: opened while these live; looked at when
 * all is over, as far as anybody asks for what is in them. A process of its own does that, since who touches a
 * file may never come back from its file system, and cannot be killed then.
 */
#ifndef CBPF_SYMBOL_FILES_H
#define CBPF_SYMBOL_FILES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "symbol/space.h"

struct symbol_files;

/*
 * 0 or -errno. Of @max files that may be open at once half are for all of @n_targets, and of the rest each has
 * its share. No call waits for a file system, but symbol_files_name() for as long as it is told to.
 */
int symbol_files_open(size_t n_targets, size_t max, struct symbol_files **ret);

/*
 * @pid is a process of @target: what its root is tells where files are. @contained: only once it is another one
 * than ours. To be told until it is known.
 */
void symbol_files_root(struct symbol_files *f, uint32_t target, pid_t pid, bool contained);

/*
 * Open what is mapped at @map in process @tgid of @target: the file itself, or when it is gone what is at its path
 * below the process' root or the target's, if that is the same one. What could not be opened is tried again
 * when asked for again.
 */
void symbol_files_want(struct symbol_files *f, uint32_t target, uint32_t tgid,
		       const struct space_map *map);

/* Take in what was found out; to be called now and then. */
void symbol_files_tend(struct symbol_files *f);

/* The name at @offset of the file of @map will be asked for. */
void symbol_files_ask(struct symbol_files *f, const struct space_map *map, uint64_t offset);

/* How long to wait for file systems. */
struct symbol_patience {
	uint64_t silent_ns; /* when nothing comes from any */
	uint64_t ns; /* in all */
	uint64_t hurried_ns; /* in all, from when *@hurried is true */
	const atomic_bool *hurried, *at_once; /* NULL: never */
};

/* Find out all that was asked for, once. Gives up when patience ends: what is missing is SYMBOL_SILENT. */
void symbol_files_name(struct symbol_files *f, const struct symbol_patience *p);

/*
 * The function that is at @offset of the file of @map, for which symbol_files_ask() has asked before
 * symbol_files_name(). NULL: unknown. As long as @f.
 */
const char *symbol_files_at(const struct symbol_files *f, const struct space_map *map,
			    uint64_t offset);

/* Files of which nothing is known, by reason. */
enum symbol_lack {
	SYMBOL_GONE, /* it could not be opened: its process was gone, and its path or what is there, too */
	SYMBOL_REMOTE, /* on a file system that may never answer: of the network, or of user space */
	SYMBOL_ROOM, /* more files, or symbols, than there is room for */
	SYMBOL_BAD, /* opened, but it cannot be read as what was mapped, or was written to since */
	SYMBOL_SILENT, /* no answer came in time */
	SYMBOL_LACKS
};
size_t symbol_files_lack(const struct symbol_files *f, enum symbol_lack why);
size_t symbol_files_count(const struct symbol_files *f); /* that are open */

/* What its process has cost so far, and most bytes of memory; 0 and 0: unknown. */
void symbol_files_cost(const struct symbol_files *f, uint64_t *ret_cpu_ns,
		       uint64_t *ret_rss_max_bytes);

void symbol_files_close(struct symbol_files *f); /* takes NULL */

#endif
