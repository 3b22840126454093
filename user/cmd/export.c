// SPDX-License-Identifier: Apache-2.0
/* cbpf export: what a run's sinks lack, from its database. */
#include <errno.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/loss.h"
#include "base/strlist.h"
#include "cmd/command.h"
#include "run/interrupt.h"
#include "run/sink_kinds.h"
#include "sink/deliver.h"
#include "sink/sink.h"
#include "sink/writer.h"
#include "spec/spec.h"
#include "store/store.h"

#define SHOW_NS (NSEC_PER_SEC / 2) /* between two looks at the progress */

struct export_options {
	char *store;
	struct str_list sinks, set;
	uint64_t timeout_ns;
	enum flag again, quiet;
};

#define FIELD(f) .offset = offsetof(struct export_options, f)
static const struct option_row export_rows[] = {
	{ .name = "store",
	  .type = OPTION_STRING,
	  FIELD(store),
	  .preset = STORE_DEFAULT_DIR,
	  .help = "directory of runs",
	  .metavar = "DIR" },
	{ .name = "sink",
	  .type = OPTION_STRINGS,
	  FIELD(sinks),
	  .metavar = "NAME",
	  .help = "only this one: influxdb, jsonl, line or csv" },
	{ .name = "set",
	  .type = OPTION_STRINGS,
	  FIELD(set),
	  .metavar = "KEY=VALUE",
	  .help = "override a key of the run's spec, such as sinks.influxdb.url=URL" },
	{ .name = "timeout",
	  .type = OPTION_DURATION,
	  FIELD(timeout_ns),
	  .preset = "60s",
	  .help = "how long a server, disk or pipe that does not take anything is tried" },
	{ .name = "again",
	  .type = OPTION_BOOL,
	  FIELD(again),
	  .preset = "false",
	  .help = "send all of it, also what the sink is known to have" },
	{ .name = "quiet",
	  .type = OPTION_BOOL,
	  FIELD(quiet),
	  .preset = "false",
	  .letter = 'q',
	  .help = "no progress on stderr" },
	{ 0 }
};

struct exporting {
	const struct export_options *o;
	struct store *reader;
	struct store *cursor; /* the same; NULL on a file system that cannot be written */
	char *dir; /* of the run */
	struct spec *spec;
	/* Of the sink at work: */
	const char *name;
	uint64_t begin_ns, shown_ns;
	bool shown; /* a line is on the terminal */
};

/* The row of `run` that says how it was asked for: the caller frees both. */
static int read_run(struct store *s, char **ret_id, char **ret_spec, struct err *err)
{
	sqlite3_stmt *row = NULL;
	int rc = -EIO;

	*ret_id = *ret_spec = NULL;
	if (sqlite3_prepare_v2(store_db(s), "SELECT id, coalesce(spec, '') FROM run", -1, &row,
			       NULL) == SQLITE_OK &&
	    sqlite3_step(row) == SQLITE_ROW) {
		*ret_id = strdup((const char *)sqlite3_column_text(row, 0));
		*ret_spec = strdup((const char *)sqlite3_column_text(row, 1));
		rc = *ret_id && *ret_spec ? 0 : -ENOMEM;
	}
	if (rc)
		err_say(err, rc, "cannot read %s: %s", store_path(s), sqlite3_errmsg(store_db(s)));
	sqlite3_finalize(row);
	return rc;
}

/* The run's own spec, with what is set besides. */
static int load_spec(struct exporting *e, const char *text)
{
	cleanup_buf struct buf messages = BUF_INIT(1 << 20);
	int rc = spec_parse("spec.yml", text, strlen(text), &e->o->set, &messages, &e->spec);

	if (messages.len)
		fputs(buf_str(&messages), stderr);
	return rc;
}

static bool is_asked_for(const struct exporting *e, const char *name, bool in_spec)
{
	if (!e->o->sinks.n)
		return in_spec;
	for (size_t i = 0; i < e->o->sinks.n; i++)
		if (!strcmp(e->o->sinks.v[i], name))
			return true;
	return false;
}

