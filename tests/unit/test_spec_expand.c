// SPDX-License-Identifier: Apache-2.0
/* ${NAME} in values. */
#include "spec/expand.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "unit.h"

static const struct {
	const char *label, *text;
	const char *expanded; /* NULL: refused */
	const char *error;
} cases[] = {
	{ "plain text stays", "a b", "a b", NULL },
	{ "nothing stays nothing", "", "", NULL },
	{ "a set name is replaced", "x${CBPF_T}y", "xvaluey", NULL },
	{ "two names are replaced", "${CBPF_T}${CBPF_T}", "valuevalue", NULL },
	{ "an empty value is a value", "x${CBPF_EMPTY}y", "xy", NULL },
	{ "a default stands for an unset name", "${CBPF_NONE:-d}", "d", NULL },
	{ "a default stands for an empty value", "${CBPF_EMPTY:-d}", "d", NULL },
	{ "a default is not used when set", "${CBPF_T:-d}", "value", NULL },
	{ "a default may be empty", "x${CBPF_NONE:-}y", "xy", NULL },
	{ "a default may hold a name", "${CBPF_NONE:-a${CBPF_T}b}", "avalueb", NULL },
	{ "a default may hold colons and dashes", "${CBPF_NONE:-a:-b}", "a:-b", NULL },
	{ "a value is not expanded again", "${CBPF_NESTED}", "${CBPF_T}", NULL },
	{ "a lone dollar is plain", "$5 $x $", "$5 $x $", NULL },
	{ "two dollars are two dollars", "echo $$", "echo $$", NULL },
	{ "$${ stands for ${", "$${CBPF_T}", "${CBPF_T}", NULL },
	{ "$$${ stands for $${", "$$${CBPF_T}", "$${CBPF_T}", NULL },
	{ "an unset name is refused", "${CBPF_NONE}", NULL,
	  "the environment variable CBPF_NONE is not set; set it, or write ${CBPF_NONE:-default}" },
	{ "a missing brace is refused", "a${CBPF_T", NULL, "'${' without its '}' in '${CBPF_T'" },
	{ "an empty name is refused", "${}", NULL,
	  "expected ${NAME}, ${NAME:-default} or ${matrix.AXIS}, got '${}'" },
	{ "a digit cannot begin a name", "${1}", NULL,
	  "expected ${NAME}, ${NAME:-default} or ${matrix.AXIS}, got '${1}'" },
	{ "other operators are refused", "${CBPF_T:+x}", NULL,
	  "expected ${NAME}, ${NAME:-default} or ${matrix.AXIS}, got '${CBPF_T:+x}'" },
	{ "an axis is replaced", "x${matrix.size}y", "x4KiBy", NULL },
	{ "an axis may be a default", "${CBPF_NONE:-${matrix.size}}", "4KiB", NULL },
	{ "the value of an axis is not expanded again", "${matrix.odd}", "${CBPF_T}", NULL },
	{ "an unknown axis is refused", "${matrix.none}", NULL, "the matrix has no axis 'none'" },
	{ "an axis has no default", "${matrix.size:-1}", NULL, "the matrix has no axis 'size:-1'" },
	{ "an unset name in a default is refused", "${CBPF_NONE:-${CBPF_NONE2}}", NULL,
	  "the environment variable CBPF_NONE2 is not set; set it, or write "
	  "${CBPF_NONE2:-default}" },
	{ "defaults cannot nest for ever",
	  "${N:-${N:-${N:-${N:-${N:-${N:-${N:-${N:-${N:-${N:-x}}}}}}}}}}", NULL,
	  "defaults of ${...} are nested more than 8 deep" },
};

static const char *find_axis(void *arg, const char *name)
{
	return !strcmp(name, "size") ? arg : !strcmp(name, "odd") ? "${CBPF_T}" : NULL;
}

static void expands(void **state)
{
	const struct expand_names names = { find_axis, (void *)"4KiB" };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out = BUF_INIT(256);
		struct err err = { 0 };
		int rc = expand_env(cases[i].text, &names, false, &out, &err);

		if ((rc == 0) != (cases[i].expanded != NULL))
			fail_msg("%s: rc %d (%s)", cases[i].label, rc, err.text);
		if (cases[i].expanded && strcmp(buf_str(&out), cases[i].expanded) != 0)
			fail_msg("%s: got '%s'", cases[i].label, buf_str(&out));
		if (cases[i].error && strcmp(err.text, cases[i].error) != 0)
			fail_msg("%s: got '%s'", cases[i].label, err.text);
		buf_fini(&out);
	}
}

static void a_value_that_does_not_fit_is_refused(void **state)
{
	struct buf out = BUF_INIT(4);
	struct err err;

	(void)state;
	assert_true(expand_env("${CBPF_T}", NULL, false, &out, &err) < 0);
	assert_string_equal(err.text, "the expanded value is too long");
	buf_fini(&out);
}

static void without_a_matrix_there_is_no_axis(void **state)
{
	struct buf out = BUF_INIT(64);
	struct err err;

	(void)state;
	assert_true(expand_env("${matrix.size}", NULL, false, &out, &err) < 0);
	assert_string_equal(err.text, "the matrix has no axis 'size'");
	buf_fini(&out);
}

static void what_is_escaped_expands_to_itself(void **state)
{
	static const char *const texts[] = { "",    "$",       "${",	 "$${x}", "a$$$${b",
					     "$$$", "${x:-y}", "{}$ ${", "}$$",	  "plain" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct buf escaped = BUF_INIT(256), out = BUF_INIT(256);
		struct err err;

		expand_escape(texts[i], &escaped);
		assert_int_equal(expand_env(buf_str(&escaped), NULL, false, &out, &err), 0);
		assert_string_equal(buf_str(&out), texts[i]);
		buf_fini(&escaped);
		buf_fini(&out);
	}
}

static void of_a_secret_only_names_are_told(void **state)
{
	static const struct {
		const char *text, *error;
	} hidden[] = {
		{ "psst${word", "'${' without its '}'" },
		{ "psst${CBPF_NONE:-${word}", "'${' without its '}'" },
		{ "psst${wo rd}",
		  "expected ${NAME}, ${NAME:-default} or ${matrix.AXIS}, got '${...}'" },
		{ "psst${matrix.wo rd}", "the matrix has no such axis" },
		{ "${CBPF_NONE}", "the environment variable CBPF_NONE is not set; set it, or write "
				  "${CBPF_NONE:-default}" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		struct buf out = BUF_INIT(256);
		struct err err = { 0 };

		assert_int_equal(expand_env(hidden[i].text, NULL, true, &out, &err), -EINVAL);
		assert_string_equal(err.text, hidden[i].error);
		buf_fini(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expands),
		cmocka_unit_test(of_a_secret_only_names_are_told),
		cmocka_unit_test(without_a_matrix_there_is_no_axis),
		cmocka_unit_test(a_value_that_does_not_fit_is_refused),
		cmocka_unit_test(what_is_escaped_expands_to_itself),
	};

	setenv("CBPF_T", "value", 1);
	setenv("CBPF_EMPTY", "", 1);
	setenv("CBPF_NESTED", "${CBPF_T}", 1);
	unsetenv("CBPF_NONE");
	unsetenv("CBPF_NONE2");
	unsetenv("N");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
