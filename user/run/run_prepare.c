// SPDX-License-Identifier: Apache-2.0
/* The begin of a run: what cannot work is refused, then everything is opened in order. */
#include <errno.h>
#include <fcntl.h>
#include <sha256.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "host/facts.h"
#include "host/machine.h"
#include "host/resctrl_set.h"
#include "launch/launch.h"
#include "plan/plan.h"
#include "probe/block.h"
#include "probe/pagecache.h"
#include "probe/perf.h"
#include "probe/profile.h"
#include "probe/sched.h"
#include "probe/targets.h"
#include "probe/vfs.h"
#include "run/interrupt.h"
#include "run/pipeline.h"
#include "run/preflight.h"
#include "run/rdt.h"
#include "run/session.h"
#include "run/sinks.h"
#include "sample/sampler.h"
#include "store/store.h"

#define SPEC_MAX (1 << 20)

static void use_collector(struct session *s, const struct collector *c)
{
	size_t n = 0;

	while (s->collectors[n])
		n++;
	s->collectors[n] = c;
}

static int open_block(struct session *s, const struct spec_block *spec, struct err *err)
{
	static const enum block_times times[] = { [CLOCK_AUTO] = BLOCK_TIMES_LEARN,
						  [CLOCK_OWN] = BLOCK_TIMES_OWN,
						  [CLOCK_KERNEL] = BLOCK_TIMES_KERNEL };
	enum tri asked = spec->mode;
	int rc;

	if (asked == TRI_OFF)
		return 0;
	rc = block_probe_open(
		&(struct block_config){
			.times = times[spec->times],
			.without_shares = spec->sharing == FLAG_OFF,
			.writeback_is_charged = s->cgroups.io_on_v2 && !*s->cgroups.v1[CG_MEMORY],
		},
		&s->block, err);
	if (rc && asked == TRI_ON)
		return err_wrap(err, "collector block");
	if (rc)
		loss_add(&s->losses, "collector block", 1, "%s", err->text);
	else
		use_collector(s, &collector_block);
	return 0;
}

/* What its memory is charged to, if that is its own. */
static void publish_memory(struct session *s, size_t i)
{
	const struct target *t = &s->targets->v[i];
	unsigned int level;
	uint64_t id;
	int rc = cgroup_memory_id(&s->cgroups, &t->cg, &id, &level);

	if (!rc)
		rc = probe_targets_add_memory(s->tasks.targets, i, id, level);
	if (rc && s->tasks.pagecache)
		loss_add(&s->losses, "pagecache.memory", 1,
			 "%s: no cgroup of its own is charged for memory: pages written back and "
			 "evicted are not known",
			 t->name);
}

static bool on_seen(void *arg, size_t i, const struct cgroup_ref *cg)
{
	struct session *s = arg;
	bool in_time;

	in_time = s->tasks.targets && !probe_targets_await(s->tasks.targets, i, cg->default_id,
							   cgroup_level(&s->cgroups, cg));
	/* Who makes the container is counted, too, where the kernel tells targets apart. */
	if (s->tasks.perf)
		(void)perf_probe_add(s->tasks.perf, i, cg->v2); /* a failure is a loss at the end */
	return in_time;
}

static bool on_making(void *arg, size_t i, const struct cgroup_ref *cg)
{
	struct session *s = arg;

	return !s->rdt || resctrl_set_hold_cgroup(s->rdt, i, cg);
}

