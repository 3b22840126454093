// SPDX-License-Identifier: Apache-2.0
/* A thread that accepts, reads by Content-Length, and asks the test. */
#include "fake_http.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "unit.h"

struct fake_http {
	fake_http_fn *fn;
	void *arg;
	int fd;
	char url[64];
	atomic_uint connections, requests;
	atomic_bool stop, close_after;
	pthread_t thread;
};

/* False when the client has gone or the test is over. */
static int wait_readable(struct fake_http *f, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	while (!atomic_load(&f->stop))
		if (poll(&p, 1, 10) > 0)
			return 1;
	return 0;
}

static int read_more(struct fake_http *f, int fd, struct buf *in)
{
	char chunk[65536];
	ssize_t n;

	if (!wait_readable(f, fd))
		return 0;
	n = read(fd, chunk, sizeof(chunk));
	return n > 0 && !buf_put(in, chunk, (size_t)n);
}

static int serve_one(struct fake_http *f, int fd, struct buf *in, struct buf *answer)
{
	struct fake_request rq;
	char *end, *length;
	size_t head, len;

	while (!(end = in->len ? strstr(in->data, "\r\n\r\n") : NULL))
		if (!read_more(f, fd, in))
			return 0;
	head = (size_t)(end - in->data) + 4;
	length = strcasestr(in->data, "\r\nContent-Length:");
	len = length && length < end ? strtoul(length + 17, NULL, 10) : 0;
	while (in->len < head + len)
		if (!read_more(f, fd, in))
			return 0;
	in->data[head - 1] = '\0';
	rq = (struct fake_request){ in->data, in->data + head, len,
				    atomic_fetch_add(&f->requests, 1) };
	buf_reset(answer);
	f->fn(f->arg, &rq, answer);
	memmove(in->data, in->data + head + len, in->len - head - len + 1);
	in->len -= head + len;
	return answer->len &&
	       send(fd, answer->data, answer->len, MSG_NOSIGNAL) == (ssize_t)answer->len &&
	       !atomic_load(&f->close_after);
}

static void *serve(void *arg)
{
	struct fake_http *f = arg;

	while (wait_readable(f, f->fd)) {
		struct buf in = BUF_INIT(1 << 26), answer = BUF_INIT(1 << 26);
		int fd = accept4(f->fd, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0)
			break;
		atomic_fetch_add(&f->connections, 1);
		while (serve_one(f, fd, &in, &answer))
			;
		close(fd);
		buf_fini(&in);
		buf_fini(&answer);
	}
	return NULL;
}

struct fake_http *fake_http_start(fake_http_fn *fn, void *arg)
{
	struct sockaddr_in addr = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(addr);
	struct fake_http *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->fn = fn;
	f->arg = arg;
	f->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(f->fd >= 0);
	assert_int_equal(bind(f->fd, (struct sockaddr *)&addr, len), 0);
	assert_int_equal(listen(f->fd, 16), 0);
	assert_int_equal(getsockname(f->fd, (struct sockaddr *)&addr, &len), 0);
	snprintf(f->url, sizeof(f->url), "http://127.0.0.1:%d", ntohs(addr.sin_port));
	assert_int_equal(pthread_create(&f->thread, NULL, serve, f), 0);
	return f;
}

const char *fake_http_url(const struct fake_http *f)
{
	return f->url;
}

unsigned int fake_http_connections(const struct fake_http *f)
{
	return atomic_load(&f->connections);
}

void fake_http_close_after(struct fake_http *f, bool close_after)
{
	atomic_store(&f->close_after, close_after);
}

void fake_http_stop(struct fake_http *f)
{
	atomic_store(&f->stop, true);
	pthread_join(f->thread, NULL);
	close(f->fd);
	free(f);
}

void fake_http_answer(struct buf *answer, int status, const char *headers, const char *body)
{
	buf_printf(answer, "HTTP/1.1 %d So\r\nContent-Length: %zu\r\n%s\r\n%s", status,
		   strlen(body), headers, body);
}
