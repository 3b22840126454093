// SPDX-License-Identifier: Apache-2.0
/* What the runtime refuses before it touches anything. No root; the rest is tests/integration. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "unit.h"

#include "base/buf.h"
#include "base/err.h"
#include "launch/runtime.h"
#include "plan/plan.h"
#include "spec/spec.h"

static void test_refuses(void **state)
{
	static const char text[] = "{name: t, runtime: native, networks: {n: {}}, containers: {"
				   "a: {command: [x], networks: [n]}, "
				   "b: {command: [x], privileged: true}}}";
	struct buf messages = BUF_INIT(1 << 16);
	struct target_set set = { 0 };
	struct launch_config config = { .run_dir = "/no/such/dir" };
	struct spec *spec;
	struct plan *plan;
	struct err err = { 0 };
	void *got = NULL;

	(void)state;
	assert_int_equal(spec_parse("t", text, strlen(text), NULL, &messages, &spec), 0);
	assert_int_equal(plan_make(spec, 1, 0, NULL, &plan, &err), 0);
	config.plan = plan;
	assert_int_equal(runtime_native.open(&config, &set, &got, &err), -EOPNOTSUPP);
	assert_non_null(strstr(err.text, "a: networks, b: privileged"));
	assert_non_null(strstr(err.text, "runtime: docker"));
	assert_null(got);
	runtime_native.close(NULL);
	plan_free(plan);
	spec_free(spec);
	buf_fini(&messages);
}

static void test_address(void **state)
{
	char text[32], small[4];

	(void)state;
	assert_int_equal(runtime_native.address(NULL, 0, text, sizeof(text)), 0);
	assert_string_equal(text, "127.0.0.1");
	assert_int_equal(runtime_native.address(NULL, 0, small, sizeof(small)), -ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
