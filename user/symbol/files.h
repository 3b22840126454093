/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that targets' processes run, each once, whoever runs it: opened while these live; looked at when
 * all is over, as far as anybody asks for what is in them.
 */
#ifndef CBPF_SYMBOL_FILES_H
#define CBPF_SYMBOL_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbol/space.h"

struct symbol_files;

/* 0 or -ENOMEM. At most @max files are open at once. */
int symbol_files_open(size_t max, struct symbol_files **ret);

/*
 * Open what is mapped at @map in the process whose directory in /proc is @process (borrowed; -1: it is gone): the file
 * itself, or what is at its path below @root (borrowed; -1: unknown) if that is the same one. What cannot be
 * opened is tried again when asked for again. May wait for the file's file system.
 */
void symbol_files_want(struct symbol_files *f, const struct space_map *map, int process, int root);

/*
 * The function that is at @offset of the file of @map; @root: where its debuginfo may be. NULL: unknown. As long
 * as @f.
 */
const char *symbol_files_at(struct symbol_files *f, const struct space_map *map, uint64_t offset,
			    int root);

/* Files of which nothing is known, by reason. */
enum symbol_lack {
	SYMBOL_GONE, /* it could not be opened: its process was gone, and its path or what is there, too */
	SYMBOL_REMOTE, /* on a file system that may never answer: of the network, or of user space */
	SYMBOL_ROOM, /* more files, or symbols, than there is room for */
	SYMBOL_BAD, /* opened, but it cannot be read as what was mapped */
	SYMBOL_LACKS
};
size_t symbol_files_lack(const struct symbol_files *f, enum symbol_lack why);
size_t symbol_files_count(const struct symbol_files *f); /* that are open */

void symbol_files_close(struct symbol_files *f); /* takes NULL */

#endif
