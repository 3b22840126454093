/* SPDX-License-Identifier: Apache-2.0 */
/* A file of whole lines: what sinks that write files share. */
#ifndef CBPF_SINK_FILE_H
#define CBPF_SINK_FILE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;
struct losses;
struct sink;
struct sink_file;

struct sink_file_form { /* what its lines are like */
	const char *const *starts; /* each begins as one of these; ends with NULL */
	bool timed; /* each ends in a time in ns; a newline before that is part of a text */
};

struct sink_file_config {
	const char *path; /* borrowed */
	bool append; /* else it is emptied */
	const atomic_bool *stop; /* borrowed: give up soon; may be NULL */
	uint64_t
		retry_for_ns; /* one that takes nothing for so long is given up for now; 0: never */
};

/*
 * The file is made when it is missing, locked against a second writer, and emptied unless it is
 * to be appended to. Then a last line that was cut short by the end of an earlier writer is cut
 * off, but only when it begins as a line does, so that a file of somebody else stays as it is:
 * -EEXIST. -EBUSY: somebody else writes it. -EAGAIN: it does not answer. A pipe is opened when
 * there is something to write. All of it is done by another process: see sink/writer.h.
 */
int sink_file_open(const struct sink_file_config *config, const struct sink_file_form *form,
		   struct sink_file **ret, struct err *err);
/* Absolute, where that can be told; borrowed. */
const char *sink_file_path(const struct sink_file *f);
/* There was nothing in it when it was opened, or it keeps nothing (a pipe). */
bool sink_file_is_empty(const struct sink_file *f);
/* Where lines are put, each with its '\n'; to be followed by sink_file_put(). */
struct buf *sink_file_buf(struct sink_file *f);
/*
 * Hands the buffer over when it is large. After a failure what was not flushed is dropped, and
 * what is put before sink_file_resume() is, too. -EAGAIN and -ECANCELED as in sink_ops.
 */
int sink_file_put(struct sink_file *f, struct err *err);
/* Everything is written, and on the disk (fsync). Failures as of sink_file_put(). */
int sink_file_flush(struct sink_file *f, struct err *err);
/* Bytes before the end of what was flushed; at first, of the file. */
int64_t sink_file_position(const struct sink_file *f);
/*
 * Drops what was not flushed. What is put next is what came after the first @position bytes,
 * and is left as it is as far as it is there already: a line is never there twice. What is there
 * of others stays. -ESTALE: the file was never so long.
 */
int sink_file_resume(struct sink_file *f, int64_t position, struct err *err);
/* Of the process that writes, in ns; 0: unknown. */
uint64_t sink_file_cpu_ns(const struct sink_file *f);
/* Drops what was not flushed. Takes NULL. */
void sink_file_close(struct sink_file *f);

/*
 * JSON Lines, an object per point: {"measurement": "cbpf_block", "time_ns": 1764155040123456789,
 * "tags": {"op": "read"}, "fields": {"ios": 12}}. What is no finite number is left out and text
 * that is no UTF-8 has its odd bytes as '?': both are told to @losses (borrowed).
 */
int file_jsonl_open(const struct sink_file_config *config, struct losses *losses, struct sink **ret,
		    struct err *err);
/* InfluxDB's line protocol, as sink/line.h writes it; what that refuses is told to @losses (borrowed). */
int file_line_open(const struct sink_file_config *config, struct losses *losses, struct sink **ret,
		   struct err *err);

#endif
