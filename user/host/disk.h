/* SPDX-License-Identifier: Apache-2.0 */
/* The whole disk behind a device node, a file or a directory: what I/O limits apply to. */
#ifndef CBPF_HOST_DISK_H
#define CBPF_HOST_DISK_H

#include <sys/types.h>

struct err;

struct disk {
	unsigned int major, minor;
	char node[64]; /* "/dev/vda" */
};

/*
 * @path is a block device (a partition stands for its disk) or lies on one.
 * -ENODEV with words when no single block device is behind it (tmpfs, overlay,
 * NFS).
 */
int disk_of_path(const char *path, struct disk *ret, struct err *err);

/*
 * The same below other roots, for tests: @sys is "/sys", @mountinfo
 * "/proc/self/mountinfo".
 */
int disk_of_dev(const char *sys, const char *mountinfo, dev_t dev, struct disk *ret);

/*
 * The disk below the file system that the absolute @path lies on, by the mount
 * table alone: the path itself, which may be on a server that does not answer, is
 * not touched. -ENODEV: a file system in memory or on a network, -ENOENT: unknown.
 */
int disk_of_mount(const char *sys, const char *mountinfo, const char *path, struct disk *ret);

#endif
