// SPDX-License-Identifier: Apache-2.0
/* Writes a run with known numbers through the store's own interface. */
#include "fake_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/loss.h"
#include "base/result.h"
#include "unit.h"

#define MIB (1024 * 1024)

enum { READ, WRITE, FLUSH };

const struct fake_load fake_loads[] = {
	{ FAKE_VICTIM, FAKE_VDA, READ, 100, 4096, 0 },
	{ FAKE_VICTIM, FAKE_VDA, WRITE, 400, 4096, 0 },
	{ FAKE_VICTIM, FAKE_VDA, FLUSH, 1, 0, 0 },
	{ FAKE_VICTIM, FAKE_LOOP, WRITE, 400, 4096, 0 },
	{ FAKE_NEIGHBOUR, FAKE_VDA, WRITE, 200, 65536, 2 },
	{ FAKE_UNATTRIBUTED, FAKE_VDA, WRITE, 10, 4096, 0 },
	{ FAKE_CRON, FAKE_VDA, READ, 5, 16384, 0 },
};
const size_t fake_n_loads = ARRAY_SIZE(fake_loads);

const struct fake_access fake_accesses[] = {
	{ 0, 3, 48, 0, 0, 0, 0 }, /* reads anywhere */
	{ 1, 360, 20, 0, 12, 0, 0 }, /* writes in sequence */
	{ 2, 0, 0, 0, 0, 0, 1 },     { 3, 360, 20, 0, 0, 0, 0 },
	{ 4, 150, 10, 1, 0, 25, 0 }, { 6, 4, 0, 0, 0, 0, 0 },
};
const size_t fake_n_accesses = ARRAY_SIZE(fake_accesses);

const struct fake_loss fake_lost[] = {
	{ FAKE_VICTIM, FAKE_NEIGHBOUR, 45000000 },
	{ FAKE_NEIGHBOUR, FAKE_VICTIM, 21000000 },
	{ FAKE_VICTIM, FAKE_UNATTRIBUTED, 1200000 },
	{ FAKE_CRON, FAKE_VICTIM, 300000 },
};
const size_t fake_n_lost = ARRAY_SIZE(fake_lost);

const uint32_t fake_max_depth[FAKE_OWNERS] = { 8, 32, 2, 1 };

static const struct owner owners[FAKE_OWNERS] = {
	{ "victim", OWNER_CONTAINER, 101 },
	{ "neighbour", OWNER_CONTAINER, 102 },
	{ "unattributed", OWNER_UNATTRIBUTED, 0 },
	{ "/system.slice/cron.service", OWNER_CGROUP, 33 },
};

static void must(int rc, const struct err *err)
{
	if (rc)
		fail_msg("fake run: %s", err->text);
}

uint64_t fake_latency(size_t load, uint64_t tick, uint64_t i, enum hist_layer layer)
{
	uint64_t x = (load * 1000003 + tick * 10007 + i + 1) * 6364136223846793005ull, total, queue;

	x ^= x >> 33;
	/* 50 us to 1 ms, one in 64 up to 20 ms */
	total = 50000 + x % 950000 + (x >> 40) % 64 / 63 * ((x >> 20) % 19000000);
	queue = total / 5;
	return layer == LAYER_BLOCK_TOTAL   ? total
	       : layer == LAYER_BLOCK_QUEUE ? queue
					    : total - queue;
}

uint64_t fake_depth_ns(enum fake_owner owner, uint32_t dev, uint64_t tick)
{
	uint64_t sum = 0;

	for (size_t k = 0; k < fake_n_loads; k++)
		for (uint64_t i = 0; i < fake_loads[k].ios; i++)
			if (fake_loads[k].owner == owner && fake_loads[k].dev == dev)
				sum += fake_latency(k, tick, i, LAYER_BLOCK_DEVICE);
	return sum;
}

static uint64_t all_depths_ns(uint32_t dev, uint64_t tick)
{
	uint64_t sum = 0;

	for (int owner = 0; owner < FAKE_OWNERS; owner++)
		sum += fake_depth_ns(owner, dev, tick);
	return sum;
}

