// SPDX-License-Identifier: Apache-2.0
/* The report's own keys: the contract, value by value. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/result.h"
#include "fake_report.h"
#include "fake_run.h"
#include "report/report.h"
#include "unit.h"

static const struct {
	const char *path, *want, *why; /* want as JSON; NULL: absent */
} cases[] = {
	{ "schema", "1", "version of the contract" },
	{ "id", "\"20260102T030405-demo-00aa\"", "id" },
	{ "name", "\"demo\"", "the spec's name" },
	{ "status", "\"ok\"", "as finished" },
	{ "started", "\"2026-01-02T03:04:05.000Z\"", "RFC 3339" },
	{ "duration_s", "0.4", "how long" },
	{ "host.hostname", "\"bench1\"", "the host is an object" },
	{ "spec_sha256", "\"ab12\"", "of the spec" },
	{ "backends.block", "\"tp_btf\"", "what measured" },
	{ "targets.0.name", "\"victim\"", "first target" },
	{ "targets.0.kind", "\"container\"", "its kind" },
	{ "targets.0.image", "\"cbpf/ior\"", "its image" },
	{ "targets.0.container_id", "\"c0ffee\"", "its id" },
	{ "targets.0.cgroup_path", "\"/docker/c0ffee\"", "its cgroup" },
	{ "targets.0.exit_code", "0", "zero is a value" },
	{ "targets.0.duration_s", "0.3", "how long it lived" },
	{ "targets.1.exit_code", "1", "of the other" },
	{ "targets.1.image", NULL, "unknown is absent" },
	{ "targets.2.kind", "\"unattributed\"", "nobody's I/O has a row" },
	{ "targets.2.exit_code", NULL, "which is no process" },
	{ "targets.3.name", "\"/system.slice/cron.service\"", "so have bystanders" },
	{ "targets.0.attribution", "\"exact\"", "how sure it is that block I/O is its own" },
	{ "targets.0.attribution_reason", NULL, "which needs no reason" },
	{ "targets.0.writeback", NULL, "and holds for writeback" },
	{ "targets.1.attribution", "\"ancestor\"", "or not" },
	{ "targets.1.writeback", "\"unattributed\"", "as on version 1" },
	{ "targets.3.attribution", NULL, "bystanders have no such claim" },
	{ "targets.0.results.0.tool", "\"ior\"", "results" },
	{ "targets.0.results.0.binary", "\"cbpf-ior\"", "which binary" },
	{ "targets.0.results.1.iteration", "1", "second repetition" },
	{ "targets.0.results.0.bytes", "2457600", "bytes are whole" },
	{ "targets.0.results.0.bw_mib_s", "10.5", "bandwidth" },
	{ "targets.0.results.2.op", "\"read\"", "in order" },
	{ "targets.0.results.2.begin_ns", "1000072000000", "times are monotonic" },
	{ "targets.0.results.2.latency_s", NULL, "not reported is absent" },
	{ "targets.0.application.write.bytes", "4915200", "sum over repetitions" },
	{ "targets.1.results.0.status", "\"failed\"", "a failure is a result" },
	{ "targets.1.results.0.op", NULL, "without an operation" },
	{ "targets.1.application", NULL, "which moved nothing that is known" },
	{ "losses.0.what", "\"block.start_missing\"", "losses" },
	{ "losses.0.count", "3", "how often" },
	{ "losses.1.reason", "\"no resctrl on this host\"", "why" },
	{ "expect.0.ok", "true", "verdicts" },
	{ "expect.1.ok", "false", "that failed" },
	{ "expect.1.actual", NULL, "for want of a value" },
	{ "events.0.what", "\"start\"", "events" },
	{ "self.cpu_s", "0.004", "own cost as the run told it" },
	{ "self.ticks", "5", "ticks as stored" },
	{ "self.late_max_us", "50.0", "and how punctual they were" },
	{ "interference.0",
	  "{\"device\": \"vda\", \"victim\": \"victim\", \"aggressor\": \"neighbour\", "
	  "\"ns\": 135000000}",
	  "who lost most, and to whom" },
	{ "targets.0.sharing.vda.depth_max", "8", "who was in a device" },
	{ "findings.0.id", "\"too-short\"", "what the rules conclude" },
	{ "not_judged.0.id", "\"cache-reads\"", "and what they could not judge" },
};

