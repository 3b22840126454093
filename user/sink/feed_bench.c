// SPDX-License-Identifier: Apache-2.0
/* Fields of container-bench that are not in one row: events, what follows from them, caches, CPUs. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "sink/feed_internal.h"
#include "sink/measure_rows.h"

/* An event that had a counter for less of its time says too little to divide by; as in reports. */
#define LEAST_RUNNING 0.2

enum input {
	NONE,
	INSTRUCTIONS,
	CYCLES,
	CACHE_REFERENCES,
	CACHE_MISSES,
	BRANCHES,
	BRANCH_MISSES,
	STALLS,
	STALLS_L3_MISS,
	INPUTS
};
static const char *const inputs[INPUTS] = {
	[INSTRUCTIONS] = "perf_instructions",
	[CYCLES] = "perf_cycles",
	[CACHE_REFERENCES] = "perf_cache_references",
	[CACHE_MISSES] = "perf_cache_misses",
	[BRANCHES] = "perf_branch_instructions",
	[BRANCH_MISSES] = "perf_branch_misses",
	[STALLS] = "perf_stalls_total",
	[STALLS_L3_MISS] = "perf_stalls_l3_miss",
};

/* times * part / (of - less), as container-bench has it. */
static const struct {
	const char *field;
	enum input part, of, less;
	double times;
} derived[] = {
	{ "perf_cache_miss_rate", CACHE_MISSES, CACHE_REFERENCES, NONE, 1 },
	{ "perf_branch_miss_rate", BRANCH_MISSES, BRANCHES, NONE, 100 },
	{ "perf_instructions_per_cycle", INSTRUCTIONS, CYCLES, NONE, 1 },
	{ "perf_stalled_cycles_percent", STALLS, CYCLES, NONE, 100 },
	{ "perf_stalls_l3_miss_percent", STALLS_L3_MISS, STALLS, NONE, 100 },
	{ "perf_theoretical_ipc", INSTRUCTIONS, CYCLES, STALLS, 1 },
};

static bool is_derived(const char *field)
{
	for (size_t i = 0; i < ARRAY_SIZE(derived); i++)
		if (!strcmp(derived[i].field, field))
			return true;
	return false;
}

/* What perf list has two names for. */
static const char *usual_name(const char *name)
{
	if (!strcmp(name, "cpu-cycles"))
		return "cycles";
	return strcmp(name, "branches") ? name : "branch-instructions";
}

int state_event_name(struct state *s, size_t id, const char *name)
{
	struct state_event *e = &s->events[id];

	if (asprintf(&e->field, "perf_%s", usual_name(name)) < 0) {
		e->field = NULL;
		return -ENOMEM;
	}
	for (char *c = e->field; *c; c++) {
		if (*c >= 'A' && *c <= 'Z')
			*c |= 0x20;
		else if (!(*c >= 'a' && *c <= 'z') && !(*c >= '0' && *c <= '9'))
			*c = '_';
	}
	e->column = measure_column(&benchmark_metrics, e->field);
	e->input = -1;
	for (int i = 1; i < INPUTS; i++)
		if (!strcmp(e->field, inputs[i]))
			e->input = i;
	/* A point has each field once; all of them are in cbpf_perf. */
	e->doubled = !e->column || is_derived(e->field);
	for (size_t i = 0; i < STATE_EVENTS; i++)
		if (i != id && s->events[i].field && !s->events[i].doubled &&
		    !strcmp(s->events[i].field, e->field))
			e->doubled = true;
	return 0;
}

static const struct measure_column *column(const char *name)
{
	return measure_column(&benchmark_metrics, name);
}

static void put_derived(struct point *p, const double in[INPUTS])
{
	static const struct measure_column *columns[ARRAY_SIZE(derived)];

	for (size_t i = 0; i < ARRAY_SIZE(derived); i++) {
		double of = in[derived[i].of] - in[derived[i].less];
		double value = derived[i].times * in[derived[i].part] / of;

		if (!columns[i])
			columns[i] = column(derived[i].field);
		if (of > 0 && isfinite(value))
			point_real(p, columns[i], derived[i].field, value);
	}
}

static void put_perf(struct feed *f, struct point *p, const struct state_target *t)
{
	double in[INPUTS], v;

	for (int i = 1; i < INPUTS; i++)
		in[i] = NAN;
	in[NONE] = 0;
	for (size_t i = 0; t->perf && i < STATE_EVENTS; i++) {
		const struct state_event *e = &f->state.events[i];

		if (!e->field || e->doubled || !state_perf_value(&t->perf[i], f->tick.seq, &v))
			continue;
		point_int(p, e->column, e->field, llround(v));
		if (e->input > 0 && state_perf_running(&t->perf[i]) >= LEAST_RUNNING)
			in[e->input] = v;
	}
	put_derived(p, in);
}

static void put_first(struct feed *f, struct point *p)
{
	static const struct measure_column *relative;

	if (!relative)
		relative = column("relative_time");
	if (f->first_ns >= 0)
		point_int(p, relative, relative->name, f->tick.end_ns - f->first_ns);
}

int more_bench(struct feed *f, struct point *p, struct err *err)
{
	/* Its first tag after the run's. */
	const struct state_target *t = state_target(f, sqlite3_column_int64(f->row, 4));
	static const struct measure_column *cores, *percent;

	if (!cores)
		cores = column("docker_assigned_cores");
	if (!percent)
		percent = column("docker_cpu_usage_percent");
	put_first(f, p);
	if (!t)
		return 0;
	if (t->cpus && t->sampled == f->tick.seq)
		point_text(p, cores, cores->name, t->cpus);
	if (!isnan(t->cpu_percent) && t->sampled == f->tick.seq)
		point_real(p, percent, percent->name, t->cpu_percent);
	put_perf(f, p, t);
	return bench_rdt(f, p, t, err);
}

static void put_tag(struct point *p, const char *name, const char *text)
{
	if (text)
		p->tags[p->n_tags++] = (struct point_value){
			.column = measure_column(p->measurement, name), .name = name, .text = text
		};
}

/* A container that was not looked at in this tick uses none. */
int more_cores(struct feed *f, struct point *p, struct err *err)
{
	static const char *const fields[STATE_SOCKETS] = { "coresAllocatedSocketZero",
							   "coresAllocatedSocketOne" };
	unsigned int cores[STATE_SOCKETS] = { 0 };
	bool any = false;

	(void)err;
	for (size_t i = 0; i < f->state.n_targets; i++) {
		const struct state_target *t = &f->state.targets[i];

		if (t->sampled != f->tick.seq || !t->cpus)
			continue;
		any = true;
		for (int k = 0; k < STATE_SOCKETS; k++)
			cores[k] += t->cores[k];
	}
	if (!any || !f->state.host.has_socket[0])
		return -ENODATA;
	put_tag(p, "benchmark_id", f->id);
	put_tag(p, "host", f->host);
	put_tag(p, "benchmark_started", f->started);
	point_int(p, measure_column(p->measurement, "step_number"), "step_number", f->tick.seq);
	if (f->first_ns >= 0)
		point_int(p, measure_column(p->measurement, "relative_time"), "relative_time",
			  f->tick.end_ns - f->first_ns);
	for (int k = 0; k < STATE_SOCKETS; k++)
		if (f->state.host.has_socket[k])
			point_int(p, measure_column(p->measurement, fields[k]), fields[k],
				  cores[k]);
	return 0;
}
