// SPDX-License-Identifier: Apache-2.0
/* cbpf run: validate, launch, profile, store, report. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/strlist.h"
#include "cmd/command.h"
#include "cmd/terminal.h"
#include "plan/plan.h"
#include "run/interrupt.h"
#include "run/run.h"
#include "spec/spec.h"

struct run_options {
	char *store;
	struct str_list set;
	char *name, *listen;
	enum flag json, quiet;
};

static const struct option_row run_rows[] = {
	{ .name = "store",
	  .type = OPTION_STRING,
	  .offset = offsetof(struct run_options, store),
	  .preset = "./cbpf-runs",
	  .metavar = "DIR",
	  .letter = 's',
	  .help = "directory that holds runs; made when missing" },
	{ .name = "set",
	  .type = OPTION_STRINGS,
	  .offset = offsetof(struct run_options, set),
	  .metavar = "KEY=VALUE",
	  .help = "override a key of the spec, such as interval=50ms" },
	{ .name = "name",
	  .type = OPTION_STRING,
	  .offset = offsetof(struct run_options, name),
	  .metavar = "N",
	  .letter = 'n',
	  .help = "name of the run instead of the spec's" },
	{ .name = "listen",
	  .type = OPTION_STRING,
	  .offset = offsetof(struct run_options, listen),
	  .metavar = "ADDRESS",
	  .help = "serve /metrics for Prometheus while the run lasts: 9464, or 10.0.0.1:9464" },
	{ .name = "json",
	  .type = OPTION_BOOL,
	  .offset = offsetof(struct run_options, json),
	  .preset = "false",
	  .help = "print the report as one JSON object on stdout" },
	{ .name = "quiet",
	  .type = OPTION_BOOL,
	  .offset = offsetof(struct run_options, quiet),
	  .preset = "false",
	  .letter = 'q',
	  .help = "no progress on stderr" },
	{ 0 }
};

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

static int load(const struct run_options *o, const char *path, struct spec **ret)
{
	cleanup_buf struct buf messages = BUF_INIT(1 << 20);
	struct str_list set = { 0 };
	int rc = str_list_copy(&set, &o->set);

	if (!rc && o->name)
		rc = str_list_addf(&set, "name=%s", o->name);
	if (!rc && o->listen)
		rc = str_list_addf(&set, "sinks.openmetrics.listen=%s", o->listen);
	if (!rc)
		rc = spec_load(path, &set, &messages, ret);
	str_list_fini(&set);
	if (messages.len)
		fputs(buf_str(&messages), stderr);
	return rc;
}

static void print_report(const struct run_options *o, const struct run_outcome *outcome)
{
	cleanup_buf struct buf text = BUF_INIT(64 << 20);
	struct report_style style;
	int rc;

	if (o->json == FLAG_ON) {
		json_dumpf(outcome->report, stdout, JSON_COMPACT | JSON_REAL_PRECISION(15));
		putchar('\n');
		return;
	}
	style = terminal_style(false);
	rc = report_text(outcome->report, &style, &text);
	if (rc)
		fail(EXIT_WORKLOAD, "printing the report: %s", strerror(-rc));
	fputs(buf_str(&text), stdout);
	printf("Report: %s/report.html\n", outcome->dir);
}

static enum run_end one(const struct run_options *o, const struct plan *plan)
{
	const struct run_config config = {
		.store_dir = o->store,
		.quiet = o->quiet == FLAG_ON,
	};
	struct run_outcome outcome;
	struct err err = { 0 };
	int rc = run_once(&config, plan, &outcome, &err);

	if (outcome.report)
		print_report(o, &outcome);
	if (rc)
		fail(exit_of(outcome.end), "%s", err.text);
	if (rc && outcome.dir[0])
		fprintf(stderr, "cbpf: what was stored is in %s\n", outcome.dir);
	run_outcome_fini(&outcome);
	return outcome.end;
}

static int run(void *config, int argc, char **argv)
{
	const struct run_options *o = config;
	struct spec *spec = NULL;
	struct err err = { 0 };
	char group[sizeof(((struct plan *)0)->group)] = "";
	enum run_end worst = RUN_OK;
	bool invalid = false;

	if (argc != 1)
		return fail(EXIT_USAGE, "run takes one SPEC; see 'cbpf run --help'");
	if (load(o, argv[0], &spec))
		return EXIT_USAGE;
	if (interrupt_install(&err))
		return fail(EXIT_WORKLOAD, "%s", err.text);
	/* What is missing now would be missing again. */
	for (uint64_t i = 0; i < spec->repeat && worst < RUN_HOST && !invalid; i++) {
		struct plan *plan = NULL;
		enum run_end end;

		if (interrupt_count()) {
			worst = RUN_INTERRUPTED;
			break;
		}
		if (plan_make(spec, clock_wall_ns(), i, i ? group : NULL, &plan, &err)) {
			fail(EXIT_USAGE, "%s: %s", argv[0], err.text);
			invalid = true;
			continue;
		}
		snprintf(group, sizeof(group), "%s", plan->group);
		end = one(o, plan);
		plan_free(plan);
		if (end > worst)
			worst = end;
	}
	spec_free(spec);
	return invalid ? EXIT_USAGE : exit_of(worst);
}

const struct command command_run = {
	.name = "run",
	.args = "SPEC",
	.summary = "start what a spec describes, profile it, store and report it",
	.description =
		"Validates SPEC, loads the kernel probes, starts the containers and workloads, "
		"samples every tick into a run database, and prints a report when they are "
		"done.\n\n"
		"Ctrl-C once ends the run properly: workloads are stopped, everything is stored "
		"and the exit status is 130. Ctrl-C twice ends it at once.\n\n"
		"Exit status: 0 ok; 1 a workload failed or its data was corrupt; 2 usage or an "
		"invalid spec; 3 this host lacks something that is required; 4 a threshold of "
		"`expect:` was crossed; 130 interrupted.",
	.examples = "cbpf run specs/quickstart.yml\n"
		    "cbpf run --set interval=50ms --name try-1 --json specs/quickstart.yml\n",
	.options = run_rows,
	.config_size = sizeof(struct run_options),
	.run = run,
};
