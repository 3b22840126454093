// SPDX-License-Identifier: Apache-2.0
/* All runs of a spec, a report of each. */
#include "cmd/runs.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/units.h"
#include "cmd/command.h"
#include "cmd/group.h"
#include "cmd/terminal.h"
#include "plan/course.h"
#include "plan/plan.h"
#include "report/junit.h"
#include "report/report.h"
#include "run/interrupt.h"
#include "run/run.h"

static int exit_of(enum run_end end)
{
	switch (end) {
	case RUN_OK: return EXIT_OK;
	case RUN_THRESHOLD: return EXIT_THRESHOLD;
	case RUN_FAILED: return EXIT_WORKLOAD;
	case RUN_HOST: return EXIT_HOST;
	case RUN_INTERRUPTED: return EXIT_INTERRUPTED;
	}
	return EXIT_WORKLOAD;
}

/* One spec is told in full; of a matrix each run in a line, and all of them at its end. */
static void print_report(const struct runs_options *o, const struct course *c,
			 const struct run_outcome *outcome)
{
	cleanup_buf struct buf text = BUF_INIT(64 << 20);
	char page[PATH_MAX + 16];
	struct report_style style;
	int rc;

	if (o->json == FLAG_ON) {
		json_dumpf(outcome->report, stdout, JSON_COMPACT | JSON_REAL_PRECISION(15));
		putchar('\n');
		fflush(stdout);
		return;
	}
	if (c->specs->n > 1)
		return;
	style = terminal_style(false);
	rc = report_text(outcome->report, &style, &text);
	if (rc)
		fail(EXIT_WORKLOAD, "printing the report: %s", strerror(-rc));
	fputs(buf_str(&text), stdout);
	snprintf(page, sizeof(page), "%s/report.html", outcome->dir);
	if (!access(page, R_OK)) /* not every cbpf is built to make one */
		printf("Report: %s\n", page);
}

/* What JUnit XML tells of a run; one that could not begin has nothing but a name. */
static void keep_for_junit(json_t *kept, const struct plan *plan, const json_t *report)
{
	static const char *const keys[] = { "id",      "name",	     "status",
					    "started", "duration_s", "expect" };
	json_t *run;

	if (!kept)
		return;
	run = report ? json_object()
		     : json_pack("{s:s, s:s, s:s}", "id", plan->id, "name", plan->spec->name,
				 "status", "could not begin");
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (json_object_get(report, keys[i]))
			json_object_set(run, keys[i], json_object_get(report, keys[i]));
	json_array_append_new(kept, run);
}

static enum run_end one(const struct runs_options *o, const struct course *c,
			const struct plan *plan, json_t *kept)
{
	const struct run_config config = {
		.store_dir = o->store,
		.quiet = o->quiet == FLAG_ON,
	};
	struct run_outcome outcome;
	struct err err = { 0 };
	int rc = run_once(&config, plan, &outcome, &err);

	if (outcome.report)
		print_report(o, c, &outcome);
	keep_for_junit(kept, plan, outcome.report);
	if (rc)
		fail(exit_of(outcome.end), "%s", err.text);
	if (rc && outcome.dir[0])
		fprintf(stderr, "cbpf: what was stored is in %s\n", outcome.dir);
	run_outcome_fini(&outcome);
	return outcome.end;
}

