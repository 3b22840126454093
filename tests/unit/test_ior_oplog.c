// SPDX-License-Identifier: Apache-2.0
/* Per-call records: kept in order, bounded, appended to a file per rank. */
#include "ior/oplog.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "unit.h"

static size_t slurp(const char *path, char *text, size_t size)
{
	FILE *f = fopen(path, "r");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, size - 1, f);
	text[n] = '\0';
	fclose(f);
	return n;
}

static void test_records_and_losses(void **state)
{
	char dir[] = "/tmp/cbpf-test-XXXXXX", prefix[64], path[96], text[1024];
	struct oplog log;
	struct err err;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(prefix, sizeof(prefix), "%s/op", dir);
	snprintf(path, sizeof(path), "%s-00003.csv", prefix);
	assert_int_equal(oplog_init(&log, 2, &err), 0);
	oplog_add(&log, 1000, 1001000, 0, 1 << 20);
	oplog_add(&log, 2000, 2000, 4096, 8);
	oplog_add(&log, 3000, 4000, 8192, 8);
	assert_int_equal(log.dropped, 1);
	assert_int_equal(oplog_save(&log, prefix, 3, "write", 0, &err), 0);
	oplog_add(&log, 5000, 6000, 0, 8);
	assert_int_equal(oplog_save(&log, prefix, 3, "read", 1, &err), 0);
	slurp(path, text, sizeof(text));
	assert_string_equal(text, "access,iter,begin_ns,runtime,offset,bytes,MiB/s\n"
				  "write,0,1000,0.001000000,0,1048576,1000.000\n"
				  "write,0,2000,0.000000000,4096,8,\n"
				  "# write 0: 2 calls\n"
				  "# 1 further calls were not recorded\n"
				  "read,1,5000,0.000001000,0,8,7.629\n"
				  "# read 1: 1 calls\n");
	assert_int_equal(oplog_save(&log, "/no/such/op", 0, "read", 0, &err), -ENOENT);
	assert_non_null(strstr(err.text, "/no/such/op-00000.csv"));
	oplog_fini(&log);
	unlink(path);
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records_and_losses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
