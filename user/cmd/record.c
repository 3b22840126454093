// SPDX-License-Identifier: Apache-2.0
/* cbpf record: profile what runs already, or one command. */
#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/strlist.h"
#include "cmd/command.h"
#include "cmd/runs.h"
#include "launch/attach.h"
#include "run/run.h"
#include "spec/expand.h"
#include "spec/spec.h"

#define SPEC_MAX (1 << 20)
#define NAME_MAX_LEN 60 /* of a target */

struct record_options {
	struct str_list containers, cgroups, labels, projects;
	uint64_t duration_ns, interval_ns;
	char *store;
	struct str_list set;
	char *name;
	enum flag json, quiet;
};

#define AT(field) .offset = offsetof(struct record_options, field)
static const struct option_row record_rows[] = {
	{ "container", OPTION_STRINGS, AT(containers), .metavar = "N", .letter = 'c',
	  .help = "a running container, by name or id; may be given again, as the next three" },
	{ "cgroup", OPTION_STRINGS, AT(cgroups), .metavar = "P", .letter = 'g',
	  .help = "a cgroup, as a path from where hierarchies are mounted: "
		  "/system.slice/x.service" },
	{ "label", OPTION_STRINGS, AT(labels), .metavar = "K=V", .letter = 'l',
	  .help = "all running containers with this label" },
	{ "compose-project", OPTION_STRINGS, AT(projects), .metavar = "P",
	  .help = "all running containers of this project of Compose" },
	{ "duration", OPTION_DURATION, AT(duration_ns), .metavar = "D", .letter = 'd',
	  .help = "end after this time; absent: when CMD has ended, else when all that is recorded "
		  "has" },
	{ "interval", OPTION_DURATION, AT(interval_ns), .metavar = "D", .letter = 'i',
	  .help = "time between samples; absent: 100ms" },
	{ "store", OPTION_STRING, AT(store), "./cbpf-runs", .metavar = "DIR", .letter = 's',
	  .help = "directory that holds runs; made when missing" },
	{ "set", OPTION_STRINGS, AT(set), .metavar = "KEY=VALUE",
	  .help = "a key as in a spec, such as collectors.profile=true" },
	{ "name", OPTION_STRING, AT(name), "record", .metavar = "N", .letter = 'n',
	  .help = "name of the run" },
	{ "json", OPTION_BOOL, AT(json), "false",
	  .help = "print the report as one JSON object on stdout" },
	{ "quiet", OPTION_BOOL, AT(quiet), "false", .letter = 'q',
	  .help = "no progress on stderr" },
	{ 0 },
};
#undef AT

/* Letters, digits, '_', '.' and '-', as names of containers in a spec are; unlike those in @all. */
static void name_target(const json_t *all, const char *text, char *ret, size_t size)
{
	char base[NAME_MAX_LEN - 4];
	size_t n = 0;

	/* The end of a long path tells more than its beginning. */
	if (strlen(text) >= sizeof(base))
		text += strlen(text) - sizeof(base) + 1;
	for (; *text && n + 1 < sizeof(base); text++) {
		if (isalnum((unsigned char)*text) || (n && strchr("_.-", *text)))
			base[n++] = *text;
		else if (n && base[n - 1] != '-')
			base[n++] = '-';
	}
	base[n] = '\0';
	snprintf(ret, size, "%s", n ? base : "target");
	for (int i = 2; json_object_get(all, ret) && i < 1000; i++)
		snprintf(ret, size, "%s-%d", n ? base : "target", i);
}

/* In a spec, ${NAME} would be the environment's. */
static json_t *plain(const char *text)
{
	cleanup_buf struct buf escaped = BUF_INIT(SPEC_MAX);

	expand_escape(text, &escaped);
	return escaped.failed ? NULL : json_string(buf_str(&escaped));
}

static void add_attached(json_t *all, const char *name, const char *what)
{
	char target[NAME_MAX_LEN];

	name_target(all, name, target, sizeof(target));
	json_object_set_new(all, target, json_pack("{s:o}", "attach", plain(what)));
}

static void add_command(json_t *all, char **argv)
{
	const char *slash = strrchr(argv[0], '/');
	char target[NAME_MAX_LEN], cwd[PATH_MAX];
	json_t *words = json_array();

	name_target(all, slash ? slash + 1 : argv[0], target, sizeof(target));
	for (; *argv; argv++)
		json_array_append_new(words, plain(*argv));
	json_object_set_new(all, target,
			    json_pack("{s:o, s:o*}", "command", words, "working_dir",
				      getcwd(cwd, sizeof(cwd)) ? plain(cwd) : NULL));
}

