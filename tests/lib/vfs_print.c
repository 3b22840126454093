// SPDX-License-Identifier: Apache-2.0
/* The counts of drive_vfs as JSON, in the shape of a report's. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "vfs_counts.h"

static const char *const op_names[VFS_OPS] = {
	"read",	    "write",  "fsync",	    "open",	   "close",	  "stat",
	"getdents", "rename", "unlink",	    "mkdir",	   "truncate",	  "fallocate",
	"copy",	    "fault",  "uring_read", "uring_write", "uring_other",
};

struct text {
	char *to;
	size_t n;
};

__attribute__((format(printf, 2, 3))) static void put(struct text *t, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(t->to + t->n, VFS_JSON_BYTES - t->n, format, args);
	va_end(args);
	vfs_check(n >= 0 && (size_t)n < VFS_JSON_BYTES - t->n, "more to print than there is room");
	t->n += n;
}

/* Calls that began and were never seen to end may have been made, or not. */
static void put_tally(struct text *t, const struct vfs_tally *c)
{
	const char *comma = "";
	uint64_t errors = 0;

	put(t, "{\"calls\": %lu, \"bytes\": %lu, \"errnos\": {", c->calls, c->bytes);
	for (int i = 1; i < VFS_ERRNOS; i++) {
		if (!c->errnos[i])
			continue;
		put(t, "%s\"%s\": %lu", comma, strerrorname_np(i), c->errnos[i]);
		comma = ", ";
		errors += c->errnos[i];
	}
	put(t, "}, \"errors\": %lu", errors);
	if (c->begun > c->calls)
		put(t, ", \"calls_max\": %lu, \"bytes_max\": %lu", c->begun,
		    c->bytes + c->may_move);
	put(t, "}");
}

void vfs_print(char to[VFS_JSON_BYTES])
{
	struct text t = { .to = to };
	const char *comma = "";

	put(&t, "{\"vfs\": {");
	for (int i = 0; i < VFS_OPS; i++) {
		if (!vfs_counts->ops[i].begun)
			continue;
		put(&t, "%s\"%s\": ", comma, op_names[i]);
		put_tally(&t, &vfs_counts->ops[i]);
		comma = ",\n ";
	}
	put(&t, "},\n\"syscalls\": {");
	comma = "";
	for (int i = 0; i < VFS_SYSCALLS; i++) {
		if (!vfs_counts->syscalls[i].begun)
			continue;
		put(&t, "%s\"%d\": ", comma, i);
		put_tally(&t, &vfs_counts->syscalls[i]);
		comma = ",\n ";
	}
	put(&t, "},\n\"skipped\": \"%s\"}", vfs_counts->skipped);
	memset(to + t.n, ' ', VFS_JSON_BYTES - t.n);
	to[VFS_JSON_BYTES - 1] = '\n';
}
