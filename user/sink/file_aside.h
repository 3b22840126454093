/* SPDX-License-Identifier: Apache-2.0 */
/* The other process of a file of lines. */
#ifndef CBPF_SINK_FILE_ASIDE_H
#define CBPF_SINK_FILE_ASIDE_H

#include <stdbool.h>

struct sink_file_form;

struct file_asked {
	const char *path; /* by writer_path() */
	const char *name; /* for messages */
	bool append;
	const struct sink_file_form *form;
};

/*
 * For writer_start(), with a struct file_asked. Says of itself, number 0: whether the file is
 * regular and empty, where it ends (position), and what it is called (text; "": that cannot be
 * told). WRITER_DATA is written; WRITER_FLUSH answers where what was given ends; WRITER_BACK drops
 * what was not flushed, and what is given next is what came after its position, where it may be
 * already: then it is left as it is. Position -1: at the end.
 */
void file_aside(void *asked);

#endif
