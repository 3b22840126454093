// SPDX-License-Identifier: Apache-2.0
/* A fork that drops all that was ours, so that nothing of ours waits for it. */
#include "base/aside.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"

#define END_STEP_NS NSEC_PER_MSEC
#define END_STEPS 200

/* Nothing of ours: no signals, no output, no files, no directory that could not be unmounted. */
static bool leave_all(const char *name, int sock)
{
	sigset_t all;
	int null = open("/dev/null", O_RDWR);

	sigfillset(&all);
	(void)prctl(PR_SET_NAME, name);
	if (sigprocmask(SIG_SETMASK, &all, NULL) || chdir("/") || null < 0)
		return false;
	for (int i = 0; i < ASIDE_SOCK; i++)
		if (dup2(null, i) < 0)
			return false;
	if (sock != ASIDE_SOCK && dup2(sock, ASIDE_SOCK) < 0)
		return false;
	return !syscall(SYS_close_range, ASIDE_SOCK + 1, ~0u, 0);
}

/* Maps of BPF that are mapped in ours would live as long as a thread here that does not come back. */
static void unmap_bpf(void)
{
	cleanup_fclose FILE *maps = fopen("/proc/self/maps", "re");
	cleanup_free char *line = NULL;
	unsigned long from, to;
	size_t size = 0;

	while (maps && getline(&line, &size, maps) > 0)
		if (strstr(line, "anon_inode:bpf-map") && sscanf(line, "%lx-%lx", &from, &to) == 2)
			(void)munmap((void *)from, to - from);
}

int aside_start(const char *name, int type, void (*main)(void *arg), void *arg, int *ret_sock,
		pid_t *ret_pid)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair))
		return -errno;
	pid = fork();
	if (!pid) {
		if (leave_all(name, pair[1])) {
			unmap_bpf();
			main(arg);
		}
		_exit(0);
	}
	close(pair[1]);
	if (pid < 0) {
		int code = -errno;

		close(pair[0]);
		return code;
	}
	*ret_sock = pair[0];
	*ret_pid = pid;
	return 0;
}

static bool is_gone(pid_t pid)
{
	for (int i = 0; i < END_STEPS; i++) {
		if (waitpid(pid, NULL, WNOHANG))
			return true;
		clock_sleep_until(clock_mono_ns() + END_STEP_NS);
	}
	return false;
}

void aside_end(int sock, pid_t pid)
{
	close(sock);
	if (is_gone(pid))
		return;
	kill(pid, SIGKILL);
	(void)is_gone(pid); /* or it hangs in the kernel: init takes it */
}

void aside_cost(pid_t pid, uint64_t *ret_cpu_ns, uint64_t *ret_rss_max_bytes)
{
	char path[64], text[4096];
	struct timespec t;
	const char *hwm;
	clockid_t clock;

	if (!clock_getcpuclockid(pid, &clock) && !clock_gettime(clock, &t))
		*ret_cpu_ns = (uint64_t)t.tv_sec * NSEC_PER_SEC + (uint64_t)t.tv_nsec;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	if (fs_read_at(AT_FDCWD, path, text, sizeof(text)))
		return;
	hwm = strstr(text, "\nVmHWM:");
	if (hwm)
		*ret_rss_max_bytes = 1024ull * strtoull(hwm + strlen("\nVmHWM:"), NULL, 10);
}
