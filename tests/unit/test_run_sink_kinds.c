// SPDX-License-Identifier: Apache-2.0
/* Which sinks a spec asks for, and what they are made of. */
#include "run/sink_kinds.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/loss.h"
#include "fake_run.h"
#include "sink/sink.h"
#include "sink/writer.h"
#include "spec/spec.h"
#include "unit.h"

static struct spec *spec_with(const char *sinks)
{
	cleanup_buf struct buf text = BUF_INIT(4096), messages = BUF_INIT(4096);
	struct spec *spec = NULL;

	buf_printf(&text, "runtime: native\ncontainers: {a: {command: 'true'}}\n%s", sinks);
	if (spec_parse("test.yml", buf_str(&text), text.len, NULL, &messages, &spec))
		fail_msg("%s: %s", sinks, buf_str(&messages));
	return spec;
}

static void test_wanted(void **state)
{
	static const struct {
		const char *sinks, *wanted;
	} cases[] = {
		{ "", "" },
		{ "sinks: {}", "" },
		{ "sinks: {jsonl: }", " jsonl" },
		{ "sinks: {line: points.line, jsonl: {histograms: true}}", " jsonl line" },
		{ "sinks: {openmetrics: 9464}", " openmetrics" },
		{ "sinks: {influxdb: {url: 'http://h:8086', database: d}}", " influxdb" },
		{ "sinks: {csv: tables}", "" }, /* no sink of points */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct spec *spec = spec_with(cases[i].sinks);
		char wanted[128] = "";

		for (const struct sink_kind *const *k = sink_kinds; *k; k++)
			if ((*k)->wanted(&spec->sinks))
				snprintf(wanted + strlen(wanted), sizeof(wanted) - strlen(wanted),
					 " %s", (*k)->name);
		if (strcmp(wanted, cases[i].wanted))
			fail_msg("'%s' asks for '%s'", cases[i].sinks, wanted);
		spec_free(spec);
	}
}

static void test_names(void **state)
{
	(void)state;
	for (const struct sink_kind *const *k = sink_kinds; *k; k++)
		assert_ptr_equal(sink_kind_find((*k)->name), *k);
	assert_null(sink_kind_find("influx"));
	assert_true(sink_kind_find("openmetrics")->live_only);
	assert_false(sink_kind_find("influxdb")->live_only);
}

static struct sink *open_one(const char *name, const struct spec *spec, const char *dir)
{
	static struct losses losses = LOSSES_INIT;
	static atomic_bool stop;
	struct err err = { 0 };
	struct sink *sink;

	if (sink_kind_find(name)->open(&(struct sink_opening){ .spec = &spec->sinks,
							       .run_dir = dir,
							       .losses = &losses,
							       .stop = &stop },
				       &sink, &err))
		fail_msg("%s: %s", name, err.text);
	return sink;
}

/* Where they write to is told without what is secret; without a path, that is the run's directory. */
static void test_places(void **state)
{
	char dir[] = "/tmp/cbpf-kinds-XXXXXX", path[64];
	struct spec *spec;
	struct sink *sink;
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(dir));
	spec = spec_with("sinks: {jsonl: {histograms: true, flush_timeout: 3s}, line: , csv: }");
	sink = open_one("jsonl", spec, dir);
	assert_true(sink->wants_buckets);
	assert_int_equal(sink_kind_find("jsonl")->patience_ns(&spec->sinks), 3000000000ull);
	assert_int_equal(sink_kind_find("line")->patience_ns(&spec->sinks), 30000000000ull);
	assert_int_equal(spec->sinks.csv.flush_timeout_ns, 30000000000ull);
	assert_non_null(strstr(sink->where, "points.jsonl"));
	sink_close(sink);
	sink = open_one("line", spec, dir);
	assert_false(sink->wants_buckets);
	sink_close(sink);
	spec_free(spec);
	snprintf(path, sizeof(path), "%s/points.jsonl", dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(unlink(path), 0);
	snprintf(path, sizeof(path), "%s/points.line", dir);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(dir), 0);
	spec = spec_with("sinks: {influxdb: {url: 'http://h:8086', database: d, user: u, "
			 "password: geheim, flush_timeout: 7s}}");
	sink = open_one("influxdb", spec, dir);
	assert_non_null(strstr(sink->where, "http://h:8086"));
	assert_null(strstr(sink->where, "geheim"));
	assert_int_equal(sink_kind_find("influxdb")->patience_ns(&spec->sinks), 7000000000ull);
	sink_close(sink);
	spec_free(spec);
}

/* The tables of a run get a directory of their own below the one that is named. */
static void test_csv(void **state)
{
	struct fake_run run;
	struct store *store;
	struct spec_csv csv = { .given = FLAG_ON };
	const struct writer_limits limits = { 0 };
	struct err err = { 0 };
	char path[512];

	(void)state;
	fake_run_make(&run, "victim");
	store = fake_run_open(&run);
	assert_int_equal(sink_csv_of_spec(&csv, run.dir, FAKE_ID, store, &limits, &err), 0);
	snprintf(path, sizeof(path), "%.400s/csv/tick.csv", run.dir);
	assert_int_equal(access(path, R_OK), 0);
	csv.path = run.root;
	assert_int_equal(sink_csv_of_spec(&csv, run.dir, FAKE_ID, store, &limits, &err), 0);
	snprintf(path, sizeof(path), "%s/" FAKE_ID "/tick.csv", run.root);
	assert_int_equal(access(path, R_OK), 0);
	csv.path = "/proc/nowhere";
	assert_int_not_equal(sink_csv_of_spec(&csv, run.dir, FAKE_ID, store, &limits, &err), 0);
	store_close(store);
	fake_run_fini(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wanted),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_csv),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
