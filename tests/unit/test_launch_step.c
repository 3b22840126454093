// SPDX-License-Identifier: Apache-2.0
/* The life of targets on a runtime that only writes down what it is told. No root. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "launch/launch_state.h"
#include "launch/runtime.h"
#include "plan/plan.h"
#include "spec/spec.h"

#define MAX 8
#define MS NSEC_PER_MSEC

/* What the fake runtime does with each target, by the first letter of its name. */
static struct {
	struct target_set *set;
	char calls[1024]; /* "start a, term b, ..." */
	bool ended[MAX];
	int ready[MAX]; /* status of the readiness command */
	bool deaf[MAX]; /* ignores SIGTERM */
	int status; /* of what is told to end; 0: the signal's */
	int start_rc;
	char start_fails; /* name of the target that start_rc is for */
	int poll_rc;
} fake;

static void said(const char *verb, size_t i)
{
	size_t at = strlen(fake.calls);

	snprintf(fake.calls + at, sizeof(fake.calls) - at, "%s%s %s", at ? ", " : "", verb,
		 fake.set->v[i].name);
}

static int fake_open(const struct launch_config *config, struct target_set *set, void **ret_state,
		     struct err *err)
{
	(void)config;
	(void)err;
	fake.set = set;
	*ret_state = &fake;
	return 0;
}

static int fake_create(void *state, size_t i, struct err *err)
{
	(void)state;
	(void)i;
	(void)err;
	return 0;
}

static int fake_start(void *state, size_t i, struct err *err)
{
	(void)state;
	said("start", i);
	if (fake.set->v[i].name[0] == fake.start_fails)
		return err_say(err, fake.start_rc, "no such program");
	return 0;
}

static int fake_poll(void *state, size_t i, struct err *err)
{
	(void)state;
	if (fake.poll_rc)
		return err_say(err, fake.poll_rc, "the engine is gone");
	if (fake.ended[i] && fake.set->v[i].exit_code < 0)
		fake.set->v[i].exit_code = 0;
	return !fake.ended[i];
}

static int fake_exec(void *state, size_t i, char *const argv[], uint64_t timeout_ns,
		     struct err *err)
{
	(void)state;
	(void)argv;
	(void)timeout_ns;
	(void)err;
	said("check", i);
	return fake.ready[i];
}

static int fake_address(void *state, size_t i, char *text, size_t size)
{
	(void)state;
	(void)i;
	snprintf(text, size, "127.0.0.1");
	return 0;
}

static int fake_signal(void *state, size_t i, bool kill, struct err *err)
{
	(void)state;
	(void)err;
	said(kill ? "kill" : "term", i);
	if (kill || !fake.deaf[i]) {
		fake.ended[i] = true;
		fake.set->v[i].exit_code = fake.status ? fake.status : kill ? 137 : 143;
	}
	return 0;
}

static int fake_remove(void *state, size_t i, struct err *err)
{
	(void)state;
	(void)err;
	said("remove", i);
	return 0;
}

static void fake_close(void *state)
{
	(void)state;
}

static const struct runtime runtime = {
	.name = "fake",
	.open = fake_open,
	.create = fake_create,
	.start = fake_start,
	.poll = fake_poll,
	.exec = fake_exec,
	.address = fake_address,
	.signal = fake_signal,
	.remove = fake_remove,
	.close = fake_close,
};

struct world {
	struct spec *spec;
	struct plan *plan;
	struct launcher *l;
	struct target *v;
	uint64_t begin_ns;
	char dir[64];
	struct err err;
};

