// SPDX-License-Identifier: Apache-2.0
/* Real outputs of IOR and mdtest, value by value, and what damage does to them. */
#include "launch/parse.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/result.h"
#include "unit.h"

static void slurp(const char *name, struct buf *b)
{
	char path[256];

	snprintf(path, sizeof(path), "tests/data/ior/%s", name);
	assert_int_equal(fs_slurp_at(AT_FDCWD, path, b), 0);
}

static const struct {
	const char *file;
	enum result_status status;
	const char *tool, *version, *source;
	size_t n;
	/* One row looked at closely; NAN: must be absent. */
	size_t row;
	const char *op;
	int iteration, tasks;
	double bytes, bw, iops, latency, total;
} files[] = {
	{ "text-write-read-fpp.txt", RESULT_OK, "ior", "4.1.0+dev", "text", 6, 3, "read", 1, 2,
	  33554432, 20435, 20488, 0.000096, 0.001566 },
	{ "text-verbose.txt", RESULT_OK, "ior", "4.1.0+dev", "text", 3, 2, "remove", 0, 2, NAN, NAN,
	  NAN, NAN, 0.003569 },
	{ "text-stonewall.txt", RESULT_OK, "ior", "4.1.0+dev", "text", 1, 0, "write", 0, 2,
	  1115291648, 1062.36, 16998, 0.000144, 1.00 },
	{ "text-incorrect-data.txt", RESULT_CORRUPT, "ior", "4.1.0+dev", "text", 1, 0, "read", 0, 1,
	  1048576, 4739, 4855, 0.000206, 0.000211 },
	{ "rankcsv.out", RESULT_OK, "ior", "4.1.0+dev", "text", 4, 0, "write", 0, 2, 16777216,
	  1988.53, 1996.28, 0.001002, 0.008046 },
	{ "summary.json", RESULT_OK, "ior", "4.1.0+dev", "json", 4, 2, "write", 1, 2, 16777216,
	  12945.3827, 13081.6499, 0.0002, 0.0012 },
	{ "summary-4.0.json", RESULT_OK, "ior", "4.0.1rc1+dev", "json", 4, 1, "read", 0, 2,
	  16777216, 19418.0741, 19559.5640, 0.0001, 0.0008 },
	{ "mdtest.txt", RESULT_OK, "mdtest", "4.1.0+dev", "text", 10, 4, "file creation", -1, 2,
	  NAN, NAN, 45319.083, NAN, NAN },
};

static void same(double got, double want)
{
	if (isnan(want))
		assert_true(isnan(got));
	else
		assert_true(fabs(got - want) <= 1e-9 * fabs(want));
}

static void test_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		cleanup_buf struct buf b = BUF_INIT(1 << 20);
		struct result_set set;
		struct err err = { 0 };
		const struct result *r;

		print_message("%s\n", files[i].file);
		slurp(files[i].file, &b);
		assert_int_equal(parse_results(b.data, b.len, &set, &err), 0);
		assert_int_equal(set.status, files[i].status);
		assert_string_equal(set.tool, files[i].tool);
		assert_string_equal(set.version, files[i].version);
		assert_string_equal(set.source, files[i].source);
		assert_int_equal(set.n, files[i].n);
		r = &set.v[files[i].row];
		assert_string_equal(r->op, files[i].op);
		assert_int_equal(r->iteration, files[i].iteration);
		assert_int_equal(r->tasks, files[i].tasks);
		same(r->bytes, files[i].bytes);
		same(r->bw_mib_s, files[i].bw);
		same(r->iops, files[i].iops);
		same(r->latency_s, files[i].latency);
		same(r->total_s, files[i].total);
		result_set_fini(&set);
	}
}

