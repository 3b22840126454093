// SPDX-License-Identifier: Apache-2.0
/*
 * A file system that never answers some:
 *   hang_fs FILE DIRECTORY COMMAND LOG
 * serves FILE as DIRECTORY/program, in the background once it is mounted. What processes ask whose name begins with
 * COMMAND stays without an answer, but for what they read; LOG gets a line for each.
 */
#define FUSE_USE_VERSION 34
#include <errno.h>
#include <fcntl.h>
#include <fuse_lowlevel.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOR_EVER 1e6 /* s */
#define PROGRAM 2 /* its inode */

static int file, log_fd;
static const char *command;

static bool is_left_waiting(fuse_req_t req, const char *what)
{
	char path[64], line[128], name[32] = "";
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)fuse_req_ctx(req)->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? 0 : read(fd, name, sizeof(name) - 1);
	if (fd >= 0)
		close(fd);
	if (n <= 0 || strncmp(name, command, strlen(command)) != 0)
		return false;
	n = snprintf(line, sizeof(line), "%s by %s", what, name);
	return write(log_fd, line, n) == n;
}

static struct stat stat_of(fuse_ino_t inode)
{
	struct stat st = { .st_ino = inode, .st_mode = S_IFDIR | 0755, .st_nlink = 2 };

	if (inode == PROGRAM) {
		fstat(file, &st);
		st.st_ino = inode;
		st.st_mode = S_IFREG | 0755;
		st.st_nlink = 1;
	}
	return st;
}

static void on_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fuse_entry_param e = { .ino = PROGRAM,
				      .attr_timeout = FOR_EVER,
				      .entry_timeout = FOR_EVER };

	if (is_left_waiting(req, "lookup"))
		return;
	if (parent != FUSE_ROOT_ID || strcmp(name, "program") != 0) {
		fuse_reply_err(req, ENOENT);
		return;
	}
	e.attr = stat_of(PROGRAM);
	fuse_reply_entry(req, &e);
}

static void on_getattr(fuse_req_t req, fuse_ino_t inode, struct fuse_file_info *fi)
{
	struct stat st = stat_of(inode);

	(void)fi;
	if (!is_left_waiting(req, "getattr"))
		fuse_reply_attr(req, &st, FOR_EVER);
}

static void on_open(fuse_req_t req, fuse_ino_t inode, struct fuse_file_info *fi)
{
	(void)inode;
	if (is_left_waiting(req, "open"))
		return;
	fi->keep_cache = 1;
	fuse_reply_open(req, fi);
}

static void on_read(fuse_req_t req, fuse_ino_t inode, size_t size, off_t offset,
		    struct fuse_file_info *fi)
{
	char *text = malloc(size);
	ssize_t n = text ? pread(file, text, size, offset) : -1;

	(void)inode, (void)fi;
	if (n < 0)
		fuse_reply_err(req, EIO);
	else
		fuse_reply_buf(req, text, n);
	free(text);
}

static void on_statfs(fuse_req_t req, fuse_ino_t inode)
{
	const struct statvfs fs = { .f_bsize = 4096, .f_namemax = 255 };

	(void)inode;
	if (!is_left_waiting(req, "statfs"))
		fuse_reply_statfs(req, &fs);
}

static const struct fuse_lowlevel_ops ops = {
	.lookup = on_lookup,
	.getattr = on_getattr,
	.open = on_open,
	.read = on_read,
	.statfs = on_statfs,
};

int main(int argc, char **argv)
{
	char *fuse_argv[] = { argv[0], (char *)"-oallow_other,fsname=hang_fs", NULL };
	struct fuse_args args = FUSE_ARGS_INIT(2, fuse_argv);
	struct fuse_session *s;

	if (argc != 5) {
		fprintf(stderr, "usage: hang_fs FILE DIRECTORY COMMAND LOG\n");
		return 2;
	}
	command = argv[3];
	file = open(argv[1], O_RDONLY | O_CLOEXEC);
	log_fd = open(argv[4], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	s = fuse_session_new(&args, &ops, sizeof(ops), NULL);
	if (file < 0 || log_fd < 0 || !s || fuse_session_mount(s, argv[2])) {
		fprintf(stderr, "hang_fs: cannot serve %s at %s\n", argv[1], argv[2]);
		return 1;
	}
	if (fuse_daemonize(0))
		return 1;
	return fuse_session_loop(s) ? 1 : 0; /* who mounted it unmounts it */
}
