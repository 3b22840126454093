// SPDX-License-Identifier: Apache-2.0
/*
 * Which CLOSID and RMID each task of this host would have: a task has its parent's of the moment
 * when it was forked. Who forked is looked up in /proc, so a parent must live until it is.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fuse_resctrl.h"

#define TASKS 8192
#define MOVES 8
#define STALE 20 /* clock ticks */

struct place {
	unsigned long long since; /* clock ticks since boot */
	unsigned int closid, rmid;
};

static struct task {
	pid_t tid;
	unsigned long long started; /* tells one from another with its number */
	bool alive;
	size_t n;
	struct place v[MOVES];
} tasks[TASKS];

static unsigned long long now_ticks(void)
{
	struct timespec t;
	long hz = sysconf(_SC_CLK_TCK);

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (unsigned long long)t.tv_sec * hz + t.tv_nsec / (1000000000 / hz);
}

/* Its parent (of a thread: the process) and when it began. */
static bool read_stat(pid_t tid, pid_t *ret_parent, unsigned long long *ret_started)
{
	char path[64], text[1024], *at;
	pid_t tgid = 0;
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	f = fopen(path, "re");
	if (!f)
		return false;
	while (fgets(text, sizeof(text), f))
		if (sscanf(text, "Tgid: %d", &tgid) == 1)
			break;
	fclose(f);
	snprintf(path, sizeof(path), "/proc/%d/stat", tid);
	f = fopen(path, "re");
	if (!f)
		return false;
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	at = strrchr(text, ')');
	if (!at || sscanf(at + 1, " %*c %d", ret_parent) != 1)
		return false;
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	*ret_started = at ? strtoull(at, NULL, 10) : 0;
	if (tgid && tgid != tid)
		*ret_parent = tgid;
	return true;
}

static struct task *place_for(pid_t tid)
{
	struct task *room = NULL;

	for (size_t i = 0; i < TASKS; i++) {
		if (tasks[i].tid == tid)
			return &tasks[i];
		if (!tasks[i].tid && !room)
			room = &tasks[i];
	}
	if (room)
		room->tid = tid;
	return room;
}

static struct place at_time(const struct task *t, unsigned long long when)
{
	struct place p = { 0 };

	for (size_t i = 0; t && i < t->n; i++)
		if (t->v[i].since <= when)
			p = t->v[i];
	return p;
}

/* NULL: it is gone, or there are too many. */
static struct task *find(pid_t tid, int depth)
{
	unsigned long long started;
	struct task *t, *parent;
	pid_t ppid;

	if (tid <= 0 || depth > 64 || !read_stat(tid, &ppid, &started))
		return NULL;
	t = place_for(tid);
	if (!t)
		return NULL;
	t->alive = true;
	if (t->n && t->started == started)
		return t;
	parent = find(ppid, depth + 1);
	t->started = started;
	t->v[0] = at_time(parent, started);
	t->v[0].since = 0;
	t->n = 1;
	return t;
}

static void look_at_threads(const char *pid)
{
	char path[300];
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%s/task", pid);
	d = opendir(path);
	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.')
			(void)find(atoi(e->d_name), 0);
	if (d)
		closedir(d);
}

static void look(void)
{
	DIR *d = opendir("/proc");
	struct dirent *e;

	for (size_t i = 0; i < TASKS; i++)
		tasks[i].alive = false;
	while (d && (e = readdir(d)))
		if (atoi(e->d_name) > 0)
			look_at_threads(e->d_name);
	if (d)
		closedir(d);
	for (size_t i = 0; i < TASKS; i++)
		if (!tasks[i].alive)
			tasks[i] = (struct task){ 0 };
}

static void move(struct task *t, unsigned int closid, unsigned int rmid)
{
	if (t->n == MOVES) {
		memmove(&t->v[1], &t->v[2], (MOVES - 2) * sizeof(t->v[0]));
		t->n--;
	}
	t->v[t->n++] = (struct place){ now_ticks(), closid, rmid };
}

void fake_tasks_move(pid_t tid, unsigned int closid, unsigned int rmid)
{
	struct task *t = find(tid, 0);

	if (t)
		move(t, closid, rmid);
}

void fake_tasks_leave(unsigned int closid, unsigned int rmid, bool all_of_closid)
{
	look();
	for (size_t i = 0; i < TASKS; i++) {
		const struct place *p = &tasks[i].v[tasks[i].n - 1];

		if (!tasks[i].tid || p->closid != closid || (!all_of_closid && p->rmid != rmid))
			continue;
		/* Of a monitor group to its control group's, whose RMID the model calls 0. */
		move(&tasks[i], all_of_closid ? 0 : closid, 0);
	}
}

bool fake_tasks_in(pid_t tid, unsigned int *ret_closid, unsigned int *ret_rmid)
{
	struct task *t = find(tid, 0);

	if (!t)
		return false;
	*ret_closid = t->v[t->n - 1].closid;
	*ret_rmid = t->v[t->n - 1].rmid;
	return true;
}

size_t fake_tasks_list(bool mon, unsigned int closid, unsigned int rmid, char *text)
{
	/* A look takes a while: counters do with one of a little before. */
	static unsigned long long looked;
	size_t n = 0, len = 0;

	if (text || now_ticks() > looked + STALE) {
		look();
		looked = now_ticks();
	}
	for (size_t i = 0; i < TASKS; i++) {
		const struct place *p = &tasks[i].v[tasks[i].n - 1];

		if (!tasks[i].tid || p->closid != closid || (mon && p->rmid != rmid))
			continue;
		n++;
		if (text && len < FAKE_TEXT - 32)
			len += (size_t)sprintf(text + len, "%d\n", tasks[i].tid);
	}
	return n;
}
