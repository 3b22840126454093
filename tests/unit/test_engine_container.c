// SPDX-License-Identifier: Apache-2.0
/* Requests about containers. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "engine/engine.h"
#include "fake_engine.h"
#include "unit.h"

static void test_create(void **state)
{
	static const struct fake_exchange v[] = {
		{ "POST /v1.41/containers/create?name=n", 201,
		  "{\"Id\": \"abc\", \"Warnings\": [\"weak\"]}", "{\"Image\": \"i\"}", 0, 0 },
		{ "POST /v1.41/containers/create?name=n", 201, "{\"Id\": \"def\"}",
		  "{\"Image\": \"j\"}", 0, 0 },
		{ "POST /v1.41/containers/create?name=n", 409, "{\"message\": \"name in use\"}",
		  "{}", 0, 0 },
	};
	struct fake_engine *f = FAKE_START("1.41", v);
	struct engine *e = fake_engine_open(f, NULL);
	struct err err = { 0 };
	json_t *warnings = NULL;
	char id[80];

	(void)state;
	assert_int_equal(engine_container_create(e, "n", json_pack("{s:s}", "Image", "i"), id,
						 sizeof(id), &warnings, &err),
			 0);
	assert_string_equal(id, "abc");
	assert_string_equal(json_string_value(json_array_get(warnings, 0)), "weak");
	json_decref(warnings);
	assert_int_equal(engine_container_create(e, "n", json_pack("{s:s}", "Image", "j"), id,
						 sizeof(id), &warnings, &err),
			 0);
	assert_null(warnings);
	assert_int_equal(engine_container_create(e, "n", json_object(), id, sizeof(id), NULL, &err),
			 -EEXIST);
	assert_non_null(strstr(err.text, "creating container 'n': name in use"));
	engine_close(e);
	fake_engine_stop(f);
}

static void test_orders(void **state)
{
	static const struct fake_exchange v[] = {
		{ "POST /v1.41/containers/c/start", 204, "", NULL, 0, 0 },
		{ "POST /v1.41/containers/c/start", 304, "", NULL, 0, 0 },
		{ "POST /v1.41/containers/c/start", 400,
		  "{\"message\": \"exec: \\\"x\\\": not found\"}", NULL, 0, 0 },
		{ "POST /v1.41/containers/c/stop?t=3", 204, "", NULL, 0, 0 },
		{ "POST /v1.41/containers/c/kill?signal=SIGTERM", 204, "", NULL, 0, 0 },
		{ "POST /v1.41/containers/c/kill?signal=SIGKILL", 409,
		  "{\"message\": \"is not running\"}", NULL, 0, 0 },
		{ "DELETE /v1.41/containers/c?force=1&v=1", 409,
		  "{\"message\": \"removal is already in progress\"}", NULL, 0, 0 },
		{ "DELETE /v1.41/containers/c?force=1&v=1", 404, "{\"message\": \"no such\"}", NULL,
		  0, 0 },
		{ "DELETE /v1.41/containers/c?force=1&v=1", 500, "{\"message\": \"busy\"}", NULL, 0,
		  0 },
		{ "HEAD /v1.41/containers/c/archive?path=%2Fbin%2Fior", 200, NULL, NULL, 0, 0 },
		{ "HEAD /v1.41/containers/c/archive?path=%2Fbin%2Fno", 404, NULL, NULL, 0, 0 },
		{ "HEAD /v1.41/containers/c/archive?path=%2Fbad", 500, NULL, NULL, 0, 0 },
		{ "PUT /v1.41/containers/c/archive?path=%2Fetc", 200, NULL, "{\"a\": 1}", 0, 0 },
		{ "PUT /v1.41/containers/c/archive?path=%2Fno", 404, "{\"message\": \"no such\"}",
		  NULL, 0, 0 },
	};
	struct fake_engine *f = FAKE_START("1.41", v);
	struct engine *e = fake_engine_open(f, NULL);
	struct err err = { 0 };

	(void)state;
	assert_int_equal(engine_container_start(e, "c", NULL, NULL, &err), 0);
	assert_int_equal(engine_container_start(e, "c", NULL, NULL, &err), 0);
	assert_int_equal(engine_container_start(e, "c", NULL, NULL, &err), -EINVAL);
	assert_non_null(strstr(err.text, "starting container 'c': exec: \"x\": not found"));
	assert_int_equal(engine_container_stop(e, "c", 3, &err), 0);
	assert_int_equal(engine_container_kill(e, "c", "SIGTERM", &err), 0);
	assert_int_equal(engine_container_kill(e, "c", "SIGKILL", &err), 0);
	assert_int_equal(engine_container_remove(e, "c", &err), 0);
	assert_int_equal(engine_container_remove(e, "c", &err), -EIO);
	assert_int_equal(engine_container_has(e, "c", "/bin/ior", &err), 1);
	assert_int_equal(engine_container_has(e, "c", "/bin/no", &err), 0);
	assert_int_equal(engine_container_has(e, "c", "/bad", &err), -EIO);
	/* As long as it says, whatever comes after. */
	assert_int_equal(engine_container_put(e, "c", "/etc", "{\"a\": 1}and more", 8, &err), 0);
	assert_int_equal(engine_container_put(e, "c", "/no", "x\0y", 3, &err), -ENOENT);
	assert_non_null(strstr(err.text, "putting files into container 'c': no such"));
	engine_close(e);
	fake_engine_stop(f);
}

