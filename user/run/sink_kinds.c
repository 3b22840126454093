// SPDX-License-Identifier: Apache-2.0
/* From the keys of a spec to sinks. */
#include "run/sink_kinds.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "sink/csv.h"
#include "sink/file.h"
#include "sink/influxdb.h"
#include "sink/openmetrics.h"
#include "sink/sink.h"
#include "spec/spec.h"

static bool influxdb_wanted(const struct spec_sinks *spec)
{
	return spec->influxdb.given == FLAG_ON;
}

static int influxdb_of_spec(const struct sink_opening *how, struct sink **ret, struct err *err)
{
	const struct spec_influxdb *s = &how->spec->influxdb;

	return influxdb_open(
		&(struct influxdb_config){
			.url = s->url,
			.token = s->token,
			.org = s->org,
			.bucket = s->bucket,
			.database = s->database,
			.user = s->user,
			.password = s->password,
			.retention_policy = s->retention_policy,
			.token_file = s->token_file,
			.password_file = s->password_file,
			.ca_file = s->ca_file,
			.insecure = s->insecure == FLAG_ON,
			.gzip = s->gzip == FLAG_ON,
			.batch_lines = s->batch_lines,
			.batch_bytes = s->batch_bytes,
			.timeout_ns = s->timeout_ns,
			.retry_for_ns = how->retry_for_ns,
			.histograms = s->histograms == FLAG_ON,
		},
		how->losses, how->stop, ret, err);
}

static uint64_t influxdb_patience(const struct spec_sinks *spec)
{
	return spec->influxdb.flush_timeout_ns;
}

static const struct sink_kind influxdb = {
	.name = "influxdb",
	.wanted = influxdb_wanted,
	.open = influxdb_of_spec,
	.patience_ns = influxdb_patience,
};

typedef int file_open_fn(const struct sink_file_config *config, struct losses *losses,
			 struct sink **ret, struct err *err);

/* Where the spec says, or beside the run's database. */
static int file_of_spec(file_open_fn *open_file, const struct spec_points *s, const char *otherwise,
			const struct sink_opening *how, struct sink **ret, struct err *err)
{
	cleanup_free char *own = s->path ? NULL : fs_join(how->run_dir, otherwise);
	int rc;

	if (!s->path && !own)
		return err_set(err, -ENOMEM, "writing points to a file");
	rc = open_file(
		&(struct sink_file_config){
			.path = s->path ? s->path : own,
			.append = true,
			.stop = how->stop,
			.retry_for_ns = how->retry_for_ns,
		},
		how->losses, ret, err);
	if (!rc)
		(*ret)->wants_buckets = s->histograms == FLAG_ON;
	return rc;
}

static bool jsonl_wanted(const struct spec_sinks *spec)
{
	return spec->jsonl.given == FLAG_ON;
}

static int jsonl_of_spec(const struct sink_opening *how, struct sink **ret, struct err *err)
{
	return file_of_spec(file_jsonl_open, &how->spec->jsonl, "points.jsonl", how, ret, err);
}

static uint64_t jsonl_patience(const struct spec_sinks *spec)
{
	return spec->jsonl.flush_timeout_ns;
}

static const struct sink_kind jsonl = {
	.name = "jsonl",
	.wanted = jsonl_wanted,
	.open = jsonl_of_spec,
	.patience_ns = jsonl_patience,
};

static bool line_wanted(const struct spec_sinks *spec)
{
	return spec->line.given == FLAG_ON;
}

static int line_of_spec(const struct sink_opening *how, struct sink **ret, struct err *err)
{
	return file_of_spec(file_line_open, &how->spec->line, "points.line", how, ret, err);
}

static uint64_t line_patience(const struct spec_sinks *spec)
{
	return spec->line.flush_timeout_ns;
}

static const struct sink_kind line = {
	.name = "line",
	.wanted = line_wanted,
	.open = line_of_spec,
	.patience_ns = line_patience,
};

static bool openmetrics_wanted(const struct spec_sinks *spec)
{
	return spec->openmetrics.given == FLAG_ON;
}

static int openmetrics_of_spec(const struct sink_opening *how, struct sink **ret, struct err *err)
{
	return openmetrics_open(
		&(struct openmetrics_config){
			.address = how->spec->openmetrics.listen,
			.id = how->id,
		},
		how->losses, how->stop, ret, err);
}

static const struct sink_kind openmetrics = {
	.name = "openmetrics",
	.wanted = openmetrics_wanted,
	.open = openmetrics_of_spec,
	.live_only = true,
};

const struct sink_kind *const sink_kinds[] = { &influxdb, &jsonl, &line, &openmetrics, NULL };

int sink_csv_of_spec(const struct spec_csv *spec, const char *run_dir, const char *id,
		     struct store *reader, const struct writer_limits *limits, struct err *err)
{
	cleanup_free char *dir = spec->path ? fs_join(spec->path, id) : fs_join(run_dir, "csv");

	if (!dir)
		return err_set(err, -ENOMEM, "writing CSV files");
	return sink_csv(reader, dir, limits, err);
}

const struct sink_kind *sink_kind_find(const char *name)
{
	for (const struct sink_kind *const *k = sink_kinds; *k; k++)
		if (!strcmp((*k)->name, name))
			return *k;
	return NULL;
}
