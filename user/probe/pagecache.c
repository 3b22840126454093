// SPDX-License-Identifier: Apache-2.0
/* Loads the page cache probe and reads what it counts. */
#include "probe/pagecache.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/loss.h"
#include "pagecache.skel.h"
#include "probe/load.h"
#include "probe/map.h"
#include "probe/preempted.h"
#include "probe/targets.h"

#define MAX_BANKS 64 /* two cache lines for each and target */
#define BIO_QUEUE_ARGS 1 /* of block_bio_queue, since 5.11 */

const char *const pagecache_backends[PAGECACHE_BACKENDS] = { "auto", "tp_btf", "fentry", "kprobe" };

#define BY(backend) (1 << PAGECACHE_##backend)
#define BY_ALL (BY(TP_BTF) | BY(FENTRY) | BY(KPROBE))
#define NO_COUNTER PAGECACHE_COUNTERS
/* Faults are told by functions wherever fentry works, with tp_btf too: tracepoints do not see all. */
#define FAULTS_BY_FENTRY (1 << PAGECACHE_BACKENDS)
#define FAULTS_BY_TRACEPOINT (2 << PAGECACHE_BACKENDS)

static const struct hook {
	const char *program, *tracepoint, *function; /* one of the two */
	unsigned int by; /* which backends need it */
	bool needed;
	enum pagecache_counter counts; /* what nothing else counts */
} hooks[] = {
	{ "on_try", "mm_filemap_get_pages", NULL, BY(TP_BTF), true, NO_COUNTER },
	{ "on_get_pages", "mm_filemap_get_pages", NULL, BY(TP_BTF), true, NO_COUNTER },
	{ "on_fault", "mm_filemap_fault", NULL, FAULTS_BY_TRACEPOINT, false, PAGECACHE_FAULTS },
	{ "on_user_fault", "page_fault_user", NULL, FAULTS_BY_TRACEPOINT, false,
	  PAGECACHE_FAULT_MISSED },
	{ "on_kernel_fault", "page_fault_kernel", NULL, FAULTS_BY_TRACEPOINT, false,
	  PAGECACHE_FAULT_MISSED },
	{ "on_map_pages", "mm_filemap_map_pages", NULL, FAULTS_BY_TRACEPOINT, false,
	  PAGECACHE_FAULT_MISSED },
	{ "on_read", NULL, "filemap_read", BY(FENTRY), true, NO_COUNTER },
	{ "on_splice", NULL, "filemap_splice_read", BY(FENTRY), false, NO_COUNTER },
	{ "on_order", NULL, "page_cache_ra_order", BY(FENTRY), false, NO_COUNTER },
	{ "on_order_end", NULL, "page_cache_ra_order", BY(FENTRY), false, NO_COUNTER },
	{ "on_fault_begin", NULL, "filemap_fault", BY(FENTRY) | FAULTS_BY_FENTRY, false,
	  PAGECACHE_FAULTS },
	{ "on_map_begin", NULL, "filemap_map_pages", BY(FENTRY) | FAULTS_BY_FENTRY, false,
	  PAGECACHE_FAULT_MISSED },
	{ "on_read_begin", NULL, "filemap_read", BY(KPROBE), true, NO_COUNTER },
	{ "on_read_end", NULL, "filemap_read", BY(KPROBE), true, NO_COUNTER },
	{ "on_task_exit", "sched_process_exit", NULL, BY(KPROBE), true, NO_COUNTER },
	{ "on_splice_begin", NULL, "filemap_splice_read", BY(KPROBE), false, NO_COUNTER },
	{ "on_splice_end", NULL, "filemap_splice_read", BY(KPROBE), false, NO_COUNTER },
	{ "on_order_kprobe", NULL, "page_cache_ra_order", BY(KPROBE), false, NO_COUNTER },
	{ "on_order_return", NULL, "page_cache_ra_order", BY(KPROBE), false, NO_COUNTER },
	{ "on_fault_kprobe", NULL, "filemap_fault", BY(KPROBE), false, PAGECACHE_FAULTS },
	{ "on_map_kprobe", NULL, "filemap_map_pages", BY(KPROBE), false, PAGECACHE_FAULT_MISSED },
	{ "on_exec", "sched_process_exec", NULL, BY_ALL, true, NO_COUNTER },
	{ "on_add", "mm_filemap_add_to_page_cache", NULL, BY_ALL, true, NO_COUNTER },
	{ "on_delete", "mm_filemap_delete_from_page_cache", NULL, BY_ALL, true, NO_COUNTER },
	{ "on_dirty", "writeback_dirty_folio", NULL, BY_ALL, false, PAGECACHE_DIRTIED },
	{ "on_bio", "block_bio_queue", NULL, BY_ALL, false, PAGECACHE_WRITTEN_BYTES },
};

