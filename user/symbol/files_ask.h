/* SPDX-License-Identifier: Apache-2.0 */
/* What is said between the table of files and the process that touches them. */
#ifndef CBPF_SYMBOL_FILES_ASK_H
#define CBPF_SYMBOL_FILES_ASK_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "symbol/files.h"
#include "symbol/space.h"

#define ASK_OFFSETS 512 /* in one message */
#define ANSWER_NAME 256 /* bytes of a name, with its end */

enum ask_kind {
	ASK_ROOT, /* open the root of @pid, as @target's */
	ASK_OPEN, /* open what @pid has mapped */
	ASK_NAMES, /* of functions at offsets; the last time that the file is needed */
};

/* One message of a SOCK_SEQPACKET, whole. */
struct ask {
	uint32_t kind;
	uint32_t file; /* number */
	uint32_t target;
	uint32_t pid;
	uint32_t contained; /* ASK_ROOT: not before its root is another one than ours */
	uint32_t n, more; /* ASK_NAMES: of the offsets, and whether others follow */
	uint32_t fill;
	struct space_file id;
	uint64_t start, end; /* ASK_OPEN: where it is mapped */
	union {
		char path[PATH_MAX];
		uint64_t offsets[ASK_OFFSETS]; /* each once */
	};
};

struct answer {
	uint32_t kind, file, target;
	uint32_t lack; /* SYMBOL_LACKS: it is done */
	uint32_t first, n; /* ASK_NAMES: offsets that it is about, as asked; n is 0: it failed */
	uint32_t last; /* ASK_NAMES: no others follow */
	uint32_t bytes; /* of names, which follow, each NUL-terminated; "": none */
};

#define ANSWER_MAX (sizeof(struct answer) + ASK_OFFSETS * ANSWER_NAME)

/*
 * Start it: a process, so that what never comes back from a file system is not in ours, and can be
 * left behind. To be ended with aside_end(). @max files at once.
 */
int helper_start(size_t n_targets, size_t max, int *ret_sock, pid_t *ret_pid);

/* What is open in it. */
struct held {
	int fd; /* -1: not open */
	int64_t mtime_s, mtime_ns, bytes; /* as it was then */
	char *path;
	uint64_t *offsets;
	size_t n_offsets;
};

/* files_open.c: ASK_OPEN. @root: of the target; -1: unknown. SYMBOL_LACKS: @ret is open. May never return. */
enum symbol_lack held_open(const struct ask *a, int root, struct held *ret);
/* Was it written to since? */
int held_changed(const struct held *h);

#endif
