// SPDX-License-Identifier: Apache-2.0
/* A container from its start to its end: cgroups, log, exit. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/loss.h"
#include "launch/docker.h"
#include "launch/gate.h"
#include "plan/plan.h"

#define LOG_PATIENCE_NS (5 * NSEC_PER_SEC) /* for what is still to come after an exit */
#define ASK_INTERVAL_NS (200 * NSEC_PER_MSEC)

bool docker_names_container(const struct cgroup_ref *cg, const char *id)
{
	if (strstr(cg->v2, id))
		return true;
	for (int c = 0; c < CG_NCTRL; c++)
		if (strstr(cg->v1[c], id))
			return true;
	return false;
}

bool docker_is_inside(const struct docker *d, size_t i, int pid)
{
	struct cgroup_ref cg;
	struct err err;

	return !cgroup_of_pid(&d->layout, pid, &cg, &err) &&
	       docker_names_container(&cg, d->set->v[i].container_id);
}

static int on_log(void *arg, int stream, const char *data, size_t len)
{
	struct docker_target *v = arg;

	(void)stream; /* one file, in the order of writing, as a terminal would show it */
	while (len && !v->log_failed) {
		ssize_t n = write(v->log_fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			v->log_failed = true;
			break;
		}
		data += n;
		len -= (size_t)n;
	}
	return 0; /* the stream goes on: its end matters too */
}

