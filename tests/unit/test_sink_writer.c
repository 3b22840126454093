// SPDX-License-Identifier: Apache-2.0
/* The process that writes: it gets all, in order, and nobody waits for it longer than allowed. */
#include "sink/writer.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "unit.h"

/* Adds up what it is given; "hang" is for ever, "die" the end, "fail" a failure. */
static void adder(void *arg)
{
	static char data[WRITER_DATA_MAX + 1];
	struct writer_answer a = { .position = *(int *)arg };
	struct writer_ask ask;
	size_t len;

	writer_say(&a, NULL);
	while (writer_next(&ask, data, &len)) {
		a.number = ask.number;
		if (ask.kind == WRITER_FILE && !strcmp(data, "hang"))
			pause();
		if (ask.kind == WRITER_FILE && !strcmp(data, "die"))
			return;
		if (ask.kind == WRITER_FILE && !strcmp(data, "fail"))
			a.code = -ENOSPC;
		if (ask.kind == WRITER_BACK)
			a.position = ask.position;
		for (size_t i = 0; ask.kind == WRITER_DATA && i < len; i++)
			a.position += data[i];
		if (ask.kind == WRITER_FLUSH)
			writer_say(&a, &(struct err){ .text = "it was told to fail" });
	}
}

static struct writer *begin(const struct writer_limits *limits)
{
	struct writer_answer hello;
	struct err err = { 0 };
	struct writer *w;
	int from = 5;

	assert_int_equal(writer_start("cbpf-test", adder, &from, limits, &w, &err), 0);
	assert_int_equal(writer_hello(w, &hello, &err), 0);
	assert_int_equal(hello.position, 5);
	return w;
}

static void test_all_arrives(void **state)
{
	static char data[1000000];
	struct writer *w = begin(&(struct writer_limits){ 0 });
	struct writer_answer a;
	struct err err = { 0 };

	(void)state;
	memset(data, 1, sizeof(data));
	assert_int_equal(writer_data(w, WRITER_DATA, data, sizeof(data), &err), 0);
	assert_int_equal(writer_flush(w, &a, &err), 0);
	assert_int_equal(a.position, 5 + sizeof(data));
	assert_int_equal(writer_back(w, 7, &err), 0);
	assert_int_equal(writer_data(w, WRITER_DATA, data, 3, &err), 0);
	assert_int_equal(writer_flush(w, &a, &err), 0);
	assert_int_equal(a.position, 10);
	assert_int_equal(writer_data(w, WRITER_FILE, "fail", 4, &err), 0);
	assert_int_equal(writer_flush(w, &a, &err), -ENOSPC);
	assert_string_equal(err.text, "it was told to fail");
	writer_end(w);
	writer_end(NULL);
}

static void test_gone(void **state)
{
	struct writer *w = begin(&(struct writer_limits){ 0 });
	struct writer_answer a;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(writer_data(w, WRITER_FILE, "die", 3, &err), 0);
	assert_int_equal(writer_flush(w, &a, &err), -EIO);
	writer_end(w);
}

/* Each limit alone ends the wait for an answer, and for room to ask. */
static void hangs(const struct writer_limits *limits, int code)
{
	static char data[1000000];
	struct writer *w = begin(&(struct writer_limits){ 0 });
	struct writer_answer a;
	struct err err = { 0 };

	writer_end(w);
	w = begin(limits);
	alarm(60);
	assert_int_equal(writer_data(w, WRITER_FILE, "hang", 4, &err), 0);
	if (limits->stop)
		*(atomic_bool *)(uintptr_t)limits->stop = true;
	assert_int_equal(writer_flush(w, &a, &err), code);
	assert_int_equal(writer_data(w, WRITER_DATA, data, sizeof(data), &err), code);
	writer_end(w);
	alarm(0);
}

static void test_limits(void **state)
{
	atomic_bool stop = false;

	(void)state;
	hangs(&(struct writer_limits){ .stall_ns = NSEC_PER_SEC }, -EAGAIN);
	hangs(&(struct writer_limits){ .until_ns = clock_mono_ns() + 3 * NSEC_PER_SEC }, -EAGAIN);
	hangs(&(struct writer_limits){ .stop = &stop }, -ECANCELED);
}

/* What was given up is answered late: that is no answer to what is asked then. */
static void slow(void *arg)
{
	struct writer_answer a = { 0 };
	struct writer_ask ask;
	static char data[WRITER_DATA_MAX + 1];
	size_t len;

	(void)arg;
	while (writer_next(&ask, data, &len)) {
		if (ask.kind == WRITER_FLUSH && ask.number == 1)
			clock_sleep_until(clock_mono_ns() + 2 * NSEC_PER_SEC);
		a.number = ask.number;
		a.position = ask.number;
		if (ask.kind == WRITER_FLUSH)
			writer_say(&a, NULL);
	}
}

static void test_late_answer(void **state)
{
	struct writer_answer a = { 0 };
	struct err err = { 0 };
	struct writer *w;
	int rc, tries = 0;

	(void)state;
	assert_int_equal(writer_start("cbpf-test", slow, NULL,
				      &(struct writer_limits){ .stall_ns = 100 * NSEC_PER_MSEC },
				      &w, &err),
			 0);
	do {
		rc = writer_flush(w, &a, &err);
		tries++;
	} while (rc == -EAGAIN);
	assert_int_equal(rc, 0);
	assert_true(tries > 1);
	assert_int_equal(a.position, tries);
	writer_end(w);
}

static void test_paths(void **state)
{
	static const struct {
		const char *path, *tail;
	} cases[] = {
		{ "/dev/stdout", "/fd/1" },
		{ "/dev/stderr", "/fd/2" },
		{ "/dev/fd/63", "/fd/63" },
		{ "/proc/self/fd/1", "/fd/1" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cleanup_free char *got = writer_path(cases[i].path);
		char want[64];

		snprintf(want, sizeof(want), "/proc/%d%s", getpid(), cases[i].tail);
		assert_string_equal(got, want);
	}
	{
		cleanup_free char *a = writer_path("/a/b"), *b = writer_path("x/y"),
				  *c = writer_path("/dev/stdouts"), *here = getcwd(NULL, 0);
		char want[4096];

		snprintf(want, sizeof(want), "%s/x/y", here);
		assert_string_equal(a, "/a/b");
		assert_string_equal(b, want);
		assert_string_equal(c, "/dev/stdouts");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_arrives), cmocka_unit_test(test_gone),
		cmocka_unit_test(test_limits),	    cmocka_unit_test(test_late_answer),
		cmocka_unit_test(test_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
