// SPDX-License-Identifier: Apache-2.0
/* The end of a run: results, targets, losses and own cost into the store, then the report. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/openflags.h"
#include "base/result.h"
#include "html/html.h"
#include "launch/launch.h"
#include "launch/ranks.h"
#include "plan/plan.h"
#include "probe/block.h"
#include "probe/pagecache.h"
#include "probe/perf.h"
#include "probe/profile.h"
#include "probe/sched.h"
#include "probe/vfs.h"
#include "report/report.h"
#include "run/attribution.h"
#include "run/interrupt.h"
#include "run/pipeline.h"
#include "run/session.h"
#include "run/sinks.h"
#include "sample/sampler.h"
#include "store/store.h"

static bool target_failed(const struct target *t)
{
	return t->state == TARGET_FAILED || (t->exit_code != 0 && !t->stopped);
}

/* Only where block I/O is looked at; what is not exact is a loss too. */
static void attribution(struct session *s, const struct target *t, struct attribution *ret)
{
	char words[sizeof(((struct loss *)NULL)->reason) - sizeof(t->name) - 2];

	*ret = (struct attribution){ 0 };
	if (!s->block)
		return;
	attribution_of(&s->cgroups, t, ret);
	if (ret->reason[0])
		loss_add(&s->losses, "block.attribution", 1, "%s: %s", t->name,
			 attribution_words(ret, words, sizeof(words)));
}

static int put_target(struct session *s, size_t i, struct err *err)
{
	const struct target *t = &s->targets->v[i];
	const char *state = t->state == TARGET_FAILED || target_failed(t) ? "failed"
			    : t->attached		? (t->let_go ? "running" : "ended")
			    : t->stopped		? "stopped"
			    : t->state == TARGET_EXITED ? "ok"
							: "not started";
	struct attribution sure;
	char words[sizeof(sure.reason) + sizeof(sure.fix) + 32];

	attribution(s, t, &sure);
	attribution_words(&sure, words, sizeof(words));
	return store_put_target(s->store,
				&(struct store_target){
					.owner = i,
					.name = t->name,
					.kind = "container",
					.image = t->image[0] ? t->image : NULL,
					.container_id = t->container_id[0] ? t->container_id : NULL,
					.cgroup = t->cg.v2[0]		  ? t->cg.v2
						  : t->cg.v1[CG_BLKIO][0] ? t->cg.v1[CG_BLKIO]
									  : NULL,
					.state = state,
					.failure = t->failure[0] ? t->failure : NULL,
					.binary = t->binary[0] ? t->binary : NULL,
					.io_cgroup_id = t->cg.io_id,
					.default_cgroup_id = t->cg.default_id,
					.exit_code = t->exit_code,
					.start_ns = t->start_ns,
					.ready_ns = t->ready_ns,
					.end_ns = t->end_ns,
					.attribution = sure.how,
					.attribution_reason = words,
					.writeback = sure.writeback,
				},
				err);
}

/* 1 when the tool itself says that it failed or its data was wrong. */
static int put_results(struct session *s, size_t i, struct err *err)
{
	const struct target *t = &s->targets->v[i];
	struct result_set results = { 0 };
	struct err e = { 0 };
	int rc = launch_results(s->launcher, i, &results, &e);

	if (rc) {
		if (rc != -ENOENT)
			loss_add(&s->losses, "results", 1, "%s: %s", t->name, e.text);
		return 0;
	}
	rc = store_put_results(s->store, i, &results, err);
	/* What was ended cannot be complete, but wrong data is wrong all the same. */
	if (!rc && results.status != RESULT_OK &&
	    (!t->stopped || results.status == RESULT_CORRUPT)) {
		progress_warn(&s->progress, t->name, "%s: %s: %s", results.tool,
			      result_status_name(results.status), results.message);
		rc = 1;
	}
	result_set_fini(&results);
	return rc;
}

static int put_targets(struct session *s, bool *ret_failed, struct err *err)
{
	for (size_t i = 0; i < s->targets->n; i++) {
		int rc = put_target(s, i, err);

		if (!rc)
			rc = put_results(s, i, err);
		if (rc < 0)
			return rc;
		if (rc || target_failed(&s->targets->v[i]))
			*ret_failed = true;
	}
	return 0;
}

