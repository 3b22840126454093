// SPDX-License-Identifier: Apache-2.0
/* Loads the block probe and reads what it counts. */
#include "probe/block.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/loss.h"
#include "block.skel.h"
#include "probe/block_internal.h"
#include "probe/load.h"

static const struct backend {
	const char *name;
	const char *suffix; /* of its programs in the object */
} backends[] = { { "tp_btf", "" }, { "raw_tp", "_raw" } };

enum use { ALWAYS, IF_PRESENT, WITHOUT_IO_START };

/* In the order of attaching: completions first, so that no start is left behind. */
static const struct hook {
	const char *program, *tracepoint;
	enum use use;
	enum block_times most; /* with the kernel trusted more than that it is not needed */
} hooks[] = {
	{ "on_complete", "block_rq_complete", ALWAYS, BLOCK_TIMES_KERNEL },
	{ "on_requeue", "block_rq_requeue", ALWAYS, BLOCK_TIMES_ISSUE },
	{ "on_merge", "block_rq_merge", IF_PRESENT, BLOCK_TIMES_ISSUE },
	{ "on_backmerge", "block_bio_backmerge", IF_PRESENT, BLOCK_TIMES_KERNEL },
	{ "on_frontmerge", "block_bio_frontmerge", IF_PRESENT, BLOCK_TIMES_KERNEL },
	{ "on_split", "block_split", IF_PRESENT, BLOCK_TIMES_KERNEL },
	{ "on_issue", "block_rq_issue", ALWAYS, BLOCK_TIMES_ISSUE },
	{ "on_insert", "block_rq_insert", WITHOUT_IO_START, BLOCK_TIMES_OWN },
	{ "on_io_start", "block_io_start", IF_PRESENT, BLOCK_TIMES_OWN },
};
_Static_assert(ARRAY_SIZE(hooks) == BLOCK_HOOKS, "a place for each hook");

/* What differs between kernels, as their own type information tells it. */
struct kernel {
	int queue_comes_first;
	int flush_seq_bit; /* negative: as before these bits had an enum */
	int wanted[ARRAY_SIZE(hooks)];
};

static int look_at_kernel(struct kernel *k, struct err *err)
{
	struct btf *btf = probe_kernel_btf(err);
	int io_start, rc = 0;

	memset(k, 0, sizeof(*k));
	if (!btf)
		return err->code;

	k->flush_seq_bit = probe_enumerator(btf, "__RQF_FLUSH_SEQ");
	io_start = probe_tracepoint_args(btf, "block_io_start") == 1;
	for (size_t i = 0; i < ARRAY_SIZE(hooks); i++) {
		int args = probe_tracepoint_args(btf, hooks[i].tracepoint);

		if (args < 0 && hooks[i].use == ALWAYS) {
			rc = err_say(err, -ENOENT,
				     "cannot trace the block layer: this kernel has no "
				     "tracepoint %s (built without CONFIG_BLOCK or tracing?)",
				     hooks[i].tracepoint);
			break;
		}
		if (!strcmp(hooks[i].tracepoint, "block_rq_issue"))
			k->queue_comes_first = args == 2;
		k->wanted[i] = args > 0 && !(io_start && hooks[i].use == WITHOUT_IO_START);
	}
	btf__free(btf);
	return rc;
}

/* Pick the programs of one backend; the others are not even loaded. */
static void choose(struct block_probe *p, const struct backend *backend, const struct kernel *k)
{
	struct bpf_program *program;
	char name[64];

	bpf_object__for_each_program(program, p->skel->obj)
		bpf_program__set_autoload(program, false);
	for (size_t i = 0; i < ARRAY_SIZE(hooks); i++) {
		if (!k->wanted[i] || (p->times != BLOCK_TIMES_LEARN && p->times > hooks[i].most))
			continue;
		snprintf(name, sizeof(name), "%s%s", hooks[i].program, backend->suffix);
		program = bpf_object__find_program_by_name(p->skel->obj, name);
		bpf_program__set_autoload(program, true);
		p->programs[i] = program;
	}
	p->skel->rodata->queue_comes_first = k->queue_comes_first;
	if (k->flush_seq_bit >= 0)
		p->skel->rodata->flush_seq_flag = 1u << k->flush_seq_bit;
}

