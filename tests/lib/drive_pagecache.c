// SPDX-License-Identifier: Apache-2.0
/*
 * Reads and writes a file in known ways, and tells what the page cache must have seen:
 *   drive_pagecache FILE ACTION...
 * cold                     writes it out and drops its pages
 * random, normal           what readahead is told, for what follows
 * willneed                 fetches all of it ahead
 * read:SIZE[:FROM:BYTES]   reads, from the begin to the end
 * some:SIZE:CALLS          reads at places that only look random
 * again:SIZE:CALLS         reads the first bytes, again and again
 * direct:SIZE              reads past the cache
 * send:SIZE                sendfile() to /dev/null
 * map[:CALLS]              touches each page of a mapping, or some at places that only look random
 * mapalone:CALLS           the same, with nothing read ahead
 * maphuge[:CALLS]          the same, in huge pages where that goes
 * mapodd[:CALLS]           the same, where it cannot go
 * write:SIZE:BYTES         writes the first bytes anew
 * sync                     fdatasync()
 * calls:CALLS              system calls that are no I/O
 * Prints {"accessed", "missed", "resident", "written", "faults", "missed_faults", "ns"} in pages as one
 * line of JSON: reads through the cache, each page once per call; those of them that were not there
 * when it began, or was dropped last, as mincore() had it, and are used for the first time; what of
 * the file is there at the end; what was written; touches of mappings for which getrusage() tells a
 * fault; those of them whose page was not there when it began, and is used for the first time; what
 * all of it took. Exit status: 0, 1 when a call failed, 2 for usage.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

struct drive {
	const char *path;
	int fd;
	uint64_t size, page, pages;
	char *buffer;
	size_t buffer_size;
	unsigned char *there; /* per page, as mincore() has it: before anything was read */
	unsigned char *began; /* the same, whatever was mapped since */
	unsigned char *seen; /* read or touched since */
	uint64_t accessed, missed, written, faults, missed_faults;
};

