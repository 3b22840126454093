// SPDX-License-Identifier: Apache-2.0
/* Starting containers and noticing their end. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "fake_docker.h"
#include "scratch.h"
#include "unit.h"

#define AT "/v1.41/containers/" FAKE_RUN "a/"
#define MADE                                                                                       \
	{                                                                                          \
		.request = "POST /v1.41/containers/create?name=" FAKE_RUN "a", .status = 201,      \
		.answer = "{\"Id\": \"0123456789\"}"                                               \
	}
#define WAIT(text)                                                                                 \
	{                                                                                          \
		.request = "POST " AT "wait?condition=next-exit", .status = 200, .answer = text,   \
		.manner = FAKE_BYTES                                                               \
	}
#define STARTED                                                                                    \
	{                                                                                          \
		.request = "POST " AT "start", .status = 204                                       \
	}
#define STATE(text)                                                                                \
	{                                                                                          \
		.request = "GET " AT "json", .status = 200, .answer = "{\"State\": {" text "}}"    \
	}
#define LOGS(text)                                                                                 \
	{                                                                                          \
		.request = "GET " AT "logs?follow=1&stdout=1&stderr=1&tail=all", .status = 200,    \
		.answer = text, .len = sizeof(text) - 1, .manner = FAKE_BYTES                      \
	}
#define EXITED(code) "\"ExitCode\": " #code ", \"FinishedAt\": \"2000-01-01T00:00:00Z\""

static const struct {
	const char *label;
	int start, poll, exit;
	const char *words; /* of the error, or the target's failure */
	const char *loss;
	const char *log;
	struct fake_exchange v[8];
} cases[] = {
	{ "it ends at once",
	  0,
	  0,
	  3,
	  "",
	  "it ended at once",
	  "hi",
	  { MADE, WAIT("{\"StatusCode\": 3}"), STARTED, STATE(EXITED(3)),
	    LOGS("\1\0\0\0\0\0\0\2hi"), STATE(EXITED(3)) } },
	{ "it is out of memory",
	  0,
	  0,
	  137,
	  "out of memory",
	  "it ended at once",
	  "",
	  { MADE, WAIT("{\"StatusCode\": 137}"), STARTED, STATE(EXITED(137)), LOGS(""),
	    STATE(EXITED(137) ", \"OOMKilled\": true") } },
	{ "the engine says why",
	  0,
	  0,
	  1,
	  "device is gone",
	  "it ended at once",
	  "",
	  { MADE, WAIT("{\"StatusCode\": 1}"), STARTED, STATE(EXITED(1)), LOGS(""),
	    STATE(EXITED(1) ", \"Error\": \"device is gone\"") } },
	{ "waiters are told before it is written down",
	  0,
	  0,
	  2,
	  "",
	  NULL,
	  "",
	  { MADE, WAIT("{\"StatusCode\": 2}"), STARTED, STATE("\"Running\": true"), LOGS(""),
	    STATE("\"Running\": true"), STATE(EXITED(2)) } },
	{ "the wait breaks and the end is seen all the same",
	  0,
	  0,
	  5,
	  "",
	  NULL,
	  "",
	  { MADE, WAIT("{"), STARTED, STATE("\"Running\": true"), LOGS(""),
	    STATE("\"Running\": true"), STATE(EXITED(5)) } },
	{ "somebody removes it",
	  0,
	  0,
	  -1,
	  "somebody removed the container",
	  NULL,
	  "",
	  { MADE,
	    WAIT("{"),
	    STARTED,
	    STATE("\"Running\": true"),
	    LOGS(""),
	    { "GET " AT "json", 404, "{\"message\": \"no such\"}", NULL, 0, 0 } } },
	{ "somebody removes it after its end",
	  0,
	  0,
	  7,
	  "",
	  NULL,
	  "",
	  { MADE,
	    WAIT("{\"StatusCode\": 7}"),
	    STARTED,
	    STATE("\"Running\": true"),
	    LOGS(""),
	    { "GET " AT "json", 404, "{\"message\": \"no such\"}", NULL, 0, 0 } } },
	{ "the engine is lost",
	  0,
	  -EIO,
	  -1,
	  "the Docker engine was lost",
	  NULL,
	  NULL,
	  { MADE,
	    WAIT("{"),
	    STARTED,
	    STATE("\"Running\": true"),
	    LOGS(""),
	    { "GET " AT "json", 500, "{\"message\": \"broken\"}", NULL, 0, 0 } } },
	{ "the log breaks off",
	  0,
	  0,
	  0,
	  "",
	  "log of 'a' is incomplete",
	  "h",
	  { MADE, WAIT("{\"StatusCode\": 0}"), STARTED, STATE("\"Running\": true"),
	    LOGS("\1\0\0\0\0\0\0\1hnonsense"), STATE(EXITED(0)) } },
	{ "it cannot be started",
	  -EINVAL,
	  0,
	  -1,
	  "not found in $PATH",
	  NULL,
	  NULL,
	  { MADE,
	    WAIT("{"),
	    { "POST " AT "start", 400, "{\"message\": \"not found in $PATH\"}", NULL, 0, 0 } } },
	{ "it cannot be waited for",
	  -ENOENT,
	  0,
	  -1,
	  "no such container",
	  NULL,
	  NULL,
	  { MADE,
	    { "POST " AT "wait?condition=next-exit", 404, "{\"message\": \"no such container\"}",
	      NULL, 0, 0 } } },
	{ "it is started but not to be seen: it must not run on",
	  -EIO,
	  0,
	  -1,
	  "cannot look",
	  NULL,
	  NULL,
	  { MADE,
	    WAIT("{"),
	    STARTED,
	    { "GET " AT "json", 500, "{\"message\": \"cannot look\"}", NULL, 0, 0 },
	    { "POST " AT "kill?signal=SIGKILL", 204, NULL, NULL, 0, 0 } } },
};

