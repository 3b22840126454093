// SPDX-License-Identifier: Apache-2.0
/* Whole runs of one rank: which files stay, what the results say, what fails. */
#include "ior/session.h"

#include <errno.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "ior/options.h"
#include "ior/world.h"
#include "unit.h"

static struct world world;

static int enter_dir(void **state)
{
	static char dir[] = "/tmp/cbpf-test-XXXXXX";

	*state = mkdtemp(dir);
	return *state && !chdir(dir) ? 0 : -1;
}

static int leave_dir(void **state)
{
	return chdir("/") || rmdir(*state);
}

/* Run a command line; the number of rows goes to @ret_rows. */
static int run(const char *line, size_t *ret_rows, struct err *err)
{
	char text[512], *argv[24] = { "cbpf-ior" };
	int argc = 1, rc, close_rc;
	struct ior_options o;
	struct session s;
	struct err close_err;

	snprintf(text, sizeof(text), "%s", line);
	for (char *one = strtok(text, " "); one; one = strtok(NULL, " "))
		argv[argc++] = one;
	assert_int_equal(ior_options_parse(&o, argc, argv, err), 0);
	assert_int_equal(ior_options_check(&o, NULL, NULL, err), 0);
	rc = session_init(&s, &o, &world, line, err);
	if (!rc)
		rc = session_run(&s, err);
	*ret_rows = s.report.n_rows;
	close_rc = session_close(&s, rc ? &close_err : err);
	ior_options_fini(&o);
	return rc ? rc : close_rc;
}

#define SMALL "-b 64k -t 8k -o f -O summaryFile=out "

static const struct {
	const char *why, *line;
	int rc;
	const char *words; /* of a failure */
	size_t rows;
	bool stays;
} cases[] = {
	{ "write and read, then remove", SMALL, 0, NULL, 2, false },
	{ "-k keeps the file", SMALL "-w -k", 0, NULL, 1, true },
	{ "a second run reads it", SMALL "-r -R -k", 0, NULL, 1, true },
	{ "a check has no row", SMALL "-W -k", 0, NULL, 0, true },
	{ "a read without -k removes it", SMALL "-r", 0, NULL, 1, false },
	{ "repetitions", SMALL "-i 3", 0, NULL, 6, false },
	{ "-m: none of that name", SMALL "-i 2 -m -w -k", 0, NULL, 2, false },
	{ "-m: read, and removed", SMALL "-i 2 -m -r -R", 0, NULL, 2, false },
	{ "verified after writing and reading", SMALL "-w -W -r -R", 0, NULL, 2, false },
	{ "no row without I/O", SMALL "--dryRun", 0, NULL, 0, false },
	{ "a missing file", SMALL "-r -k", -ENOENT, "cannot open 'f' for reading", 0, false },
	{ "a missing summary directory", "-o f -O summaryFile=no/such", -ENOENT,
	  "cannot write summary file 'no/such'", 0, false },
	{ "a missing hints file", SMALL "-a MPIIO --mpiio.hintsFileName=none", -ENOENT,
	  "cannot read hints file 'none'", 0, false },
	{ "a missing status file", SMALL "-r -k -O stoneWallingStatusFile=none", -ENOENT,
	  "cannot read status file 'none'", 0, false },
};

static void test_runs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = { 0 };
		size_t rows;
		int rc = run(cases[i].line, &rows, &err);

		if (rc != cases[i].rc || (rc && !strstr(err.text, cases[i].words)) ||
		    rows != cases[i].rows || !access("f", F_OK) != cases[i].stays)
			fail_msg("%s: rc %d '%s', %zu rows, file %s", cases[i].why, rc, err.text,
				 rows, access("f", F_OK) ? "gone" : "there");
	}
	unlink("out");
}

static void test_wrong_data_fails_but_finishes(void **state)
{
	struct err err = { 0 };
	size_t rows;
	FILE *f;

	(void)state;
	assert_int_equal(run(SMALL "-w -k", &rows, &err), 0);
	f = fopen("f", "r+");
	fseek(f, 8192 + 17, SEEK_SET);
	fputc(0xff, f);
	fclose(f);
	assert_int_equal(run(SMALL "-r -R", &rows, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "1 transfers with wrong data"));
	assert_int_equal(rows, 1);
	unlink("out");
}

static void test_results_that_cannot_be_written(void **state)
{
	struct err err = { 0 };
	size_t rows;

	(void)state;
	if (access("/dev/full", W_OK))
		skip();
	assert_int_equal(run("-b 64k -t 64k -o f -O summaryFile=/dev/full", &rows, &err), -ENOSPC);
	assert_non_null(strstr(err.text, "cannot write the results"));
}

int main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_wrong_data_fails_but_finishes),
		cmocka_unit_test(test_results_that_cannot_be_written),
	};
	struct err err;
	int rc;

	world_preset_env();
	MPI_Init(&argc, &argv);
	rc = world_init(&world, &err) || cmocka_run_group_tests(tests, enter_dir, leave_dir);
	MPI_Finalize();
	return rc;
}
