// SPDX-License-Identifier: Apache-2.0
/*
 * Drives the block probe for tests:
 *   drive_block [-b BACKEND] [-c | -l] [-1] [-w WITHOUT]... [-v] [-j CGROUP_DIR]... COMMAND [ARG]...
 * runs COMMAND in the given cgroups while the probe is attached and prints all
 * rows, devices, losses, costs and /proc/diskstats before and after as JSON. -c: the
 * kernel's times; -l: those, once they are known to be right, and what it has cost since then; -1: all CPUs count in one bank; -w: without sizes, sectors, shares or anything;
 * -v: writeback is charged to who dirtied the page. Exit status: 0, or 1 when the
 * probe failed. The command's own status is in the JSON; its output goes to stderr.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/hist.h"
#include "base/loss.h"
#include "probe/block.h"

#define MAX_CGROUPS 8
#define DRAIN_MS 2000

static const char *const ops[BLOCK_OPS] = { "read", "write", "flush", "discard", "other" };

static json_t *hist_json(const struct block_slot *slot, enum block_hist which)
{
	static const struct hist_set nothing;
	struct hist h;

	hist_set_delta(&slot->hists, &nothing, which, &h);
	return json_pack("{sI sI sI sI sI sI}", "count", (json_int_t)h.count, "sum",
			 (json_int_t)h.sum, "max", (json_int_t)h.max, "p50",
			 (json_int_t)hist_quantile(&h, 0.5), "p90",
			 (json_int_t)hist_quantile(&h, 0.9), "p99",
			 (json_int_t)hist_quantile(&h, 0.99));
}

static const char *const whys[BLOCK_WHYS] = { "owned", "no cgroup", "metadata", "writeback" };

static json_t *row_json(const struct block_row *row)
{
	static struct block_counts c;
	const struct block_slot *s = &c.sum;
	json_t *json, *status = json_object();
	char dev[32], code[16];

	block_row_read(row, &c);
	snprintf(dev, sizeof(dev), "%u:%u", row->key.dev >> 20, row->key.dev & 0xfffff);
	for (int i = 0; i < BLOCK_STATUSES; i++) {
		snprintf(code, sizeof(code), "%d", i);
		if (c.status[i])
			json_object_set_new(status, code, json_integer(c.status[i]));
	}
	json = json_pack("{sI ss ss ss ss sI sI sI sI sI sI sI}", "cgroup",
			 (json_int_t)row->key.cgroup_id, "why", whys[row->key.why], "name",
			 row->name, "dev", dev, "op", ops[row->key.op], "ios", (json_int_t)s->ios,
			 "bytes", (json_int_t)s->bytes, "errors", (json_int_t)s->errors, "requeues",
			 (json_int_t)s->requeues, "asked", (json_int_t)s->asked, "consecutive",
			 (json_int_t)s->consecutive, "forward", (json_int_t)s->forward);
	json_object_set_new(json, "backward", json_integer(s->backward));
	json_object_update_new(
		json,
		json_pack("{sI sI sI sI so so so so so}", "missed", (json_int_t)c.rare.missed_ios,
			  "merges", (json_int_t)c.rare.merges, "splits", (json_int_t)c.rare.splits,
			  "partial", (json_int_t)c.rare.partial, "status", status, "queue",
			  hist_json(s, BLOCK_QUEUE), "device", hist_json(s, BLOCK_DEVICE), "total",
			  hist_json(s, BLOCK_TOTAL), "size", hist_json(s, BLOCK_SIZE)));
	return json;
}

static json_t *sharer_json(struct block_probe *p, size_t disk, const struct block_disk_view *d,
			   unsigned int k)
{
	const struct block_sharer *s = &d->sharer[k];
	bool nobody = s->tag > BLOCK_NOBODY(BLOCK_WHYS);
	json_t *lost = json_array();

	for (unsigned int i = 0; i < d->n_sharers; i++)
		json_array_append_new(lost, json_integer(block_probe_cross_ns(p, disk, k, i)));
	return json_pack("{sI sI sI si si so}", "cgroup", nobody ? 0 : (json_int_t)s->tag,
			 "share_ns", (json_int_t)(s->share >> BLOCK_SHARE_SHIFT), "depth_ns",
			 (json_int_t)s->depth_ns, "in_device", s->in_device, "max_depth", s->max,
			 "lost_to", lost);
}

static json_t *disks_json(struct block_probe *p)
{
	size_t n = block_probe_disks(p);
	json_t *list = json_array();
	struct block_disk_view d;

	for (size_t i = 0; i < n; i++) {
		json_t *sharers = json_array();
		char dev[32];

		block_probe_disk(p, i, clock_mono_ns(), &d);
		snprintf(dev, sizeof(dev), "%u:%u", d.dev >> 20, d.dev & 0xfffff);
		for (unsigned int k = 0; k < d.n_sharers; k++)
			json_array_append_new(sharers, sharer_json(p, i, &d, k));
		json_array_append_new(
			list, json_pack("{ss ss sI sI si si sI sI sI sI so}", "dev", dev, "name",
					d.name, "busy_ns", (json_int_t)d.busy_ns, "depth_ns",
					(json_int_t)d.depth_ns, "depth", d.depth, "max_depth",
					d.max_depth, "clock_requests", (json_int_t)d.clock_requests,
					"clock_unset", (json_int_t)d.clock_unset, "clock_early",
					(json_int_t)d.clock_early, "clock_early_max_ns",
					(json_int_t)d.clock_early_max_ns, "sharers", sharers));
	}
	return list;
}

/*
 * {"254:0": [reads, bytes, writes, bytes, discards, bytes, flushes, reads merged,
 * writes merged, ns with I/O, ns of all I/O], ...} of /proc/diskstats now; zeros where
 * the kernel keeps none.
 */