/* What happens to a target from its first instruction on is counted. */
static void on_published(void *arg, size_t i)
{
	struct session *s = arg;
	const struct target *t = &s->targets->v[i];
	int rc;

	rdt_published(s->rdt, s->plan, i, t, &s->losses);
	if (!s->tasks.targets)
		return;
	/* Not by the next tick: it may be gone by then. */
	if (s->tasks.profile)
		profile_probe_root(s->tasks.profile, (uint32_t)i, t->pid, t->container_id[0]);
	if (s->tasks.perf)
		(void)perf_probe_add(s->tasks.perf, i, t->cg.v2); /* as above */
	rc = probe_targets_add(s->tasks.targets, i, t->cg.default_id,
			       cgroup_level(&s->cgroups, &t->cg));
	if (rc)
		loss_add(&s->losses, "tasks", 1, "%s: %s", t->name,
			 rc == -EINVAL ? "it has no cgroup of version 2 of its own"
			 : rc == -ENOSPC
				 ? "targets lie at more depths of the hierarchy than can be "
				   "followed"
				 : strerror(-rc));
	else if (t->late)
		loss_add(&s->losses, "tasks.late", 1,
			 "%s: its cgroup was found after its program had begun, within %.0f ms of "
			 "its "
			 "engine being asked to start it: sched, vfs, pagecache and perf lack what "
			 "its "
			 "tasks did before",
			 t->name, (double)(clock_mono_ns() - t->start_ns) / NSEC_PER_MSEC);
	publish_memory(s, i);
}

/* Probes first, so that nothing a target does goes unseen. */
static int open_collectors(struct session *s, struct err *err)
{
	const struct spec_collectors *c = &s->plan->spec->collectors;
	struct task_opening tasks;
	struct err later = { 0 };
	int rc, tasks_rc;

	task_probes_begin(&s->tasks, c, s->plan->n, s->plan->spec->duration_ns, &tasks);
	rc = open_block(s, &c->block, err);
	tasks_rc = task_probes_end(&tasks, &s->losses, &later);
	if (tasks_rc && !rc) {
		*err = later;
		rc = tasks_rc;
	}
	/* Beside the block probe, whose sums are held against it. */
	use_collector(s, &collector_device);
	if (s->tasks.sched)
		use_collector(s, &collector_sched);
	if (s->tasks.vfs)
		use_collector(s, &collector_vfs);
	if (s->tasks.pagecache)
		use_collector(s, &collector_pagecache);
	if (s->tasks.perf)
		use_collector(s, &collector_perf);
	if (s->tasks.profile)
		use_collector(s, &collector_profile);
	if (c->cgroup != TRI_OFF)
		use_collector(s, &collector_cgroup);
	if (!rc)
		rc = rdt_open(&c->rdt, s->plan, &s->losses, &s->rdt, err);
	if (s->rdt)
		use_collector(s, &collector_rdt);
	return rc;
}

/* @engine is stolen; NULL: there is none. */
static int host_json(const struct session *s, json_t *engine, char **ret_text, struct err *err)
{
	struct machine m;
	json_t *o;

	machine_read(&m);
	*ret_text = NULL;
	o = json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:o*}", "hostname", m.hostname, "kernel",
		      m.kernel, "arch", m.arch, "os", m.os, "cpu_model", m.cpu_model, "cpus",
		      (json_int_t)m.cpus, "memory_bytes", (json_int_t)m.memory_bytes, "engine",
		      engine);
	if (o && s->rdt)
		json_object_set_new(o, "rdt", rdt_host_json(s->rdt));
	if (o && !facts_put_all(&(struct facts_place){ "/sys", "/proc" }, o))
		*ret_text = json_dumps(o, JSON_COMPACT);
	json_decref(o);
	return *ret_text ? 0 : err_set(err, -ENOMEM, "describing the host");
}

/* {"block": "tp_btf", ...}; NULL: no memory. */
static char *backends_json(const struct session *s)
{
	json_t *o = json_object();
	char *text;

	if (s->block)
		json_object_set_new(o, "block", json_string(block_probe_backend(s->block)));
	if (s->tasks.sched)
		json_object_set_new(o, "sched", json_string(sched_probe_backend(s->tasks.sched)));
	if (s->tasks.vfs)
		json_object_set_new(o, "vfs", json_string(vfs_probe_backend(s->tasks.vfs)));
	if (s->tasks.pagecache)
		json_object_set_new(o, "pagecache",
				    json_string(pagecache_probe_backend(s->tasks.pagecache)));
	if (s->rdt)
		json_object_set_new(o, "rdt", json_string("resctrl"));
	if (s->tasks.perf)
		json_object_set_new(o, "perf", json_string(perf_probe_backend(s->tasks.perf)));
	if (s->tasks.profile)
		json_object_set_new(o, "profile", json_string("cpu-clock"));
	text = o ? json_dumps(o, 0) : NULL;
	json_decref(o);
	return text;
}

