// SPDX-License-Identifier: Apache-2.0
/* Loads the vfs probe, by the best backend that this kernel lets it. */
#include "probe/vfs.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/loss.h"
#include "probe/load.h"
#include "probe/targets.h"
#include "probe/vfs_internal.h"
#include "vfs.skel.h"

/*
 * The first has two programs for all calls; the others have a pair attached to each of
 * forty functions, and on recent kernels take seconds to be detached.
 */
const char *const vfs_backends[] = { "syscalls", "fentry", "kprobe", NULL };

/* Rows of a target: data, names and the rest, on a few mounts. */
#define ROWS_PER_TARGET 32
#define ROWS_LEAST 64
#define MAX_BANKS 8
#define SLOTS_MAX (64ull << 20) /* bytes: with many targets, CPUs share banks instead */

/* Rows and banks for so many targets. */
static void size_up(struct vfs_probe *p, size_t n_cpus)
{
	size_t rest;

	p->n_rows = ROWS_LEAST + p->n_targets * ROWS_PER_TARGET;
	if (p->n_rows > VFS_MAX_ROWS)
		p->n_rows = VFS_MAX_ROWS;
	/* For each target, the rest: all that is on mounts for which there is no room. */
	rest = p->n_targets * VFS_SETS;
	p->n_rows_of_mounts = p->n_rows - (rest < p->n_rows / 2 ? rest : p->n_rows / 2);
	p->n_banks = probe_banks(n_cpus, MAX_BANKS);
	while (p->n_banks > 1 && p->n_rows * p->n_banks * sizeof(struct vfs_slot) > SLOTS_MAX)
		p->n_banks /= 2;
}

static int lay_out(struct vfs_probe *p, const struct vfs_config *config)
{
	struct vfs_bpf *skel = p->skel;
	int rc, cpus = libbpf_num_possible_cpus();

	if (cpus < 1)
		return cpus ? cpus : -ENOENT;
	size_up(p, cpus);
	skel->rodata->bank_mask = p->n_banks - 1;
	/* Where the kernel is preempted, so are programs at functions; others are not. */
	skel->rodata->shared_banks =
		p->n_banks < (unsigned int)cpus || !strcmp(p->backend, "fentry");
	skel->rodata->n_rows = p->n_rows;
	skel->rodata->n_rows_of_mounts = p->n_rows_of_mounts;
	rc = bpf_map__set_max_entries(skel->maps.row_ids, p->n_rows);
	if (!rc)
		rc = bpf_map__set_max_entries(skel->maps.slots, p->n_rows * p->n_banks);
	p->n_files = (config->n_files + VFS_FILE_WAYS - 1) / VFS_FILE_WAYS * VFS_FILE_WAYS;
	skel->rodata->n_files = p->n_files;
	if (!rc && p->n_files)
		rc = bpf_map__set_max_entries(skel->maps.files, p->n_files);
	p->has_spent = config->tasks_fd >= 0;
	if (!rc && p->has_spent)
		rc = bpf_map__reuse_fd(skel->maps.tasks, config->tasks_fd);
	return rc;
}

static int map_all(struct vfs_probe *p)
{
	int rc = probe_window_open(&p->rows, p->skel->maps.rows);

	if (!rc)
		rc = probe_window_open(&p->slots, p->skel->maps.slots);
	if (!rc)
		rc = probe_window_open(&p->places, p->skel->maps.places);
	return rc ? rc : probe_window_open(&p->files, p->skel->maps.files);
}

static int load(struct vfs_probe *p, const struct probe_targets *targets,
		const struct vfs_config *config, const struct btf *kernel)
{
	int rc = vfs_choose(p, kernel);

	if (!rc)
		rc = lay_out(p, config);
	if (!rc)
		rc = probe_targets_use(targets, p->skel->obj);
	if (!rc)
		rc = vfs_bpf__load(p->skel);
	if (!rc)
		rc = map_all(p);
	return rc ? rc : vfs_attach(p, kernel);
}

/* One backend; has_functions: as in struct vfs_probe. */
static int try_to_open(const struct probe_targets *targets, const struct vfs_config *config,
		       const char *backend, bool has_functions, const struct btf *kernel,
		       struct vfs_probe **ret, struct err *err)
{
	struct vfs_probe *p = calloc(1, sizeof(*p));
	struct probe_log log;
	char attempt[64];
	int rc;