static json_t *diskstats_json(void)
{
	json_t *all = json_object();
	FILE *f = fopen("/proc/diskstats", "re");
	char line[512], dev[32];

	while (f && fgets(line, sizeof(line), f)) {
		unsigned long long v[16] = { 0 };
		unsigned int major, minor;

		if (sscanf(line,
			   "%u %u %*s %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu "
			   "%llu %llu %llu %llu",
			   &major, &minor, &v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &v[6], &v[7],
			   &v[8], &v[9], &v[10], &v[11], &v[12], &v[13], &v[14], &v[15]) < 13)
			continue;
		snprintf(dev, sizeof(dev), "%u:%u", major, minor);
		json_object_set_new(
			all, dev,
			json_pack("[IIIIIIIIIII]", (json_int_t)v[0], (json_int_t)v[2] * 512,
				  (json_int_t)v[4], (json_int_t)v[6] * 512, (json_int_t)v[11],
				  (json_int_t)v[13] * 512, (json_int_t)v[15], (json_int_t)v[1],
				  (json_int_t)v[5], (json_int_t)v[9] * 1000000,
				  (json_int_t)v[10] * 1000000));
	}
	if (f)
		fclose(f);
	return all;
}

#define MAX_COSTS 16

static struct probe_cost when_learned[MAX_COSTS];
static size_t n_when_learned;

static json_t *costs_json(struct block_probe *p, bool since_learned)
{
	struct probe_cost costs[MAX_COSTS];
	json_t *all = json_array();
	size_t n = block_probe_costs(p, costs, MAX_COSTS);

	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; since_learned && k < n_when_learned; k++) {
			if (strcmp(when_learned[k].program, costs[i].program))
				continue;
			costs[i].runs -= when_learned[k].runs;
			costs[i].run_ns -= when_learned[k].run_ns;
		}
		json_array_append_new(all, json_pack("{ss sI sI sI}", "program", costs[i].program,
						     "runs", (json_int_t)costs[i].runs, "run_ns",
						     (json_int_t)costs[i].run_ns, "missed",
						     (json_int_t)costs[i].missed));
	}
	return all;
}

