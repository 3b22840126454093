/* SPDX-License-Identifier: Apache-2.0 */
/* What a backend (POSIX, MPIIO) does for the test: open, transfer, sync, close. */
#ifndef CBPF_IOR_BACKEND_H
#define CBPF_IOR_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct ior_options;

struct open_request {
	const struct ior_options *options; /* borrowed while the file is open */
	const char *path;
	bool write; /* create if missing; else read only */
	bool shared; /* all ranks open the same file */
	uint64_t file_bytes; /* size it will have, for preallocation */
	uint64_t block_start, segment_bytes; /* this task's share, for a file view */
};

/* Failures return a negative errno and say in @err what was attempted, where and why. */
struct backend {
	const char *name;
	void (*version)(char *text, size_t size); /* as IOR prints it; "" for none */
	/* On success @ret_file is the caller's, until close. */
	int (*open)(const struct open_request *req, void **ret_file, struct err *err);
	/* NULL, or what is left to do once all ranks have opened a shared file. */
	int (*prepare)(const struct open_request *req, void *file, struct err *err);
	/* On a shared file, open, prepare, sync and close wait for all ranks to call them. */
	bool meets;
	/*
	 * All @len bytes or a failure; end of file is one. In collective mode every rank must
	 * call equally often, with @len 0 when it has nothing to move.
	 */
	int (*write)(void *file, const void *data, size_t len, uint64_t offset, struct err *err);
	int (*read)(void *file, void *data, size_t len, uint64_t offset, struct err *err);
	int (*sync)(void *file, struct err *err);
	/* Frees @file whatever it returns. NULL is fine. */
	int (*close)(void *file, struct err *err);
};

extern const struct backend backend_posix, backend_mpiio;

const struct backend *backend_of(const struct ior_options *o);

#endif
