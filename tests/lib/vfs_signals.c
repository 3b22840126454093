// SPDX-License-Identifier: Apache-2.0
/* Cases of drive_vfs: calls that signals interrupt, and that the kernel restarts or not. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vfs_load.h"

static volatile int *taken; /* signals, by all children */

static void nothing(int signal)
{
	(void)signal;
	++*taken;
}

static void reads_file(int signal)
{
	char byte;
	int fd = on_file(open, "file", O_RDONLY);

	(void)signal;
	on_file(read, fd, &byte, 1);
	on_file(close, fd);
	++*taken;
}

static void handle(int signal, void (*how)(int), int flags)
{
	struct sigaction act = { .sa_handler = how, .sa_flags = flags };

	vfs_check(!sigaction(signal, &act, NULL), "sigaction");
}

static int p[2], file;

static void copies(void)
{
	on_file(splice, p[0], NULL, file, NULL, 1000, 0);
}

static void opens(void)
{
	on_file(open, "fifo", O_RDONLY);
}

/*
 * What a child does that waits in a call is disturbed by others: each in the list
 * once it sleeps again.
 */
static int disturbed(void (*run)(void), long nr, const int *signals)
{
	int pid = fork();

	if (!pid) {
		handle(SIGUSR1, nothing, SA_RESTART);
		handle(SIGUSR2, nothing, 0);
		handle(SIGALRM, reads_file, SA_RESTART);
		run();
		_exit(0);
	}
	vfs_check(pid > 0, "fork");
	for (; *signals; signals++) {
		int before = *taken, status;

		vfs_wait_asleep(pid, nr);
		kill(pid, *signals);
		if (*signals == SIGSTOP) {
			waitpid(pid, &status, WUNTRACED);
			kill(pid, SIGCONT);
			continue;
		}
		while (*taken == before) /* it disturbs once, and not together with the next */
			vfs_sleep_ms(1);
	}
	return pid;
}

static void set_up(void)
{
	file = vfs_file("file", 10);
	taken = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	vfs_check(taken != MAP_FAILED, "memory");
	vfs_check(!pipe(p), "a pipe");
	vfs_check(!mknod("fifo", S_IFIFO | 0600, 0), "a FIFO");
}

static void tear_down(void)
{
	not_file(close, p[0]);
	not_file(close, p[1]);
	on_file(unlink, "fifo");
	vfs_drop(file, "file");
	munmap((void *)taken, 4096);
}

/* EINTR, once. */
static void interrupted(void)
{
	set_up();
	for (int i = 0; i < 3; i++) {
		vfs_check(vfs_wait(disturbed(copies, SYS_splice, (const int[]){ SIGUSR2, 0 })),
			  "a child");
		vfs_check(vfs_wait(disturbed(opens, SYS_open, (const int[]){ SIGUSR2, 0 })),
			  "a child");
	}
	tear_down();
}

/* As many times as it may be disturbed, it is one call with what it gives in the end. */
static void restarted(void)
{
	static const int mild[] = { SIGUSR1, SIGUSR1, SIGSTOP, SIGUSR1, 0 };
	static const int last_not[] = { SIGUSR1, SIGSTOP, SIGUSR1, SIGUSR2, 0 };
	int pid;

	set_up();
	pid = disturbed(copies, SYS_splice, mild);
	vfs_wait_asleep(pid, SYS_splice);
	not_file(write, p[1], vfs_buf, 600);
	vfs_check(vfs_wait(pid), "a child");
	vfs_check(vfs_wait(disturbed(copies, SYS_splice, last_not)), "a child");
	vfs_check(vfs_wait(disturbed(opens, SYS_open, last_not)), "a child");
	tear_down();
}

/* The handler does I/O of its own, in the midst of the call that is restarted after it. */
static void nested(void)
{
	static const int busy[] = { SIGALRM, SIGALRM, SIGSTOP, SIGALRM, 0 };
	static const int last_not[] = { SIGALRM, SIGALRM, SIGUSR2, 0 };
	int pid;

	set_up();
	pid = disturbed(copies, SYS_splice, busy);
	vfs_wait_asleep(pid, SYS_splice);
	not_file(write, p[1], vfs_buf, 600);
	vfs_check(vfs_wait(pid), "a child");
	vfs_check(vfs_wait(disturbed(copies, SYS_splice, last_not)), "a child");
	tear_down();
}

/*
 * Several wait when a child goes on after a stop: they are delivered by number, with no
 * way back in between. How the call ends then, the first has decided.
 */
static int disturbed_at_once(const int *signals)
{
	int pid = disturbed(copies, SYS_splice, (const int[]){ 0 }), status, n = *taken;

	vfs_wait_asleep(pid, SYS_splice);
	kill(pid, SIGSTOP);
	waitpid(pid, &status, WUNTRACED);
	for (; *signals; signals++, n++)
		kill(pid, *signals);
	kill(pid, SIGCONT);
	while (*taken != n)
		vfs_sleep_ms(1);
	return pid;
}

static void several(void)
{
	static const int restart_first[][4] = {
		{ SIGUSR1, SIGUSR2, 0 },
		{ SIGUSR1, SIGALRM, 0 },
		{ SIGUSR1, SIGUSR2, SIGALRM, 0 },
	};
	int pid;

	set_up();
	for (int i = 0; i < 3; i++) {
		pid = disturbed_at_once(restart_first[i]);
		vfs_wait_asleep(pid, SYS_splice);
		not_file(write, p[1], vfs_buf, 600);
		vfs_check(vfs_wait(pid), "a child");
	}
	vfs_check(vfs_wait(disturbed_at_once((const int[]){ SIGUSR2, SIGALRM, 0 })), "a child");
	tear_down();
}

static void opens_fifo(void)
{
	int fd = not_file(open, "fifo", O_RDONLY);

	not_file(close, fd);
}

/* Restarted, and then it opens a FIFO: no file. */
static void a_fifo_after_all(void)
{
	int pid, fd;

	set_up();
	pid = disturbed(opens_fifo, SYS_open, (const int[]){ SIGUSR1, SIGSTOP, 0 });
	vfs_wait_asleep(pid, SYS_open);
	fd = not_file(open, "fifo", O_WRONLY);
	vfs_check(vfs_wait(pid), "a child");
	not_file(close, fd);
	tear_down();
}

const struct vfs_case vfs_signal_cases[] = {
	{ "interrupted", interrupted, "EINTR, of a copy and of an open" },
	{ "restarted", restarted, "SA_RESTART, stop and continue: one call" },
	{ "nested", nested, "the handler reads a file before the call is restarted" },
	{ "several", several, "two or three at once, the first with SA_RESTART or not" },
	{ "fifo", a_fifo_after_all, "restarted, and then it is none that counts" },
	{ 0 },
};
