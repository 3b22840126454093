// SPDX-License-Identifier: Apache-2.0
/*
 * Tasks whose events are known, and what the perf probe counts of them:
 *   drive_perf BACKEND CASE      (bpf, cgroup)
 * blocked   a task that has touched pages, slept and been preempted, and waits now: its own counts are
 *           those of /proc/PID
 * running   one that does not leave its CPU: its time before the read, as counted, and after it
 * short     many that live 20 ms each: their own times, summed, and what was counted
 * moved     one that is moved to another cgroup while it runs: the times that it spent in each
 * sum       what all targets and all others have, and what the CPUs have by events of this program's own
 * Prints one line of JSON, and one with how many switches the kernel did not tell of.
 *   drive_perf hold              an event of its own is open until it is killed
 * Exit status: 0, 1 when something failed, 2 for usage, 77 when this host has no such backend.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/loss.h"
#include "base/strlist.h"
#include "host/cgroup.h"
#include "probe/perf.h"
#include "probe/targets.h"

#define GROUPS 3

enum { TASK_CLOCK, SWITCHES, MIGRATIONS, FAULTS, MINOR, MAJOR, EVENTS };
static char *event_names[EVENTS] = { (char *)"task-clock",     (char *)"context-switches",
				     (char *)"cpu-migrations", (char *)"page-faults",
				     (char *)"minor-faults",   (char *)"major-faults" };

static struct drive {
	struct probe_targets *targets;
	struct perf_probe *probe;
	char dirs[GROUPS][PATH_MAX];
	int fds[GROUPS];
} d;

__attribute__((format(printf, 1, 2), noreturn)) static void die(const char *fmt, ...)
{
	va_list ap;

	fputs("drive_perf: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	if (clock_gettime(clock, &t))
		die("a clock: %s", strerror(errno));
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static void spin_ns(uint64_t ns)
{
	uint64_t end = clock_ns(CLOCK_MONOTONIC) + ns;

	while (clock_ns(CLOCK_MONOTONIC) < end)
		;
}

static void leave(void)
{
	for (size_t i = 0; i < GROUPS; i++)
		if (*d.dirs[i])
			rmdir(d.dirs[i]);
}

static void make_groups(void)
{
	struct cgroup_layout layout;
	struct err err;

	if (cgroup_layout_read(&layout, &err))
		die("%s", err.text);
	atexit(leave);
	for (size_t i = 0; i < GROUPS; i++) {
		struct cgroup_ref ref = { 0 };
		int rc;

		snprintf(d.dirs[i], sizeof(d.dirs[i]), "%s/drive_perf-%d-%zu", layout.v2, getpid(),
			 i);
		if (mkdir(d.dirs[i], 0755))
			die("%s: %s", d.dirs[i], strerror(errno));
		d.fds[i] = open(d.dirs[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		snprintf(ref.v2, sizeof(ref.v2), "%s", d.dirs[i]);
		cgroup_ref_ids(&layout, &ref);
		if (probe_targets_add(d.targets, i, ref.default_id, cgroup_level(&layout, &ref)))
			die("%s is no target", d.dirs[i]);
		rc = perf_probe_add(d.probe, i, d.dirs[i]);
		if (rc)
			die("the events of %s: %s", d.dirs[i], strerror(-rc));
	}
}

/* As fork(), and the child begins in group @i. */
static pid_t fork_in(size_t i)
{
	struct clone_args args = {
		.flags = CLONE_INTO_CGROUP,
		.exit_signal = SIGCHLD,
		.cgroup = d.fds[i],
	};
	pid_t pid = syscall(SYS_clone3, &args, sizeof(args));

	if (pid < 0)
		die("clone3: %s", strerror(errno));
	if (!pid)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid;
}

static uint64_t counted(size_t group, size_t event)
{
	struct perf_count c;

	if (!perf_probe_read(d.probe, group, event, &c))
		die("%s of group %zu is not counted", event_names[event], group);
	return c.value;
}

