// SPDX-License-Identifier: Apache-2.0
/* Requests to a real socket: what is sent, what comes back, what does not, and being stopped. */
#include "sink/post.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "fake_http.h"
#include "unit.h"

struct seen {
	char head[4096], body[65536];
	size_t len;
	const char *reply; /* NULL: 204; "": close instead */
};

static void answer(void *arg, const struct fake_request *rq, struct buf *out)
{
	struct seen *seen = arg;

	snprintf(seen->head, sizeof(seen->head), "%s", rq->head);
	seen->len = rq->len;
	memcpy(seen->body, rq->body, rq->len < sizeof(seen->body) ? rq->len : 0);
	if (!seen->reply)
		buf_puts(out, "HTTP/1.1 204 No Content\r\n\r\n");
	else
		buf_puts(out, seen->reply);
}

static struct post *open_post(const struct fake_http *f, const char *authorization, bool gzip,
			      const atomic_bool *stop)
{
	char url[128];
	struct post_config config = { .url = url,
				      .authorization = authorization,
				      .gzip = gzip,
				      .timeout_ns = 10 * NSEC_PER_SEC,
				      .stop = stop };
	struct post *p = NULL;
	struct err err;

	snprintf(url, sizeof(url), "%s/write?db=d", fake_http_url(f));
	assert_int_equal(post_open(&config, &p, &err), 0);
	return p;
}

static void what_is_sent(void **state)
{
	struct seen seen = { 0 };
	struct fake_http *f = fake_http_start(answer, &seen);
	struct post *p = open_post(f, "Token t", false, NULL);
	struct post_answer a;
	struct err err;

	(void)state;
	assert_int_equal(post_send(p, "m f=1 1\n", 8, &a, &err), 0);
	assert_int_equal(a.status, 204);
	assert_non_null(strstr(seen.head, "POST /write?db=d HTTP/1.1\r\n"));
	assert_non_null(strstr(seen.head, "\r\nAuthorization: Token t\r\n"));
	assert_non_null(strstr(seen.head, "\r\nContent-Type: text/plain; charset=utf-8\r\n"));
	assert_non_null(strstr(seen.head, "\r\nUser-Agent: cbpf/"));
	assert_null(strstr(seen.head, "Expect:"));
	assert_null(strstr(seen.head, "Content-Encoding"));
	assert_int_equal(seen.len, 8);
	assert_memory_equal(seen.body, "m f=1 1\n", 8);
	/* The connection is kept. */
	assert_int_equal(post_send(p, "m f=2 2\n", 8, &a, &err), 0);
	assert_int_equal(post_send(p, "m f=3 3\n", 8, &a, &err), 0);
	assert_memory_equal(seen.body, "m f=3 3\n", 8);
	assert_int_equal(fake_http_connections(f), 1);
	post_close(p);
	fake_http_stop(f);
}

static void it_is_packed_each_time(void **state)
{
	static char data[20000], back[20000];
	struct seen seen = { 0 };
	struct fake_http *f = fake_http_start(answer, &seen);
	struct post *p = open_post(f, NULL, true, NULL);
	struct post_answer a;
	struct err err;

	(void)state;
	for (size_t len = 10; len <= sizeof(data); len += 9995) {
		z_stream z = { .next_out = (unsigned char *)back, .avail_out = sizeof(back) };

		memset(data, 'a' + (int)(len % 7), len);
		assert_int_equal(post_send(p, data, len, &a, &err), 0);
		assert_non_null(strstr(seen.head, "\r\nContent-Encoding: gzip\r\n"));
		assert_null(strstr(seen.head, "Authorization"));
		z.next_in = (unsigned char *)seen.body;
		z.avail_in = (unsigned int)seen.len;
		assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
		assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
		assert_int_equal(z.total_out, len);
		assert_memory_equal(back, data, len);
		inflateEnd(&z);
	}
	post_close(p);
	fake_http_stop(f);
}

static const struct {
	const char *label, *reply;
	int rc;
	long status;
	const char *body, *retry_after, *location;
} replies[] = {
	{ "a body", "HTTP/1.1 400 Bad\r\nContent-Length: 3\r\n\r\nwhy", 0, 400, "why", "", "" },
	{ "when to come back", "HTTP/1.1 429 No\r\nretry-AFTER: \t7 \r\nContent-Length: 0\r\n\r\n",
	  0, 429, "", "7", "" },
	{ "a redirect, which is not followed and told without secrets",
	  "HTTP/1.1 301 M\r\nLocation: https://u:hush@other/w?p=hush#x\r\nContent-Length: "
	  "0\r\n\r\n",
	  0, 301, "", "", "https://other/w" },
	{ "nothing at all", "", -EAGAIN, 0, NULL, NULL, NULL },
	{ "half a head", "HTTP/1.1 20", -EAGAIN, 0, NULL, NULL, NULL },
	{ "half a body", "HTTP/1.1 400 Bad\r\nContent-Length: 9\r\nConnection: close\r\n\r\nwh",
	  -EAGAIN, 0, NULL, NULL, NULL },
	{ "what is no HTTP", "SSH-2.0-OpenSSH\r\n", -EAGAIN, 0, NULL, NULL, NULL },
	{ "chunks", "HTTP/1.1 500 Bad\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nwhy\r\n0\r\n\r\n",
	  0, 500, "why", "", "" },
};

