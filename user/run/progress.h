/* SPDX-License-Identifier: Apache-2.0 */
/* What a person sees on stderr while a run lasts. */
#ifndef CBPF_RUN_PROGRESS_H
#define CBPF_RUN_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct live;
struct target_set;

enum progress_mode {
	PROGRESS_QUIET, /* nothing but warnings */
	PROGRESS_LINES, /* timed lines, for logs */
	PROGRESS_SCREEN, /* a block of lines redrawn in place */
};

struct progress {
	enum progress_mode mode;
	bool colour;
	uint64_t begin_ns; /* of the run */
	uint64_t limit_ns; /* upper bound of the phase; 0: none to tell */
	uint64_t shown_ns; /* last refresh */
	const char *phase; /* borrowed; "running", "draining", ... */
	unsigned int drawn; /* lines on the screen to be redrawn */
};

/* Picks the mode by what stderr is. */
void progress_init(struct progress *p, bool quiet);

/* A line that stays: "victim: started". @target may be NULL. */
__attribute__((format(printf, 3, 4))) void progress_say(struct progress *p, const char *target,
							const char *fmt, ...);

/* The same for what went wrong: shown even in quiet mode, as "cbpf: victim: text". */
__attribute__((format(printf, 3, 4))) void progress_warn(struct progress *p, const char *target,
							 const char *fmt, ...);

/* Change the phase's name and bound; the next refresh shows them at once. */
void progress_phase(struct progress *p, const char *phase, uint64_t limit_ns);

/*
 * Refresh if it is time (each second on a screen, each five in lines): per
 * target its state, MB/s, IOPS and p99 since the last refresh. NULL sets show
 * the phase alone.
 */
void progress_refresh(struct progress *p, struct live *live, const struct target_set *targets);

/* Take the redrawn block off the screen. */
void progress_end(struct progress *p);

#endif
