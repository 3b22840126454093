// SPDX-License-Identifier: Apache-2.0
/* Loads the scheduler probe and reads what it counts. */
#include "probe/sched.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/hist.h"
#include "base/loss.h"
#include "probe/load.h"
#include "probe/map.h"
#include "probe/sched_journal.h"
#include "probe/targets.h"
#include "sched.skel.h"

#define MAX_BANKS 8 /* as the block probe has: 9 KiB for each and target */
#define FILE_SYSTEMS_MAX 65536 /* bytes of /proc/filesystems */
#define SWITCH_ARGS 4 /* of sched_switch, since 5.18: with the state */

static const struct hook {
	const char *program, *tracepoint;
	enum { NEEDED, ABOUT_LOCKS, ABOUT_THROTTLE } what;
} hooks[] = {
	{ "on_switch", "sched_switch", NEEDED },
	{ "on_wakeup", "sched_wakeup", NEEDED },
	{ "on_wakeup_new", "sched_wakeup_new", NEEDED },
	{ "on_exec", "sched_process_exec", NEEDED },
	{ "on_contention_begin", "contention_begin", ABOUT_LOCKS },
	{ "on_contention_end", "contention_end", ABOUT_LOCKS },
	{ "on_throttle", "balance_dirty_pages", ABOUT_THROTTLE },
};

struct sched_probe {
	struct sched_bpf *skel;
	struct bpf_program *programs[ARRAY_SIZE(hooks)]; /* NULL: not on this kernel */
	struct bpf_link *links[ARRAY_SIZE(hooks)];
	int stats_fd;
	bool without_locks, without_throttle;
	struct sched_code codes[SCHED_CODES];
	size_t n_targets, n_cpus;
	unsigned int n_banks;
	const struct sched_slot *slots; /* bank b of target t at t * n_banks + b */
	const struct sched_running *running; /* one per CPU */
};

/* What differs between kernels. */
static int look_at_kernel(struct sched_probe *p, struct err *err)
{
	struct btf *btf = probe_kernel_btf(err);

	if (!btf)
		return err->code;
	p->skel->rodata->throttle_args = probe_tracepoint_args(btf, "balance_dirty_pages");
	p->skel->rodata->state_is_told = probe_tracepoint_args(btf, "sched_switch") >= SWITCH_ARGS;
	for (size_t i = 0; i < ARRAY_SIZE(hooks); i++) {
		struct bpf_program *program =
			bpf_object__find_program_by_name(p->skel->obj, hooks[i].program);

		if (hooks[i].what == NEEDED || probe_tracepoint_args(btf, hooks[i].tracepoint) > 0)
			p->programs[i] = program;
		else
			*(hooks[i].what == ABOUT_LOCKS ? &p->without_locks : &p->without_throttle) =
				true;
		bpf_program__set_autoload(program, p->programs[i]);
	}
	btf__free(btf);
	return 0;
}

static int lay_out(struct sched_probe *p)
{
	int rc, cpus = libbpf_num_possible_cpus();

	if (cpus < 1)
		return cpus ? cpus : -ENOENT;
	p->n_cpus = cpus;
	p->n_banks = probe_banks(p->n_cpus, MAX_BANKS);
	p->skel->rodata->bank_mask = p->n_banks - 1;
	p->skel->rodata->shared_banks = p->n_banks < p->n_cpus;
	p->skel->rodata->n_targets = p->n_targets;
	rc = bpf_map__set_max_entries(p->skel->maps.slots, p->n_targets * p->n_banks);
	if (!rc)
		rc = bpf_map__set_max_entries(p->skel->maps.running, p->n_cpus);
	return rc;
}

static int attach(struct sched_probe *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(hooks); i++) {
		if (!p->programs[i])
			continue;
		p->links[i] = bpf_program__attach(p->programs[i]);
		if (!p->links[i])
			return -errno;
	}
	return 0;
}

