// SPDX-License-Identifier: Apache-2.0
/* What is printed loads again as the same spec. */
#include <fcntl.h>
#include <math.h>

#include "base/fs.h"
#include "spec_case.h"

#define GOOD "tests/data/spec/good/"

static void assert_same(const struct option_row *rows, const void *a, const void *b);

static void assert_same_text(const char *key, const char *a, const char *b)
{
	if (!a != !b || (a && strcmp(a, b) != 0))
		fail_msg("%s: '%s' became '%s'", key, a ? a : "(null)", b ? b : "(null)");
}

static void assert_same_sections(const struct option_row *row, const struct section_list *a,
				 const struct section_list *b)
{
	assert_int_equal(a->n, b->n);
	for (size_t i = 0; i < a->n; i++) {
		const char *one = (const char *)a->v + i * row->size;
		const char *other = (const char *)b->v + i * row->size;

		assert_same_text(row->name, *(char *const *)one, *(char *const *)other);
		assert_same(row->rows, one, other);
	}
}

static void assert_same_field(const struct option_row *row, const void *a, const void *b)
{
	const struct str_list *la = a, *lb = b;
	const struct str_map *ma = a, *mb = b;
	double ra, rb;

	switch (row->type) {
	case OPTION_BOOL:
	case OPTION_TRI:
	case OPTION_ENUM: assert_int_equal(*(const int *)a, *(const int *)b); break;
	case OPTION_INT:
	case OPTION_SIZE:
	case OPTION_DURATION: assert_int_equal(*(const uint64_t *)a, *(const uint64_t *)b); break;
	case OPTION_REAL:
		ra = *(const double *)a;
		rb = *(const double *)b;
		assert_true(ra == rb || (isnan(ra) && isnan(rb)));
		break;
	case OPTION_STRING:
	case OPTION_CPUS: assert_same_text(row->name, *(char *const *)a, *(char *const *)b); break;
	case OPTION_STRINGS:
		assert_int_equal(la->n, lb->n);
		for (size_t i = 0; i < la->n; i++)
			assert_same_text(row->name, la->v[i], lb->v[i]);
		break;
	case OPTION_STRMAP:
		assert_int_equal(ma->n, mb->n);
		for (size_t i = 0; i < ma->n; i++) {
			assert_same_text(row->name, ma->v[i].key, mb->v[i].key);
			assert_same_text(ma->v[i].key, ma->v[i].value, mb->v[i].value);
		}
		break;
	case OPTION_SECTION: assert_same(row->rows, a, b); break;
	case OPTION_SECTIONS: assert_same_sections(row, a, b); break;
	case OPTION_MATRIX: assert_int_equal(mb->n, 0); break; /* what is printed is one run */
	}
}

static void assert_same(const struct option_row *rows, const void *a, const void *b)
{
	for (; rows->name; rows++)
		assert_same_field(rows, (const char *)a + rows->offset,
				  (const char *)b + rows->offset);
}

static void check_round_trip(const struct spec *spec)
{
	struct buf text = BUF_INIT(1 << 20);
	struct spec *again;

	assert_int_equal(spec_print(spec, &text), 0);
	again = spec_case_valid(buf_str(&text));
	assert_same(spec_rows, spec, again);
	for (size_t i = 0; i < spec->containers.n; i++) {
		const struct spec_container *a = spec->containers.v, *b = again->containers.v;

		assert_int_equal(a[i].workload.has_ior, b[i].workload.has_ior);
	}
	assert_int_equal(spec->sinks.influxdb.given, again->sinks.influxdb.given);
	spec_free(again);
	buf_fini(&text);
}

static void files_survive(void **state)
{
	static const char *const files[] = {
		GOOD "everything.yml",	     GOOD "anchors.yml",      GOOD "variables.yml",
		GOOD "smallest.yml",	     "specs/quickstart.yml",  "specs/two-containers.yml",
		"specs/noisy-neighbour.yml", "specs/cluster-mini.yml"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct buf messages = BUF_INIT(1 << 20);
		struct spec *spec;

		if (spec_load(files[i], NULL, &messages, &spec))
			fail_msg("%s", buf_str(&messages));
		check_round_trip(spec);
		spec_free(spec);
		buf_fini(&messages);
	}
}

static const struct {
	const char *label, *text; /* as a double-quoted YAML scalar */
	const char *printed;
} texts[] = {
	{ "a word", "word", "word" },
	{ "a path", "/a/b_c.d-e", "/a/b_c.d-e" },
	{ "nothing", "", "\"\"" },
	{ "a number as text", "12", "\"12\"" },
	{ "a flag as text", "Yes", "\"Yes\"" },
	{ "null as text", "null", "\"null\"" },
	{ "~ as text", "~", "\"~\"" },
	{ "an option", "-v", "\"-v\"" },
	{ "a mapping as text", "a: b", "\"a: b\"" },
	{ "a comment as text", "a #b", "\"a #b\"" },
	{ "blanks at the ends", " a ", "\" a \"" },
	{ "a quote", "a\\\"b", "\"a\\\"b\"" },
	{ "a backslash", "a\\\\b", "\"a\\\\b\"" },
	{ "lines", "a\\nb\\n", "\"a\\nb\\n\"" },
	{ "a control character", "\\e[1m", "\"\\u001b[1m\"" },
	{ "a C1 control character", "\\x9b", "\"\\u009b\"" },
	{ "a line separator", "\\u2028", "\"\\u2028\"" },
	{ "a byte order mark", "a\\ufeff", "\"a\\ufeff\"" },
	{ "letters of the world", "\xc3\xa9\xe2\x82\xac", "\"\xc3\xa9\xe2\x82\xac\"" },
	{ "beyond the basic plane", "\\U0001F600", "\"\xf0\x9f\x98\x80\"" },
	{ "a variable that is none", "$${A}", "\"$${A}\"" },
};

