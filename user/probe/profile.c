// SPDX-License-Identifier: Apache-2.0
/* Samples on each CPU, and beside them what is needed to name what they found. */
#include "probe/profile.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/loss.h"
#include "base/units.h"
#include "probe/load.h"
#include "probe/map.h"
#include "probe/profile_internal.h"
#include "probe/profile_rings.h"
#include "probe/targets.h"
#include "profile.skel.h"
#include "symbol/files.h"
#include "symbol/space.h"

/* Each takes 1.4 KiB of the kernel's memory. */
#define STACKS_LEAST 4096
#define STACKS_PER_TARGET 512
#define STACKS_MOST 65536

/* What a CPU tells may come that much later than what another one has told. */
#define HOLD_BACK_NS (20 * NSEC_PER_MSEC)

/* Mappings of a process that began before us: /proc/PID/maps. */
static void read_maps(void *arg, uint32_t tgid)
{
	struct profile_probe *p = arg;
	cleanup_free char *line = NULL;
	size_t size = 0;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u/maps", tgid);
	cleanup_fclose FILE *file = fopen(path, "re");

	while (file && getline(&line, &size, file) > 0) {
		struct space_event e = { .kind = SPACE_MAP, .tgid = tgid };
		char mode[5];
		int at = 0;

		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %*s %*s %n", &e.start,
			   &e.end, mode, &e.offset, &at) < 4 ||
		    !at || mode[2] != 'x')
			continue;
		line[strcspn(line, "\n")] = '\0';
		e.path = line[at] ? line + at : "//anon";
		spaces_feed(p->spaces, &e);
	}
}

static int root_of(uint32_t tgid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%u/root", tgid);
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static void want_file(void *arg, uint32_t target, uint32_t tgid, const char *path)
{
	struct profile_probe *p = arg;
	int root = root_of(tgid);

	symbol_files_want(p->files, target, root, path);
	/* Who is sampled is in the target's own program, and so in its own root. */
	symbol_files_root(p->files, target, root);
}

void profile_probe_root(struct profile_probe *p, uint32_t target, pid_t pid, bool contained)
{
	struct stat own, its;
	int root;

	if (symbol_files_has_root(p->files, target) || pid <= 0)
		return;
	root = root_of((uint32_t)pid);
	if (root < 0)
		return;
	/* Until who makes a container has moved there, its root is the host's. */
	if (contained && (stat("/", &own) || fstat(root, &its) ||
			  (own.st_dev == its.st_dev && own.st_ino == its.st_ino))) {
		close(root);
		return;
	}
	symbol_files_root(p->files, target, root);
}

static int lay_out(struct profile_probe *p)
{
	size_t n = p->n_targets * STACKS_PER_TARGET;
	int rc;

	p->stacks_max = n < STACKS_LEAST ? STACKS_LEAST : n > STACKS_MOST ? STACKS_MOST : n;
	rc = bpf_map__set_max_entries(p->skel->maps.stacks, (__u32)p->stacks_max);
	return rc ? rc : bpf_map__set_max_entries(p->skel->maps.cpus, (__u32)p->n_cpus);
}

static int sample_cpu(struct profile_probe *p, int cpu)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.sample_period = NSEC_PER_SEC / p->frequency, /* ns, of this event */
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
	char text[1024];
	cpu_set_t online;
	int rc = fs_read_at(AT_FDCWD, "/sys/devices/system/cpu/online", text, sizeof(text));

	if (!rc)
		rc = units_parse_cpus(text, &online);
	p->links = calloc(p->n_cpus, sizeof(*p->links));
	if (!p->links)
		return -ENOMEM;
	p->begin_ns = clock_mono_ns();
	for (size_t i = 0; i < p->n_cpus && i < CPU_SETSIZE && !rc; i++) {
		if (!CPU_ISSET(i, &online))
			continue;
		rc = sample_cpu(p, (int)i);
		p->n_online++;
	}
	return rc;
}

