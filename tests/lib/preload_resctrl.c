// SPDX-License-Identifier: Apache-2.0
/*
 * Preloaded into cbpf: mount(2) of resctrl serves the one that FUSE plays, whose program and options are in
 * FAKE_RESCTRL, and umount(2) ends it. FAKE_RESCTRL_ERRNO: mounting fails with that.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

static int run(const char *command)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		unsetenv("LD_PRELOAD");
		execl("/bin/sh", "sh", "-c", command, NULL);
		_exit(127);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0 ? 0 : -1;
}

int mount(const char *source, const char *target, const char *type, unsigned long flags,
	  const void *data)
{
	int (*next)(const char *, const char *, const char *, unsigned long, const void *) =
		(int (*)(const char *, const char *, const char *, unsigned long,
			 const void *))dlsym(RTLD_NEXT, "mount");
	const char *program = getenv("FAKE_RESCTRL"), *code = getenv("FAKE_RESCTRL_ERRNO");
	char command[1024];

	if (!type || strcmp(type, "resctrl") || !program)
		return next(source, target, type, flags, data);
	if (code) {
		errno = atoi(code);
		return -1;
	}
	snprintf(command, sizeof(command),
		 "setsid %s %s >/dev/null 2>&1 3>&- & n=0; until [ -e %s/info ]; do sleep 0.05; "
		 "n=$((n + 1)); [ $n -lt 200 ] || exit 1; done",
		 program, target, target);
	errno = EIO;
	return run(command);
}

int umount(const char *target)
{
	char command[1024];

	snprintf(command, sizeof(command), "fusermount3 -u %s", target);
	errno = EBUSY;
	return run(command);
}
