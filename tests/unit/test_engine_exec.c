// SPDX-License-Identifier: Apache-2.0
/* Commands inside containers. */
#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "engine/engine.h"
#include "fake_engine.h"
#include "unit.h"

static char *const argv[] = { (char *)"ls", (char *)"-l", NULL };

static void test_exec(void **state)
{
	static const struct fake_exchange v[] = {
		{ "POST /v1.41/containers/c/exec", 201, "{\"Id\": \"x\"}",
		  "{\"AttachStdout\": true, \"AttachStderr\": true, \"Cmd\": [\"ls\", \"-l\"]}", 0,
		  0 },
		{ "POST /v1.41/exec/x/start", 200, "output", "{\"Detach\": false, \"Tty\": false}",
		  0, FAKE_BYTES },
		{ "GET /v1.41/exec/x/json", 200, "{\"Running\": true, \"Pid\": 7}", NULL, 0, 0 },
		{ "GET /v1.41/exec/x/json", 200, "{\"Running\": false, \"ExitCode\": 4}", NULL, 0,
		  0 },
	};
	struct fake_engine *f = FAKE_START("1.41", v);
	struct engine *e = fake_engine_open(f, NULL);
	struct err err = { 0 };
	int code = -1;

	(void)state;
	assert_int_equal(engine_exec(e, "c", argv, 5000, &code, NULL, &err), 0);
	assert_int_equal(code, 4);
	engine_close(e);
	fake_engine_stop(f);
}

static void test_timeout(void **state)
{
	static const struct fake_exchange v[] = {
		{ "POST /v1.41/containers/c/exec", 201, "{\"Id\": \"x\"}", NULL, 0, 0 },
		{ "POST /v1.41/exec/x/start", 200, "out", NULL, 0, FAKE_HANG },
		{ "GET /v1.41/exec/x/json", 200, "{\"Running\": true, \"Pid\": 7}", NULL, 0, 0 },
	};
	struct fake_engine *f = FAKE_START("1.41", v);
	struct engine *e = fake_engine_open(f, NULL);
	struct err err = { 0 };
	int code = -1, pid = -1;

	(void)state;
	assert_int_equal(engine_exec(e, "c", argv, 100, &code, &pid, &err), -ETIMEDOUT);
	assert_non_null(strstr(err.text, "running 'ls' in container 'c'"));
	assert_int_equal(code, -1);
	assert_int_equal(pid, 7);
	engine_close(e);
	fake_engine_stop(f);
}

static void test_not_running(void **state)
{
	static const struct fake_exchange v[] = {
		{ "POST /v1.41/containers/c/exec", 409, "{\"message\": \"is not running\"}", NULL,
		  0, 0 },
	};
	struct fake_engine *f = FAKE_START("1.41", v);
	struct engine *e = fake_engine_open(f, NULL);
	struct err err = { 0 };
	int code, pid;

	(void)state;
	assert_int_equal(engine_exec(e, "c", argv, 100, &code, &pid, &err), -EEXIST);
	assert_int_equal(pid, 0);
	engine_close(e);
	fake_engine_stop(f);
}

static void test_not_utf8(void **state)
{
	char *const wrong[] = { (char *)"\xff", NULL };
	struct fake_engine *f = fake_engine_start("1.41", NULL, 0);
	struct engine *e = fake_engine_open(f, NULL);
	struct err err = { 0 };
	int code;

	(void)state;
	assert_int_equal(engine_exec(e, "c", wrong, 100, &code, NULL, &err), -EINVAL);
	engine_close(e);
	fake_engine_stop(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exec),
		cmocka_unit_test(test_timeout),
		cmocka_unit_test(test_not_running),
		cmocka_unit_test(test_not_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
