// SPDX-License-Identifier: Apache-2.0
/* Batches, what becomes of lines that are refused, and trying again, against a server that obeys a table. */
#include "sink/influxdb.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/loss.h"
#include "fake_http.h"
#include "fake_point.h"
#include "sink/sink.h"
#include "unit.h"

#define MAX_POINTS 600

/* Refuses lines whose field is marked so, the whole request as it does, and remembers the others. */
struct server {
	struct fake_http *http;
	bool bad[MAX_POINTS]; /* by time of the point */
	bool names_lines; /* as InfluxDB 3 */
	size_t max_bytes; /* of a request; 0: any */
	int fail_first; /* so many requests */
	int fail_status; /* with this; 0: close instead */
	const char *fail_headers, *fail_body;
	unsigned int times[MAX_POINTS]; /* how often each was accepted */
	unsigned int requests, most_lines;
	size_t most_bytes;
	struct losses losses;
	atomic_bool stop;
};

static const char *next_line(const char **at, const char *end)
{
	const char *line = *at, *newline = memchr(line, '\n', (size_t)(end - line));

	if (!newline)
		return NULL;
	*at = newline + 1;
	return line;
}

static unsigned long time_of(const char *line)
{
	const char *end = strchr(line, '\n');

	while (end[-1] != ' ')
		end--;
	return strtoul(end, NULL, 10);
}

static void answer_lines(struct server *s, const struct fake_request *rq, struct buf *out)
{
	const char *at = rq->body, *end = rq->body + rq->len, *line;
	unsigned int n = 0, n_bad = 0, first = 0;
	char body[256];

	while ((line = next_line(&at, end))) {
		n++;
		if (s->bad[time_of(line)] && !n_bad++)
			first = n;
	}
	if (n > s->most_lines)
		s->most_lines = n;
	/* A version that takes what is good. */
	for (at = rq->body; (line = next_line(&at, end)) && (!n_bad || s->names_lines);)
		s->times[time_of(line)] += !s->bad[time_of(line)];
	if (!n_bad) {
		fake_http_answer(out, 204, "", "");
		return;
	}
	if (s->names_lines)
		snprintf(body, sizeof(body),
			 "{\"error\":\"partial write of line protocol occurred\",\"data\":[{"
			 "\"line_number\":%u,\"error_message\":\"bad type\"}]}",
			 first);
	else
		snprintf(body, sizeof(body), "{\"error\":\"unable to parse 'x': bad type\"}");
	fake_http_answer(out, 400, "", body);
}

static void answer(void *arg, const struct fake_request *rq, struct buf *out)
{
	struct server *s = arg;

	s->requests++;
	if (rq->len > s->most_bytes)
		s->most_bytes = rq->len;
	if (s->fail_first) {
		s->fail_first--;
		if (s->fail_status)
			fake_http_answer(out, s->fail_status,
					 s->fail_headers ? s->fail_headers : "",
					 s->fail_body ? s->fail_body : "");
	} else if (s->max_bytes && rq->len > s->max_bytes) {
		fake_http_answer(out, 413, "", "{\"error\":\"Request Entity Too Large\"}");
	} else {
		answer_lines(s, rq, out);
	}
}

static struct server *start(void)
{
	struct server *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	pthread_mutex_init(&s->losses.lock, NULL);
	s->http = fake_http_start(answer, s);
	return s;
}

static void stop(struct server *s)
{
	fake_http_stop(s->http);
	free(s);
}

static struct sink *open_sink(struct server *s, uint64_t lines, uint64_t bytes, uint64_t retry_ns)
{
	struct influxdb_config config = { .url = fake_http_url(s->http),
					  .database = "d",
					  .user = "u",
					  .password = "hush",
					  .batch_lines = lines,
					  .batch_bytes = bytes,
					  .timeout_ns = 10 * NSEC_PER_SEC,
					  .retry_for_ns = retry_ns };
	struct sink *sink = NULL;
	struct err err;