static void what_comes_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		struct seen seen = { .reply = replies[i].reply };
		struct fake_http *f = fake_http_start(answer, &seen);
		struct post *p = open_post(f, NULL, false, NULL);
		struct post_answer a;
		struct err err = { 0 };
		int rc;

		/* That it was cut is told by the close that follows. */
		fake_http_close_after(f, replies[i].rc != 0);
		rc = post_send(p, "x", 1, &a, &err);
		if (rc != replies[i].rc)
			fail_msg("%s: %d %s", replies[i].label, rc, err.text);
		if (!rc) {
			assert_int_equal(a.status, replies[i].status);
			assert_string_equal(buf_str(&a.body), replies[i].body);
			assert_string_equal(a.retry_after, replies[i].retry_after);
			assert_string_equal(a.location, replies[i].location);
		}
		post_close(p);
		fake_http_stop(f);
	}
}

static void a_long_body_is_cut(void **state)
{
	struct buf reply = BUF_INIT(1 << 20);
	struct seen seen = { 0 };
	struct fake_http *f;
	struct post_answer a;
	struct post *p;
	struct err err;

	(void)state;
	buf_puts(&reply, "HTTP/1.1 400 Bad\r\nContent-Length: 100000\r\n\r\n");
	for (int i = 0; i < 10000; i++)
		buf_puts(&reply, "0123456789");
	seen.reply = reply.data;
	f = fake_http_start(answer, &seen);
	p = open_post(f, NULL, false, NULL);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(post_send(p, "x", 1, &a, &err), 0);
		assert_int_equal(a.body.len, POST_BODY_MAX);
	}
	assert_int_equal(fake_http_connections(f), 1);
	post_close(p);
	fake_http_stop(f);
	buf_fini(&reply);
}

static void nobody_listens(void **state)
{
	struct seen seen = { 0 };
	struct fake_http *f = fake_http_start(answer, &seen);
	struct post *p = open_post(f, NULL, false, NULL);
	struct post_answer a;
	struct err err;

	(void)state;
	fake_http_stop(f);
	assert_int_equal(post_send(p, "x", 1, &a, &err), -EAGAIN);
	assert_non_null(strstr(err.text, "127.0.0.1"));
	post_close(p);
}

struct stopper {
	atomic_bool stop, hang;
	struct fake_http *f;
};

static void answer_never(void *arg, const struct fake_request *rq, struct buf *out)
{
	struct stopper *s = arg;

	(void)rq;
	(void)out;
	atomic_store(&s->stop, true);
	while (atomic_load(&s->hang))
		(void)clock_sleep_until(clock_mono_ns() + NSEC_PER_MSEC);
}

static void stop_ends_the_wait(void **state)
{
	struct stopper s = { .hang = true };
	struct post_answer a;
	struct post *p;
	struct err err;

	(void)state;
	s.f = fake_http_start(answer_never, &s);
	p = open_post(s.f, NULL, false, &s.stop);
	assert_int_equal(post_send(p, "x", 1, &a, &err), -ECANCELED);
	/* And is seen before anything is sent. */
	assert_int_equal(post_send(p, "x", 1, &a, &err), -ECANCELED);
	post_close(p);
	atomic_store(&s.hang, false);
	fake_http_stop(s.f);
}

static void what_can_never_work(void **state)
{
	struct post_config config = { .url = "http://h",
				      .ca_file = "/no/such/ca",
				      .timeout_ns = NSEC_PER_SEC };
	struct post_answer a;
	struct post *p = NULL;
	struct err err;

	(void)state;
	assert_int_equal(post_open(&config, &p, &err), -ENOENT);
	assert_non_null(strstr(err.text, "ca_file /no/such/ca"));
	config = (struct post_config){ .url = "file:///etc/passwd", .timeout_ns = NSEC_PER_SEC };
	assert_int_equal(post_open(&config, &p, &err), -EINVAL);
	config.url = "http://";
	assert_int_equal(post_open(&config, &p, &err), 0);
	assert_int_equal(post_send(p, "x", 1, &a, &err), -EINVAL);
	post_close(p);
	post_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_sent),	       cmocka_unit_test(it_is_packed_each_time),
		cmocka_unit_test(what_comes_back),     cmocka_unit_test(a_long_body_is_cut),
		cmocka_unit_test(nobody_listens),      cmocka_unit_test(stop_ends_the_wait),
		cmocka_unit_test(what_can_never_work),
	};

	/* The server is here, whatever proxies there are. */
	setenv("no_proxy", "127.0.0.1", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
