// SPDX-License-Identifier: Apache-2.0
/* Samples on each CPU, and beside them what is needed to name what they found. */
#include "probe/profile.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/loss.h"
#include "probe/cpus.h"
#include "probe/load.h"
#include "probe/map.h"
#include "probe/profile_internal.h"
#include "probe/profile_rings.h"
#include "probe/targets.h"
#include "profile.skel.h"
#include "symbol/files.h"
#include "symbol/space.h"

/* Stacks of all targets; each takes STACK_BYTES of the kernel's memory. */
#define STACKS_MOST 65536
#define STACKS_LEAST 16384 /* there may be as many on any machine */
#define STACK_BYTES (sizeof(struct profile_stack) + sizeof(struct profile_key) + 48)
#define OVERTIME_S 60 /* that a run may take to end */
#define MEMORY_PART 128 /* of all memory they may take this part, if that is more */

size_t profile_stacks_each(const struct profile_config *config, size_t n_targets, size_t cpus,
			   uint64_t memory_bytes)
{
	double samples = ((double)config->duration_ns / NSEC_PER_SEC + OVERTIME_S) *
			 config->frequency * (double)cpus;
	uint64_t most = memory_bytes / MEMORY_PART / STACK_BYTES;

	most = most > STACKS_MOST ? STACKS_MOST : most < STACKS_LEAST ? STACKS_LEAST : most;
	most /= n_targets;
	return config->duration_ns && samples < (double)most ? (size_t)samples : most;
}

static int lay_out(struct profile_probe *p)
{
	uint64_t memory = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
	int rc;

	p->skel->rodata->stacks_each = profile_stacks_each(&p->config, p->n_targets,
							   (size_t)CPU_COUNT(&p->online), memory);
	p->stacks_max = p->n_targets * p->skel->rodata->stacks_each;
	rc = bpf_map__set_max_entries(p->skel->maps.stacks, (__u32)p->stacks_max);
	if (!rc)
		rc = bpf_map__set_max_entries(p->skel->maps.targets, (__u32)p->n_targets);
	return rc ? rc : bpf_map__set_max_entries(p->skel->maps.cpus, (__u32)p->n_cpus);
}

static int sample_cpu(struct profile_probe *p, int cpu)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.sample_period = NSEC_PER_SEC / p->config.frequency, /* ns, of this event */
	};
	int fd = (int)syscall(SYS_perf_event_open, &attr, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);

	if (fd < 0)
		return -errno;
	/* The link takes the descriptor. */
	p->links[cpu] = bpf_program__attach_perf_event(p->skel->progs.on_sample, fd);
	if (p->links[cpu])
		return 0;
	close(fd);
	return -errno;
}

static int attach(struct profile_probe *p)
{
	int rc = 0;

	p->links = calloc(p->n_cpus, sizeof(*p->links));
	if (!p->links)
		return -ENOMEM;
	p->begin_ns = clock_mono_ns();
	for (size_t i = 0; i < p->n_cpus && i < CPU_SETSIZE && !rc; i++) {
		if (!CPU_ISSET(i, &p->online))
			continue;
		rc = sample_cpu(p, (int)i);
		p->n_online++;
	}
	return rc;
}

static int load(struct profile_probe *p, const struct probe_targets *targets)
{
	int rc = probe_cpus_online(&p->online);

	if (!rc)
		rc = lay_out(p);
	if (!rc)
		rc = probe_targets_use(targets, p->skel->obj);
	if (!rc)
		rc = profile_bpf__load(p->skel);
	if (rc)
		return rc;
	p->cpus = probe_map_whole(p->skel->maps.cpus, PROT_READ);
	p->targets = probe_map_whole(p->skel->maps.targets, PROT_READ);
	return p->cpus && p->targets ? attach(p) : -errno;
}