static uint64_t of_status(pid_t pid, const char *key)
{
	char path[64], line[256];
	unsigned long long value = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)))
			sscanf(line + strlen(key), ":%llu", &value);
	if (f)
		fclose(f);
	return value;
}

/* Fields of /proc/PID/stat; returns its state. */
static char of_stat(pid_t pid, uint64_t *minor, uint64_t *major)
{
	unsigned long long min = 0, maj = 0;
	char path[64], state = '?';
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	f = fopen(path, "re");
	if (!f || fscanf(f, "%*d (%*[^)]) %c %*d %*d %*d %*d %*d %*u %llu %*u %llu", &state, &min,
			 &maj) != 3)
		die("%s cannot be read", path);
	fclose(f);
	*minor = min;
	*major = maj;
	return state;
}

static uint64_t own_switches(pid_t pid)
{
	return of_status(pid, "voluntary_ctxt_switches") +
	       of_status(pid, "nonvoluntary_ctxt_switches");
}

#define PAGES 500
#define SLEEPS 100

static void be_blocked(int done)
{
	const struct timespec nap = { .tv_nsec = 200000 };
	char *at = mmap(NULL, PAGES * sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		_exit(1);
	for (size_t i = 0; i < PAGES; i++)
		at[i * sysconf(_SC_PAGESIZE)] = 1;
	for (size_t i = 0; i < SLEEPS; i++)
		nanosleep(&nap, NULL);
	for (size_t i = 0; i < 20; i++) {
		spin_ns(2000000);
		sched_yield();
	}
	if (write(done, "", 1) != 1)
		_exit(1);
	pause();
	_exit(0);
}

static void run_blocked(void)
{
	uint64_t minor, major, own, seen, before = 0;
	int fds[2];
	char byte;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		die("pipe: %s", strerror(errno));
	pid = fork_in(0);
	if (!pid)
		be_blocked(fds[1]);
	if (read(fds[0], &byte, 1) != 1)
		die("the task has failed");
	while (of_stat(pid, &minor, &major) != 'S')
		usleep(1000);
	/* It may still be about to leave its CPU. */
	do {
		own = own_switches(pid);
		usleep(20000);
		perf_probe_sweep(d.probe);
	} while (own != own_switches(pid));
	of_stat(pid, &minor, &major);
	seen = counted(0, SWITCHES);
	/* Reading once more adds nothing. */
	perf_probe_sweep(d.probe);
	before = counted(0, SWITCHES);
	printf("{\"own_switches\": %" PRIu64 ", \"switches\": %" PRIu64
	       ", \"switches_again\": %" PRIu64 ", \"own_faults\": %" PRIu64
	       ", \"faults\": %" PRIu64 ", \"own_minor\": %" PRIu64 ", \"minor\": %" PRIu64
	       ", \"own_major\": %" PRIu64 ", \"major\": %" PRIu64 ", \"others\": %" PRIu64 "}\n",
	       own, seen, before, minor + major, counted(0, FAULTS), minor, counted(0, MINOR),
	       major, counted(0, MAJOR), counted(1, FAULTS) + counted(1, SWITCHES));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* A task in group @i that does not stop. */
static pid_t spinner(size_t i, clockid_t *ret_clock)
{
	pid_t pid = fork_in(i);

	if (!pid)
		for (;;)
			spin_ns(1000000);
	if (clock_getcpuclockid(pid, ret_clock))
		die("no clock of the task");
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Its own clock lacks what a hypervisor took meanwhile: told, so that it can be allowed for. */
static uint64_t stolen_ns(void)
{
	unsigned long long steal = 0;
	FILE *f = fopen("/proc/stat", "re");

	if (f && fscanf(f, "cpu %*u %*u %*u %*u %*u %*u %*u %llu", &steal) != 1)
		steal = 0;
	if (f)
		fclose(f);
	return steal * (1000000000ull / sysconf(_SC_CLK_TCK));
}

static void run_running(void)
{
	uint64_t before, after, seen, stolen = stolen_ns(), read_ns;
	clockid_t clock;
	pid_t pid = spinner(0, &clock);

	usleep(400000);
	before = clock_ns(clock);
	read_ns = clock_ns(CLOCK_MONOTONIC);
	perf_probe_sweep(d.probe);
	read_ns = clock_ns(CLOCK_MONOTONIC) - read_ns;
	seen = counted(0, TASK_CLOCK);
	after = clock_ns(clock);
	printf("{\"before\": %" PRIu64 ", \"seen\": %" PRIu64 ", \"after\": %" PRIu64
	       ", \"stolen\": %" PRIu64 ", \"sweep\": %" PRIu64 "}\n",
	       before, seen, after, stolen_ns() - stolen, read_ns);
	end(pid);
}

#define SHORT 20

static void run_short(void)
{
	uint64_t own = 0, stolen = stolen_ns();

	for (size_t i = 0; i < SHORT; i++) {
		struct rusage usage;
		pid_t pid = fork_in(0);

		if (!pid) {
			spin_ns(20000000);
			_exit(0);
		}
		if (wait4(pid, NULL, 0, &usage) != pid)
			die("wait4: %s", strerror(errno));
		own += (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000ull +
		       (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000ull;
	}
	perf_probe_sweep(d.probe);
	printf("{\"own\": %" PRIu64 ", \"seen\": %" PRIu64 ", \"stolen\": %" PRIu64 "}\n", own,
	       counted(0, TASK_CLOCK), stolen_ns() - stolen);
}

static void run_moved(void)
{
	uint64_t own[2], stolen = stolen_ns();
	char text[32], path[PATH_MAX + 16];
	clockid_t clock;
	pid_t pid = spinner(1, &clock);
	int fd, len = snprintf(text, sizeof(text), "%d", pid);

	snprintf(path, sizeof(path), "%s/cgroup.procs", d.dirs[2]);
	usleep(300000);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, len) != len)
		die("%s: %s", path, strerror(errno));
	own[0] = clock_ns(clock);
	perf_probe_sweep(d.probe);
	usleep(300000);
	perf_probe_sweep(d.probe);
	own[1] = clock_ns(clock) - own[0];
	printf("{\"own\": [%" PRIu64 ", %" PRIu64 "], \"seen\": [%" PRIu64 ", %" PRIu64
	       "], \"stolen\": %" PRIu64 "}\n",
	       own[0], own[1], counted(1, TASK_CLOCK), counted(2, TASK_CLOCK),
	       stolen_ns() - stolen);
	end(pid);
	close(fd);
}

/* Of all CPUs, by events that the probe has nothing to do with. */
struct own_events {
	int fds[CPU_SETSIZE];
	int n;
};

static uint64_t own_sum(const struct own_events *o)
{
	uint64_t sum = 0;

	for (int i = 0; i < o->n; i++) {
		struct perf_count c;

		if (o->fds[i] >= 0 && !perf_event_read(o->fds[i], &c))
			sum += c.value;
	}
	return sum;
}

static void own_open(struct own_events *o, size_t event)
{
	const struct perf_event *e = perf_probe_event(d.probe, event);

	o->n = sysconf(_SC_NPROCESSORS_CONF);
	for (int i = 0; i < o->n; i++)
		o->fds[i] = perf_event_open_cpu(e, i, -1);
}

static uint64_t of_all(size_t event)
{
	struct perf_count others = { 0 };

	(void)perf_probe_others(d.probe, event, &others);
	return others.value + counted(0, event) + counted(1, event) + counted(2, event);
}

static const size_t sum_events[] = { TASK_CLOCK, SWITCHES, FAULTS, MIGRATIONS };
#define SUMS ARRAY_SIZE(sum_events)

/* What the probe has, between two looks at what the CPUs have. */
static void sum_all(const struct own_events *own, uint64_t *before, uint64_t *seen, uint64_t *after)
{
	for (size_t i = 0; i < SUMS; i++)
		before[i] = own_sum(&own[i]);
	perf_probe_sweep(d.probe);
	for (size_t i = 0; i < SUMS; i++)
		after[i] = own_sum(&own[i]);
	for (size_t i = 0; i < SUMS; i++)
		seen[i] = of_all(sum_events[i]);
}

static void run_sum(void)
{
	struct own_events own[SUMS];
	uint64_t seen[2][SUMS];
	uint64_t before[2][SUMS], after[2][SUMS];
	struct perf_count cpus;
	pid_t pids[GROUPS];
	clockid_t clock;

	for (size_t i = 0; i < SUMS; i++)
		own_open(&own[i], sum_events[i]);
	sum_all(own, before[0], seen[0], after[0]);
	for (size_t i = 0; i < GROUPS; i++)
		pids[i] = spinner(i, &clock);
	for (size_t i = 0; i < 10; i++) {
		usleep(100000);
		perf_probe_sweep(d.probe);
	}
	for (size_t i = 0; i < GROUPS; i++)
		end(pids[i]);
	sum_all(own, before[1], seen[1], after[1]);
	printf("{");
	for (size_t i = 0; i < SUMS; i++)
		printf("\"%s\": {\"least\": %" PRIu64 ", \"seen\": %" PRIu64 ", \"most\": %" PRIu64
		       "}, ",
		       event_names[sum_events[i]], before[1][i] - after[0][i],
		       seen[1][i] - seen[0][i], after[1][i] - before[0][i]);
	printf("\"cpus\": %s}\n",
	       perf_probe_cpus(d.probe, TASK_CLOCK, &cpus) && cpus.value ? "true" : "false");
}

static void hold(void)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_SOFTWARE,
					.size = sizeof(attr),
					.config = PERF_COUNT_SW_PAGE_FAULTS };

	if (syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC) < 0)
		die("an event: %s", strerror(errno));
	for (;;)
		pause();
}

