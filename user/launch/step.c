// SPDX-License-Identifier: Apache-2.0
/* The life of each target: waiting, starting, ready, ended. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "launch/launch.h"
#include "launch/launch_state.h"
#include "launch/ready.h"
#include "launch/said.h"
#include "plan/plan.h"

#define GRACE_NS (10 * NSEC_PER_SEC) /* where the spec says nothing */
#define LOOK_NS (10 * NSEC_PER_MSEC) /* where the runtime does not tell of an end */
#define STOP_PAUSE_NS (100 * NSEC_PER_MSEC)
#define KILL_WAIT_NS (30 * NSEC_PER_SEC) /* a killed process can hang in the kernel */

static void end(struct target *t, enum target_state state, uint64_t now_ns)
{
	t->state = state;
	if (!t->end_ns)
		t->end_ns = now_ns;
	atomic_store_explicit(&t->gone, true, memory_order_release);
}

void step_fail(struct target *t, bool ended, uint64_t now_ns, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(t->failure, sizeof(t->failure), fmt, ap);
	va_end(ap);
	t->state = TARGET_FAILED;
	if (ended)
		end(t, TARGET_FAILED, now_ns);
}

/* A call that gives up because the engine is lost or the user wants to stop fails the step. */
static bool is_fatal(int rc)
{
	return rc == -EINTR || rc == -ENOTCONN;
}

void step_tell_to_end(struct launcher *l, size_t i, bool at_once, uint64_t now_ns)
{
	struct launch_item *item = &l->items[i];
	struct err ignored;

	if (!item->term_ns)
		item->term_ns = now_ns;
	item->kill_sent |= at_once;
	l->set.v[i].stopped = 1;
	before_stop(l, i);
	/* It may have ended by itself meanwhile; poll() tells whether it has, or the engine is lost. */
	(void)l->runtime->signal(l->state, i, at_once, &ignored);
}

static uint64_t grace_of(const struct target *t)
{
	return t->plan->c->stop_grace_ns == OPTION_UNSET ? GRACE_NS : t->plan->c->stop_grace_ns;
}

/* SIGKILL what was told to end and has had its grace. */
static void press(struct launcher *l, size_t i, uint64_t now_ns)
{
	const struct launch_item *item = &l->items[i];
	const struct target *t = &l->set.v[i];
	char text[96];

	if (!item->term_ns || item->kill_sent || now_ns - item->term_ns < grace_of(t))
		return;
	snprintf(text, sizeof(text), "it had not ended %g s after SIGTERM (see stop_grace)",
		 grace_of(t) / 1e9);
	if (l->config.happened)
		l->config.happened(l->config.note_arg, t->name, "kill", text);
	step_tell_to_end(l, i, true, now_ns);
}

/* Has words, and is no ruler as mpirun draws them. */
static bool says_something(const char *line)
{
	for (; *line; line++)
		if (isalnum((unsigned char)*line))
			return true;
	return false;
}

/* The last line that was logged, usually why; "" when there is none that can be shown. */
static void last_line(const char *path, char *line, size_t size)
{
	cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	off_t size_now = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
	char text[1024];
	char *at;
	ssize_t n = 0;

	*line = '\0';
	if (size_now > 0)
		n = pread(fd, text, sizeof(text) - 1, size_now < 1023 ? 0 : size_now - 1023);
	if (n <= 0)
		return;
	text[n] = '\0';
	do {
		at = strrchr(text, '\n');
		if (at)
			*at++ = '\0';
		else
			at = text;
	} while (at != text && !says_something(at));
	if (!says_something(at))
		return;
	for (size_t end = strlen(at); isspace((unsigned char)at[end - 1]);)
		at[--end] = '\0';
	for (char *c = at; *c; c++)
		if (!isprint((unsigned char)*c))
			*c = ' ';
	snprintf(line, size, "%.150s", at);
}

static void tell_exit(struct target *t)
{
	char line[160] = "";

	/* What sshd says last is about somebody else. */
	if (!t->plan->sshd)
		last_line(t->log_path, line, sizeof(line));
	snprintf(t->failure, sizeof(t->failure), "exited with status %d%s%s%s; see %.300s",
		 t->exit_code, *line ? ": \"" : "", line, *line ? "\"" : "", t->log_path);
}