	if (!p)
		return err_set(err, -ENOMEM, "the vfs probe");
	p->stats_fd = -1;
	p->trial = config->trial;
	p->backend = backend;
	p->has_functions = has_functions;
	snprintf(attempt, sizeof(attempt), "load the vfs probe (%s)", backend);
	if (!strcmp(backend, "fentry") && (rc = probe_fentry_try(kernel, "vfs_getattr"))) {
		log.text[0] = '\0';
		rc = probe_fail(err, rc, attempt, &log);
		free(p);
		return rc;
	}
	p->n_targets = probe_targets_count(targets);
	probe_log_begin(&log);
	p->skel = vfs_bpf__open();
	rc = p->skel ? load(p, targets, config, kernel) : -errno;
	probe_log_end();
	if (rc) {
		rc = probe_fail(err, rc, attempt, &log);
		vfs_probe_close(p);
		return rc;
	}
	p->stats_fd = bpf_enable_stats(BPF_STATS_RUN_TIME); /* without it costs are not known */
	*ret = p;
	return 0;
}

/* What the backend "syscalls" has besides is not needed to see whether that loads. */
static bool may_have_functions(const struct vfs_config *config, const char *backend,
			       const struct btf *kernel)
{
	return !config->trial && !strcmp(backend, "syscalls") &&
	       !probe_fentry_try(kernel, "mnt_want_write") &&
	       !probe_fentry_try(kernel, "handle_mm_fault");
}

static int open_backend(const struct probe_targets *targets, const struct vfs_config *config,
			const char *backend, const struct btf *kernel, struct vfs_probe **ret,
			struct err *err)
{
	if (may_have_functions(config, backend, kernel) &&
	    !try_to_open(targets, config, backend, true, kernel, ret, err))
		return 0;
	return try_to_open(targets, config, backend, false, kernel, ret, err);
}

int vfs_probe_open(const struct probe_targets *targets, const struct vfs_config *config,
		   struct vfs_probe **ret, struct err *err)
{
	struct btf *kernel = probe_kernel_btf(err);
	struct err first = { 0 }, e = { 0 };
	int rc = -EINVAL;

	if (!kernel)
		return err->code;
	for (size_t i = 0; vfs_backends[i] && rc; i++) {
		if (config->backend && strcmp(config->backend, vfs_backends[i]))
			continue;
		rc = open_backend(targets, config, vfs_backends[i], kernel, ret, &e);
		if (rc && !first.code)
			first = e;
	}
	btf__free(kernel);
	if (!rc)
		return 0;
	if (!first.code)
		return err_say(
			err, rc,
			"the vfs probe has no backend \"%s\": use fentry, syscalls or kprobe",
			config->backend);
	if (config->backend || !strcmp(first.text, e.text))
		return err_say(err, first.code, "%s", first.text);
	return err_say(err, first.code, "%s; %s", first.text, e.text);
}

const char *vfs_probe_backend(const struct vfs_probe *p)
{
	return p->backend;
}

bool vfs_probe_has_spent(const struct vfs_probe *p)
{
	return p->has_spent;
}

/* Requests of io_uring that are in flight; at the end, those that were never told to complete. */
static uint64_t count_started(const struct vfs_probe *p)
{
	int fd = bpf_map__fd(p->skel->maps.uring_starts);
	__u64 key, *before = NULL;
	uint64_t n = 0;

	/* Others may take from it meanwhile, which begins it anew: no further than it can hold. */
	while (n < bpf_map__max_entries(p->skel->maps.uring_starts) &&
	       !bpf_map_get_next_key(fd, before, &key)) {
		before = &key;
		n++;
	}
	return n;
}

