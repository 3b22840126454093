// SPDX-License-Identifier: Apache-2.0
/*
 * What a context switch costs while events are counted, for the bench:
 *   drive_switch none|bpf|cgroup EVENTS CGROUPS SWITCHES
 * Two tasks in different cgroups hand each other a byte on CPU 0. bpf: the perf probe has that many targets;
 * cgroup: that many events are open for each cgroup, on CPU 0 alone. Prints the CPU time of the two per
 * switch, in ns. Exit status: 0, 1 when something failed, 2 for usage.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/fd_limit.h"
#include "base/strlist.h"
#include "host/cgroup.h"
#include "probe/perf.h"
#include "probe/targets.h"

#define MAX_CGROUPS 1000
#define EACH_HOLDS 4000 /* events that one process has open */

static char *event_names[] = { (char *)"task-clock",	   (char *)"page-faults",
			       (char *)"context-switches", (char *)"cpu-clock",
			       (char *)"minor-faults",	   (char *)"cpu-migrations",
			       (char *)"major-faults",	   (char *)"alignment-faults" };

static struct {
	char parent[PATH_MAX];
	size_t n;
	pid_t holders[16];
	size_t n_holders;
} d;

__attribute__((format(printf, 1, 2), noreturn)) static void die(const char *fmt, ...)
{
	va_list ap;

	fputs("drive_switch: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

static void path_of(size_t i, char *path, size_t size)
{
	snprintf(path, size, "%s/%zu", d.parent, i);
}

static void leave(void)
{
	char path[PATH_MAX + 16];

	for (size_t i = 0; i < d.n_holders; i++) {
		kill(d.holders[i], SIGKILL);
		waitpid(d.holders[i], NULL, 0);
	}
	for (size_t i = 0; i < d.n; i++) {
		path_of(i, path, sizeof(path));
		rmdir(path);
	}
	if (*d.parent)
		rmdir(d.parent);
}

static int dir_of(size_t i)
{
	char path[PATH_MAX + 16];
	int fd;

	path_of(i, path, sizeof(path));
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		die("%s: %s", path, strerror(errno));
	return fd;
}

static void make_cgroups(const struct cgroup_layout *layout, size_t n)
{
	char path[PATH_MAX + 16];

	snprintf(d.parent, sizeof(d.parent), "%.400s/drive_switch-%d", layout->v2, getpid());
	atexit(leave);
	if (mkdir(d.parent, 0755))
		die("%s: %s", d.parent, strerror(errno));
	for (; d.n < n; d.n++) {
		path_of(d.n, path, sizeof(path));
		if (mkdir(path, 0755))
			die("%s: %s", path, strerror(errno));
	}
}

static void open_probe(const struct cgroup_layout *layout, size_t n_events)
{
	const struct str_list events = { .v = event_names, .n = n_events };
	const struct perf_config config = { .backend = PERF_BPF, .events = &events, .all = true };
	struct probe_targets *targets;
	struct perf_probe *probe;
	struct err err = { 0 };

	if (probe_targets_open(d.n, &targets, &err) ||
	    perf_probe_open(targets, &config, &probe, &err))
		die("%s", err.text);
	for (size_t i = 0; i < d.n; i++) {
		struct cgroup_ref ref = { 0 };

		path_of(i, ref.v2, sizeof(ref.v2));
		cgroup_ref_ids(layout, &ref);
		if (probe_targets_add(targets, i, ref.default_id, cgroup_level(layout, &ref)))
			die("%s is no target", ref.v2);
	}
}

/* Events of some cgroups, held open by a process of their own. */
static void hold_events(size_t first, size_t end, size_t n_events)
{
	const struct perf_event_env env = { .pmus = -1, .cpuinfo = PERF_EVENT_CPUINFO };
	int fds[2];
	char byte = 1;

	if (pipe2(fds, O_CLOEXEC))
		die("pipe: %s", strerror(errno));
	d.holders[d.n_holders] = fork();
	if (!d.holders[d.n_holders]) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (size_t i = first; i < end; i++) {
			int dir = dir_of(i);

			for (size_t e = 0; e < n_events; e++) {
				struct perf_event event;
				struct err err;

				if (perf_event_parse(&env, event_names[e], &event, &err) ||
				    perf_event_open_cpu(&event, 0, dir) < 0)
					_exit(1);
			}
			close(dir);
		}
		(void)!write(fds[1], &byte, 1);
		pause();
		_exit(0);
	}
	d.n_holders++;
	close(fds[1]);
	if (read(fds[0], &byte, 1) != 1)
		die("events of cgroups cannot be opened");
	close(fds[0]);
}

static pid_t fork_in(int dir)
{
	struct clone_args args = { .flags = CLONE_INTO_CGROUP,
				   .exit_signal = SIGCHLD,
				   .cgroup = dir };
	pid_t pid = syscall(SYS_clone3, &args, sizeof(args));

	if (pid < 0)
		die("clone3: %s", strerror(errno));
	return pid;
}

static void hand_over(int from, int to, uint64_t n)
{
	char byte = 0;

	for (uint64_t i = 0; i < n; i++)
		if (read(from, &byte, 1) != 1 || write(to, &byte, 1) != 1)
			_exit(1);
	_exit(0);
}

static double measure(uint64_t switches)
{
	struct rusage before, after;
	cpu_set_t cpu;
	int there[2], back[2], dirs[2] = { dir_of(0), dir_of(d.n - 1) };
	pid_t pids[2];
	int status = 0, bad = 0;

	CPU_ZERO(&cpu);
	CPU_SET(0, &cpu);
	if (sched_setaffinity(0, sizeof(cpu), &cpu) || pipe(there) || pipe(back))
		die("%s", strerror(errno));
	getrusage(RUSAGE_CHILDREN, &before);
	for (int i = 0; i < 2; i++) {
		/* With one cgroup the other task is in none of them. */
		pids[i] = i && d.n == 1 ? fork() : fork_in(dirs[i]);
		if (!pids[i])
			hand_over(i ? back[0] : there[0], i ? there[1] : back[1], switches / 2);
	}
	if (write(there[1], "", 1) != 1)
		die("%s", strerror(errno));
	for (int i = 0; i < 2; i++) {
		waitpid(pids[i], &status, 0);
		bad |= status;
	}
	if (bad)
		die("a task has failed");
	getrusage(RUSAGE_CHILDREN, &after);
	return ((after.ru_utime.tv_sec - before.ru_utime.tv_sec + after.ru_stime.tv_sec -
		 before.ru_stime.tv_sec) *
			1e9 +
		(after.ru_utime.tv_usec - before.ru_utime.tv_usec + after.ru_stime.tv_usec -
		 before.ru_stime.tv_usec) *
			1e3) /
	       switches;
}

int main(int argc, char **argv)
{
	size_t events = argc == 5 ? strtoul(argv[2], NULL, 10) : 0;
	size_t n = argc == 5 ? strtoul(argv[3], NULL, 10) : 0;
	struct cgroup_layout layout;
	struct err err;

	if (!events || events > ARRAY_SIZE(event_names) || !n || n > MAX_CGROUPS) {
		fputs("usage: drive_switch none|bpf|cgroup EVENTS CGROUPS SWITCHES\n", stderr);
		return 2;
	}
	fd_limit_raise(EACH_HOLDS);
	if (cgroup_layout_read(&layout, &err))
		die("%s", err.text);
	make_cgroups(&layout, n);
	if (!strcmp(argv[1], "bpf"))
		open_probe(&layout, events);
	for (size_t i = 0, some = EACH_HOLDS / events; !strcmp(argv[1], "cgroup") && i < n;
	     i += some)
		hold_events(i, i + some < n ? i + some : n, events);
	printf("%.0f\n", measure(strtoull(argv[4], NULL, 10)));
	return 0;
}
