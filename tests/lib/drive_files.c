// SPDX-License-Identifier: Apache-2.0
/*
 * Uses files in known ways, in the working directory:
 *   drive_files make FILES               makes what "shared" opens
 *   drive_files shared PROCESSES FILES   each opens each file, reads it once and closes it, all at once
 *   drive_files held FILES READS         reads "held", has others use many files, and reads "held" through
 *                                        the same descriptor again, while they use many more
 *   drive_files again FILES              makes, writes and removes one file after the other
 *   drive_files copy BYTES               sendfile, splice and copy_file_range from "from" to "to", each
 *   drive_files flags                    opens files in as many ways as there are, and changes one later
 * Exit status: 0, 1 when a call failed, 2 for usage.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/wait.h>
#include <unistd.h>

static int check(const char *what, long rc)
{
	if (rc < 0) {
		fprintf(stderr, "drive_files: %s: %s\n", what, strerror(errno));
		_exit(1);
	}
	return rc;
}

static int opened(const char *name, int flags)
{
	return check(name, open(name, flags, 0600));
}

static void fill(const char *name, size_t bytes)
{
	int fd = opened(name, O_CREAT | O_RDWR | O_TRUNC);
	char block[4096] = "";

	for (size_t n; bytes; bytes -= n) {
		n = bytes < sizeof(block) ? bytes : sizeof(block);
		check("write", write(fd, block, n));
	}
	close(fd);
}

static void use(const char *name, int flags)
{
	char byte = 'x';
	int fd = opened(name, flags);

	if (flags & O_CREAT)
		check("write", write(fd, &byte, 1));
	else
		check("read", read(fd, &byte, 1));
	close(fd);
}

static void use_many(const char *prefix, int files)
{
	char name[64];

	for (int i = 0; i < files; i++) {
		snprintf(name, sizeof(name), "%s.%d", prefix, i);
		use(name, O_CREAT | O_WRONLY);
	}
}

static int wait_for_all(void)
{
	int status, bad = 0;

	while (wait(&status) > 0)
		bad |= status;
	return !!bad;
}

/* All go on at the same instant: who came first spins. */
static void meet(atomic_int *arrived, int all)
{
	atomic_fetch_add(arrived, 1);
	for (int spins = 0; atomic_load(arrived) < all; spins++)
		if (spins > 1000)
			sched_yield();
}

static int shared(int processes, int files)
{
	atomic_int *arrived = mmap(NULL, sizeof(*arrived), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char name[64];

	if (arrived == MAP_FAILED)
		return 1;
	for (int p = 0; p < processes; p++) {
		if (check("fork", fork()))
			continue;
		for (int i = 0; i < files; i++) {
			meet(arrived, processes * (i + 1));
			snprintf(name, sizeof(name), "shared.%d", i);
			use(name, O_RDONLY);
		}
		_exit(0);
	}
	return wait_for_all();
}

static int held(int files, int reads)
{
	int fd = opened("held", O_RDONLY);
	char byte;

	check("read", read(fd, &byte, 1));
	/* Others do it: to this task no other file comes in between. */
	for (int during = 0; during < 2; during++) {
		if (!check("fork", fork())) {
			use_many(during ? "beside" : "before", files);
			_exit(0);
		}
		if (!during && wait_for_all())
			return 1;
	}
	for (int i = 0; i < reads; i++)
		check("pread", pread(fd, &byte, 1, 0));
	return wait_for_all();
}

static int again(int files)
{
	char name[64];

	for (int i = 0; i < files; i++) {
		snprintf(name, sizeof(name), "again.%d", i);
		use(name, O_CREAT | O_WRONLY);
		check("unlink", unlink(name));
	}
	return 0;
}

static void all(const char *what, ssize_t moved, size_t bytes)
{
	if ((size_t)check(what, moved) == bytes)
		return;
	fprintf(stderr, "drive_files: %s: %zd of %zu bytes\n", what, moved, bytes);
	_exit(1);
}

static int copy(size_t bytes)
{
	int from = opened("from", O_RDONLY), to = opened("to", O_CREAT | O_WRONLY | O_TRUNC), p[2];

	all("sendfile", sendfile(to, from, &(off_t){ 0 }, bytes), bytes);
	all("copy_file_range", copy_file_range(from, &(off_t){ 0 }, to, NULL, bytes, 0), bytes);
	check("pipe", pipe(p));
	all("splice", splice(from, &(off_t){ 0 }, p[1], NULL, 4096, 0), 4096);
	all("splice", splice(p[0], NULL, to, NULL, 4096, 0), 4096);
	return 0;
}

static int flags(void)
{
	static const struct {
		const char *name;
		int flags;
	} ways[] = {
		{ "made", O_WRONLY | O_CREAT | O_TRUNC | O_EXCL },
		{ "appended", O_WRONLY | O_APPEND | O_CREAT },
		{ "synced", O_WRONLY | O_SYNC | O_CREAT },
		{ "dsynced", O_RDWR | O_DSYNC | O_NONBLOCK | O_CREAT },
		{ "both", O_WRONLY | O_CREAT },
		{ "both", O_RDONLY | O_NOATIME },
	};
	int fd;

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		use(ways[i].name, ways[i].flags);
	fd = opened(".", O_TMPFILE | O_RDWR);
	check("write", write(fd, "x", 1));
	close(fd);
	fd = opened("later", O_CREAT | O_WRONLY);
	check("write", write(fd, "x", 1));
	check("fcntl", fcntl(fd, F_SETFL, O_APPEND));
	check("write", write(fd, "x", 1));
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	int first = argc > 2 ? atoi(argv[2]) : 0, second = argc > 3 ? atoi(argv[3]) : 0;
	char name[64];

	if (!strcmp(what, "make") && argc == 3) {
		for (int i = 0; i < first; i++) {
			snprintf(name, sizeof(name), "shared.%d", i);
			fill(name, 1);
		}
		return 0;
	}
	if (!strcmp(what, "shared") && argc == 4)
		return shared(first, second);
	if (!strcmp(what, "held") && argc == 4)
		return held(first, second);
	if (!strcmp(what, "again") && argc == 3)
		return again(first);
	if (!strcmp(what, "copy") && argc == 3)
		return copy(first);
	if (!strcmp(what, "flags") && argc == 2)
		return flags();
	fprintf(stderr, "usage: drive_files make|shared|held|again|copy|flags ...\n");
	return 2;
}