	assert_int_equal(influxdb_open(&config, &s->losses, &s->stop, &sink, &err), 0);
	return sink;
}

static int put_point(struct sink *sink, int64_t time, const char *text, struct err *err)
{
	struct fake_point f;

	fake_point_init(&f, "m", time);
	fake_point_tag(&f, "t", "v");
	fake_point_text(&f, "f", text);
	return sink->ops->put(sink, &f.p, err);
}

static uint64_t lost(const struct server *s, const char *reason)
{
	uint64_t count = 0;

	for (size_t i = 0; i < s->losses.n; i++) {
		assert_string_equal(s->losses.v[i].what, "sink.influxdb");
		assert_null(strstr(s->losses.v[i].reason, "hush"));
		if (!reason || strstr(s->losses.v[i].reason, reason))
			count += s->losses.v[i].count;
	}
	return count;
}

static const struct {
	const char *label;
	unsigned int lines; /* of a batch */
	unsigned int n, bad[8], n_bad;
	bool names_lines;
	unsigned int most_requests;
} cases[] = {
	{ "nothing is wrong", 100, 300, { 0 }, 0, false, 3 },
	{ "one in the middle: halving takes two requests a level", 128, 128, { 64 }, 1, false, 15 },
	{ "the first", 128, 128, { 0 }, 1, false, 15 },
	{ "the last", 128, 128, { 127 }, 1, false, 15 },
	{ "some, in several batches", 100, 500, { 3, 4, 99, 100, 255, 499 }, 6, false, 90 },
	{ "a server that names the line is believed", 512, 512, { 200 }, 1, true, 4 },
	{ "one after the other", 512, 512, { 0, 7, 511 }, 3, true, 10 },
	{ "the only one", 10, 1, { 0 }, 1, false, 1 },
	{ "a batch of one line", 1, 3, { 1 }, 1, false, 3 },
	{ "no number of lines is one", 0, 3, { 1 }, 1, false, 3 },
};

static void bad_lines_are_found_and_the_rest_goes_through(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct server *s = start();
		struct sink *sink = open_sink(s, cases[i].lines, 1 << 20, NSEC_PER_SEC);
		struct err err = { 0 };

		s->names_lines = cases[i].names_lines;
		for (unsigned int k = 0; k < cases[i].n_bad; k++)
			s->bad[cases[i].bad[k]] = true;
		for (unsigned int k = 0; k < cases[i].n; k++)
			assert_int_equal(put_point(sink, k, "x", &err), 0);
		if (sink->ops->flush(sink, &err))
			fail_msg("%s: %s", cases[i].label, err.text);
		for (unsigned int k = 0; k < cases[i].n; k++)
			if (s->bad[k] ? s->times[k] : !s->times[k])
				fail_msg("%s: line %u was written %u times", cases[i].label, k,
					 s->times[k]);
		if (lost(s, NULL) != cases[i].n_bad || lost(s, "bad type") != cases[i].n_bad ||
		    s->requests > cases[i].most_requests)
			fail_msg("%s: %llu lost, %u requests", cases[i].label,
				 (unsigned long long)lost(s, NULL), s->requests);
		assert_true(s->most_lines <= (cases[i].lines ? cases[i].lines : 1));
		sink_close(sink);
		stop(s);
	}
}

static void batches_are_bounded_by_bytes(void **state)
{
	struct server *s = start();
	struct sink *sink = open_sink(s, 1000, 1000, NSEC_PER_SEC);
	char *text = calloc(1, 5001);
	struct err err;

	(void)state;
	memset(text, 'x', 5000);
	for (unsigned int k = 0; k < 100; k++)
		assert_int_equal(put_point(sink, k, k == 50 ? text : "0123456789", &err), 0);
	assert_int_equal(sink->ops->flush(sink, &err), 0);
	for (unsigned int k = 0; k < 100; k++)
		assert_int_equal(s->times[k], 1);
	/* The long one went alone. */
	assert_true(s->most_bytes > 5000 && s->most_bytes < 5100);
	assert_true(s->requests >= 4 && s->requests <= 7);
	/* There is nothing left to send. */
	s->requests = 0;
	assert_int_equal(sink->ops->flush(sink, &err), 0);
	assert_int_equal(s->requests, 0);
	free(text);
	sink_close(sink);
	stop(s);
}