uint64_t fake_share_ns(enum fake_owner owner, uint32_t dev, uint64_t tick)
{
	return FAKE_DISK_BUSY_NS * fake_depth_ns(owner, dev, tick) / all_depths_ns(dev, tick);
}

void fake_run_begin(struct fake_run *r, const char *victim_name)
{
	struct store_run run = {
		.id = FAKE_ID,
		.group = FAKE_ID,
		.name = "demo",
		.spec = "name: demo\n",
		.spec_sha256 = "ab12",
		.version = "0.1.0",
		.runtime = "docker",
		.started_wall_ns = FAKE_WALL_NS,
		.started_mono_ns = FAKE_MONO_NS,
		.interval_ns = FAKE_INTERVAL_NS,
		.host_json = "{\"hostname\": \"bench1\", \"kernel\": \"6.12.0\", \"cpus\": 4}",
		.backends_json = "{\"block\": \"tp_btf\", \"cgroup\": \"files\"}",
	};
	cleanup_free char *dir = NULL;
	struct err err = { 0 };

	memset(r, 0, sizeof(*r));
	snprintf(r->root, sizeof(r->root), "%s/cbpf-unit-XXXXXX",
		 getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	assert_non_null(mkdtemp(r->root));
	snprintf(r->store_dir, sizeof(r->store_dir), "%.255s/runs", r->root);
	must(store_make_dir(r->store_dir, FAKE_ID, &dir, &err), &err);
	snprintf(r->dir, sizeof(r->dir), "%s", dir);
	must(store_create(dir, &run, &r->store, &err), &err);
	must(frame_init(&r->frame, FAKE_OWNERS, 64, &err), &err);
	/* A frame's blobs are sized for a probe's ticks; these ones are denser. */
	free(r->frame.blobs);
	r->frame.max_blobs = 64 * HIST_BLOB_MAX;
	r->frame.blobs = malloc(r->frame.max_blobs);
	r->owners = calloc(1, sizeof(*r->owners));
	assert_true(r->frame.blobs && r->owners);
	memcpy(r->owners->v, owners, sizeof(owners));
	if (victim_name)
		snprintf(r->owners->v[0].name, sizeof(r->owners->v[0].name), "%s", victim_name);
	atomic_store(&r->owners->n, FAKE_OWNERS);
}

/* As bytes less 1, which is how they are counted; an empty flush has no size. */
static void add_sizes(const struct fake_load *l, struct hist *h)
{
	for (uint64_t i = 0; i < l->ios && l->bytes_each; i++)
		hist_add(h, l->bytes_each - 1);
}

/* What is told of sizes is bytes again. */
static void size_columns(struct frame_hist *to, const struct hist *h)
{
	if (!h->count)
		return;
	to->sum = h->sum + h->count;
	to->p50 = hist_quantile_high(h, 0.5) + 1;
	to->p90 = hist_quantile_high(h, 0.9) + 1;
	to->p99 = hist_quantile_high(h, 0.99) + 1;
	to->p999 = hist_quantile_high(h, 0.999) + 1;
	to->max = h->max + 1;
}

static void add_hist(struct frame *f, size_t load, enum hist_layer layer)
{
	const struct fake_load *l = &fake_loads[load];
	struct hist h = { 0 };
	struct frame_hist *to = &f->hists[f->n_hists++];

	if (layer == LAYER_BLOCK_SIZE)
		add_sizes(l, &h);
	for (uint64_t i = 0; i < l->ios && layer != LAYER_BLOCK_SIZE; i++)
		hist_add(&h, fake_latency(load, f->seq, i, layer));
	*to = (struct frame_hist){
		.owner = l->owner,
		.layer = layer,
		.op = l->op,
		.dev = l->dev,
		.ios = l->ios,
		.bytes = l->ios * l->bytes_each,
		.errors = f->seq == 1 ? l->errors : 0,
		.count = h.count,
		.sum = h.sum,
		.max = h.max,
		.p50 = hist_quantile(&h, 0.5),
		.p90 = hist_quantile(&h, 0.9),
		.p99 = hist_quantile(&h, 0.99),
		.p999 = hist_quantile(&h, 0.999),
		.blob_at = f->n_blobs,
		.blob_len = hist_encode(&h, f->blobs + f->n_blobs),
	};
	if (layer == LAYER_BLOCK_SIZE)
		size_columns(to, &h);
	f->n_blobs += to->blob_len;
}

/* How requests of this tick lay, and those that failed. */
static void add_access(struct frame *f)
{
	for (size_t i = 0; i < fake_n_accesses; i++) {
		const struct fake_access *a = &fake_accesses[i];

		f->blocks[f->n_blocks++] = (struct frame_block){
			.owner = fake_loads[a->load].owner,
			.op = fake_loads[a->load].op,
			.dev = fake_loads[a->load].dev,
			.asked = a->asked,
			.consecutive = a->consecutive,
			.forward = a->forward,
			.backward = a->consecutive + a->forward
					    ? fake_loads[a->load].ios - a->consecutive - a->forward
					    : 0,
			.requeues = a->requeues,
			.merges = a->merges,
			.splits = a->splits,
		};
	}
	for (size_t i = 0; i < fake_n_loads && f->seq == 1; i++)
		if (fake_loads[i].errors)
			f->errors[f->n_errors++] = (struct frame_error){
				.owner = fake_loads[i].owner,
				.op = fake_loads[i].op,
				.status = 10, /* I/O error */
				.dev = fake_loads[i].dev,
				.count = fake_loads[i].errors,
			};
}

/* Who was in a device during this tick, and the device's own totals. */
static void add_sharing(struct frame *f, uint32_t dev, const char *name)
{
	struct frame_depth *d = &f->depths[f->n_depths++];

	*d = (struct frame_depth){ .dev = dev, .busy_ns = f->seq * FAKE_DISK_BUSY_NS };
	snprintf(d->name, sizeof(d->name), "%s", name);
	for (uint64_t tick = 1; tick <= f->seq; tick++)
		d->depth_ns += all_depths_ns(dev, tick);
	for (int owner = 0; owner < FAKE_OWNERS; owner++) {
		if (!fake_depth_ns(owner, dev, f->seq))
			continue;
		d->max_depth += fake_max_depth[owner];
		f->shares[f->n_shares++] = (struct frame_share){
			.owner = owner,
			.dev = dev,
			.share_ns = fake_share_ns(owner, dev, f->seq),
			.depth_ns = fake_depth_ns(owner, dev, f->seq),
			.max_depth = fake_max_depth[owner],
		};
	}
}

static void add_block(struct frame *f)
{
	for (size_t i = 0; i < fake_n_loads; i++)
		for (int layer = 0; layer < LAYER_BLOCKS; layer++)
			add_hist(f, i, layer);
	add_access(f);
	add_sharing(f, FAKE_VDA, "vda");
	add_sharing(f, FAKE_LOOP, "loop0");
	f->depths[0].clock_requests = f->seq * 40; /* compared, and never early */
	for (size_t i = 0; i < fake_n_lost; i++)
		f->crosses[f->n_crosses++] = (struct frame_cross){
			.victim = fake_lost[i].victim,
			.aggressor = fake_lost[i].aggressor,
			.dev = FAKE_VDA,
			.ns = fake_lost[i].ns,
		};
}

static void add_devices(struct frame *f)
{
	struct frame_device *vda = &f->devices[0], *loop = &f->devices[1];
	uint64_t busy = f->seq < 1 ? 0 : f->seq > 3 ? 3 : f->seq;

	*vda = (struct frame_device){ .dev = FAKE_VDA, .name = "vda" };
	*loop = (struct frame_device){ .dev = FAKE_LOOP, .name = "loop0", .stacked = true };
	vda->bytes[READ] = 123 * MIB; /* from before the run */
	vda->ios[READ] = 777;
	for (size_t i = 0; i < fake_n_loads; i++) {
		struct frame_device *d = fake_loads[i].dev == FAKE_VDA ? vda : loop;

		if (fake_loads[i].op == FLUSH) {
			d->flushes += busy;
			continue;
		}
		d->ios[fake_loads[i].op] += busy * fake_loads[i].ios;
		d->bytes[fake_loads[i].op] += busy * fake_loads[i].ios * fake_loads[i].bytes_each;
	}
	vda->busy_ns = busy * FAKE_INTERVAL_NS / 2;
	if (busy == 3) {
		vda->bytes[WRITE] += FAKE_RESIDUAL_BYTES;
		vda->ios[WRITE] += 2;
	}
	f->n_devices = 2;
}

static void add_samples(struct frame *f)
{
	static const uint64_t memory[] = { 0, 10, 40, 30 }, cpu_ms[] = { 0, 5, 105, 250 };
	struct frame_row *row;

	/* Containers live from tick 1 to tick 3. */
	if (f->seq < 1 || f->seq > 3)
		return;
	row = &f->rows[f->n_rows++];
	*row = (struct frame_row){ .owner = FAKE_VICTIM };
	frame_put(row, METRIC_cpu_usage_ns, cpu_ms[f->seq] * 1000000);
	frame_put(row, METRIC_cpu_user_ns, cpu_ms[f->seq] * 200000);
	frame_put(row, METRIC_cpu_system_ns, cpu_ms[f->seq] * 800000);
	frame_put(row, METRIC_cpu_throttled_ns, f->seq == 3 ? 12000000 : 0);
	frame_put(row, METRIC_memory_bytes, memory[f->seq] * MIB);
	frame_put(row, METRIC_memory_limit_bytes, 64 * MIB);
	frame_put(row, METRIC_memory_peak_bytes, f->seq == 1 ? 12 * MIB : 44 * MIB);
	frame_put(row, METRIC_io_some_ns, f->seq * 30000000);
	frame_put(row, METRIC_net_rx_bytes, 5000 + f->seq * 1000);
	row = &f->rows[f->n_rows++];
	*row = (struct frame_row){ .owner = FAKE_NEIGHBOUR };
	frame_put(row, METRIC_cpu_usage_ns, f->seq * 50000000);
}

void fake_run_tick(struct fake_run *r, uint64_t seq)
{
	struct frame *f = &r->frame;
	struct err err = { 0 };

	frame_reset(f);
	f->seq = seq;
	f->due_ns = FAKE_MONO_NS + seq * FAKE_INTERVAL_NS;
	f->begin_ns = f->due_ns + 50000;
	f->end_ns = f->begin_ns + 300000;
	f->last = seq == FAKE_TICKS - 1;
	if (seq >= 1 && seq <= FAKE_BUSY_TICKS)
		add_block(f);
	add_samples(f);
	add_devices(f);
	must(store_put_frame(r->store, f, r->owners, &err), &err);
}

/* One told of after its first tick, one before. */
static void put_device(struct fake_run *r, uint32_t dev)
{
	static const struct store_device devices[] = {
		{ .dev = FAKE_VDA, .kind = "disk" },
		{ .dev = FAKE_LOOP,
		  .kind = "loop",
		  .label = "/data/disk.img",
		  .leaves_json = "[\"vda\"]" },
	};
	struct err err = { 0 };

	must(store_put_device(r->store, &devices[dev == FAKE_LOOP], &err), &err);
}

static void put_targets(struct fake_run *r)
{
	struct store_target victim = {
		.owner = FAKE_VICTIM,
		.name = r->owners->v[0].name,
		.kind = "container",
		.image = "cbpf/ior",
		.container_id = "c0ffee",
		.cgroup = "/docker/c0ffee",
		.state = "exited",
		.binary = "cbpf-ior",
		.io_cgroup_id = 101,
		.exit_code = 0,
		.start_ns = FAKE_MONO_NS + 50000000,
		.ready_ns = FAKE_MONO_NS + 60000000,
		.end_ns = FAKE_MONO_NS + 350000000,
		.attribution = "exact",
	};
	struct store_target neighbour = {
		.owner = FAKE_NEIGHBOUR,
		.name = "neighbour",
		.kind = "container",
		.state = "exited",
		.failure = "exit status 1",
		.exit_code = 1,
		.attribution = "ancestor",
		.attribution_reason = "its block I/O is charged to /system.slice, as that of "
				      "everyone there is",
		.writeback = "unattributed",
	};
	struct err err = { 0 };

	must(store_put_target(r->store, &victim, &err), &err);
	must(store_put_target(r->store, &neighbour, &err), &err);
}

static void put_results(struct fake_run *r)
{
	static const struct {
		const char *op;
		int iteration;
		double bytes, bw_mib_s, iops;
	} rows[] = {
		{ "write", 0, 3 * 200 * 4096, 10.5, 2700 },
		{ "write", 1, 3 * 200 * 4096, 11.5, 2900 },
		{ "read", 0, 3 * 100 * 4096, 20, 5100 },
	};
	struct result_set set = { .tool = "ior",
				  .version = "4.0.0",
				  .binary = "cbpf-ior",
				  .source = "json",
				  .command = "cbpf-ior -t 4k" };
	struct result_set bad = { .tool = "ior",
				  .status = RESULT_FAILED,
				  .message = "the output ends before the results" };
	struct err err = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct result *v = result_add(&set);

		assert_non_null(v);
		snprintf(v->op, sizeof(v->op), "%s", rows[i].op);
		v->iteration = rows[i].iteration;
		v->bytes = rows[i].bytes;
		v->bw_mib_s = rows[i].bw_mib_s;
		v->iops = rows[i].iops;
		v->total_s = 0.223;
		v->begin_ns = FAKE_MONO_NS + 70000000 + i * 1000000;
		v->end_ns = FAKE_MONO_NS + 90000000 + i * 1000000;
		v->tasks = 2;
	}
	must(store_put_results(r->store, FAKE_VICTIM, &set, &err), &err);
	must(store_put_results(r->store, FAKE_NEIGHBOUR, &bad, &err), &err);
	result_set_fini(&set);
}

