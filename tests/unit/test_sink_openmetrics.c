// SPDX-License-Identifier: Apache-2.0
/* The sink over real sockets: answers, refusals, clients that do not behave. */
#include "sink/openmetrics.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/loss.h"
#include "fake_points.h"
#include "sink/sink.h"
#include "unit.h"

static struct losses losses = LOSSES_INIT;

static struct sink *open_sink(const char *address)
{
	const struct openmetrics_config config = { .address = address, .id = "run" };
	struct sink *s = NULL;
	struct err err = { 0 };

	if (openmetrics_open(&config, &losses, NULL, &s, &err))
		fail_msg("%s", err.text);
	return s;
}

static unsigned int port_of(const struct sink *s)
{
	unsigned int port = 0;

	assert_int_equal(sscanf(s->where, "openmetrics http://127.0.0.1:%u/metrics", &port), 1);
	assert_true(port > 0);
	return port;
}

static int connect_to(const struct sink *s)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port_of(s)) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

/* The whole answer to "@line HTTP/1.1" with these headers; caller frees. */
static char *ask(const struct sink *s, const char *line, const char *headers)
{
	struct buf answer = BUF_INIT(1 << 24);
	char request[512], piece[4096];
	int fd = connect_to(s);
	ssize_t n;

	snprintf(request, sizeof(request), "%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n",
		 line, headers);
	assert_int_equal(send(fd, request, strlen(request), MSG_NOSIGNAL), strlen(request));
	while ((n = recv(fd, piece, sizeof(piece), 0)) > 0)
		buf_put(&answer, piece, n);
	close(fd);
	return buf_steal(&answer);
}

static const struct {
	const char *line, *headers;
	const char *want[3]; /* all are in the answer */
	const char *why;
} requests[] = {
	{ "GET /metrics",
	  "",
	  { " 200 ", "Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8",
	    "\n# EOF\n" },
	  "OpenMetrics, to its end" },
	{ "GET /metrics",
	  "Accept: text/plain\r\n",
	  { " 200 ", "Content-Type: text/plain; version=0.0.4", "# TYPE cbpf_run_info gauge\n" },
	  "the older format when that is asked for" },
	{ "GET /metrics?x=1", "", { " 200 ", "# EOF", "cbpf_block_ios_total" }, "with a query" },
	{ "HEAD /metrics",
	  "",
	  { " 200 ", "application/openmetrics-text", "Length: " },
	  "the head" },
	{ "GET /", "", { " 200 ", "/metrics", "text/plain" }, "where it is" },
	{ "GET /metrics/", "", { " 404 ", "there is only /metrics", "" }, "another place" },
	{ "GET /../etc/passwd",
	  "",
	  { " 404 ", "there is only /metrics", "" },
	  "files are not served" },
	{ "POST /metrics",
	  "Content-Length: 3\r\n\r\nabc",
	  { " 405 ", "Allow: GET, HEAD", "" },
	  "nothing is taken" },
	{ "DELETE /metrics", "", { " 405 ", "Allow: GET, HEAD", "" }, "nor removed" },
};

static void put_some(struct sink *s, int64_t seq)
{
	struct err err = { 0 };
	struct point p;

	fake_point(&p, &fake_block, seq);
	fake_tag(&p, "target", "a");
	fake_int(&p, "ios", 1);
	assert_int_equal(s->ops->put(s, &p, &err), 0);
}

static void requests_are_answered(void **state)
{
	struct sink *s = open_sink("127.0.0.1:0");
	struct err err = { 0 };

	(void)state;
	assert_string_equal(s->ops->name, "openmetrics");
	assert_true(s->from_start);
	assert_true(s->wants_hists);
	put_some(s, 0);
	assert_int_equal(s->ops->flush(s, &err), 0);
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
		cleanup_free char *answer = ask(s, requests[i].line, requests[i].headers);

		for (size_t j = 0; j < 3; j++)
			if (!strstr(answer, requests[i].want[j]))
				fail_msg("%s: no '%s' in %s", requests[i].why, requests[i].want[j],
					 answer);
	}
	sink_close(s);
}

static void no_place_is_told(void **state)
{
	struct sink *s = open_sink(":0"), *second = NULL;
	char address[32];
	const struct openmetrics_config taken = { .address = address }, bad = { .address = "x:y" },
					foreign = { .address = "192.0.2.1:9464" };
	struct err err = { 0 };

	(void)state;
	snprintf(address, sizeof(address), "%u", port_of(s));
	assert_int_equal(openmetrics_open(&taken, &losses, NULL, &second, &err), -EADDRINUSE);
	assert_non_null(strstr(err.text, address));
	assert_non_null(strstr(err.text, "give another"));
	assert_int_equal(openmetrics_open(&bad, &losses, NULL, &second, &err), -EINVAL);
	assert_non_null(strstr(err.text, "x:y"));
	assert_int_equal(openmetrics_open(&foreign, &losses, NULL, &second, &err), -EADDRNOTAVAIL);
	assert_non_null(strstr(err.text, "192.0.2.1:9464"));
	assert_null(second);
	sink_close(s);
	/* The port is free again at once, although a client was served. */
	s = open_sink(address);
	sink_close(s);
}

/* Clients that send half a request, read nothing, or go away, hold up neither points nor the end. */
static void clients_that_do_not_behave(void **state)
{
	static const char request[] = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
	struct sink *s = open_sink("0");
	int fds[30];

	(void)state;
	for (int i = 0; i < 5000; i++) {
		struct err err = { 0 };
		struct point p;
		char name[200];

		/* More text than the buffers of a socket hold. */
		snprintf(name, sizeof(name), "%0190d", i);
		fake_point(&p, &fake_block, 0);
		fake_tag(&p, "target", name);
		fake_int(&p, "ios", 1);
		fake_int(&p, "bytes", 1);
		assert_int_equal(s->ops->put(s, &p, &err), 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = connect_to(s);
		if (i % 3)
			(void)!send(fds[i], request, i % 3 == 1 ? 10 : sizeof(request) - 1,
				    MSG_NOSIGNAL);
	}
	for (int64_t seq = 1; seq < 1000; seq++)
		put_some(s, seq);
	sink_close(s);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		close(fds[i]);
}

static void *scrape_often(void *data)
{
	const struct sink *s = data;
	long last = -1;

	for (int i = 0; i < 50; i++) {
		cleanup_free char *answer = ask(s, "GET /metrics", "");
		const char *at = strstr(answer, "\ncbpf_block_ios_total{target=\"a\"} ");
		long now = at ? strtol(strchr(at, '}') + 1, NULL, 10) : 0;

		if (!strstr(answer, "\n# EOF\n") || now < last)
			return "a scrape is not whole, or goes back";
		last = now;
	}
	return NULL;
}

static void scrapes_while_points_come(void **state)
{
	struct sink *s = open_sink("0");
	pthread_t threads[4];
	void *said;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, scrape_often, s), 0);
	for (int64_t seq = 0; seq < 20000; seq++)
		put_some(s, seq);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
		assert_int_equal(pthread_join(threads[i], &said), 0);
		if (said)
			fail_msg("%s", (const char *)said);
	}
	sink_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_answered),
		cmocka_unit_test(no_place_is_told),
		cmocka_unit_test(clients_that_do_not_behave),
		cmocka_unit_test(scrapes_while_points_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