static const struct {
	const char *name;
	void (*run)(void);
} cases[] = {
	{ "blocked", run_blocked }, { "running", run_running }, { "short", run_short },
	{ "moved", run_moved },	    { "sum", run_sum },
};

static void open_probe(const char *backend)
{
	const struct str_list events = { .v = event_names, .n = EVENTS };
	struct perf_config config = { .events = &events, .all = true };
	struct err err = { 0 };

	for (int i = 0; i < PERF_BACKENDS; i++)
		if (!strcmp(backend, perf_backends[i]))
			config.backend = i;
	if (probe_targets_open(GROUPS, &d.targets, &err))
		die("%s", err.text);
	if (perf_probe_open(d.targets, &config, &d.probe, &err)) {
		fprintf(stderr, "drive_perf: %s\n", err.text);
		exit(77);
	}
}

int main(int argc, char **argv)
{
	struct losses losses = LOSSES_INIT;
	uint64_t missed = 0;

	if (argc == 2 && !strcmp(argv[1], "hold"))
		hold();
	for (size_t i = 0; argc == 3 && i < ARRAY_SIZE(cases); i++) {
		if (strcmp(argv[2], cases[i].name))
			continue;
		open_probe(argv[1]);
		make_groups();
		cases[i].run();
		perf_probe_losses(d.probe, &losses);
		for (size_t k = 0; k < losses.n; k++) {
			if (strcmp(losses.v[k].what, "perf.switch"))
				die("%s: %s", losses.v[k].what, losses.v[k].reason);
			missed = losses.v[k].count;
		}
		printf("%" PRIu64 "\n", missed);
		perf_probe_close(d.probe);
		probe_targets_close(d.targets);
		return 0;
	}
	fputs("usage: drive_perf bpf|cgroup blocked|running|short|moved|sum\n"
	      "       drive_perf hold\n",
	      stderr);
	return 2;
}
