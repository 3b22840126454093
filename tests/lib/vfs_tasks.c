// SPDX-License-Identifier: Apache-2.0
/* Cases of drive_vfs: threads and processes, and calls that these begin and end in the midst of. */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vfs_load.h"

#define THREADS 8

static void in_threads(int n, void *(*run)(void *))
{
	pthread_t thread[THREADS];

	for (intptr_t i = 0; i < n; i++)
		vfs_check(!pthread_create(&thread[i], NULL, run, (void *)i), "a thread");
	for (int i = 0; i < n; i++)
		pthread_join(thread[i], NULL);
}

static void *busy(void *arg)
{
	char name[16], buf[4096] = { 0 };
	struct stat st;
	int fd;

	snprintf(name, sizeof(name), "thread%d", (int)(intptr_t)arg);
	fd = on_file(openat, AT_FDCWD, name, O_RDWR | O_CREAT | O_TRUNC, 0600);
	vfs_check(fd >= 0, name);
	for (int i = 0; i < 1000; i++) {
		on_file(pwrite64, fd, buf, 4096, i % 10 * 4096);
		on_file(pread64, fd, buf, 1 + i, i);
		if (i % 10 == 0)
			on_file(newfstatat, AT_FDCWD, i % 20 ? name : "absent", &st, 0);
	}
	vfs_drop(fd, name);
	return NULL;
}

static void threads(void)
{
	in_threads(THREADS, busy);
}

/* The same number is a file for each with a table of descriptors of its own. */
static void *own_table(void *arg)
{
	char name[16], byte;
	int fd, p[2];

	vfs_check(!unshare(CLONE_FILES), "unshare");
	snprintf(name, sizeof(name), "own%d", (int)(intptr_t)arg);
	fd = on_file(openat, AT_FDCWD, name, O_RDWR | O_CREAT, 0600);
	vfs_check(!pipe2(p, O_NONBLOCK), "a pipe");
	vfs_check(dup2((intptr_t)arg % 2 ? fd : p[1], 600) == 600, "dup2");
	for (int i = 0; i < 500; i++) {
		if ((intptr_t)arg % 2)
			on_file(write, 600, name, 3);
		else
			not_file(write, 600, name, 3);
		not_file(read, p[0], &byte, 1);
	}
	vfs_drop(fd, name);
	return NULL;
}

static void tables(void)
{
	in_threads(4, own_table);
}

static volatile bool stop;

static void *until_stopped(void *arg)
{
	int fd = (intptr_t)arg;

	while (!stop)
		on_file(pread64, fd, vfs_buf, VFS_BUF_BYTES, 0);
	return NULL;
}

static void *often(void *arg)
{
	int fd = (intptr_t)arg;
	char buf[512];

	while (!stop) {
		on_file(pread64, fd, buf, sizeof(buf), 0);
		usleep(300);
	}
	return NULL;
}

/* Between two samples there is one of these or none, and always the other. */
static void rare(void)
{
	int fd = vfs_file("rare", 1000);
	unsigned int seed = getpid();
	pthread_t thread;

	stop = false;
	vfs_check(!pthread_create(&thread, NULL, often, (void *)(intptr_t)fd), "a thread");
	for (int i = 0; i < 1000; i++) {
		on_file(pwrite64, fd, vfs_buf, 1000, 0);
		usleep(rand_r(&seed) % 20000);
	}
	stop = true;
	pthread_join(thread, NULL);
	vfs_drop(fd, "rare");
}

static void some_io(const char *name)
{
	int fd = on_file(openat, AT_FDCWD, name, O_RDWR | O_CREAT, 0600);

	for (int i = 0; i < 20; i++) {
		on_file(pwrite64, fd, vfs_buf, 1000, 0);
		on_file(pread64, fd, vfs_buf, 2000, 0);
	}
	vfs_drop(fd, name);
}

