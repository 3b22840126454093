// SPDX-License-Identifier: Apache-2.0
/* IOR's text, compared with lines that IOR 4.1 printed. */
#include <stdlib.h>
#include <string.h>

#include "ior/output.h"
#include "ior_report.h"
#include "unit.h"

static const struct {
	const char *why;
	int verbose;
	const char *line;
} lines[] = {
	{ "version", 0, "IOR-" IOR_VERSION ": MPI Coordinated Test of Parallel I/O\n" },
	{ "test id", 0, "\nTestID              : 0\n" },
	{ "options start", 0,
	  "\n\nOptions: \napi                 : POSIX\napiVersion          : \n" },
	{ "reordering", 0,
	  "\nordering inter file : constant task offset\ntask offset         : 1\nnodes            "
	  "   : 1\n" },
	{ "table", 0,
	  "\n\nResults: \n\naccess    bw(MiB/s)  IOPS       Latency(s)  block(KiB) xfer(KiB)  "
	  "open(s)    wr/rd(s)   close(s)   total(s)   iter\n"
	  "------    ---------  ----       ----------  ---------- ---------  --------   --------   "
	  "--------   --------   ----\n" },
	{ "a write", 0,
	  "\nwrite     1892.15    1895.17    0.001054    8192       1024.00    0.000036   0.016885 "
	  "  0.003764   0.016912   1   \n" },
	{ "a read above 3600 has no decimals", 0,
	  "\nread      20435      20488      0.000096    8192       1024.00    0.000039   0.001562 "
	  "  0.000020   0.001566   1   \n" },
	{ "summary", 0,
	  "\n\nSummary of all tests:\nOperation   Max(MiB)   Min(MiB)  Mean(MiB)     StdDev   "
	  "Max(OPs)   Min(OPs)  Mean(OPs)     StdDev    Mean(s) Stonewall(s) Stonewall(MiB) Test# "
	  "#Tasks tPN reps fPP reord reordoff reordrand seed segcnt   blksiz    xsize aggs(MiB)   "
	  "API RefNum\n" },
	{ "summary of writes", 0,
	  "\nwrite        1892.15    1892.15    1892.15       0.00    1892.15    1892.15    "
	  "1892.15       0.00    0.01691         NA            NA     0      2   2    3   1     1  "
	  "      1         0    0      2  8388608  1048576      32.0 POSIX      0\n" },
	{ "the signature", 1,
	  "\nResults: \nUsing Time Stamp 5 (0x5) for Data Signature\n\naccess " },
	{ "removal", 1,
	  "\nremove    -          -          -           -          -          -          -        "
	  "  -          0.003569   1   \n" },
	{ "best write", 1, "\nMax Write: 1892.15 MiB/sec (1984.06 MB/sec)\n" },
	{ "best read", 1, "\nMax Read:  20435.00 MiB/sec (" },
};

static void test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char *text = print_sample(&output_text, lines[i].verbose, NULL, false);
		const char *at = strstr(text, lines[i].line);

		if (!at)
			fail_msg("%s: not in:\n%s", lines[i].why, text);
		free(text);
	}
}

static void test_quiet_by_default(void **state)
{
	char *text = print_sample(&output_text, 0, NULL, false);

	(void)state;
	assert_null(strstr(text, "remove"));
	assert_null(strstr(text, "Max Write"));
	assert_null(strstr(text, "Time Stamp"));
	assert_non_null(strstr(text, "\nFinished            : "));
	free(text);
}

static void test_an_aborted_run_never_finishes(void **state)
{
	char *text = print_sample(&output_text, 0, "disk on fire", true);

	(void)state;
	assert_null(strstr(text, "Summary"));
	assert_null(strstr(text, "Finished"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_quiet_by_default),
		cmocka_unit_test(test_an_aborted_run_never_finishes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
