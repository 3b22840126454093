/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that targets' processes run: opened while these live, as they see them; looked at when all is
 * over, as far as anybody asks for what is in them.
 */
#ifndef CBPF_SYMBOL_FILES_H
#define CBPF_SYMBOL_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct symbol_files;

/* Of targets 0 to @n_targets - 1. 0 or -ENOMEM. */
int symbol_files_open(size_t n_targets, struct symbol_files **ret);

/* What @target has as its root, a directory descriptor, which is stolen. The first one stays. */
void symbol_files_root(struct symbol_files *f, uint32_t target, int root);
bool symbol_files_has_root(const struct symbol_files *f, uint32_t target);

/*
 * Open @path, as the process that has @root (a directory descriptor, borrowed; -1: its target's) sees it, if
 * it is not yet open for @target. What cannot be opened is tried again when asked for again.
 */
void symbol_files_want(struct symbol_files *f, uint32_t target, int root, const char *path);

/*
 * The function of @path that has the byte at @offset of it. NULL: unknown. As long as @f.
 */
const char *symbol_files_at(struct symbol_files *f, uint32_t target, const char *path,
			    uint64_t offset);

/* How many are open; and how many of those asked for could not be. */
size_t symbol_files_count(const struct symbol_files *f);
size_t symbol_files_missing(const struct symbol_files *f);

void symbol_files_close(struct symbol_files *f); /* takes NULL */

#endif