static void print_all(struct block_probe *p, int status, json_t *before, json_t *after)
{
	static struct losses losses = LOSSES_INIT;
	const struct block_row *rows;
	json_t *all = json_object(), *list = json_array(), *lost = json_object();
	size_t n = block_probe_rows(p, &rows);

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, row_json(&rows[i]));
	block_probe_losses(p, &losses);
	for (size_t i = 0; i < losses.n; i++)
		json_object_set_new(lost, losses.v[i].what, json_integer(losses.v[i].count));
	json_object_set_new(all, "backend", json_string(block_probe_backend(p)));
	json_object_set_new(all, "times", json_string(block_times_names[block_probe_times(p)]));
	json_object_set_new(all, "status", json_integer(status));
	json_object_set_new(all, "in_flight", json_integer(block_probe_in_flight(p)));
	json_object_set_new(all, "rows", list);
	json_object_set_new(all, "disks", disks_json(p));
	json_object_set_new(all, "memory_bytes", json_integer(block_probe_memory(p)));
	json_object_set_new(all, "losses", lost);
	json_object_set_new(all, "costs", costs_json(p, false));
	if (n_when_learned)
		json_object_set_new(all, "costs_since_learned", costs_json(p, true));
	json_object_set_new(all, "diskstats_before", before);
	json_object_set_new(all, "diskstats_after", after);
	json_dumpf(all, stdout, JSON_INDENT(1));
	putchar('\n');
	json_decref(all);
}

static void join(const char *cgroup)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "0", 1) != 1) {
		fprintf(stderr, "drive_block: %s: %s\n", path, strerror(errno));
		_exit(126);
	}
	close(fd);
}

/* Wait for the command, looking now and then whether the kernel's times are right. */
static int wait_and_learn(struct block_probe *p, pid_t pid, int *status)
{
	const struct block_row *rows;
	unsigned int tries = 1;
	pid_t got;

	while (!(got = waitpid(pid, status, WNOHANG))) {
		if (!(tries++ % 10)) {
			(void)block_probe_rows(p, &rows); /* as the sampling thread does */
			if (block_probe_learn(p) && !n_when_learned)
				n_when_learned = block_probe_costs(p, when_learned, MAX_COSTS);
		}
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
	return got < 0 ? -1 : 0;
}

static int run(struct block_probe *p, char **argv, char **cgroups, size_t n)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		for (size_t i = 0; i < n; i++)
			join(cgroups[i]);
		dup2(STDERR_FILENO, STDOUT_FILENO);
		execvp(argv[0], argv);
		fprintf(stderr, "drive_block: %s: %s\n", argv[0], strerror(errno));
		_exit(127);
	}
	if (pid < 0 || wait_and_learn(p, pid, &status))
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	char *cgroups[MAX_CGROUPS];
	struct block_config config = { 0 };
	struct block_probe *p;
	struct err err = { 0 };
	json_t *before, *after;
	size_t n = 0;
	int opt, status;

	while ((opt = getopt(argc, argv, "+b:cl1w:vj:")) != -1) {
		if (opt == 'b')
			config.backend = optarg;
		else if (opt == 'c')
			config.times = BLOCK_TIMES_KERNEL;
		else if (opt == 'l')
			config.times = BLOCK_TIMES_LEARN;
		else if (opt == '1')
			config.one_bank = true;
		else if (opt == 'w' && !strcmp(optarg, "sizes"))
			config.without_sizes = true;
		else if (opt == 'w' && !strcmp(optarg, "sectors"))
			config.without_sectors = true;
		else if (opt == 'w' && !strcmp(optarg, "anything"))
			config.without_anything = true;
		else if (opt == 'w' && !strcmp(optarg, "shares"))
			config.without_shares = true;
		else if (opt == 'v')
			config.writeback_is_charged = true;
		else if (opt == 'j' && n < MAX_CGROUPS)
			cgroups[n++] = optarg;
		else
			return 2;
	}
	if (optind == argc)
		return 2;
	if (block_probe_open(&config, &p, &err)) {
		fprintf(stderr, "drive_block: %s\n", err.text);
		return 1;
	}
	before = diskstats_json();
	status = run(p, argv + optind, cgroups, n);
	for (int ms = 0; ms < DRAIN_MS && block_probe_in_flight(p); ms += 10)
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	after = diskstats_json();
	block_probe_detach(p);
	block_probe_settle(p, clock_mono_ns());
	print_all(p, status, before, after);
	block_probe_close(p);
	return 0;
}
