// SPDX-License-Identifier: Apache-2.0
/* Axes of a matrix: which runs they make, what each one sets, and what is wrong with them. */
#include "spec/matrix.h"

#include "spec_case.h"

/* Axes go on in line 3, indented by two. */
#define MATRIX(axes) "runtime: native\nmatrix:\n" axes "containers:\n  a:\n    command: [x]\n"
#define I "  containers.a.workload.ior."
#define IOR_MATRIX(axes)                                                                           \
	"runtime: native\nmatrix:\n" axes "containers:\n  a:\n    workload: {ior: {ranks: 1}}\n"

/* The combinations of @yaml, one "axes; " each. */
static void combinations_of(const char *yaml, const char *const *set, struct buf *out)
{
	struct buf messages = BUF_INIT(1 << 20);
	struct str_list overrides = { 0 };
	struct spec_set all = { 0 };

	for (; set && *set; set++)
		assert_int_equal(str_list_add(&overrides, *set), 0);
	if (spec_parse_all("f", yaml, strlen(yaml), &overrides, &messages, &all))
		fail_msg("not valid:\n%s", buf_str(&messages));
	for (size_t i = 0; i < all.n; i++) {
		assert_int_equal(spec_axes_text(all.v[i], out), 0);
		buf_puts(out, "; ");
	}
	spec_set_fini(&all);
	str_list_fini(&overrides);
	buf_fini(&messages);
}

