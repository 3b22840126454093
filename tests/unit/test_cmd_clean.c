// SPDX-License-Identifier: Apache-2.0
/* What `cbpf clean` accepts, and that a dry run changes nothing. */
#include "cmd/dispatch.h"
#include "commands.h"

static const struct command *const all[] = { &command_clean, NULL };

static void test_usage(void **state)
{
	char *argv[] = { (char *)"cbpf", (char *)"clean", (char *)"surplus", NULL };

	(void)state;
	assert_int_equal(dispatch(all, 3, argv), EXIT_USAGE);
}

static void test_dry_run(void **state)
{
	char *argv[] = { (char *)"cbpf", (char *)"clean", (char *)"-n", NULL };
	static char out[65536];
	struct capture c;
	int status;

	(void)state;
	/* No engine: only what is on this host itself is looked at. */
	setenv("DOCKER_HOST", "unix:///nonexistent.sock", 1);
	setenv("CONTAINER_HOST", "unix:///nonexistent.sock", 1);
	capture_begin(&c, STDOUT_FILENO);
	status = dispatch(all, 3, argv);
	capture_end(&c, out, sizeof(out));
	assert_int_equal(status, EXIT_OK);
	assert_true(strlen(out) > 0); /* nothing to do is told too */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_usage),
		cmocka_unit_test(test_dry_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
