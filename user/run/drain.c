// SPDX-License-Identifier: Apache-2.0
/* Bounded syncfs() in a thread that may be left behind. */
#include "run/drain.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/strlist.h"

/* Shared with the thread; whoever is last frees it. */
struct drain {
	struct str_list mounts;
	atomic_int refs;
	atomic_int done; /* 1 when finished */
	int rc;
	size_t failed_at;
};

static void put(struct drain *d)
{
	if (atomic_fetch_sub(&d->refs, 1) > 1)
		return;
	str_list_fini(&d->mounts);
	free(d);
}

/* mountinfo writes blanks and backslashes as octal. */
static void unescape(char *s)
{
	char *to = s;

	while (*s) {
		if (s[0] == '\\' && s[1] && s[2] && s[3]) {
			*to++ = (s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0');
			s += 4;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
}

int drain_mounts(const char *mountinfo, struct str_list *ret)
{
	cleanup_free char *copy = strdup(mountinfo);
	struct str_list seen = { 0 };
	char *save = NULL;
	int rc = copy ? 0 : -ENOMEM;

	for (char *line = copy ? strtok_r(copy, "\n", &save) : NULL; line && !rc;
	     line = strtok_r(NULL, "\n", &save)) {
		char dev[32], point[4096], source[4096], *dash = strstr(line, " - ");
		bool known = false;

		if (!dash || sscanf(line, "%*s %*s %31s %*s %4095s", dev, point) != 2 ||
		    sscanf(dash, " - %*s %4095s", source) != 1)
			continue;
		if (strncmp(source, "/dev/", 5))
			continue;
		for (size_t i = 0; i < seen.n; i++)
			known |= !strcmp(seen.v[i], dev);
		if (known)
			continue;
		unescape(point);
		rc = str_list_add(&seen, dev);
		if (!rc)
			rc = str_list_add(ret, point);
	}
	str_list_fini(&seen);
	return rc;
}

static int sync_one(const char *point)
{
	cleanup_close int fd = open(point, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);

	/* A mount that is hidden or a bind-mounted file is reached through another. */
	if (fd < 0)
		return 0;
	return syncfs(fd) ? -errno : 0;
}

static void *drain_main(void *arg)
{
	struct drain *d = arg;

	for (size_t i = 0; i < d->mounts.n && !d->rc; i++) {
		d->rc = sync_one(d->mounts.v[i]);
		d->failed_at = i;
	}
	atomic_store(&d->done, 1);
	put(d);
	return NULL;
}

static int start(struct drain *d, struct err *err)
{
	sigset_t all, before;
	pthread_t thread;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	atomic_store(&d->refs, 2);
	rc = pthread_create(&thread, NULL, drain_main, d);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc) {
		atomic_store(&d->refs, 1);
		return err_set(err, -rc, "starting the drain thread");
	}
	pthread_detach(thread);
	return 0;
}

int drain_dirty(uint64_t limit_ns, const atomic_bool *cancel, struct err *err)
{
	cleanup_buf struct buf mountinfo = BUF_INIT(4 << 20);
	uint64_t end_ns = clock_mono_ns() + limit_ns;
	struct drain *d = calloc(1, sizeof(*d));
	int rc;

	if (!d)
		return err_set(err, -ENOMEM, "waiting for dirty pages");
	atomic_store(&d->refs, 1);
	rc = fs_slurp_at(AT_FDCWD, "/proc/self/mountinfo", &mountinfo);
	if (!rc)
		rc = drain_mounts(buf_str(&mountinfo), &d->mounts);
	if (rc)
		err_set(err, rc, "reading /proc/self/mountinfo");
	else
		rc = start(d, err);
	while (!rc && !atomic_load(&d->done)) {
		if (atomic_load(cancel))
			rc = err_say(err, -EINTR, "the wait for dirty pages was interrupted");
		else if (clock_mono_ns() >= end_ns)
			rc = err_say(err, -ETIMEDOUT,
				     "dirty pages were still being written when `drain:` was over");
		else
			clock_sleep_until(clock_mono_ns() + 2 * NSEC_PER_MSEC);
	}
	if (!rc && d->rc)
		rc = err_set(err, d->rc, "syncing %s", d->mounts.v[d->failed_at]);
	put(d);
	return rc;
}
