// SPDX-License-Identifier: Apache-2.0
/* JSON there and back. */
#include "engine/call.h"

#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "base/strlist.h"
#include "engine/engine.h"
#include "fake_engine.h"
#include "unit.h"

static void test_json(void **state)
{
	static const struct fake_exchange v[] = {
		{ "POST /v1.41/a", 200, "{\"k\": \"v\"}", "{\"x\": [1, 2]}", 0, 0 },
		{ "POST /v1.41/b", 200, "not json", NULL, 0, 0 },
		{ "POST /v1.41/c", 200, "", NULL, 0, 0 },
	};
	struct fake_engine *f = FAKE_START("1.41", v);
	struct engine *e = fake_engine_open(f, NULL);
	struct http_call call = { .method = "POST", .path = "/a" };
	struct err err = { 0 };
	json_t *json;

	(void)state;
	assert_int_equal(call_json(e, &call, json_pack("{s:[i,i]}", "x", 1, 2), &json, &err), 0);
	assert_string_equal(call_text(json, "k"), "v");
	assert_string_equal(call_text(json, "absent"), "");
	assert_string_equal(call_text(NULL, "k"), "");
	json_decref(json);
	call.path = "/b";
	assert_int_equal(call_json(e, &call, NULL, &json, &err), -EPROTO);
	assert_non_null(strstr(err.text, "not JSON"));
	call.path = "/c";
	assert_int_equal(call_json(e, &call, NULL, NULL, &err), 0);
	engine_close(e);
	fake_engine_stop(f);
}

static void test_path(void **state)
{
	char path[CALL_PATH_MAX], name[CALL_PATH_MAX];
	struct err err = { 0 };

	(void)state;
	assert_int_equal(call_path(path, "/images/", "a/b:c", "/json", &err), 0);
	assert_string_equal(path, "/images/a%2Fb%3Ac/json");
	memset(name, '/', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(call_path(path, "/images/", name, "/json", &err), -EMSGSIZE);
}

static void test_labels(void **state)
{
	struct str_map map = { 0 };
	json_t *json = call_labels(NULL);

	(void)state;
	assert_int_equal(json_object_size(json), 0);
	json_decref(json);
	assert_int_equal(str_map_set(&map, "a", "b"), 0);
	json = call_labels(&map);
	assert_string_equal(call_text(json, "a"), "b");
	json_decref(json);
	str_map_fini(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_path),
		cmocka_unit_test(test_labels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
