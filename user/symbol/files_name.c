// SPDX-License-Identifier: Apache-2.0
/* Names are asked for, file by file, and waited for. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "symbol/files_ask.h"
#include "symbol/files_table.h"

#define POLL_MS 20

struct wait {
	const struct symbol_patience *patience;
	uint64_t end_ns; /* of all patience */
	bool hurried;
};

static bool is_set(const atomic_bool *flag)
{
	return flag && atomic_load(flag);
}

/* Until *@left is 0; false: patience is over. */
static bool wait_for(struct symbol_files *f, struct wait *w, const size_t *left)
{
	uint64_t heard_ns = clock_mono_ns();

	while (*left) {
		struct pollfd sock = { .fd = f->sock, .events = POLLIN };
		uint64_t now;

		if (f->sock < 0 || is_set(w->patience->at_once))
			return false;
		(void)poll(&sock, 1, POLL_MS); /* a signal may end it: flags are looked at */
		now = clock_mono_ns();
		if (files_take_in(f))
			heard_ns = now;
		if (is_set(w->patience->hurried) && !w->hurried) {
			w->hurried = true;
			if (now + w->patience->hurried_ns < w->end_ns)
				w->end_ns = now + w->patience->hurried_ns;
		}
		if (now > w->end_ns || now - heard_ns > w->patience->silent_ns)
			return false;
	}
	return true;
}

static void ask_names(struct symbol_files *f, struct file *file)
{
	struct ask a = { .kind = ASK_NAMES, .file = file->number, .target = file->target };
	bool said = true;

	for (size_t i = 0; said && i < file->n_offsets; i += a.n) {
		size_t n = file->n_offsets - i;

		a.n = n < ASK_OFFSETS ? n : ASK_OFFSETS;
		a.more = i + a.n < file->n_offsets;
		memcpy(a.offsets, file->offsets + i, a.n * sizeof(a.offsets[0]));
		said = files_say(f, &a);
	}
	if (!said)
		return;
	file->state = NAMING;
	f->naming++;
}

/* A file of each target, then another one of each: none has to wait for all of another one's. */
static void ask_in_turns(struct symbol_files *f, struct wait *w)
{
	size_t *next = calloc(f->n_targets, sizeof(*next)); /* of each target */
	bool found = next != NULL;

	while (found) {
		found = false;
		for (size_t t = 0; t < f->n_targets; t++) {
			struct file *file = NULL;

			while (!file && next[t] < f->n) {
				file = f->files[next[t]++];
				if (file->target != t || file->state != OPEN || !file->n_offsets)
					file = NULL;
			}
			if (!file)
				continue;
			found = true;
			files_in_order(file);
			ask_names(f, file);
			(void)files_take_in(f);
			if (is_set(w->patience->at_once))
				found = false;
		}
	}
	free(next);
}

void symbol_files_name(struct symbol_files *f, const struct symbol_patience *p)
{
	struct wait w = { .patience = p, .end_ns = clock_mono_ns() + p->ns };

	/* The text begins with the name of what has none. */
	(void)buf_put(&f->text, "", 1);
	(void)wait_for(f, &w, &f->asked);
	ask_in_turns(f, &w);
	(void)wait_for(f, &w, &f->naming);
	for (size_t i = 0; i < f->n; i++) {
		struct file *file = f->files[i];

		if (file->state == ASKED || file->state == NAMING ||
		    (file->state == OPEN && file->n_offsets))
			files_lack(f, file, SYMBOL_SILENT);
	}
}