/* "3 of 24  transfer=4KiB block=1MiB  repetition 1 of 2  about 4 min left" */
static void tell_run(const struct course *c)
{
	const struct spec *spec = course_spec(c);
	cleanup_buf struct buf axes = BUF_INIT(8192);
	char left[32];
	uint64_t left_ns;

	(void)spec_axes_text(spec, &axes); /* what does not fit is cut */
	for (char *p = axes.data; p && *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	fprintf(stderr, "%llu of %llu%s%s", (unsigned long long)c->run, (unsigned long long)c->runs,
		axes.len ? "  " : "", buf_str(&axes));
	if (spec->repeat > 1)
		fprintf(stderr, "  repetition %llu of %llu", (unsigned long long)c->round + 1,
			(unsigned long long)spec->repeat);
	if (course_left(c, &left_ns)) {
		units_format_about(left_ns, left, sizeof(left));
		fprintf(stderr, "  about %s left", left);
	}
	fputc('\n', stderr);
}

static const char *const end_words[] = {
	[RUN_OK] = "ok",
	[RUN_THRESHOLD] = "a threshold was crossed",
	[RUN_FAILED] = "failed",
	[RUN_HOST] = "could not begin",
	[RUN_INTERRUPTED] = "interrupted",
};

/* What all of a matrix found, or how far it got. */
static void tell_group(const struct runs_options *o, const struct course *c, uint64_t done,
		       const char *group)
{
	struct report_style style;

	if (done < c->runs)
		fprintf(stderr, "cbpf: %llu of %llu runs were done\n", (unsigned long long)done,
			(unsigned long long)c->runs);
	if (c->runs == 1 || o->json == FLAG_ON || !done)
		return;
	style = terminal_style(false);
	if (group_print(o->store, group, &style) == EXIT_OK)
		printf("Report: cbpf report --store %s --group %s\n", o->store, group);
}

static enum run_end run_planned(const struct runs_options *o, struct course *c,
				const struct plan *plan, json_t *kept)
{
	uint64_t begin_ns = clock_mono_ns();
	enum run_end end;

	if (c->runs > 1 && o->quiet != FLAG_ON)
		tell_run(c);
	end = one(o, c, plan, kept);
	course_done(c, clock_mono_ns() - begin_ns);
	if (c->runs > 1 && o->quiet != FLAG_ON)
		fprintf(stderr, "%llu of %llu  %s  %s\n", (unsigned long long)c->run,
			(unsigned long long)c->runs, end_words[end], plan->id);
	return end;
}

/* One run after the other; the exit status of the worst. */
static int run_course(const struct runs_options *o, const char *name, struct course *c,
		      json_t *kept)
{
	char group[sizeof(((struct plan *)0)->group)] = "";
	enum run_end worst = RUN_OK;
	uint64_t done = 0;

	while (!interrupt_count() && course_next(c)) {
		struct plan *plan = NULL;
		struct err err = { 0 };
		enum run_end end;

		if (plan_make(course_spec(c), clock_wall_ns(), c->round, group[0] ? group : NULL,
			      &plan, &err))
			return fail(EXIT_USAGE, "%s: %s", name, err.text);
		plan->group_runs = c->runs;
		snprintf(group, sizeof(group), "%s", plan->group);
		end = run_planned(o, c, plan, kept);
		plan_free(plan);
		done += end != RUN_HOST;
		worst = end > worst ? end : worst;
		if (end == RUN_INTERRUPTED || (o->fail_fast == FLAG_ON && end != RUN_OK))
			break;
		/* What is missing now would be missing again. */
		if (end == RUN_HOST)
			course_give_up(c);
	}
	/* One that a signal is the way to end has ended well. */
	if (interrupt_count() && done < c->runs)
		worst = RUN_INTERRUPTED;
	if (c->runs > 1)
		tell_group(o, c, done, group);
	return exit_of(worst);
}

int runs_carry_out(const struct runs_options *o, const char *name, const struct spec_set *specs)
{
	json_t *kept = o->junit ? json_array() : NULL;
	struct course course = { 0 };
	struct err err = { 0 };
	int status;

	if (interrupt_install(&err))
		status = fail(EXIT_WORKLOAD, "%s", err.text);
	else if (course_init(&course, specs))
		status = fail(EXIT_WORKLOAD, "out of memory");
	else
		status = run_course(o, name, &course, kept);
	course_fini(&course);
	if (o->junit && junit_write_runs(o->junit, kept, &err))
		status = fail(status == EXIT_OK ? EXIT_WORKLOAD : status, "%s", err.text);
	json_decref(kept);
	return status;
}
