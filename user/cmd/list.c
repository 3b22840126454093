// SPDX-License-Identifier: Apache-2.0
/* cbpf list: the runs of a store. */
#include <errno.h>
#include <jansson.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/strlist.h"
#include "base/units.h"
#include "cmd/command.h"
#include "report/format.h"
#include "report/table.h"
#include "store/store.h"

struct list_options {
	char *store;
	enum flag json;
};

#define FIELD(f) .offset = offsetof(struct list_options, f)
static const struct option_row list_rows[] = { { .name = "store",
						 .type = OPTION_STRING,
						 FIELD(store),
						 .preset = STORE_DEFAULT_DIR,
						 .help = "directory of runs",
						 .metavar = "DIR" },
					       { .name = "json",
						 .type = OPTION_BOOL,
						 FIELD(json),
						 .preset = "false",
						 .help = "print one JSON object" },
					       { 0 } };

struct summary {
	char status[16];
	uint64_t started_ns, duration_ns, targets, bytes;
	int64_t repetition;
	char group[128];
	json_t *axes; /* owned; NULL: no matrix */
	bool has_duration;
};

/* Since version 2 has `matrix:`. */
static void read_axes(struct store *s, struct summary *ret)
{
	sqlite3_stmt *row = NULL;

	if (sqlite3_prepare_v2(store_db(s), "SELECT axes FROM run", -1, &row, NULL) == SQLITE_OK &&
	    sqlite3_step(row) == SQLITE_ROW && sqlite3_column_text(row, 0))
		ret->axes = json_loads((const char *)sqlite3_column_text(row, 0), 0, NULL);
	sqlite3_finalize(row);
}

static int summarize(struct store *s, struct summary *ret)
{
	/* Bytes are those of the run's own targets on devices that are not stacked. */
	static const char sql[] =
		"SELECT started_wall_ns, coalesce(ended_mono_ns, (SELECT max(end_ns) FROM tick)) "
		"- started_mono_ns, "
		"(SELECT count(*) FROM target WHERE kind IN ('container', 'workload')), "
		"(SELECT coalesce(sum(h.bytes), 0) FROM histogram h "
		"JOIN target t ON t.id = h.target AND t.kind IN ('container', 'workload') "
		"JOIN device d ON d.dev = h.device AND d.stacked IS NOT 1 "
		"WHERE h.layer = 'block_total' AND h.op IN ('read', 'write')), "
		"run_group, repetition FROM run";
	sqlite3_stmt *row = NULL;
	int rc = -EIO;

	if (sqlite3_prepare_v2(store_db(s), sql, -1, &row, NULL) == SQLITE_OK &&
	    sqlite3_step(row) == SQLITE_ROW) {
		rc = 0;
		ret->started_ns = sqlite3_column_int64(row, 0);
		ret->has_duration = sqlite3_column_type(row, 1) != SQLITE_NULL;
		ret->duration_ns = sqlite3_column_int64(row, 1);
		ret->targets = sqlite3_column_int64(row, 2);
		ret->bytes = sqlite3_column_int64(row, 3);
		if (sqlite3_column_text(row, 4))
			snprintf(ret->group, sizeof(ret->group), "%s", sqlite3_column_text(row, 4));
		ret->repetition = sqlite3_column_int64(row, 5);
	}
	sqlite3_finalize(row);
	snprintf(ret->status, sizeof(ret->status), "%s", store_status(s));
	if (!rc)
		read_axes(s, ret);
	return rc;
}

static json_t *to_json(const char *id, const struct summary *m)
{
	char started[32];
	json_t *o;

	clock_rfc3339(m->started_ns, started, sizeof(started));
	o = json_pack("{s:s, s:s, s:s, s:I, s:I}", "id", id, "status", m->status, "started",
		      started, "targets", (json_int_t)m->targets, "bytes", (json_int_t)m->bytes);
	if (o && m->has_duration)
		json_object_set_new(o, "duration_s", json_real(m->duration_ns / 1e9));
	if (o && m->group[0])
		json_object_set_new(o, "group", json_string(m->group));
	if (o)
		json_object_set_new(o, "repetition", json_integer(m->repetition));
	if (o && m->axes)
		json_object_set(o, "axes", m->axes);
	return o;
}