static int put_ranks(struct session *s, struct err *err)
{
	const struct ranks *ranks = launch_ranks(s->launcher);
	cleanup_free struct store_rank *rows = calloc(ranks->n + 1, sizeof(*rows));

	if (!rows)
		return err_set(err, -ENOMEM, "storing ranks");
	for (size_t i = 0; i < ranks->n; i++)
		rows[i] = (struct store_rank){ ranks->v[i].workload, ranks->v[i].rank,
					       ranks->v[i].host };
	if (ranks->n < ranks->wanted)
		loss_add(&s->losses, "ranks", ranks->wanted - ranks->n,
			 "ranks of workloads with `hosts:` that were not seen in any container of "
			 "this host");
	return ranks->n ? store_put_ranks(s->store, rows, ranks->n, err) : 0;
}

#define MAX_PROGRAMS 64

/* Of all programs of all probes; at most MAX_PROGRAMS. */
static size_t read_costs(const struct session *s, struct probe_cost *costs)
{
	size_t n = s->block ? block_probe_costs(s->block, costs, MAX_PROGRAMS) : 0;

	if (s->tasks.sched)
		n += sched_probe_costs(s->tasks.sched, costs + n, MAX_PROGRAMS - n);
	if (s->tasks.vfs)
		n += vfs_probe_costs(s->tasks.vfs, costs + n, MAX_PROGRAMS - n);
	if (s->tasks.pagecache)
		n += pagecache_probe_costs(s->tasks.pagecache, costs + n, MAX_PROGRAMS - n);
	if (s->tasks.perf)
		n += perf_probe_costs(s->tasks.perf, costs + n, MAX_PROGRAMS - n);
	if (s->tasks.profile)
		n += profile_probe_costs(s->tasks.profile, costs + n, MAX_PROGRAMS - n);
	return n;
}

static json_t *probe_costs(const struct session *s)
{
	struct probe_cost costs[MAX_PROGRAMS];
	size_t n = read_costs(s, costs);
	json_t *a = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(a, json_pack("{s:s, s:I, s:I}", "program", costs[i].program,
						   "runs", (json_int_t)costs[i].runs, "run_ns",
						   (json_int_t)costs[i].run_ns));
	return a;
}

/* And of the process that reads what the profile needs; they are there at the same time. */
static void add_helper(const struct session *s, struct self_cost *cost)
{
	uint64_t cpu_ns, rss_max_bytes;

	if (!s->tasks.profile)
		return;
	profile_probe_helper_cost(s->tasks.profile, &cpu_ns, &rss_max_bytes);
	cost->cpu_ns += cpu_ns;
	cost->rss_max_bytes += rss_max_bytes;
}

/* The profiler's own cost; what is unknown is left out. */
static char *self_json(const struct session *s)
{
	struct pipeline_stats stats;
	struct self_cost cost;
	json_t *o;
	char *text;

	pipeline_stats(s->pipeline, &stats);
	self_cost_read(&cost);
	add_helper(s, &cost);
	cost.cpu_ns += sinks_cpu_ns(s->sinks);
	o = json_pack("{s:f, s:I, s:I, s:I, s:I, s:f, s:f, s:f, s:o}", "cpu_s",
		      (double)cost.cpu_ns / NSEC_PER_SEC, "rss_max_bytes",
		      (json_int_t)cost.rss_max_bytes, "ticks", (json_int_t)stats.ticks, "overruns",
		      (json_int_t)stats.overruns, "skipped", (json_int_t)stats.skipped,
		      "sweep_mean_us", stats.ticks ? stats.sweep_sum_ns / 1e3 / stats.ticks : 0.0,
		      "sweep_max_us", stats.sweep_max_ns / 1e3, "late_max_us",
		      stats.late_max_ns / 1e3, "probes", probe_costs(s));
	if (o && s->block)
		json_object_set_new(o, "block_times",
				    json_string(block_times_names[block_probe_times(s->block)]));
	if (o && s->first_start_ns)
		json_object_set_new(o, "startup_s",
				    json_real((double)(s->first_start_ns - s->begin_ns) /
					      NSEC_PER_SEC));
	text = o ? json_dumps(o, JSON_COMPACT) : NULL;
	json_decref(o);
	return text;
}