/* Children while another thread is always in a call; all go on. */
static void forks(void)
{
	int fd = vfs_file("forked", VFS_BUF_BYTES), pid;
	pthread_t thread;
	char name[16];

	stop = false;
	vfs_check(!pthread_create(&thread, NULL, until_stopped, (void *)(intptr_t)fd), "a thread");
	for (int i = 0; i < 20; i++) {
		pid = fork();
		vfs_check(pid >= 0, "fork");
		if (!pid) {
			snprintf(name, sizeof(name), "child%d", i);
			some_io(name);
			on_file(pread64, fd, vfs_buf, 100, 0);
			_exit(0);
		}
		on_file(pread64, fd, vfs_buf, 100, 0);
		vfs_check(vfs_wait(pid), "a child");
	}
	stop = true;
	pthread_join(thread, NULL);
	vfs_drop(fd, "forked");
}

/* Tasks that live for one call. */
static void short_lived(void)
{
	for (int i = 0; i < 300; i++) {
		int pid = fork();

		vfs_check(pid >= 0, "fork");
		if (!pid) {
			on_file(open, "absent", O_RDONLY);
			_exit(0);
		}
		if (i % 10 == 9)
			for (int n = 0; n < 10; n++)
				vfs_check(vfs_wait(-1), "a child");
	}
}

/* It runs in the parent's memory, while that sleeps in the call that made it. */
__attribute__((noinline)) static int child_in_memory(bool executes)
{
	int pid = vfork();

	if (pid)
		return pid;
	on_file(close, on_file(open, ".", O_RDONLY));
	if (executes)
		vfs_again("small");
	_exit(0);
}

static void vforks(void)
{
	for (int i = 0; i < 6; i++) {
		vfs_check(vfs_wait(child_in_memory(i % 2)), "a child of vfork");
		on_file(close, on_file(open, ".", O_RDONLY));
	}
}

static void small(void)
{
	some_io("small");
}

static int empty_pipe[2], target_file;

static void *blocked(void *tid)
{
	*(volatile int *)tid = gettid();
	on_file(splice, empty_pipe[0], NULL, target_file, NULL, 1000, 0);
	return NULL;
}

static void *executes(void *arg)
{
	vfs_wait_asleep((intptr_t)arg, SYS_splice);
	vfs_again("small");
	return NULL;
}

/*
 * A thread executes a program while another is in a call, which never comes back.
 * by_main: which of them has the process' number, which the one that executes gets.
 */
static void exec_beside(bool by_main)
{
	int pid = fork();
	pthread_t thread;

	if (!pid) {
		static volatile int tid;

		target_file = vfs_file("target", 0);
		vfs_check(!pipe(empty_pipe), "a pipe");
		if (!by_main) {
			vfs_check(!pthread_create(&thread, NULL, executes,
						  (void *)(intptr_t)getpid()),
				  "a thread");
			blocked((void *)&tid);
			_exit(5);
		}
		vfs_check(!pthread_create(&thread, NULL, blocked, (void *)&tid), "a thread");
		while (!tid)
			sched_yield();
		executes((void *)(intptr_t)tid);
	}
	vfs_check(vfs_wait(pid), "a program that a thread executes");
	on_file(unlink, "target");
}

static void execs(void)
{
	exec_beside(true);
	exec_beside(false);
}

#define CROWD 32

static volatile int crowd_tids[CROWD];

static void *in_crowd(void *arg)
{
	struct stat st;

	crowd_tids[(intptr_t)arg] = gettid();
	on_file(splice, empty_pipe[0], NULL, target_file, NULL, 10, 0);
	on_file(fstat, target_file, &st);
	return NULL;
}

/* All wait in the same call at once, and each makes another one after it. */
static void crowd(void)
{
	pthread_t thread[CROWD];

	target_file = vfs_file("crowd", 0);
	vfs_check(!pipe(empty_pipe), "a pipe");
	for (intptr_t i = 0; i < CROWD; i++)
		vfs_check(!pthread_create(&thread[i], NULL, in_crowd, (void *)i), "a thread");
	for (int i = 0; i < CROWD; i++) {
		while (!crowd_tids[i])
			sched_yield();
		vfs_wait_asleep(crowd_tids[i], SYS_splice);
	}
	not_file(write, empty_pipe[1], vfs_buf, CROWD * 10);
	for (int i = 0; i < CROWD; i++)
		pthread_join(thread[i], NULL);
	not_file(close, empty_pipe[0]);
	not_file(close, empty_pipe[1]);
	vfs_drop(target_file, "crowd");
}