/* Words that are known, of whatever ended well, too. */
static void tell_said(struct launcher *l, const struct target *t)
{
	struct said said[SAID_MAX];
	size_t n = l->config.happened ? said_look(t->log_path, said) : 0;

	for (size_t i = 0; i < n; i++)
		l->config.happened(l->config.note_arg, t->name, "said", said[i].text);
}

static bool depends_on(const struct target *t, size_t on)
{
	for (size_t k = 0; k < t->plan->n_after; k++)
		if (t->plan->after[k] == on)
			return true;
	return false;
}

/* What depends on a service that is no more would fail late, or wait for ever. */
static void end_dependents(struct launcher *l, size_t on, uint64_t now_ns)
{
	for (size_t i = 0; i < l->set.n; i++) {
		struct target *t = &l->set.v[i];

		if (!l->items[i].running || t->stopped || !depends_on(t, on))
			continue;
		step_fail(t, false, now_ns, "told to end: %s, which it depends on, ended before it",
			  l->set.v[on].name);
		step_tell_to_end(l, i, false, now_ns);
	}
}

/* By a signal of its own making, as nobody sends one to end something. */
static bool crashed(int exit_code)
{
	static const int signals[] = { SIGILL, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS };

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		if (exit_code == 128 + signals[i])
			return true;
	return false;
}

static void on_end(struct launcher *l, size_t i, uint64_t now_ns)
{
	struct target *t = &l->set.v[i];
	enum target_state was = t->state;
	const char *how = "exited with status 0";

	l->items[i].running = false;
	before_end(l, i);
	tell_said(l, t);
	/* What a service says when it is told to end is its own matter, but for this. */
	if (t->plan->service && t->stopped && was != TARGET_FAILED && crashed(t->exit_code)) {
		tell_exit(t);
		step_fail(t, true, now_ns, "crashed when it was told to end: %s",
			  strdupa(t->failure));
	} else if (t->exit_code && !t->stopped && !*t->failure) {
		tell_exit(t);
	}
	if (*t->failure)
		how = strdupa(t->failure);
	if (was == TARGET_STARTING && !t->stopped)
		step_fail(t, true, now_ns, "ended before it was ready: %s", how);
	else if (was != TARGET_FAILED && t->plan->service && !t->stopped)
		step_fail(t, true, now_ns, "ended while others needed it: %s", how);
	else if (t->state != TARGET_FAILED || was == TARGET_FAILED)
		end(t, was == TARGET_FAILED ? TARGET_FAILED : TARGET_EXITED, now_ns);
	if (t->plan->service && t->state == TARGET_FAILED)
		end_dependents(l, i, now_ns);
}

/* Notice the end of a running target. */
static int poll_one(struct launcher *l, size_t i, uint64_t now_ns, struct err *err)
{
	int rc;

	if (!l->items[i].running)
		return 0;
	rc = l->runtime->poll(l->state, i, err);
	if (rc < 0)
		return err_wrap(err, "container %s", l->set.v[i].name);
	if (rc == 0)
		on_end(l, i, now_ns);
	return 0;
}

static bool asks_ready(const struct spec_ready *r)
{
	return r->command.n || (r->port != OPTION_UNSET && r->port);
}

/* 1 when all it depends on were ready once, 0 to wait; a failed one fails it too. */
static int dependencies(const struct launcher *l, size_t i, uint64_t now_ns)
{
	struct target *t = &l->set.v[i];

	for (size_t k = 0; k < t->plan->n_after; k++) {
		const struct target *dep = &l->set.v[t->plan->after[k]];

		if (dep->ready_ns)
			continue;
		if (dep->state == TARGET_FAILED || dep->state == TARGET_EXITED)
			step_fail(t, true, now_ns, "not started: %s, which it depends on, %s",
				  dep->name,
				  dep->state == TARGET_FAILED ? "failed"
							      : "ended before it was ready");
		return 0;
	}
	return 1;
}