static int load(struct sched_probe *p, const struct probe_targets *targets)
{
	int rc = lay_out(p);

	if (!rc)
		rc = probe_targets_use(targets, p->skel->obj);
	if (!rc)
		rc = sched_bpf__load(p->skel);
	if (rc)
		return rc;
	p->slots = probe_map_whole(p->skel->maps.slots, PROT_READ);
	p->running = probe_map_whole(p->skel->maps.running, PROT_READ);
	if (!p->slots || !p->running)
		return -errno;
	return attach(p);
}

static void *find_codes(void *arg)
{
	sched_journal_find(NULL, ((struct sched_probe *)arg)->codes);
	return NULL;
}

/* Meanwhile the kernel's symbols are read. */
static int load_and_find(struct sched_probe *p, const struct probe_targets *targets)
{
	pthread_t thread;
	bool in_thread = !pthread_create(&thread, NULL, find_codes, p);
	int rc = load(p, targets);

	if (in_thread)
		pthread_join(thread, NULL);
	else
		find_codes(p);
	if (!rc)
		memcpy(p->skel->bss->codes, p->codes, sizeof(p->codes));
	return rc;
}

int sched_probe_open(const struct probe_targets *targets, struct sched_probe **ret, struct err *err)
{
	struct sched_probe *p = calloc(1, sizeof(*p));
	struct probe_log log;
	int rc;

	if (!p)
		return err_set(err, -ENOMEM, "the scheduler probe");
	p->stats_fd = -1;
	p->n_targets = probe_targets_count(targets);
	probe_log_begin(&log);
	p->skel = sched_bpf__open();
	rc = p->skel ? 0 : -errno;
	probe_log_end();
	if (rc)
		rc = probe_fail(err, rc, "open the scheduler probe", &log);
	else
		rc = look_at_kernel(p, err);
	if (!rc) {
		probe_log_begin(&log);
		rc = load_and_find(p, targets);
		probe_log_end();
		if (rc)
			rc = probe_fail(err, rc, "load the scheduler probe (tp_btf)", &log);
	}
	if (rc) {
		sched_probe_close(p);
		return rc;
	}
	p->stats_fd = bpf_enable_stats(BPF_STATS_RUN_TIME); /* without it costs are not known */
	*ret = p;
	return 0;
}

const char *sched_probe_backend(const struct sched_probe *p)
{
	(void)p;
	return "tp_btf";
}

int sched_probe_tasks(const struct sched_probe *p)
{
	return bpf_map__fd(p->skel->maps.tasks);
}

static void add_slot(const struct sched_slot *from, struct sched_slot *to)
{
	to->oncpu_ns += probe_live(&from->oncpu_ns);
	to->slices += probe_live(&from->slices);
	to->preempted += probe_live(&from->preempted);
	to->missed += probe_live(&from->missed);
	for (size_t i = 0; i < SCHED_OFFS; i++)
		to->off_ns[i] += probe_live(&from->off_ns[i]);
	for (size_t i = 0; i < SCHED_HISTS; i++)
		to->hists.of[i].sum += probe_live(&from->hists.of[i].sum);
}

/* What the slice that a CPU runs for @target now has taken until @now_ns. */
static uint64_t slice_ns(const struct sched_running *r, uint32_t target, uint64_t now_ns)
{
	uint64_t since_ns;

	if (__atomic_load_n(&r->target, __ATOMIC_ACQUIRE) != target)
		return 0;
	since_ns = __atomic_load_n(&r->since_ns, __ATOMIC_ACQUIRE);
	/* Another one meanwhile: the last was counted, or will be. */
	if (__atomic_load_n(&r->target, __ATOMIC_ACQUIRE) != target || since_ns >= now_ns)
		return 0;
	return now_ns - since_ns;
}