static void what_is_too_large_is_sent_in_parts(void **state)
{
	struct server *s = start();
	struct sink *sink = open_sink(s, 10000, 200000, NSEC_PER_SEC);
	char *text = calloc(1, 1001), *over = calloc(1, 50001);
	unsigned int first;
	struct err err;

	(void)state;
	s->max_bytes = 40000;
	memset(text, 'x', 1000);
	memset(over, 'x', 50000);
	for (unsigned int k = 0; k < 200; k++)
		assert_int_equal(put_point(sink, k, k == 77 ? over : text, &err), 0);
	first = s->requests;
	for (unsigned int k = 200; k < 400; k++)
		assert_int_equal(put_point(sink, k, text, &err), 0);
	assert_int_equal(sink->ops->flush(sink, &err), 0);
	for (unsigned int k = 0; k < 400; k++)
		assert_int_equal(s->times[k], k == 77 ? 0 : 1);
	assert_int_equal(lost(s, "too large"), 1);
	assert_int_equal(lost(s, NULL), 1);
	/* What it learned it keeps: 200 lines in parts of about 25. */
	assert_true(s->requests - first < 20);
	free(text);
	free(over);
	sink_close(sink);
	stop(s);
}

static void one_server_may_refuse_everything(void **state)
{
	struct server *s = start();
	struct sink *sink = open_sink(s, 500, 1 << 20, NSEC_PER_SEC);
	struct err err;

	(void)state;
	memset(s->bad, true, sizeof(s->bad));
	for (unsigned int k = 0; k < 400; k++)
		assert_int_equal(put_point(sink, k, "x", &err), 0);
	assert_int_equal(sink->ops->flush(sink, &err), -EINVAL);
	assert_non_null(strstr(err.text, "refuses every line: bad type"));
	assert_true(s->requests < 100);
	assert_int_equal(s->losses.n, 0);
	/* But not when the others are good. */
	sink_close(sink);
	sink = open_sink(s, 500, 1 << 20, NSEC_PER_SEC);
	for (unsigned int k = 0; k < 400; k++) {
		s->bad[k] = k < 100;
		assert_int_equal(put_point(sink, k, "x", &err), 0);
	}
	assert_int_equal(sink->ops->flush(sink, &err), 0);
	assert_int_equal(lost(s, "bad type"), 100);
	sink_close(sink);
	stop(s);
}

static const struct {
	const char *label;
	int times, status;
	const char *headers, *body;
	int rc;
	const char *says;
} failures[] = {
	{ "busy", 2, 503, NULL, NULL, 0, NULL },
	{ "over quota", 2, 429, "Retry-After: 0\r\n", NULL, 0, NULL },
	{ "its own fault", 2, 500, NULL, "{\"error\":\"engine: no space left on device\"}", 0,
	  NULL },
	{ "gone without an answer", 2, 0, NULL, NULL, 0, NULL },
	{ "busy for longer than we wait", 1, 503, "Retry-After: 3600\r\n", NULL, -EAGAIN,
	  "given up for now, after 1 attempts: HTTP status 503" },
	{ "not known here", 1, 401, NULL, "{\"error\":\"no hush here\"}", -EACCES,
	  "does not know who this is: no *** here; check user and password" },
	{ "not allowed", 1, 403, NULL, "{\"error\":\"no\"}", -EPERM,
	  "not allowed to write: no; let this user write to database 'd'" },
	{ "no such database", 1, 404, NULL, "{\"error\":\"database not found: \\\"d\\\"\"}",
	  -ENOENT, "database not found: \"d\"; create it first: database 'd'" },
	{ "no such endpoint", 1, 404, NULL, "404 page not found", -ENOENT,
	  "the server has no /write; database is for InfluxDB 1" },
	{ "elsewhere", 1, 302, "Location: http://u:hush@other:1/w?p=hush\r\n", NULL, -EINVAL,
	  "redirected to http://other:1/w; give that as the url" },
	{ "not like this", 1, 405, NULL, NULL, -EINVAL, "HTTP status 405, it did not say why" },
	{ "what concerns all of it is not searched for in lines", 1, 400, NULL,
	  "{\"error\":\"database is required\"}", -EINVAL,
	  "HTTP status 400, database is required" },
};

