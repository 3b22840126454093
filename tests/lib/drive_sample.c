// SPDX-License-Identifier: Apache-2.0
/*
 * Drives sampling for tests:
 *   drive_sample [-l LATE_MS] [-i INTERVAL_MS] NAME=COMMAND...
 * runs each COMMAND (by sh) as a target in a cgroup of its own, sweeps all
 * collectors until they have ended and prints what all frames add up to as JSON.
 * With -l a target is published that long after its start only, as an engine does.
 */
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/hist.h"
#include "base/loss.h"
#include "launch/target.h"
#include "probe/block.h"
#include "sample/sampler.h"

#define MAX_TARGETS 8

static const char *const ops[BLOCK_OPS] = { "read", "write", "flush", "discard", "other" };

static struct target targets[MAX_TARGETS];
static struct target_set set = { targets, 0 };
static struct cgroup_layout layout;
static struct owner_table owners;
static struct losses losses = LOSSES_INIT;
static json_t *io, *first_devices; /* what is printed */
static char parent[64]; /* of the targets' cgroups */

static void add(json_t *object, const char *key, uint64_t n)
{
	json_t *old = json_object_get(object, key);

	json_object_set_new(object, key,
			    json_integer((json_int_t)n + (old ? json_integer_value(old) : 0)));
}

static json_t *child(json_t *object, const char *key)
{
	json_t *c = json_object_get(object, key);

	if (!c) {
		c = json_object();
		json_object_set_new(object, key, c);
	}
	return c;
}

/* io[owner][device][op] += this tick's. */
static void add_frame(const struct frame *f)
{
	for (size_t i = 0; i < f->n_hists; i++) {
		const struct frame_hist *h = &f->hists[i];
		struct hist back = { 0 };
		char dev[32];
		json_t *at;

		if (h->layer != LAYER_BLOCK_TOTAL)
			continue;
		if (hist_decode(f->blobs + h->blob_at, h->blob_len, &back))
			abort();
		snprintf(dev, sizeof(dev), "%u:%u", h->dev >> 20, h->dev & 0xfffff);
		at = child(child(child(io, owners.v[h->owner].name), dev), ops[h->op]);
		add(at, "ios", h->ios);
		add(at, "bytes", h->bytes);
		add(at, "count", h->count);
		add(at, "in_buckets", back.count);
		add(at, "ticks", 1);
	}
}

static json_t *devices_json(const struct frame *f)
{
	json_t *all = json_object();

	for (size_t i = 0; i < f->n_devices; i++) {
		const struct frame_device *d = &f->devices[i];

		json_object_set_new(all, d->name,
				    json_pack("{sI sI sb}", "read", (json_int_t)d->bytes[0],
					      "write", (json_int_t)d->bytes[1], "stacked",
					      d->stacked));
	}
	return all;
}

/* Metrics of each target as they were last seen. */
static void keep_rows(const struct frame *f, json_t *cgroup)
{
	for (size_t i = 0; i < f->n_rows; i++) {
		json_t *at = child(cgroup, owners.v[f->rows[i].owner].name);

		for (int m = 0; m < METRIC_COUNT; m++)
			if (frame_has(&f->rows[i], m))
				json_object_set_new(at, metric_descs[m].name,
						    json_integer(f->rows[i].value[m]));
	}
}

