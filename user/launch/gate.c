// SPDX-License-Identifier: Apache-2.0
/* FIFOs as gates: opening one to write works only while a reader waits. */
#include "launch/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "plan/plan.h"

#define SCRIPT "phases.sh"
#define SCRIPT_MAX (64 << 20)

int gates_script(const struct spec_ior *ior, const struct plan_ior *how, const char *dir,
		 const char *seen_dir, struct str_list *argv, struct err *err)
{
	cleanup_buf struct buf script = BUF_INIT(SCRIPT_MAX);
	cleanup_free char *path = fs_join(dir, SCRIPT);
	int rc = plan_ior_script(ior, how, seen_dir, &script, err);

	if (rc)
		return rc;
	rc = path ? fs_create_at(AT_FDCWD, path, buf_str(&script), script.len) : -ENOMEM;
	rc = rc ?: str_list_add(argv, "/bin/sh");
	rc = rc ?: str_list_addf(argv, "%s/" SCRIPT, seen_dir);
	return rc ? err_set(err, rc, "writing the script of phases to %s", dir) : 0;
}

int gates_make(const char *dir, size_t n, struct err *err)
{
	char path[PATH_MAX];

	for (size_t k = 0; k < n; k++) {
		int rc = plan_ior_gate(dir, k, path, sizeof(path));

		if (!rc && (mkfifo(path, 0644) || chmod(path, 0644)))
			rc = -errno;
		if (rc)
			return err_set(err, rc, "making a gate in %s", dir);
	}
	return 0;
}

int gate_try(const char *dir, size_t k)
{
	char path[PATH_MAX];
	int fd, rc = plan_ior_gate(dir, k, path, sizeof(path));

	if (rc)
		return rc;
	fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	return errno == ENXIO || errno == EINTR ? -EAGAIN : -errno;
}

/* Who waited may be gone: that is no reason to die of SIGPIPE. */
void gate_say(int fd, const char *word)
{
	struct timespec now = { 0 };
	sigset_t pipe, old;
	char line[32];
	int len = snprintf(line, sizeof(line), "%s\n", word);

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe, &old);
	if (write(fd, line, len) < 0 && errno == EPIPE)
		(void)sigtimedwait(&pipe, NULL, &now);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	close(fd);
}

void gates_remove(const char *dir, size_t n)
{
	static const char *const others[] = { SCRIPT, "stonewall" };
	char path[PATH_MAX];

	for (size_t k = 0; k < n; k++)
		if (!plan_ior_gate(dir, k, path, sizeof(path)))
			(void)unlink(path);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (snprintf(path, sizeof(path), "%s/%s", dir, others[i]) < (int)sizeof(path))
			(void)unlink(path);
}
