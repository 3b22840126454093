// SPDX-License-Identifier: Apache-2.0
/*
 * What is attached to is looked at from now on, and let go at the end. What has a command beside
 * it is a plain process, as the native runtime has it.
 */
#include "launch/attach.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "launch/attach_engine.h"
#include "launch/runtime.h"
#include "plan/plan.h"

/* An engine sees that a container has ended a moment after its cgroup has gone. */
#define END_WAIT_NS NSEC_PER_SEC
#define END_PAUSE_NS (20 * NSEC_PER_MSEC)

struct attach_item {
	char dir[CGROUP_PATH]; /* there as long as it runs */
	bool running;
	uint64_t asked_ns; /* when the engine was asked how it ended; 0: not yet */
};

struct attach {
	struct launch_config config;
	struct target_set *set;
	struct cgroup_layout layout;
	struct attach_engine engine; /* open where a container is attached to */
	struct attach_item *items; /* one per target */
	void *native; /* state of the other runtime; NULL where nothing has a command */
};

static bool is_attached(const struct attach *a, size_t i)
{
	return a->set->v[i].plan->c->attach != NULL;
}

static bool is_cgroup(const char *attach)
{
	return *attach == '/';
}

static int open_parts(struct attach *a, struct err *err)
{
	bool commands = false, containers = false;
	int rc = cgroup_layout_read(&a->layout, err);

	for (size_t i = 0; i < a->set->n; i++) {
		commands |= !is_attached(a, i);
		containers |= is_attached(a, i) && !is_cgroup(a->set->v[i].plan->c->attach);
	}
	if (!rc && containers)
		rc = attach_engine_open(&a->engine, a->config.cancel, err);
	if (!rc && commands)
		rc = runtime_native.open(&a->config, a->set, &a->native, err);
	return rc;
}

static void attach_close(void *state)
{
	struct attach *a = state;

	if (!a)
		return;
	attach_engine_close(&a->engine);
	runtime_native.close(a->native);
	free(a->items);
	free(a);
}

static int attach_open(const struct launch_config *config, struct target_set *set, void **ret_state,
		       struct err *err)
{
	struct attach *a = calloc(1, sizeof(*a));
	int rc;

	if (!a)
		return err_set(err, -ENOMEM, "attaching");
	a->config = *config;
	a->set = set;
	a->items = calloc(set->n + 1, sizeof(*a->items));
	rc = a->items ? open_parts(a, err) : err_set(err, -ENOMEM, "attaching");
	if (rc)
		attach_close(a);
	else
		*ret_state = a;
	return rc;
}

/* The cgroup that goes when it does: of the hierarchy that most is known by. */
static const char *dir_of(const struct cgroup_ref *cg)
{
	const char *dir = cg->v2;

	for (int c = 0; c < CG_NCTRL && !*dir; c++)
		dir = cg->v1[c];
	return dir;
}

static int find(struct attach *a, struct target *t, struct err *err)
{
	const char *what = t->plan->c->attach;
	int rc;

	if (!is_cgroup(what))
		return attach_engine_find(&a->engine, &a->layout, what, t, err);
	rc = cgroup_of_path(&a->layout, what, &t->cg, err);
	if (!rc && !*dir_of(&t->cg))
		rc = -ENOENT;
	if (rc == -EINVAL)
		return rc;
	return rc ? err_say(err, -ENOENT,
			    "there is no cgroup '%s' below where hierarchies are mounted "
			    "(systemd-cgls shows them)",
			    what)
		  : 0;
}

static int attach_create(void *state, size_t i, struct err *err)
{
	struct attach *a = state;
	struct target *t = &a->set->v[i];
	int rc;

	if (!is_attached(a, i))
		return runtime_native.create(a->native, i, err);
	rc = find(a, t, err);
	if (rc)
		return rc;
	snprintf(a->items[i].dir, sizeof(a->items[i].dir), "%s", dir_of(&t->cg));
	/* Its counters are read before the run begins, too. */
	t->attached = true;
	atomic_store_explicit(&t->published, true, memory_order_release);
	return 0;
}

static int attach_start(void *state, size_t i, struct err *err)
{
	struct attach *a = state;
	struct target *t = &a->set->v[i];

	if (!is_attached(a, i))
		return runtime_native.start(a->native, i, err);
	t->start_ns = clock_mono_ns();
	t->stopped = 1; /* however it ends, it is no failure of the run */
	a->items[i].running = true;
	if (a->config.published)
		a->config.published(a->config.note_arg, i);
	return 0;
}

/* How target @i has ended. 1: the engine does not know yet; it is asked again later, for a while. */
static int ask(struct attach *a, size_t i, uint64_t now_ns)
{
	struct attach_item *item = &a->items[i];
	struct target *t = &a->set->v[i];

	if (item->asked_ns && now_ns - item->asked_ns < END_PAUSE_NS)
		return 1;
	item->asked_ns = now_ns;
	return attach_engine_ended(&a->engine, t->container_id, &t->exit_code) &&
	       now_ns - t->end_ns < END_WAIT_NS;
}

static int attach_poll(void *state, size_t i, struct err *err)
{
	struct attach *a = state;
	struct target *t = &a->set->v[i];

	if (!is_attached(a, i))
		return runtime_native.poll(a->native, i, err);
	if (!a->items[i].running)
		return 0;
	if (!t->end_ns && !access(a->items[i].dir, F_OK))
		return 1;
	if (!t->end_ns) {
		t->end_ns = clock_mono_ns();
		atomic_store(&t->gone, true);
	}
	if (*t->container_id && ask(a, i, clock_mono_ns()))
		return 1;
	a->items[i].running = false;
	return 0;
}

static int attach_exec(void *state, size_t i, char *const argv[], uint64_t timeout_ns,
		       struct err *err)
{
	struct attach *a = state;

	if (!is_attached(a, i))
		return runtime_native.exec(a->native, i, argv, timeout_ns, err);
	return err_say(err, -EOPNOTSUPP, "nothing is run in what is attached to");
}

static int attach_address(void *state, size_t i, char *text, size_t size)
{
	struct attach *a = state;

	return is_attached(a, i) ? -EADDRNOTAVAIL
				 : runtime_native.address(a->native, i, text, size);
}

/* What ran before goes on. */
static int attach_signal(void *state, size_t i, bool kill, struct err *err)
{
	struct attach *a = state;

	if (!is_attached(a, i))
		return runtime_native.signal(a->native, i, kill, err);
	/* One that the engine was not yet sure of has ended all the same. */
	a->set->v[i].let_go = a->items[i].running && !a->set->v[i].end_ns;
	a->items[i].running = false;
	return 0;
}

static int attach_remove(void *state, size_t i, struct err *err)
{
	struct attach *a = state;

	return is_attached(a, i) ? 0 : runtime_native.remove(a->native, i, err);
}

static json_t *engine_of(const void *state)
{
	const struct attach *a = state;

	return attach_engine_json(&a->engine);
}

/* Leaves nothing: what it starts is the native runtime's. */
static int attach_clean(bool dry_run, struct buf *report, struct err *err)
{
	(void)dry_run, (void)report, (void)err;
	return 0;
}

const struct runtime runtime_attach = {
	.name = "attach",
	.open = attach_open,
	.create = attach_create,
	.start = attach_start,
	.poll = attach_poll,
	.exec = attach_exec,
	.address = attach_address,
	.signal = attach_signal,
	.remove = attach_remove,
	.close = attach_close,
	.engine = engine_of,
	.clean = attach_clean,
};
