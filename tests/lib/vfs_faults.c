// SPDX-License-Identifier: Apache-2.0
/*
 * Cases of drive_vfs: page faults on mappings of files. How many there were is what
 * the kernel's own count says of the thread, while it does nothing else.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "vfs_load.h"

#define BYTES (2u << 20)
#define PAGE 4096

static long faults_so_far(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_minflt + usage.ru_majflt;
}

static void count(long faults)
{
	for (long i = 0; i < faults; i++) {
		vfs_begin(VFS_FAULT);
		vfs_end(VFS_FAULT, 0);
	}
}

/* Read or write one byte of each page, every so many; how many faults that took. */
static long touch(volatile char *p, size_t bytes, size_t step, bool write)
{
	long before = faults_so_far();
	char sum = 0;

	for (size_t i = 0; i < bytes; i += step) {
		if (write)
			p[i] = 1;
		else
			sum += p[i];
	}
	(void)sum;
	return faults_so_far() - before;
}

/* What touch() needs of this program is in memory after that. */
static char *map(size_t bytes, int protection, int flags, int fd)
{
	char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	vfs_check(p != MAP_FAILED, "mmap");
	touch(p, PAGE, PAGE, true);
	touch(p, PAGE, PAGE, false);
	munmap(p, PAGE);
	p = mmap(NULL, bytes, protection, flags, fd, 0);
	vfs_check(p != MAP_FAILED, "mmap");
	return p;
}

/* Written page by page, so that the page cache has it in pages and not in larger pieces. */
static int paged_file(const char *name)
{
	int fd = vfs_file(name, 0);

	for (int i = 0; i < (int)(BYTES / PAGE); i++)
		vfs_check(on_file(pwrite64, fd, vfs_buf, PAGE, i * PAGE) == PAGE, name);
	return fd;
}

