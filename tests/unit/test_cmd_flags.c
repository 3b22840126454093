// SPDX-License-Identifier: Apache-2.0
/* Flags of a made-up command. */
#include "cmd/flags.h"

#include "base/err.h"
#include "commands.h"

#define MAX_ARGS 8

static const struct {
	const char *label;
	const char *argv[MAX_ARGS];
	enum flags_result result;
	const char *words; /* in the error */
} cases[] = {
	{ "nothing is fine", { "sail" }, FLAGS_OK, NULL },
	{ "a long flag with =", { "sail", "--knots=7" }, FLAGS_OK, NULL },
	{ "help wins", { "sail", "--help", "--nonsense" }, FLAGS_HELP, NULL },
	{ "short help", { "sail", "-h" }, FLAGS_HELP, NULL },
	{ "an unknown flag is named, with the nearest",
	  { "sail", "--knot5" },
	  FLAGS_BAD,
	  "unknown option '--knot5'; did you mean '--knots'?" },
	{ "nothing is near", { "sail", "--zzzzzz" }, FLAGS_BAD, "unknown option '--zzzzzz'" },
	{ "the value of an unknown flag is left out",
	  { "sail", "--zzz=1" },
	  FLAGS_BAD,
	  "unknown option '--zzz'" },
	{ "an unknown letter", { "sail", "-z" }, FLAGS_BAD, "unknown option '-z'" },
	{ "a value is missing",
	  { "sail", "--knots" },
	  FLAGS_BAD,
	  "--knots needs a value: --knots N" },
	{ "a letter's value is missing",
	  { "sail", "-k" },
	  FLAGS_BAD,
	  "--knots needs a value: --knots N" },
	{ "a switch takes none", { "sail", "--flag=1" }, FLAGS_BAD, "--flag takes no value" },
	{ "a value out of range",
	  { "sail", "--knots=31" },
	  FLAGS_BAD,
	  "--knots: expected 1 to 30" },
	{ "an enum's choices are told",
	  { "sail", "--rig", "raft" },
	  FLAGS_BAD,
	  "--rig: expected one of sloop, ketch, got 'raft'" },
	{ "only a switch that is on has a --no-", { "sail", "--no-flag" }, FLAGS_BAD, "unknown" },
	{ "short for two flags",
	  { "sail", "--" },
	  FLAGS_OK,
	  NULL }, /* `--` alone ends the flags and is none */
};

static int count(const char *const *argv)
{
	int n = 0;

	while (n < MAX_ARGS && argv[n])
		n++;
	return n;
}

static enum flags_result parse(const char *const *from, struct sail_config *config, int *first,
			       char **argv, struct err *err)
{
	int argc = count(from);

	for (int i = 0; i < argc; i++)
		argv[i] = (char *)from[i]; /* getopt_long() only changes the order */
	argv[argc] = NULL;
	assert_int_equal(option_presets(sail_rows, config), 0);
	return flags_parse(sail_rows, config, argc, argv, first, err);
}

static void test_results(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sail_config config = { 0 };
		struct err err = { 0 };
		char *argv[MAX_ARGS + 1];
		int first = 0;
		enum flags_result got = parse(cases[i].argv, &config, &first, argv, &err);

		if (got != cases[i].result || (cases[i].words && !strstr(err.text, cases[i].words)))
			fail_msg("%s: %d, '%s'", cases[i].label, (int)got, err.text);
		option_fini(sail_rows, &config);
	}
}

static void test_values(void **state)
{
	static const char *const from[] = { "sail", "-fk",    "9",   "--no-ballast",
					    "here", "--crew", "ann", NULL };
	struct sail_config config = { 0 };
	struct err err = { 0 };
	char *argv[MAX_ARGS + 1];
	int first = 0;

	(void)state;
	assert_int_equal(parse(from, &config, &first, argv, &err), FLAGS_OK);
	assert_int_equal(config.flag, FLAG_ON);
	assert_int_equal(config.ballast, FLAG_OFF);
	assert_int_equal(config.knots, 9);
	assert_int_equal(config.rig, 0);
	assert_int_equal(config.crew.n, 1);
	assert_null(config.port);
	assert_string_equal(argv[first], "here"); /* flags may follow what is none */
	option_fini(sail_rows, &config);
}

static void test_rest(void **state)
{
	static const char *const from[] = { "sail", "-f", "--", "ls", "-l", "--knots", NULL };
	struct sail_config config = { 0 };
	struct err err = { 0 };
	char *argv[MAX_ARGS + 1];
	int first = 0;

	(void)state;
	assert_int_equal(parse(from, &config, &first, argv, &err), FLAGS_OK);
	assert_string_equal(argv[first], "ls");
	assert_string_equal(argv[first + 1], "-l"); /* after `--` nothing is a flag */
	assert_string_equal(argv[first + 2], "--knots");
	option_fini(sail_rows, &config);
}

static void test_required(void **state)
{
	static const struct option_row rows[] = {
		{ "port", OPTION_STRING, offsetof(struct sail_config, port), .required = true },
		{ 0 },
	};
	struct sail_config config = { 0 };
	struct err err = { 0 };
	char *none[] = { (char *)"sail", NULL };
	int first;

	(void)state;
	assert_int_equal(flags_parse(rows, &config, 1, none, &first, &err), FLAGS_BAD);
	assert_non_null(strstr(err.text, "--port TEXT is needed"));
}

static void test_ambiguous(void **state)
{
	static const struct option_row rows[] = {
		{ "port", OPTION_STRING, offsetof(struct sail_config, port), .help = "" },
		{ "power", OPTION_INT, offsetof(struct sail_config, knots), .help = "" },
		{ 0 },
	};
	struct sail_config config = { 0 };
	struct err err = { 0 };
	char *argv[] = { (char *)"sail", (char *)"--po=1", NULL };
	int first;

	(void)state;
	assert_int_equal(flags_parse(rows, &config, 2, argv, &first, &err), FLAGS_BAD);
	assert_non_null(strstr(err.text, "'--po' could mean several"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_results),	  cmocka_unit_test(test_values),
		cmocka_unit_test(test_rest),	  cmocka_unit_test(test_required),
		cmocka_unit_test(test_ambiguous),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
