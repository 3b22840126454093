// SPDX-License-Identifier: Apache-2.0
/* Agreeing on an API version. */
#include "engine/engine.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "engine/endpoint.h"
#include "fake_engine.h"
#include "unit.h"

static const struct {
	const char *label;
	const char *api; /* goes into a JSON string, and may end it */
	int rc;
	const char *words; /* of the version agreed on, or the error */
} cases[] = {
	{ "the oldest that will do", "1.40", 0, "1.40" },
	{ "a newer one is taken as it is", "1.43", 0, "1.43" },
	{ "one that is too new speaks older ones too", "1.99", 0, "1.48" },
	{ "one that is too old", "1.39", -EPROTONOSUPPORT, "needs 1.40 or newer" },
	{ "one that has forgotten what we know", "1.99\", \"MinAPIVersion\": \"1.60",
	  -EPROTONOSUPPORT, "update cbpf" },
	{ "one that remembers", "1.99\", \"MinAPIVersion\": \"1.44", 0, "1.48" },
	{ "another major version", "2.0", -EPROTO, "no container engine" },
	{ "no version", "", -EPROTO, "no container engine" },
	{ "no number", "new", -EPROTO, "no container engine" },
	{ "more than a number", "1.41x", -EPROTO, "no container engine" },
	{ "an answer that is no JSON", "\"\"", -EPROTO, "not JSON" },
};

static void test_versions(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fake_engine *f = fake_engine_start(cases[i].api, NULL, 0);
		struct engine_endpoint at;
		struct engine *e = NULL;
		struct err err = { 0 };
		int rc;

		assert_int_equal(
			engine_endpoint_parse(fake_engine_host(f), NULL, NULL, NULL, &at, &err), 0);
		rc = engine_open(&(struct engine_config){ &at, "Fake", "start it", NULL }, &e,
				 &err);
		print_message("%s: %s\n", cases[i].label, err.text);
		assert_int_equal(rc, cases[i].rc);
		if (rc)
			assert_non_null(strstr(err.text, cases[i].words));
		engine_close(e);
		fake_engine_stop(f);
	}
}

static void test_info(void **state)
{
	static const struct fake_exchange v[] = {
		{ "GET /v1.48/info", 200,
		  "{\"CgroupDriver\": \"systemd\", \"DockerRootDir\": \"/d\"}", NULL, 0, 0 },
		{ "GET /v1.48/info", 500, "{\"message\": \"broken\"}", NULL, 0, 0 },
	};
	struct fake_engine *f = FAKE_START("1.99", v);
	struct engine *e = fake_engine_open(f, NULL);
	struct engine_info info;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(engine_info(e, &info, &err), 0);
	assert_string_equal(info.version, "0.1");
	assert_string_equal(info.api, "1.48");
	assert_string_equal(info.cgroup_driver, "systemd");
	assert_string_equal(info.root_dir, "/d");
	assert_int_equal(engine_info(e, &info, &err), -EIO);
	assert_non_null(strstr(err.text, "broken"));
	engine_close(e);
	engine_close(NULL);
	fake_engine_stop(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_info),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
