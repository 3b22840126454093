// SPDX-License-Identifier: Apache-2.0
/* st_dev names a partition, or for btrfs nothing at all: sysfs and mountinfo know the disk. */
#include "host/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"

static int name_of(const char *dir, struct disk *disk)
{
	char text[1024], *line, *rest = text;
	int rc, dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dirfd < 0)
		return -ENODEV;
	rc = fs_read_at(dirfd, "uevent", text, sizeof(text));
	close(dirfd);
	while (!rc && (line = strsep(&rest, "\n")))
		if (!strncmp(line, "DEVNAME=", 8)) {
			snprintf(disk->node, sizeof(disk->node), "/dev/%.50s", line + 8);
			return 0;
		}
	return -ENODEV;
}

/* Source of the mount of an anonymous device: its "major:minor" is that of @dev. */
static int source_of_anonymous(const char *mountinfo, dev_t dev, dev_t *ret)
{
	cleanup_fclose FILE *f = fopen(mountinfo, "re");
	char line[8192], source[PATH_MAX];
	struct stat st;

	while (f && fgets(line, sizeof(line), f)) {
		unsigned int ma, mi;
		const char *after = strstr(line, " - ");

		if (sscanf(line, "%*d %*d %u:%u ", &ma, &mi) != 2 || makedev(ma, mi) != dev)
			continue;
		if (!after || sscanf(after, " - %*s %4095s", source) != 1)
			continue;
		if (*source == '/' && !stat(source, &st) && S_ISBLK(st.st_mode)) {
			*ret = st.st_rdev;
			return 0;
		}
	}
	return -ENODEV;
}

int disk_of_dev(const char *sys, const char *mountinfo, dev_t dev, struct disk *ret)
{
	char dir[PATH_MAX], part[PATH_MAX + 16], text[64];
	struct disk disk = { 0 };
	int rc;

	if (!major(dev)) {
		rc = source_of_anonymous(mountinfo, dev, &dev);
		if (rc)
			return rc;
	}
	snprintf(dir, sizeof(dir), "%.2000s/dev/block/%u:%u", sys, major(dev), minor(dev));
	snprintf(part, sizeof(part), "%s/partition", dir);
	if (!access(part, F_OK))
		strcat(dir, "/..");
	snprintf(part, sizeof(part), "%s/dev", dir);
	rc = fs_read_at(AT_FDCWD, part, text, sizeof(text));
	if (rc || sscanf(text, "%u:%u", &disk.major, &disk.minor) != 2)
		return -ENODEV;
	rc = name_of(dir, &disk);
	if (!rc)
		*ret = disk;
	return rc;
}

/* Is @path at or below mount point @point, in which mountinfo writes odd bytes as \\ooo? */
static bool is_below(const char *path, const char *point)
{
	const char *start = path;

	for (; *point; point++, path++) {
		unsigned char c = *point;

		if (c == '\\' && point[1] && point[2] && point[3]) {
			c = (point[1] - '0') << 6 | (point[2] - '0') << 3 | (point[3] - '0');
			point += 3;
		}
		if ((unsigned char)*path != c)
			return false;
	}
	return *path == '\0' || *path == '/' || (path > start && path[-1] == '/');
}

/* File systems whose files are on no disk of this host. */
static bool is_diskless(const char *type)
{
	static const char *const types[] = { "tmpfs", "ramfs", "nfs",  "nfs4",	  "cifs",
					     "smb3",  "9p",    "ceph", "virtiofs" };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (!strcmp(types[i], type))
			return true;
	return false;
}

int disk_of_mount(const char *sys, const char *mountinfo, const char *path, struct disk *ret)
{
	cleanup_fclose FILE *f = fopen(mountinfo, "re");
	char line[8192], point[PATH_MAX], type[64] = "";
	unsigned int best_major = 0, best_minor = 0;
	size_t best = 0;
	int rc;

	while (f && fgets(line, sizeof(line), f)) {
		const char *after = strstr(line, " - ");
		unsigned int ma, mi;

		if (!after || sscanf(line, "%*d %*d %u:%u %*s %4095s", &ma, &mi, point) != 3 ||
		    !is_below(path, point) || strlen(point) < best)
			continue;
		/* Of two mounts on one point the later hides the earlier. */
		best = strlen(point);
		best_major = ma;
		best_minor = mi;
		if (sscanf(after, " - %63s", type) != 1)
			type[0] = '\0';
	}
	if (!best)
		return -ENOENT;
	rc = disk_of_dev(sys, mountinfo, makedev(best_major, best_minor), ret);
	/* An overlay has a disk below it, and which one is not to be seen from here. */
	return rc && !is_diskless(type) ? -ENOENT : rc;
}

int disk_of_path(const char *path, struct disk *ret, struct err *err)
{
	struct stat st;
	int rc;

	if (stat(path, &st))
		return err_set(err, -errno, "finding the disk of '%s'", path);
	rc = disk_of_dev("/sys", "/proc/self/mountinfo",
			 S_ISBLK(st.st_mode) ? st.st_rdev : st.st_dev, ret);
	if (rc)
		return err_say(err, rc,
			       "'%s' is on no block device of its own: name the one to limit with "
			       "`io: {device: /dev/...}`",
			       path);
	return 0;
}