/* {"transfer": "4KiB", ...}; NULL: there is no matrix, or no memory. */
static char *axes_json(const struct spec *spec)
{
	json_t *o = spec->axes.n ? json_object() : NULL;
	bool failed = false;
	char *text;

	for (size_t i = 0; o && i < spec->axes.n; i++)
		failed |= json_object_set_new(o, spec->axes.v[i].key,
					      json_string(spec->axes.v[i].value));
	text = o && !failed ? json_dumps(o, JSON_COMPACT) : NULL;
	json_decref(o);
	return text;
}

static int write_spec(const struct session *s, struct buf *text, struct err *err)
{
	cleanup_free char *path = fs_join(s->dir, "spec.yml");
	int rc = spec_print(s->plan->spec, text);

	if (!rc)
		rc = path ? fs_create_at(AT_FDCWD, path, text->data, text->len) : -ENOMEM;
	return rc ? err_set(err, rc, "writing %s/spec.yml", s->dir) : 0;
}

static int open_store(struct session *s, struct err *err)
{
	cleanup_buf struct buf spec = BUF_INIT(SPEC_MAX);
	cleanup_free char *host = NULL, *backends = NULL, *axes = NULL, *dir = NULL;
	char sha[SHA256_DIGEST_STRING_LENGTH];
	const struct plan *plan = s->plan;
	int rc = host_json(s, NULL, &host, err);

	if (!rc)
		rc = store_make_dir(s->config->store_dir, plan->id, &dir, err);
	/* Targets have working directories of their own: the path must hold in all of them. */
	if (!rc && !(s->dir = realpath(dir, NULL)))
		rc = err_set(err, -errno, "finding the absolute path of %s", dir);
	if (!rc)
		rc = write_spec(s, &spec, err);
	if (rc)
		return rc;
	SHA256Data((const uint8_t *)buf_str(&spec), spec.len, sha);
	backends = backends_json(s);
	axes = axes_json(plan->spec);
	if (!backends || (plan->spec->axes.n && !axes))
		return err_set(err, -ENOMEM, "describing the run");
	return store_create(s->dir,
			    &(struct store_run){
				    .id = plan->id,
				    .group = plan->group,
				    .name = plan->spec->name,
				    .spec = buf_str(&spec),
				    .spec_sha256 = sha,
				    .version = CBPF_VERSION,
				    .runtime = runtime_kind_name(plan->spec->runtime),
				    .repetition = plan->repetition,
				    .started_wall_ns = clock_wall_ns(),
				    .started_mono_ns = clock_mono_ns(),
				    .interval_ns = plan->spec->interval_ns,
				    .host_json = host,
				    .backends_json = backends,
				    .description = plan->spec->description,
				    .scheduler = plan->spec->scheduler,
				    .duration_ns = plan->spec->duration_ns,
				    .axes_json = axes,
				    .group_runs = plan->group_runs,
			    },
			    &s->store, err);
}

static int put_thresholds(struct session *s, struct err *err)
{
	const struct str_map *set = &s->plan->spec->findings;
	int rc = 0;

	for (size_t i = 0; !rc && i < set->n; i++)
		rc = store_put_threshold(s->store, set->v[i].key, strtod(set->v[i].value, NULL),
					 err);
	return rc;
}

static void on_note(void *arg, const char *target, const char *text)
{
	struct session *s = arg;

	progress_say(&s->progress, target, "%s", text);
	if (s->pipeline)
		pipeline_event(s->pipeline, target, "note", "%s", text);
}

static void on_happened(void *arg, const char *target, const char *what, const char *text)
{
	struct session *s = arg;

	progress_say(&s->progress, target, "%s: %s", what, text);
	if (s->pipeline)
		pipeline_event(s->pipeline, target, what, "%s", text);
}