static int open_bpf(struct profile_probe *p, const struct probe_targets *targets, struct err *err)
{
	struct probe_log log;
	int rc;

	probe_log_begin(&log);
	p->skel = profile_bpf__open();
	rc = p->skel ? load(p, targets) : -errno;
	probe_log_end();
	if (rc)
		return probe_fail(err, rc, "load the profile probe", &log);
	p->stats_fd = bpf_enable_stats(BPF_STATS_RUN_TIME); /* without it costs are not known */
	return 0;
}

/* A sysctl; 0: unknown. */
static uint64_t sysctl(const char *path)
{
	uint64_t value;

	return fs_read_u64_at(AT_FDCWD, path, &value) ? 0 : value;
}

int profile_probe_open(const struct probe_targets *targets, const struct profile_config *config,
		       struct profile_probe **ret, struct err *err)
{
	struct profile_probe *p = calloc(1, sizeof(*p));
	int cpus = libbpf_num_possible_cpus(), rc;

	if (!p || cpus < 1) {
		free(p);
		return err_set(err, cpus < 0 ? cpus : -ENOMEM, "the profile probe");
	}
	p->n_targets = probe_targets_count(targets);
	p->n_cpus = (size_t)cpus;
	p->config = *config;
	/* The kernel takes no more frames of a stack. */
	p->depth_max = (unsigned int)sysctl("/proc/sys/kernel/perf_event_max_stack");
	p->stats_fd = -1;
	/* What is mapped first, and then who is there: nobody is sampled of whom nothing was told. */
	rc = profile_keeper_open(p, err);
	if (!rc)
		rc = open_bpf(p, targets, err);
	if (!rc)
		rc = profile_keeper_start(p, err);
	if (rc) {
		profile_probe_close(p);
		return rc;
	}
	*ret = p;
	return 0;
}

unsigned int profile_probe_frequency(const struct profile_probe *p)
{
	return p->config.frequency;
}

static void detach(struct profile_probe *p)
{
	for (size_t i = 0; p->links && i < p->n_cpus; i++) {
		bpf_link__destroy(p->links[i]);
		p->links[i] = NULL;
	}
}

void profile_probe_stop(struct profile_probe *p)
{
	if (p->end_ns)
		return;
	p->end_ns = clock_mono_ns();
	detach(p);
	profile_keeper_stop(p);
}

void profile_probe_totals(const struct profile_probe *p, struct profile_totals *ret)
{
	uint64_t end = p->end_ns ? p->end_ns : clock_mono_ns();

	*ret = (struct profile_totals){
		.expected = (uint64_t)((double)(end - p->begin_ns) / NSEC_PER_SEC *
				       p->config.frequency * (double)p->n_online),
	};
	for (size_t i = 0; i < p->n_cpus; i++) {
		ret->samples += probe_live(&p->cpus[i].samples);
		ret->idle += probe_live(&p->cpus[i].idle);
		ret->others += probe_live(&p->cpus[i].others);
	}
	for (size_t i = 0; i < p->n_targets; i++)
		ret->lost += probe_live(&p->targets[i].lost);
}