static const struct {
	const char *sentence, *text;
	int rc;
	enum result_status status;
	size_t n;
	double bytes, bw; /* of the first row */
	int iteration;
} texts[] = {
	{ "columns are found by the header, not counted: 3.2 has no IOPS and no latency",
	  "IOR-3.2.1: MPI Coordinated Test of Parallel I/O\n"
	  "access    bw(MiB/s)  block(KiB) xfer(KiB)  open(s)    wr/rd(s)   close(s)   total(s)   "
	  "iter\n"
	  "write     100.5      1024.00    256.00     0.000047   0.008015   0.000076   0.008046   "
	  "3   \n"
	  "Finished            : Sat Nov 21 05:44:14 2026\n",
	  0, RESULT_OK, 1, NAN, 100.5, 3 },
	{ "an output without its end is a failed run",
	  "IOR-4.0.0: MPI Coordinated Test of Parallel I/O\n"
	  "access bw(MiB/s) IOPS iter\nwrite 10 20 0\n",
	  0, RESULT_FAILED, 1, NAN, 10, 0 },
	{ "a row that is cut short is a failed run",
	  "IOR-4.0.0: MPI Coordinated Test of Parallel I/O\n"
	  "access bw(MiB/s) IOPS iter\nwrite 10\nFinished : now\n",
	  0, RESULT_FAILED, 0, NAN, NAN, 0 },
	{ "incorrect data is corrupt although the run finished",
	  "IOR-4.0.0: MPI Coordinated Test of Parallel I/O\n"
	  "access bw(MiB/s) IOPS iter\nWARNING: Incorrect data on write (3 errors found).\n"
	  "write 10 20 0\nFinished : now\n",
	  0, RESULT_CORRUPT, 1, NAN, 10, 0 },
	{ "an error line fails the run",
	  "IOR-4.0.0: MPI Coordinated Test of Parallel I/O\n"
	  "ERROR: open64(\"/x\", 66, 0664) failed. Error: No space left, (aiori-POSIX.c:1)\n",
	  0, RESULT_FAILED, 0, NAN, NAN, 0 },
	{ "a file called ERROR does not",
	  "IOR-4.0.0: MPI Coordinated Test of Parallel I/O\nPath : /tmp/ERROR: x\n"
	  "access bw(MiB/s) IOPS iter\nwrite 10 20 0\nFinished : now\n",
	  0, RESULT_OK, 1, NAN, 10, 0 },
	{ "the bytes really moved belong to the row that follows, and to no other",
	  "IOR-4.0.0: MPI Coordinated Test of Parallel I/O\naggregate filesize  : 4 MiB\n"
	  "access bw(MiB/s) IOPS iter\nWARNING: Using actual aggregate bytes moved = 12345\n"
	  "write 10 20 0\nread 10 20 0\nFinished : now\n",
	  0, RESULT_OK, 2, 12345, 10, 0 },
	{ "3.x has fewer dashes in a remove row than it has columns",
	  "IOR-3.3.0: MPI Coordinated Test of Parallel I/O\n"
	  "access bw(MiB/s) IOPS Latency(s) block(KiB) xfer(KiB) open(s) wr/rd(s) close(s) "
	  "total(s) iter\n"
	  "remove    -          -          -          -          -          -          0.002361   "
	  "4   \n"
	  "Max Write: 1.00 MiB/sec (1.05 MB/sec)\nFinished : now\n",
	  0, RESULT_OK, 1, NAN, NAN, 4 },
	{ "3.x ends the bytes moved with a full stop",
	  "IOR-3.3.0: MPI Coordinated Test of Parallel I/O\naggregate filesize  : 4 MiB\n"
	  "access bw(MiB/s) IOPS iter\nWARNING: Using actual aggregate bytes moved = 65536.\n"
	  "WARNING: maybe caused by deadlineForStonewalling\nwrite 10 20 0\nFinished : now\n",
	  0, RESULT_OK, 1, 65536, 10, 0 },
	{ "a stonewalled test that does not say otherwise has moved everything",
	  "IOR-4.0.0: MPI Coordinated Test of Parallel I/O\napi : POSIX\n"
	  "aggregate filesize  : 4 MiB\nstonewallingTime    : 300\n"
	  "access bw(MiB/s) IOPS iter\nwrite 10 20 0\nFinished : now\n",
	  0, RESULT_OK, 1, 4194304, 10, 0 },
	{ "an API that never says so leaves it unknown",
	  "IOR-4.0.0: MPI Coordinated Test of Parallel I/O\napi : HDF5-1.10 (Parallel)\n"
	  "aggregate filesize  : 4 MiB\nstonewallingTime    : 300\n"
	  "access bw(MiB/s) IOPS iter\nwrite 10 20 0\nFinished : now\n",
	  0, RESULT_OK, 1, NAN, 10, 0 },
	{ "repetitions as arrays of their own, as up to 3.2",
	  "{\"Version\": \"3.2.1\", \"Command line\": \"ior\", \"tests\": [{\"TestID\": 0, "
	  "\"Parameters\": {\"blockSize\": 1024, \"segmentCount\": 1}, \"Options\": {\"tasks\": "
	  "2}, "
	  "\"Results\": [[{\"access\": \"write\", \"bwMiB\": 2}, {\"access\": \"read\", \"bwMiB\": "
	  "3}], "
	  "[{\"access\": \"write\", \"bwMiB\": 4}]]}], \"Finished\": \"now\"}",
	  0, RESULT_OK, 3, 2048, 2, 0 },
	{ "JSON tells what a stonewalled test moved in its summary, as whole transfers",
	  "{\"Version\": \"4.0.0\", \"Command line\": \"ior -D 1\", \"tests\": [{\"TestID\": 0, "
	  "\"Parameters\": {\"blockSize\": 1048576000, \"segmentCount\": 1, \"transferSize\": "
	  "47008, "
	  "\"deadlineForStonewall\": 1}, \"Options\": {\"tasks\": 1}, "
	  "\"Results\": [{\"access\": \"write\", \"bwMiB\": 2}]}], "
	  "\"summary\": [{\"operation\": \"write\", \"TestID\": 0, \"xsizeMiB\": 4.4830}], "
	  "\"Finished\": \"now\"}",
	  0, RESULT_OK, 1, 4700800, 2, 0 },
	{ "JSON with a warning in the middle is read all the same",
	  "{\n  \"Version\": \"4.0.0\",\n  \"Command line\": \"ior -o \"a b\"\",\n  \"tests\": [\n"
	  "WARNING: The file exists already\n{\n\"TestID\": 0,\n"
	  "\"Parameters\": {\n\"blockSize\": 1024,\n\"segmentCount\": 2\n},\n\"Options\": {\n"
	  "\"tasks\": 3\n},\n\"Results\": [\n{\n\"access\": \"write\",\n\"bwMiB\": "
	  "7.5\n}\n]\n}\n]\n,\n"
	  "\"Finished\": \"now\"\n}\n",
	  0, RESULT_OK, 1, 6144, 7.5, 0 },
	{ "JSON that ends in the middle is a failed run",
	  "{\"Version\": \"4.0.0\", \"Command line\": \"ior\", \"tests\": [{\"Results\": [", 0,
	  RESULT_FAILED, 0, NAN, NAN, 0 },
	{ "bytes of a stonewalled test are unknown unless told",
	  "{\"Version\": \"4.0.0\", \"Command line\": \"ior -D 1\", \"tests\": [{\"TestID\": 0, "
	  "\"Parameters\": {\"blockSize\": 1024, \"segmentCount\": 1, \"deadlineForStonewall\": "
	  "1}, "
	  "\"Options\": {\"tasks\": 1}, \"Results\": [{\"access\": \"write\", \"bwMiB\": 2}]}], "
	  "\"Finished\": \"now\"}",
	  0, RESULT_OK, 1, NAN, 2, 0 },
	{ "what the bundled tool adds is preferred to what can be computed",
	  "{\"Version\": \"4.1.0+cbpf-0.1.0\", \"Command line\": \"cbpf-ior -D 1\", \"tests\": "
	  "[{\"TestID\": 0, \"Results\": [{\"access\": \"read\", \"bwMiB\": 2, \"bytes\": 99, "
	  "\"iter\": 4}]}], \"Finished\": \"now\"}",
	  0, RESULT_OK, 1, 99, 2, 4 },
	{ "the bundled tool tells wrong data within its JSON, though it finished",
	  "{\"Version\": \"4.1.0+cbpf-0.1.0\", \"Command line\": \"cbpf-ior -R\", \"tests\": "
	  "[{\"TestID\": 0, \"Results\": [{\"access\": \"read\", \"bwMiB\": 2, \"bytes\": 99}]}], "
	  "\"Error\": \"data verification found 1 transfers with wrong data\", "
	  "\"Finished\": \"now\"}",
	  0, RESULT_CORRUPT, 1, 99, 2, 0 },
	{ "any other error is a failure",
	  "{\"Version\": \"4.1.0+cbpf-0.1.0\", \"Command line\": \"cbpf-ior\", \"tests\": [], "
	  "\"Error\": \"cannot open 'f' for writing\"}",
	  0, RESULT_FAILED, 0, NAN, NAN, 0 },
	{ "fio is known but not read", "{\"fio version\" : \"fio-3.33\"}", -EBADMSG, 0, 0, 0, 0,
	  0 },
	{ "anything else is no tool's output", "hello\n", -EBADMSG, 0, 0, 0, 0, 0 },
	{ "nothing is no tool's output", "", -EBADMSG, 0, 0, 0, 0, 0 },
};