static int add_labelled(json_t *all, const char *label, struct err *err)
{
	struct str_map found = { 0 };
	int rc = attach_find(label, &found, err);

	for (size_t i = 0; !rc && i < found.n; i++)
		add_attached(all, found.v[i].key, found.v[i].value);
	str_map_fini(&found);
	return rc;
}

static int add_all(const struct record_options *o, char **argv, json_t *all, struct err *err)
{
	char label[512];
	int rc = 0;

	for (size_t i = 0; i < o->containers.n; i++)
		add_attached(all, o->containers.v[i], o->containers.v[i]);
	for (size_t i = 0; i < o->cgroups.n && !rc; i++) {
		if (*o->cgroups.v[i] != '/')
			rc = err_say(err, -EINVAL,
				     "--cgroup %s: expected a path that begins with /",
				     o->cgroups.v[i]);
		add_attached(all, o->cgroups.v[i], o->cgroups.v[i]);
	}
	for (size_t i = 0; i < o->labels.n && !rc; i++)
		rc = add_labelled(all, o->labels.v[i], err);
	for (size_t i = 0; i < o->projects.n && !rc; i++) {
		snprintf(label, sizeof(label), "com.docker.compose.project=%.400s",
			 o->projects.v[i]);
		rc = add_labelled(all, label, err);
	}
	if (!rc && *argv)
		add_command(all, argv);
	return rc;
}

/* A time as a spec takes it. */
static json_t *time_text(uint64_t ns)
{
	return ns == OPTION_UNSET ? NULL : json_sprintf("%lluns", (unsigned long long)ns);
}

/* YAML takes JSON. */
static int make_spec(const struct record_options *o, const json_t *all, struct spec_set *ret)
{
	cleanup_buf struct buf messages = BUF_INIT(SPEC_MAX);
	json_t *spec = json_pack("{s:o, s:s, s:o*, s:o*, s:O}", "name", plain(o->name), "runtime",
				 "attach", "duration",
				 o->duration_ns == OPTION_UNSET ? json_string(RUN_FOREVER)
								: time_text(o->duration_ns),
				 "interval", time_text(o->interval_ns), "containers", all);
	cleanup_free char *text = spec ? json_dumps(spec, 0) : NULL;
	int rc = text ? spec_parse_all("record", text, strlen(text), &o->set, &messages, ret)
		      : -ENOMEM;

	json_decref(spec);
	if (messages.len)
		fputs(buf_str(&messages), stderr);
	return rc;
}

static int record(void *config, int argc, char **argv)
{
	const struct record_options *o = config;
	const struct runs_options how = { .store = o->store, .json = o->json, .quiet = o->quiet };
	json_t *all = json_object();
	struct spec_set specs = { 0 };
	struct err err = { 0 };
	int rc = add_all(o, argv, all, &err), status;

	(void)argc;
	if (rc)
		status = fail(rc == -ENOENT || rc == -EINVAL ? EXIT_USAGE : EXIT_HOST, "record: %s",
			      err.text);
	else if (!json_object_size(all))
		status =
			fail(EXIT_USAGE, "record: nothing to record: name a --container, a "
					 "--cgroup, a --label or a --compose-project, or a command "
					 "after --");
	else if (make_spec(o, all, &specs))
		status = EXIT_USAGE;
	else
		status = runs_carry_out(&how, "record", &specs);
	json_decref(all);
	spec_set_fini(&specs);
	return status;
}

const struct command command_record = {
	.name = "record",
	.args = "[-- CMD...]",
	.summary = "profile what already runs, or one command",
	.description =
		"Looks at containers and cgroups from now on, and leaves them as they are; a "
		"command "
		"at the end is run in the working directory and in cgroups of its own, and what it "
		"prints goes to logs/ in the run's directory. The run is stored and reported as "
		"one "
		"of `cbpf run` is.\n\n"
		"It ends when the command has, after --duration, or when all that is recorded has "
		"ended. Without a command Ctrl-C (SIGTERM, too) is the way to end it, and the exit "
		"status is 0; a second one ends it at once.\n\n"
		"In a container cbpf needs the host's pid and cgroup namespaces, /sys/fs/cgroup "
		"and, to "
		"find containers by name, the engine's socket: see docker/Dockerfile.\n\n"
		"Exit status: 0 ok; 1 the command failed; 2 usage, or nothing has that label; 3 "
		"this "
		"host lacks something that is required; 4 a threshold was crossed; 130 "
		"interrupted.",
	.examples = "cbpf record -- dd if=/dev/zero of=record.tmp bs=1M count=8 conv=fsync\n"
		    "cbpf record --duration 1s --interval 50ms --name nap -- sleep 10\n",
	.options = record_rows,
	.config_size = sizeof(struct record_options),
	.run = record,
};
