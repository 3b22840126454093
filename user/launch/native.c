// SPDX-License-Identifier: Apache-2.0
/* Runtime "native": each target is a process tree in cgroups of its own. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/loss.h"
#include "base/units.h"
#include "launch/native_child.h"
#include "launch/native_ends.h"
#include "launch/native_group.h"
#include "launch/native_ior.h"
#include "launch/native_place.h"
#include "launch/native_spec.h"
#include "launch/runtime.h"
#include "plan/plan.h"

#define REMOVE_ROUNDS 200
#define PAUSE_NS (5 * NSEC_PER_MSEC)

struct native_item {
	struct native_exec exec;
	char work_dir[PATH_MAX]; /* made by us; "" when the spec gives one */
	char data[PATH_MAX]; /* our name for IOR's test file, as seen on the host; "" none */
	int pidfd; /* while it runs; -1 */
	bool running;
};

struct native {
	struct launch_config config;
	struct target_set *set;
	struct native_group group;
	struct native_item *items;
	int ends; /* see native_ends.h */
};

static void note(const struct native *n, size_t i, const char *text)
{
	if (n->config.note)
		n->config.note(n->config.note_arg, n->set->v[i].name, text);
}

static int native_open(const struct launch_config *config, struct target_set *set, void **ret_state,
		       struct err *err)
{
	struct cgroup_layout layout;
	struct native *n;
	int rc;

	rc = cgroup_layout_read(&layout, err);
	if (rc)
		return rc;
	n = calloc(1, sizeof(*n));
	if (n)
		n->items = calloc(set->n + 1, sizeof(*n->items));
	if (!n || !n->items) {
		free(n);
		return err_set(err, -ENOMEM, "cannot prepare native targets");
	}
	n->config = *config;
	n->set = set;
	n->ends = native_ends_open();
	for (size_t i = 0; i < set->n; i++)
		n->items[i].pidfd = -1;
	rc = native_group_open(&layout, config->plan->id, config->run_dir, &n->group, err);
	if (rc) {
		native_ends_drop(&n->ends);
		free(n->items);
		free(n);
		return rc;
	}
	*ret_state = n;
	return 0;
}

static int set_work_dir(struct native *n, size_t i, struct err *err)
{
	const struct spec_container *c = n->set->v[i].plan->c;
	struct native_item *item = &n->items[i];
	int rc;

	if (c->working_dir) {
		item->exec.dir = strdup(c->working_dir);
		return item->exec.dir ? 0 : err_set(err, -ENOMEM, "working_dir");
	}
	if (snprintf(item->work_dir, sizeof(item->work_dir), "%s/work/%s", n->config.run_dir,
		     n->set->v[i].name) >= (int)sizeof(item->work_dir))
		return err_set(err, -ENAMETOOLONG, "cannot use %s", n->config.run_dir);
	rc = fs_mkdirs(item->work_dir, 0755);
	if (!rc && item->exec.has_user && chown(item->work_dir, item->exec.uid, item->exec.gid))
		rc = -errno;
	item->exec.dir = strdup(item->work_dir);
	if (!rc && !item->exec.dir)
		rc = -ENOMEM;
	return rc ? err_set(err, rc, "cannot make the working directory %s", item->work_dir) : 0;
}

static int set_volumes(struct native *n, size_t i, struct err *err)
{
	const struct spec_container *c = n->set->v[i].plan->c;
	char dir[PATH_MAX];
	int rc = 0;

	if (snprintf(dir, sizeof(dir), "%s/volumes", n->config.run_dir) >= (int)sizeof(dir))
		return err_set(err, -ENAMETOOLONG, "cannot use %s", n->config.run_dir);
	for (size_t k = 0; !rc && k < c->volumes.n; k++)
		rc = native_add_mount(c->volumes.v[k], dir, &n->items[i].exec, err);
	if (!rc && !n->set->v[i].plan->argv.n && c->workload.has_ior == FLAG_ON)
		rc = native_private_shm(c, &n->items[i].exec, err);
	return rc;
}