/* @containers: the spec's, in YAML flow style. */
static void open_world(struct world *w, const char *containers)
{
	struct launch_config config = { 0 };
	cleanup_buf struct buf messages = BUF_INIT(1 << 16);
	char text[2048];

	memset(&fake, 0, sizeof(fake));
	memset(w, 0, sizeof(*w));
	strcpy(w->dir, "/tmp/cbpf-test-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	snprintf(text, sizeof(text), "name: t\nruntime: native\ncontainers: %s\n", containers);
	if (spec_parse("t.yml", text, strlen(text), NULL, &messages, &w->spec))
		fail_msg("%s", buf_str(&messages));
	assert_int_equal(plan_make(w->spec, 1, 0, NULL, &w->plan, &w->err), 0);
	config.plan = w->plan;
	config.run_dir = w->dir;
	assert_int_equal(launch_open_with(&config, &runtime, &w->l, &w->err), 0);
	w->v = launch_targets(w->l)->v;
	w->begin_ns = clock_mono_ns();
	assert_int_equal(launch_step(w->l, w->begin_ns, &w->err), 0);
}

static void close_world(struct world *w)
{
	assert_int_equal(launch_close(w->l, &w->err), 0);
	plan_free(w->plan);
	spec_free(w->spec);
	assert_int_equal(fs_remove_tree(w->dir), 0);
}

/* Steps of 10 ms up to @ms after the beginning. */
static void run_to(struct world *w, uint64_t from_ms, uint64_t ms)
{
	for (uint64_t at = from_ms; at <= ms; at += 10)
		assert_int_equal(launch_step(w->l, w->begin_ns + at * MS, &w->err), 0);
}

static void test_start_times(void **state)
{
	struct world w;

	(void)state;
	open_world(&w, "{b: {command: [x], start: 100ms}, a: {command: [x]}}");
	assert_string_equal(fake.calls, "start a");
	run_to(&w, 10, 90);
	assert_int_equal(w.v[0].state, TARGET_WAITING);
	run_to(&w, 100, 100);
	assert_string_equal(fake.calls, "start a, start b");
	assert_int_equal(w.v[1].state, TARGET_READY);
	assert_true(w.v[1].ready_ns && w.v[1].start_ns);
	assert_false(launch_done(w.l));
	fake.ended[0] = fake.ended[1] = true;
	run_to(&w, 110, 110);
	assert_true(launch_done(w.l));
	assert_int_equal(w.v[0].state, TARGET_EXITED);
	assert_true(w.v[0].end_ns > 0 && w.v[0].gone);
	close_world(&w);
}

static void test_dependencies(void **state)
{
	struct world w;

	(void)state;
	open_world(&w, "{a: {command: [x], ready: {command: [y], interval: 50ms}},"
		       " b: {command: [x], depends_on: [a]}}");
	run_to(&w, 10, 10);
	/* Ready at once: what depends on it starts in the step that sees it. */
	assert_string_equal(fake.calls, "start a, check a, start b");
	close_world(&w);

	open_world(&w, "{a: {command: [x], ready: {command: [y], interval: 50ms}},"
		       " b: {command: [x], depends_on: [a]}}");
	fake.ready[0] = 1;
	run_to(&w, 10, 100);
	assert_string_equal(fake.calls, "start a, check a, check a");
	fake.ready[0] = 0;
	run_to(&w, 110, 110);
	assert_string_equal(fake.calls, "start a, check a, check a, check a, start b");
	close_world(&w);
}

static void test_not_ready(void **state)
{
	struct world w;

	(void)state;
	open_world(&w, "{a: {command: [x], ready: {command: [y], timeout: 200ms, interval: 100ms}},"
		       " b: {command: [x], depends_on: [a]}}");
	fake.ready[0] = 7;
	run_to(&w, 10, 400);
	assert_int_equal(w.v[0].state, TARGET_FAILED);
	assert_non_null(strstr(w.v[0].failure, "not ready 0.2 s"));
	assert_non_null(strstr(w.v[0].failure, "status 7"));
	assert_non_null(strstr(fake.calls, "term a"));
	assert_int_equal(w.v[1].state, TARGET_FAILED);
	assert_non_null(strstr(w.v[1].failure, "a, which it depends on, failed"));
	assert_null(strstr(fake.calls, "start b"));
	assert_true(launch_done(w.l));
	close_world(&w);
}

static void test_dies_before_ready(void **state)
{
	struct world w;

	(void)state;
	open_world(&w, "{a: {command: [x], ready: {command: [y]}}}");
	fake.ready[0] = 1;
	fake.ended[0] = true;
	w.v[0].exit_code = 3;
	run_to(&w, 10, 10);
	assert_int_equal(w.v[0].state, TARGET_FAILED);
	assert_non_null(strstr(w.v[0].failure, "before it was ready"));
	assert_non_null(strstr(w.v[0].failure, "status 3"));
	close_world(&w);
}

static void test_stop_and_grace(void **state)
{
	struct world w;

	(void)state;
	open_world(&w, "{a: {command: [x], stop: 100ms, stop_grace: 50ms},"
		       " b: {command: [x], stop: 200ms}}");
	fake.deaf[0] = true;
	run_to(&w, 10, 140);
	assert_string_equal(fake.calls, "start a, start b, term a");
	run_to(&w, 150, 250);
	assert_string_equal(fake.calls, "start a, start b, term a, kill a, term b");
	assert_int_equal(w.v[0].state, TARGET_EXITED);
	assert_int_equal(w.v[0].exit_code, 137);
	assert_int_equal(w.v[0].stopped, 1);
	/* Being told to stop is no failure. */
	assert_string_equal(w.v[0].failure, "");
	assert_true(launch_done(w.l));
	close_world(&w);
}

static void test_start_fails(void **state)
{
	struct world w;

	(void)state;
	open_world(&w, "{a: {command: [x]}, b: {command: [x], start: 10ms}}");
	fake.start_fails = 'b';
	fake.start_rc = -ENOENT;
	run_to(&w, 10, 20);
	assert_int_equal(w.v[1].state, TARGET_FAILED);
	assert_string_equal(w.v[1].failure, "no such program");
	/* The others go on. */
	assert_int_equal(w.v[0].state, TARGET_READY);
	close_world(&w);

	/* A lost engine fails the step. */
	open_world(&w, "{a: {command: [x], start: 10ms}}");
	fake.start_fails = 'a';
	fake.start_rc = -ENOTCONN;
	assert_int_equal(launch_step(w.l, w.begin_ns + 10 * MS, &w.err), -ENOTCONN);
	assert_non_null(strstr(w.err.text, "container a"));
	close_world(&w);
}

/* Nothing is slept through, and nothing that waits for another keeps us awake. */
static void test_due(void **state)
{
	static const struct {
		const char *sentence, *containers;
		uint64_t steps_to, now, due; /* ms after the beginning; 0: at the limit */
		int ready; /* of the readiness command: 0 it is */
	} cases[] = {
		{ "running, nothing to come", "{a: {command: [x]}}", 0, 5, 0, 0 },
		{ "a start to come", "{a: {command: [x]}, b: {command: [x], start: 300ms}}", 0, 5,
		  300, 0 },
		{ "a stop to come", "{a: {command: [x], stop: 200ms}}", 0, 5, 200, 0 },
		{ "the end of a grace", "{deaf: {command: [x], stop: 50ms, stop_grace: 100ms}}", 50,
		  55, 150, 0 },
		{ "a check at once", "{a: {command: [x], ready: {command: [y], interval: 70ms}}}",
		  0, 5, 5, 1 },
		{ "the next check", "{a: {command: [x], ready: {command: [y], interval: 70ms}}}",
		  10, 15, 80, 1 },
		{ "one whose time has come, and that waits for another",
		  "{a: {command: [x], ready: {command: [y], interval: 70ms}}, "
		  "b: {command: [x], depends_on: [a]}}",
		  10, 15, 80, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t limit = 1000, due;
		struct world w;

		open_world(&w, cases[i].containers);
		fake.ready[0] = cases[i].ready;
		fake.deaf[0] = true;
		if (cases[i].steps_to)
			run_to(&w, cases[i].steps_to, cases[i].steps_to);
		due = launch_due_ns(w.l, w.begin_ns + cases[i].now * MS, w.begin_ns + limit * MS) -
		      w.begin_ns;
		if (due != (cases[i].due ? cases[i].due : limit) * MS)
			fail_msg("%s: in %llu ms", cases[i].sentence,
				 (unsigned long long)(due / MS));
		close_world(&w);
	}
}

static void test_lost(void **state)
{
	struct world w;

	(void)state;
	open_world(&w, "{a: {command: [x]}}");
	fake.poll_rc = -EIO;
	assert_int_equal(launch_step(w.l, w.begin_ns + 10 * MS, &w.err), -EIO);
	fake.poll_rc = 0;
	close_world(&w);
}

/* A blank line and a ruler, as mpirun draws them, say nothing. */
#define BAD_LOG "first\nERROR: disk\tfull \r\n-----\n\n"

static void test_bad_exit(void **state)
{
	struct world w;

	(void)state;
	open_world(&w, "{a: {command: [x]}}");
	assert_int_equal(fs_create_at(-1, w.v[0].log_path, BAD_LOG, strlen(BAD_LOG)), 0);
	fake.ended[0] = true;
	w.v[0].exit_code = 28;
	run_to(&w, 10, 10);
	assert_int_equal(w.v[0].state, TARGET_EXITED);
	assert_non_null(strstr(w.v[0].failure, "status 28: \"ERROR: disk full\"; see "));
	close_world(&w);
}

static void test_launch_stop(void **state)
{
	static const struct {
		const char *label;
		bool at_once, deaf;
		const char *calls;
	} cases[] = {
		{ "what listens ends by SIGTERM", false, false, "start a, term a" },
		{ "what does not is killed after its grace", false, true,
		  "start a, term a, kill a" },
		{ "at once is SIGKILL", true, false, "start a, kill a" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct world w;

		print_message("%s\n", cases[i].label);
		open_world(&w,
			   "{a: {command: [x], stop_grace: 20ms}, b: {command: [x], start: 1s}}");
		fake.deaf[0] = cases[i].deaf;
		assert_int_equal(launch_stop(w.l, cases[i].at_once, &w.err), 0);
		assert_string_equal(fake.calls, cases[i].calls);
		assert_true(launch_done(w.l));
		assert_int_equal(w.v[0].state, TARGET_EXITED);
		assert_int_equal(w.v[1].state, TARGET_FAILED);
		assert_non_null(strstr(w.v[1].failure, "not started"));
		close_world(&w);
	}
}

static void count(void *arg, const char *target, const char *what, const char *text)
{
	assert_string_equal(target, "a");
	assert_string_equal(what, "before");
	assert_int_equal(strncmp(text, "sync: ", 6), 0);
	++*(int *)arg;
}

/* What is asked for is done before it starts, once, and told. */
static void test_before(void **state)
{
	int told = 0;
	struct world w;

	(void)state;
	open_world(&w, "{a: {command: [x], before: {sync: true}}, b: {command: [x]}}");
	assert_string_equal(fake.calls, "start b");
	w.l->config.happened = count;
	w.l->config.note_arg = &told;
	for (uint64_t at = 10; w.v[0].state == TARGET_WAITING; at += 10) {
		assert_true(launch_due_ns(w.l, w.begin_ns, w.begin_ns + 3600 * NSEC_PER_SEC) <=
			    w.begin_ns + 10 * MS);
		launch_wait(w.l, clock_mono_ns() + MS);
		run_to(&w, at, at);
	}
	assert_string_equal(fake.calls, "start b, start a");
	assert_int_equal(told, 1);
	close_world(&w);
}

static void test_services(void **state)
{
	struct world w;

	(void)state;
	/* It is ended when the others have. */
	open_world(&w, "{s: {command: [x], service: true}, a: {command: [x], depends_on: [s]}}");
	assert_false(launch_done(w.l));
	fake.ended[1] = true;
	run_to(&w, 10, 10);
	assert_true(launch_done(w.l));
	assert_false(launch_ended(w.l));
	assert_int_equal(launch_stop(w.l, false, &w.err), 0);
	assert_true(launch_ended(w.l));
	assert_int_equal(w.v[0].state, TARGET_EXITED);
	assert_true(w.v[0].stopped && !w.v[1].stopped);
	close_world(&w);

	/* Services alone are waited for. */
	open_world(&w, "{s: {command: [x], service: true}}");
	assert_false(launch_done(w.l));
	close_world(&w);

	/* One that ends before them takes who depends on it along, and nobody else. */
	open_world(&w, "{s: {command: [x], service: true}, a: {command: [x], depends_on: [s]},"
		       " b: {command: [x]}}");
	fake.ended[0] = true;
	w.v[0].exit_code = 137;
	run_to(&w, 10, 20);
	assert_string_equal(fake.calls, "start s, start a, start b, term a");
	assert_int_equal(w.v[0].state, TARGET_FAILED);
	assert_non_null(strstr(w.v[0].failure,
			       "ended while others needed it: exited with status 137; see "));
	assert_int_equal(w.v[1].state, TARGET_FAILED);
	assert_string_equal(w.v[1].failure, "told to end: s, which it depends on, ended before it");
	assert_int_equal(w.v[2].state, TARGET_READY);
	assert_false(launch_done(w.l));
	close_world(&w);

	/* With status 0 it has ended as well. */
	open_world(&w, "{s: {command: [x], service: true}, a: {command: [x]}}");
	fake.ended[0] = true;
	run_to(&w, 10, 10);
	assert_string_equal(w.v[0].failure, "ended while others needed it: exited with status 0");
	close_world(&w);

	/* Told to by `stop:`, it is no failure, and who depends on it goes on. */
	open_world(&w, "{s: {command: [x], service: true, stop: 50ms},"
		       " a: {command: [x], depends_on: [s]}}");
	run_to(&w, 10, 100);
	assert_int_equal(w.v[0].state, TARGET_EXITED);
	assert_int_equal(w.v[1].state, TARGET_READY);
	close_world(&w);
}

/* However a service takes it that it is told to end; only what breaks doing so has failed. */
static void test_ends_of_services(void **state)
{
	static const struct {
		const char *why;
		bool service;
		int exit_code;
		enum target_state state;
		const char *words; /* of its failure; NULL: none */
	} cases[] = {
		{ "by the signal", true, 143, TARGET_EXITED, NULL },
		{ "with a status of its own", true, 1, TARGET_EXITED, NULL },
		{ "broken", true, 139, TARGET_FAILED,
		  "crashed when it was told to end: exited with status 139; see " },
		{ "a workload that was stopped may say anything", false, 134, TARGET_EXITED, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct world w;

		print_message("%s\n", cases[i].why);
		open_world(&w, cases[i].service
				       ? "{s: {command: [x], service: true}, a: {command: [x]}}"
				       : "{s: {command: [x]}, a: {command: [x]}}");
		fake.ended[1] = true;
		run_to(&w, 10, 10);
		fake.status = cases[i].exit_code;
		assert_int_equal(launch_stop(w.l, false, &w.err), 0);
		assert_int_equal(w.v[0].state, cases[i].state);
		assert_int_equal(w.v[0].exit_code, cases[i].exit_code);
		if (cases[i].words)
			assert_non_null(strstr(w.v[0].failure, cases[i].words));
		else
			assert_string_equal(w.v[0].failure, "");
		assert_true(launch_ended(w.l));
		close_world(&w);
	}
}

static void keep_kill(void *arg, const char *target, const char *what, const char *text)
{
	snprintf(arg, 128, "%s %s: %s", target, what, text);
}

/* What takes longer than its grace is killed, and that is told. */
static void test_kill_is_told(void **state)
{
	char told[128] = "";
	struct world w;

	(void)state;
	open_world(&w, "{a: {command: [x], stop_grace: 20ms}}");
	w.l->config.happened = keep_kill;
	w.l->config.note_arg = told;
	fake.deaf[0] = true;
	assert_int_equal(launch_stop(w.l, false, &w.err), 0);
	assert_string_equal(told, "a kill: it had not ended 0.02 s after SIGTERM (see stop_grace)");
	close_world(&w);
}

/* The second Ctrl-C may come at any moment: a flag tells of it, not an interrupted sleep. */
static void test_hurry(void **state)
{
	atomic_bool hurry = true;
	struct world w;

	(void)state;
	open_world(&w, "{a: {command: [x], stop_grace: 1h}}");
	w.l->config.at_once = &hurry;
	fake.deaf[0] = true;
	assert_int_equal(launch_stop(w.l, false, &w.err), -EINTR);
	assert_int_equal(launch_stop(w.l, true, &w.err), 0);
	assert_string_equal(fake.calls, "start a, term a, kill a");
	close_world(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_start_times),
		cmocka_unit_test(test_dependencies),
		cmocka_unit_test(test_not_ready),
		cmocka_unit_test(test_dies_before_ready),
		cmocka_unit_test(test_stop_and_grace),
		cmocka_unit_test(test_start_fails),
		cmocka_unit_test(test_due),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_bad_exit),
		cmocka_unit_test(test_launch_stop),
		cmocka_unit_test(test_before),
		cmocka_unit_test(test_services),
		cmocka_unit_test(test_ends_of_services),
		cmocka_unit_test(test_kill_is_told),
		cmocka_unit_test(test_hurry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
