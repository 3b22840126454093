// SPDX-License-Identifier: Apache-2.0
/* Collector "rdt": L3 caches and memory bandwidth of each target's monitor group. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/fd_limit.h"
#include "base/fs.h"
#include "base/loss.h"
#include "host/resctrl_set.h"
#include "launch/target.h"
#include "sample/collector.h"
#include "sample/frame.h"

/* A counter as the kernel tells it, and since the group was made. */
struct counter {
	uint64_t last, sum;
};

struct watched {
	bool opened, done; /* @done: it has ended, and was read after that */
	int fd[RESCTRL_MAX_DOMAINS][RESCTRL_EVENTS]; /* -1: not there, or gone */
	struct counter counters[RESCTRL_MAX_DOMAINS][RESCTRL_EVENTS];
	int schemata_fd;
	bool class_told;
	char schemata[FRAME_SCHEMATA]; /* as put into a frame last */
};

struct rdt_state {
	const struct target_set *targets; /* borrowed */
	const struct resctrl_set *set; /* borrowed */
	struct losses *losses; /* borrowed */
	char text[RESCTRL_SCHEMATA];
	struct watched v[];
};

static const enum metric metrics[RESCTRL_EVENTS] = { METRIC_rdt_llc_occupancy_bytes,
						     METRIC_rdt_mbm_total_bytes,
						     METRIC_rdt_mbm_local_bytes };

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void close_watched(struct watched *w)
{
	for (int d = 0; d < RESCTRL_MAX_DOMAINS; d++)
		for (int e = 0; e < RESCTRL_EVENTS; e++)
			close_fd(&w->fd[d][e]);
	close_fd(&w->schemata_fd);
}

static void rdt_close(void *state)
{
	struct rdt_state *s = state;

	for (size_t i = 0; s && i < s->targets->n; i++)
		close_watched(&s->v[i]);
	free(s);
}

static int rdt_open(const struct collector_env *env, void **ret_state, struct err *err)
{
	size_t n = env->targets->n;
	struct rdt_state *s = calloc(1, sizeof(*s) + n * sizeof(s->v[0]));

	if (!s)
		return err_set(err, -ENOMEM, "collector rdt");
	s->targets = env->targets;
	s->set = env->rdt;
	s->losses = env->losses;
	for (size_t i = 0; i < n; i++) {
		memset(s->v[i].fd, -1, sizeof(s->v[i].fd));
		s->v[i].schemata_fd = -1;
	}
	fd_limit_raise(n * (s->set->fs.n_domains * RESCTRL_EVENTS + 2));
	*ret_state = s;
	return 0;
}

static void lose(struct rdt_state *s, size_t i, const char *file, int code)
{
	loss_add(s->losses, "rdt.files", 1, "%s: %s: %s", s->targets->v[i].name, file,
		 strerrordesc_np(code));
}

static void open_watched(struct rdt_state *s, size_t i, struct watched *w)
{
	const struct resctrl *fs = &s->set->fs;
	const struct resctrl_group *g = &s->set->v[i].group;
	char path[RESCTRL_GROUP_PATH + 64];

	w->opened = true;
	if (!*g->path) {
		w->done = true; /* why there is none was told */
		return;
	}
	for (size_t d = 0; d < fs->n_domains; d++)
		for (int e = 0; e < RESCTRL_EVENTS; e++) {
			if (!fs->has[e])
				continue;
			snprintf(path, sizeof(path), "%s/mon_data/mon_L3_%02u/%s", g->path,
				 fs->domains[d].id, resctrl_event_files[e]);
			w->fd[d][e] = open(path, O_RDONLY | O_CLOEXEC);
			if (w->fd[d][e] < 0)
				lose(s, i, resctrl_event_files[e], errno);
		}
	if (!fs->allocates)
		return;
	if (!resctrl_class_path(fs, g->class, "schemata", path, sizeof(path)))
		w->schemata_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (w->schemata_fd < 0)
		lose(s, i, "schemata", errno);
}

/* Why there is no number is told by file and reason: the kernel gives it for a moment, or for good. */
static bool read_value(struct rdt_state *s, size_t i, int *fd, const char *file, uint64_t *ret)
{
	enum resctrl_value value;
	char text[64];
	ssize_t n;

	if (*fd < 0)
		return false;
	n = fs_pread_text(*fd, text, sizeof(text));
	if (n < 0) {
		lose(s, i, file, (int)-n); /* mostly since somebody removed the group */
		close_fd(fd);
		return false;
	}
	value = resctrl_text_value(text, ret);
	if (value != RESCTRL_NUMBER)
		loss_add(s->losses, "rdt.values", 1, "%s: %s: %s", s->targets->v[i].name, file,
			 resctrl_value_names[value]);
	return value == RESCTRL_NUMBER;
}

/* It begins again when its configuration is changed, or a cache's last CPU has gone and come back. */
static uint64_t count_on(struct rdt_state *s, size_t i, struct counter *c, uint64_t now)
{
	if (now >= c->last)
		c->sum += now - c->last;
	else
		loss_add(s->losses, "rdt.restarts", 1,
			 "%s: a counter of memory bandwidth began again: what was moved between "
			 "two readings is not counted",
			 s->targets->v[i].name);
	c->last = now;
	return c->sum;
}