static void test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct result_set set;
		struct err err = { 0 };
		int rc;

		print_message("%s\n", texts[i].sentence);
		rc = parse_results(texts[i].text, strlen(texts[i].text), &set, &err);
		assert_int_equal(rc, texts[i].rc);
		if (rc) {
			assert_true(err.text[0]);
			continue;
		}
		assert_int_equal(set.status, texts[i].status);
		assert_true((set.status == RESULT_OK) == !set.message[0]);
		assert_int_equal(set.n, texts[i].n);
		if (set.n) {
			same(set.v[0].bytes, texts[i].bytes);
			same(set.v[0].bw_mib_s, texts[i].bw);
			assert_int_equal(set.v[0].iteration, texts[i].iteration);
		}
		result_set_fini(&set);
	}
}

/* Whatever is cut off the end, the result is never "ok" with fewer rows. */
static void test_truncation(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		cleanup_buf struct buf b = BUF_INIT(1 << 20);

		slurp(files[i].file, &b);
		for (size_t len = 0; len < b.len; len += 7) {
			cleanup_free char *copy = malloc(len + 1);
			struct result_set set;
			struct err err;

			memcpy(copy, b.data, len); /* exact size: overruns show under ASan */
			copy[len] = '\0';
			if (parse_results(copy, len, &set, &err))
				continue;
			if (set.status == RESULT_OK)
				assert_int_equal(set.n, files[i].n);
			result_set_fini(&set);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_truncation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