static int open_log(struct docker *d, size_t i, struct err *err)
{
	const struct target *t = &d->set->v[i];
	struct docker_target *v = &d->v[i];

	v->log_fd = open(t->log_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (v->log_fd < 0)
		return err_set(err, -errno, "log '%s'", t->log_path);
	return engine_logs_open(d->streams, v->name, false, on_log, v, &v->logs, err);
}

static void publish(struct docker *d, size_t i, const struct engine_container *now,
		    const struct docker_lookout *lookout)
{
	const struct cgroup_ref *caught = &lookout->best;
	struct target *t = &d->set->v[i];
	struct err err;

	t->pid = now->running ? now->pid : 0;
	if (!t->pid || cgroup_of_pid(&d->layout, t->pid, &t->cg, &err) ||
	    !docker_names_container(&t->cg, t->container_id)) {
		/* Gone already, or a pid of another pid namespace or host. */
		t->cg = *caught;
		t->pid = 0;
	} else if (docker_ids_known(&t->cg) < docker_ids_known(caught)) {
		/* A zombie is in the root of v1 hierarchies. */
		t->cg = *caught;
	}
	if (!docker_ids_known(&t->cg))
		loss_add(d->config.losses, "cgroup", 1,
			 "container '%s': its cgroups were not found%s; what it did to disks is "
			 "counted for other cgroups",
			 t->name, now->running ? " on this host" : ", it ended at once");
	t->late = !lookout->in_time;
	t->held = lookout->held;
	atomic_store_explicit(&t->published, true, memory_order_release);
	if (d->config.published)
		d->config.published(d->config.note_arg, i);
}

int docker_start(void *state, size_t i, struct err *err)
{
	struct docker *d = state;
	struct target *t = &d->set->v[i];
	struct docker_lookout lookout;
	struct engine_container now;
	struct err ignored;
	int rc;

	docker_look_begin(&lookout, d, i);
	rc = engine_wait_open(d->streams, d->v[i].name, &d->v[i].wait, err);
	if (rc)
		return rc;
	t->start_ns = clock_mono_ns();
	rc = engine_container_start(d->engine, d->v[i].name, docker_look, &lookout, err);
	if (rc) {
		t->start_ns = 0;
		return rc;
	}
	rc = engine_container_inspect(d->engine, d->v[i].name, &now, err);
	if (!rc) {
		publish(d, i, &now, &lookout);
		rc = open_log(d, i, err);
	}
	/* A target that counts as not started must not run. */
	if (rc)
		(void)engine_container_kill(d->engine, d->v[i].name, "SIGKILL", &ignored);
	return rc;
}

static uint64_t mono_of_wall(uint64_t wall_ns, const struct target *t, uint64_t noticed_ns)
{
	uint64_t ago, now_wall = clock_wall_ns(), now = clock_mono_ns();

	if (!wall_ns || wall_ns > now_wall)
		return noticed_ns;
	ago = now_wall - wall_ns;
	/* A clock that was set meanwhile gives itself away. */
	return ago > now - t->start_ns || now - ago > noticed_ns ? noticed_ns : now - ago;
}

static void note_end(struct docker *d, size_t i, const struct engine_container *now, int code,
		     uint64_t noticed_ns)
{
	struct target *t = &d->set->v[i];

	t->exit_code = code;
	if (noticed_ns < t->start_ns)
		noticed_ns = t->start_ns; /* it was over before start() returned */
	t->end_ns = mono_of_wall(now ? now->finished_ns : 0, t, noticed_ns);
	if (now && now->oom_killed)
		snprintf(t->failure, sizeof(t->failure),
			 "killed by the kernel: out of memory (see `memory:`)");
	else if (now && *now->error)
		snprintf(t->failure, sizeof(t->failure), "%s", now->error);
	atomic_store(&t->gone, true);
	d->v[i].ended = true;
	d->v[i].ended_ns = noticed_ns;
}

/* @code: what the wait told, or -1 when it broke. 1 running, 0 ended. */
static int ask(struct docker *d, size_t i, int code, uint64_t noticed_ns, struct err *err)
{
	struct target *t = &d->set->v[i];
	struct engine_container now;
	int rc = engine_container_inspect(d->engine, d->v[i].name, &now, err);

	if (rc == -ENOENT) {
		if (code < 0)
			snprintf(t->failure, sizeof(t->failure),
				 "somebody removed the container while it ran");
		note_end(d, i, NULL, code, noticed_ns);
		return 0;
	}
	if (rc)
		return err_wrap(err, "the %s engine was lost", d->product->title);
	if (now.running)
		return 1;
	note_end(d, i, &now, now.exit_code, noticed_ns);
	return 0;
}

static int poll_running(struct docker *d, size_t i, struct err *err)
{
	struct docker_target *v = &d->v[i];
	uint64_t now = clock_mono_ns(), at;
	int code, rc = engine_wait_poll(v->wait, &code, &at);

	if (rc == 1)
		return 1;
	if (rc < 0) {
		if (now - v->asked_ns < ASK_INTERVAL_NS)
			return 1;
		v->asked_ns = now;
		return ask(d, i, -1, now, err);
	}
	/* The engine wakes waiters a moment before it writes the end down: 1 is possible. */
	return ask(d, i, code, at, err);
}

/* 0: all of the log is written, or given up. */
static int finish_log(struct docker *d, size_t i)
{
	struct docker_target *v = &d->v[i];
	const struct target *t = &d->set->v[i];
	struct err err;
	int rc;

	if (!v->logs)
		return 0;
	rc = engine_stream_finish(v->logs, 0, &err);
	if (rc == -ETIMEDOUT && clock_mono_ns() - v->ended_ns < LOG_PATIENCE_NS)
		return 1;
	if (rc)
		loss_add(d->config.losses, "log", 1, "log of '%s' is incomplete: %s", t->name,
			 err.text);
	docker_unwatch(d, i);
	return 0;
}

/* A summary and what there is of ranks beside it; 0: the summary was there. */
static int take_one(const char *from, const char *to)
{
	char ranks_from[PATH_MAX], ranks_to[PATH_MAX];

	if (!plan_ior_ranks(from, ranks_from, sizeof(ranks_from)) &&
	    !plan_ior_ranks(to, ranks_to, sizeof(ranks_to)))
		(void)rename(ranks_from, ranks_to); /* mostly there is none */
	return rename(from, to);
}

/* One of several phases is there under the same name with its number. */
static void take_phases(struct target *t, const char *to)
{
	char from_k[PATH_MAX], to_k[PATH_MAX];

	for (size_t k = 0; k < t->phases; k++)
		if (!plan_ior_summary(t->summary_path, k, from_k, sizeof(from_k)) &&
		    !plan_ior_summary(to, k, to_k, sizeof(to_k)))
			(void)take_one(from_k, to_k); /* a phase that did not run has none */
	strcpy(t->summary_path, to);
	gates_remove(t->gate_dir, t->phases);
}

/* The summary takes its documented place, when the workload left one. */
static void take_summary(struct docker *d, size_t i)
{
	struct target *t = &d->set->v[i];
	char to[PATH_MAX];

	if (!*t->summary_path || snprintf(to, sizeof(to), "%s/results/%s.json", d->config.run_dir,
					  t->name) >= (int)sizeof(to))
		return;
	if (t->phases)
		take_phases(t, to);
	else if (!take_one(t->summary_path, to))
		strcpy(t->summary_path, to);
	/* What else the workload left there stays. */
	(void)rmdir(d->v[i].results);
}

int docker_poll(void *state, size_t i, struct err *err)
{
	struct docker *d = state;
	struct docker_target *v = &d->v[i];
	bool before = v->ended;
	int rc = before ? 0 : poll_running(d, i, err);

	if (rc)
		return rc;
	if (!before)
		take_summary(d, i);
	return finish_log(d, i);
}

void docker_unwatch(struct docker *d, size_t i)
{
	struct docker_target *v = &d->v[i];
	const struct target *t = &d->set->v[i];

	engine_stream_close(v->wait);
	engine_stream_close(v->logs);
	v->wait = v->logs = NULL;
	if (v->log_fd < 0)
		return;
	if (v->log_failed)
		loss_add(d->config.losses, "log", 1, "'%s' could not be written to its end",
			 t->log_path);
	close(v->log_fd);
	v->log_fd = -1;
}
