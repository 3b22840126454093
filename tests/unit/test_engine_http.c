// SPDX-License-Identifier: Apache-2.0
/* Exchanges with a fake engine, and with none at all. */
#include "engine/http.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "fake_engine.h"
#include "unit.h"

static struct http_server server_at(const char *host)
{
	struct http_server s = { .product = "Fake", .hint = "start it" };
	struct err err;

	assert_int_equal(engine_endpoint_parse(host, NULL, NULL, NULL, &s.at, &err), 0);
	return s;
}

static const struct {
	const char *label;
	struct fake_exchange x;
	int rc;
	const char *body; /* of the reply; or words of the error */
} cases[] = {
	{ "an answer", { "GET /x", 200, "hello", 0, 0, 0 }, 0, "hello" },
	{ "an answer in pieces", { "GET /x", 200, "hello", 0, 0, FAKE_BYTES }, 0, "hello" },
	{ "created", { "GET /x", 201, "{}", 0, 0, 0 }, 0, "{}" },
	{ "no content", { "GET /x", 204, NULL, 0, 0, 0 }, 0, "" },
	{ "done already", { "GET /x", 304, NULL, 0, 0, 0 }, 0, "" },
	{ "refused with words",
	  { "GET /x", 400, "{\"message\": \"bad name\"}", 0, 0, 0 },
	  -EINVAL,
	  "bad name" },
	{ "not allowed", { "GET /x", 403, "{\"message\": \"no\"}", 0, 0, 0 }, -EACCES, "no" },
	{ "not found",
	  { "GET /x", 404, "{\"message\": \"No such\"}", 0, 0, 0 },
	  -ENOENT,
	  "No such" },
	{ "a conflict",
	  { "GET /x", 409, "{\"message\": \"in use\"}", 0, 0, 0 },
	  -EEXIST,
	  "in use" },
	{ "not there",
	  { "GET /x", 501, "{\"message\": \"never\"}", 0, 0, 0 },
	  -EOPNOTSUPP,
	  "never" },
	{ "a failure without JSON", { "GET /x", 500, "<html>", 0, 0, 0 }, -EIO, "HTTP status 500" },
	{ "an empty message",
	  { "GET /x", 500, "{\"message\":\"\"}", 0, 0, 0 },
	  -EIO,
	  "HTTP status 500" },
	{ "an answer that is cut off",
	  { "GET /x", 200, "hel", 0, 0, FAKE_CUT },
	  -EIO,
	  "Fake engine" },
	{ "no answer at all", { "GET /x", 200, NULL, 0, 0, FAKE_SILENT }, -ETIMEDOUT, "in time" },
	{ "an answer without an end",
	  { "GET /x", 200, "x", 0, 0, FAKE_HANG },
	  -ETIMEDOUT,
	  "in time" },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fake_engine *f = fake_engine_start("1.41", &cases[i].x, 1);
		struct http_server s = server_at(fake_engine_host(f));
		struct http_reply reply;
		struct err err = { 0 };
		int rc = http_perform(&s,
				      &(struct http_call){ .method = "GET",
							   .path = "/x",
							   .timeout_ms = cases[i].rc == -ETIMEDOUT
										 ? 300
										 : 10000 },
				      &reply, &err);

		print_message("%s: %s\n", cases[i].label, err.text);
		assert_int_equal(rc, cases[i].rc);
		if (rc)
			assert_non_null(strstr(err.text, cases[i].body));
		else
			assert_string_equal(buf_str(&reply.body), cases[i].body);
		http_reply_fini(&reply);
		fake_engine_stop(f);
	}
}

static void test_methods(void **state)
{
	static const struct fake_exchange v[] = {
		{ "POST /y?a=b", 200, "", "{\"k\": 1}", 0, 0 },
		{ "DELETE /z", 204, NULL, NULL, 0, 0 },
		{ "HEAD /h", 200, NULL, NULL, 0, 0 },
	};
	static const struct http_call calls[] = {
		{ .method = "POST", .path = "/y?a=b", .body = "{\"k\":1}", .header = "X-A: b" },
		{ .method = "DELETE", .path = "/z" },
		{ .method = "HEAD", .path = "/h" },
	};
	struct fake_engine *f = FAKE_START("1.41", v);
	struct http_server s = server_at(fake_engine_host(f));

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		struct http_reply reply;
		struct err err = { 0 };

		assert_int_equal(http_perform(&s, &calls[i], &reply, &err), 0);
		http_reply_fini(&reply);
	}
	fake_engine_stop(f);
}

static void test_nobody_there(void **state)
{
	char dir[] = "/tmp/cbpf-unit-XXXXXX", host[64];
	struct http_reply reply;
	struct http_server s;
	struct err err = { 0 };
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	const struct http_call call = { .method = "GET", .path = "/x" };
	int fd;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(host, sizeof(host), "unix://%s/none", dir);
	s = server_at(host);
	assert_int_equal(http_perform(&s, &call, &reply, &err), -ENOTCONN);
	http_reply_fini(&reply);
	assert_non_null(strstr(err.text, host));
	assert_non_null(strstr(err.text, "No such file"));
	assert_non_null(strstr(err.text, "start it with: start it"));

	/* A socket whose server has gone. */
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/none", dir);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	close(fd);
	assert_int_equal(http_perform(&s, &call, &reply, &err), -ENOTCONN);
	http_reply_fini(&reply);
	assert_non_null(strstr(err.text, "Connection refused"));
	unlink(addr.sun_path);
	rmdir(dir);
}

