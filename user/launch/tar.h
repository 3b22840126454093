/* SPDX-License-Identifier: Apache-2.0 */
/* A tar archive (ustar) of a few small files, as engines take it; pure. */
#ifndef CBPF_LAUNCH_TAR_H
#define CBPF_LAUNCH_TAR_H

#include <stddef.h>
#include <sys/types.h>

struct buf;

struct tar_entry {
	const char *
		path; /* of at most 99 characters, relative; of a directory with a slash at its end */
	mode_t mode; /* permissions */
	uid_t uid;
	gid_t gid;
	const char *data; /* of a file */
	size_t len;
};

/* Appended to @tar. 0, -ENAMETOOLONG, or what the buffer says. */
int tar_add(struct buf *tar, const struct tar_entry *e);
/* After the last entry. */
int tar_end(struct buf *tar);

#endif