static void texts_are_quoted_where_needed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct buf yaml = BUF_INIT(4096), out = BUF_INIT(4096), line = BUF_INIT(4096);
		struct spec *spec;

		buf_printf(&yaml, SPEC_A "description: \"%s\"\n", texts[i].text);
		spec = spec_case_valid(buf_str(&yaml));
		assert_int_equal(spec_print(spec, &out), 0);
		buf_printf(&line, "\ndescription: %s\n", texts[i].printed);
		if (!strstr(buf_str(&out), buf_str(&line)))
			fail_msg("%s: not in\n%s", texts[i].label, buf_str(&out));
		check_round_trip(spec);
		spec_free(spec);
		buf_fini(&yaml);
		buf_fini(&out);
		buf_fini(&line);
	}
}

static const struct {
	const char *label, *yaml, *printed;
} values[] = {
	{ "a duration in its largest unit", "duration: 90s", "\nduration: 90s\n" },
	{ "hours", "duration: 120m", "\nduration: 2h\n" },
	{ "a broken duration", "duration: 1.5s", "\nduration: 1500ms\n" },
	{ "no time", "drain: 0", "\ndrain: 0s\n" },
	{ "a size in bytes",
	  "x-: 1\nruntime: native\ncontainers: {a: {command: [x], memory: 1.5k}}",
	  "\n    memory: 1536\n" },
	{ "a number in its fewest digits",
	  "runtime: native\ncontainers: {a: {command: [x], cpu_limit: 0.1}}",
	  "\n    cpu_limit: 0.1\n" },
};

static void numbers_are_printed_exactly(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct buf yaml = BUF_INIT(4096), out = BUF_INIT(4096);
		struct spec *spec;

		buf_printf(&yaml, "%s\n%s", values[i].yaml,
			   strstr(values[i].yaml, "containers") ? "" : SPEC_A);
		spec = spec_case_valid(buf_str(&yaml));
		assert_int_equal(spec_print(spec, &out), 0);
		if (!strstr(buf_str(&out), values[i].printed))
			fail_msg("%s: not in\n%s", values[i].label, buf_str(&out));
		spec_free(spec);
		buf_fini(&yaml);
		buf_fini(&out);
	}
}

static void secrets_are_hidden(void **state)
{
	struct spec *spec = spec_case_valid("runtime: native\nsinks: {influxdb: {url: u, database: "
					    "d, user: plain, password: hush1}}\n"
					    "containers:\n  a:\n    command: [x]\n"
					    "    env: {DB_PASSWORD: hush2, api_token: hush3, "
					    "SECRET: hush4, AWS_KEY: hush5, N: shown}\n"
					    "  b: {workload: {ior: {env: {MY_SECRET: hush6}}}}\n");
	struct buf out = BUF_INIT(1 << 16);

	(void)state;
	assert_int_equal(spec_print(spec, &out), 0);
	assert_null(strstr(buf_str(&out), "hush"));
	assert_non_null(strstr(buf_str(&out), "DB_PASSWORD: \"***\""));
	assert_non_null(strstr(buf_str(&out), "password: \"***\""));
	assert_non_null(strstr(buf_str(&out), "user: plain"));
	assert_non_null(strstr(buf_str(&out), "shown"));
	spec_free(spec);
	buf_fini(&out);
}

static void urls_keep_no_secrets(void **state)
{
	static const struct {
		const char *url, *shown;
	} cases[] = {
		{ "http://me:hush@h:8086/x", "url: \"http://***@h:8086/x\"" },
		{ "https://hush@h", "url: \"https://***@h\"" },
		{ "me:hush@h:8086", "url: \"***@h:8086\"" },
		{ "http://a@hush:b@h", "url: \"http://***@h\"" },
		{ "h", "url: h" },
		{ "http://h/x?token=hush", "url: \"http://h/x?***\"" },
		{ "http://me@h?token=hush#hush", "url: \"http://***@h?***\"" },
		{ "http://h#hush", "url: \"http://h#***\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out = BUF_INIT(1 << 16);
		struct spec *spec =
			spec_case_valid(SPEC_A "sinks: {influxdb: {url: u, bucket: b}}\n");

		/* Not by the file: some of them are refused. */
		free(spec->sinks.influxdb.url);
		spec->sinks.influxdb.url = strdup(cases[i].url);
		assert_int_equal(spec_print(spec, &out), 0);
		assert_null(strstr(buf_str(&out), "hush"));
		assert_non_null(strstr(buf_str(&out), cases[i].shown));
		spec_free(spec);
		buf_fini(&out);
	}
}

static void a_buffer_too_small_is_told(void **state)
{
	struct spec *spec = spec_case_valid(SPEC_A);
	struct buf out = BUF_INIT(32);

	(void)state;
	assert_true(spec_print(spec, &out) < 0);
	spec_free(spec);
	buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_survive),
		cmocka_unit_test(texts_are_quoted_where_needed),
		cmocka_unit_test(numbers_are_printed_exactly),
		cmocka_unit_test(secrets_are_hidden),
		cmocka_unit_test(urls_keep_no_secrets),
		cmocka_unit_test(a_buffer_too_small_is_told),
	};

	unsetenv("CBPF_TEST_UNSET");
	unsetenv("CBPF_IOR_IMAGE");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
