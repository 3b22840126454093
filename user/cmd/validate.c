// SPDX-License-Identifier: Apache-2.0
/* cbpf validate: every error of a spec at once. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/strlist.h"
#include "base/units.h"
#include "cmd/command.h"
#include "spec/spec.h"

#define MAX_OUTPUT (4 << 20)

enum format { FORMAT_TEXT, FORMAT_JSON };

struct validate_config {
	int format;
	struct str_list set;
	enum flag schema, reference;
};

static const char *const formats[] = { "text", "json", NULL };

static const struct option_row options[] = {
	{ "format", OPTION_ENUM, offsetof(struct validate_config, format), "text",
	  .choices = formats, .help = "how to print what was found" },
	{ "set", OPTION_STRINGS, offsetof(struct validate_config, set), .metavar = "KEY=VALUE",
	  .help = "override a key, dotted: containers.a.memory=1g" },
	{ "schema", OPTION_BOOL, offsetof(struct validate_config, schema),
	  .help = "print the JSON Schema of specs instead" },
	{ "reference", OPTION_BOOL, offsetof(struct validate_config, reference),
	  .help = "print all keys as Markdown tables instead" },
	{ 0 },
};

/* "LINE:COL: " behind "FILE:", or NULL when @line is about no position. */
static const char *parse_position(const char *line, const char *file, unsigned long *ret_line,
				  unsigned long *ret_col)
{
	size_t len = strlen(file);
	char *end;

	if (strncmp(line, file, len) != 0 || line[len] != ':')
		return NULL;
	*ret_line = strtoul(line + len + 1, &end, 10);
	if (*end != ':')
		return NULL;
	*ret_col = strtoul(end + 1, &end, 10);
	return strncmp(end, ": ", 2) ? NULL : end + 2;
}

/* One line of spec_load() as JSON; line and col are null for a --set. */
static json_t *message_json(const char *line, const char *file)
{
	static const char warning[] = "warning: ";
	unsigned long row = 0, col = 0;
	const char *text = parse_position(line, file, &row, &col);
	bool placed = text, warns;

	if (!text)
		text = line;
	warns = !strncmp(text, warning, sizeof(warning) - 1);
	return json_pack("{s:o, s:o, s:s, s:s}", "line", placed ? json_integer(row) : json_null(),
			 "col", placed ? json_integer(col) : json_null(), "severity",
			 warns ? "warning" : "error", "message",
			 warns ? text + sizeof(warning) - 1 : text);
}

static int print_json(const char *file, bool valid, const char *messages)
{
	json_t *root = json_pack("{s:s%, s:b, s:[]}", "file", file, strlen(file), "valid", valid,
				 "errors");
	cleanup_free char *copy = strdup(messages);
	char *at = copy, *line;
	int rc = root && copy ? 0 : -1;

	while (!rc && (line = strsep(&at, "\n")))
		if (*line)
			rc = json_array_append_new(json_object_get(root, "errors"),
						   message_json(line, file));
	if (!rc)
		rc = json_dumpf(root, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(root);
	return rc;
}

/* All runs of a matrix are of one file: what they have in common is that of the first. */
static void print_summary(const char *file, const struct spec_set *all)
{
	const struct spec *spec = all->v[0];
	uint64_t runs = 0;
	char duration[32];

	for (size_t i = 0; i < all->n; i++)
		runs += all->v[i]->repeat;
	units_format_duration(spec->duration_ns, duration, sizeof(duration));
	printf("%s: valid: '%s' runs %zu container%s with runtime %s for up to %s", file,
	       spec->name, spec->containers.n, spec->containers.n == 1 ? "" : "s",
	       runtime_kind_name(spec->runtime), duration);
	if (all->n > 1)
		printf(", %llu runs of %zu combinations", (unsigned long long)runs, all->n);
	else if (runs > 1)
		printf(", %llu times", (unsigned long long)runs);
	putchar('\n');
}

static int print_generated(int (*generate)(struct buf *))
{
	cleanup_buf struct buf out = BUF_INIT(MAX_OUTPUT);
	int rc = generate(&out);

	if (rc)
		return fail(EXIT_WORKLOAD, "out of memory");
	fputs(buf_str(&out), stdout);
	return EXIT_OK;
}

static int run(void *config, int argc, char **argv)
{
	cleanup_buf struct buf messages = BUF_INIT(MAX_OUTPUT);
	const struct validate_config *c = config;
	struct spec_set all = { 0 };
	int rc;

	if (c->schema == FLAG_ON || c->reference == FLAG_ON) {
		if (argc)
			return fail(EXIT_USAGE, "validate: --%s takes no file",
				    c->schema == FLAG_ON ? "schema" : "reference");
		return print_generated(c->schema == FLAG_ON ? spec_schema : spec_reference);
	}
	if (argc != 1)
		return fail(EXIT_USAGE, "validate: expected one SPEC, got %d", argc);
	rc = spec_load_all(argv[0], &c->set, &messages, &all);
	if (c->format == FORMAT_TEXT) {
		fputs(buf_str(&messages), stderr);
		if (!rc)
			print_summary(argv[0], &all);
	} else if (print_json(argv[0], !rc, buf_str(&messages))) {
		spec_set_fini(&all);
		return fail(EXIT_WORKLOAD, "validate: cannot print %s as JSON", argv[0]);
	}
	spec_set_fini(&all);
	return rc ? EXIT_USAGE : EXIT_OK;
}

const struct command command_validate = {
	.name = "validate",
	.args = "SPEC",
	.summary = "check a spec and tell every error at once",
	.description =
		"Reads the spec as 'cbpf run' would, environment and --set included, and prints "
		"every error and warning as file:line:col: message. Starts nothing and needs no "
		"root.\n\n"
		"Of a matrix every combination is checked: what not all of them have wrong ends "
		"with the axis values of the first that has.\n\n"
		"With --format json it is one object with file, valid and errors, an array of "
		"objects with line, col, severity (error or warning) and message; line and col "
		"are null for what a --set brought in.\n\n"
		"Exit status: 0 when the spec is valid, warnings or not; 2 when it is not.",
	.examples = "cbpf validate specs/quickstart.yml\n"
		    "cbpf validate --format json specs/quickstart.yml\n"
		    "cbpf validate --set interval=50ms specs/quickstart.yml\n"
		    "cbpf validate --schema\n",
	.options = options,
	.config_size = sizeof(struct validate_config),
	.run = run,
};
