// SPDX-License-Identifier: Apache-2.0
/* A thread per connection, a connection per request. */
#include "fake_engine.h"

#include <errno.h>
#include <jansson.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "engine/endpoint.h"
#include "engine/engine.h"
#include "unit.h"

#define CONNECTIONS 256

struct connection {
	struct fake_engine *f;
	pthread_t thread;
	int fd;
};

struct fake_engine {
	char dir[32], host[64];
	const char *api;
	const struct fake_exchange *v;
	bool *used;
	size_t n;
	int fd;
	pthread_t thread;
	pthread_mutex_t lock;
	struct connection c[CONNECTIONS];
	size_t n_c;
	char wrong[512]; /* the first request that was not expected */
};

static void say(int fd, const void *data, size_t len)
{
	/* The other side may have gone: tests of that want it so. */
	(void)!send(fd, data, len, MSG_NOSIGNAL);
}

static void answer(int fd, int status, const char *text, size_t len, enum fake_manner manner)
{
	char head[256];
	int n;

	if (manner == FAKE_HANG || manner == FAKE_BYTES)
		n = snprintf(head, sizeof(head),
			     "HTTP/1.1 %d Fake\r\nConnection: close\r\n"
			     "Content-Type: application/json\r\n\r\n",
			     status);
	else
		n = snprintf(head, sizeof(head),
			     "HTTP/1.1 %d Fake\r\nConnection: close\r\n"
			     "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
			     status, len + (manner == FAKE_CUT));
	say(fd, head, (size_t)n);
	for (size_t i = 0; manner == FAKE_BYTES && i < len; i++)
		say(fd, text + i, 1);
	if (manner != FAKE_BYTES)
		say(fd, text, len);
}

/* The whole request, at most @size - 1 bytes; its body's start. */
static char *receive(int fd, char *text, size_t size)
{
	size_t len = 0, want = 0;
	char *body = NULL, *length;

	while (!body || len < want) {
		ssize_t n = len < size - 1 ? read(fd, text + len, size - 1 - len) : 0;

		if (n <= 0)
			return NULL;
		len += (size_t)n;
		text[len] = '\0';
		if (body)
			continue;
		body = strstr(text, "\r\n\r\n");
		if (!body)
			continue;
		body += 4;
		length = strcasestr(text, "\r\nContent-Length:");
		want = (size_t)(body - text);
		if (length && length < body)
			want += strtoul(length + strlen("\r\nContent-Length:"), NULL, 10);
	}
	return body;
}

static bool equal_json(const char *a, const char *b)
{
	json_t *x = json_loads(a, 0, NULL), *y = json_loads(b, 0, NULL);
	bool equal = x && y && json_equal(x, y);

	json_decref(x);
	json_decref(y);
	return equal;
}

static const struct fake_exchange *find(struct fake_engine *f, const char *request,
					const char *body)
{
	const struct fake_exchange *found = NULL;

	pthread_mutex_lock(&f->lock);
	for (size_t i = 0; i < f->n && !found; i++) {
		if (f->used[i] || strcmp(f->v[i].request, request) ||
		    (f->v[i].body && !equal_json(f->v[i].body, body)))
			continue;
		f->used[i] = true;
		found = &f->v[i];
	}
	if (!found && !*f->wrong)
		snprintf(f->wrong, sizeof(f->wrong), "%.300s %.200s", request, body);
	pthread_mutex_unlock(&f->lock);
	return found;
}

