// SPDX-License-Identifier: Apache-2.0
/* Backend "bpf": loads the program that charges events to targets, and has it run on each CPU. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/loss.h"
#include "perf.skel.h"
#include "probe/load.h"
#include "probe/map.h"
#include "probe/perf_internal.h"
#include "probe/targets.h"

#define MAX_BANKS 64
#define TRIES 3 /* a program of a task can be at work on a CPU just then */

struct perf_by_bpf {
	struct perf_bpf *skel;
	unsigned int n_banks;
	const struct perf_reading *counts; /* as the map has them */
	struct bpf_link *links[3];
	int stats_fd;
	int read_fd; /* the program that charges what is running */
};

static const char *const program_names[] = { "on_switch", "on_attach", "on_exec", "on_read" };

static int lay_out(struct perf_probe *p)
{
	struct perf_by_bpf *b = p->by_bpf;
	int rc;

	b->n_banks = probe_banks(p->n_cpus, MAX_BANKS);
	b->skel->rodata->bank_mask = b->n_banks - 1;
	b->skel->rodata->shared_banks = b->n_banks < p->n_cpus;
	b->skel->rodata->n_targets = p->n_targets;
	b->skel->rodata->n_cpus = p->n_cpus;
	b->skel->rodata->n_events = p->n_events;
	for (size_t i = 0; i < p->n_events; i++)
		if (perf_event_is_switches(&p->events[i]))
			b->skel->rodata->switch_events |= 1u << i;
	rc = bpf_map__set_max_entries(b->skel->maps.events, p->n_events * p->n_cpus);
	if (!rc)
		rc = bpf_map__set_max_entries(b->skel->maps.counts,
					      (p->n_targets + 1) * b->n_banks * p->n_events);
	if (!rc)
		rc = bpf_map__set_max_entries(b->skel->maps.cpus, p->n_cpus);
	return rc;
}

static int fill_events(struct perf_probe *p)
{
	int map = bpf_map__fd(p->by_bpf->skel->maps.events);

	for (__u32 i = 0; i < p->n_events * p->n_cpus; i++)
		if (p->cpu_fds[i] >= 0 && bpf_map_update_elem(map, &i, &p->cpu_fds[i], BPF_ANY))
			return -errno;
	return 0;
}

static int attach(struct perf_by_bpf *b)
{
	struct bpf_program *const programs[] = { b->skel->progs.on_switch, b->skel->progs.on_attach,
						 b->skel->progs.on_exec };

	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		b->links[i] = bpf_program__attach(programs[i]);
		if (!b->links[i])
			return -errno;
	}
	return 0;
}

/* On one CPU; 1: it was busy, -errno: it cannot be done there. */
static int read_on(const struct perf_by_bpf *b, __u32 cpu)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .flags = BPF_F_TEST_RUN_ON_CPU, .cpu = cpu);
	int rc = bpf_prog_test_run_opts(b->read_fd, &opts);

	return rc ? rc : (int)opts.retval;
}

void perf_by_bpf_sweep(struct perf_probe *p)
{
	for (size_t i = 0; i < p->n_cpus; i++)
		for (int n = 0; p->cpu_fds[i] >= 0 && n < TRIES && read_on(p->by_bpf, i) == 1; n++)
			;
}

static void begin_count(struct perf_probe *p, size_t event, size_t cpu)
{
	int fd = p->cpu_fds[event * p->n_cpus + cpu];
	struct perf_count now;

	if (fd < 0 || perf_event_read(fd, &now))
		return;
	p->start[event].value += now.value;
	p->start[event].enabled_ns += now.enabled_ns;
	p->start[event].running_ns += now.running_ns;
}

/* Everything is charged to somebody from here on, and each CPU's own count begins. */
static int begin(struct perf_probe *p)
{
	for (size_t i = 0; i < p->n_cpus; i++) {
		int rc = p->cpu_fds[i] < 0 ? 0 : read_on(p->by_bpf, i);

		if (rc < 0 && rc != -ENXIO)
			return rc;
		for (size_t e = 0; e < p->n_events; e++)
			begin_count(p, e, i);
	}
	return 0;
}