static void print_line(const char *id, const struct summary *m)
{
	cleanup_buf struct buf axes = BUF_INIT(8192), shown = BUF_INIT(8192);
	char started[32], duration[32] = "-", bytes[32];

	(void)put_axes(&axes, m->axes); /* what does not fit is cut */
	(void)text_put(&shown, buf_str(&axes)); /* as before */
	clock_rfc3339(m->started_ns, started, sizeof(started));
	strcpy(started + 19, "Z"); /* whole seconds */
	if (m->has_duration)
		units_format_duration(m->duration_ns, duration, sizeof(duration));
	units_format_size(m->bytes, bytes, sizeof(bytes));
	printf("%-40s %-11s %s %9s %7llu %10s%s%s\n", id, m->status, started, duration,
	       (unsigned long long)m->targets, bytes, shown.len ? "  " : "", buf_str(&shown));
}

/* A run that cannot be read is a line too, so that one broken run does not hide the others. */
static int list_one(const char *store_dir, const char *id, json_t *array)
{
	cleanup_free char *dir = fs_join(store_dir, id);
	struct summary m = { 0 };
	struct err err = { 0 };
	struct store *s;
	int rc;

	if (!dir)
		return fail(EXIT_WORKLOAD, "out of memory");
	if (store_open(store_dir, dir, &s, NULL, &err))
		return fail(EXIT_OK, "%s", err.text);
	rc = summarize(s, &m);
	if (rc)
		fail(EXIT_OK, "cannot read %s: %s", store_path(s), sqlite3_errmsg(store_db(s)));
	store_close(s);
	if (rc)
		return EXIT_OK;
	if (array)
		json_array_append_new(array, to_json(id, &m));
	else
		print_line(id, &m);
	json_decref(m.axes);
	return EXIT_OK;
}

static int list(void *config, int argc, char **argv)
{
	const struct list_options *o = config;
	json_t *array = o->json == FLAG_ON ? json_array() : NULL;
	struct str_list ids = { 0 };
	struct err err = { 0 };
	int status = EXIT_OK, rc;

	if (argc)
		return fail(EXIT_USAGE, "list takes no arguments, got '%s'", argv[0]);
	rc = store_list(o->store, &ids, &err);
	if (rc && rc != -ENOENT) /* a store that is not there yet is an empty one */
		status = fail(EXIT_WORKLOAD, "%s", err.text);
	if (!array && ids.n)
		printf("%-40s %-11s %-20s %9s %7s %10s\n", "run", "status", "started", "took",
		       "targets", "bytes");
	/* The newest is what one looks for: last on a terminal. */
	for (size_t i = 0; status == EXIT_OK && i < ids.n; i++)
		status = list_one(o->store, ids.v[i], array);
	if (array && status == EXIT_OK) {
		json_t *all = json_pack("{s:O}", "runs", array);

		json_dumpf(all, stdout, JSON_INDENT(2));
		putchar('\n');
		json_decref(all);
	}
	json_decref(array);
	str_list_fini(&ids);
	return status;
}

const struct command command_list = {
	.name = "list",
	.args = "",
	.summary = "the runs of a store",
	.description =
		"One line per run, the newest last: its id, status, start, how long it took, the "
		"number of targets and the bytes that devices read and wrote for them; for a run "
		"of a matrix its axis values, too. A run whose process is gone without having "
		"finished is 'killed'; what it had stored can be reported.\n\n"
		"Exit status: 0; 1 when the store cannot be read.",
	.examples = "cbpf list\n"
		    "cbpf list --json\n",
	.options = list_rows,
	.config_size = sizeof(struct list_options),
	.run = list,
};