static int load(struct profile_probe *p, const struct probe_targets *targets)
{
	int rc = lay_out(p);

	if (!rc)
		rc = probe_targets_use(targets, p->skel->obj);
	if (!rc)
		rc = profile_bpf__load(p->skel);
	if (rc)
		return rc;
	p->cpus = probe_map_whole(p->skel->maps.cpus, PROT_READ);
	return p->cpus ? attach(p) : -errno;
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

int profile_probe_open(const struct probe_targets *targets, unsigned int frequency,
		       struct profile_probe **ret, struct err *err)
{
	struct profile_probe *p = calloc(1, sizeof(*p));
	const struct space_calls calls = { .unknown = read_maps, .file = want_file, .arg = p };
	int cpus = libbpf_num_possible_cpus(), rc;

	if (!p || cpus < 1) {
		free(p);
		return err_set(err, cpus < 0 ? cpus : -ENOMEM, "the profile probe");
	}
	p->n_targets = probe_targets_count(targets);
	p->n_cpus = (size_t)cpus;
	p->frequency = frequency;
	p->stats_fd = -1;
	rc = spaces_open(&calls, &p->spaces);
	if (!rc)
		rc = symbol_files_open(p->n_targets, &p->files);
	if (rc)
		rc = err_set(err, rc, "the profile probe");
	/* What is mapped first, and then who is there: nobody is sampled of whom nothing was told. */
	if (!rc)
		rc = profile_rings_open(p->n_cpus, &p->rings, err);
	if (!rc)
		rc = open_bpf(p, targets, err);
	if (rc) {
		profile_probe_close(p);
		return rc;
	}
	*ret = p;
	return 0;
}

unsigned int profile_probe_frequency(const struct profile_probe *p)
{
	return p->frequency;
}

static void detach(struct profile_probe *p)
{
	for (size_t i = 0; p->links && i < p->n_cpus; i++) {
		bpf_link__destroy(p->links[i]);
		p->links[i] = NULL;
	}
}

static void take_news(struct profile_probe *p)
{
	int queue = bpf_map__fd(p->skel->maps.news);
	struct profile_news news;

	while (!bpf_map_lookup_and_delete_elem(queue, NULL, &news)) {
		struct space_event e = { .time_ns = news.time_ns,
					 .kind = SPACE_SAMPLED,
					 .tgid = news.tgid,
					 .target = news.target };
		int root;

		(void)profile_rings_add(p->rings, &e); /* what is lost for it has no name */
		if (symbol_files_has_root(p->files, news.target))
			continue;
		root = root_of(news.tgid);
		if (root >= 0)
			symbol_files_root(p->files, news.target, root);
	}
}

void profile_probe_drain(struct profile_probe *p, bool last)
{
	uint64_t now = clock_mono_ns();

	if (last && !p->end_ns) {
		p->end_ns = now;
		detach(p);
	}
	take_news(p);
	profile_rings_feed(p->rings, last ? UINT64_MAX : now - HOLD_BACK_NS, p->spaces);
}

void profile_probe_totals(const struct profile_probe *p, struct profile_totals *ret)
{
	uint64_t end = p->end_ns ? p->end_ns : clock_mono_ns();

	*ret = (struct profile_totals){
		.expected = (uint64_t)((double)(end - p->begin_ns) / NSEC_PER_SEC * p->frequency *
				       (double)p->n_online),
	};
	for (size_t i = 0; i < p->n_cpus; i++) {
		ret->samples += probe_live(&p->cpus[i].samples);
		ret->idle += probe_live(&p->cpus[i].idle);
		ret->others += probe_live(&p->cpus[i].others);
		ret->lost += probe_live(&p->cpus[i].lost);
	}
}

void profile_probe_losses(struct profile_probe *p, struct losses *losses)
{
	struct profile_totals totals;
	uint64_t untold = 0;

	profile_probe_totals(p, &totals);
	for (size_t i = 0; i < p->n_cpus; i++)
		untold += probe_live(&p->cpus[i].untold);
	loss_set(losses, "profile.stacks", totals.lost,
		 "samples of targets whose stack had no room: they are in no function");
	loss_set(losses, "profile.mappings",
		 profile_rings_lost(p->rings) + spaces_forgotten(p->spaces) + untold,
		 "times that there was no room for what the kernel told of processes: of what they "
		 "ran, names may be missing");
	loss_set(losses, "profile.files", symbol_files_missing(p->files),
		 "files that targets ran and that could not be opened (the container was gone by "
		 "then): their functions have no names");
}

size_t profile_probe_costs(struct profile_probe *p, struct probe_cost *costs, size_t max)
{
	return max && probe_cost_read(bpf_program__fd(p->skel->progs.on_sample), "profile",
				      "on_sample", costs);
}

void profile_probe_close(struct profile_probe *p)
{
	if (!p)
		return;
	detach(p);
	free(p->links);
	if (p->stats_fd >= 0)
		close(p->stats_fd);
	if (p->skel)
		probe_map_unmap(p->cpus, p->skel->maps.cpus);
	profile_bpf__destroy(p->skel);
	profile_rings_close(p->rings);
	spaces_close(p->spaces);
	symbol_files_close(p->files);
	free(p);
}

int profile_probe_try(struct err *err)
{
	struct probe_targets *targets;
	struct profile_probe *p;
	int rc = probe_targets_open(1, &targets, err);

	if (rc)
		return rc;
	rc = profile_probe_open(targets, 99, &p, err);
	if (!rc)
		profile_probe_close(p);
	probe_targets_close(targets);
	return rc;
}
