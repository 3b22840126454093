/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a point says that is in rows of earlier ticks: the totals before, the class and the CPUs
 * that were told last. It is read from the database, tick by tick: which one was told last by
 * this feed makes no difference.
 */
#ifndef CBPF_SINK_FEED_STATE_H
#define CBPF_SINK_FEED_STATE_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct feed;
struct measure_column;
struct tick;

#define STATE_EVENTS 256 /* as many as there are numbers for */
#define STATE_SOCKETS 2 /* that container-bench has names for */

/* Of a tick, and of the one before it in which it was told. */
struct state_perf {
	int64_t seq; /* tick of @now; -1: never */
	struct perf_totals {
		int64_t value, enabled_ns, running_ns;
	} now, before;
};

struct state_domain {
	int64_t id, seq;
	int64_t occupancy, total, local; /* bytes; -1: absent */
	int64_t at_ns, before, before_ns; /* @before: the total before; -1: none */
	double mb_s; /* of the tick; NAN: unknown */
};

struct state_alloc {
	int64_t domain, value, ways; /* @ways: -1 of what is no mask */
	bool l3; /* else memory bandwidth */
	char mask[20];
};

struct state_target {
	int64_t id; /* target.id, or -1 and -2 as in perf */
	int64_t sampled; /* last tick with a row of sample */
	int64_t cpu_ns, cpu_at_ns; /* -1: none */
	double cpu_percent; /* of the tick; NAN: unknown */
	char *cpus; /* one by one; NULL: unknown */
	unsigned int cores[STATE_SOCKETS];
	char *class, *group, *l3, *mba; /* NULL: unknown */
	struct state_alloc *allocs;
	size_t n_allocs;
	struct state_domain *domains;
	size_t n_domains;
	struct state_perf *perf; /* of STATE_EVENTS; NULL: none */
};

struct state_event {
	char *field; /* perf_...; NULL: not met yet */
	const struct measure_column *column;
	int input; /* of derived fields; -1: of none */
	bool doubled; /* another event has this field */
};

/* What the host has, which does not change. */
struct state_host {
	bool has_socket[STATE_SOCKETS];
	cpu_set_t first_cpus[STATE_SOCKETS]; /* of each core */
	int64_t l3_ways; /* -1: unknown */
	bool mba_is_percent;
	struct {
		int64_t id, bytes;
	} * caches;
	size_t n_caches;
};

#define STATE_PER_CACHE 9
struct state_cache_names { /* fields of an L3 cache */
	int64_t id;
	char names[STATE_PER_CACHE][64];
	const struct measure_column *columns[STATE_PER_CACHE];
};

struct point;
struct stream;

enum { SIDE_SAMPLE, SIDE_CPUSET, SIDE_PERF, SIDE_RDT, SIDE_CLASS, SIDE_ALLOC, SIDES };

struct state {
	struct stream *sides; /* of SIDES */
	int64_t at; /* last tick that is in it; -1: none */
	struct state_target *targets;
	size_t n_targets;
	struct state_event events[STATE_EVENTS];
	struct state_host host;
	struct state_cache_names **names; /* of caches that were met */
	size_t n_names;
};

int state_open(struct feed *f, struct err *err);
/* As of before @from; rows up to @to will follow. @ret_first: the first tick to take in. */
int state_begin(struct feed *f, int64_t from, int64_t to, int64_t *ret_first, struct err *err);
/* Take in the rows of this tick. */
int state_take(struct feed *f, const struct tick *t, struct err *err);
void state_end(struct feed *f);
void state_close(struct feed *f);

/* NULL: nothing was told of it. */
struct state_target *state_target(const struct feed *f, int64_t id);

/* What an event counted within tick @seq, as if it had had its counter all the time. */
bool state_perf_value(const struct state_perf *p, int64_t seq, double *ret);
/* The part of its time in which it had it, of that tick. */
double state_perf_running(const struct state_perf *p);

/* feed_rdt.c: fields of caches and memory bandwidth of @t, into a point of benchmark_metrics. */
int bench_rdt(struct feed *f, struct point *p, const struct state_target *t, struct err *err);

/* feed_bench.c: its field in benchmark_metrics. -ENOMEM. */
int state_event_name(struct state *s, size_t id, const char *name);

#endif