/* Where IOR's test file goes when the spec names none: a first volume that can be written. */
static int set_ior(struct native *n, size_t i, struct err *err)
{
	struct native_item *item = &n->items[i];
	struct target *t = &n->set->v[i];
	const char *dir = item->exec.dir, *host_dir = item->exec.dir;
	char file[PATH_MAX];
	int len, host_len;

	/* The first mounts are the spec's volumes. */
	for (size_t k = 0; k < t->plan->c->volumes.n; k++) {
		const struct native_mount *m = &item->exec.mounts[k];

		if (m->read_only)
			continue;
		dir = m->dest;
		host_dir = m->source;
		break;
	}
	len = snprintf(file, sizeof(file), "%s/cbpf-ior.%s.%s", dir, n->config.plan->id, t->name);
	host_len = host_dir ? snprintf(item->data, sizeof(item->data), "%s/cbpf-ior.%s.%s",
				       host_dir, n->config.plan->id, t->name)
			    : 0;
	if (len >= (int)sizeof(file) || host_len >= (int)sizeof(item->data))
		return err_set(err, -ENAMETOOLONG, "cannot put a test file into %s", dir);
	if (t->plan->c->workload.ior.file || t->plan->c->workload.ior.keep == FLAG_ON)
		item->data[0] = '\0';
	return native_ior_argv(t, file, n->config.run_dir, &item->exec, err);
}

static int set_argv(struct native *n, size_t i, struct err *err)
{
	const struct plan_target *p = n->set->v[i].plan;
	struct str_list *argv = &n->items[i].exec.argv;

	if (!p->argv.n && p->c->workload.has_ior == FLAG_ON)
		return set_ior(n, i, err);
	if (!p->argv.n && !p->c->entrypoint.n)
		return err_say(err, -EINVAL,
			       "there is nothing to run: with runtime: native, give a command or a "
			       "workload");
	return str_list_copy(argv, &p->c->entrypoint) || str_list_copy(argv, &p->argv)
		       ? err_set(err, -ENOMEM, "cannot prepare the command")
		       : 0;
}

static int set_ulimits(const struct spec_container *c, struct native_exec *x, struct err *err)
{
	int rc = 0;

	for (size_t k = 0; !rc && k < c->ulimits.n; k++)
		rc = native_add_limit(c->ulimits.v[k].key, c->ulimits.v[k].value, x, err);
	return rc;
}

static int set_cpus(const struct native *n, const struct spec_container *c, struct native_exec *x,
		    struct err *err)
{
	int rc;

	if (!c->cpus || cgroup_can(&n->group.layout, CG_CPUSET))
		return 0;
	rc = units_parse_cpus(c->cpus, &x->cpus);
	x->has_cpus = true;
	return rc ? err_set(err, rc, "cpus \"%s\"", c->cpus) : 0;
}

static int native_create(void *state, size_t i, struct err *err)
{
	struct native *n = state;
	struct native_exec *x = &n->items[i].exec;
	struct target *t = &n->set->v[i];
	const struct spec_container *c = t->plan->c;
	struct cgroup_limits limits;
	int rc = c->user ? native_user(c->user, x, err) : 0;

	if (c->image)
		note(n, i, "its image is not used: runtime: native runs programs of this host");
	rc = rc ?: set_work_dir(n, i, err);
	rc = rc ?: set_volumes(n, i, err);
	rc = rc ?: native_env(c, x, err);
	rc = rc ?: set_ulimits(c, x, err);
	rc = rc ?: set_cpus(n, c, x, err);
	rc = rc ?: set_argv(n, i, err);
	rc = rc ?: native_limits(&n->group.layout, c, x, x->dir, &limits, err);
	rc = rc ?: cgroup_create(&n->group.layout, n->group.parent, t->name, &limits, &t->cg, err);
	return rc;
}

