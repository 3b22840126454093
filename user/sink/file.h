/* SPDX-License-Identifier: Apache-2.0 */
/* A file of whole lines: what sinks that write files share. */
#ifndef CBPF_SINK_FILE_H
#define CBPF_SINK_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct err;
struct losses;
struct sink;
struct sink_file;

struct sink_file_form { /* what its lines are like */
	const char *const *starts; /* each begins as one of these; ends with NULL */
	bool timed; /* each ends in a time in ns; a newline before that is part of a text */
};

/*
 * The file is made when it is missing, locked against a second writer, and emptied unless
 * @append. Then a last line that was cut short by the end of an earlier writer is cut off, but
 * only when it begins as a line does, so that a file of somebody else stays as it is: -EEXIST.
 * -EBUSY: somebody else writes it.
 */
int sink_file_open(const char *path, bool append, const struct sink_file_form *form,
		   struct sink_file **ret, struct err *err);
/* Absolute, where that can be told; borrowed. */
const char *sink_file_path(const struct sink_file *f);
/* There was nothing in it when it was opened, or it keeps nothing (a pipe). */
bool sink_file_is_empty(const struct sink_file *f);
/* Where lines are put, each with its '\n'; to be followed by sink_file_put(). */
struct buf *sink_file_buf(struct sink_file *f);
/*
 * Writes the buffer when it is large. After a failure the file is again as it was at the last
 * flush, so that what is put again is not there twice.
 */
int sink_file_put(struct sink_file *f, struct err *err);
/* Everything is written, and on the disk (fsync). Failures as of sink_file_put(). */
int sink_file_flush(struct sink_file *f, struct err *err);
/* Drops what was not flushed. Takes NULL. */
void sink_file_close(struct sink_file *f);

/*
 * JSON Lines, an object per point: {"measurement": "cbpf_block", "time_ns": 1764155040123456789,
 * "tags": {"op": "read"}, "fields": {"ios": 12}}. What is no finite number is left out and text
 * that is no UTF-8 has its odd bytes as '?': both are told to @losses (borrowed).
 */
int file_jsonl_open(const char *path, bool append, struct losses *losses, struct sink **ret,
		    struct err *err);
/* InfluxDB's line protocol, as sink/line.h writes it; what that refuses is told to @losses (borrowed). */
int file_line_open(const char *path, bool append, struct losses *losses, struct sink **ret,
		   struct err *err);

#endif