static const struct {
	const char *label, *yaml, *want, *set[3];
} products[] = {
	{ "no matrix is one run", SPEC_A, "; ", { NULL } },
	{ "an empty one, too", MATRIX("  {}\n"), "; ", { NULL } },
	{ "the first axis is the slowest",
	  IOR_MATRIX(I "transfer: [4k, 8k]\n" I "block: [8k, 16k]\n"),
	  "transfer=4k block=8k; transfer=4k block=16k; transfer=8k block=8k; transfer=8k "
	  "block=16k; ",
	  { NULL } },
	{ "one value needs no list", MATRIX("  interval: 50ms\n"), "interval=50ms; ", { NULL } },
	{ "nothing leaves a key as the file has it",
	  MATRIX("  containers.a.cpu_limit: [~, 0.5]\n"),
	  "cpu_limit=-; cpu_limit=0.5; ",
	  { NULL } },
	{ "lists and mappings are values",
	  MATRIX("  containers.a.command: [[x, y], [z]]\n  containers.a.env: [{A: b}]\n"),
	  "command=[x,y] env={A:b}; command=[z] env={A:b}; ",
	  { NULL } },
	{ "labels stand for keys",
	  MATRIX("  where:\n    here:\n    there: {interval: 50ms, containers.a.memory: 1g}\n"),
	  "where=here; where=there; ",
	  { NULL } },
	{ "and for values of one key",
	  MATRIX("  containers.a.memory: {small: 1m, large: 1g}\n"),
	  "memory=small; memory=large; ",
	  { NULL } },
	{ "keys of the same end are told apart",
	  "runtime: native\nmatrix:\n  containers.a.memory: [1m]\n  containers.b.memory: [2m]\n"
	  "containers: {a: {command: x}, b: {command: x}}\n",
	  "a.memory=1m b.memory=2m; ",
	  { NULL } },
	{ "so is a name from the end of a key",
	  MATRIX("  memory: [1m]\n  containers.a.memory: [2m]\n  interval: [\"5${CBPF_X:-0}ms\"]\n"
		 "x-used: 1\n") "description: ${matrix.memory}\n",
	  "memory=1m a.memory=2m interval=50ms; ",
	  { NULL } },
	{ "combinations are left out, wherever that stands",
	  IOR_MATRIX("  exclude: [{transfer: 8k, block: [8k, 24k]}, {block: 32k}]\n" I
		     "transfer: [4k, 8k]\n" I "block: [8k, 24k, 32k]\n"),
	  "transfer=4k block=8k; transfer=4k block=24k; ",
	  { NULL } },
	{ "left out by a key and by nothing",
	  MATRIX("  containers.a.cpu_limit: [~, 1]\n  exclude: [{containers.a.cpu_limit: ~}]\n"),
	  "cpu_limit=1; ",
	  { NULL } },
	{ "others are kept",
	  MATRIX("  interval: [1s, 2s, 3s]\n  duration: [1m, 2m]\n"
		 "  only: [{interval: 1s, duration: 2m}, {interval: [\"${CBPF_X:-3s}\"]}]\n"
		 "  exclude: [{interval: 3s, duration: 1m}]\n"),
	  "interval=1s duration=2m; interval=3s duration=2m; ",
	  { NULL } },
	{ "others are chosen",
	  MATRIX("  interval: [1s, 2s]\n  only: [{interval: 1s}]\n  exclude: [{interval: 1s}]\n"),
	  "interval=2s; ",
	  { "matrix.only=[{interval: 2s}]" } },
	{ "a --set of an axis is its only value",
	  IOR_MATRIX(I "transfer: [4k, 8k]\n" I "block: [8k, 16k]\n"),
	  "transfer=1k block=8k; transfer=1k block=16k; ",
	  { "containers.a.workload.ior.transfer=1k" } },
	{ "values are set by the axis' short name",
	  IOR_MATRIX(I "transfer: [4k, 8k]\n  exclude: [{transfer: 8k}]\n"),
	  "transfer=1k; transfer=2k; ",
	  { "matrix.transfer=[1k, 2k]" } },
	{ "labels are chosen from",
	  MATRIX("  w: {one: , two: {interval: 1s}, three: }\n"),
	  "w=three; w=one; ",
	  { "matrix.w=[three, one]" } },
	{ "of secrets, too",
	  MATRIX("  containers.a.env.API_KEY: {one: hush, two: hush2}\n"),
	  "API_KEY=two; ",
	  { "matrix.API_KEY=two" } },
	{ "a secret that is set is not told",
	  MATRIX("  containers.a.env.API_KEY: {one: hush, two: hush2}\n"),
	  "API_KEY=***; ",
	  { "containers.a.env.API_KEY=hush3" } },
	{ "nor is one in a mapping",
	  MATRIX("  containers.a.env: {one: {API_KEY: hush}, two: {A: b}}\n"),
	  "env=***; ",
	  { "containers.a.env={API_KEY: hush3}" } },
	{ "nor a url",
	  MATRIX("  sinks.influxdb.url: {one: 'http://me:hush@h', two: 'http://h'}\n"
		 "  sinks.influxdb.bucket: b\n"),
	  "url=*** bucket=b; ",
	  { "sinks.influxdb.url=http://me:hush@i" } },
	{ "labels are replaced by others",
	  MATRIX("  w: {one: , two: }\n"),
	  "w=x; ",
	  { "matrix.w={x: {interval: 1s}}" } },
	{ "an axis is added",
	  SPEC_A,
	  "interval=50ms; interval=1s; ",
	  { "matrix.interval=[50ms, 1s]" } },
	{ "all are dropped", MATRIX("  interval: [50ms, 1s]\n"), "; ", { "matrix={}" } },
	{ "or that way", MATRIX("  interval: [50ms, 1s]\n"), "; ", { "matrix=" } },
	{ "all are replaced",
	  MATRIX("  interval: [50ms, 1s]\n"),
	  "duration=1m; ",
	  { "matrix={duration: 1m}" } },
	{ "nothing is left out",
	  MATRIX("  interval: [50ms, 1s]\n  exclude: [{interval: 1s}]\n"),
	  "interval=50ms; interval=1s; ",
	  { "matrix.exclude=[]" } },
};

static void there_is_a_run_for_each_combination(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(products) / sizeof(products[0]); i++) {
		struct buf out = BUF_INIT(65536);

		combinations_of(products[i].yaml, products[i].set, &out);
		if (strcmp(buf_str(&out), products[i].want) != 0)
			fail_msg("%s: got %s", products[i].label, buf_str(&out));
		buf_fini(&out);
	}
}