static void fail(const char *what)
{
	fprintf(stderr, "drive_pagecache: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t look(const struct drive *d, unsigned char *there)
{
	uint64_t n = 0;
	void *at = mmap(NULL, d->size, PROT_READ, MAP_SHARED, d->fd, 0);

	if (at == MAP_FAILED || mincore(at, d->size, there))
		fail("mincore");
	munmap(at, d->size);
	for (uint64_t i = 0; i < d->pages; i++)
		n += there[i] &= 1;
	return n;
}

static void begin(struct drive *d)
{
	look(d, d->there);
	memcpy(d->began, d->there, d->pages);
	memset(d->seen, 0, d->pages);
}

static void has_read(struct drive *d, uint64_t from, uint64_t bytes)
{
	for (uint64_t i = from / d->page; bytes && i <= (from + bytes - 1) / d->page; i++) {
		d->accessed++;
		d->missed += !d->there[i] && !d->seen[i];
		d->seen[i] = 1;
	}
}

static void *buffer_of(struct drive *d, size_t size)
{
	if (size > d->buffer_size) {
		free(d->buffer);
		d->buffer = aligned_alloc(d->page, (size + d->page - 1) / d->page * d->page);
		d->buffer_size = size;
		if (!d->buffer)
			fail("memory");
		memset(d->buffer, 'x', size); /* or the kernel's copy would fault */
	}
	return d->buffer;
}

static void read_at(struct drive *d, int fd, uint64_t size, uint64_t from)
{
	ssize_t n = pread(fd, buffer_of(d, size), size, from);

	if (n < 0)
		fail("pread");
	if (fd == d->fd)
		has_read(d, from, n);
}

static void read_all(struct drive *d, uint64_t size, uint64_t from, uint64_t bytes)
{
	uint64_t end = bytes ? from + bytes : d->size;

	for (; from < end && from < d->size; from += size)
		read_at(d, d->fd, size, from);
}

static uint64_t next_place(uint64_t *at)
{
	*at = *at * 6364136223846793005u + 1442695040888963407u;
	return *at >> 33;
}

static void read_some(struct drive *d, uint64_t size, uint64_t calls)
{
	uint64_t places = d->size / size, at = 1;

	for (uint64_t i = 0; i < calls; i++)
		read_at(d, d->fd, size, next_place(&at) % places * size);
}

static void read_past(struct drive *d, uint64_t size)
{
	int fd = open(d->path, O_RDONLY | O_DIRECT);

	if (fd < 0)
		fail("O_DIRECT");
	for (uint64_t at = 0; at < d->size; at += size)
		read_at(d, fd, size, at);
	close(fd);
}

static void send_all(struct drive *d, uint64_t size)
{
	int to = open("/dev/null", O_WRONLY);
	off_t at = 0;

	while ((uint64_t)at < d->size) {
		uint64_t from = at;
		ssize_t n = sendfile(to, d->fd, &at, size);

		if (n <= 0)
			fail("sendfile");
		has_read(d, from, n);
	}
	close(to);
}

static uint64_t faults_so_far(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt + usage.ru_majflt;
}

#define HUGE (2ul << 20)

/* Where nothing of it can be mapped as a huge page: not the begin, and no other. */
static char *map_oddly(const struct drive *d)
{
	char *at = mmap(NULL, d->size + 2 * HUGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		return at;
	at = (char *)(((uintptr_t)at + HUGE - 1) & ~(HUGE - 1)) + 5 * d->page;
	return mmap(at, d->size, PROT_READ, MAP_SHARED | MAP_FIXED, d->fd, 0);
}

enum mapping { ANYHOW, ALONE, HUGELY, ODDLY };

static void touch(struct drive *d, uint64_t calls, enum mapping how)
{
	char *at =
		how == ODDLY ? map_oddly(d) : mmap(NULL, d->size, PROT_READ, MAP_SHARED, d->fd, 0);
	unsigned char *now = calloc(d->pages + 1, 1);
	uint64_t place = 1, before;

	if (at == MAP_FAILED || !now || (how == ALONE && madvise(at, d->size, MADV_RANDOM)) ||
	    (how == HUGELY && madvise(at, d->size, MADV_HUGEPAGE) &&
	     errno != EINVAL /* the kernel has none (PREEMPT_RT) */))
		fail("mmap");
	look(d, now);
	before = faults_so_far();
	for (uint64_t i = 0; i < (calls ? calls : d->pages); i++) {
		uint64_t page = calls ? next_place(&place) % d->pages : i, faults;

		(void)*(const volatile char *)&at[page * d->page];
		faults = faults_so_far();
		d->faults += faults - before;
		d->missed_faults += faults > before && !d->began[page] && !d->seen[page];
		d->seen[page] = 1;
		before = faults;
	}
	for (uint64_t i = 0; i < d->pages; i++)
		d->there[i] |= !now[i]; /* as if by somebody else: no read was for it */
	free(now);
	munmap(at, d->size);
}

static void write_begin(struct drive *d, uint64_t size, uint64_t bytes)
{
	for (uint64_t at = 0; at < bytes; at += size)
		if (pwrite(d->fd, buffer_of(d, size), size, at) != (ssize_t)size)
			fail("pwrite");
	d->written += bytes / d->page;
}

static void advise(const struct drive *d, int advice)
{
	errno = posix_fadvise(d->fd, 0, 0, advice);
	if (errno)
		fail("posix_fadvise");
}

static bool act(struct drive *d, const char *action)
{
	uint64_t v[3] = { 0 };
	char verb[16];
	int n = sscanf(action, "%15[a-z]:%" SCNu64 ":%" SCNu64 ":%" SCNu64, verb, &v[0], &v[1],
		       &v[2]);

	if (n >= 2 && !v[0])
		return false;
	if (!strcmp(verb, "cold")) {
		fdatasync(d->fd);
		advise(d, POSIX_FADV_DONTNEED);
		begin(d);
	} else if (!strcmp(verb, "random")) {
		advise(d, POSIX_FADV_RANDOM);
	} else if (!strcmp(verb, "normal")) {
		advise(d, POSIX_FADV_NORMAL);
	} else if (!strcmp(verb, "willneed")) {
		advise(d, POSIX_FADV_WILLNEED);
	} else if (!strcmp(verb, "sync")) {
		fdatasync(d->fd);
	} else if (!strcmp(verb, "map")) {
		touch(d, v[0], ANYHOW);
	} else if (!strcmp(verb, "mapalone") && n == 2) {
		touch(d, v[0], ALONE);
	} else if (!strcmp(verb, "maphuge")) {
		touch(d, v[0], HUGELY);
	} else if (!strcmp(verb, "mapodd")) {
		touch(d, v[0], ODDLY);
	} else if (!strcmp(verb, "read") && n >= 2) {
		read_all(d, v[0], v[1], v[2]);
	} else if (!strcmp(verb, "some") && n == 3) {
		read_some(d, v[0], v[1]);
	} else if (!strcmp(verb, "again") && n == 3) {
		for (uint64_t i = 0; i < v[1]; i++)
			read_at(d, d->fd, v[0], 0);
	} else if (!strcmp(verb, "direct") && n == 2) {
		read_past(d, v[0]);
	} else if (!strcmp(verb, "send") && n == 2) {
		send_all(d, v[0]);
	} else if (!strcmp(verb, "calls") && n == 2) {
		for (uint64_t i = 0; i < v[0]; i++)
			syscall(SYS_getppid);
	} else if (!strcmp(verb, "write") && n == 3) {
		write_begin(d, v[0], v[1]);
	} else {
		return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	struct drive d = { .path = argc > 1 ? argv[1] : "", .page = sysconf(_SC_PAGESIZE) };
	struct timespec start, end;
	off_t size;

	if (argc < 3)
		return 2;
	d.fd = open(d.path, O_RDWR);
	size = d.fd < 0 ? -1 : lseek(d.fd, 0, SEEK_END); /* of a device, too */
	if (size <= 0)
		fail(d.path);
	d.size = size;
	d.pages = (d.size + d.page - 1) / d.page;
	d.there = calloc(d.pages + 1, 1);
	d.began = calloc(d.pages + 1, 1);
	d.seen = calloc(d.pages + 1, 1);
	if (!d.there || !d.began || !d.seen)
		fail("memory");
	begin(&d);
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (int i = 2; i < argc; i++) {
		if (act(&d, argv[i]))
			continue;
		fprintf(stderr, "drive_pagecache: what is %s?\n", argv[i]);
		return 2;
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("{\"accessed\": %" PRIu64 ", \"missed\": %" PRIu64 ", \"resident\": %" PRIu64
	       ", \"written\": %" PRIu64 ", \"faults\": %" PRIu64 ", \"missed_faults\": %" PRIu64
	       ", \"ns\": %lld}\n",
	       d.accessed, d.missed, look(&d, d.there), d.written, d.faults, d.missed_faults,
	       (end.tv_sec - start.tv_sec) * 1000000000ll + end.tv_nsec - start.tv_nsec);
	return 0;
}
