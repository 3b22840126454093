// SPDX-License-Identifier: Apache-2.0
/* A run that this host cannot do is refused before anything is made. */
#include "run/run.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "plan/plan.h"
#include "scratch.h"
#include "spec/spec.h"
#include "unit.h"

static const struct {
	const char *label, *spec, *words;
} cases[] = {
	{ "an engine that is not there", "runtime: docker\ncontainers: {a: {image: x}}\n",
	  "runtime docker lacks 'docker'" },
	{ "a collector that this host has not",
	  "runtime: native\ncollectors: {rdt: {mode: true, root: /nonexistent}}\n"
	  "containers: {a: {command: [\"true\"]}}\n",
	  "collector rdt" },
};

static void test_refusals(void **state)
{
	(void)state;
	setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock", 1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cleanup_buf struct buf messages = BUF_INIT(65536);
		char dir[64], store[128];
		struct run_config config = { .store_dir = store, .quiet = true };
		struct run_outcome outcome;
		struct plan *plan = NULL;
		struct spec *spec = NULL;
		struct err err = { 0 };
		int rc;

		scratch_make(dir);
		snprintf(store, sizeof(store), "%s/runs", dir);
		rc = spec_parse("test", cases[i].spec, strlen(cases[i].spec), NULL, &messages,
				&spec);
		if (rc)
			fail_msg("%s: %s", cases[i].label, buf_str(&messages));
		assert_int_equal(plan_make(spec, 1767323045000000000, 0, NULL, &plan, &err), 0);
		rc = run_once(&config, plan, &outcome, &err);
		if (!rc || outcome.end != RUN_HOST || !strstr(err.text, cases[i].words))
			fail_msg("%s: %d, %d, '%s'", cases[i].label, rc, (int)outcome.end,
				 err.text);
		assert_null(outcome.report);
		assert_string_equal(outcome.dir, "");
		assert_int_equal(access(store, F_OK), -1);
		run_outcome_fini(&outcome);
		plan_free(plan);
		spec_free(spec);
		assert_int_equal(fs_remove_tree(dir), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_refusals) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