static void what_may_pass_is_tried_again_and_else_is_said(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		struct server *s = start();
		struct sink *sink = open_sink(s, 100, 1 << 20, 60 * NSEC_PER_SEC);
		struct err err = { 0 };
		int rc;

		s->fail_first = failures[i].times;
		s->fail_status = failures[i].status;
		s->fail_headers = failures[i].headers;
		s->fail_body = failures[i].body;
		for (int k = 0; k < 5; k++)
			assert_int_equal(put_point(sink, k, "x", &err), 0);
		rc = sink->ops->flush(sink, &err);
		if (rc != failures[i].rc ||
		    (rc && (!strstr(err.text, failures[i].says) ||
			    strncmp(err.text, sink->where, strlen(sink->where)) != 0)))
			fail_msg("%s: %d %s", failures[i].label, rc, rc ? err.text : "");
		assert_null(strstr(err.text, "hush"));
		assert_int_equal(s->losses.n, 0);
		for (int k = 0; k < 5; k++)
			assert_int_equal(s->times[k], rc ? 0 : 1);
		/* What failed is forgotten: it will be put again. */
		s->fail_first = 0;
		s->requests = 0;
		assert_int_equal(sink->ops->flush(sink, &err), 0);
		/* But the server is not asked before it wants to be. */
		if (rc == -EAGAIN) {
			assert_int_equal(put_point(sink, 1, "x", &err), 0);
			assert_int_equal(sink->ops->flush(sink, &err), -EAGAIN);
			assert_non_null(strstr(err.text, failures[i].says));
			assert_true(sink->asked && sink->not_before_ns > clock_mono_ns());
		}
		assert_int_equal(s->requests, 0);
		sink_close(sink);
		stop(s);
	}
}

static void losses_are_told_by_a_flush_that_succeeds(void **state)
{
	struct server *s = start();
	struct sink *sink = open_sink(s, 100, 1 << 20, 1);
	struct fake_point f;
	struct err err;

	(void)state;
	for (int round = 1; round <= 3; round++) {
		const char *says = round == 1 ? "after 1 attempts: HTTP" : "after 2 attempts: HTTP";

		fake_point_init(&f, "m", 1);
		fake_point_tag(&f, "t", "a\n");
		fake_point_int(&f, "f", 1);
		assert_int_equal(sink->ops->put(sink, &f.p, &err), 0);
		fake_point_init(&f, "m", 2);
		fake_point_int(&f, "f", 1);
		fake_point_real(&f, "r", NAN);
		assert_int_equal(sink->ops->put(sink, &f.p, &err), 0);
		s->fail_first = round < 3;
		s->fail_status = 503;
		assert_int_equal(sink->ops->flush(sink, &err), round < 3 ? -EAGAIN : 0);
		assert_true(round == 3 || (!s->losses.n && strstr(err.text, says)));
		(void)clock_sleep_until(sink->not_before_ns);
	}
	assert_int_equal(s->losses.n, 2);
	assert_int_equal(lost(s, "line protocol cannot say it: tag t: it holds a newline"), 1);
	assert_int_equal(lost(s, "not finite"), 1);
	assert_int_equal(s->times[2], 1);
	sink_close(sink);
	stop(s);
}