struct pagecache_probe {
	struct pagecache_bpf *skel;
	enum pagecache_backend backend;
	const struct probe_targets *targets; /* borrowed */
	struct bpf_program *programs[ARRAY_SIZE(hooks)]; /* NULL: not used */
	struct bpf_link *links[ARRAY_SIZE(hooks)];
	bool not_counted[PAGECACHE_COUNTERS + 1];
	bool faults_by_tracepoint;
	int stats_fd;
	size_t n_targets;
	unsigned int n_banks;
	const struct pagecache_slot *slots; /* bank b of target t at t * n_banks + b */
};

static bool kernel_has(const struct btf *btf, const struct hook *h)
{
	int args;

	if (h->function)
		return btf__find_by_name_kind(btf, h->function, BTF_KIND_FUNC) > 0;
	args = probe_tracepoint_args(btf, h->tracepoint);
	return strcmp(h->tracepoint, "block_bio_queue") ? args > 0 : args == BIO_QUEUE_ARGS;
}

/* What differs between kernels. */
static int look_at_kernel(struct pagecache_probe *p, struct err *err)
{
	struct btf *btf = probe_kernel_btf(err);
	unsigned int by = 1u << p->backend;
	int rc = 0, cloned;

	if (!btf)
		return err->code;
	p->faults_by_tracepoint = p->backend == PAGECACHE_TP_BTF &&
				  (probe_preempted() || probe_fentry_try(btf, "filemap_fault"));
	if (p->backend == PAGECACHE_TP_BTF)
		by |= p->faults_by_tracepoint ? FAULTS_BY_TRACEPOINT : FAULTS_BY_FENTRY;
	for (size_t i = 0; i < ARRAY_SIZE(hooks); i++) {
		const struct hook *h = &hooks[i];
		struct bpf_program *program =
			bpf_object__find_program_by_name(p->skel->obj, h->program);
		bool wanted = h->by & by;

		if (wanted && kernel_has(btf, h))
			p->programs[i] = program;
		else if (wanted && h->needed && !rc)
			rc = err_say(err, -ENOENT,
				     "cannot load the page cache probe (%s): this "
				     "kernel has no %s %s",
				     pagecache_backends[p->backend],
				     h->function ? "function" : "tracepoint",
				     h->function ? h->function : h->tracepoint);
		else if (wanted)
			p->not_counted[h->counts] = true;
		bpf_program__set_autoload(program, p->programs[i]);
	}
	cloned = probe_enumerator(btf, "BIO_CLONED");
	p->skel->rodata->cloned_flag = cloned < 0 ? 0 : 1ull << cloned;
	btf__free(btf);
	return rc;
}

static int lay_out(struct pagecache_probe *p)
{
	int cpus = libbpf_num_possible_cpus();

	if (cpus < 1)
		return cpus ? cpus : -ENOENT;
	p->n_banks = probe_banks(cpus, MAX_BANKS);
	p->skel->rodata->bank_mask = p->n_banks - 1;
	/* fentry programs can be interrupted within a count. */
	p->skel->rodata->shared_banks =
		p->n_banks < (unsigned int)cpus || p->backend == PAGECACHE_FENTRY;
	p->skel->rodata->n_targets = p->n_targets;
	p->skel->rodata->page_shift = __builtin_ctzl(sysconf(_SC_PAGESIZE));
	return bpf_map__set_max_entries(p->skel->maps.slots, p->n_targets * p->n_banks);
}