static void each_run_has_its_values(void **state)
{
	static const char yaml[] = "name: n-${matrix.size}\nruntime: native\nmatrix:\n"
				   "  size: [1m, 2m]\n"
				   "  containers.a.memory: [~, 8m]\n"
				   "  where: {here: {containers.a.working_dir: /tmp, "
				   "containers.a.env.X: 1}, there: }\n"
				   "containers: {a: {command: [x, \"${matrix.size}\", "
				   "\"${matrix.where}\"], memory: 4m, "
				   "working_dir: /}}\n";
	static const struct {
		const char *name, *word, *dir, *x;
		uint64_t memory;
	} want[] = {
		{ "n-1m", "1m here", "/tmp", "1", 4 << 20 },
		{ "n-1m", "1m there", "/", NULL, 4 << 20 },
		{ "n-1m", "1m here", "/tmp", "1", 8 << 20 },
		{ "n-1m", "1m there", "/", NULL, 8 << 20 },
		{ "n-2m", "2m here", "/tmp", "1", 4 << 20 },
		{ "n-2m", "2m there", "/", NULL, 4 << 20 },
		{ "n-2m", "2m here", "/tmp", "1", 8 << 20 },
		{ "n-2m", "2m there", "/", NULL, 8 << 20 },
	};
	struct buf messages = BUF_INIT(65536);
	struct spec_set all = { 0 };

	(void)state;
	if (spec_parse_all("f", yaml, strlen(yaml), NULL, &messages, &all))
		fail_msg("%s", buf_str(&messages));
	assert_int_equal(all.n, sizeof(want) / sizeof(want[0]));
	for (size_t i = 0; i < all.n; i++) {
		const struct spec_container *c = all.v[i]->containers.v;
		char word[64];

		snprintf(word, sizeof(word), "%s %s", c->command.v[1], c->command.v[2]);
		assert_string_equal(all.v[i]->name, want[i].name);
		assert_string_equal(word, want[i].word);
		assert_string_equal(c->working_dir, want[i].dir);
		assert_true(c->memory == want[i].memory);
		if (want[i].x)
			assert_string_equal(str_map_get(&c->env, "X"), want[i].x);
		else
			assert_null(str_map_get(&c->env, "X"));
	}
	spec_set_fini(&all);
	buf_fini(&messages);
}

/* --set has the last word, also over what a label sets, and knows the axes. */
static void overrides_come_last(void **state)
{
	static const char yaml[] = MATRIX("  w: {one: {interval: 1s, containers.a.memory: 1m}}\n");
	const char *const set[] = { "interval=50ms", "description=of ${matrix.w}", NULL };
	struct buf messages = BUF_INIT(65536);
	struct spec *spec = spec_case_parse(yaml, set, &messages);
	const struct spec_container *c;

	(void)state;
	assert_non_null(spec);
	c = spec->containers.v;
	assert_int_equal(spec->interval_ns, 50000000);
	assert_int_equal(c->memory, 1 << 20);
	assert_string_equal(spec->description, "of one");
	spec_free(spec);
	buf_fini(&messages);
}

/* What is stored of a run is that run. */
static void a_run_prints_without_its_matrix(void **state)
{
	struct spec *spec = spec_case_valid(MATRIX("  interval: [50ms, 1s]\n"));
	struct buf text = BUF_INIT(65536);

	(void)state;
	assert_int_equal(spec_print(spec, &text), 0);
	assert_null(strstr(buf_str(&text), "matrix"));
	assert_non_null(strstr(buf_str(&text), "interval: 50ms\n"));
	spec_free(spec);
	buf_fini(&text);
}