static int poll_to_end(struct fake_docker *x)
{
	uint64_t until = clock_mono_ns() + 20 * NSEC_PER_SEC;
	int rc;

	while ((rc = docker_poll(x->d, 0, &x->err)) == 1 && clock_mono_ns() < until)
		(void)clock_sleep_until(clock_mono_ns() + NSEC_PER_MSEC);
	return rc;
}

static void check_end(const struct fake_docker *x, size_t i)
{
	const struct target *t = &x->set.v[0];
	char log[64];

	assert_int_equal(t->exit_code, cases[i].exit);
	assert_true(t->end_ns >= t->start_ns && t->end_ns <= clock_mono_ns());
	assert_true(t->gone);
	if (*cases[i].words)
		assert_non_null(strstr(t->failure, cases[i].words));
	else
		assert_string_equal(t->failure, "");
	assert_int_equal(fs_read_at(AT_FDCWD, t->log_path, log, sizeof(log)), 0);
	assert_string_equal(log, cases[i].log);
}

static bool has_loss(const struct fake_docker *x, const char *words)
{
	for (size_t i = 0; i < x->losses.n; i++)
		if (strstr(x->losses.v[i].reason, words))
			return true;
	return false;
}

static void run(size_t i)
{
	struct fake_exchange v[10] = { FAKE_INFO, FAKE_IMAGE };
	struct fake_docker x;
	size_t n = 2;

	for (size_t j = 0; j < 8 && cases[i].v[j].request; j++)
		v[n++] = cases[i].v[j];
	fake_docker_open(&x, "containers: {a: {image: img}}", v, n);
	assert_int_equal(x.rc, 0);
	assert_int_equal(docker_create(x.d, 0, &x.err), 0);
	assert_int_equal(docker_start(x.d, 0, &x.err), cases[i].start);
	if (cases[i].start) {
		assert_non_null(strstr(x.err.text, cases[i].words));
		fake_docker_close(&x);
		return;
	}
	assert_true(x.set.v[0].published);
	assert_int_equal(x.set.v[0].pid, 0); /* the fake's pids are not of its container */
	/* A run that ends at once may end before its log was asked for. */
	for (size_t j = 0; j < n; j++)
		if (strstr(v[j].request, "/logs?"))
			fake_engine_await(x.f, v[j].request);
	assert_int_equal(poll_to_end(&x), cases[i].poll);
	if (cases[i].poll)
		assert_non_null(strstr(x.err.text, cases[i].words));
	else
		check_end(&x, i);
	if (cases[i].loss)
		assert_true(has_loss(&x, cases[i].loss));
	fake_docker_close(&x);
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		print_message("%s\n", cases[i].label);
		run(i);
	}
}

static void test_summary(void **state)
{
	static const struct fake_exchange v[] = {
		FAKE_INFO,
		FAKE_IMAGE,
		FAKE_IMAGE,
		MADE,
		{ "HEAD " AT "archive?path=%2Fi", 200, NULL, NULL, 0, 0 },
		WAIT("{\"StatusCode\": 0}"),
		STARTED,
		STATE("\"Running\": true"),
		LOGS(""),
		STATE(EXITED(0)),
	};
	struct fake_docker x;
	char path[128];

	(void)state;
	FAKE_DOCKER_OPEN(&x, "containers: {a: {image: img, workload: {ior: {binary: /i}}}}", v);
	assert_int_equal(x.rc, 0);
	assert_int_equal(docker_create(x.d, 0, &x.err), 0);
	scratch_write(x.dir, "results/a.d/summary.json", "{}");
	assert_int_equal(docker_start(x.d, 0, &x.err), 0);
	assert_int_equal(poll_to_end(&x), 0);
	snprintf(path, sizeof(path), "%s/results/a.json", x.dir);
	assert_string_equal(x.set.v[0].summary_path, path);
	assert_int_equal(access(path, R_OK), 0);
	assert_int_not_equal(access(x.d->v[0].results, F_OK), 0);
	fake_docker_close(&x);
}

static void test_full_disk(void **state)
{
	static const struct fake_exchange v[] = {
		FAKE_INFO,
		FAKE_IMAGE,
		MADE,
		WAIT("{\"StatusCode\": 0}"),
		STARTED,
		STATE("\"Running\": true"),
		LOGS("\1\0\0\0\0\0\0\2hi"),
		STATE(EXITED(0)),
	};
	struct fake_docker x;

	(void)state;
	FAKE_DOCKER_OPEN(&x, "containers: {a: {image: img}}", v);
	assert_int_equal(x.rc, 0);
	strcpy(x.set.v[0].log_path, "/dev/full");
	assert_int_equal(docker_create(x.d, 0, &x.err), 0);
	assert_int_equal(docker_start(x.d, 0, &x.err), 0);
	assert_int_equal(poll_to_end(&x), 0);
	assert_int_equal(x.set.v[0].exit_code, 0);
	assert_true(has_loss(&x, "'/dev/full' could not be written"));
	fake_docker_close(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_summary),
		cmocka_unit_test(test_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