static int open_log(const struct target *t, struct err *err)
{
	int fd = open(t->log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

	return fd >= 0 ? fd : err_set(err, -errno, "cannot write the log %s", t->log_path);
}

static int native_ends(void *state)
{
	return ((struct native *)state)->ends;
}

static int native_start(void *state, size_t i, struct err *err)
{
	struct native *n = state;
	struct target *t = &n->set->v[i];
	const struct native_exec *x = &n->items[i].exec;
	cleanup_close int log = open_log(t, err);
	struct native_child child;
	int rc;

	if (log < 0)
		return log;
	rc = native_child_fork(x, log, 0, &child, err);
	if (rc)
		return rc;
	rc = cgroup_enter(&t->cg, child.pid, err);
	if (rc) {
		native_child_drop(&child);
		return rc;
	}
	t->pid = child.pid;
	t->start_ns = clock_mono_ns();
	atomic_store_explicit(&t->published, true, memory_order_release);
	if (n->config.published)
		n->config.published(n->config.note_arg, i);
	rc = native_child_go(&child, x, err);
	if (rc) {
		t->start_ns = 0; /* its program never ran */
		return rc;
	}
	n->items[i].running = true;
	n->items[i].pidfd = native_ends_add(&n->ends, n->set->v[i].pid);
	return 0;
}

static void tell_oom(struct target *t)
{
	char limit[64] = "";
	uint64_t kills;

	if (cgroup_oom_kills(&t->cg, &kills) || !kills || !t->exit_code)
		return;
	if (t->plan->c->memory != OPTION_UNSET) {
		char size[32];

		units_format_size(t->plan->c->memory, size, sizeof(size));
		snprintf(limit, sizeof(limit), " at its limit of %s", size);
	}
	snprintf(t->failure, sizeof(t->failure),
		 "the kernel killed %llu of its processes for lack of memory%s",
		 (unsigned long long)kills, limit);
}

static int native_poll(void *state, size_t i, struct err *err)
{
	struct native *n = state;
	struct target *t = &n->set->v[i];
	int status, rc;
	pid_t pid;

	if (!n->items[i].running)
		return 0;
	pid = waitpid(t->pid, &status, WNOHANG);
	if (pid == 0 || (pid < 0 && errno == EINTR))
		return 1;
	if (pid < 0)
		return err_set(err, -errno, "lost sight of process %d", t->pid);
	n->items[i].running = false;
	t->end_ns = clock_mono_ns();
	native_ends_drop(&n->items[i].pidfd);
	t->exit_code = native_exit_code(status);
	tell_oom(t);
	/* What its first process left running belongs to it and ends with it. */
	rc = cgroup_kill(&t->cg);
	if (rc)
		loss_add(n->config.losses, "native.kill", 1,
			 "%s left processes that do not end: %s", t->name, strerror(-rc));
	return 0;
}

/* Kills the whole session of a command that takes too long. */
static int wait_within(pid_t pid, uint64_t timeout_ns)
{
	uint64_t end_ns = clock_mono_ns() + timeout_ns;
	int status;

	for (;;) {
		pid_t got = waitpid(pid, &status, WNOHANG);

		if (got == pid)
			return native_exit_code(status);
		if (got < 0 && errno != EINTR)
			return -errno;
		if (clock_mono_ns() >= end_ns)
			break;
		(void)clock_sleep_until(clock_mono_ns() + NSEC_PER_MSEC); /* a signal: look again */
	}
	(void)kill(-pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return -ETIMEDOUT;
}

static int native_exec_in(void *state, size_t i, char *const argv[], uint64_t timeout_ns,
			  struct err *err)
{
	struct native *n = state;
	struct target *t = &n->set->v[i];
	struct native_exec x = n->items[i].exec;
	struct native_child child;
	int rc;

	if (!n->items[i].running)
		return err_say(err, -ESRCH, "%s is not running", t->name);
	/* Everything else is borrowed from the target's own. */
	x.argv = (struct str_list){ .v = (char **)argv };
	rc = native_child_fork(&x, -1, x.n_mounts ? t->pid : 0, &child, err);
	if (rc)
		return rc;
	rc = cgroup_enter(&t->cg, child.pid, err);
	if (rc) {
		native_child_drop(&child);
		return rc;
	}
	rc = native_child_go(&child, &x, err);
	if (rc)
		return rc;
	rc = wait_within(child.pid, timeout_ns);
	return rc < 0 ? err_set(err, rc, "\"%s\"", argv[0]) : rc;
}

static int native_address(void *state, size_t i, char *text, size_t size)
{
	(void)state;
	(void)i;
	return snprintf(text, size, "127.0.0.1") < (int)size ? 0 : -ENAMETOOLONG;
}

static int native_signal(void *state, size_t i, bool kill_it, struct err *err)
{
	struct native *n = state;
	struct target *t = &n->set->v[i];

	if (!n->items[i].running)
		return 0;
	if (kill_it) {
		int rc = cgroup_kill(&t->cg);

		return rc ? err_set(err, rc, "cannot kill %s", t->name) : 0;
	}
	/* Its process group, as a terminal would. */
	if (kill(-t->pid, SIGTERM) && errno != ESRCH)
		return err_set(err, -errno, "cannot signal %s", t->name);
	return 0;
}

/* The kernel can take a moment to let go of a cgroup whose last process has exited. */
static int remove_cgroup(const struct cgroup_ref *cg)
{
	int rc = cgroup_kill(cg);

	for (int k = 0; !rc && k < REMOVE_ROUNDS; k++) {
		rc = cgroup_remove(cg);
		if (rc != -EBUSY)
			return rc;
		rc = 0;
		(void)clock_sleep_until(clock_mono_ns() + PAUSE_NS); /* a signal: once more */
	}
	return rc ? rc : -EBUSY;
}

static int native_remove(void *state, size_t i, struct err *err)
{
	struct native *n = state;
	struct native_item *item = &n->items[i];
	struct target *t = &n->set->v[i];
	int rc = remove_cgroup(&t->cg), files = 0;

	if (rc)
		err_set(err, rc, "cannot remove the cgroups of %s", t->name);
	if (item->running && !rc) {
		(void)waitpid(t->pid, NULL, 0); /* killed just now */
		item->running = false;
	}
	native_ends_drop(&item->pidfd);
	native_ior_remove(item->data, &t->plan->c->workload.ior.options);
	if (*t->gate_dir)
		(void)fs_remove_tree(t->gate_dir); /* below work/, which is cleaned */
	if (*item->work_dir)
		files = fs_remove_tree(item->work_dir);
	if (files == -ENOENT)
		files = 0;
	if (files && !rc)
		rc = err_set(err, files, "cannot remove %s", item->work_dir);
	native_exec_fini(&item->exec);
	return rc;
}

static int native_places(void *state, size_t i, struct str_list *ret, struct err *err)
{
	const struct native *n = state;
	char path[PATH_MAX];
	int rc = native_place(n->set->v[i].plan->c, &n->items[i].exec, path, sizeof(path), err);

	if (!rc && str_list_add(ret, path))
		rc = err_set(err, -ENOMEM, "looking for files of %s", n->set->v[i].name);
	return rc;
}

static void native_close(void *state)
{
	struct native *n = state;
	char path[PATH_MAX + 16];

	if (!n)
		return;
	native_group_close(&n->group);
	snprintf(path, sizeof(path), "%s/volumes", n->config.run_dir);
	(void)fs_remove_tree(path); /* absent mostly; a rest does no harm in the run's directory */
	snprintf(path, sizeof(path), "%s/work", n->config.run_dir);
	(void)rmdir(path); /* each target has removed its own */
	native_ends_drop(&n->ends);
	free(n->items);
	free(n);
}

static int native_clean(bool dry_run, struct buf *report, struct err *err)
{
	struct cgroup_layout layout;
	struct err ignored;

	if (cgroup_layout_read(&layout, &ignored))
		return 0; /* no hierarchy, nothing left in it */
	return native_group_clean(&layout, dry_run, report, err);
}

const struct runtime runtime_native = {
	.name = "native",
	.open = native_open,
	.create = native_create,
	.start = native_start,
	.poll = native_poll,
	.ends = native_ends,
	.exec = native_exec_in,
	.address = native_address,
	.places = native_places,
	.signal = native_signal,
	.remove = native_remove,
	.close = native_close,
	.clean = native_clean,
};
