// SPDX-License-Identifier: Apache-2.0
/*
 * Drives the block probe for tests:
 *   drive_block [-b BACKEND] [-j CGROUP_DIR]... COMMAND [ARG]...
 * runs COMMAND in the given cgroups while the probe is attached and prints all
 * rows, losses, costs and /proc/diskstats before and after as JSON. Exit status: 0, or 1 when the probe failed.
 * The command's own status is in the JSON; its output goes to stderr.
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

static json_t *hist_json(const struct hist *h)
{
	uint64_t in_buckets = 0;

	for (size_t i = 0; i < HIST_BUCKETS; i++)
		in_buckets += h->bucket[i];
	return json_pack("{sI sI sI sI sI sI}", "count", (json_int_t)h->count, "sum",
			 (json_int_t)h->sum, "max", (json_int_t)h->max, "in_buckets",
			 (json_int_t)in_buckets, "p50", (json_int_t)hist_quantile(h, 0.5), "p99",
			 (json_int_t)hist_quantile(h, 0.99));
}

static json_t *row_json(const struct block_row *row)
{
	const struct block_slot *s = row->now;
	char dev[32];

	snprintf(dev, sizeof(dev), "%u:%u", row->key.dev >> 20, row->key.dev & 0xfffff);
	return json_pack("{sI ss ss ss sI sI sI sI sI so so so}", "cgroup",
			 (json_int_t)row->key.cgroup_id, "name", row->name, "dev", dev, "op",
			 ops[row->key.op], "ios", (json_int_t)s->ios, "bytes", (json_int_t)s->bytes,
			 "errors", (json_int_t)s->errors, "requeues", (json_int_t)s->requeues,
			 "asked", (json_int_t)s->asked, "queue", hist_json(&s->queue), "device",
			 hist_json(&s->device), "total", hist_json(&s->total));
}

/*
 * {"254:0": [reads, bytes, writes, bytes, discards, bytes, flushes], ...} of
 * /proc/diskstats now; zeros where the kernel keeps none.
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
		json_object_set_new(all, dev,
				    json_pack("[IIIIIII]", (json_int_t)v[0], (json_int_t)v[2] * 512,
					      (json_int_t)v[4], (json_int_t)v[6] * 512,
					      (json_int_t)v[11], (json_int_t)v[13] * 512,
					      (json_int_t)v[15]));
	}
	if (f)
		fclose(f);
	return all;
}

static void print_all(struct block_probe *p, int status, json_t *before, json_t *after)
{
	static struct losses losses = LOSSES_INIT;
	struct probe_cost costs[16];
	const struct block_row *rows;
	json_t *all = json_object(), *list = json_array(), *lost = json_object(),
	       *cost = json_array();
	size_t n = block_probe_rows(p, &rows);

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, row_json(&rows[i]));
	block_probe_losses(p, &losses);
	for (size_t i = 0; i < losses.n; i++)
		json_object_set_new(lost, losses.v[i].what, json_integer(losses.v[i].count));
	n = block_probe_costs(p, costs, 16);
	for (size_t i = 0; i < n; i++)
		json_array_append_new(cost, json_pack("{ss sI sI}", "program", costs[i].program,
						      "runs", (json_int_t)costs[i].runs, "run_ns",
						      (json_int_t)costs[i].run_ns));
	json_object_set_new(all, "backend", json_string(block_probe_backend(p)));
	json_object_set_new(all, "status", json_integer(status));
	json_object_set_new(all, "in_flight", json_integer(block_probe_in_flight(p)));
	json_object_set_new(all, "rows", list);
	json_object_set_new(all, "losses", lost);
	json_object_set_new(all, "costs", cost);
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

static int run(char **argv, char **cgroups, size_t n)
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
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	char *cgroups[MAX_CGROUPS];
	const char *backend = NULL;
	struct block_probe *p;
	struct err err = { 0 };
	json_t *before, *after;
	size_t n = 0;
	int opt, status;

	while ((opt = getopt(argc, argv, "+b:j:")) != -1) {
		if (opt == 'b')
			backend = optarg;
		else if (opt == 'j' && n < MAX_CGROUPS)
			cgroups[n++] = optarg;
		else
			return 2;
	}
	if (optind == argc)
		return 2;
	if (block_probe_open(backend, &p, &err)) {
		fprintf(stderr, "drive_block: %s\n", err.text);
		return 1;
	}
	before = diskstats_json();
	status = run(argv + optind, cgroups, n);
	for (int ms = 0; ms < DRAIN_MS && block_probe_in_flight(p); ms += 10)
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	after = diskstats_json();
	block_probe_detach(p);
	block_probe_settle(p, clock_mono_ns());
	print_all(p, status, before, after);
	block_probe_close(p);
	return 0;
}
