// SPDX-License-Identifier: Apache-2.0
/* How targets, results and thresholds add up to the end of a run. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/result.h"
#include "base/strlist.h"
#include "html/html.h"
#include "launch/launch.h"
#include "launch/ranks.h"
#include "plan/plan.h"
#include "probe/profile.h"
#include "report/report.h"
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

/* What writing the page comes to. */
static int html_says;

bool html_available(void)
{
	return html_says != -ENOTSUP;
}

int html_page(struct store *s, const json_t *report, struct buf *out, struct err *err)
{
	(void)s, (void)report;
	buf_puts(out, "<!DOCTYPE html>");
	return html_says ? err_set(err, html_says, "as told") : 0;
}

/* A profile of which nothing can be named. */
int profile_probe_fold(struct profile_probe *p, const atomic_bool *hurried,
		       const atomic_bool *at_once, struct profile_folded **ret, size_t *ret_n,
		       struct err *err)
{
	(void)p, (void)hurried, (void)at_once, (void)ret, (void)ret_n;
	return err_say(err, -ENOMEM, "no memory for names");
}

void profile_folded_free(struct profile_folded *v, size_t n)
{
	assert_true(!v && !n);
}

void profile_probe_losses(struct profile_probe *p, struct losses *losses)
{
	(void)p;
	loss_add(losses, "profile.files.bad", 1, "bad");
}

void profile_probe_totals(const struct profile_probe *p, struct profile_totals *ret)
{
	(void)p;
	*ret = (struct profile_totals){ .samples = 12, .expected = 13, .idle = 5, .others = 7 };
}

unsigned int profile_probe_frequency(const struct profile_probe *p)
{
	(void)p;
	return 99;
}

size_t profile_probe_costs(struct profile_probe *p, struct probe_cost *costs, size_t max)
{
	(void)p, (void)costs, (void)max;
	return 0;
}

void profile_probe_helper_cost(const struct profile_probe *p, uint64_t *ret_cpu_ns,
			       uint64_t *ret_rss_max_bytes)
{
	(void)p;
	*ret_cpu_ns = 3600 * NSEC_PER_SEC;
	*ret_rss_max_bytes = 1ull << 40;
}

/* Stands in for what was seen of ranks: one of two, in the target itself. */
static struct rank_place seen[] = { { 0, 0, 1 } };
static struct ranks ranks = { .v = seen, .n = 1, .wanted = 2 };

const struct ranks *launch_ranks(const struct launcher *l)
{
	(void)l;
	return &ranks;
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
	{ "and of one that was ended by us",
	  { .state = TARGET_EXITED, .exit_code = 143, .stopped = 1 },
	  RESULT_CORRUPT,
	  false,
	  NULL,
	  RUN_FAILED,
	  "failed" },
	{ "whose results need not be complete",
	  { .state = TARGET_EXITED, .exit_code = 143, .stopped = 1 },
	  RESULT_FAILED,
	  false,
	  NULL,
	  RUN_OK,
	  "ok" },
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

/* Of a loss; 0 without. */
static json_int_t count_of(const json_t *report, const char *what)
{
	json_t *loss;
	size_t i;

	json_array_foreach(json_object_get(report, "losses"), i, loss)
		if (!strcmp(json_string_value(json_object_get(loss, "what")), what))
			return json_integer_value(json_object_get(loss, "count"));
	return 0;
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
	assert_int_equal(count_of(outcome.report, "ranks"), 1); /* the other was not seen */
	assert_int_equal(json_array_size(json_object_get(
				 json_array_get(json_object_get(outcome.report, "targets"), 0),
				 "ranks")),
			 1);
	snprintf(html, sizeof(html), "%s/report.html", dir);
	assert_int_equal(access(html, R_OK), 0);
	json_decref(outcome.report);
	str_list_fini(&spec.expect);
	end(&s);
	assert_int_equal(fs_remove_tree(dir), 0);
}

/* @s is of one target that ended well, in @dir. */
static void begin_one(struct session *s, struct target *target, struct target_set *targets,
		      char dir[64])
{
	*target = (struct target){ .name = "a", .state = TARGET_EXITED };
	*targets = (struct target_set){ .v = target, .n = 1 };
	tool_says = -ENOENT;
	scratch_make(dir);
	begin(s, targets, dir);
}

static void a_page_that_cannot_be_is_no_failure(void **state)
{
	static const struct {
		int says;
		bool fails;
	} pages[] = { { -EMSGSIZE, false }, { -ENOMEM, true }, { -ENOTSUP, false } };

	(void)state;
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		struct spec spec = { 0 };
		struct plan plan = { .spec = &spec };
		struct session s = { .plan = &plan,
				     .losses = LOSSES_INIT,
				     .owners = calloc(1, sizeof(struct owner_table)) };
		struct run_outcome outcome = { 0 };
		struct target_set targets;
		struct target target;
		struct err err = { 0 };
		char dir[64], html[128];
		int rc;

		begin_one(&s, &target, &targets, dir);
		html_says = pages[i].says;
		rc = session_conclude(&s, &outcome, &err);
		html_says = 0;
		assert_int_equal(rc, pages[i].fails ? pages[i].says : 0);
		assert_int_equal(outcome.end, pages[i].fails ? RUN_FAILED : RUN_OK);
		snprintf(html, sizeof(html), "%s/report.html", dir);
		assert_int_equal(access(html, F_OK), -1);
		json_decref(outcome.report);
		end(&s);
		assert_int_equal(fs_remove_tree(dir), 0);
	}
}

static json_int_t in(const json_t *o, const char *part, const char *key)
{
	return json_integer_value(json_object_get(json_object_get(o, part), key));
}

static void a_profile_without_names_is_one(void **state)
{
	struct spec spec = { 0 };
	struct plan plan = { .spec = &spec };
	struct session s = { .plan = &plan,
			     .losses = LOSSES_INIT,
			     .owners = calloc(1, sizeof(struct owner_table)),
			     .tasks.profile = (struct profile_probe *)&spec };
	struct run_outcome outcome = { 0 };
	struct target_set targets;
	struct target target;
	struct err err = { 0 };
	bool bad = false, unnamed = false;
	char dir[64];
	json_t *loss;
	size_t i;

	(void)state;
	begin_one(&s, &target, &targets, dir);
	assert_int_equal(session_conclude(&s, &outcome, &err), 0);
	assert_int_equal(in(outcome.report, "profile", "samples"), 12);
	assert_int_equal(in(outcome.report, "profile", "idle"), 5);
	json_array_foreach(json_object_get(outcome.report, "losses"), i, loss) {
		const char *what = json_string_value(json_object_get(loss, "what"));

		bad = bad || !strcmp(what, "profile.files.bad");
		unnamed = unnamed || !strcmp(what, "profile");
	}
	assert_true(bad && unnamed);
	/* What another process of ours has cost is ours. */
	assert_true(json_real_value(json_object_get(json_object_get(outcome.report, "self"),
						    "cpu_s")) >= 3600);
	assert_true(in(outcome.report, "self", "rss_max_bytes") > 1ll << 40);
	json_decref(outcome.report);
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
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(a_page_that_cannot_be_is_no_failure),
		cmocka_unit_test(a_profile_without_names_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