/* A child does until it is killed, in the midst of a call as likely as not. */
static void killed(void (*run)(int fd), enum vfs_op op, size_t bytes)
{
	int fd = vfs_file("killed", 0), pid;
	int *started = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	vfs_check(started != MAP_FAILED, "memory");
	for (int i = 0; i < 5; i++) {
		pid = fork();
		if (!pid) {
			*(volatile int *)started = i + 1;
			run(fd);
			_exit(0);
		}
		while (*(volatile int *)started != i + 1)
			sched_yield();
		vfs_sleep_ms(3 + i * 7);
		vfs_may_move(op, bytes);
		kill(pid, SIGKILL);
		vfs_wait(pid);
	}
	munmap(started, 4096);
	vfs_drop(fd, "killed");
}

static void writes_on(int fd)
{
	for (;;)
		on_file(pwrite64, fd, vfs_buf, VFS_BUF_BYTES, 0);
}

static void syncs_on(int fd)
{
	for (;;) {
		on_file(pwrite64, fd, vfs_buf, 65536, 0);
		on_file(fsync, fd);
	}
}

static void blocks_on(int fd)
{
	int p[2];

	vfs_check(!pipe(p), "a pipe");
	on_file(splice, p[0], NULL, fd, NULL, 1000, 0);
}

static void killed_writing(void)
{
	killed(writes_on, VFS_WRITE, VFS_BUF_BYTES);
}

static void killed_syncing(void)
{
	killed(syncs_on, VFS_WRITE, 65536);
}

static void killed_blocked(void)
{
	killed(blocks_on, VFS_COPY, 0);
}

/* The number of a descriptor changes hands while a call that began on it goes on. */
static void closed_meanwhile(void)
{
	int file = vfs_file("closing", 0), p[2];
	static volatile int tid;
	pthread_t thread;

	tid = 0;
	target_file = dup(file);
	vfs_check(!pipe(empty_pipe) && !pipe(p), "pipes");
	vfs_check(!pthread_create(&thread, NULL, blocked, (void *)&tid), "a thread");
	while (!tid)
		sched_yield();
	vfs_wait_asleep(tid, SYS_splice);
	on_file(close, target_file);
	vfs_check(dup2(p[1], target_file) == target_file, "dup2");
	not_file(write, empty_pipe[1], vfs_buf, 1000);
	pthread_join(thread, NULL);
	not_file(close, target_file);
	for (int i = 0; i < 2; i++) {
		not_file(close, empty_pipe[i]);
		not_file(close, p[i]);
	}
	vfs_drop(file, "closing");
}

const struct vfs_case vfs_slow_cases[] = {
	{ "rare", rare, "writes now and then, beside reads all the time: ten seconds" },
	{ 0 },
};

const struct vfs_case vfs_crowd_cases[] = {
	{ "crowd", crowd, "32 threads in one call: more than a kretprobe may follow" },
	{ 0 },
};

const struct vfs_case vfs_task_cases[] = {
	{ "threads", threads, "eight at once" },
	{ "tables", tables, "threads with tables of descriptors of their own" },
	{ "fork", forks, "children, while another thread is in a call" },
	{ "children", short_lived, "three hundred children with one call each" },
	{ "vfork", vforks, "a child in its parent's memory, that executes or ends" },
	{ "small", small, "what an executed program does" },
	{ "exec", execs, "a thread executes, another is in a call that never comes back" },
	{ "killed_writing", killed_writing, "SIGKILL in the midst of a long write" },
	{ "killed_syncing", killed_syncing, "SIGKILL in the midst of a write or fsync" },
	{ "killed_blocked", killed_blocked, "SIGKILL while a copy waits for data" },
	{ "closed_meanwhile", closed_meanwhile, "the descriptor becomes a pipe during the call" },
	{ 0 },
};