void fake_run_end(struct fake_run *r, const char *status)
{
	static struct losses losses = LOSSES_INIT;
	struct err err = { 0 };

	losses.n = 0;
	loss_add(&losses, "block.start_missing", 3, "requests were in flight at attach");
	loss_add(&losses, "collector rdt", 1, "no resctrl on this host");
	put_targets(r);
	put_results(r);
	fake_run_put_whole(r);
	must(store_put_losses(r->store, &losses, &err), &err);
	must(store_put_event(r->store, FAKE_MONO_NS + 50000000, "victim", "start", NULL, &err),
	     &err);
	must(store_put_expect(r->store, "victim.block.read.p99 < 50ms", 950000, true, &err), &err);
	must(store_put_expect(r->store, "victim.block.discard.p99 < 5ms", 0.0 / 0.0, false, &err),
	     &err);
	must(store_finish(r->store, status, FAKE_MONO_NS + 400000000,
			  "{\"cpu_s\": 0.004, \"rss_max_bytes\": 12582912, \"overruns\": 0, "
			  "\"probes\": [{\"program\": \"on_issue\", \"runs\": 2154, "
			  "\"run_ns\": 150780}]}",
			  &err),
	     &err);
}

void fake_run_make(struct fake_run *r, const char *victim_name)
{
	fake_run_begin(r, victim_name);
	put_device(r, FAKE_LOOP);
	for (uint64_t seq = 0; seq < FAKE_TICKS; seq++)
		fake_run_tick(r, seq);
	put_device(r, FAKE_VDA);
	fake_run_end(r, "ok");
	store_close(r->store);
	r->store = NULL;
}

struct store *fake_run_open(struct fake_run *r)
{
	struct store *s = NULL;
	struct err err = { 0 };

	must(store_open(r->store_dir, "latest", &s, NULL, &err), &err);
	return s;
}

void fake_run_fini(struct fake_run *r)
{
	store_close(r->store);
	frame_fini(&r->frame);
	free(r->owners);
	assert_int_equal(fs_remove_tree(r->root), 0);
}
