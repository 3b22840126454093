// SPDX-License-Identifier: Apache-2.0
/* Warnings and rank details after a phase. */
#include <errno.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "ior/options.h"
#include "ior/session.h"
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

static const struct {
	const char *why;
	enum phase_kind kind;
	off_t file_bytes;
	struct rank_result r;
	int deadline, warnings_fail;
	int rc;
	size_t rows;
	const char *log; /* "" for a silent one */
} cases[] = {
	{ "all as expected", PHASE_WRITE, 4096, { .bytes = 4096 }, 0, 0, 0, 1, "" },
	{ "less was moved",
	  PHASE_WRITE,
	  4096,
	  { .bytes = 1024 },
	  0,
	  0,
	  0,
	  1,
	  "WARNING: Expected aggregate file size       = 4096\n"
	  "WARNING: Stat() of aggregate file size      = 4096\n"
	  "WARNING: Using actual aggregate bytes moved = 1024\n" },
	{ "a deadline is named as the cause",
	  PHASE_WRITE,
	  1024,
	  { .bytes = 1024 },
	  9,
	  0,
	  0,
	  1,
	  "WARNING: Expected aggregate file size       = 4096\n"
	  "WARNING: Stat() of aggregate file size      = 1024\n"
	  "WARNING: Using actual aggregate bytes moved = 1024\n"
	  "WARNING: Maybe caused by deadlineForStonewalling\n" },
	{ "wrong data on reading",
	  PHASE_READ,
	  4096,
	  { .bytes = 4096,
	    .wrong_transfers = 3,
	    .wrong_offset = 77,
	    .wrong_expected = 1,
	    .wrong_found = 255 },
	  0,
	  0,
	  0,
	  1,
	  "WARNING: Incorrect data on read (3 errors found).\n"
	  "First wrong byte: rank 0, offset 77, expected 0x01, found 0xff\n"
	  "Used Time Stamp 5 (0x5) for Data Signature\n" },
	{ "a check of writes has no row",
	  PHASE_WRITE_CHECK,
	  4096,
	  { .bytes = 4096 },
	  0,
	  0,
	  0,
	  0,
	  "" },
	{ "a warning can end the run",
	  PHASE_WRITE,
	  4096,
	  { .bytes = 8 },
	  0,
	  1,
	  -ECANCELED,
	  1,
	  "WARNING: Expected aggregate file size       = 4096\n"
	  "WARNING: Stat() of aggregate file size      = 4096\n"
	  "WARNING: Using actual aggregate bytes moved = 8\n" },
};

static void run_case(size_t i)
{
	struct ior_options o = { .test_file = "f",
				 .block_bytes = 4096,
				 .transfer_bytes = 1024,
				 .segments = 1,
				 .summary_file = "out",
				 .rank_csv = "rank.csv",
				 .deadline_s = cases[i].deadline,
				 .warnings_fail = cases[i].warnings_fail };
	struct phase p = { .kind = cases[i].kind };
	struct err err = { 0 };
	struct session s;
	char *log = NULL;
	size_t size;
	int rc;

	fclose(fopen("f", "w"));
	assert_int_equal(truncate("f", cases[i].file_bytes), 0);
	assert_int_equal(session_init(&s, &o, &world, "test", &err), 0);
	pattern_sign(&s.engine.pattern, 5);
	s.log = open_memstream(&log, &size);
	rc = session_report(&s, &p, &cases[i].r, 0, &err);
	fclose(s.log);
	if (rc != cases[i].rc || s.report.n_rows != cases[i].rows || strcmp(log, cases[i].log))
		fail_msg("%s: rc %d, %zu rows, log:\n%s", cases[i].why, rc, s.report.n_rows, log);
	assert_int_equal(!access("rank.csv", F_OK), cases[i].rows);
	assert_int_equal(s.wrong_transfers, cases[i].r.wrong_transfers);
	session_close(&s, &err);
	free(log);
	unlink("rank.csv");
	unlink("out");
	unlink("f");
}

static void test_reports(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		run_case(i);
}

static void test_a_failed_phase_reports_nothing(void **state)
{
	struct ior_options o = { .test_file = "f",
				 .block_bytes = 8,
				 .transfer_bytes = 8,
				 .segments = 1,
				 .summary_file = "out" };
	struct rank_result r = { 0 };
	struct phase p = { 0 };
	struct err err = { 0 };
	struct session s;

	(void)state;
	assert_int_equal(session_init(&s, &o, &world, "test", &err), 0);
	err_say(&err, -EIO, "broken");
	assert_int_equal(session_report(&s, &p, &r, -EIO, &err), -EIO);
	assert_string_equal(err.text, "broken");
	assert_int_equal(s.report.n_rows, 0);
	session_close(&s, &err);
	unlink("out");
}

int main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reports),
		cmocka_unit_test(test_a_failed_phase_reports_nothing),
	};
	struct err err;
	int rc;

	world_preset_env();
	MPI_Init(&argc, &argv);
	rc = world_init(&world, &err) || cmocka_run_group_tests(tests, enter_dir, leave_dir);
	MPI_Finalize();
	return rc;
}
