// SPDX-License-Identifier: Apache-2.0
/*
 * A load for the vfs probe that counts itself:
 *   drive_vfs -d DIR -o OUT CASE...
 * runs the cases in DIR, a directory for it alone, and writes what it issued to OUT:
 *   {"vfs": {"read": {"calls": 12, "bytes": 4096, "errors": 1, "errnos": {"EIO": 1}}, ...},
 *    "syscalls": {"0": {...}}, "skipped": "what could not be, and why"}
 * vfs is by operation, and has what counts; syscalls is by number, and has all of them.
 * Where it cannot know how many there were, "calls_max" and "bytes_max" are the most.
 * Its own I/O, besides, is always the same, whatever the cases: that of `nothing`.
 *   drive_vfs -l
 * lists the cases: group, name, and what is special about it. A name may end in *.
 * Linked statically, since loading libraries is I/O, too.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vfs_counts.h"

static void nothing(void)
{
}

static const struct vfs_case own_cases[] = {
	{ "nothing", nothing, "what the program itself does" },
	{ 0 },
};

static const struct {
	const char *name;
	const struct vfs_case *cases;
} groups[] = {
	{ "own", own_cases },		{ "data", vfs_data_cases },
	{ "names", vfs_name_cases },	{ "sync", vfs_sync_cases },
	{ "copy", vfs_copy_cases },	{ "fds", vfs_fd_cases },
	{ "tasks", vfs_task_cases },	{ "signals", vfs_signal_cases },
	{ "uring", vfs_uring_cases },	{ "faults", vfs_fault_cases },
	{ "slow", vfs_slow_cases },	{ "crowd", vfs_crowd_cases },
	{ "compat", vfs_compat_cases }, { "overflow", vfs_overflow_cases },
};

#define GROUPS (sizeof(groups) / sizeof(groups[0]))

static bool is_named(const char *name, const char *pattern)
{
	size_t n = strlen(pattern);

	return n && pattern[n - 1] == '*' ? !strncmp(name, pattern, n - 1) : !strcmp(name, pattern);
}

static bool run(const char *pattern)
{
	bool any = false;

	for (size_t g = 0; g < GROUPS; g++)
		for (const struct vfs_case *c = groups[g].cases; c->name; c++)
			if (is_named(c->name, pattern)) {
				c->run();
				any = true;
			}
	return any;
}

static void list(void)
{
	for (size_t g = 0; g < GROUPS; g++)
		for (const struct vfs_case *c = groups[g].cases; c->name; c++)
			printf("%-8s %-16s %s\n", groups[g].name, c->name, c->says);
}

static void map_counts(int fd)
{
	if (fd < 0) {
		int memory = memfd_create("counts", 0);

		vfs_check(memory >= 0 && !ftruncate(memory, sizeof(*vfs_counts)) &&
				  dup2(memory, VFS_COUNTS_FD) == VFS_COUNTS_FD,
			  "memory for counts");
		close(memory);
		fd = VFS_COUNTS_FD;
	}
	vfs_counts = mmap(NULL, sizeof(*vfs_counts), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	vfs_check(vfs_counts != MAP_FAILED, "memory for counts");
	madvise(vfs_counts, sizeof(*vfs_counts), MADV_POPULATE_WRITE); /* no faults afterwards */
	memset(vfs_buf, 'v', sizeof(vfs_buf));
}

static void print(int fd)
{
	static char json[VFS_JSON_BYTES];

	vfs_print(json);
	vfs_check(write(fd, json, sizeof(json)) == (ssize_t)sizeof(json), "writing the counts");
	close(fd);
}

int main(int argc, char **argv)
{
	const char *dir = NULL, *out = NULL;
	int opt, counts = -1, fd = -1;

	while ((opt = getopt(argc, argv, "d:o:m:l")) != -1) {
		if (opt == 'd')
			dir = optarg;
		else if (opt == 'o')
			out = optarg;
		else if (opt == 'm')
			counts = atoi(optarg);
		else if (opt == 'l')
			return list(), 0;
		else
			return 2;
	}
	if (counts < 0 && (!dir || !out))
		return 2;
	if (out) {
		fd = open(out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
		vfs_check(fd >= 0, out);
	}
	vfs_check(!dir || !chdir(dir), "changing to the directory");
	map_counts(counts);
	for (int i = optind; i < argc; i++)
		if (!run(argv[i])) {
			fprintf(stderr, "drive_vfs: no case %s\n", argv[i]);
			return 2;
		}
	if (fd >= 0)
		print(fd);
	return 0;
}