static void on_progress(void *arg, const struct delivery_state *now)
{
	struct exporting *e = arg;
	uint64_t now_ns = clock_mono_ns();
	double seconds = (now_ns - e->begin_ns) / 1e9;

	if (e->o->quiet == FLAG_ON || !isatty(STDERR_FILENO) || now_ns < e->shown_ns + SHOW_NS)
		return;
	e->shown_ns = now_ns;
	e->shown = true;
	fprintf(stderr, "\r%s: %lld of %lld ticks, %llu points, %.0f/s\033[K", e->name,
		(long long)now->seq + 1, (long long)now->last + 1, (unsigned long long)now->points,
		seconds > 0 ? now->points / seconds : 0);
}

static void tell_end(struct exporting *e, const struct sink *sink, const struct delivery_state *now,
		     const struct losses *losses)
{
	if (e->shown)
		fputs("\r\033[K", stderr);
	for (size_t i = 0; i < losses->n; i++)
		fprintf(stderr, "cbpf: %s: %llu times: %s\n", losses->v[i].what,
			(unsigned long long)losses->v[i].count, losses->v[i].reason);
	if (e->o->quiet == FLAG_ON)
		return;
	if (now->done && !now->points)
		fprintf(stderr, "%s has all of it already\n", sink->where);
	else
		fprintf(stderr, "%s: %llu points in %.1f s%s\n", sink->where,
			(unsigned long long)now->points, (clock_mono_ns() - e->begin_ns) / 1e9,
			now->done ? "" : "; not all of the run");
}

/*
 * What it would not take is known of the run from now on, instead of what was known when it was
 * sent before; once it has all, it lacks nothing.
 */
static int keep_losses(struct exporting *e, struct losses *losses, const struct delivery_state *now,
		       struct err *err)
{
	struct losses none = LOSSES_INIT;
	char what[64], behind[64];
	int rc;

	if (!e->cursor)
		return 0;
	snprintf(what, sizeof(what), "sink.%s", e->name);
	snprintf(behind, sizeof(behind), "%s.behind", what);
	rc = store_add_losses(e->cursor, losses, now->whole && now->points ? what : NULL, err);
	return rc || !now->done ? rc : store_add_losses(e->cursor, &none, behind, err);
}

static int send_points(struct exporting *e, struct sink *sink, struct losses *losses,
		       struct err *err)
{
	struct delivery *d = NULL;
	struct delivery_state now = { .seq = -1 };
	struct err later = { 0 };
	int rc = delivery_open(
		&(struct delivery_config){
			.sink = sink,
			.reader = e->reader,
			.cursor = e->cursor,
			.again = e->o->again == FLAG_ON,
			.progress = on_progress,
			.arg = e,
		},
		&d, err);

	if (rc)
		return rc;
	rc = delivery_round(d, true, err);
	delivery_state(d, &now);
	tell_end(e, sink, &now, losses);
	delivery_close(d);
	if (keep_losses(e, losses, &now, &later))
		fail(EXIT_WORKLOAD, "%s", later.text);
	/* A run that lasts has no end yet. */
	if (!rc && !now.done && e->o->quiet != FLAG_ON)
		fprintf(stderr, "the run has not ended: export it again when it has\n");
	return rc;
}

static int export_to(struct exporting *e, const struct sink_kind *kind, struct err *err)
{
	struct losses losses = LOSSES_INIT;
	struct sink *sink = NULL;
	int rc;

	e->name = kind->name;
	e->begin_ns = clock_mono_ns();
	e->shown_ns = 0;
	e->shown = false;
	rc = kind->open(
		&(struct sink_opening){
			.spec = &e->spec->sinks,
			.run_dir = e->dir,
			.losses = &losses,
			.stop = interrupt_flag(),
			.retry_for_ns = e->o->timeout_ns,
		},
		&sink, err);
	if (!rc)
		rc = send_points(e, sink, &losses, err);
	sink_close(sink);
	return rc;
}

static int export_tables(struct exporting *e, const struct spec_csv *csv, const char *id)
{
	const struct writer_limits limits = { .stop = interrupt_flag(),
					      .stall_ns = e->o->timeout_ns };
	struct losses none = LOSSES_INIT;
	struct err err = { 0 };
	int rc = sink_csv_of_spec(csv, e->dir, id, e->reader, &limits, &err);

	if (!rc && e->cursor)
		rc = store_add_losses(e->cursor, &none, "sink.csv.behind", &err);
	return rc && rc != -ECANCELED ? fail(EXIT_WORKLOAD, "export to csv: %s", err.text)
				      : EXIT_OK;
}

