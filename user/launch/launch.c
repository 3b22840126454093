// SPDX-License-Identifier: Apache-2.0
/* From a plan to made targets, and back to nothing. */
#include "launch/launch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fs.h"
#include "launch/launch_state.h"
#include "launch/ssh_keys.h"
#include "launch/workload.h"
#include "plan/plan.h"

static const struct runtime *const runtimes[] = {
	[RUNTIME_DOCKER] = &runtime_docker,
	[RUNTIME_PODMAN] = &runtime_podman,
	[RUNTIME_NATIVE] = &runtime_native,
	[RUNTIME_ATTACH] = &runtime_attach,
};

#define N_RUNTIMES (sizeof(runtimes) / sizeof(runtimes[0]))

static int make_dirs(const char *run_dir, struct err *err)
{
	static const char *const names[] = { "logs", "results" };
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		int rc;

		if (snprintf(path, sizeof(path), "%s/%s", run_dir, names[i]) >= (int)sizeof(path))
			return err_set(err, -ENAMETOOLONG, "cannot use %s", run_dir);
		rc = fs_mkdirs(path, 0755);
		if (rc)
			return err_set(err, rc, "cannot make %s", path);
	}
	return 0;
}

static int init_target(struct target *t, const struct plan_target *plan, const char *run_dir,
		       struct err *err)
{
	if (snprintf(t->name, sizeof(t->name), "%s", plan->name) >= (int)sizeof(t->name))
		return err_say(err, -ENAMETOOLONG,
			       "the container name \"%s\" is too long: at most %zu characters",
			       plan->name, sizeof(t->name) - 1);
	if (snprintf(t->log_path, sizeof(t->log_path), "%s/logs/%s.log", run_dir, plan->name) >=
	    (int)sizeof(t->log_path))
		return err_set(err, -ENAMETOOLONG, "cannot write logs below %s", run_dir);
	t->plan = plan;
	t->state = TARGET_WAITING;
	t->exit_code = -1;
	return 0;
}

static int make_all(struct launcher *l, struct err *err)
{
	int rc = l->runtime->open(&l->config, &l->set, &l->state, err);

	if (rc)
		return rc;
	for (size_t i = 0; !rc && i < l->set.n; i++) {
		if (l->config.cancel && atomic_load(l->config.cancel))
			return err_say(err, -EINTR, "interrupted");
		l->items[i].made = true;
		rc = l->runtime->create(l->state, i, err);
		if (!rc)
			rc = before_can(l, i, err);
		if (rc)
			err_wrap(err, "container %s", l->set.v[i].name);
	}
	return rc;
}

int launch_open_with(const struct launch_config *config, const struct runtime *runtime,
		     struct launcher **ret, struct err *err)
{
	const struct plan *plan = config->plan;
	struct launcher *l = calloc(1, sizeof(*l));
	struct err ignored;
	int rc;

	if (!l)
		return err_set(err, -ENOMEM, "cannot prepare the targets");
	l->config = *config;
	l->runtime = runtime;
	l->set.v = calloc(plan->n + 1, sizeof(*l->set.v));
	l->items = calloc(plan->n + 1, sizeof(*l->items));
	for (size_t i = 0; l->items && i < plan->n; i++)
		l->items[i].gate_fd = -1;
	rc = l->set.v && l->items ? 0 : err_set(err, -ENOMEM, "cannot prepare the targets");
	for (size_t i = 0; !rc && i < plan->n; i++, l->set.n++)
		rc = init_target(&l->set.v[i], &plan->v[i], config->run_dir, err);
	if (!rc)
		rc = make_dirs(config->run_dir, err);
	if (!rc && ranks_init(&l->ranks, plan))
		rc = err_set(err, -ENOMEM, "cannot prepare the targets");
	if (!rc)
		rc = make_all(l, err);
	if (rc)
		(void)launch_close(l, &ignored); /* the first failure is the one to tell */
	else
		*ret = l;
	return rc;
}

int launch_open(const struct launch_config *config, struct launcher **ret, struct err *err)
{
	return launch_open_with(config, runtimes[config->plan->spec->runtime], ret, err);
}

json_t *launch_engine(const struct launcher *l)
{
	return l->runtime->engine ? l->runtime->engine(l->state) : NULL;
}

struct target_set *launch_targets(struct launcher *l)
{
	return &l->set;
}

int launch_close(struct launcher *l, struct err *err)
{
	struct err each;
	int first = 0;

	if (!l)
		return 0;
	for (size_t i = l->items ? l->set.n : 0; l->state && i-- > 0;) {
		int rc;

		before_forget(l, i);
		rc = l->items[i].made ? l->runtime->remove(l->state, i, &each) : 0;

		if (rc && !first) {
			first = rc;
			*err = each;
			err_wrap(err, "removing container %s", l->set.v[i].name);
		}
	}
	l->runtime->close(l->state);
	ranks_fini(&l->ranks);
	free(l->set.v);
	free(l->items);
	free(l);
	return first;
}

const struct ranks *launch_ranks(const struct launcher *l)
{
	return &l->ranks;
}

int launch_results(struct launcher *l, size_t i, struct result_set *ret, struct err *err)
{
	return workload_results(&l->set.v[i], ret, err);
}

int launch_clean(bool dry_run, struct buf *report, struct err *err)
{
	struct err each;
	int first = 0, rc;

	for (size_t i = 0; i < N_RUNTIMES; i++) {
		rc = runtimes[i]->clean(dry_run, report, &each);

		if (rc && rc != -ENOTCONN && !first) {
			first = rc;
			*err = each;
		}
	}
	rc = ssh_keys_sweep(dry_run, report, &each);
	if (rc && !first) {
		first = rc;
		*err = each;
	}
	return first;
}
