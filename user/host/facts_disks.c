// SPDX-License-Identifier: Apache-2.0
/* Facts of block devices: what they are and how their queues are set up. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "host/facts.h"
#include "host/topology.h"

#define SECTOR 512 /* of size, whatever the device's own are */

static void put_kind(json_t *disk, const char *sys, const char *dir)
{
	json_t *dev = fact_read(dir, "dev", FACT_TEXT);
	unsigned int major, minor;
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s/dev/block", sys);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && dev && sscanf(json_string_value(dev), "%u:%u", &major, &minor) == 2)
		fact_put(disk, "kind",
			 json_string(device_kind_name(topology_kind(fd, major, minor))));
	if (fd >= 0)
		close(fd);
	json_decref(dev);
}

/* NULL: it has no size, as a loop device without a file. */
static json_t *disk_facts(const char *sys, const char *dir, const char *name)
{
	static const struct fact facts[] = {
		{ "model", "device/model", FACT_TEXT },
		{ "firmware", "device/firmware_rev", FACT_TEXT },
		{ "firmware", "device/rev", FACT_TEXT },
		{ "node", "device/numa_node", FACT_NUMBER },
		{ "read_only", "ro", FACT_FLAG },
		{ "removable", "removable", FACT_FLAG },
		{ "rotational", "queue/rotational", FACT_FLAG },
		{ "scheduler", "queue/scheduler", FACT_CHOICE },
		{ "nr_requests", "queue/nr_requests", FACT_NUMBER },
		{ "read_ahead_kb", "queue/read_ahead_kb", FACT_NUMBER },
		{ "max_sectors_kb", "queue/max_sectors_kb", FACT_NUMBER },
		{ "logical_block_size", "queue/logical_block_size", FACT_NUMBER },
		{ "physical_block_size", "queue/physical_block_size", FACT_NUMBER },
		{ "discard_max_bytes", "queue/discard_max_bytes", FACT_NUMBER },
		{ "write_cache", "queue/write_cache", FACT_TEXT },
		{ "fua", "queue/fua", FACT_FLAG },
		{ "wbt_lat_usec", "queue/wbt_lat_usec", FACT_NUMBER },
		{ "nomerges", "queue/nomerges", FACT_NUMBER },
		{ "rq_affinity", "queue/rq_affinity", FACT_NUMBER },
		{ "io_poll", "queue/io_poll", FACT_NUMBER },
		{ "iostats", "queue/iostats", FACT_FLAG },
		{ "zoned", "queue/zoned", FACT_TEXT },
	};
	json_t *size = fact_read(dir, "size", FACT_NUMBER), *disk;
	json_int_t sectors = json_integer_value(size);

	json_decref(size);
	if (sectors <= 0)
		return NULL;
	disk = json_object();
	fact_put(disk, "name", json_string(name));
	put_kind(disk, sys, dir);
	fact_put(disk, "size_bytes", json_integer(sectors * SECTOR));
	facts_read(disk, dir, facts, ARRAY_SIZE(facts));
	return disk;
}

json_t *facts_disks(const struct facts_place *at)
{
	json_t *list = json_array();
	char dir[512], (*names)[64];
	size_t n;

	snprintf(dir, sizeof(dir), "%s/block", at->sys);
	facts_list(dir, "", &names, &n);
	for (size_t i = 0; i < n; i++) {
		char one[600];
		json_t *disk;

		snprintf(one, sizeof(one), "%s/%s", dir, names[i]);
		disk = disk_facts(at->sys, one, names[i]);
		if (disk)
			json_array_append_new(list, disk);
	}
	free(names);
	return list;
}
