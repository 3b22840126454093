/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What touches the files of sinks: a process of its own, so that a disk that hangs or a pipe that
 * nobody reads costs us no longer than we allow. It does what it is asked in turn.
 */
#ifndef CBPF_SINK_WRITER_H
#define CBPF_SINK_WRITER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct writer;

struct writer_limits {
	const atomic_bool *stop; /* borrowed: -ECANCELED soon after it is set; may be NULL */
	uint64_t stall_ns; /* -EAGAIN when nothing was taken for so long; 0: any time will do */
	uint64_t until_ns; /* -EAGAIN from this CLOCK_MONOTONIC on; 0: never */
};

#define WRITER_DATA_MAX 65536 /* bytes that are taken at once */
#define WRITER_TEXT_MAX 4096

enum writer_kind { WRITER_DATA, WRITER_FILE, WRITER_FLUSH, WRITER_BACK };

struct writer_ask {
	uint32_t kind;
	uint32_t number; /* the answer has it, too */
	int64_t position; /* of WRITER_BACK: bytes */
};

struct writer_answer {
	uint32_t number;
	int32_t code; /* 0 or -errno, and then the text says why */
	int64_t position; /* bytes */
	bool regular, empty;
	char text[WRITER_TEXT_MAX];
};

/* @main is in the other process, and gets @arg as it is now. */
int writer_start(const char *name, void (*main)(void *arg), void *arg,
		 const struct writer_limits *limits, struct writer **ret, struct err *err);
/* Hands over any number of bytes. -EIO: the other process is gone; or as writer_limits. */
int writer_data(struct writer *w, enum writer_kind kind, const void *data, size_t len,
		struct err *err);
int writer_back(struct writer *w, int64_t position, struct err *err);
/* Waits until all that was asked for is done. What fails there fails here. */
int writer_flush(struct writer *w, struct writer_answer *ret, struct err *err);
/* Waits for what it says of itself, number 0. */
int writer_hello(struct writer *w, struct writer_answer *ret, struct err *err);
/* Nanoseconds of CPU time; 0 when unknown. */
uint64_t writer_cpu_ns(const struct writer *w);
/* As aside_end(). Takes NULL. */
void writer_end(struct writer *w);

/*
 * For a process with "/" as its directory and no standard output: an absolute path, and in place
 * of what is named after the one who opens it (/dev/stdout), ours. NULL: no memory.
 */
char *writer_path(const char *path);

/* --- in the other process --- */

/* Waits for the next; false: nobody is there any more. @data has WRITER_DATA_MAX + 1 bytes. */
bool writer_next(struct writer_ask *ret, char *data, size_t *ret_len);
/* @err: why it failed, or NULL. */
void writer_say(const struct writer_answer *a, const struct err *err);

#endif