static int load(struct perf_probe *p)
{
	struct perf_by_bpf *b = p->by_bpf;
	int rc = lay_out(p);

	if (!rc)
		rc = probe_targets_use(p->targets, b->skel->obj);
	if (!rc)
		rc = perf_bpf__load(b->skel);
	if (rc)
		return rc;
	b->read_fd = bpf_program__fd(b->skel->progs.on_read);
	b->counts = probe_map_whole(b->skel->maps.counts, PROT_READ);
	if (!b->counts)
		return -errno;
	rc = fill_events(p);
	if (!rc)
		rc = attach(b);
	return rc ? rc : begin(p);
}

int perf_by_bpf_open(struct perf_probe *p, struct err *err)
{
	struct probe_log log;
	int rc;

	p->by_bpf = calloc(1, sizeof(*p->by_bpf));
	if (!p->by_bpf)
		return err_set(err, -ENOMEM, "the perf probe");
	p->by_bpf->stats_fd = -1;
	probe_log_begin(&log);
	p->by_bpf->skel = perf_bpf__open();
	rc = p->by_bpf->skel ? load(p) : -errno;
	probe_log_end();
	if (rc) {
		rc = probe_fail(err, rc, "load the perf probe (bpf)", &log);
		perf_by_bpf_close(p->by_bpf);
		p->by_bpf = NULL;
		return rc;
	}
	p->by_bpf->stats_fd =
		bpf_enable_stats(BPF_STATS_RUN_TIME); /* without it costs are not known */
	return 0;
}

void perf_by_bpf_read(const struct perf_probe *p, size_t slot, size_t event, struct perf_count *ret)
{
	const struct perf_by_bpf *b = p->by_bpf;

	*ret = (struct perf_count){ 0 };
	for (unsigned int k = 0; k < b->n_banks; k++) {
		const struct perf_reading *r =
			&b->counts[(slot * b->n_banks + k) * p->n_events + event];

		ret->value += probe_live(&r->counter);
		ret->enabled_ns += probe_live(&r->enabled_ns);
		ret->running_ns += probe_live(&r->running_ns);
	}
}

void perf_by_bpf_losses(struct perf_probe *p, struct losses *losses)
{
	const __u64 *drops = p->by_bpf->skel->bss->drops;

	loss_set(losses, "perf.read", probe_live(&drops[PERF_DROP_READ]),
		 "times that an event could not be read (its CPU came after the run had begun): "
		 "what "
		 "it counted there is missing");
	loss_set(losses, "perf.switch", probe_live(&drops[PERF_DROP_SWITCH]),
		 "switches that this kernel did not tell of: what was counted since the one before "
		 "is "
		 "taken for that of who came to the CPU by it");
	loss_set(losses, "perf.busy", probe_live(&drops[PERF_DROP_BUSY]),
		 "times that a CPU changed hands while what had been counted was being charged: "
		 "what followed is another's until the next switch");
}

size_t perf_by_bpf_costs(struct perf_probe *p, struct probe_cost *costs, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(program_names) && n < max; i++) {
		const struct bpf_program *program =
			bpf_object__find_program_by_name(p->by_bpf->skel->obj, program_names[i]);

		n += probe_cost_read(bpf_program__fd(program), "perf", program_names[i], &costs[n]);
	}
	return n;
}

void perf_by_bpf_close(struct perf_by_bpf *b)
{
	if (!b)
		return;
	for (size_t i = ARRAY_SIZE(b->links); i-- > 0;)
		bpf_link__destroy(b->links[i]);
	if (b->stats_fd >= 0)
		close(b->stats_fd);
	if (b->skel)
		probe_map_unmap(b->counts, b->skel->maps.counts);
	perf_bpf__destroy(b->skel);
	free(b);
}
