// SPDX-License-Identifier: Apache-2.0
/* Progress on a terminal and in logs. */
#include "run/progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/units.h"
#include "launch/target.h"
#include "run/live.h"

#define SCREEN_EVERY_NS NSEC_PER_SEC
#define LINES_EVERY_NS (5 * NSEC_PER_SEC)

void progress_init(struct progress *p, bool quiet)
{
	const char *term = getenv("TERM");
	bool tty = isatty(STDERR_FILENO) && term && strcmp(term, "dumb");

	*p = (struct progress){
		.mode = quiet ? PROGRESS_QUIET
			: tty ? PROGRESS_SCREEN
			      : PROGRESS_LINES,
		.colour = tty && !getenv("NO_COLOR"),
		.begin_ns = clock_mono_ns(),
		.phase = "preparing",
	};
	p->shown_ns = p->begin_ns;
}

void progress_end(struct progress *p)
{
	if (p->drawn)
		fprintf(stderr, "\033[%uA\033[J", p->drawn);
	p->drawn = 0;
}

static double elapsed_s(const struct progress *p)
{
	return (double)(clock_mono_ns() - p->begin_ns) / NSEC_PER_SEC;
}

void progress_say(struct progress *p, const char *target, const char *fmt, ...)
{
	va_list ap;

	if (p->mode == PROGRESS_QUIET)
		return;
	progress_end(p);
	fprintf(stderr, "%8.2fs  %s%s", elapsed_s(p), target ? target : "", target ? ": " : "");
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

void progress_phase(struct progress *p, const char *phase, uint64_t limit_ns)
{
	p->phase = phase;
	p->limit_ns = limit_ns;
	p->shown_ns = 0;
}

void progress_warn(struct progress *p, const char *target, const char *fmt, ...)
{
	va_list ap;

	progress_end(p);
	fprintf(stderr, "cbpf: %s%s", target ? target : "", target ? ": " : "");
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

static const char *state_name(const struct target *t)
{
	switch (t->state) {
	case TARGET_WAITING: return "waiting";
	case TARGET_STARTING: return "starting";
	case TARGET_READY: return "running";
	case TARGET_EXITED: return t->stopped ? "stopped" : t->exit_code ? "failed" : "done";
	case TARGET_FAILED: return "failed";
	}
	return "?";
}

static void show_target(struct progress *p, const struct target *t, const struct live_target *now,
			double seconds)
{
	char p99[32] = "-";

	if (now->total.count)
		units_format_duration(hist_quantile(&now->total, 0.99), p99, sizeof(p99));
	fprintf(stderr, "%s%-20.20s %-8s %9.1f MB/s %9.0f IOPS   p99 %s\n",
		p->mode == PROGRESS_SCREEN ? "  " : "           ", t->name, state_name(t),
		now->bytes / seconds / 1e6, now->ios / seconds, p99);
}

void progress_refresh(struct progress *p, struct live *live, const struct target_set *targets)
{
	uint64_t now_ns = clock_mono_ns();
	uint64_t every_ns = p->mode == PROGRESS_SCREEN ? SCREEN_EVERY_NS : LINES_EVERY_NS;
	double seconds;
	char limit[32], at_most[64] = "";

	if (p->mode == PROGRESS_QUIET || (p->shown_ns && now_ns - p->shown_ns < every_ns))
		return;
	/* A phase that has just begun has no interval of its own to show. */
	seconds = p->shown_ns ? (double)(now_ns - p->shown_ns) / NSEC_PER_SEC : 0;
	p->shown_ns = now_ns;
	progress_end(p);
	if (p->limit_ns) {
		units_format_duration(p->limit_ns, limit, sizeof(limit));
		snprintf(at_most, sizeof(at_most), " (at most %s)", limit);
	}
	fprintf(stderr, "%8.2fs  %s%s%s%s\n", elapsed_s(p), p->colour ? "\033[1m" : "", p->phase,
		p->colour ? "\033[0m" : "", at_most);
	if (p->mode == PROGRESS_SCREEN)
		p->drawn++;
	if (!targets || !live || !seconds)
		return;
	for (size_t i = 0; i < targets->n; i++) {
		struct live_target one;

		live_take(live, i, &one);
		show_target(p, &targets->v[i], &one, seconds);
		if (p->mode == PROGRESS_SCREEN)
			p->drawn++;
	}
}
