// SPDX-License-Identifier: Apache-2.0
/* cbpf check: what this host can and cannot do, why, and the command that would fix it. */
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "cmd/command.h"
#include "cmd/usage.h"
#include "run/preflight.h"

enum { FORMAT_TEXT, FORMAT_JSON };
static const char *const formats[] = { "text", "json", NULL };

struct check_config {
	int format;
	char *store;
};

static const struct option_row check_rows[] = {
	{ "format", OPTION_ENUM, offsetof(struct check_config, format), .preset = "text",
	  .choices = formats, .metavar = "FORMAT", .help = "how to print it" },
	{ "store", OPTION_STRING, offsetof(struct check_config, store), .preset = "./cbpf-runs",
	  .metavar = "DIR", .help = "directory of runs whose free space is looked at" },
	{ 0 },
};

#define TEXT_COLUMN 39

/* @text in the right column, wrapped on a terminal and in one line elsewhere. */
static void print_text(const char *text, bool terminal)
{
	cleanup_buf struct buf lines = BUF_INIT(4096);

	usage_wrap(text, TEXT_COLUMN, terminal ? usage_width() : INT_MAX, &lines);
	if (lines.len > TEXT_COLUMN)
		fputs(lines.data + TEXT_COLUMN, stdout);
	else
		putchar('\n');
}

static void print_line(const struct feature *f, const struct feature_result *r, bool terminal)
{
	static const char *const colours[] = { "\033[31m", "\033[33m", "\033[32m" };
	char fix[sizeof(r->fix) + 8];

	printf("  %s%-9s%s %-26s ", terminal ? colours[r->status] : "",
	       feature_status_name(r->status), terminal ? "\033[0m" : "", f->title);
	print_text(r->why, terminal);
	if (!r->fix[0])
		return;
	snprintf(fix, sizeof(fix), "fix: %s", r->fix);
	printf("%*s", TEXT_COLUMN, "");
	print_text(fix, terminal);
}

static void add_json(json_t *all, const struct feature *f, const struct feature_result *r)
{
	json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:b}", "id", f->id, "title", f->title, "status",
			      feature_status_name(r->status), "why", r->why, "needed",
			      preflight_is_needed(f->id));

	if (o && r->fix[0])
		json_object_set_new(o, "fix", json_string(r->fix));
	json_array_append_new(all, o);
}

/* "block" is block and what belongs to it: block.tp_btf. */
static bool belongs(const struct feature *f, const char *what)
{
	size_t len = strlen(what);

	return !strncmp(f->id, what, len) && (!f->id[len] || f->id[len] == '.');
}

static bool is_wanted(const struct feature *f, char *const *wanted)
{
	for (char *const *w = wanted; *w; w++)
		if (belongs(f, *w))
			return true;
	return !*wanted;
}

static bool is_known(const char *what)
{
	for (const struct preflight_group *g = preflight_groups; g->title; g++)
		for (const struct feature *f = g->rows; f->id; f++)
			if (belongs(f, what))
				return true;
	return false;
}

/* How many needed things are missing; @all is NULL when lines are printed. */
static int check_each(const struct feature_env *env, char *const *wanted, json_t *all,
		      bool terminal)
{
	int missing = 0;

	for (const struct preflight_group *g = preflight_groups; g->title; g++) {
		bool titled = all;

		for (const struct feature *f = g->rows; f->id; f++) {
			struct feature_result r = { 0 };

			if (!is_wanted(f, wanted))
				continue;
			if (!titled)
				printf("%s\n", g->title);
			titled = true;
			f->check(f, env, &r);
			if (all)
				add_json(all, f, &r);
			else
				print_line(f, &r, terminal);
			missing += r.status == FEATURE_NO && preflight_is_needed(f->id);
		}
	}
	return missing;
}

static int check_run(void *data, int argc, char **argv)
{
	const struct check_config *config = data;
	struct feature_env env;
	json_t *all = NULL;
	int missing, rc;

	for (int i = 0; i < argc; i++)
		if (!is_known(argv[i]))
			return fail(EXIT_USAGE,
				    "check: nothing is called '%s': see the ids of `cbpf check "
				    "--format json`",
				    argv[i]);
	rc = preflight_env(config->store, &env);
	if (rc)
		return fail(EXIT_WORKLOAD, "check: opening /: %s", strerror(-rc));
	if (config->format == FORMAT_JSON)
		all = json_array();
	missing = check_each(&env, argv, all, isatty(STDOUT_FILENO));
	close(env.root);
	if (all) {
		json_dumpf(all, stdout, JSON_INDENT(2));
		putchar('\n');
		json_decref(all);
	} else if (argc) {
		; /* the lines have said all */
	} else if (missing) {
		printf("\nThis host lacks something that the default collectors need.\n");
	} else {
		printf("\nThis host can run the default collectors.\n");
	}
	return missing ? EXIT_HOST : EXIT_OK;
}

const struct command command_check = {
	.name = "check",
	.args = "[WHAT...]",
	.summary = "what this host can and cannot do, and how to change that",
	.description =
		"Tries what cbpf relies on: BPF programs are loaded and attached for a "
		"moment, engines are asked for their version, files are opened. Nothing "
		"is changed. WHAT is an id, which stands for what belongs to it, too "
		"('block' for 'block.tp_btf' as well): only that is tried.\n\n"
		"Each line says yes, no or degraded, why, and the command that would fix it. "
		"With --format json it is an array of objects with id, title, status, why, "
		"needed (by the default collectors) and, where there is one, fix.\n\n"
		"Ends with status 3 when something is missing that the default collectors "
		"need.",
	.examples = "cbpf check\n"
		    "cbpf check --format json\n"
		    "cbpf check btf block\n",
	.options = check_rows,
	.config_size = sizeof(struct check_config),
	.run = check_run,
};