#define NOT_TRIED 2

/* Read one byte of a file, through the cache of a file system that has one. */
static void read_a_byte(struct pagecache_probe *p)
{
	static const char *const dirs[] = { "", ".", "/var/tmp", "/tmp" };

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		int fd = *dirs[i] ? open(dirs[i], O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)
				  : open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
		char byte = 0;

		if (fd < 0)
			continue;
		/* Failing is the same as being on a file system that tells nothing. */
		if (*dirs[i])
			(void)!write(fd, &byte, 1);
		(void)!pread(fd, &byte, 1, 0);
		close(fd);
		if (__atomic_load_n(&p->skel->data->last_is_beyond, __ATOMIC_ACQUIRE) != NOT_TRIED)
			return;
	}
}

/* What the tracepoint calls the last page, kernels do not agree upon. */
static int try_last(struct pagecache_probe *p)
{
	struct bpf_link *link = bpf_program__attach(p->programs[0]);
	__u64 *beyond = &p->skel->data->last_is_beyond;

	if (!link)
		return -errno;
	p->skel->bss->try_task = gettid();
	__atomic_store_n(beyond, NOT_TRIED, __ATOMIC_RELEASE);
	read_a_byte(p);
	bpf_link__destroy(link);
	/* The first read of a single page will show it. */
	if (__atomic_load_n(beyond, __ATOMIC_ACQUIRE) == NOT_TRIED)
		__atomic_store_n(beyond, 1, __ATOMIC_RELEASE);
	return 0;
}

static int attach(struct pagecache_probe *p)
{
	int rc = p->programs[0] ? try_last(p) : 0;

	for (size_t i = 1; i < ARRAY_SIZE(hooks) && !rc; i++) {
		if (!p->programs[i])
			continue;
		p->links[i] = bpf_program__attach(p->programs[i]);
		if (!p->links[i])
			rc = -errno;
	}
	return rc;
}

static int load(struct pagecache_probe *p)
{
	int rc = lay_out(p);

	if (!rc)
		rc = probe_targets_use(p->targets, p->skel->obj);
	if (!rc)
		rc = pagecache_bpf__load(p->skel);
	if (rc)
		return rc;
	p->slots = probe_map_whole(p->skel->maps.slots, PROT_READ);
	return p->slots ? attach(p) : -errno;
}

static int open_by(const struct probe_targets *targets, enum pagecache_backend backend,
		   struct pagecache_probe **ret, struct err *err)
{
	struct pagecache_probe *p = calloc(1, sizeof(*p));
	struct probe_log log;
	char what[64];
	int rc;

	if (!p)
		return err_set(err, -ENOMEM, "the page cache probe");
	p->backend = backend;
	p->stats_fd = -1;
	p->targets = targets;
	p->n_targets = probe_targets_count(targets);
	probe_log_begin(&log);
	p->skel = pagecache_bpf__open();
	rc = p->skel ? 0 : -errno;
	probe_log_end();
	if (rc)
		rc = probe_fail(err, rc, "open the page cache probe", &log);
	else
		rc = look_at_kernel(p, err);
	if (!rc) {
		probe_log_begin(&log);
		rc = load(p);
		probe_log_end();
		snprintf(what, sizeof(what), "load the page cache probe (%s)",
			 pagecache_backends[backend]);
		if (rc)
			rc = probe_fail(err, rc, what, &log);
	}
	if (rc) {
		pagecache_probe_close(p);
		return rc;
	}
	p->stats_fd = bpf_enable_stats(BPF_STATS_RUN_TIME); /* without it costs are not known */
	*ret = p;
	return 0;
}

