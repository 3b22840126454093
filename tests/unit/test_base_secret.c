// SPDX-License-Identifier: Apache-2.0
/* Where secrets come from, in which order, and how they are hidden. */
#include "base/secret.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "scratch.h"
#include "unit.h"

static char dir[64];

static const struct {
	const char *label, *given, *file, *credential, *variable; /* contents; NULL: absent */
	const char *want; /* NULL: none */
	int rc;
	const char *says;
} cases[] = {
	{ "nothing anywhere is no secret", .want = NULL },
	{ "the spec comes first", "a", "b", "c", "d", "a", 0, NULL },
	{ "hidden is not given", "***", "b", "c", "d", "b", 0, NULL },
	{ "empty is not given", "", NULL, "c", "d", "c", 0, NULL },
	{ "then the file", NULL, "b", "c", "d", "b", 0, NULL },
	{ "then the credential", NULL, NULL, "c", "d", "c", 0, NULL },
	{ "then the environment", NULL, NULL, NULL, "d", "d", 0, NULL },
	{ "an empty variable is none", NULL, NULL, NULL, "", NULL, 0, NULL },
	{ "a newline at the end of a file is none of it", NULL, "b\n", NULL, NULL, "b", 0, NULL },
	{ "of an editor on another system, too", NULL, "b\r\n", NULL, NULL, "b", 0, NULL },
	{ "blanks are part of it", NULL, " b ", NULL, NULL, " b ", 0, NULL },
	{ "an empty file is a mistake", NULL, "\n", NULL, "d", NULL, -EINVAL, "is empty" },
	{ "a second line could be a header", NULL, "b\nX: y", NULL, NULL, NULL, -EINVAL,
	  "control character" },
	{ "of a variable, too", NULL, NULL, NULL, "hush\nX: y", NULL, -EINVAL, "THE_VARIABLE" },
	{ "and of the spec", "hush\rX", NULL, NULL, NULL, NULL, -EINVAL, "the spec" },
};

static void put(const char *name, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	unlink(path);
	if (text)
		assert_int_equal(fs_create_at(AT_FDCWD, path, text, strlen(text)), 0);
}

static void each_place_in_turn(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char path[128], *secret = (char *)"";
		struct secret_source source = { "token", cases[i].given, NULL, "the-credential",
						"THE_VARIABLE" };
		struct err err = { 0 };
		int rc;

		snprintf(path, sizeof(path), "%s/file", dir);
		put("file", cases[i].file);
		put("the-credential", cases[i].credential);
		source.file = cases[i].file ? path : NULL;
		setenv("CREDENTIALS_DIRECTORY", dir, 1);
		unsetenv("THE_VARIABLE");
		if (cases[i].variable)
			setenv("THE_VARIABLE", cases[i].variable, 1);
		rc = secret_find(&source, &secret, &err);
		if (rc != cases[i].rc)
			fail_msg("%s: %d %s", cases[i].label, rc, err.text);
		if (cases[i].want)
			assert_string_equal(secret, cases[i].want);
		else
			assert_null(secret);
		if (cases[i].says && !strstr(err.text, cases[i].says))
			fail_msg("%s: says '%s'", cases[i].label, err.text);
		assert_null(strstr(err.text, "hush"));
		secret_free(secret);
	}
}

static void a_file_that_is_named_is_needed(void **state)
{
	struct secret_source source = { .what = "token",
					.file = "/no/such/file",
					.variable = "THE_VARIABLE" };
	struct err err;
	char *secret;

	(void)state;
	setenv("THE_VARIABLE", "d", 1);
	assert_int_equal(secret_find(&source, &secret, &err), -ENOENT);
	assert_non_null(strstr(err.text, "/no/such/file"));
	assert_null(secret);
}

static void nul_bytes_are_refused(void **state)
{
	struct secret_source source = { .what = "token" };
	struct err err;
	char path[128], *secret;

	(void)state;
	snprintf(path, sizeof(path), "%s/file", dir);
	assert_int_equal(fs_create_at(AT_FDCWD, path, "a\0b", 3), 0);
	source.file = path;
	assert_int_equal(secret_find(&source, &secret, &err), -EINVAL);
}

static void every_occurrence_is_hidden(void **state)
{
	static const struct {
		const char *text, *secret, *want;
	} hidden[] = {
		{ "token hush: hushhush", "hush", "token ***: ******" },
		{ "nothing", "hush", "nothing" },
		{ "a cat", "a", "a cat" },
		{ "catcat", "cat", "catcat" },
		{ "abcdabcd", "abcd", "******" },
		{ "text", NULL, "text" },
		{ "text", "", "text" },
		{ "long-secret", "long-secret", "***" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
		char text[64];

		snprintf(text, sizeof(text), "%s", hidden[i].text);
		secret_hide(text, hidden[i].secret);
		assert_string_equal(text, hidden[i].want);
	}
}

static int make_dir(void **state)
{
	(void)state;
	scratch_make(dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	return fs_remove_tree(dir);
}

static void names_tell(void **state)
{
	(void)state;
	assert_true(secret_has_name("token"));
	assert_true(secret_has_name("MY_PASSWORD_1"));
	assert_true(secret_has_name("ApiKey"));
	assert_false(secret_has_name("transfer"));
	assert_false(secret_has_name(""));
}

static void our_own_variables_are_known(void **state)
{
	(void)state;
	assert_true(secret_is_ours("INFLUXDB_TOKEN", ""));
	assert_true(secret_is_ours("INFLUXDB_PASSWORD", "x"));
	assert_true(secret_is_ours("CREDENTIALS_DIRECTORY", "/run/x"));
	assert_true(secret_is_ours("INFLUXDB_HOST", "http://me:hush@h:8086"));
	assert_false(secret_is_ours("INFLUXDB_HOST", "http://h:8086"));
	assert_false(secret_is_ours("INFLUXDB_ORG", "o"));
	assert_false(secret_is_ours("TOKEN", "x"));
	assert_false(secret_is_ours("", ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_tell),
		cmocka_unit_test(our_own_variables_are_known),
		cmocka_unit_test(each_place_in_turn),
		cmocka_unit_test(a_file_that_is_named_is_needed),
		cmocka_unit_test(nul_bytes_are_refused),
		cmocka_unit_test(every_occurrence_is_hidden),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
