// SPDX-License-Identifier: Apache-2.0
#include "symbol/files_remote.h"

#include <errno.h>
#include <linux/magic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>

#include "base/cleanup.h"

/* In linux/fs/, not for programs. */
#define CEPH_MAGIC 0x00c36400
#define LUSTRE_MAGIC 0x0bd00bd0
#define ORANGEFS_MAGIC 0x20030528

bool remote_type(const char *type)
{
	static const char *const types[] = {
		"fuse", "fuseblk", "virtiofs", "nfs",	   "nfs4",   "cifs",   "smb3", "ceph",
		"9p",	"afs",	   "coda",     "orangefs", "lustre", "beegfs", "gpfs", "ncpfs",
	};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (!strcmp(type, types[i]))
			return true;
	return !strncmp(type, "fuse.", 5) || !strncmp(type, "fuseblk.", 8);
}

/* "36 35 98:0 /root /where options shared:1 - type source options" */
static bool parse_line(const char *line, uint32_t major, uint32_t minor, char type[64])
{
	unsigned int of_major, of_minor;
	const char *end = strstr(line, " - ");

	return sscanf(line, "%*u %*u %u:%u", &of_major, &of_minor) == 2 && of_major == major &&
	       of_minor == minor && end && sscanf(end + 3, "%63s", type) == 1;
}

int remote_device(const char *mountinfo, uint32_t major, uint32_t minor)
{
	cleanup_fclose FILE *file = fopen(mountinfo, "re");
	cleanup_free char *line = NULL;
	size_t size = 0;
	char type[64];

	if (!file)
		return -errno;
	while (getline(&line, &size, file) > 0)
		if (parse_line(line, major, minor, type))
			return remote_type(type);
	return -ENOENT;
}

bool remote_open(int fd)
{
	struct statfs s;

	if (fstatfs(fd, &s))
		return true;
	switch ((unsigned long)s.f_type & 0xffffffff) {
	case FUSE_SUPER_MAGIC:
	case NFS_SUPER_MAGIC:
	case CIFS_SUPER_MAGIC:
	case SMB2_SUPER_MAGIC:
	case SMB_SUPER_MAGIC:
	case CEPH_MAGIC:
	case LUSTRE_MAGIC:
	case ORANGEFS_MAGIC:
	case AFS_SUPER_MAGIC:
	case CODA_SUPER_MAGIC:
	case NCP_SUPER_MAGIC:
	case V9FS_MAGIC: return true;
	default: return false;
	}
}