void sched_probe_totals(struct sched_probe *p, size_t target, uint64_t now_ns,
			struct sched_slot *ret)
{
	memset(ret, 0, offsetof(struct sched_slot, hists.bucket));
	if (target >= p->n_targets)
		return;
	/* First, so that a slice that ends meanwhile is missing for a moment and never counted twice. */
	for (unsigned int b = 0; b < p->n_banks; b++)
		add_slot(&p->slots[target * p->n_banks + b], ret);
	for (size_t i = 0; i < p->n_cpus; i++)
		ret->oncpu_ns += slice_ns(&p->running[i], target + 1, now_ns);
}

void sched_probe_read(struct sched_probe *p, size_t target, uint64_t now_ns, struct sched_slot *ret)
{
	sched_probe_totals(p, target, now_ns, ret);
	memset(&ret->hists, 0, sizeof(ret->hists));
	for (unsigned int b = 0; target < p->n_targets && b < p->n_banks; b++)
		hist_set_add(&p->slots[target * p->n_banks + b].hists, &ret->hists);
}

size_t sched_probe_preemptions(struct sched_probe *p, struct sched_pair *pairs, uint64_t *counts,
			       size_t max)
{
	int fd = bpf_map__fd(p->skel->maps.pairs);
	struct sched_pair *before = NULL;
	size_t n = 0;

	while (n < max && !bpf_map_get_next_key(fd, before, &pairs[n])) {
		__u64 count;

		before = &pairs[n];
		if (!bpf_map_lookup_elem(fd, before, &count))
			counts[n++] = count;
		else
			break; /* keys are never removed */
	}
	return n;
}

/* Modules may have been loaded since the beginning. */
static void add_journals(const struct sched_probe *p, struct losses *losses)
{
	cleanup_buf struct buf file_systems = BUF_INIT(FILE_SYSTEMS_MAX);

	if (!fs_slurp_at(AT_FDCWD, "/proc/filesystems", &file_systems))
		sched_journal_losses(p->codes, buf_str(&file_systems), losses);
}

void sched_probe_losses(struct sched_probe *p, struct losses *losses)
{
	const __u64 *drops = p->skel->bss->drops;

	if (p->without_locks)
		loss_set(
			losses, "sched.locks", 1,
			"this kernel does not tell of waits for locks: they are among other waits");
	if (p->without_throttle)
		loss_set(losses, "sched.throttle", 1,
			 "this kernel does not tell of pauses of who dirties pages: they are among "
			 "waits for I/O");
	add_journals(p, losses);
	loss_set(losses, "sched.task", probe_live(&drops[SCHED_DROP_TASK]),
		 "times that a task could not be remembered (no memory, or the kernel was busy "
		 "with another's): a wait of its is not counted");
	loss_set(losses, "sched.pairs", probe_live(&drops[SCHED_DROP_PAIR]),
		 "preemptions of more pairs than can be told apart");
}

size_t sched_probe_costs(struct sched_probe *p, struct probe_cost *costs, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(hooks) && n < max; i++)
		if (p->programs[i])
			n += probe_cost_read(bpf_program__fd(p->programs[i]), "sched",
					     hooks[i].program, &costs[n]);
	return n;
}

void sched_probe_close(struct sched_probe *p)
{
	if (!p)
		return;
	for (size_t i = ARRAY_SIZE(hooks); i-- > 0;)
		bpf_link__destroy(p->links[i]);
	if (p->stats_fd >= 0)
		close(p->stats_fd);
	if (p->skel) {
		probe_map_unmap(p->slots, p->skel->maps.slots);
		probe_map_unmap(p->running, p->skel->maps.running);
	}
	sched_bpf__destroy(p->skel);
	free(p);
}

int sched_probe_try(struct err *err)
{
	struct probe_targets *targets;
	struct sched_probe *p;
	int rc = probe_targets_open(1, &targets, err);

	if (rc)
		return rc;
	rc = sched_probe_open(targets, &p, err);
	if (!rc)
		sched_probe_close(p);
	probe_targets_close(targets);
	return rc;
}
