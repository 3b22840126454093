// SPDX-License-Identifier: Apache-2.0
/* What `cbpf validate` prints where, and how it ends. */
#include <jansson.h>

#include "cmd/dispatch.h"
#include "commands.h"

#define GOOD "tests/data/spec/good/smallest.yml"
#define BAD "tests/data/spec/bad/keys.yml"

static const struct command *const all[] = { &command_validate, NULL };

static const struct {
	const char *label;
	const char *args[5];
	int status;
	const char *out, *err; /* how each begins; "" for nothing at all */
} cases[] = {
	{ "a valid file is one line",
	  { GOOD },
	  EXIT_OK,
	  GOOD ": valid: 'smallest' runs 1 container with runtime native for up to 600 s\n",
	  "" },
	{ "repetitions are told",
	  { "--set", "repeat=3", GOOD },
	  EXIT_OK,
	  GOOD
	  ": valid: 'smallest' runs 1 container with runtime native for up to 600 s, 3 times\n",
	  "" },
	{ "errors go to stderr", { BAD }, EXIT_USAGE, "", BAD ":3:1: unknown key 'intervall'" },
	{ "errors as JSON go to stdout", { "--format", "json", BAD }, EXIT_USAGE, "{", "" },
	{ "a wrong override",
	  { "--set", "x=1", GOOD },
	  EXIT_USAGE,
	  "",
	  "--set x: unknown key 'x'\n" },
	{ "a missing file",
	  { "none.yml" },
	  EXIT_USAGE,
	  "",
	  "none.yml:1:1: No such file or directory\n" },
	{ "no file", { NULL }, EXIT_USAGE, "", "cbpf: validate: expected one SPEC, got 0\n" },
	{ "two files",
	  { GOOD, GOOD },
	  EXIT_USAGE,
	  "",
	  "cbpf: validate: expected one SPEC, got 2\n" },
	{ "the schema",
	  { "--schema" },
	  EXIT_OK,
	  "{\n  \"$schema\": \"https://json-schema.org/",
	  "" },
	{ "the schema of a file",
	  { "--schema", GOOD },
	  EXIT_USAGE,
	  "",
	  "cbpf: validate: --schema takes no file\n" },
	{ "the reference",
	  { "--reference" },
	  EXIT_OK,
	  "\n| key | takes | preset | meaning |\n",
	  "" },
};

static int validate(const char *const *args, char *out, char *err, size_t size)
{
	char *argv[8] = { (char *)"cbpf", (char *)"validate" };
	struct capture to_out, to_err;
	int argc = 2, status;

	for (size_t i = 0; i < 5 && args[i]; i++)
		argv[argc++] = (char *)args[i];
	capture_begin(&to_out, STDOUT_FILENO);
	capture_begin(&to_err, STDERR_FILENO);
	status = dispatch(all, argc, argv);
	capture_end(&to_err, err, size);
	capture_end(&to_out, out, size);
	return status;
}

static void check_start(const char *label, const char *text, const char *start)
{
	if (strncmp(text, start, strlen(start)) != 0 || (!*start && *text))
		fail_msg("%s: got\n%s", label, text);
}

static void test_output(void **state)
{
	static char out[262144], err[262144];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int status = validate(cases[i].args, out, err, sizeof(out));

		if (status != cases[i].status)
			fail_msg("%s: status %d", cases[i].label, status);
		check_start(cases[i].label, out, cases[i].out);
		check_start(cases[i].label, err, cases[i].err);
	}
}

static void test_json(void **state)
{
	const char *const args[5] = { "--format", "json", "--set", "y=1", BAD };
	static char out[65536], err[65536];
	const json_t *errors, *first, *last;
	json_t *root;

	(void)state;
	assert_int_equal(validate(args, out, err, sizeof(out)), EXIT_USAGE);
	root = json_loads(out, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	assert_string_equal(json_string_value(json_object_get(root, "file")), BAD);
	assert_true(json_is_false(json_object_get(root, "valid")));
	errors = json_object_get(root, "errors");
	assert_int_equal(json_array_size(errors), 4);
	first = json_array_get(errors, 0);
	assert_int_equal(json_integer_value(json_object_get(first, "line")), 3);
	assert_int_equal(json_integer_value(json_object_get(first, "col")), 1);
	assert_string_equal(json_string_value(json_object_get(first, "severity")), "error");
	assert_string_equal(json_string_value(json_object_get(first, "message")),
			    "unknown key 'intervall'; did you mean 'interval'?");
	last = json_array_get(errors, 3);
	assert_true(json_is_null(json_object_get(last, "line")));
	assert_true(json_is_null(json_object_get(last, "col")));
	assert_string_equal(json_string_value(json_object_get(last, "message")),
			    "--set y: unknown key 'y'");
	json_decref(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_output),
		cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