static void *serve(void *arg)
{
	struct connection *c = arg;
	const struct fake_exchange *x;
	static const char unexpected[] = "{\"message\": \"unexpected request\"}";
	char text[32768], version[256], *body = receive(c->fd, text, sizeof(text)), *end;

	if (!body)
		goto out;
	end = strstr(text, " HTTP/");
	if (!end)
		goto out;
	*end = '\0';
	if (!strcmp(text, "GET /version")) {
		snprintf(version, sizeof(version), "{\"ApiVersion\": \"%s\", \"Version\": \"0.1\"}",
			 c->f->api);
		answer(c->fd, 200, version, strlen(version), FAKE_PLAIN);
		goto out;
	}
	x = find(c->f, text, body);
	if (!x)
		answer(c->fd, 599, unexpected, strlen(unexpected), FAKE_PLAIN);
	else if (x->manner != FAKE_SILENT)
		answer(c->fd, x->status, x->answer ? x->answer : "",
		       x->len	   ? x->len
		       : x->answer ? strlen(x->answer)
				   : 0,
		       x->manner);
	/* Until the client has had enough. */
	if (x && (x->manner == FAKE_HANG || x->manner == FAKE_SILENT))
		(void)!read(c->fd, text, 1);
out:
	shutdown(c->fd, SHUT_RDWR);
	return NULL;
}

static void *listen_on(void *arg)
{
	struct fake_engine *f = arg;
	int fd;

	while ((fd = accept4(f->fd, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		struct connection *c = &f->c[f->n_c];

		if (f->n_c == CONNECTIONS)
			abort();
		*c = (struct connection){ .f = f, .fd = fd };
		if (pthread_create(&c->thread, NULL, serve, c))
			abort();
		f->n_c++;
	}
	return NULL;
}

struct fake_engine *fake_engine_start(const char *api, const struct fake_exchange *v, size_t n)
{
	struct fake_engine *f = calloc(1, sizeof(*f));
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	assert_non_null(f);
	strcpy(f->dir, "/tmp/cbpf-unit-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	f->api = api;
	f->v = v;
	f->n = n;
	f->used = calloc(n + 1, sizeof(*f->used));
	assert_non_null(f->used);
	pthread_mutex_init(&f->lock, NULL);
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/sock", f->dir);
	snprintf(f->host, sizeof(f->host), "unix://%s/sock", f->dir);
	f->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(f->fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(f->fd, 64), 0);
	assert_int_equal(pthread_create(&f->thread, NULL, listen_on, f), 0);
	return f;
}

const char *fake_engine_host(const struct fake_engine *f)
{
	return f->host;
}

struct engine *fake_engine_open(const struct fake_engine *f, const atomic_bool *cancel)
{
	struct engine_endpoint at;
	struct engine *e = NULL;
	struct err err = { 0 };

	assert_int_equal(engine_endpoint_parse(f->host, NULL, NULL, NULL, &at, &err), 0);
	if (engine_open(&(struct engine_config){ &at, "Fake", "start it", cancel }, &e, &err))
		fail_msg("%s", err.text);
	return e;
}

void fake_engine_await(struct fake_engine *f, const char *request)
{
	uint64_t until = clock_mono_ns() + 30 * NSEC_PER_SEC;
	bool asked = false;

	while (!asked && clock_mono_ns() < until) {
		pthread_mutex_lock(&f->lock);
		for (size_t i = 0; i < f->n; i++)
			asked |= f->used[i] && !strcmp(f->v[i].request, request);
		pthread_mutex_unlock(&f->lock);
		if (!asked)
			clock_sleep_until(clock_mono_ns() + NSEC_PER_MSEC);
	}
}

void fake_engine_stop(struct fake_engine *f)
{
	char path[64], wrong[sizeof(f->wrong)], missing[256] = "";

	shutdown(f->fd, SHUT_RDWR);
	pthread_join(f->thread, NULL);
	close(f->fd);
	for (size_t i = 0; i < f->n_c; i++) {
		shutdown(f->c[i].fd, SHUT_RDWR);
		pthread_join(f->c[i].thread, NULL);
		close(f->c[i].fd);
	}
	snprintf(path, sizeof(path), "%s/sock", f->dir);
	unlink(path);
	rmdir(f->dir);
	for (size_t i = 0; i < f->n && !*missing; i++)
		if (!f->used[i])
			snprintf(missing, sizeof(missing), "%s", f->v[i].request);
	strcpy(wrong, f->wrong);
	pthread_mutex_destroy(&f->lock);
	free(f->used);
	free(f);
	if (*wrong)
		fail_msg("the engine was asked: %s", wrong);
	if (*missing)
		fail_msg("the engine was not asked: %s", missing);
}
