// SPDX-License-Identifier: Apache-2.0
/* From limits and file systems of this host to rows. */
#include "run/limits.h"

#include <errno.h>
#include <poll.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/statvfs.h>

#include "base/aside.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "host/facts.h"
#include "host/io_limit.h"
#include "launch/target.h"

#define FILESYSTEMS_MAX 64
#define ANSWER_MS 1000 /* what a file system has to say how full it is */

static bool any_limit(const struct io_limit *v)
{
	for (size_t k = 0; k < IO_LIMIT_KINDS; k++)
		if (v->at_most[k])
			return true;
	return false;
}

int limits_look(struct limits *limits, const struct cgroup_layout *l, const struct target *t,
		uint32_t owner)
{
	struct io_limits now;
	struct store_io_limit *v;

	if (!atomic_load_explicit(&t->published, memory_order_acquire) ||
	    io_limits_read(l, &t->cg, &now))
		return 0;
	v = reallocarray(limits->v, limits->n + now.n + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	limits->v = v;
	for (size_t i = 0; i < now.n; i++) {
		const struct io_limit *of = &now.v[i];

		if (!any_limit(of))
			continue;
		v[limits->n++] = (struct store_io_limit){
			.owner = owner,
			.dev = of->major << 20 | of->minor,
			.version = now.v2 ? 2 : 1,
			.read_bps = of->at_most[IO_LIMIT_READ_BPS],
			.write_bps = of->at_most[IO_LIMIT_WRITE_BPS],
			.read_iops = of->at_most[IO_LIMIT_READ_IOPS],
			.write_iops = of->at_most[IO_LIMIT_WRITE_IOPS],
		};
	}
	return 0;
}

void limits_fini(struct limits *limits)
{
	free(limits->v);
	*limits = (struct limits){ 0 };
}

struct used {
	struct store_filesystem v[FILESYSTEMS_MAX];
	char dev[FILESYSTEMS_MAX][32];
	char *at[FILESYSTEMS_MAX]; /* NULL: not found */
	bool hangs[FILESYSTEMS_MAX]; /* it did not say how full it is */
	size_t n;
};

static int find_used(struct store *s, struct used *u, struct err *err)
{
	sqlite3_stmt *row;

	if (sqlite3_prepare_v2(store_db(s), "SELECT DISTINCT dev FROM mount", -1, &row, NULL) !=
	    SQLITE_OK)
		return err_set(err, -EIO, "cannot read the mounts of %s", store_path(s));
	while (u->n < FILESYSTEMS_MAX && sqlite3_step(row) == SQLITE_ROW)
		snprintf(u->dev[u->n++], sizeof(u->dev[0]), "%s",
			 (const char *)sqlite3_column_text(row, 0));
	sqlite3_finalize(row);
	return 0;
}

static void tell_size(void *at)
{
	struct statvfs fs;

	if (!statvfs(at, &fs))
		(void)send(ASIDE_SOCK, &fs, sizeof(fs), MSG_NOSIGNAL);
}

/*
 * By a process that can be left: a file system of another host may not answer for ever.
 * -ETIMEDOUT, or -EIO when it says nothing.
 */
static int ask_size(char *at, struct statvfs *ret)
{
	struct pollfd sock = { .events = POLLIN };
	pid_t pid;
	int got, rc = aside_start("cbpf-size", SOCK_SEQPACKET, tell_size, at, &sock.fd, &pid);

	if (rc)
		return rc;
	do /* a signal begins the wait anew, and there are few of them */
		got = poll(&sock, 1, ANSWER_MS);
	while (got < 0 && errno == EINTR);
	if (got <= 0)
		rc = -ETIMEDOUT;
	else if (recv(sock.fd, ret, sizeof(*ret), 0) != sizeof(*ret))
		rc = -EIO;
	aside_end(sock.fd, pid);
	return rc;
}

static void take_size(struct used *u, size_t i, char *at)
{
	struct statvfs fs;
	int rc = ask_size(at, &fs);

	u->hangs[i] = rc == -ETIMEDOUT;
	if (rc || !fs.f_blocks)
		return;
	u->at[i] = strdup(at);
	u->v[i] = (struct store_filesystem){
		.used_bytes = (uint64_t)(fs.f_blocks - fs.f_bfree) * fs.f_frsize,
		.free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize,
	};
}

/* Where this host has each: the first place that has a size. */
static void find_places(const char *mountinfo, struct used *u)
{
	cleanup_fclose FILE *f = fopen(mountinfo, "re");
	char line[16384], dev[32], at[4096];

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*d %*d %31[0-9:] %*s %4095s", dev, at) != 2 ||
		    strstr(line, " - fuse")) /* nothing is asked of a program of somebody's */
			continue;
		fact_mount_point(at);
		for (size_t i = 0; i < u->n; i++)
			if (!u->at[i] && !u->hangs[i] && !strcmp(u->dev[i], dev))
				take_size(u, i, at);
	}
}

int limits_put_filesystems(struct store *s, const char *mountinfo, struct err *err)
{
	cleanup_free struct used *u = calloc(1, sizeof(*u));
	struct store_filesystem found[FILESYSTEMS_MAX];
	size_t n = 0;
	int rc = u ? find_used(s, u, err) : err_set(err, -ENOMEM, "looking at file systems");

	if (rc)
		return rc;
	find_places(mountinfo, u);
	for (size_t i = 0; i < u->n; i++) {
		if (!u->at[i])
			continue;
		found[n] = u->v[i];
		found[n].dev = u->dev[i];
		found[n++].at = u->at[i];
	}
	rc = n ? store_put_filesystems(s, found, n, err) : 0;
	for (size_t i = 0; i < u->n; i++)
		free(u->at[i]);
	return rc;
}