static void contract(void **state)
{
	json_t *report = fake_report(NULL);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		json_t *got = fake_find(report, cases[i].path);
		json_t *want =
			cases[i].want ? json_loads(cases[i].want, JSON_DECODE_ANY, NULL) : NULL;

		if (!want != !got || (want && !json_equal(got, want)))
			fail_msg("%s: %s is not %s", cases[i].why, cases[i].path,
				 cases[i].want ? cases[i].want : "absent");
		json_decref(want);
	}
	json_decref(report);
}

/* What a killed run leaves: no end, no self, targets only as owners. */
static void killed_run(void **state)
{
	struct err err = { 0 };
	json_t *report = NULL;
	struct fake_run r;
	struct store *s;

	(void)state;
	fake_run_begin(&r, NULL);
	fake_run_tick(&r, 0);
	fake_run_tick(&r, 1);
	store_close(r.store);
	r.store = NULL;
	s = fake_run_open(&r);
	assert_int_equal(report_build(s, &report, &err), 0);
	assert_string_equal(json_string_value(fake_at(report, "status")), "killed");
	assert_int_equal(json_integer_value(fake_at(report, "self.ticks")), 2);
	assert_null(fake_find(report, "self.cpu_s"));
	/* as long as it was watched */
	assert_true(json_real_value(fake_at(report, "duration_s")) > 0.1);
	assert_int_equal(json_integer_value(fake_at(report, "targets.0.block.vda.write.ios")), 400);
	json_decref(report);
	store_close(s);
	fake_run_fini(&r);
}

static void no_tick_at_all(void **state)
{
	struct err err = { 0 };
	json_t *report = NULL;
	struct fake_run r;

	(void)state;
	fake_run_begin(&r, NULL);
	/* by the writer itself, as a run does */
	assert_int_equal(report_build(r.store, &report, &err), 0);
	assert_string_equal(json_string_value(fake_at(report, "status")), "running");
	assert_int_equal(json_array_size(fake_at(report, "targets")), 0);
	assert_int_equal(json_array_size(fake_at(report, "devices")), 0);
	assert_null(fake_find(report, "duration_s"));
	json_decref(report);
	fake_run_fini(&r);
}

/* A part is no sum: of reads all rows say how many bytes, of writes the second does not. */
static void bytes_of_all_rows_or_none(void **state)
{
	static const struct {
		const char *op;
		int rank;
		double bytes;
	} rows[] = {
		{ "write", -1, 1048576 }, { "write", -1, NAN },	   { "write", -1, 4096 },
		{ "read", -1, 1048576 },  { "read", -1, 2097152 }, { "read", 0, NAN },
		{ "remove", -1, NAN },
	};
	struct result_set set = { .tool = "ior", .source = "json", .status = RESULT_OK };
	struct err err = { 0 };
	json_t *report = NULL;
	struct fake_run r;

	(void)state;
	fake_run_begin(&r, NULL);
	fake_run_tick(&r, 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct result *v = result_add(&set);

		assert_non_null(v);
		snprintf(v->op, sizeof(v->op), "%s", rows[i].op);
		v->rank = rows[i].rank;
		v->bytes = rows[i].bytes;
	}
	assert_int_equal(store_put_results(r.store, FAKE_VICTIM, &set, &err), 0);
	result_set_fini(&set);
	assert_int_equal(report_build(r.store, &report, &err), 0);
	assert_int_equal(json_array_size(fake_at(report, "targets.0.results")), 6);
	assert_int_equal(json_object_size(fake_at(report, "targets.0.application")), 1);
	assert_int_equal(json_integer_value(fake_at(report, "targets.0.application.read.bytes")),
			 3145728);
	json_decref(report);
	fake_run_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(contract),
		cmocka_unit_test(killed_run),
		cmocka_unit_test(no_tick_at_all),
		cmocka_unit_test(bytes_of_all_rows_or_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