static void reasons_are_few(void **state)
{
	struct server *s = start();
	struct sink *sink = open_sink(s, 100, 1 << 20, 1);
	char names[64][16];
	struct fake_point f;
	struct err err;

	(void)state;
	for (int i = 0; i < 64; i++) {
		snprintf(names[i], sizeof(names[i]), "tag%d", i);
		fake_point_init(&f, "m", 1);
		fake_point_tag(&f, names[i], "a\n");
		fake_point_int(&f, "f", 1);
		assert_int_equal(sink->ops->put(sink, &f.p, &err), 0);
	}
	assert_int_equal(sink->ops->flush(sink, &err), 0);
	assert_int_equal(s->losses.n, 16);
	assert_int_equal(lost(s, "tag0: "), 1);
	assert_int_equal(lost(s, "further reasons"), 49);
	assert_int_equal(lost(s, NULL), 64);
	sink_close(sink);
	stop(s);
}

static void *stop_soon(void *arg)
{
	struct server *s = arg;

	(void)clock_sleep_until(clock_mono_ns() + 50 * NSEC_PER_MSEC);
	atomic_store(&s->stop, true);
	return NULL;
}

static void stop_ends_a_wait_between_attempts(void **state)
{
	struct server *s = start();
	struct sink *sink = open_sink(s, 100, 1 << 20, 0);
	pthread_t thread;
	struct err err;

	(void)state;
	s->fail_first = 1;
	s->fail_status = 503;
	s->fail_headers = "Retry-After: 3600\r\n";
	assert_int_equal(put_point(sink, 1, "x", &err), 0);
	assert_int_equal(pthread_create(&thread, NULL, stop_soon, s), 0);
	assert_int_equal(sink->ops->flush(sink, &err), -ECANCELED);
	pthread_join(thread, NULL);
	sink_close(sink);
	stop(s);
}

static void a_sink_says_where_and_what_it_wants(void **state)
{
	struct influxdb_config config = { .url = "http://u:hush@h:1",
					  .bucket = "b",
					  .histograms = true,
					  .timeout_ns = NSEC_PER_SEC };
	struct losses losses = LOSSES_INIT;
	struct sink *sink = NULL;
	struct err err;

	(void)state;
	assert_int_equal(influxdb_open(&config, &losses, NULL, &sink, &err), 0);
	assert_string_equal(sink->ops->name, "influxdb");
	assert_string_equal(sink->where, "influxdb http://h:1 bucket=b");
	assert_true(sink->wants_buckets);
	assert_false(sink->from_start);
	sink_close(sink);
	sink_close(NULL);
	config.url = NULL;
	assert_int_equal(influxdb_open(&config, &losses, NULL, &sink, &err), -EINVAL);
	config.url = "http://h";
	config.ca_file = "/no/such";
	assert_int_equal(influxdb_open(&config, &losses, NULL, &sink, &err), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_lines_are_found_and_the_rest_goes_through),
		cmocka_unit_test(batches_are_bounded_by_bytes),
		cmocka_unit_test(what_is_too_large_is_sent_in_parts),
		cmocka_unit_test(one_server_may_refuse_everything),
		cmocka_unit_test(what_may_pass_is_tried_again_and_else_is_said),
		cmocka_unit_test(losses_are_told_by_a_flush_that_succeeds),
		cmocka_unit_test(reasons_are_few),
		cmocka_unit_test(stop_ends_a_wait_between_attempts),
		cmocka_unit_test(a_sink_says_where_and_what_it_wants),
	};
	static const char *const variables[] = { "INFLUXDB_HOST",	 "INFLUXDB_TOKEN",
						 "INFLUXDB_ORG",	 "INFLUXDB_BUCKET",
						 "INFLUXDB_USER",	 "INFLUXDB_PASSWORD",
						 "CREDENTIALS_DIRECTORY" };

	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
		unsetenv(variables[i]);
	/* The server is here, whatever proxies there are. */
	setenv("no_proxy", "127.0.0.1", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
