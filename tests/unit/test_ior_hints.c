// SPDX-License-Identifier: Apache-2.0
/* Lines of a hints file. */
#include "ior/hints.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "ior/world.h"
#include "unit.h"

static const struct {
	const char *why, *line, *name, *value; /* name NULL: no hint */
} lines[] = {
	{ "as in IOR's manual", "IOR_HINT__MPI__cb_nodes=4", "cb_nodes", "4" },
	{ "blanks around", "  IOR_HINT__MPI__cb_nodes = 4 \n", "cb_nodes", "4" },
	{ "a comment behind", "IOR_HINT__MPI__a=b # c", "a", "b" },
	{ "a value with an equals sign", "IOR_HINT__MPI__a=b=c", "a", "b=c" },
	{ "an empty value", "IOR_HINT__MPI__a=", "a", "" },
	{ "a comment", "# IOR_HINT__MPI__a=b", NULL, NULL },
	{ "a hint for another layer", "IOR_HINT__GPFS__a=b", NULL, NULL },
	{ "no value", "IOR_HINT__MPI__a", NULL, NULL },
	{ "no name", "IOR_HINT__MPI__=b", NULL, NULL },
	{ "nothing", "", NULL, NULL },
};

static void test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char text[128], *name = NULL, *value = NULL;
		bool got;

		snprintf(text, sizeof(text), "%s", lines[i].line);
		got = hints_split(text, &name, &value);
		if (got != (lines[i].name != NULL) ||
		    (got && (strcmp(name, lines[i].name) || strcmp(value, lines[i].value))))
			fail_msg("%s", lines[i].why);
	}
}

static void test_file_and_environment(void **state)
{
	char path[] = "/tmp/cbpf-test-XXXXXX", value[64];
	int fd = mkstemp(path), found = 0;
	struct err err;
	MPI_Info info;

	(void)state;
	assert_true(write(fd, "IOR_HINT__MPI__a=file\nIOR_HINT__MPI__b=file\n", 44) == 44);
	close(fd);
	setenv("IOR_HINT__MPI__b", "environment", 1);
	assert_int_equal(hints_load(path, &info, &err), 0);
	unsetenv("IOR_HINT__MPI__b");
	MPI_Info_get(info, "a", sizeof(value) - 1, value, &found);
	assert_true(found && !strcmp(value, "file"));
	MPI_Info_get(info, "b", sizeof(value) - 1, value, &found);
	assert_true(found && !strcmp(value, "environment"));
	MPI_Info_free(&info);
	unlink(path);
	assert_int_equal(hints_load(path, &info, &err), -ENOENT);
	assert_int_equal(hints_load(NULL, &info, &err), 0);
	assert_true(info == MPI_INFO_NULL);
}

int main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_file_and_environment),
	};
	int rc;

	world_preset_env();
	MPI_Init(&argc, &argv);
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	MPI_Finalize();
	return rc;
}