/* Goes on with the others when one fails; the first failure counts. */
static int export_all(struct exporting *e, const char *id)
{
	const struct spec_csv *csv = &e->spec->sinks.csv;
	int status = EXIT_OK;
	bool any = false;

	for (const struct sink_kind *const *k = sink_kinds; *k && !interrupt_count(); k++) {
		struct err err = { 0 };

		if ((*k)->live_only || !is_asked_for(e, (*k)->name, (*k)->wanted(&e->spec->sinks)))
			continue;
		any = true;
		if (export_to(e, *k, &err) && err.code != -ECANCELED)
			status = fail(EXIT_WORKLOAD, "export to %s: %s", (*k)->name, err.text);
	}
	if (!interrupt_count() && is_asked_for(e, "csv", csv->given == FLAG_ON)) {
		any = true;
		if (export_tables(e, csv, id))
			status = EXIT_WORKLOAD;
	}
	if (interrupt_count())
		return EXIT_INTERRUPTED;
	if (!any)
		return fail(EXIT_USAGE, "export: the spec of this run has no sinks; name one with "
					"--sink, and where to with --set");
	return status;
}

static int check_sinks(const struct export_options *o)
{
	for (size_t i = 0; i < o->sinks.n; i++) {
		const char *name = o->sinks.v[i];
		const struct sink_kind *kind = sink_kind_find(name);

		if (kind && kind->live_only)
			return fail(EXIT_USAGE,
				    "export: %s serves a run while it lasts: use 'cbpf "
				    "run --listen'",
				    name);
		if (!kind && strcmp(name, "csv"))
			return fail(EXIT_USAGE,
				    "export: no sink is called '%s'; there are "
				    "influxdb, jsonl, line and csv",
				    name);
	}
	return EXIT_OK;
}

/* Under a reader that takes a run for finished nobody may write: one for both, if that can be. */
static int open_run(struct exporting *e, const char *run, struct err *err)
{
	int rc = store_open_rw(e->o->store, run, &e->cursor, &e->dir, err);

	e->reader = e->cursor;
	if (rc != -EROFS && rc != -EACCES)
		return rc;
	fail(EXIT_OK, "%s; all of the run is sent, since how far each sink has got cannot be kept",
	     err->text);
	*err = (struct err){ 0 };
	e->cursor = NULL;
	return store_open(e->o->store, run, &e->reader, &e->dir, err);
}

static int export(void *config, int argc, char **argv)
{
	struct exporting e = { .o = config };
	cleanup_free char *id = NULL, *spec = NULL;
	struct err err = { 0 };
	int status;

	if (argc > 1)
		return fail(EXIT_USAGE, "export takes one RUN, got '%s' too", argv[1]);
	status = check_sinks(e.o);
	if (status)
		return status;
	if (interrupt_install(&err) || open_run(&e, argc ? argv[0] : NULL, &err) ||
	    read_run(e.reader, &id, &spec, &err))
		status = fail(err.code == -ENOENT ? EXIT_USAGE : EXIT_WORKLOAD, "%s", err.text);
	else if (load_spec(&e, spec))
		status = fail(EXIT_USAGE, "export: the spec of this run cannot be used");
	else
		status = export_all(&e, id);
	spec_free(e.spec);
	store_close(e.reader);
	free(e.dir);
	return status;
}

const struct command command_export = {
	.name = "export",
	.args = "[RUN]",
	.summary = "send what the sinks of a run lack",
	.description =
		"RUN is a run's directory, its id (or a unique start of it), or 'latest', which "
		"is the default. Each sink of its spec is given what it is not known to have: "
		"a server that was down while the run lasted, or one that was not there yet. "
		"What is sent twice is the same point again, which changes nothing at a server; a "
		"file has it twice only after --again.\n\n"
		"Tokens and passwords are not kept with a run: they come from the files that its "
		"spec names, from systemd's credentials influxdb-token and influxdb-password, "
		"or from INFLUXDB_TOKEN and INFLUXDB_PASSWORD.\n\n"
		"Exit status: 0 when every sink has all of it, 1 when one has not.",
	.examples = "cbpf export latest --sink jsonl --set sinks.jsonl.path=points.jsonl\n"
		    "cbpf export latest --sink csv --set sinks.csv.path=tables\n",
	.options = export_rows,
	.config_size = sizeof(struct export_options),
	.run = export,
};