static const struct {
	struct spec_case c;
	const char *set[3];
} wrong[] = {
	{ { "no mapping", "matrix: [x]\n" SPEC_A,
	    "f:1:9: matrix: expected a mapping of axes, got a list\n" },
	  { NULL } },
	{ { "no values", MATRIX("  interval: []\n"),
	    "f:3:13: interval: needs at least one value\n" },
	  { NULL } },
	{ { "no value", MATRIX("  interval:\n"), "f:3:12: interval: needs at least one value\n" },
	  { NULL } },
	{ { "a value twice", MATRIX("  interval: [1s, 1s]\n"),
	    "f:3:18: interval: '1s' is given twice\n" },
	  { NULL } },
	{ { "a name that cannot be one", MATRIX("  \"a b\": [1]\n"),
	    "f:3:3: the axis 'a b' is no key of a spec, so it may hold letters, digits, '_' and "
	    "'-'\n" },
	  { NULL } },
	{ { "a name that nobody uses", MATRIX("  sise: [1, 2]\n"),
	    "f:3:3: 'sise' is no key of a spec, and no ${matrix.sise} takes its values\n" },
	  { NULL } },
	{ { "a label of a name without keys", MATRIX("  w: {one: 1}\n"),
	    "f:3:12: w: expected a mapping of keys under 'one', got a value\n" },
	  { NULL } },
	{ { "an axis that is not there",
	    MATRIX("  interval: [1s]\n") "description: ${matrix.intervall}\n",
	    "f:7:14: description: the matrix has no axis 'intervall'\n" },
	  { NULL } },
	{ { "a misspelt key is told once", IOR_MATRIX(I "transfr: [4k, 8k]\n"),
	    "f:3:3: unknown key 'transfr'; did you mean 'transfer'?\n" },
	  { NULL } },
	{ { "a key below a label", MATRIX("  w: {one: , two: {intervall: 1s}}\n"),
	    "f:3:20: unknown key 'intervall'; did you mean 'interval'? (w=two)\n" },
	  { NULL } },
	{ { "a matrix within", MATRIX("  w: {one: {matrix: {}}}\n"),
	    "f:3:13: matrix: cannot be set from here\n" },
	  { NULL } },
	{ { "a wrong value is told with the runs that have it",
	    MATRIX("  containers.a.memory: [4k, 4x]\n  interval: [1s, 2s]\n"),
	    "f:3:29: memory: expected a size such as 4096, 4KiB or 1g, got '4x' (memory=4x "
	    "interval=1s, and 1 more)\n" },
	  { NULL } },
	{ { "a wrong combination", IOR_MATRIX(I "transfer: [4k, 1m]\n" I "block: [4k, 2m]\n"),
	    "f:4:37: ior: block (4096 bytes) must be a multiple of transfer (1048576 bytes) "
	    "(transfer=1m block=4k)\n" },
	  { NULL } },
	{ { "what is wrong with all is told once",
	    MATRIX("  duration: [1m, 2m]\n") "interval: 1ms\nfoo: 1\n",
	    "f:7:11: interval: expected 10ms to 60s\nf:8:1: unknown key 'foo'\n" },
	  { NULL } },
	{ { "secrets would be stored", MATRIX("  containers.a.env.API_KEY: [x, y]\n"),
	    "f:3:29: containers.a.env.API_KEY: the values of an axis are stored with its runs, and "
	    "these are taken for secrets: give them labels\n" },
	  { NULL } },
	{ { "so would a password in a url",
	    MATRIX("  sinks.influxdb.url: ['http://me:hush@h', 'http://me:hush@h']\n"),
	    "f:3:23: sinks.influxdb.url: the values of an axis are stored with its runs, and these "
	    "are taken for secrets: give them labels\n" },
	  { NULL } },
	{ { "and in a mapping",
	    MATRIX("  sinks.influxdb: [{bucket: b, url: 'http://me:hush@h'}]\n"),
	    "f:3:37: sinks.influxdb: the values of an axis are stored with its runs, and these are "
	    "taken for secrets: give them labels\n" },
	  { NULL } },
	{ { "of the environment, too", MATRIX("  containers.a.env: [{API_KEY: hush}]\n"),
	    "f:3:32: containers.a.env: the values of an axis are stored with its runs, and these "
	    "are taken for secrets: give them labels\n" },
	  { NULL } },
	{ { "a label that is none of a secret",
	    MATRIX("  sinks.influxdb.url: {one: 'http://me:hush@h'}\n"),
	    "--set matrix.url: the axis 'url' has no value '***'\n" },
	  { "matrix.url=http://me:hush@h" } },
	{ { "exclude is a list", MATRIX("  interval: [1s]\n  exclude: {interval: 1s}\n"),
	    "f:4:12: exclude: expected a list, got a mapping\n" },
	  { NULL } },
	{ { "of mappings", MATRIX("  interval: [1s]\n  exclude: [1s]\n"),
	    "f:4:13: exclude: expected a mapping of axes to values, got a value\n" },
	  { NULL } },
	{ { "of axes",
	    MATRIX("  interval: [1s, 2s]\n  exclude: [{intervall: 1s}, {interval: 3s}, {}]\n"),
	    "f:4:14: unknown axis 'intervall'; did you mean 'interval'?\n"
	    "f:4:41: exclude: the axis 'interval' has no value '3s'\n"
	    "f:4:46: exclude: {} names no axis\n" },
	  { NULL } },
	{ { "nothing is left", MATRIX("  interval: [1s]\n  exclude: [{interval: 1s}]\n"),
	    "f:3:3: matrix: no combination is left\n" },
	  { NULL } },
	{ { "a label that is not there", MATRIX("  w: {one: }\n"),
	    "--set matrix.w: the axis 'w' has no value 'two'\n" },
	  { "matrix.w=two" } },
	{ { "what is above an axis", IOR_MATRIX(I "transfer: [4k, 8k]\n"),
	    "--set containers.a.workload.ior: the axis 'transfer' is below it; set "
	    "matrix.transfer, too\n" },
	  { "containers.a.workload.ior={}" } },
	{ { "a value from --set", SPEC_A,
	    "--set matrix.interval: interval: expected 10ms to 60s (interval=5ms)\n" },
	  { "matrix.interval=[1s, 5ms]" } },
	{ { "no YAML", SPEC_A,
	    "--set matrix.interval: not YAML: did not find expected ',' or ']' while parsing a "
	    "flow sequence (line 1)\n" },
	  { "matrix.interval=[1s" } },
};