/* The sum over caches is there when each of them is. */
static void read_domains(struct rdt_state *s, size_t i, struct frame_row *row, struct frame *f)
{
	const struct resctrl *fs = &s->set->fs;
	uint64_t sum[RESCTRL_EVENTS] = { 0 };
	size_t known[RESCTRL_EVENTS] = { 0 };
	struct watched *w = &s->v[i];

	for (size_t d = 0; d < fs->n_domains; d++) {
		struct frame_rdt one = { .owner = i, .domain = fs->domains[d].id };
		bool any = false;

		for (int e = 0; e < RESCTRL_EVENTS; e++) {
			one.has[e] = read_value(s, i, &w->fd[d][e], resctrl_event_files[e],
						&one.bytes[e]);
			if (!one.has[e])
				continue;
			if (e != RESCTRL_OCCUPANCY)
				one.bytes[e] = count_on(s, i, &w->counters[d][e], one.bytes[e]);
			sum[e] += one.bytes[e];
			known[e]++;
			any = true;
		}
		if (any && f->n_rdts < f->max_rdts)
			f->rdts[f->n_rdts++] = one;
	}
	for (int e = 0; e < RESCTRL_EVENTS; e++)
		if (known[e] == fs->n_domains)
			frame_put(row, metrics[e], sum[e]);
}

/* Without padding, and without L2, which has a domain per core. */
static void shorten(const char *text, char to[FRAME_SCHEMATA])
{
	static const char cut[] = "...";
	size_t len = 0;

	while (*text) {
		size_t line = strcspn(text, "\n");
		size_t blanks = strspn(text, " \t");

		for (size_t k = 0; k < line && strncmp(text + blanks, "L2", 2) != 0; k++)
			if (!strchr(" \t", text[k]) && len < FRAME_SCHEMATA)
				to[len++] = text[k];
		text += line + (text[line] == '\n');
		if (len && *text && len < FRAME_SCHEMATA && to[len - 1] != '\n')
			to[len++] = '\n';
	}
	while (len && len < FRAME_SCHEMATA && to[len - 1] == '\n')
		len--;
	if (len == FRAME_SCHEMATA) {
		len -= sizeof(cut);
		memcpy(to + len, cut, sizeof(cut));
		return;
	}
	to[len] = '\0';
}

static void put_allocs(struct rdt_state *s, size_t i, struct frame *f)
{
	struct resctrl_scan scan;
	struct resctrl_alloc a;
	int rc;

	resctrl_scan_begin(&scan, s->text, false);
	while ((rc = resctrl_scan_next(&scan, &a))) {
		const char *wrong = rc < 0 ? NULL : resctrl_alloc_wrong(&s->set->fs.rules, &a);
		struct frame_alloc *to = &f->allocs[f->n_allocs];

		if (rc < 0 || wrong)
			loss_add(s->losses, "rdt.schemata", 1, "%s: %s %s", s->targets->v[i].name,
				 rc < 0 ? "a line" : a.resource,
				 wrong ? wrong : "is not understood");
		if (rc < 0 || !strncmp(a.resource, "L2", 2) || f->n_allocs == f->max_allocs)
			continue;
		*to = (struct frame_alloc){ .owner = i,
					    .domain = a.domain,
					    .value = a.value,
					    .ways = a.bandwidth ? -1
								: __builtin_popcountll(a.value),
					    .wrong = wrong };
		strcpy(to->resource, a.resource);
		f->n_allocs++;
	}
}

static void put_class(struct rdt_state *s, size_t i, struct frame *f)
{
	const struct resctrl_group *g = &s->set->v[i].group;
	struct frame_class *c = &f->classes[f->n_classes++];

	c->owner = i;
	snprintf(c->class, sizeof(c->class), "%s", *g->class ? g->class : "/");
	snprintf(c->group, sizeof(c->group), "%s", strrchr(g->path, '/') + 1);
	memcpy(c->schemata, s->v[i].schemata, sizeof(c->schemata));
}

/* What its control group may use, when that is another than before. */
static void read_class(struct rdt_state *s, size_t i, struct frame *f)
{
	struct watched *w = &s->v[i];
	char now[FRAME_SCHEMATA] = "";
	ssize_t n = 0;

	s->text[0] = '\0';
	if (w->schemata_fd >= 0)
		n = fs_pread_text(w->schemata_fd, s->text, sizeof(s->text));
	if (n < 0) {
		lose(s, i, "schemata", (int)-n);
		close_fd(&w->schemata_fd);
		return;
	}
	shorten(s->text, now);
	if ((w->class_told && !strcmp(now, w->schemata)) || f->n_classes == f->max_classes)
		return;
	w->class_told = true;
	memcpy(w->schemata, now, sizeof(now));
	put_class(s, i, f);
	put_allocs(s, i, f);
}

static void rdt_read(void *state, struct frame *f)
{
	struct rdt_state *s = state;

	for (size_t i = 0; i < s->targets->n; i++) {
		struct watched *w = &s->v[i];
		struct frame_row *row;
		bool gone;

		if (w->done || !atomic_load_explicit(&s->set->v[i].ready, memory_order_acquire))
			continue;
		gone = atomic_load(&s->targets->v[i].gone);
		if (!w->opened)
			open_watched(s, i, w);
		if (w->done)
			continue;
		row = frame_row_of(f, i);
		if (!row)
			return;
		read_domains(s, i, row, f);
		if (!w->class_told || w->schemata_fd >= 0)
			read_class(s, i, f);
		if (frame_row_empty(row) && row == &f->rows[f->n_rows - 1])
			f->n_rows--;
		/* What it leaves in the caches is nobody's use any more. */
		w->done = gone;
		if (gone)
			close_watched(w);
	}
}

const struct collector collector_rdt = {
	.name = "rdt",
	.help = "L3 cache and memory bandwidth per target, from resctrl",
	.open = rdt_open,
	.read = rdt_read,
	.close = rdt_close,
};