static int start_one(struct launcher *l, size_t i, uint64_t now_ns, struct err *err)
{
	const struct spec_container *c = l->set.v[i].plan->c;
	struct target *t = &l->set.v[i];
	uint64_t since_ns = now_ns - l->begin_ns;
	int rc;

	if (since_ns < c->start_ns || !dependencies(l, i, now_ns) || !before_target(l, i, now_ns))
		return 0;
	if (c->stop_ns != OPTION_UNSET && since_ns >= c->stop_ns) {
		step_fail(t, true, now_ns,
			  "not started: what it depends on became ready only after its "
			  "`stop:` time");
		return 0;
	}
	rc = l->runtime->start(l->state, i, err);
	if (is_fatal(rc))
		return err_wrap(err, "container %s", t->name);
	if (rc) {
		step_fail(t, true, now_ns, "%s", err->text);
		return 0;
	}
	l->items[i].running = true;
	if (!t->start_ns)
		t->start_ns = clock_mono_ns();
	t->state = TARGET_STARTING;
	if (!asks_ready(&t->plan->ready)) {
		t->state = TARGET_READY;
		t->ready_ns = t->start_ns;
	}
	l->items[i].next_check_ns = now_ns;
	return 0;
}

static int check_ready(struct launcher *l, size_t i, uint64_t now_ns, struct err *err)
{
	struct launch_item *item = &l->items[i];
	struct target *t = &l->set.v[i];
	const struct spec_ready *r = &t->plan->ready;
	int rc;

	if (now_ns < item->next_check_ns)
		return 0;
	rc = ready_check(l->runtime, l->state, i, r, err);
	if (is_fatal(rc))
		return err_wrap(err, "container %s", t->name);
	if (!rc) {
		t->ready_ns = clock_mono_ns();
		t->state = TARGET_READY;
		return 0;
	}
	snprintf(item->not_ready, sizeof(item->not_ready), "%.255s", err->text);
	item->next_check_ns = now_ns + r->interval_ns;
	if (now_ns - t->start_ns < r->timeout_ns || now_ns < t->start_ns)
		return 0;
	step_fail(t, false, now_ns, "not ready %g s after its start: %s", r->timeout_ns / 1e9,
		  item->not_ready);
	step_tell_to_end(l, i, false, now_ns);
	return 0;
}

static int step_one(struct launcher *l, size_t i, uint64_t now_ns, struct err *err)
{
	struct target *t = &l->set.v[i];
	int rc = poll_one(l, i, now_ns, err);

	if (rc)
		return rc;
	if (t->state == TARGET_WAITING)
		rc = start_one(l, i, now_ns, err);
	else if (l->items[i].running && t->state == TARGET_STARTING && !t->stopped)
		rc = check_ready(l, i, now_ns, err);
	if (rc || !l->items[i].running)
		return rc;
	before_phase(l, i, now_ns);
	if (!t->stopped && t->plan->c->stop_ns != OPTION_UNSET &&
	    now_ns - l->begin_ns >= t->plan->c->stop_ns)
		step_tell_to_end(l, i, false, now_ns);
	press(l, i, now_ns);
	return 0;
}

int launch_step(struct launcher *l, uint64_t now_ns, struct err *err)
{
	if (!l->begin_ns)
		l->begin_ns = now_ns;
	ranks_look(&l->ranks, &l->set, now_ns);
	/* In start order: what becomes ready lets what depends on it start in the same step. */
	for (size_t i = 0; i < l->set.n; i++) {
		int rc = step_one(l, i, now_ns, err);

		if (rc)
			return rc;
	}
	return 0;
}

/* When a step has something to do for target @i besides noticing its end; UINT64_MAX: never. */
static uint64_t due_ns(const struct launcher *l, size_t i, uint64_t now_ns)
{
	const struct launch_item *item = &l->items[i];
	const struct target *t = &l->set.v[i];
	const struct spec_container *c = t->plan->c;
	uint64_t due = UINT64_MAX;

	if (before_waits(l, i))
		return now_ns + LOOK_NS;
	if (t->state == TARGET_WAITING) /* if its time has come, for another to be ready */
		return l->begin_ns + c->start_ns > now_ns ? l->begin_ns + c->start_ns : due;
	if (!item->running)
		return due;
	if (t->state == TARGET_STARTING && !t->stopped)
		due = item->next_check_ns;
	if (!t->stopped && c->stop_ns != OPTION_UNSET && l->begin_ns + c->stop_ns < due)
		due = l->begin_ns + c->stop_ns;
	if (item->term_ns && !item->kill_sent && item->term_ns + grace_of(t) < due)
		due = item->term_ns + grace_of(t);
	return due;
}

