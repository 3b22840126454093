/* SPDX-License-Identifier: Apache-2.0 */
/* `volumes:` entries as the mounts that an engine makes of them. */
#ifndef CBPF_LAUNCH_DOCKER_MOUNT_H
#define CBPF_LAUNCH_DOCKER_MOUNT_H

#include <limits.h>
#include <stdbool.h>

struct err;

enum docker_mount_type { MOUNT_BIND, MOUNT_VOLUME, MOUNT_TMPFS };

struct docker_mount {
	enum docker_mount_type type;
	char source[PATH_MAX]; /* a path for binds, a name for volumes, "" for tmpfs */
	char target[PATH_MAX];
	bool read_only;
};

/*
 * "SRC:DEST[:ro|:rw]": SRC is a path (absolute, or relative to the working
 * directory when it begins with a dot), "tmpfs", or the name of a volume.
 */
int docker_mount_parse(const char *text, struct docker_mount *ret, struct err *err);

/* What the API calls it. */
const char *docker_mount_type_name(enum docker_mount_type type);

#endif
