// SPDX-License-Identifier: Apache-2.0
/*
 * What the cgroup collector takes for idle cgroups, which are made and removed again:
 *   drive_cgroup CGROUPS SWEEPS
 * prints the median of all sweeps in microseconds, that of opening, reading and closing the same
 * files, which is what most tools do, how many files there are, and how many values they gave.
 * Exit status: 0, 1 when something failed, 2 for usage.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/loss.h"
#include "launch/target.h"
#include "sample/cgroup_source.h"
#include "sample/collector.h"
#include "sample/frame.h"

#define PARENT "/cbpf-bench"

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static double median_us(uint64_t *ns, size_t n)
{
	qsort(ns, n, sizeof(*ns), compare);
	return (double)ns[n / 2] / 1e3;
}

/* Reads what the collector reads of @t, without keeping anything open: how many files there are. */
static size_t read_plainly(const struct target *t)
{
	static char text[32 * 1024];
	size_t n_files = 0;

	for (size_t i = 0; i < cgroup_n_sources; i++) {
		const struct cgroup_source *src = &cgroup_sources[i];
		const char *v1 = src->ctrl == CG_NCTRL ? "" : t->cg.v1[src->ctrl];
		char path[CGROUP_PATH + 64];
		int fd;

		if (src->v1 ? !v1[0] : v1[0] != '\0')
			continue;
		snprintf(path, sizeof(path), "%s/%s", src->v1 ? v1 : t->cg.v2, src->file);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (read(fd, text, sizeof(text)) >= 0)
			n_files++;
		close(fd);
	}
	return n_files;
}

static size_t values_of(const struct frame *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n_rows; i++)
		for (int m = 0; m < METRIC_COUNT; m++)
			n += frame_has(&f->rows[i], m);
	return n;
}

static int measure(const struct target_set *set, size_t sweeps, struct err *err)
{
	static struct losses losses = LOSSES_INIT;
	struct collector_env env = { .targets = set, .losses = &losses };
	uint64_t *ours = calloc(sweeps, sizeof(*ours)), *plain = calloc(sweeps, sizeof(*plain));
	size_t n_files = 0;
	struct frame f;
	void *state;

	if (!ours || !plain || frame_init(&f, set->n, 0, err) ||
	    collector_cgroup.open(&env, &state, err))
		return -1;
	collector_cgroup.read(state, &f); /* opens the files */
	for (size_t i = 0; i < sweeps; i++) {
		uint64_t begin = clock_mono_ns();

		frame_reset(&f);
		collector_cgroup.read(state, &f);
		ours[i] = clock_mono_ns() - begin;
		begin = clock_mono_ns();
		n_files = 0;
		for (size_t t = 0; t < set->n; t++)
			n_files += read_plainly(&set->v[t]);
		plain[i] = clock_mono_ns() - begin;
	}
	printf("%.1f %.1f %zu %zu\n", median_us(ours, sweeps), median_us(plain, sweeps), n_files,
	       values_of(&f));
	collector_cgroup.close(state);
	frame_fini(&f);
	free(ours);
	free(plain);
	return 0;
}

int main(int argc, char **argv)
{
	size_t n = argc == 3 ? strtoul(argv[1], NULL, 10) : 0;
	size_t sweeps = argc == 3 ? strtoul(argv[2], NULL, 10) : 0, made = 0;
	struct target *targets = calloc(n + 1, sizeof(*targets));
	struct target_set set = { targets, n };
	struct cgroup_layout layout;
	struct err err = { 0 };
	int rc;

	if (!n || !sweeps || !targets) {
		fprintf(stderr, "usage: drive_cgroup CGROUPS SWEEPS\n");
		return 2;
	}
	rc = cgroup_layout_read(&layout, &err);
	for (; !rc && made < n; made++) {
		const struct cgroup_limits none = CGROUP_LIMITS_NONE;
		char name[32];

		snprintf(name, sizeof(name), "%d.%zu", getpid(), made);
		rc = cgroup_create(&layout, PARENT, name, &none, &targets[made].cg, &err);
		if (rc)
			break;
		atomic_store(&targets[made].published, true);
	}
	if (!rc)
		rc = measure(&set, sweeps, &err);
	while (made--)
		(void)cgroup_remove(&targets[made].cg); /* empty */
	cgroup_remove_parents(&layout, PARENT);
	free(targets);
	if (rc)
		fprintf(stderr, "drive_cgroup: %s\n", err.text);
	return rc ? 1 : 0;
}
