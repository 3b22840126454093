// SPDX-License-Identifier: Apache-2.0
/* Whole messages over a socket: each is taken at once, or not, so that nothing is ever half said. */
#include "sink/writer.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/aside.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"

#define LOOK_MS 50 /* between two looks at whether to give up */

struct writer {
	int sock;
	pid_t pid;
	uint32_t asked; /* number of the last flush */
	struct writer_limits limits;
};

int writer_start(const char *name, void (*main)(void *arg), void *arg,
		 const struct writer_limits *limits, struct writer **ret, struct err *err)
{
	struct writer *w = calloc(1, sizeof(*w));
	int rc = w ? aside_start(name, SOCK_SEQPACKET, main, arg, &w->sock, &w->pid) : -ENOMEM;

	if (rc) {
		free(w);
		return err_set(err, rc, "starting a process that writes files");
	}
	w->limits = *limits;
	*ret = w;
	return 0;
}

static int gone(struct err *err)
{
	return err_say(err, -EIO, "the process that writes has ended");
}

/* Until @events may be there. */
static int wait_for(const struct writer *w, short events, uint64_t since_ns, struct err *err)
{
	const struct writer_limits *l = &w->limits;
	struct pollfd sock = { .fd = w->sock, .events = events };
	uint64_t now_ns = clock_mono_ns();

	if (l->stop && *l->stop)
		return err_say(err, -ECANCELED, "stopped");
	if (l->stall_ns && now_ns >= since_ns + l->stall_ns)
		return err_say(err, -EAGAIN, "it has taken nothing for %.1f s", l->stall_ns / 1e9);
	if (l->until_ns && now_ns >= l->until_ns)
		return err_say(err, -EAGAIN, "there is no more time for it");
	if (poll(&sock, 1, LOOK_MS) < 0 && errno != EINTR)
		return err_set(err, -errno, "waiting for the process that writes");
	return 0;
}

static int ask(struct writer *w, struct writer_ask *a, const void *data, size_t len,
	       struct err *err)
{
	struct iovec parts[] = { { a, sizeof(*a) }, { (void *)(uintptr_t)data, len } };
	struct msghdr m = { .msg_iov = parts, .msg_iovlen = 2 };
	uint64_t since_ns = clock_mono_ns();
	int rc = 0;

	while (!rc && sendmsg(w->sock, &m, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		rc = errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS || errno == EINTR
			     ? wait_for(w, POLLOUT, since_ns, err)
			     : gone(err);
	return rc;
}

int writer_data(struct writer *w, enum writer_kind kind, const void *data, size_t len,
		struct err *err)
{
	struct writer_ask a = { .kind = kind };
	int rc = 0;

	for (const char *at = data; !rc && len;) {
		size_t n = len < WRITER_DATA_MAX ? len : WRITER_DATA_MAX;

		rc = ask(w, &a, at, n, err);
		at += n;
		len -= n;
	}
	return rc;
}

int writer_back(struct writer *w, int64_t position, struct err *err)
{
	return ask(w, &(struct writer_ask){ .kind = WRITER_BACK, .position = position }, NULL, 0,
		   err);
}

/* Those to what was given up are told late: they are of no use any more. */
static int answer_of(struct writer *w, uint32_t number, struct writer_answer *ret, struct err *err)
{
	uint64_t since_ns = clock_mono_ns();
	int rc = 0;

	while (!rc) {
		ssize_t len = recv(w->sock, ret, sizeof(*ret), MSG_DONTWAIT);

		if (len == sizeof(*ret) && ret->number == number)
			return ret->code ? err_say(err, ret->code, "%s", ret->text) : 0;
		if (len == sizeof(*ret))
			continue;
		rc = len < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
			     ? wait_for(w, POLLIN, since_ns, err)
			     : gone(err);
	}
	return rc;
}

int writer_hello(struct writer *w, struct writer_answer *ret, struct err *err)
{
	return answer_of(w, 0, ret, err);
}

int writer_flush(struct writer *w, struct writer_answer *ret, struct err *err)
{
	struct writer_ask a = { .kind = WRITER_FLUSH, .number = w->asked + 1 };
	int rc = ask(w, &a, NULL, 0, err);

	if (rc)
		return rc;
	w->asked++;
	return answer_of(w, a.number, ret, err);
}

uint64_t writer_cpu_ns(const struct writer *w)
{
	uint64_t cpu_ns = 0, rss;

	aside_cost(w->pid, &cpu_ns, &rss);
	return cpu_ns;
}

void writer_end(struct writer *w)
{
	if (!w)
		return;
	aside_end(w->sock, w->pid);
	free(w);
}

static const struct {
	const char *begin, *ours; /* what it is below /proc/PID */
} named_after_us[] = {
	{ "/dev/stdin", "/fd/0" }, { "/dev/stdout", "/fd/1" }, { "/dev/stderr", "/fd/2" },
	{ "/dev/fd/", "/fd/" },	   { "/proc/self/", "/" },
};

char *writer_path(const char *path)
{
	cleanup_free char *here = NULL;
	char *ret = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(named_after_us); i++) {
		const char *begin = named_after_us[i].begin;
		size_t len = strlen(begin);

		if (strncmp(path, begin, len) || (begin[len - 1] != '/' && path[len]))
			continue;
		return asprintf(&ret, "/proc/%d%s%s", getpid(), named_after_us[i].ours,
				path + len) < 0
			       ? NULL
			       : ret;
	}
	if (path[0] == '/')
		return strdup(path);
	here = getcwd(NULL, 0);
	if (!here)
		return NULL;
	return asprintf(&ret, "%s/%s", here, path) < 0 ? NULL : ret;
}

bool writer_next(struct writer_ask *ret, char *data, size_t *ret_len)
{
	struct iovec parts[] = { { ret, sizeof(*ret) }, { data, WRITER_DATA_MAX } };
	struct msghdr m = { .msg_iov = parts, .msg_iovlen = 2 };
	ssize_t len;

	do
		len = recvmsg(ASIDE_SOCK, &m, 0);
	while (len < 0 && errno == EINTR);
	if (len < (ssize_t)sizeof(*ret))
		return false;
	*ret_len = len - sizeof(*ret);
	data[*ret_len] = '\0';
	return true;
}

void writer_say(const struct writer_answer *a, const struct err *err)
{
	struct writer_answer told = *a;

	if (err)
		snprintf(told.text, sizeof(told.text), "%s", err->text);
	(void)send(ASIDE_SOCK, &told, sizeof(told), MSG_NOSIGNAL); /* or nobody is there */
}
