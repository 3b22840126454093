// SPDX-License-Identifier: Apache-2.0
/* --set KEY=VALUE. */
#include "spec/load.h"

#include "spec_case.h"

static const struct {
	struct spec_case c;
	const char *set;
} cases[] = {
	{ { "a key at the top", SPEC_A, "" }, "interval=50ms" },
	{ { "a key of a container", SPEC_A, "" }, "containers.a.memory=1g" },
	{ { "a workload that was not there", "runtime: native\ncontainers: {a: }\n", "" },
	  "containers.a.workload.ior.block=1g" },
	{ { "a missing =", SPEC_A, "--set interval: expected KEY=VALUE\n" }, "interval" },
	{ { "a missing key", SPEC_A, "--set : expected KEY=VALUE\n" }, "=1" },
	{ { "a misspelt key", SPEC_A,
	    "--set intervall: unknown key 'intervall'; did you mean 'interval'?\n" },
	  "intervall=1s" },
	{ { "a misspelt key below", SPEC_A,
	    "--set containers.a.io.weigth: unknown key 'weigth'; did you mean 'weight'?\n" },
	  "containers.a.io.weigth=100" },
	{ { "an unknown container", SPEC_A,
	    "--set containers.b.memory: the spec has no such entry under containers\n" },
	  "containers.b.memory=1g" },
	{ { "a container without a key", SPEC_A,
	    "--set containers.a: the spec has no such entry under containers\n" },
	  "containers.a=1" },
	{ { "a key below a value", SPEC_A,
	    "--set interval.x: 'interval' holds a value, nothing is below it\n" },
	  "interval.x=1" },
	{ { "a wrong value", SPEC_A,
	    "--set interval: interval: expected a duration such as 100ms, 10s or 5m, got '50'\n" },
	  "interval=50" },
	{ { "a value that makes the whole wrong", SPEC_A,
	    "--set interval: interval: expected 10ms to 60s\n" },
	  "interval=5ms" },
	{ { "a value that makes the file right", SPEC_A "interval: 1h\n", "" }, "interval=1s" },
	{ { "errors of the file come first", SPEC_A "foo: 1\n",
	    "f:5:1: unknown key 'foo'\n--set bar: unknown key 'bar'\n" },
	  "bar=1" },
	{ { "a value that is no YAML", SPEC_A,
	    "--set containers.a.command: not YAML: did not find expected ',' or ']' while parsing "
	    "a flow sequence (line 1)\n" },
	  "containers.a.command=[x" },
	{ { "a value that is not UTF-8", SPEC_A, "--set name: not UTF-8\n" }, "name=\xff" },
	{ { "a key that is not UTF-8", SPEC_A, "--set containers.a.env.?: not UTF-8\n" },
	  "containers.a.env.\xff=1" },
	{ { "an unset variable", SPEC_A,
	    "--set description: description: the environment variable CBPF_NONE is not set; set "
	    "it, "
	    "or write ${CBPF_NONE:-default}\n" },
	  "description=${CBPF_NONE}" },
	{ { "all containers at once", SPEC_A, "" }, "containers={b: {command: [y]}}" },
	{ { "an empty spec stays empty", "", "f:1:1: the file is empty\n" }, "interval=1s" },
};

static void is_checked_as_the_file_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		spec_case_run(&cases[i].c, (const char *const[]){ cases[i].set, NULL });
}

static void replaces_values(void **state)
{
	static const char *const first[] = { "containers.a.command=[b, 'c d']",
					     "containers.a.env.X=y: z", "description=a: b #1",
					     "containers.a.b.env={K: v}", NULL };
	struct buf messages = BUF_INIT(4096);
	struct spec *spec =
		spec_case_parse(SPEC_A "    env: {X: old, Y: kept}\n  a.b: {command: [x]}\n", first,
				&messages);
	const struct spec_container *c;

	(void)state;
	if (!spec)
		fail_msg("%s", buf_str(&messages));
	c = spec->containers.v;
	assert_string_equal(spec->description, "a: b #1");
	assert_int_equal(c[0].command.n, 2);
	assert_string_equal(c[0].command.v[1], "c d");
	assert_string_equal(str_map_get(&c[0].env, "X"), "y: z");
	assert_string_equal(str_map_get(&c[0].env, "Y"), "kept");
	/* A name may hold a dot. */
	assert_string_equal(str_map_get(&c[1].env, "K"), "v");
	spec_free(spec);
	buf_fini(&messages);
}

static void knows_sections_and_short_forms(void **state)
{
	static const char *const set[] = { "collectors.perf=false",
					   "scheduler=observe",
					   "collectors.block.times=kernel",
					   "collectors.block.sharing=false",
					   "sinks.influxdb={url: u, bucket: b}",
					   "containers.a.command=x | y",
					   NULL };
	struct buf messages = BUF_INIT(4096);
	struct spec *spec = spec_case_parse(SPEC_A, set, &messages);
	const struct spec_container *c;

	(void)state;
	if (!spec)
		fail_msg("%s", buf_str(&messages));
	c = spec->containers.v;
	assert_int_equal(spec->collectors.perf.mode, TRI_OFF);
	assert_int_equal(spec->collectors.block.mode, TRI_ON);
	assert_int_equal(spec->collectors.block.times, CLOCK_KERNEL);
	assert_int_equal(spec->collectors.block.sharing, FLAG_OFF);
	assert_int_equal(spec->sinks.influxdb.given, FLAG_ON);
	assert_int_equal(c->command.n, 3);
	assert_string_equal(c->command.v[2], "x | y");
	spec_free(spec);
	buf_fini(&messages);
}

static void profile_is(const char *text, const char *setting, enum tri mode, uint64_t frequency)
{
	const char *const set[] = { setting, NULL };
	struct buf messages = BUF_INIT(4096);
	struct spec *spec = spec_case_parse(text, set, &messages);

	if (!spec)
		fail_msg("%s", buf_str(&messages));
	assert_int_equal(spec->collectors.profile.mode, mode);
	assert_int_equal(spec->collectors.profile.frequency, frequency);
	spec_free(spec);
	buf_fini(&messages);
}

static void who_sets_something_of_a_profile_wants_one(void **state)
{
	(void)state;
	profile_is(SPEC_A, NULL, TRI_OFF, 99);
	profile_is(SPEC_A "collectors: {profile: true}\n", NULL, TRI_ON, 99);
	profile_is(SPEC_A "collectors: {profile: {frequency: 7}}\n", NULL, TRI_AUTO, 7);
	profile_is(SPEC_A "collectors: {profile: {mode: false, frequency: 7}}\n", NULL, TRI_OFF, 7);
	profile_is(SPEC_A, "collectors.profile.frequency=199", TRI_AUTO, 199);
	profile_is(SPEC_A "collectors: {profile: true}\n", "collectors.profile.frequency=199",
		   TRI_ON, 199);
	profile_is(SPEC_A "collectors: {profile: true}\n", "collectors.profile=false", TRI_OFF, 99);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_checked_as_the_file_is),
		cmocka_unit_test(replaces_values),
		cmocka_unit_test(knows_sections_and_short_forms),
		cmocka_unit_test(who_sets_something_of_a_profile_wants_one),
	};

	unsetenv("CBPF_NONE");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