static const struct {
	const char *label, *state;
	struct engine_container want;
} states[] = {
	{ "running",
	  "\"Running\": true, \"Pid\": 42, \"FinishedAt\": \"0001-01-01T00:00:00Z\"",
	  { .running = true, .pid = 42 } },
	{ "ended, with nanoseconds",
	  "\"Running\": false, \"ExitCode\": 3, \"FinishedAt\": \"2026-11-21T10:15:00.000000001Z\"",
	  { .exit_code = 3, .finished_ns = 1795256100000000001ull } },
	{ "ended, in another time zone",
	  "\"ExitCode\": 1, \"FinishedAt\": \"2026-11-21T12:15:00.5+02:00\"",
	  { .exit_code = 1, .finished_ns = 1795256100500000000ull } },
	{ "ended, west of Greenwich",
	  "\"FinishedAt\": \"2026-11-21T06:45:00-03:30\"",
	  { .finished_ns = 1795256100000000000ull } },
	{ "out of memory",
	  "\"OOMKilled\": true, \"ExitCode\": 137, \"Error\": \"oom\"",
	  { .oom_killed = true, .exit_code = 137, .error = "oom" } },
	{ "a time that is none", "\"FinishedAt\": \"yesterday\"", { .pid = 0 } },
};

static void test_inspect(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		struct engine_container c, want = states[i].want;
		struct fake_exchange x = { .request = "GET /v1.41/containers/c/json",
					   .status = 200 };
		struct fake_engine *f;
		struct engine *e;
		struct err err = { 0 };
		char answer[512];

		print_message("%s\n", states[i].label);
		snprintf(answer, sizeof(answer), "{\"Id\": \"full\", \"State\": {%s}}",
			 states[i].state);
		x.answer = answer;
		f = fake_engine_start("1.41", &x, 1);
		e = fake_engine_open(f, NULL);
		assert_int_equal(engine_container_inspect(e, "c", &c, &err), 0);
		assert_string_equal(c.id, "full");
		assert_int_equal(c.running, want.running);
		assert_int_equal(c.oom_killed, want.oom_killed);
		assert_int_equal(c.pid, want.pid);
		assert_int_equal(c.exit_code, want.exit_code);
		assert_int_equal(c.finished_ns, want.finished_ns);
		assert_string_equal(c.error, want.error);
		engine_close(e);
		fake_engine_stop(f);
	}
}

static void test_address(void **state)
{
	static const struct fake_exchange v[] = {
		{ "GET /v1.41/containers/a/json", 200,
		  "{\"NetworkSettings\": {\"Networks\": {\"none\": {\"IPAddress\": \"\"}, \"n\": "
		  "{\"IPAddress\": \"10.9.0.2\"}}}}",
		  NULL, 0, 0 },
		{ "GET /v1.41/containers/b/json", 200, "{\"NetworkSettings\": {}}", NULL, 0, 0 },
		{ "GET /v1.41/containers/c/json", 404, "{\"message\": \"No such container\"}", NULL,
		  0, 0 },
	};
	struct fake_engine *f = FAKE_START("1.41", v);
	struct engine *e = fake_engine_open(f, NULL);
	struct err err = { 0 };
	char text[64];

	(void)state;
	assert_int_equal(engine_container_address(e, "a", text, sizeof(text), &err), 0);
	assert_string_equal(text, "10.9.0.2");
	assert_int_equal(engine_container_address(e, "b", text, sizeof(text), &err),
			 -EADDRNOTAVAIL);
	assert_int_equal(engine_container_address(e, "c", text, sizeof(text), &err), -ENOENT);
	engine_close(e);
	fake_engine_stop(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_create),
		cmocka_unit_test(test_orders),
		cmocka_unit_test(test_inspect),
		cmocka_unit_test(test_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
