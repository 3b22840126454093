// SPDX-License-Identifier: Apache-2.0
/* cbpf run: validate, launch, profile, store, report. */
#include <stdio.h>

#include "base/buf.h"
#include "base/strlist.h"
#include "cmd/command.h"
#include "cmd/runs.h"
#include "spec/spec.h"

struct run_options {
	char *store;
	struct str_list set;
	char *name, *listen, *junit;
	enum flag json, quiet, fail_fast;
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
	{ .name = "junit",
	  .type = OPTION_STRING,
	  .offset = offsetof(struct run_options, junit),
	  .metavar = "FILE",
	  .help = "write what became of each run and each line of expect: as JUnit XML" },
	{ .name = "quiet",
	  .type = OPTION_BOOL,
	  .offset = offsetof(struct run_options, quiet),
	  .preset = "false",
	  .letter = 'q',
	  .help = "no progress on stderr" },
	{ .name = "fail-fast",
	  .type = OPTION_BOOL,
	  .offset = offsetof(struct run_options, fail_fast),
	  .preset = "false",
	  .help = "no further run of a matrix or repetition after one that is not ok" },
	{ 0 }
};

static int load(const struct run_options *o, const char *path, struct spec_set *ret)
{
	cleanup_buf struct buf messages = BUF_INIT(1 << 20);
	struct str_list set = { 0 };
	int rc = str_list_copy(&set, &o->set);

	if (!rc && o->name)
		rc = str_list_addf(&set, "name=%s", o->name);
	if (!rc && o->listen)
		rc = str_list_addf(&set, "sinks.openmetrics.listen=%s", o->listen);
	if (!rc)
		rc = spec_load_all(path, &set, &messages, ret);
	str_list_fini(&set);
	if (messages.len)
		fputs(buf_str(&messages), stderr);
	return rc;
}

static int run(void *config, int argc, char **argv)
{
	const struct run_options *o = config;
	struct spec_set specs = { 0 };
	int status;

	if (argc != 1)
		return fail(EXIT_USAGE, "run takes one SPEC; see 'cbpf run --help'");
	if (load(o, argv[0], &specs))
		return EXIT_USAGE;
	status = runs_carry_out(&(struct runs_options){ o->store, o->json, o->quiet, o->fail_fast,
							o->junit },
				argv[0], &specs);
	spec_set_fini(&specs);
	return status;
}

const struct command command_run = {
	.name = "run",
	.args = "SPEC",
	.summary = "start what a spec describes, profile it, store and report it",
	.description =
		"Validates SPEC, loads the kernel probes, starts the containers and workloads, "
		"samples every tick into a run database, and prints a report when they are "
		"done.\n\n"
		"With `matrix:` or `repeat:` there are several runs, in one group. Every "
		"combination of the matrix has its first run before any has its second; the first "
		"axis varies slowest. A run that fails does not stop the others, unless "
		"--fail-fast is given, and the exit status is that of the worst. Of a matrix a "
		"table is printed at the end: `cbpf report --group` prints it again.\n\n"
		"--junit writes the verdicts for systems of continuous integration: a suite for "
		"each run, with a test for each line of `expect:` and one for the run itself.\n\n"
		"Ctrl-C once ends the run properly, and with it the whole matrix: workloads are "
		"stopped, everything is stored and the exit status is 130. Ctrl-C twice ends it at "
		"once.\n\n"
		"Exit status: 0 ok; 1 a workload failed or its data was corrupt; 2 usage or an "
		"invalid spec; 3 this host lacks something that is required; 4 a threshold of "
		"`expect:` was crossed; 130 interrupted.",
	.examples = "cbpf run specs/quickstart.yml\n"
		    "cbpf run --set interval=50ms --name try-1 --json specs/quickstart.yml\n"
		    "cbpf run --quiet --junit verdicts.xml specs/quickstart.yml\n"
		    "cbpf run --set 'matrix.containers.ior.workload.ior.ranks=[1,2]' "
		    "specs/quickstart.yml\n",
	.options = run_rows,
	.config_size = sizeof(struct run_options),
	.run = run,
};
