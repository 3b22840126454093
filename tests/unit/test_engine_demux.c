// SPDX-License-Identifier: Apache-2.0
/* Log streams, cut at every byte. */
#include "engine/demux.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "unit.h"

struct sunk {
	struct buf out, err;
	int rc;
};

static int sink(void *arg, int stream, const char *data, size_t len)
{
	struct sunk *s = arg;

	buf_put(stream == DEMUX_STDERR ? &s->err : &s->out, data, len);
	return s->rc;
}

#define HEAD(stream, len) stream "\0\0\0\0\0\0" len

static const struct {
	const char *label, *data;
	size_t len;
	bool raw;
	const char *out, *err;
	int rc;
} cases[] = {
	{ "nothing", "", 0, false, "", "", 0 },
	{ "one frame of stdout", HEAD("\1", "\2") "hi", 10, false, "hi", "", 0 },
	{ "both in turn", HEAD("\1", "\2") "hi" HEAD("\2", "\3") "err" HEAD("\1", "\1") "!", 30,
	  false, "hi!", "err", 0 },
	{ "an empty frame between", HEAD("\2", "\0") HEAD("\1", "\1") "x", 17, false, "x", "", 0 },
	{ "echoed stdin goes with the output", HEAD("\0", "\1") "x", 9, false, "x", "", 0 },
	{ "a terminal's stream has no frames", HEAD("\1", "\2") "hi", 10, true,
	  HEAD("\1", "\2") "hi", "", 0 },
	{ "an unknown stream is refused", HEAD("\7", "\1") "x", 9, false, "", "", -EPROTO },
	{ "text where a header should be is refused", "plain text", 10, false, "", "", -EPROTO },
};

static void run(size_t i, size_t step)
{
	struct sunk s = { BUF_INIT(1000), BUF_INIT(1000), 0 };
	struct demux d = { .raw = cases[i].raw };
	int rc = 0;

	for (size_t at = 0; at < cases[i].len && !rc; at += step) {
		size_t n = cases[i].len - at < step ? cases[i].len - at : step;

		rc = demux_feed(&d, cases[i].data + at, n, sink, &s);
	}
	assert_int_equal(rc, cases[i].rc);
	if (!cases[i].raw)
		assert_string_equal(buf_str(&s.out), cases[i].out);
	else
		assert_memory_equal(buf_str(&s.out), cases[i].out, cases[i].len);
	assert_string_equal(buf_str(&s.err), cases[i].err);
	buf_fini(&s.out);
	buf_fini(&s.err);
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		print_message("%s\n", cases[i].label);
		for (size_t step = 1; step <= cases[i].len + 1; step++)
			run(i, step);
	}
}

static void test_long_frame(void **state)
{
	/* 0x01020304 bytes: each byte of the length counts. */
	static const char head[] = "\1\0\0\0\1\2\3\4";
	struct demux d = { 0 };
	struct sunk s = { BUF_INIT(10), BUF_INIT(10), 0 };

	(void)state;
	assert_int_equal(demux_feed(&d, head, 8, sink, &s), 0);
	assert_int_equal(d.left, 0x01020304);
	buf_fini(&s.out);
}

static void test_sink_fails(void **state)
{
	struct demux d = { 0 };
	struct sunk s = { BUF_INIT(10), BUF_INIT(10), -ENOSPC };

	(void)state;
	assert_int_equal(demux_feed(&d, cases[1].data, cases[1].len, sink, &s), -ENOSPC);
	buf_fini(&s.out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_long_frame),
		cmocka_unit_test(test_sink_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
