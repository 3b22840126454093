// SPDX-License-Identifier: Apache-2.0
/* Whole files: good ones load, bad ones say all that stands beside them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/fs.h"
#include "spec_case.h"

#define DATA "tests/data/spec/"

/* Whether @name ends in @end; cuts it off. */
static int cut(char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	if (n <= m || strcmp(name + n - m, end) != 0)
		return 0;
	name[n - m] = '\0';
	return 1;
}

static void check_file(const char *folder, const char *name, const char *expected)
{
	struct buf text = BUF_INIT(1 << 20), messages = BUF_INIT(1 << 20);
	struct spec *spec = NULL;
	char path[512], file[300];

	snprintf(path, sizeof(path), DATA "%s/%s.yml", folder, name);
	snprintf(file, sizeof(file), "%s.yml", name);
	assert_int_equal(fs_slurp_at(AT_FDCWD, path, &text), 0);
	assert_int_equal(spec_parse(file, buf_str(&text), text.len, NULL, &messages, &spec),
			 *expected ? -EINVAL : 0);
	if (strcmp(buf_str(&messages), expected) != 0)
		fail_msg("%s: expected\n%sgot\n%s", path, expected, buf_str(&messages));
	spec_free(spec);
	buf_fini(&text);
	buf_fini(&messages);
}

static void good_files_load(void **state)
{
	DIR *dir = opendir(DATA "good");
	struct dirent *entry;
	int n = 0;

	(void)state;
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		if (!cut(entry->d_name, ".yml"))
			continue;
		check_file("good", entry->d_name, "");
		n++;
	}
	closedir(dir);
	assert_true(n > 0);
}

static void bad_files_say_all(void **state)
{
	DIR *dir = opendir(DATA "bad");
	struct dirent *entry;
	int n = 0;

	(void)state;
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		struct buf expected = BUF_INIT(1 << 20);
		char path[512];

		if (!cut(entry->d_name, ".yml"))
			continue;
		snprintf(path, sizeof(path), DATA "bad/%s.txt", entry->d_name);
		if (fs_slurp_at(AT_FDCWD, path, &expected))
			fail_msg("%s is missing", path);
		check_file("bad", entry->d_name, buf_str(&expected));
		buf_fini(&expected);
		n++;
	}
	closedir(dir);
	assert_true(n > 0);
}

static void a_missing_file_is_told(void **state)
{
	struct buf messages = BUF_INIT(4096);
	struct spec *spec = NULL;

	(void)state;
	assert_int_equal(spec_load("tests/none.yml", NULL, &messages, &spec), -ENOENT);
	assert_string_equal(buf_str(&messages), "tests/none.yml:1:1: No such file or directory\n");
	buf_reset(&messages);
	assert_int_equal(spec_load("tests", NULL, &messages, &spec), -EISDIR);
	assert_null(spec);
	buf_fini(&messages);
}

static void a_huge_file_is_refused(void **state)
{
	struct buf messages = BUF_INIT(4096);
	struct spec *spec = NULL;

	(void)state;
	assert_int_equal(spec_load("/dev/zero", NULL, &messages, &spec), -EMSGSIZE);
	assert_string_equal(buf_str(&messages),
			    "/dev/zero:1:1: larger than 1 MiB; is this a spec?\n");
	buf_fini(&messages);
}

static const struct {
	const char *label, *file, *name;
} names[] = {
	{ "the file's name without its ending", "specs/quick.yml", "quick" },
	{ "only the last ending is cut", "a.b.yml", "a.b" },
	{ "a file without an ending", "/x/spec", "spec" },
	{ "other characters become dashes", "my spec!.yml", "my-spec-" },
	{ "leading signs are left out", "./.-x.yml", "x" },
	{ "nothing is left", "/dev/-", "run" },
	{ "an empty name", "", "run" },
	{ "a long name is cut",
	  "a12345678901234567890123456789012345678901234567890123456789012345.yml",
	  "a12345678901234567890123456789012345678901234567890123456789012" },
};

static void a_spec_without_name_has_the_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct buf messages = BUF_INIT(4096);
		struct spec *spec = NULL;

		if (spec_parse(names[i].file, SPEC_A, strlen(SPEC_A), NULL, &messages, &spec))
			fail_msg("%s: %s", names[i].label, buf_str(&messages));
		if (strcmp(spec->name, names[i].name) != 0)
			fail_msg("%s: got '%s'", names[i].label, spec->name);
		spec_free(spec);
		buf_fini(&messages);
	}
}

static void runtimes_have_names(void **state)
{
	(void)state;
	assert_string_equal(runtime_kind_name(RUNTIME_DOCKER), "docker");
	assert_string_equal(runtime_kind_name(RUNTIME_PODMAN), "podman");
	assert_string_equal(runtime_kind_name(RUNTIME_NATIVE), "native");
	assert_string_equal(runtime_kind_name(RUNTIME_ATTACH), "attach");
}

static void nothing_can_be_freed(void **state)
{
	(void)state;
	spec_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_files_load),
		cmocka_unit_test(bad_files_say_all),
		cmocka_unit_test(a_missing_file_is_told),
		cmocka_unit_test(a_huge_file_is_refused),
		cmocka_unit_test(a_spec_without_name_has_the_files),
		cmocka_unit_test(runtimes_have_names),
		cmocka_unit_test(nothing_can_be_freed),
	};

	unsetenv("CBPF_TEST_UNSET");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