static void what_is_wrong_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		spec_case_run(&wrong[i].c, wrong[i].set);
}

/* "KEY: [0, 1, ...]" */
static void put_axis(struct buf *out, const char *name, int n)
{
	buf_printf(out, "  %s: [", name);
	for (int i = 0; i < n; i++)
		buf_printf(out, "%s%d", i ? "," : "", i);
	buf_puts(out, "]\n");
}

static void there_are_bounds(void **state)
{
	static const struct {
		int axes, values;
		const char *why;
	} cases[] = {
		{ 1, 1001, "more than 1000 values" },
		{ 2, 32, "more than 1000 combinations" },
		{ 3, 100, "more than 100000 combinations" },
		{ 17, 1, "more than 16 axes" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf yaml = BUF_INIT(1 << 20), messages = BUF_INIT(1 << 20);
		struct spec *spec;

		buf_puts(&yaml, "runtime: native\nmatrix:\n");
		for (int a = 0; a < cases[i].axes; a++) {
			char name[32];

			snprintf(name, sizeof(name), "containers.a.env.X%d", a);
			put_axis(&yaml, name, cases[i].values);
		}
		buf_puts(&yaml, "containers: {a: {command: x}}\n");
		spec = spec_case_parse(buf_str(&yaml), NULL, &messages);
		if (spec || !strstr(buf_str(&messages), cases[i].why))
			fail_msg("%s: got %.200s", cases[i].why, buf_str(&messages));
		buf_fini(&yaml);
		buf_fini(&messages);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_is_a_run_for_each_combination),
		cmocka_unit_test(each_run_has_its_values),
		cmocka_unit_test(overrides_come_last),
		cmocka_unit_test(a_run_prints_without_its_matrix),
		cmocka_unit_test(what_is_wrong_is_told),
		cmocka_unit_test(there_are_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