/* What targets ran: naming it takes its time, and nothing is measured any more. */
static int put_profile(struct session *s, struct err *err)
{
	struct profile_folded *folded = NULL;
	struct store_profile_stack *stacks;
	struct profile_totals totals;
	struct err unknown = { 0 };
	size_t n = 0;
	int rc;

	if (!s->tasks.profile)
		return 0;
	/* Who had the CPUs is known without names, too. */
	if (profile_probe_fold(s->tasks.profile, interrupt_flag(), interrupt_at_once_flag(),
			       &folded, &n, &unknown))
		loss_add(&s->losses, "profile", 1, "%s", unknown.text);
	profile_probe_losses(s->tasks.profile, &s->losses);
	stacks = calloc(n + 1, sizeof(*stacks));
	for (size_t i = 0; stacks && i < n; i++)
		stacks[i] = (struct store_profile_stack){ folded[i].target, folded[i].stack,
							  folded[i].samples };
	profile_probe_totals(s->tasks.profile, &totals);
	rc = !stacks ? err_set(err, -ENOMEM, "storing the profile")
		     : store_put_profile(s->store,
					 &(struct store_profile){
						 .frequency_hz =
							 profile_probe_frequency(s->tasks.profile),
						 .samples = totals.samples,
						 .expected = totals.expected,
						 .idle = totals.idle,
						 .others = totals.others,
						 .lost = totals.lost,
						 .stacks = stacks,
						 .n_stacks = n,
					 },
					 err);
	free(stacks);
	profile_folded_free(folded, n);
	return rc;
}

/* Who took CPUs from whom: one row per pair. */
static int put_preemptions(struct session *s, struct err *err)
{
	struct sched_pair *pairs = calloc(SCHED_PAIRS, sizeof(*pairs));
	uint64_t *counts = calloc(SCHED_PAIRS, sizeof(*counts));
	size_t n = 0;
	int rc = 0;

	if (!pairs || !counts)
		rc = err_set(err, -ENOMEM, "storing preemptions");
	else if (s->tasks.sched)
		n = sched_probe_preemptions(s->tasks.sched, pairs, counts, SCHED_PAIRS);
	for (size_t i = 0; !rc && i < n; i++) {
		uint32_t by = pairs[i].by;

		rc = store_put_preemption(s->store, pairs[i].victim,
					  by == SCHED_BY_OTHERS	  ? "others"
					  : by == SCHED_BY_KERNEL ? "kernel"
					  : by == SCHED_BY_NOBODY ? "nobody"
								  : NULL,
					  by, counts[i], err);
	}
	free(pairs);
	free(counts);
	return rc;
}

/* Why calls failed: one row for each target, op, mount and reason. */
static int put_vfs_errors(struct session *s, struct err *err)
{
	struct vfs_error *errors = calloc(VFS_MAX_ERRORS, sizeof(*errors));
	uint64_t *counts = calloc(VFS_MAX_ERRORS, sizeof(*counts));
	size_t n = 0;
	int rc = 0;

	if (!errors || !counts)
		rc = err_set(err, -ENOMEM, "storing failed calls");
	else if (s->tasks.vfs)
		n = vfs_probe_errors(s->tasks.vfs, errors, counts, VFS_MAX_ERRORS);
	for (size_t i = 0; !rc && i < n; i++) {
		struct vfs_row row = vfs_probe_row(s->tasks.vfs, errors[i].row);

		rc = store_put_vfs_error(s->store, row.target, row.set * HIST_SET + errors[i].which,
					 row.place, errors[i].code, counts[i], err);
	}
	free(errors);
	free(counts);
	return rc;
}

static int put_files(struct session *s, struct err *err)
{
	const struct vfs_file *files = NULL;
	size_t n = s->tasks.vfs ? vfs_probe_files(s->tasks.vfs, &files) : 0;
	int rc = 0;

	for (size_t i = 0; i < n && !rc; i++) {
		const struct vfs_file *f = &files[i];
		char path[VFS_PATH_LEN + 8];

		if (f->state != VFS_READY)
			continue;
		vfs_path_text(&f->name, path, sizeof(path));
		rc = store_put_file(s->store,
				    &(struct store_file){
					    .owner = f->key.target,
					    .mount = f->place,
					    .dev = f->key.dev,
					    .inode = f->key.inode,
					    .generation = f->key.inode_generation,
					    .path = path,
					    .calls = { f->calls[0], f->calls[1], f->calls[2] },
					    .bytes = { f->bytes[0], f->bytes[1] },
					    .ns = { f->ns[0], f->ns[1], f->ns[2] },
					    .missed = vfs_file_missed(files, i),
					    .direct = f->direct,
					    .flags = openflags_bits(f->flags & ~VFS_FLAG_MODES,
								    f->flags & VFS_FLAG_MODES),
				    },
				    err);
	}
	return rc;
}

