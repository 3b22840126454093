// SPDX-License-Identifier: Apache-2.0
/* uname, os-release and /proc. */
#include "host/machine.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fs.h"

/* The rest of the first line that starts with @key, without what is in @skip. */
static void find_line(const char *path, const char *key, const char *skip, char *text, size_t size)
{
	cleanup_buf struct buf b = BUF_INIT(1 << 20);
	const char *at;
	size_t n;

	if (fs_slurp_at(AT_FDCWD, path, &b))
		return;
	at = buf_str(&b);
	while (at && strncmp(at, key, strlen(key))) {
		at = strchr(at, '\n');
		at = at ? at + 1 : NULL;
	}
	if (!at)
		return;
	at += strlen(key);
	at += strspn(at, skip);
	n = strcspn(at, "\n\"");
	snprintf(text, size, "%.*s", (int)n, at);
}

void machine_read(struct machine *ret)
{
	struct utsname u;
	long cpus = sysconf(_SC_NPROCESSORS_ONLN), pages = sysconf(_SC_PHYS_PAGES);

	memset(ret, 0, sizeof(*ret));
	if (!uname(&u)) {
		snprintf(ret->hostname, sizeof(ret->hostname), "%s", u.nodename);
		snprintf(ret->kernel, sizeof(ret->kernel), "%s", u.release);
		snprintf(ret->arch, sizeof(ret->arch), "%s", u.machine);
	}
	find_line("/etc/os-release", "PRETTY_NAME", "=\"", ret->os, sizeof(ret->os));
	find_line("/proc/cpuinfo", "model name", "\t :", ret->cpu_model, sizeof(ret->cpu_model));
	ret->cpus = cpus > 0 ? cpus : 0;
	ret->memory_bytes = pages > 0 ? (uint64_t)pages * sysconf(_SC_PAGESIZE) : 0;
}