/* As many banks as CPUs, if that is not too many: then each has its own. */
static void lay_out(struct block_probe *p, const struct block_config *config, int cpus)
{
	p->n_banks = 1;
	while (!config->one_bank && (cpus < 1 || p->n_banks < (unsigned int)cpus) &&
	       p->n_banks < BLOCK_MAX_BANKS)
		p->n_banks *= 2;
	p->skel->rodata->bank_mask = p->n_banks - 1;
	p->skel->rodata->shared_banks = cpus < 1 || p->n_banks < (unsigned int)cpus;
}

static int configure(struct block_probe *p, const struct block_config *config)
{
	int rc, cpus = libbpf_num_possible_cpus();

	lay_out(p, config, cpus);
	p->shares = p->times != BLOCK_TIMES_KERNEL && !config->without_shares;
	p->now = p->times == BLOCK_TIMES_LEARN ? BLOCK_TIMES_OWN : p->times;
	p->skel->bss->clock_used =
		p->now == BLOCK_TIMES_KERNEL ? BLOCK_CLOCK_KERNEL : BLOCK_CLOCK_OWN;
	p->skel->rodata->share_devices = p->shares;
	p->skel->rodata->count_nothing = config->without_anything;
	p->skel->rodata->count_sizes = !config->without_sizes;
	p->skel->rodata->follow_sectors = !config->without_sectors;
	p->skel->rodata->writeback_is_charged = config->writeback_is_charged;
	rc = bpf_map__set_max_entries(p->skel->maps.slots, BLOCK_MAX_ROWS * p->n_banks);
	if (!rc && cpus > 0)
		rc = bpf_map__set_max_entries(p->skel->maps.cpus, cpus);
	if (!rc)
		rc = bpf_map__set_max_entries(p->skel->maps.crosses,
					      p->shares ? BLOCK_MAX_DISKS * p->n_banks : 1);
	if (!rc && !p->shares)
		rc = bpf_map__set_max_entries(p->skel->maps.snaps, 1);
	return rc;
}

int block_probe_attach(struct block_probe *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(hooks); i++) {
		if (!p->programs[i] || p->links[i] || p->now > hooks[i].most)
			continue;
		p->links[i] = bpf_program__attach(p->programs[i]);
		if (!p->links[i])
			return -errno;
	}
	return 0;
}

void block_probe_let_go(struct block_probe *p)
{
	for (size_t i = ARRAY_SIZE(hooks); i-- > 0;) {
		if (p->now <= hooks[i].most)
			continue;
		bpf_link__destroy(p->links[i]);
		p->links[i] = NULL;
	}
}

static int open_backend(const struct backend *backend, const struct block_config *config,
			const struct kernel *k, struct block_probe **ret, struct err *err)
{
	struct block_probe *p = calloc(1, sizeof(*p));
	const char *attempt = "open";
	struct probe_log log;
	char what[96];
	int rc = 0;

	if (!p)
		return err_set(err, -ENOMEM, "block probe");
	p->backend = backend->name;
	p->times = config->times;
	p->stats_fd = -1;
	probe_log_begin(&log);
	p->skel = block_bpf__open();
	if (!p->skel) {
		rc = -errno;
		goto out;
	}
	choose(p, backend, k);
	rc = configure(p, config);
	if (rc)
		goto out;
	attempt = "load";
	rc = block_bpf__load(p->skel);
	if (rc)
		goto out;
	attempt = "map";
	rc = block_maps_open(p);
	if (rc)
		goto out;
	/* Costs are told when the kernel lets us; without them the probe is as good. */
	p->stats_fd = bpf_enable_stats(BPF_STATS_RUN_TIME);
	attempt = "attach";
	rc = block_probe_attach(p);
out:
	probe_log_end();
	if (rc) {
		snprintf(what, sizeof(what), "%s the block probe (%s)", attempt, backend->name);
		probe_fail(err, rc, what, &log);
		block_probe_close(p);
		return rc;
	}
	*ret = p;
	return 0;
}