static void test_nobody_at_port(void **state)
{
	/* Port 1 of the loopback network: nothing listens there. */
	struct http_server s = server_at("tcp://127.0.0.1:1");
	struct http_reply reply;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(http_perform(&s, &(struct http_call){ .method = "GET", .path = "/x" },
				      &reply, &err),
			 -ENOTCONN);
	http_reply_fini(&reply);
	assert_non_null(strstr(err.text, "tcp://127.0.0.1:1"));
}

static void *cancel_soon(void *arg)
{
	(void)clock_sleep_until(clock_mono_ns() + 50 * NSEC_PER_MSEC);
	atomic_store((atomic_bool *)arg, true);
	return NULL;
}

static void test_cancel(void **state)
{
	static const struct fake_exchange v[] = { { "GET /x", 200, NULL, NULL, 0, FAKE_SILENT },
						  { "GET /y", 200, "ok", NULL, 0, 0 } };
	struct fake_engine *f = FAKE_START("1.41", v);
	struct http_server s = server_at(fake_engine_host(f));
	struct http_reply reply;
	struct err err = { 0 };
	atomic_bool cancel = false;
	pthread_t thread;

	(void)state;
	s.cancel = &cancel;
	assert_int_equal(pthread_create(&thread, NULL, cancel_soon, &cancel), 0);
	assert_int_equal(http_perform(&s, &(struct http_call){ .method = "GET", .path = "/x" },
				      &reply, &err),
			 -EINTR);
	http_reply_fini(&reply);
	pthread_join(thread, NULL);
	/* What undoes something is done all the same. */
	assert_int_equal(http_perform(&s,
				      &(struct http_call){
					      .method = "GET", .path = "/y", .cleanup = true },
				      &reply, &err),
			 0);
	http_reply_fini(&reply);
	fake_engine_stop(f);
}

static int refuse(void *arg, const char *data, size_t len)
{
	(void)data;
	(void)len;
	++*(int *)arg;
	return -ENOSPC;
}

static void count(void *arg)
{
	++*(int *)arg;
}

static void test_callbacks(void **state)
{
	static const struct fake_exchange v[] = { { "GET /x", 200, "data", NULL, 0, 0 },
						  { "GET /e", 404, "{}", NULL, 0, 0 },
						  { "GET /s", 200, NULL, NULL, 0, FAKE_SILENT } };
	struct fake_engine *f = FAKE_START("1.41", v);
	struct http_server s = server_at(fake_engine_host(f));
	struct http_reply reply;
	struct err err = { 0 };
	int n = 0, idle = 0;
	struct http_call call = { .method = "GET", .path = "/x", .data = refuse, .data_arg = &n };

	(void)state;
	assert_int_equal(http_perform(&s, &call, &reply, &err), -ENOSPC);
	http_reply_fini(&reply);
	assert_int_equal(n, 1);
	/* The data of a failure are its words, not what was asked for. */
	call.path = "/e";
	assert_int_equal(http_perform(&s, &call, &reply, &err), -ENOENT);
	http_reply_fini(&reply);
	assert_int_equal(n, 1);
	call = (struct http_call){
		.method = "GET", .path = "/s", .timeout_ms = 200, .idle = count, .idle_arg = &idle
	};
	assert_int_equal(http_perform(&s, &call, &reply, &err), -ETIMEDOUT);
	http_reply_fini(&reply);
	assert_true(idle > 3);
	fake_engine_stop(f);
}

static void test_too_much(void **state)
{
	static char page[HTTP_BODY_MAX + 1];
	const struct fake_exchange v[] = {
		{ "GET /x", 200, page, NULL, sizeof(page), 0 },
		{ "GET /e", 500, page, NULL, sizeof(page), 0 },
	};
	struct fake_engine *f = FAKE_START("1.41", v);
	struct http_server s = server_at(fake_engine_host(f));
	struct http_reply reply;
	struct err err = { 0 };

	(void)state;
	memset(page, ' ', sizeof(page));
	assert_int_equal(http_perform(&s, &(struct http_call){ .method = "GET", .path = "/x" },
				      &reply, &err),
			 -EMSGSIZE);
	http_reply_fini(&reply);
	assert_int_equal(http_perform(&s, &(struct http_call){ .method = "GET", .path = "/e" },
				      &reply, &err),
			 -EIO);
	http_reply_fini(&reply);
	fake_engine_stop(f);
}

static void test_escape(void **state)
{
	static const struct {
		const char *text, *escaped;
	} rows[] = {
		{ "plain-._~09AZ", "plain-._~09AZ" },
		{ "a/b:c@d", "a%2Fb%3Ac%40d" },
		{ "{\"x\": 1}&?#%", "%7B%22x%22%3A%201%7D%26%3F%23%25" },
		{ "\xc3\xa9", "%C3%A9" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_buf struct buf b = BUF_INIT(100);

		assert_int_equal(http_escape(&b, rows[i].text), 0);
		assert_string_equal(buf_str(&b), rows[i].escaped);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),	     cmocka_unit_test(test_methods),
		cmocka_unit_test(test_nobody_there), cmocka_unit_test(test_nobody_at_port),
		cmocka_unit_test(test_cancel),	     cmocka_unit_test(test_callbacks),
		cmocka_unit_test(test_too_much),     cmocka_unit_test(test_escape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