static void count_losses(struct session *s)
{
	struct probe_cost costs[MAX_PROGRAMS];
	struct pipeline_stats stats;
	char what[96];

	pipeline_stats(s->pipeline, &stats);
	loss_set(&s->losses, "ticks.overrun", stats.overruns,
		 "sweeps took longer than the interval; their data is in the next tick");
	loss_set(&s->losses, "ticks.skipped", stats.skipped,
		 "the database was slower than the interval; their data is in the next tick");
	for (size_t n = read_costs(s, costs), i = 0; i < n; i++) {
		snprintf(what, sizeof(what), "%s.missed", costs[i].program);
		loss_set(
			&s->losses, what, costs[i].missed,
			"events while the program was running on that CPU already: the kernel left "
			"them out");
	}
	loss_set(&s->losses, "events.dropped", pipeline_events_dropped(s->pipeline),
		 "more events than the writer could take");
}

static int write_html(struct session *s, const json_t *report, struct err *err)
{
	cleanup_buf struct buf html = BUF_INIT(HTML_MAX);
	cleanup_free char *path = fs_join(s->dir, "report.html");
	int rc;

	if (!html_available())
		return 0;
	rc = html_page(s->store, report, &html, err);
	if (rc == -EMSGSIZE) { /* the run is as good without */
		progress_warn(&s->progress, NULL, "warning: no report.html: %s", err->text);
		err->code = 0;
		return 0;
	}
	if (rc)
		return rc;
	rc = path ? fs_create_at(AT_FDCWD, path, buf_str(&html), html.len) : -ENOMEM;
	return rc ? err_set(err, rc, "writing %s/report.html", s->dir) : 0;
}

static int finish(struct session *s, const char *status, uint64_t end_ns, struct err *err)
{
	cleanup_free char *self = self_json(s);

	return store_finish(s->store, status, end_ns, self, err);
}

/* All is stored: they get the end of it; what they lack is known then. */
static int finish_sinks(struct session *s, struct err *err)
{
	if (!s->sinks)
		return 0;
	progress_phase(&s->progress, "sending the end of the run", 0);
	progress_refresh(&s->progress, NULL, NULL);
	sinks_finish(s->sinks, interrupt_at_once_flag());
	progress_end(&s->progress);
	return store_put_losses(s->store, &s->losses, err);
}

int session_conclude(struct session *s, struct run_outcome *ret, struct err *err)
{
	bool failed = s->ended_early, ok = true;
	uint64_t end_ns;
	int rc;

	ret->end = RUN_FAILED;
	rc = put_targets(s, &failed, err);
	if (!rc)
		rc = put_ranks(s, err);
	if (!rc)
		rc = put_preemptions(s, err);
	if (!rc)
		rc = put_vfs_errors(s, err);
	if (!rc)
		rc = put_files(s, err);
	if (!rc)
		rc = put_profile(s, err);
	if (!rc && s->limits.n)
		rc = store_put_io_limits(s->store, s->limits.v, s->limits.n, err);
	if (!rc)
		rc = limits_put_filesystems(s->store, "/proc/self/mountinfo", err);
	count_losses(s);
	/* Who only looks on stops nothing. */
	if (s->timed_out && s->plan->spec->runtime != RUNTIME_ATTACH)
		loss_add(&s->losses, "duration", 1,
			 "the run was ended by `duration:`; workloads were stopped");
	if (!rc)
		rc = store_put_losses(s->store, &s->losses, err);
	end_ns = clock_mono_ns();
	/* Verdicts need the times of the end, and who waits for the end shall find the verdicts. */
	if (!rc)
		rc = finish(s, "running", end_ns, err);
	if (!rc)
		rc = session_judge(s, &ok, err);
	if (!rc)
		rc = finish(s,
			    s->interrupted ? "interrupted"
			    : failed	   ? "failed"
					   : "ok",
			    end_ns, err);
	if (!rc)
		rc = finish_sinks(s, err);
	if (!rc)
		rc = report_build(s->store, &ret->report, err);
	if (!rc)
		rc = write_html(s, ret->report, err);
	if (rc)
		return rc;
	ret->end = s->interrupted ? RUN_INTERRUPTED
		   : failed	  ? RUN_FAILED
		   : ok		  ? RUN_OK
				  : RUN_THRESHOLD;
	return 0;
}