/* It is not known before the run has a place. */
static int tell_engine(struct session *s, struct err *err)
{
	cleanup_free char *host = NULL;
	json_t *engine = launch_engine(s->launcher);
	int rc;

	if (!engine)
		return 0;
	rc = host_json(s, engine, &host, err);
	return rc ? rc : store_set_host(s->store, host, err);
}

/*
 * What is known of targets before they are: who reads the run while it lasts must see the same
 * as who reads it later.
 */
static int tell_targets(struct session *s, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < s->targets->n && !rc; i++) {
		const struct target *t = &s->targets->v[i];
		const struct spec_container *c = t->plan->c;

		rc = store_put_target(
			s->store,
			&(struct store_target){
				.owner = i,
				.name = t->name,
				.kind = "container",
				.image = t->image,
				.exit_code = -1,
				.cpus = c->cpus,
				.start_after_ns = &c->start_ns,
				.stop_after_ns = c->stop_ns == OPTION_UNSET ? NULL : &c->stop_ns,
			},
			err);
	}
	return rc;
}

static int open_launch(struct session *s, struct err *err)
{
	int rc = launch_open(
		&(struct launch_config){
			.plan = s->plan,
			.run_dir = s->dir,
			.losses = &s->losses,
			.note = on_note,
			.seen = on_seen,
			.making = on_making,
			.published = on_published,
			.happened = on_happened,
			.note_arg = s,
			.cancel = interrupt_flag(),
			.at_once = interrupt_at_once_flag(),
		},
		&s->launcher, err);

	if (rc)
		return rc;
	s->targets = launch_targets(s->launcher);
	rc = tell_targets(s, err);
	return rc ? rc : tell_engine(s, err);
}

static int open_pipeline(struct session *s, struct err *err)
{
	const struct collector_env env = {
		.targets = s->targets,
		.cgroups = &s->cgroups,
		.owners = s->owners,
		.block = s->block,
		.sched = s->tasks.sched,
		.vfs = s->tasks.vfs,
		.pagecache = s->tasks.pagecache,
		.rdt = s->rdt,
		.perf = s->tasks.perf,
		.profile = s->tasks.profile,
		.losses = &s->losses,
	};
	int rc = sampler_open(&env, s->collectors, &s->sampler, err);

	if (!rc && live_init(&s->live, s->targets->n))
		rc = err_set(err, -ENOMEM, "preparing progress");
	if (rc)
		return rc;
	return pipeline_open(
		&(struct pipeline_config){
			.sampler = s->sampler,
			.store = s->store,
			.owners = s->owners,
			.live = &s->live,
			.interval_ns = s->plan->spec->interval_ns,
		},
		&s->pipeline, err);
}

/* Refuse what cannot work before anything is made. */
static int preflight(const struct session *s, struct err *err)
{
	struct feature_env env;
	int rc = preflight_env(s->config->store_dir, &env);

	if (rc)
		return err_set(err, rc, "looking at this host");
	env.cancel = interrupt_flag();
	rc = preflight_spec(&env, s->plan->spec, err);
	close(env.root);
	if (interrupt_count())
		return err_say(err, -EINTR, "interrupted before anything was started");
	return rc;
}

/* Before anything is started, since an address in use or a wrong one is to be mended first. */
static int open_sinks(struct session *s, struct err *err)
{
	return sinks_open(
		&(struct sinks_config){
			.spec = &s->plan->spec->sinks,
			.run_dir = s->dir,
			.id = s->plan->id,
			.store = s->store,
			.losses = &s->losses,
			.progress = &s->progress,
		},
		&s->sinks, err);
}

int session_prepare(struct session *s, struct err *err)
{
	int rc = preflight(s, err);

	if (!rc)
		rc = cgroup_layout_read(&s->cgroups, err);
	if (!rc)
		rc = open_collectors(s, err);
	if (!rc)
		rc = open_store(s, err);
	if (!rc)
		rc = put_thresholds(s, err);
	if (!rc)
		rc = open_sinks(s, err);
	if (rc)
		return rc;
	rc = open_launch(s, err);
	return rc ? rc : open_pipeline(s, err);
}
