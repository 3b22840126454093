// SPDX-License-Identifier: Apache-2.0
/* The CSV summary: a header and as many fields in each line. */
#include <stdlib.h>
#include <string.h>

#include "ior/output.h"
#include "ior_report.h"
#include "unit.h"

static void test_lines(void **state)
{
	char *text = print_sample(&output_csv, 2, NULL, false);

	(void)state;
	assert_string_equal(
		text,
		"access,bw(MiB/s),IOPS,Latency,block(KiB),xfer(KiB),open(s),wr/rd(s),close(s),"
		"total(s),numTasks,iter\n"
		"write,1892.1500,1895.1700,0.001054000,8192.0000,1024.0000,0.000036000,0.016885000,"
		"0.003764000,0.016912000,2,1\n"
		"read,20435.0000,20488.0000,0.000096000,8192.0000,1024.0000,0.000039000,0."
		"001562000,"
		"0.000020000,0.001566000,2,1\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
