/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the table of files share. */
#ifndef CBPF_SYMBOL_FILES_TABLE_H
#define CBPF_SYMBOL_FILES_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "symbol/files.h"
#include "symbol/space.h"

struct ask;

#define FILES_MAX 65536 /* that are remembered, open or not */

enum state {
	IDLE, /* not open */
	ASKED, /* to be opened */
	OPEN,
	NAMING,
	NAMED
};

struct file {
	struct space_file id;
	uint32_t number, target; /* who wanted it first, or last in vain */
	enum state state;
	enum symbol_lack lack; /* SYMBOL_LACKS: none */
	uint64_t *
		offsets; /* that names are wanted of; in order, each once, when they are asked for */
	size_t n_offsets, cap, n_in_order;
	size_t *names; /* of each offset, where in the text; "": none. NULL: unknown */
	char path[];
};

struct root {
	bool asked, known;
	pid_t pid, gone; /* who was asked last; who was gone by then, as it still is; 0: nobody */
};

struct symbol_files {
	int sock; /* -1: its process is gone */
	pid_t pid;
	size_t n, count;
	size_t asked, naming; /* files in that state */
	size_t n_targets;
	size_t lacks[SYMBOL_LACKS];
	struct share *remembered, *opened;
	struct root *roots; /* of each target */
	void *tree; /* of tsearch() */
	struct buf text; /* names */
	struct file *files[FILES_MAX]; /* by number */
};

/* Why nothing is known of @file; SYMBOL_LACKS: something is. */
void files_lack(struct symbol_files *f, struct file *file, enum symbol_lack why);
/* False: the helper is gone. */
bool files_say(struct symbol_files *f, const struct ask *a);
/* What the helper has said; how many answers there were. Does not wait. */
size_t files_take_in(struct symbol_files *f);
/* Offsets, each once. */
void files_in_order(struct file *file);

#endif