void vfs_probe_losses(struct vfs_probe *p, struct losses *losses)
{
	static const struct {
		const char *what, *reason;
	} told[VFS_DROPS] = {
		[VFS_DROP_TASK] = { "vfs.task", "calls of tasks that could not be remembered: no "
						"memory, or the kernel was busy with another's" },
		[VFS_DROP_ROW] = { "vfs.rows", "calls on more mounts than there is room for: "
					       "of no mount" },
		[VFS_DROP_PLACE] = { "vfs.mounts", "mounts that there was no room for: not named" },
		[VFS_DROP_ERROR] = { "vfs.errors", "failures whose reason there was no room for" },
		[VFS_DROP_URING] = { "vfs.io_uring",
				     "requests in flight that there was no room for" },
		[VFS_DROP_URING_UNSEEN] = { "vfs.io_uring_unseen", "requests that were never told "
								   "to complete: not counted" },
		[VFS_DROP_FAULT] = { "vfs.fault_files", "page faults whose file could not be "
							"looked up: the process was "
							"changing its mappings" },
		[VFS_DROP_AIO] = { "vfs.aio", "requests of io_submit(2): not followed" },
		[VFS_DROP_RETURN] = { "vfs.returns", "calls and page faults whose end was not "
						     "seen: not counted" },
		[VFS_DROP_COMPAT] = { "vfs.compat", "calls of 32-bit programs, on files or "
						    "not: not followed" },
	};

	for (size_t i = 0; i < VFS_DROPS; i++) {
		uint64_t n = probe_live(&p->skel->bss->drops[i]);

		if (i == VFS_DROP_URING_UNSEEN && p->skel->bss->uring_any)
			n += count_started(p);
		loss_set(losses, told[i].what, n, told[i].reason);
	}
	loss_set(losses, "vfs.files", vfs_probe_files_replaced(p),
		 "times that a file gave its place to another, with what was counted for it: more "
		 "places (files:) keep more");
	if (p->without_faults)
		loss_set(losses, "vfs.faults", 1, "this kernel does not tell of page faults");
	if (p->without_fault_times)
		loss_set(losses, "vfs.fault_times", 1,
			 "this backend sees page faults begin and not end: no latency");
	if (p->without_uring)
		loss_set(losses, "vfs.io_uring", 1,
			 "this kernel does not tell of requests of io_uring");
}

/* Programs of a role are told as one: a backend has one for each system call. */
static bool add_cost(struct probe_cost *costs, size_t *n, size_t max, const struct vfs_link *link)
{
	struct probe_cost one;

	if (!probe_cost_read(bpf_program__fd(link->program), "vfs", link->role, &one))
		return true;
	for (size_t i = 0; i < *n; i++) {
		if (strcmp(costs[i].program, one.program))
			continue;
		costs[i].runs += one.runs;
		costs[i].run_ns += one.run_ns;
		costs[i].missed += one.missed;
		return true;
	}
	if (*n == max)
		return false;
	costs[(*n)++] = one;
	return true;
}

size_t vfs_probe_costs(struct vfs_probe *p, struct probe_cost *costs, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n_links; i++) {
		bool seen = false;

		for (size_t k = 0; k < i && !seen; k++)
			seen = p->links[k].program == p->links[i].program;
		if (!seen && !add_cost(costs, &n, max, &p->links[i]))
			break;
	}
	return n;
}

uint64_t vfs_probe_memory(const struct vfs_probe *p)
{
	const struct bpf_map *map;
	uint64_t bytes = 0;

	bpf_object__for_each_map(map, p->skel->obj) bytes += probe_map_len(map);
	return bytes;
}

void vfs_probe_close(struct vfs_probe *p)
{
	if (!p)
		return;
	while (p->n_links)
		bpf_link__destroy(p->links[--p->n_links].link);
	if (p->stats_fd >= 0)
		close(p->stats_fd);
	probe_window_close(&p->rows);
	probe_window_close(&p->slots);
	probe_window_close(&p->places);
	probe_window_close(&p->files);
	vfs_bpf__destroy(p->skel);
	free(p);
}

int vfs_probe_try(const char *backend, struct err *err)
{
	const struct vfs_config config = { .backend = backend, .tasks_fd = -1, .trial = true };
	struct probe_targets *targets;
	struct vfs_probe *p;
	int rc = probe_targets_open(1, &targets, err);

	if (rc)
		return rc;
	rc = vfs_probe_open(targets, &config, &p, err);
	if (!rc)
		vfs_probe_close(p);
	probe_targets_close(targets);
	return rc;
}