int block_probe_open(const struct block_config *config, struct block_probe **ret, struct err *err)
{
	const char *backend = config->backend;
	struct err first = { 0 };
	struct kernel k;
	int rc;

	for (size_t i = 0; i < ARRAY_SIZE(backends); i++) {
		if (backend && strcmp(backend, backends[i].name))
			continue;
		rc = first.code ? 0 : look_at_kernel(&k, err);
		if (rc)
			return rc;
		rc = open_backend(&backends[i], config, &k, ret, err);
		if (!rc || backend)
			return rc;
		if (!first.code)
			first = *err;
		else if (first.code == err->code)
			return err_say(err, first.code, "%s", first.text);
		else
			return err_wrap(err, "%.480s; then", first.text);
	}
	return err_say(err, -EINVAL, "the block probe has no backend \"%s\": use tp_btf or raw_tp",
		       backend);
}

const char *block_probe_backend(const struct block_probe *p)
{
	return p->backend;
}

void block_probe_losses(struct block_probe *p, struct losses *losses)
{
	static const struct {
		enum block_drop drop;
		const char *what, *reason;
	} table[] = {
		{ BLOCK_DROP_START_MISSING, "block.start_missing",
		  "requests were under way when the probe attached, or their start was lost: "
		  "counted, but not in the latency histograms" },
		{ BLOCK_DROP_START_SHARED, "block.start_shared",
		  "requests that were submitted together with others while the kernel's time of "
		  "start was used, which is that of the first: counted, but only their time in the "
		  "device is known" },
		{ BLOCK_DROP_COMPLETION_MISSED, "block.completion_missed",
		  "the kernel did not call the probe when these requests completed: counted, but "
		  "not in the latency histograms" },
		{ BLOCK_DROP_ISSUE_MISSED, "block.issue_missed",
		  "the kernel did not call the probe when these requests were given to the device: "
		  "only their total time is known" },
		{ BLOCK_DROP_FLUSH_MISSED, "block.flush_missed",
		  "the kernel did not call the probe when these flushes completed: not counted" },
		{ BLOCK_DROP_ROWS_EXHAUSTED, "block.rows_exhausted",
		  "requests not counted: more owners, devices and operations than there are "
		  "rows" },
		{ BLOCK_DROP_ROWS_EXHAUSTED_BYTES, "block.rows_exhausted_bytes",
		  "bytes of the requests without a row" },
		{ BLOCK_DROP_INDEX_FAILED, "block.index_failed",
		  "a row could not be entered into the index" },
		{ BLOCK_DROP_NAME_MISSING, "block.name_missing",
		  "the name of an owner's cgroup could not be read" },
		{ BLOCK_DROP_EPOCH, "block.lost_more",
		  "requests that lived through more changes of who was in the device than are "
		  "remembered: they lost more than is told" },
		{ BLOCK_DROP_LATE, "block.late",
		  "changes of who is in a device that were made a little late: shares are that "
		  "little less exact" },
		{ BLOCK_DROP_DISKS_EXHAUSTED, "block.disks_exhausted",
		  "rows without depth, shares and interference: more devices than can be "
		  "followed" },
		{ BLOCK_DROP_SHARERS_EXHAUSTED, "block.sharers_exhausted",
		  "rows whose owner shares its depth, share and interference with others: more "
		  "owners on a device than can be told apart" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		uint64_t n = __atomic_load_n(&p->skel->bss->drops[table[i].drop], __ATOMIC_RELAXED);

		if (table[i].drop == BLOCK_DROP_COMPLETION_MISSED)
			n += p->settled;
		loss_set(losses, table[i].what, n, table[i].reason);
	}
}

size_t block_probe_costs(struct block_probe *p, struct probe_cost *costs, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(hooks) && n < max; i++) {
		if (p->programs[i])
			n += probe_cost_read(bpf_program__fd(p->programs[i]), "block",
					     hooks[i].program, &costs[n]);
	}
	return n;
}

void block_probe_detach(struct block_probe *p)
{
	/* In reverse, so that what was started can still complete. */
	for (size_t i = ARRAY_SIZE(hooks); i-- > 0;) {
		bpf_link__destroy(p->links[i]);
		p->links[i] = NULL;
	}
	if (p->stats_fd >= 0)
		close(p->stats_fd);
	p->stats_fd = -1;
}

void block_probe_close(struct block_probe *p)
{
	if (!p)
		return;
	block_probe_detach(p);
	block_maps_close(p);
	block_bpf__destroy(p->skel);
	free(p);
}

int block_probe_try(const char *backend, struct err *err)
{
	struct block_probe *p;
	int rc = block_probe_open(&(struct block_config){ .backend = backend }, &p, err);

	if (!rc)
		block_probe_close(p);
	return rc;
}
