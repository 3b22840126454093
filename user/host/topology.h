/* SPDX-License-Identifier: Apache-2.0 */
/* What a block device is made of: loop, dm, md, bcache, NVMe heads, down to the disks. */
#ifndef CBPF_HOST_TOPOLOGY_H
#define CBPF_HOST_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum device_kind {
	DEVICE_DISK,
	DEVICE_PARTITION,
	DEVICE_LOOP,
	DEVICE_DM,
	DEVICE_MD,
	DEVICE_NVME_HEAD, /* one namespace, reached by the paths nvmeXcYnZ */
	DEVICE_BCACHE,
	DEVICE_ZRAM, /* in memory: made of no other */
	DEVICE_RAM,
	DEVICE_STACKED, /* of another make, on top of others */
};

const char *device_kind_name(enum device_kind kind); /* "disk", "nvme-head" */
/* Does I/O to such a device appear again at others, so that the two must not be added up? */
bool device_kind_is_stacked(enum device_kind kind);

/*
 * What /sys/dev/block/@major:@minor is; @sysfd is /sys/dev/block. No allocation.
 * A device that is not there is a disk, unless its number says otherwise.
 */
enum device_kind topology_kind(int sysfd, uint32_t major, uint32_t minor);

/* Answers of topology_kind(), remembered: for use in each tick. */
#define TOPOLOGY_CACHE 256

struct topology_cache {
	int sysfd; /* owned; -1 when sysfs is not there */
	size_t n;
	struct {
		uint32_t major, minor;
		enum device_kind kind;
	} v[TOPOLOGY_CACHE];
};

void topology_cache_init(struct topology_cache *c);
enum device_kind topology_cache_kind(struct topology_cache *c, uint32_t major, uint32_t minor);
void topology_cache_fini(struct topology_cache *c);

#define TOPOLOGY_MAX 64 /* devices below one that are followed */
#define TOPOLOGY_NAME 32 /* bytes, as in struct diskstats */

/* Names are those of /proc/diskstats. A partition stands for its disk. */
struct topology {
	enum device_kind kind;
	char label[256]; /* dm: name and type; md: level; loop: the backing file; "" for others */
	/*
	 * All that is below was found. Without it the lists may be short: a loop device
	 * without a file, or whose file's disk cannot be told; more than TOPOLOGY_MAX devices.
	 */
	bool complete;
	size_t n_lower, n_leaves;
	char lower[TOPOLOGY_MAX][TOPOLOGY_NAME]; /* one step down */
	char leaves[TOPOLOGY_MAX][TOPOLOGY_NAME]; /* all the way down; none for a leaf itself */
};

/*
 * @sys is "/sys" and @mountinfo "/proc/self/mountinfo", or what plays them in a
 * test. Neither a device nor the file of a loop device is opened. A loop device
 * made in another mount namespace is taken for one of ours. -ENODEV: no such device.
 */
int topology_read(const char *sys, const char *mountinfo, uint32_t major, uint32_t minor,
		  struct topology *ret);

#endif
