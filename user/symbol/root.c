// SPDX-License-Identifier: Apache-2.0
/* openat2(2) that stays below a root. */
#include "symbol/root.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"

/* The kernel gives up with EAGAIN when something was renamed while it followed "..". */
#define TRIES 8

static int find(int root, const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	long fd = -1;

	for (int i = 0; i < TRIES; i++) {
		fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	return fd < 0 ? -errno : (int)fd;
}

/* Open for reading what @found is. */
static int reopen(int found)
{
	char link[64];
	struct stat st;
	int fd;

	if (fstat(found, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	/* The file that was looked at, whatever has its name by now; a lease on it does not hold us up. */
	snprintf(link, sizeof(link), "/proc/self/fd/%d", found);
	fd = open(link, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	return fd < 0 ? -errno : fd;
}

int root_open(int root, const char *path)
{
	cleanup_close int found = find(root, path);

	return found < 0 ? found : reopen(found);
}

int root_open_mapping(int process, uint64_t start, uint64_t end)
{
	char name[64];

	snprintf(name, sizeof(name), "map_files/%" PRIx64 "-%" PRIx64, start, end);
	cleanup_close int found = openat(process, name, O_PATH | O_CLOEXEC);

	return found < 0 ? -errno : reopen(found);
}
