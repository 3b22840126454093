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
	{ "summary.csv", RESULT_OK, "ior", "", "csv", 4, 1, "read", 0, 1, NAN, 14071.4266,
	  58765.6280, 0.000017017, 0.000071066 },
	{ "ranks.csv", RESULT_OK, "ior", "", "rank csv", 8, 3, "read", 0, 2, 1048576,
	  14296684118.6736 / 0x1p20, NAN, NAN, 0.000073344 },
	{ "calls.csv", RESULT_OK, "ior", "", "call csv", 4, 2, "write", 1, -1, 1048576,
	  7362.25222952687, NAN, 8.4650625e-6, NAN },
	{ "../fio/mixed.json", RESULT_OK, "fio", "3.33", "json", 2, 0, "read", -1, -1, 540672,
	  39.6634607315063, 10153.846154, 9.088569697e-5, 0.013 },
	{ "../fio/with-text.txt", RESULT_OK, "fio", "3.33", "json", 2, 0, "write", -1, -1, 262144,
	  62.5, 16000, 2.3833125e-6, 0.004 },
	{ "../fio/verify.json", RESULT_CORRUPT, "fio", "3.33", "json", 1, 0, "read", -1, -1, 12288,
	  11.71875, 3000, 4.0088666667e-5, 0.001 },
	{ "text-3.2.txt", RESULT_OK, "ior", "3.2.1", "text", 4, 1, "read", 0, 2, 16777216, 2208.69,
	  NAN, NAN, 0.007244 },
	/* "13.00 MiB" is 13632320 bytes */
	{ "text-hard.txt", RESULT_OK, "ior", "4.1.0+cbpf-0.1.0", "text", 4, 3, "read", 1, 2,
	  13632320, 873.58, 19509, 0.000020, 0.014882 },
	{ "script.txt", RESULT_OK, "ior", "4.1.0+dev", "text", 10, 8, "write", 1, 2, 16777216,
	  2440.50, 2447.62, 0.000817, 0.006556 },
	{ "script.json", RESULT_OK, "ior", "4.1.0+dev", "json", 8, 5, "read", 0, 2, 16777216,
	  19418.0741, 19559.5640, 0.0001, 0.0008 },
	{ "md-workbench.txt", RESULT_OK, "md-workbench", "4.1.0+dev", "text", 14, 7, "benchmark", 1,
	  -1, NAN, 6.6, 3478.3, NAN, 0.23 },
	{ "ranks-4.0.csv", RESULT_OK, "ior", "", "rank csv", 8, 5, "write", 1, 2, 1048576, 6.25,
	  NAN, NAN, 0.16 },
	{ "calls-upstream.csv", RESULT_OK, "ior", "", "call csv", 1, 0, "call", -1, -1, 4194304,
	  533.33333333333, NAN, 0.001875, NAN },
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
	{ "and so it is in the words of an older one",
	  "IOR-3.3.0: MPI Coordinated Test of Parallel I/O\n"
	  "access bw(MiB/s) IOPS iter\nWARNING: incorrect data on write (3 errors found).\n"
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
	{ "rows that the summary has more of are missing",
	  "IOR-4.0.0: MPI Coordinated Test of Parallel I/O\n"
	  "access bw(MiB/s) IOPS iter\nwrite 10 20 0\n"
	  "Operation Max(MiB) Min(MiB) Mean(MiB) reps\nwrite 10.00 10.00 10.00 2\nFinished : now\n",
	  0, RESULT_FAILED, 1, NAN, 10, 0 },
	{ "unless -T has ended the test before",
	  "IOR-4.0.0: MPI Coordinated Test of Parallel I/O\nCommand line : ior -T 1 -i 2\n"
	  "access bw(MiB/s) IOPS iter\nwrite 10 20 0\n"
	  "Operation Max(MiB) Min(MiB) Mean(MiB) reps\nwrite 10.00 10.00 10.00 2\nFinished : now\n",
	  0, RESULT_OK, 1, NAN, 10, 0 },
	{ "a summary of other rows is a contradiction",
	  "IOR-4.0.0: MPI Coordinated Test of Parallel I/O\n"
	  "access bw(MiB/s) IOPS iter\nwrite 10 20 0\n"
	  "Operation Max(MiB) Min(MiB) Mean(MiB) reps\nwrite 12.00 12.00 12.00 1\nFinished : now\n",
	  0, RESULT_FAILED, 1, NAN, 10, 0 },
	{ "bandwidth by time must be the bytes",
	  "IOR-4.0.0: MPI Coordinated Test of Parallel I/O\naggregate filesize  : 4 MiB\n"
	  "access bw(MiB/s) total(s) iter\nwrite 10.0 0.500000 0\nFinished : now\n",
	  0, RESULT_FAILED, 1, NAN, 10, 0 },
	{ "an aggregate with decimals is rounded: the bytes are those of the summary",
	  "IOR-4.0.0: MPI Coordinated Test of Parallel I/O\naggregate filesize  : 1.00 GiB\n"
	  "access bw(MiB/s) total(s) iter\nwrite 102.80 10.00 0\n"
	  "Operation Max(MiB) Min(MiB) Mean(MiB) #Tasks reps segcnt blksiz xsize\n"
	  "write 102.80 102.80 102.80 2 1 11465 47008 47008\nFinished : now\n",
	  0, RESULT_OK, 1, 1077893440, 102.8, 0 },
	{ "which bandwidth by time must be, too",
	  "IOR-4.0.0: MPI Coordinated Test of Parallel I/O\naggregate filesize  : 1.00 GiB\n"
	  "access bw(MiB/s) total(s) iter\nwrite 102.80 20.00 0\n"
	  "Operation Max(MiB) Min(MiB) Mean(MiB) #Tasks reps segcnt blksiz xsize\n"
	  "write 102.80 102.80 102.80 2 1 11465 47008 47008\nFinished : now\n",
	  0, RESULT_FAILED, 1, NAN, 102.8, 0 },
	{ "without such a summary they are unknown",
	  "IOR-4.0.0: MPI Coordinated Test of Parallel I/O\naggregate filesize  : 13.00 MiB\n"
	  "access bw(MiB/s) IOPS iter\nwrite 10 20 0\nFinished : now\n",
	  0, RESULT_OK, 1, NAN, 10, 0 },
	{ "a log may hold two invocations, one after the other",
	  "IOR-4.0.0: MPI Coordinated Test of Parallel I/O\naggregate filesize  : 4 MiB\n"
	  "access bw(MiB/s) IOPS iter\nwrite 10 20 0\nFinished : now\n"
	  "IOR-4.0.0: MPI Coordinated Test of Parallel I/O\naggregate filesize  : 8 MiB\n"
	  "access bw(MiB/s) IOPS iter\nread 30 20 0\nFinished : now\n",
	  0, RESULT_OK, 2, 4194304, 10, 0 },
	{ "tests of a script have rows of their own, and one summary",
	  "IOR-4.0.0: MPI Coordinated Test of Parallel I/O\nCommand line : ior -f s\n"
	  "TestID : 0\nOptions:\ntasks : 2\naggregate filesize  : 4 MiB\nResults:\n"
	  "access bw(MiB/s) IOPS iter\nwrite 10 20 0\nwrite 12 24 1\n"
	  "TestID : 1\nOptions:\ntasks : 1\naggregate filesize  : 2 MiB\nResults:\n"
	  "access bw(MiB/s) IOPS iter\nwrite 30 60 0\n"
	  "Operation Max(MiB) Min(MiB) Mean(MiB) Test# reps\nwrite 12.00 10.00 11.00 0 2\n"
	  "write 30.00 30.00 30.00 1 1\nFinished : now\n",
	  0, RESULT_OK, 3, 4194304, 10, 0 },
	{ "and a row that is in another's place is told",
	  "IOR-4.0.0: MPI Coordinated Test of Parallel I/O\nCommand line : ior -f s\n"
	  "TestID : 0\nOptions:\ntasks : 2\nResults:\n"
	  "access bw(MiB/s) IOPS iter\nwrite 10 20 0\nwrite 30 60 0\n"
	  "TestID : 1\nOptions:\ntasks : 1\nResults:\n"
	  "access bw(MiB/s) IOPS iter\nwrite 12 24 1\n"
	  "Operation Max(MiB) Min(MiB) Mean(MiB) Test# reps\nwrite 12.00 10.00 11.00 0 2\n"
	  "write 30.00 30.00 30.00 1 1\nFinished : now\n",
	  0, RESULT_FAILED, 3, NAN, 10, 0 },
	{ "but each must have ended",
	  "IOR-4.0.0: MPI Coordinated Test of Parallel I/O\n"
	  "access bw(MiB/s) IOPS iter\nwrite 10 20 0\n"
	  "IOR-4.0.0: MPI Coordinated Test of Parallel I/O\n"
	  "access bw(MiB/s) IOPS iter\nread 30 20 0\nFinished : now\n",
	  0, RESULT_FAILED, 2, NAN, 10, 0 },
	{ "times that upstream's JSON rounds to zero are absent, and its bytes stay",
	  "{\"Version\": \"4.0.0\", \"Command line\": \"ior\", \"tests\": [{\"TestID\": 0, "
	  "\"Parameters\": {\"blockSize\": 1024, \"segmentCount\": 1}, \"Options\": {\"tasks\": "
	  "1}, "
	  "\"Results\": [{\"access\": \"write\", \"bwMiB\": 40.5, \"totalTime\": 0.0000}]}], "
	  "\"Finished\": \"now\"}",
	  0, RESULT_OK, 1, 1024, 40.5, 0 },
	{ "mdtest of ranks has three more columns, and zeros for what it did not do",
	  "mdtest-3.3.0 was launched with 2 total task(s) on 1 node(s)\n"
	  "SUMMARY rate (in ops/sec): (of 1 iterations)\n"
	  "   File stat  0.000 0.000 0.000 0.000\n"
	  "   File creation  5.0 4.0 4.5 9.0 7.0 8.0 1.0\n-- finished at now --\n",
	  0, RESULT_OK, 1, NAN, NAN, -1 },
	{ "a rate of mdtest that is infinite is none",
	  "mdtest-4.0.0 was launched with 2 total task(s) on 1 node(s)\n"
	  "SUMMARY rate (in ops/sec): (of 1 iterations)\n   File creation  inf inf inf -nan\n"
	  "   File stat  5.0 4.0 4.5 9.0\n-- finished at now --\n",
	  0, RESULT_FAILED, 2, NAN, NAN, -1 },
	{ "and so is a row that has lost its numbers",
	  "mdtest-4.0.0 was launched with 2 total task(s) on 1 node(s)\n"
	  "SUMMARY rate (in ops/sec): (of 1 iterations)\n   Operation Max Min Mean Std Dev\n"
	  "   File creation\n   File stat  5.0 4.0 4.5 9.0\n-- finished at now --\n",
	  0, RESULT_FAILED, 1, NAN, NAN, -1 },
	{ "mdtest's table of times is none of rates",
	  "mdtest-4.0.0 was launched with 2 total task(s) on 1 node(s)\n"
	  "SUMMARY time (in ms/op): (of 1 iterations)\n   File creation  5.0 4.0 4.5 9.0\n"
	  "-- finished at now --\n",
	  0, RESULT_FAILED, 0, NAN, NAN, 0 },
	{ "the file of ranks of 3.x and 4.0 has no header; bytes are those of both rates",
	  "write,0,1.0000000000e-01,5.0000000000e-02,1.0485760000e+07,2.0971520000e+07\n"
	  "write,1,2.0000000000e-01,5.0000000000e-02,5.2428800000e+06,2.0971520000e+07\n"
	  "write,0,1.0000000000e-01,5.0000000000e-02,1.0485760000e+07,2.0971520000e+07\n"
	  "write,1,2.0000000000e-01,5.0000000000e-02,5.2428800000e+06,2.0971520000e+07\n",
	  0, RESULT_OK, 4, 1048576, 10, 0 },
	{ "a rank that is missing there is told",
	  "write,0,1.0000000000e-01,5.0000000000e-02,1.0485760000e+07,2.0971520000e+07\n"
	  "write,1,2.0000000000e-01,5.0000000000e-02,5.2428800000e+06,2.0971520000e+07\n"
	  "write,0,1.0000000000e-01,5.0000000000e-02,1.0485760000e+07,2.0971520000e+07\n",
	  0, RESULT_FAILED, 3, 1048576, 10, 0 },
	{ "upstream's file of calls tells neither operation nor repetition",
	  "time,runtime,tp\n1.00000000e-03,1.00000000e-03,1.048576e+09\n"
	  "2.00000000e-03,2.00000000e-03,5.242880e+08\n",
	  0, RESULT_OK, 1, 2097152, 2 / 0.003, -1 },
	{ "whose last line may be cut",
	  "time,runtime,tp\n1.00000000e-03,1.00000000e-03,1.048576e+09\n"
	  "2.00000000e-03,2.00000000e-03,5.24",
	  0, RESULT_FAILED, 1, 2097152, 2 / 0.003, -1 },
	{ "md-workbench tells phases, and of single calls the latency",
	  "Args: md-workbench \"-R\" \"1\"\n"
	  "MD-Workbench total objects: 40 workingset size: 0.1 MiB (version: 4.1.0) time: x\n"
	  "precreate process max:0.50s min:0.50s mean: 0.50s balance:100.0 stddev:0.0 rate:60.0 "
	  "iops/s dsets: 10 objects:20 rate:20.000 dset/s rate:40.0 obj/s tp:0.1 MiB/s "
	  "op-max:1.5000e-04s (0 errs) create(1.0e-06s, 2.0e-06s, 3.0e-06s, 4.0e-06s, 5.0e-06s, "
	  "6.0e-06s, 7.0e-06s)\n"
	  "benchmark process max:0.25s min:0.25s mean: 0.25s balance:100.0 stddev:0.0 rate:99.0 "
	  "iops/s objects:20 rate:20.0 obj/s tp:0.3 MiB/s op-max:1.5000e-04s (0 errs)\n"
	  "cleanup process max:0.25s min:0.25s mean: 0.25s balance:100.0 stddev:0.0 rate:99.0 "
	  "iops/s objects:20 dsets: 10 rate:20.0 obj/s rate:3.000 dset/s op-max:1.5e-04s (0 errs)\n"
	  "Total runtime: 1s time: x\n",
	  0, RESULT_OK, 4, NAN, 0.1, 0 },
	{ "and is cut short without its end",
	  "MD-Workbench total objects: 40 workingset size: 0.1 MiB (version: 4.1.0) time: x\n"
	  "benchmark process max:0.25s rate:99.0 iops/s objects:20 tp:0.3 MiB/s op-max:1.5e-04s "
	  "(0 errs)\n",
	  0, RESULT_FAILED, 1, NAN, 0.3, 0 },
	{ "its errors fail it",
	  "MD-Workbench total objects: 40 workingset size: 0.1 MiB (version: 4.1.0) time: x\n"
	  "benchmark process max:0.25s rate:99.0 iops/s objects:20 tp:0.3 MiB/s op-max:1.5e-04s "
	  "(2 errs!!!)\nTotal runtime: 1s time: x\n",
	  0, RESULT_FAILED, 1, NAN, 0.3, 0 },
	{ "fio's JSON behind warnings, of a job that failed",
	  "fio: this is a warning\n{\n \"fio version\" : \"fio-3.33\", \"jobs\" : [ {\"jobname\" : "
	  "\"a\", \"error\" : 28, \"write\" : {\"io_bytes\" : 1048576, \"bw_bytes\" : 1048576, "
	  "\"runtime\" : 1000, \"total_ios\" : 1, \"iops\" : 1.0}}]}\n",
	  0, RESULT_FAILED, 1, 1048576, 1, -1 },
	{ "fio with unified_rw_reporting tells all as mixed",
	  "{ \"fio version\" : \"fio-3.33\", \"jobs\" : [ {\"jobname\" : \"a\", \"error\" : 0, "
	  "\"mixed\" : {\"io_bytes\" : 1048576, \"bw_bytes\" : 1048576, \"runtime\" : 1000, "
	  "\"total_ios\" : 1, \"iops\" : 1.0}, \"sync\" : {\"total_ios\" : 0}}]}\n",
	  0, RESULT_OK, 1, 1048576, 1, -1 },
	{ "of fio's several JSON objects the last one counts",
	  "{ \"fio version\" : \"fio-3.33\", \"jobs\" : [ {\"jobname\" : \"a\", \"error\" : 0, "
	  "\"read\" : {\"io_bytes\" : 1, \"total_ios\" : 1}}]}\n"
	  "{ \"fio version\" : \"fio-3.33\", \"jobs\" : [ {\"jobname\" : \"a\", \"error\" : 0, "
	  "\"read\" : {\"io_bytes\" : 2, \"total_ios\" : 1}}]}\n",
	  0, RESULT_OK, 1, 2, NAN, -1 },
	{ "fio that was told to end is not done",
	  "fio: terminating on signal 15\n{ \"fio version\" : \"fio-3.33\", \"jobs\" : [ "
	  "{\"jobname\" : \"a\", \"error\" : 0, \"read\" : {\"io_bytes\" : 1, \"total_ios\" : "
	  "1}}]}\n",
	  0, RESULT_FAILED, 1, 1, NAN, -1 },
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

static void sizes_of_a_row_are_those_of_the_summary(void **state)
{
	cleanup_buf struct buf b = BUF_INIT(1 << 20);
	struct result_set set;
	struct err err = { 0 };

	(void)state;
	slurp("text-hard.txt", &b);
	for (int cut = 0; cut < 2; cut++) {
		char *summary = memmem(b.data, b.len, "Operation ", 10);

		assert_non_null(summary);
		if (cut)
			*summary = '-';
		assert_int_equal(parse_results(b.data, b.len, &set, &err), 0);
		same(set.v[0].block_kib, cut ? NAN : 47008 / 1024.0);
		same(set.v[0].xfer_kib, cut ? NAN : 47008 / 1024.0);
		same(set.v[0].bytes, cut ? NAN : 13632320);
		result_set_fini(&set);
	}
}

static void corruption_is_told_as_ior_does(void **state)
{
	static const struct {
		const char *text, *want;
	} says[] = {
		{ "x\nWARNING: Incorrect data on read (2 errors found).\nFinished\n",
		  "IOR found incorrect data on read (2 errors found)" },
		{ "incorrect data on", "IOR found incorrect data on" },
		{ "nothing of it", "IOR found incorrect data" },
	};
	char message[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(says); i++) {
		parse_say_corruption(says[i].text, strlen(says[i].text), message, sizeof(message));
		assert_string_equal(message, says[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(corruption_is_told_as_ior_does),
		cmocka_unit_test(sizes_of_a_row_are_those_of_the_summary),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
