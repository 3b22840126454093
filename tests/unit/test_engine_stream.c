// SPDX-License-Identifier: Apache-2.0
/* Waits and logs over one thread. */
#include "engine/stream.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "engine/engine.h"
#include "fake_engine.h"
#include "unit.h"

#define WAIT "POST /v1.41/containers/c/wait?condition=next-exit"
#define LOGS "GET /v1.41/containers/c/logs?follow=1&stdout=1&stderr=1&tail=all"

struct fixture {
	struct fake_engine *f;
	struct engine *e;
	struct engine_streams *all;
	struct err err;
};

static void open_fixture(struct fixture *x, const struct fake_exchange *v, size_t n)
{
	*x = (struct fixture){ 0 };
	x->f = fake_engine_start("1.41", v, n);
	x->e = fake_engine_open(x->f, NULL);
	assert_int_equal(engine_streams_open(x->e, &x->all, &x->err), 0);
}

static void close_fixture(struct fixture *x)
{
	engine_streams_close(x->all);
	engine_close(x->e);
	fake_engine_stop(x->f);
}

static void test_wait_ends(void **state)
{
	static const struct fake_exchange v[] = {
		{ WAIT, 200, "{\"Error\": null, \"StatusCode\": 137}", NULL, 0, FAKE_BYTES },
		{ WAIT, 200, "{}", NULL, 0, 0 },
		{ WAIT, 200, "{\"StatusCode\": ", NULL, 0, FAKE_CUT },
	};
	static const int wants[] = { 0, -EPROTO, -EIO };
	struct fixture x;

	(void)state;
	open_fixture(&x, v, 3);
	for (size_t i = 0; i < 3; i++) {
		uint64_t at = 0, before = clock_mono_ns();
		struct engine_stream *s = NULL;
		int code = -1, rc = engine_wait_open(x.all, "c", &s, &x.err);

		/* The one that is cut may have been so before it was looked at. */
		if (!rc) {
			(void)engine_stream_finish(s, 5000, &x.err);
			rc = engine_wait_poll(s, &code, &at);
		}
		assert_int_equal(rc, wants[i]);
		if (!rc) {
			assert_int_equal(code, 137);
			assert_true(at >= before && at <= clock_mono_ns());
		}
		engine_stream_close(s);
	}
	close_fixture(&x);
}

static void test_wait_goes_on(void **state)
{
	static const struct fake_exchange v[] = { { WAIT, 200, "", NULL, 0, FAKE_HANG } };
	struct engine_stream *s;
	struct fixture x;
	uint64_t at;
	int code;

	(void)state;
	open_fixture(&x, v, 1);
	assert_int_equal(engine_wait_open(x.all, "c", &s, &x.err), 0);
	assert_int_equal(engine_wait_poll(s, &code, &at), 1);
	assert_int_equal(engine_stream_finish(s, 20, &x.err), -ETIMEDOUT);
	engine_stream_close(s);
	engine_stream_close(NULL);
	close_fixture(&x);
}

static void test_wait_refused(void **state)
{
	static const struct fake_exchange v[] = {
		{ WAIT, 404, "{\"message\": \"No such container: c\"}", NULL, 0, 0 }
	};
	struct engine_stream *s = NULL;
	struct fixture x;

	(void)state;
	open_fixture(&x, v, 1);
	assert_int_equal(engine_wait_open(x.all, "c", &s, &x.err), -ENOENT);
	assert_null(s);
	assert_non_null(strstr(x.err.text, "No such container: c"));
	close_fixture(&x);
}

struct sunk {
	struct buf out, err;
};

static int sink(void *arg, int stream, const char *data, size_t len)
{
	struct sunk *s = arg;

	return buf_put(stream == DEMUX_STDERR ? &s->err : &s->out, data, len);
}

static void test_logs(void **state)
{
	static const char framed[] = "\1\0\0\0\0\0\0\2hi\2\0\0\0\0\0\0\3err";
	static const struct fake_exchange v[] = {
		{ LOGS, 200, framed, NULL, sizeof(framed) - 1, FAKE_BYTES },
		{ LOGS, 200, "as it is", NULL, 0, FAKE_BYTES },
		{ LOGS, 200, "no frame at all", NULL, 0, 0 },
		{ LOGS, 500, "{\"message\": \"no logs\"}", NULL, 0, 0 },
	};
	static const struct {
		bool tty;
		int rc;
		const char *out, *err;
	} wants[] = {
		{ false, 0, "hi", "err" },
		{ true, 0, "as it is", "" },
		{ false, -EPROTO, "", "" },
		{ false, -EIO, "", "" },
	};
	struct fixture x;

	(void)state;
	open_fixture(&x, v, 4);
	for (size_t i = 0; i < 4; i++) {
		struct sunk s = { BUF_INIT(100), BUF_INIT(100) };
		struct engine_stream *stream;

		assert_int_equal(
			engine_logs_open(x.all, "c", wants[i].tty, sink, &s, &stream, &x.err), 0);
		assert_int_equal(engine_stream_finish(stream, 5000, &x.err), wants[i].rc);
		assert_string_equal(buf_str(&s.out), wants[i].out);
		assert_string_equal(buf_str(&s.err), wants[i].err);
		engine_stream_close(stream);
		buf_fini(&s.out);
		buf_fini(&s.err);
	}
	close_fixture(&x);
}

static void test_many_at_once(void **state)
{
	enum { N = 20 };
	struct fake_exchange v[N];
	struct engine_stream *s[N];
	struct fixture x;

	(void)state;
	for (size_t i = 0; i < N; i++)
		v[i] = (struct fake_exchange){ .request = WAIT,
					       .status = 200,
					       .manner = i % 2 ? FAKE_HANG : FAKE_BYTES,
					       .answer = "{\"StatusCode\": 1}" };
	open_fixture(&x, v, N);
	for (size_t i = 0; i < N; i++)
		assert_int_equal(engine_wait_open(x.all, "c", &s[i], &x.err), 0);
	for (size_t i = 0; i < N; i++)
		engine_stream_close(s[i]);
	close_fixture(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wait_ends),    cmocka_unit_test(test_wait_goes_on),
		cmocka_unit_test(test_wait_refused), cmocka_unit_test(test_logs),
		cmocka_unit_test(test_many_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