uint64_t launch_due_ns(const struct launcher *l, uint64_t now_ns, uint64_t until_ns)
{
	uint64_t next_ns = until_ns;

	for (size_t i = 0; i < l->set.n; i++) {
		uint64_t due = due_ns(l, i, now_ns);

		if (due < next_ns)
			next_ns = due;
	}
	return next_ns > now_ns ? next_ns : now_ns;
}

void launch_wait(const struct launcher *l, uint64_t until_ns)
{
	struct pollfd ends = { .fd = l->runtime->ends ? l->runtime->ends(l->state) : -1,
			       .events = POLLIN };
	uint64_t now_ns = clock_mono_ns(), ns;
	struct timespec ts;

	if (ends.fd < 0 && now_ns + LOOK_NS < until_ns)
		until_ns = now_ns + LOOK_NS;
	ns = launch_due_ns(l, now_ns, until_ns) - now_ns;
	ts = (struct timespec){ ns / NSEC_PER_SEC, ns % NSEC_PER_SEC };
	(void)ppoll(&ends, 1, &ts, NULL); /* whatever it says: look */
}

static bool is_over(const struct launcher *l, size_t i)
{
	enum target_state state = l->set.v[i].state;

	return !l->items[i].running && (state == TARGET_EXITED || state == TARGET_FAILED);
}

bool launch_ended(const struct launcher *l)
{
	for (size_t i = 0; i < l->set.n; i++)
		if (!is_over(l, i))
			return false;
	return true;
}

bool launch_done(const struct launcher *l)
{
	bool others = false;

	for (size_t i = 0; i < l->set.n; i++) {
		if (l->set.v[i].plan->service)
			continue;
		others = true;
		if (!is_over(l, i))
			return false;
	}
	return others || launch_ended(l);
}

/* -ETIMEDOUT names what does not end although it was killed long ago. */
static int check_stuck(const struct launcher *l, uint64_t since_ns, struct err *err)
{
	uint64_t now_ns = clock_mono_ns();

	for (size_t i = 0; i < l->set.n; i++)
		if (l->items[i].running && l->items[i].kill_sent &&
		    now_ns - since_ns >= grace_of(&l->set.v[i]) + KILL_WAIT_NS)
			return err_say(err, -ETIMEDOUT,
				       "container %s does not end although it was killed: it hangs "
				       "in the kernel, probably in I/O",
				       l->set.v[i].name);
	return 0;
}

int launch_stop(struct launcher *l, bool at_once, struct err *err)
{
	uint64_t since_ns = clock_mono_ns();

	for (size_t i = 0; i < l->set.n; i++) {
		if (l->set.v[i].state == TARGET_WAITING)
			step_fail(&l->set.v[i], true, since_ns,
				  "not started: the run ended before");
		if (l->items[i].running && (at_once || !l->items[i].term_ns))
			step_tell_to_end(l, i, at_once, since_ns);
	}
	for (;;) {
		uint64_t now_ns = clock_mono_ns();
		int rc = 0;

		for (size_t i = 0; !rc && i < l->set.n; i++) {
			rc = poll_one(l, i, now_ns, err);
			if (!rc && l->items[i].running)
				press(l, i, now_ns);
		}
		if (rc || launch_ended(l))
			return rc;
		rc = check_stuck(l, since_ns, err);
		if (rc)
			return rc;
		launch_wait(l, now_ns + STOP_PAUSE_NS); /* a signal sets the flag below */
		if (!at_once && l->config.at_once && atomic_load(l->config.at_once))
			return err_say(err, -EINTR, "interrupted while targets were ending");
	}
}
