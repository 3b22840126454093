/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that cut a run's numbers to the phases of a tool share. */
#ifndef CBPF_REPORT_PHASES_H
#define CBPF_REPORT_PHASES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hist.h"
#include "report/budget.h"

struct building;

enum phase_kind { OF_CALLS, OF_MOUNT, OF_DEVICE };

/* Requests or calls of one operation within a phase. */
struct phase_cell {
	enum phase_kind kind;
	int64_t place; /* device.dev or mount.id; 0 for calls */
	char op[24];
	double ios, bytes, errors;
	struct hist latency; /* of calls; of requests in their device */
	struct hist total; /* of requests, with their time in the queue */
};

/* Counters of `sample` that are cut: their columns, in the order of the sums. */
enum phase_sample {
	SAMPLE_CPU,
	SAMPLE_USER,
	SAMPLE_SYSTEM,
	SAMPLE_CPU_SOME,
	SAMPLE_MEMORY_SOME,
	SAMPLE_IO_SOME,
	SAMPLE_IO_FULL,
	SAMPLE_ACCESSED,
	SAMPLE_MISSED,
	SAMPLE_DIRTIED,
	SAMPLES
};

struct window { /* a phase of the tool */
	char op[8]; /* write, read */
	enum use use;
	uint64_t from_ns, to_ns;
	uint64_t wall_ns; /* when ranks were told to end; 0: never */
	double wall_bytes; /* that calls moved after it */
	json_t *json; /* of the report; borrowed */
	struct phase_cell *cells; /* owned */
	size_t n_cells;
	double sums[SAMPLES];
	bool known[SAMPLES];
	size_t ticks, edge_ticks,
		shared_ticks; /* all; only partly inside; of more than one phase */
	/* Moved in ticks that are only partly inside, by anybody: the cut is wrong by no more. */
	double edge_bytes, edge_device_bytes;
};

/* What a tick's row holds was counted from the begin of the sweep before to the end of its own. */
struct slot {
	int64_t seq;
	uint64_t from_ns, to_ns;
	size_t first, last; /* windows that may overlap it: [first, last) */
};

struct cutting {
	int64_t target;
	bool ratios; /* enough of page cache reads was seen to trust ratios */
	struct window *windows; /* owned, by their begin */
	size_t n_windows;
	struct slot *slots; /* owned, one per tick, in order */
	size_t n_slots;
};

/*
 * The part of what calls of @use did in a tick that is of window @k. A tick in which one
 * phase was under way is that phase's. Where there are more, calls that read are of those that
 * read, and each has as much as it has of the tick.
 */
double phases_part(const struct cutting *c, const struct slot *s, size_t k, enum use use);
/* Of what goes on between phases, too (CPU time, pressure): as much as window @k has of the tick. */
double phases_time_part(const struct cutting *c, const struct slot *s, size_t k);
/* The tick of that number; NULL: none. */
const struct slot *phases_slot(const struct cutting *c, int64_t seq);

/* Calls, requests and counters into the windows; 0 or what is in @b->err. */
int phases_fill(struct building *b, struct cutting *c);
/* What was filled in, as JSON into each window's object. */
void phases_put(struct building *b, const struct cutting *c);

#endif
