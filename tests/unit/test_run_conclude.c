// SPDX-License-Identifier: Apache-2.0
/* How targets, results and thresholds add up to the end of a run. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/result.h"
#include "base/strlist.h"
#include "launch/launch.h"
#include "plan/plan.h"
#include "run/pipeline.h"
#include "run/session.h"
#include "sample/sampler.h"
#include "scratch.h"
#include "spec/spec.h"
#include "store/store.h"
#include "unit.h"

/* What the one target's tool is said to have found; negative: there was none. */
static int tool_says;

/* Stands in for the launcher's reading of what workloads left. */
int launch_results(struct launcher *l, size_t i, struct result_set *ret, struct err *err)
{
	(void)l, (void)i, (void)err;
	if (tool_says < 0)
		return tool_says;
	snprintf(ret->tool, sizeof(ret->tool), "ior");
	ret->status = (enum result_status)tool_says;
	return 0;
}

static const struct {
	const char *label;
	struct target target;
	int tool_says;
	bool interrupted;
	const char *expect;
	enum run_end end;
	const char *status; /* in the database */
} cases[] = {
	{ "all is well", { .state = TARGET_EXITED }, -ENOENT, false, NULL, RUN_OK, "ok" },
	{ "a target that failed to start",
	  { .state = TARGET_FAILED, .exit_code = -1 },
	  -ENOENT,
	  false,
	  NULL,
	  RUN_FAILED,
	  "failed" },
	{ "an exit status that is not 0",
	  { .state = TARGET_EXITED, .exit_code = 3 },
	  -ENOENT,
	  false,
	  NULL,
	  RUN_FAILED,
	  "failed" },
	{ "ended by us, which is no failure",
	  { .state = TARGET_EXITED, .exit_code = 143, .stopped = 1 },
	  -ENOENT,
	  false,
	  NULL,
	  RUN_OK,
	  "ok" },
	{ "corrupt data behind an exit status of 0",
	  { .state = TARGET_EXITED },
	  RESULT_CORRUPT,
	  false,
	  NULL,
	  RUN_FAILED,
	  "failed" },
	{ "good results", { .state = TARGET_EXITED }, RESULT_OK, false, NULL, RUN_OK, "ok" },
	{ "results that cannot be read are a loss",
	  { .state = TARGET_EXITED },
	  -EBADMSG,
	  false,
	  NULL,
	  RUN_OK,
	  "ok" },
	{ "a threshold that holds",
	  { .state = TARGET_EXITED },
	  -ENOENT,
	  false,
	  "a.exit_code == 0",
	  RUN_OK,
	  "ok" },
	{ "one that does not",
	  { .state = TARGET_EXITED },
	  -ENOENT,
	  false,
	  "a.exit_code > 0",
	  RUN_THRESHOLD,
	  "ok" },
	{ "failure comes before thresholds",
	  { .state = TARGET_EXITED, .exit_code = 3 },
	  -ENOENT,
	  false,
	  "a.exit_code == 0",
	  RUN_FAILED,
	  "failed" },
	{ "an interruption before everything",
	  { .state = TARGET_EXITED, .exit_code = 3 },
	  -ENOENT,
	  true,
	  "a.exit_code == 0",
	  RUN_INTERRUPTED,
	  "interrupted" },
};

/* A session with one target whose sweeps have ended. */
static void begin(struct session *s, struct target_set *targets, const char *dir)
{
	static const struct collector *const none[] = { NULL };
	struct collector_env env = { .targets = targets,
				     .cgroups = &s->cgroups,
				     .owners = s->owners,
				     .losses = &s->losses };
	struct store_run run = { .id = "20260102T030405-x-00aa",
				 .name = "x",
				 .started_wall_ns = 1767323045000000000,
				 .started_mono_ns = clock_mono_ns(),
				 .interval_ns = NSEC_PER_SEC };
	struct pipeline_config p = { .owners = s->owners,
				     .live = &s->live,
				     .interval_ns = NSEC_PER_SEC };
	struct err err = { 0 };

	s->targets = targets;
	s->dir = strdup(dir);
	assert_int_equal(live_init(&s->live, 1), 0);
	assert_int_equal(sampler_open(&env, none, &s->sampler, &err), 0);
	assert_int_equal(store_create(dir, &run, &s->store, &err), 0);
	p.sampler = s->sampler;
	p.store = s->store;
	assert_int_equal(pipeline_open(&p, &s->pipeline, &err), 0);
	assert_int_equal(pipeline_finish(s->pipeline, &err), 0);
}

static void end(struct session *s)
{
	pipeline_close(s->pipeline);
	sampler_close(s->sampler);
	live_fini(&s->live);
	store_close(s->store);
	free(s->dir);
	free(s->owners);
}

static void run_case(size_t i)
{
	struct target target = cases[i].target;
	struct target_set targets = { .v = &target, .n = 1 };
	struct spec spec = { 0 };
	struct plan plan = { .spec = &spec };
	struct session s = { .plan = &plan,
			     .losses = LOSSES_INIT,
			     .owners = calloc(1, sizeof(struct owner_table)),
			     .interrupted = cases[i].interrupted };
	struct run_outcome outcome = { 0 };
	struct err err = { 0 };
	char dir[64], html[128];
	const char *status;
	int rc;

	snprintf(target.name, sizeof(target.name), "a");
	if (cases[i].expect)
		assert_int_equal(str_list_add(&spec.expect, cases[i].expect), 0);
	tool_says = cases[i].tool_says;
	scratch_make(dir);
	begin(&s, &targets, dir);
	rc = session_conclude(&s, &outcome, &err);
	status = json_string_value(json_object_get(outcome.report, "status"));
	if (rc || outcome.end != cases[i].end || !status || strcmp(status, cases[i].status) != 0)
		fail_msg("%s: %d '%s', end %d, status %s", cases[i].label, rc, err.text,
			 (int)outcome.end, status ? status : "none");
	snprintf(html, sizeof(html), "%s/report.html", dir);
	assert_int_equal(access(html, R_OK), 0);
	json_decref(outcome.report);
	str_list_fini(&spec.expect);
	end(&s);
	assert_int_equal(fs_remove_tree(dir), 0);
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		run_case(i);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