static void put_files(const struct profile_probe *p, struct losses *losses)
{
	static const struct {
		enum symbol_lack lack;
		const char *what, *why;
	} kinds[] = {
		{ SYMBOL_GONE, "profile.files.gone",
		  "files that were run and are not there any more, nor who ran them: their "
		  "functions have no "
		  "names" },
		{ SYMBOL_REMOTE, "profile.files.remote",
		  "files on file systems of the network or of user space, which may never answer: "
		  "not opened, "
		  "their functions have no names" },
		{ SYMBOL_ROOM, "profile.files.room",
		  "more files or symbols than there is room for: functions of these have no "
		  "names" },
		{ SYMBOL_BAD, "profile.files.bad",
		  "files that cannot be read, or were written to since they were run: their "
		  "functions have no names" },
		{ SYMBOL_SILENT, "profile.files.silent",
		  "files that could not be read in time: their file systems do not answer, or the "
		  "run was interrupted; their functions have no names" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		loss_set(losses, kinds[i].what, symbol_files_lack(p->files, kinds[i].lack),
			 kinds[i].why);
}

size_t profile_cpus_new(const cpu_set_t *then, const cpu_set_t *now)
{
	size_t n = 0;

	for (size_t i = 0; i < CPU_SETSIZE; i++)
		n += CPU_ISSET(i, now) && !CPU_ISSET(i, then);
	return n;
}

const char *profile_missing_why(unsigned int frequency, uint64_t rate)
{
	return rate && rate < frequency
		       ? "samples that were not taken when they were due: the kernel takes no more "
			 "than its sysctl kernel.perf_event_max_sample_rate says, which is less "
			 "than "
			 "the frequency"
		       : "samples that were not taken when they were due: CPUs that did not run "
			 "then";
}

void profile_probe_losses(struct profile_probe *p, struct losses *losses)
{
	struct profile_totals totals;
	uint64_t untold = 0;
	cpu_set_t now;

	if (!probe_cpus_online(&now))
		loss_set(losses, "profile.cpus", profile_cpus_new(&p->online, &now),
			 "CPUs that came online during the run: what they did is not in it");
	if (p->kernel.code)
		loss_add(losses, "profile.kernel", 1, "%s", p->kernel.text);
	profile_probe_totals(p, &totals);
	loss_set(losses, "profile.stacks", totals.lost,
		 "samples of targets whose stack had no room: they are in [no room]");
	loss_set(losses, "profile.missing",
		 totals.samples + totals.expected / 100 < totals.expected
			 ? totals.expected - totals.samples
			 : 0,
		 profile_missing_why(p->config.frequency,
				     sysctl("/proc/sys/kernel/perf_event_max_sample_rate")));
	if (p->keeper.stuck) {
		loss_add(losses, "profile.names", 1,
			 "the kernel did not tell in time what processes have mapped: functions of "
			 "user space have no names");
		return;
	}
	for (size_t i = 0; i < p->n_cpus; i++)
		untold += probe_live(&p->cpus[i].untold);
	loss_set(losses, "profile.mappings",
		 profile_rings_lost(p->rings) + spaces_forgotten(p->spaces) + untold,
		 "times that there was no room for what the kernel told of processes: of what they "
		 "ran, names may be missing");
	put_files(p, losses);
}

size_t profile_probe_costs(struct profile_probe *p, struct probe_cost *costs, size_t max)
{
	return max && probe_cost_read(bpf_program__fd(p->skel->progs.on_sample), "profile",
				      "on_sample", costs);
}

void profile_probe_helper_cost(const struct profile_probe *p, uint64_t *ret_cpu_ns,
			       uint64_t *ret_rss_max_bytes)
{
	*ret_cpu_ns = *ret_rss_max_bytes = 0;
	if (!p->keeper.stuck)
		symbol_files_cost(p->files, ret_cpu_ns, ret_rss_max_bytes);
}

void profile_probe_close(struct profile_probe *p)
{
	if (!p)
		return;
	profile_probe_stop(p);
	if (p->keeper.stuck) /* for as long as this program lives */
		return;
	free(p->links);
	if (p->stats_fd >= 0)
		close(p->stats_fd);
	if (p->skel) {
		probe_map_unmap(p->cpus, p->skel->maps.cpus);
		probe_map_unmap(p->targets, p->skel->maps.targets);
	}
	profile_bpf__destroy(p->skel);
	profile_keeper_close(p);
	free(p);
}

int profile_probe_try(struct err *err)
{
	struct probe_targets *targets;
	struct profile_probe *p;
	int rc = probe_targets_open(1, &targets, err);

	if (rc)
		return rc;
	rc = profile_probe_open(
		targets, &(struct profile_config){ .frequency = 99, .duration_ns = NSEC_PER_SEC },
		&p, err);
	if (!rc)
		profile_probe_close(p);
	probe_targets_close(targets);
	return rc;
}