static pid_t start(struct target *t, const char *command)
{
	struct err err = { 0 };
	pid_t pid = fork();

	if (pid)
		return pid;
	if (cgroup_enter(&t->cg, 0, &err)) {
		fprintf(stderr, "drive_sample: %s\n", err.text);
		_exit(126);
	}
	dup2(STDERR_FILENO, STDOUT_FILENO);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

static int make_target(const char *arg, struct err *err)
{
	const struct cgroup_limits none = {
		.cpu_limit = __builtin_nan(""),
		.memory = UINT64_MAX,
		.memory_swap = UINT64_MAX,
		.pids = UINT64_MAX,
		.read_iops = UINT64_MAX,
		.write_iops = UINT64_MAX,
		.read_bps = UINT64_MAX,
		.write_bps = UINT64_MAX,
		.io_weight = UINT64_MAX,
	};
	struct target *t = &targets[set.n];

	snprintf(t->name, sizeof(t->name), "%.*s", (int)strcspn(arg, "="), arg);
	set.n++;
	return cgroup_create(&layout, parent, t->name, &none, &t->cg, err);
}

/* Publish what is due, and notice who has ended: true when all have. */
static bool step(const pid_t *pids, uint64_t publish_at)
{
	size_t ended = 0;

	for (size_t i = 0; i < set.n; i++) {
		if (clock_mono_ns() >= publish_at)
			atomic_store(&targets[i].published, true);
		if (!atomic_load(&targets[i].gone) && waitpid(pids[i], NULL, WNOHANG) == pids[i])
			atomic_store(&targets[i].gone, true);
		ended += atomic_load(&targets[i].gone);
	}
	return ended == set.n;
}

static void sweep_until_done(struct sampler *s, struct ticker *t, const pid_t *pids,
			     uint64_t publish_at, json_t *cgroup, struct frame *f)
{
	for (bool done = false; !done;) {
		uint64_t due;

		if (ticker_wait(t, &due))
			continue;
		done = step(pids, publish_at);
		f->last = done;
		do {
			sampler_sweep(s, f);
			add_frame(f);
			keep_rows(f, cgroup);
		} while (f->last && f->hists_dropped);
		if (!first_devices)
			first_devices = devices_json(f);
	}
}

static json_t *losses_json(void)
{
	json_t *all = json_object();

	for (size_t i = 0; i < losses.n; i++)
		json_object_set_new(all, losses.v[i].what, json_string(losses.v[i].reason));
	return all;
}

static int drive(char **args, int n, unsigned int interval_ms, unsigned int late_ms,
		 struct err *err)
{
	static const struct collector *const which[] = { &collector_block, &collector_cgroup,
							 &collector_device, NULL };
	struct collector_env env = { &set, &layout, &owners, NULL, &losses };
	json_t *cgroup = json_object(), *all;
	struct sampler *s;
	struct ticker ticker;
	struct frame f = { 0 };
	pid_t pids[MAX_TARGETS];
	int rc = block_probe_open(NULL, &env.block, err);

	for (int i = 0; i < n && !rc; i++)
		rc = make_target(args[i], err);
	rc = rc ? rc : sampler_open(&env, which, &s, err);
	rc = rc ? rc : sampler_frame_init(s, &f, err);
	rc = rc ? rc : ticker_open(&ticker, interval_ms * NSEC_PER_MSEC, err);
	if (rc)
		return rc;
	sampler_sweep(s, &f);
	first_devices = devices_json(&f);
	add_frame(&f);
	for (int i = 0; i < n; i++) {
		pids[i] = start(&targets[i], strchr(args[i], '=') + 1);
		targets[i].pid = pids[i];
	}
	sweep_until_done(s, &ticker, pids, clock_mono_ns() + late_ms * NSEC_PER_MSEC, cgroup, &f);
	all = json_pack("{so so so so so sI sI}", "io", io, "cgroup", cgroup, "devices_before",
			first_devices, "devices", devices_json(&f), "losses", losses_json(),
			"ticks", (json_int_t)ticker.seq, "overruns", (json_int_t)ticker.overruns);
	json_dumpf(all, stdout, JSON_INDENT(1));
	putchar('\n');
	json_decref(all);
	sampler_close(s);
	ticker_close(&ticker);
	frame_fini(&f);
	block_probe_close(env.block);
	return 0;
}

int main(int argc, char **argv)
{
	unsigned int interval_ms = 20, late_ms = 0;
	struct err err = { 0 };
	int opt, rc;

	while ((opt = getopt(argc, argv, "+i:l:")) != -1) {
		if (opt == 'i')
			interval_ms = atoi(optarg);
		else if (opt == 'l')
			late_ms = atoi(optarg);
		else
			return 2;
	}
	if (argc - optind < 1 || argc - optind > MAX_TARGETS)
		return 2;
	snprintf(parent, sizeof(parent), "/cbpf-drive-%d", getpid());
	io = json_object();
	rc = cgroup_layout_read(&layout, &err);
	if (!rc)
		rc = drive(argv + optind, argc - optind, interval_ms, late_ms, &err);
	if (rc)
		fprintf(stderr, "drive_sample: %s\n", err.text);
	for (size_t i = 0; i < set.n; i++) {
		cgroup_kill(&targets[i].cg);
		cgroup_remove(&targets[i].cg);
	}
	cgroup_remove_parents(&layout, parent);
	return rc ? 1 : 0;
}