int pagecache_probe_open(const struct probe_targets *targets, enum pagecache_backend backend,
			 struct pagecache_probe **ret, struct err *err)
{
	static const enum pagecache_backend order[] = { PAGECACHE_TP_BTF, PAGECACHE_FENTRY,
							PAGECACHE_KPROBE },
					    preempted[] = { PAGECACHE_TP_BTF, PAGECACHE_KPROBE,
							    PAGECACHE_FENTRY };
	struct err later = { 0 };
	int rc;

	if (backend != PAGECACHE_AUTO)
		return open_by(targets, backend, ret, err);
	rc = open_by(targets, PAGECACHE_TP_BTF, ret, err);
	for (size_t i = 1; rc && i < ARRAY_SIZE(order); i++) {
		rc = open_by(targets, probe_preempted() ? preempted[i] : order[i], ret, &later);
		/* A kernel without the tracepoint fails for what comes last. */
		if (rc && err->code == -ENOENT)
			*err = later;
	}
	if (!rc)
		*err = (struct err){ 0 };
	return rc ? err->code : 0;
}

const char *pagecache_probe_backend(const struct pagecache_probe *p)
{
	return pagecache_backends[p->backend];
}

bool pagecache_probe_counts(const struct pagecache_probe *p, size_t target,
			    enum pagecache_counter counter)
{
	if (p->not_counted[counter])
		return false;
	if (counter == PAGECACHE_WRITTEN_BYTES || counter == PAGECACHE_EVICTED)
		return probe_targets_have_memory(p->targets, target);
	return true;
}

void pagecache_probe_read(const struct pagecache_probe *p, size_t target,
			  struct pagecache_slot *ret)
{
	memset(ret, 0, sizeof(*ret));
	for (unsigned int b = 0; target < p->n_targets && b < p->n_banks; b++)
		for (size_t i = 0; i < PAGECACHE_COUNTERS; i++)
			ret->n[i] += probe_live(&p->slots[target * p->n_banks + b].n[i]);
}

void pagecache_probe_losses(struct pagecache_probe *p, struct losses *losses)
{
	const __u64 *drops = p->skel->bss->drops;

	loss_set(losses, "pagecache.task", probe_live(&drops[PAGECACHE_DROP_TASK]),
		 "times that a task could not be remembered (no memory, or the kernel was busy "
		 "with another's): a large read counts too often, or a fault not at all");
	loss_set(
		losses, "pagecache.pages", probe_live(&drops[PAGECACHE_DROP_PAGES]),
		"pages that were fetched and found no room until read: their reads are not misses");
	if (p->faults_by_tracepoint)
		loss_set(losses, "pagecache.huge_faults", 1,
			 "tracepoints do not tell of faults that map a huge page which is there: "
			 "not counted");
	loss_set(losses, "pagecache.returns", probe_live(&drops[PAGECACHE_DROP_RETURN]),
		 "reads whose end was not seen (too many at once for kprobes): counted as if they "
		 "had got all that they asked for");
}

size_t pagecache_probe_costs(struct pagecache_probe *p, struct probe_cost *costs, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(hooks) && n < max; i++)
		if (p->links[i])
			n += probe_cost_read(bpf_program__fd(p->programs[i]), "pagecache",
					     hooks[i].program, &costs[n]);
	return n;
}

void pagecache_probe_close(struct pagecache_probe *p)
{
	if (!p)
		return;
	for (size_t i = ARRAY_SIZE(hooks); i-- > 0;)
		bpf_link__destroy(p->links[i]);
	if (p->stats_fd >= 0)
		close(p->stats_fd);
	if (p->skel)
		probe_map_unmap(p->slots, p->skel->maps.slots);
	pagecache_bpf__destroy(p->skel);
	free(p);
}

int pagecache_probe_try(enum pagecache_backend backend, struct err *err)
{
	struct probe_targets *targets;
	struct pagecache_probe *p;
	int rc = probe_targets_open(1, &targets, err);

	if (rc)
		return rc;
	rc = pagecache_probe_open(targets, backend, &p, err);
	if (!rc)
		pagecache_probe_close(p);
	probe_targets_close(targets);
	return rc;
}