static void shared(void)
{
	int fd = paged_file("mapped");
	char *p = map(BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd);

	count(touch(p, BYTES, 1 << 16, false));
	count(touch(p, BYTES, PAGE, false)); /* the rest */
	count(touch(p, BYTES, PAGE, true)); /* each page is made writable */
	count(touch(p, BYTES, PAGE, true)); /* nothing more */
	munmap(p, BYTES);
	p = map(BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	count(touch(p, BYTES, PAGE, true));
	munmap(p, BYTES);
	vfs_drop(fd, "mapped");
}

static void private(void)
{
	int fd = paged_file("mapped");
	char *p = map(BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd);

	count(touch(p, BYTES / 2, PAGE, true)); /* copied at once */
	count(touch(p + BYTES / 2, BYTES / 2, PAGE, false));
	count(touch(p + BYTES / 2, BYTES / 2, PAGE, true)); /* copied after reading */
	munmap(p, BYTES);
	vfs_drop(fd, "mapped");
}

/* From the disk: the fault begins again once the page is there. */
static void cold(void)
{
	int fd = paged_file("mapped");
	char *p;

	on_file(fdatasync, fd);
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	p = map(BYTES, PROT_READ, MAP_SHARED, fd);
	madvise(p, BYTES, MADV_RANDOM);
	count(touch(p, BYTES, 1 << 16, false));
	munmap(p, BYTES);
	vfs_drop(fd, "mapped");
}

/* It is the kernel that touches the pages, in the midst of a call. */
static void in_calls(void)
{
	int fd = paged_file("mapped"), from = vfs_file("from", BYTES);
	char *p = map(BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	long before = faults_so_far();

	/* Once before, for what the call itself needs. */
	on_file(pread64, from, vfs_buf, PAGE, 0);
	before = faults_so_far();
	for (int i = 0; i < 32; i++)
		on_file(pread64, from, p + i * PAGE, PAGE, 0);
	count(faults_so_far() - before);
	before = faults_so_far();
	for (int i = 64; i < 512; i += 64)
		on_file(pwrite64, from, p + i * PAGE, PAGE, 0);
	count(faults_so_far() - before);
	munmap(p, BYTES);
	vfs_drop(from, "from");
	vfs_drop(fd, "mapped");
}

static void synced(void)
{
	int fd = paged_file("mapped");
	char *p = map(BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd);

	for (int i = 0; i < 5; i++) {
		count(touch(p + i * PAGE, PAGE, PAGE, true));
		on_file(msync, p, 65536, MS_SYNC);
		on_file(msync, p + PAGE, 8192, MS_ASYNC);
	}
	on_file(msync, p, PAGE, MS_SYNC | MS_ASYNC); /* EINVAL */
	on_file(msync, p + 1, PAGE, MS_SYNC);
	munmap(p, BYTES);
	vfs_drop(fd, "mapped");
}

#define THREADS 8

static char *area;
static volatile bool stop;

/* Each thread has pages of its own. */
static void *touch_part(void *arg)
{
	size_t part = BYTES / THREADS;
	long faults = touch(area + (intptr_t)arg * part, part, PAGE, true);

	count(faults);
	return NULL;
}

/* The address space is never at rest. */
static void *map_and_unmap(void *arg)
{
	while (!stop)
		munmap(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), PAGE);
	return arg;
}

static void in_threads(void)
{
	pthread_t thread[THREADS + 1];
	int fd = paged_file("mapped");

	stop = false;
	area = map(BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	for (intptr_t i = 0; i <= THREADS; i++)
		vfs_check(!pthread_create(&thread[i], NULL,
					  i < THREADS ? touch_part : map_and_unmap, (void *)i),
			  "a thread");
	for (int i = 0; i <= THREADS; i++) {
		if (i == THREADS)
			stop = true;
		pthread_join(thread[i], NULL);
	}
	munmap(area, BYTES);
	vfs_drop(fd, "mapped");
}

/* None of these is of a file. */
static void anonymous(void)
{
	char *p = map(BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	touch(p, BYTES, PAGE, false);
	touch(p, BYTES, PAGE, true);
	munmap(p, BYTES);
}

static sigjmp_buf back;

static void jump(int signal)
{
	siglongjmp(back, signal);
}

/* Past the end of the file: a fault that fails. The kernel's count has none of those. */
static void past_end(void)
{
	int fd = vfs_file("mapped", PAGE);
	char *p = map(BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd);

	signal(SIGBUS, jump);
	for (volatile int i = 1; i < 4; i++) {
		vfs_begin(VFS_FAULT);
		if (!sigsetjmp(back, 1))
			touch(p + i * PAGE, PAGE, PAGE, true);
	}
	signal(SIGBUS, SIG_DFL);
	munmap(p, BYTES);
	vfs_drop(fd, "mapped");
}

/* The kernel fetches pages before they are touched; whether that is a fault may be argued. */
static void populated(void)
{
	int fd = paged_file("mapped");
	long before;
	char *p = map(BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd);

	before = faults_so_far();
	madvise(p, BYTES, MADV_POPULATE_WRITE);
	for (long n = faults_so_far() - before; n > 0; n--)
		vfs_begin(VFS_FAULT);
	count(touch(p, BYTES, PAGE, true));
	munmap(p, BYTES);
	vfs_drop(fd, "mapped");
}

static volatile bool jumped;

/* The fault waits for the one who has the descriptor, and a signal is first. */
static void *leave_fault(void *page)
{
	char *other = map(BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	jumped = sigsetjmp(back, 1);
	if (!jumped)
		touch(page, PAGE, PAGE, false);
	touch(other, BYTES, PAGE, true);
	munmap(other, BYTES);
	return NULL;
}

/* A fault on a file that is broken off, and then others, which are not of a file. */
static void left(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffd_msg said;
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC), file = memfd_create("left", MFD_CLOEXEC);
	pthread_t thread;
	char *p;

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api)) {
		vfs_skip("userfaultfd", -errno);
		return;
	}
	on_file(ftruncate, file, BYTES);
	p = map(BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file);
	signal(SIGUSR1, jump);
	for (int i = 0; i < 5; i++) {
		struct uffdio_register awaited = { .range = { (uintptr_t)p + i * PAGE, PAGE },
						   .mode = UFFDIO_REGISTER_MODE_MISSING };

		vfs_check(!ioctl(fd, UFFDIO_REGISTER, &awaited), "pages that are waited for");
		vfs_check(!pthread_create(&thread, NULL, leave_fault, p + i * PAGE), "a thread");
		not_file(read, fd, &said, sizeof(said));
		pthread_kill(thread, SIGUSR1);
		pthread_join(thread, NULL);
		vfs_check(jumped, "a fault that is left");
	}
	signal(SIGUSR1, SIG_DFL);
	munmap(p, BYTES);
	not_file(close, fd);
	on_file(close, file);
}

const struct vfs_case vfs_fault_cases[] = {
	{ "fault_shared", shared, "read, then written; and written at once" },
	{ "fault_private", private, "pages that are copied when they are written" },
	{ "fault_cold", cold, "pages that come from the disk" },
	{ "msync", synced, "msync of a file's pages" },
	{ "fault_in_calls", in_calls, "data of a read or write that is a file's mapping" },
	{ "fault_threads", in_threads, "eight threads, and one that maps and unmaps" },
	{ "fault_anonymous", anonymous, "memory of no file" },
	{ "fault_past_end", past_end, "SIGBUS" },
	{ "fault_left", left, "a handler that does not go back to what faulted" },
	{ "fault_populated", populated, "MADV_POPULATE_WRITE" },
	{ 0 },
};
