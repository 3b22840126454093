// SPDX-License-Identifier: Apache-2.0
/* What IOR would refuse, or do other than meant. */
#include "spec/load.h"

#include "spec_case.h"

#define K "        "

static const struct spec_case cases[] = {
	{ "IOR's defaults are valid", "runtime: native\ncontainers:\n  a: {workload: {ior: }}\n",
	  "" },
	{ "a block of whole transfers", SPEC_IOR K "block: 1m\n" K "transfer: 4k\n", "" },
	{ "a block of broken transfers", SPEC_IOR K "block: 10k\n" K "transfer: 4k\n",
	  "f:6:16: ior: block (10240 bytes) must be a multiple of transfer (4096 bytes)\n" },
	{ "a block that IOR's transfer breaks", SPEC_IOR K "block: 4k\n",
	  "f:6:16: ior: block (4096 bytes) must be a multiple of transfer (262144 bytes, IOR's "
	  "default)\n" },
	{ "a transfer that IOR's block breaks", SPEC_IOR K "transfer: 2m\n",
	  "f:6:19: ior: block (1048576 bytes, IOR's default) must be a multiple of transfer "
	  "(2097152 bytes)\n" },
	{ "a transfer of nothing", SPEC_IOR K "transfer: 0\n",
	  "f:6:19: ior: transfer must be above zero\n" },
	{ "a block of nothing", SPEC_IOR K "block: 0\n",
	  "f:6:16: ior: block must be above zero\n" },
	{ "at least one rank", SPEC_IOR K "ranks: 0\n",
	  "f:6:16: ranks: expected 1 to 65536, got '0'\n" },
	{ "collective needs MPIIO", SPEC_IOR K "collective: true\n",
	  "f:6:21: ior: collective needs api: MPIIO\n" },
	{ "collective with POSIX", SPEC_IOR K "api: POSIX\n" K "collective: true\n",
	  "f:7:21: ior: collective needs api: MPIIO\n" },
	{ "collective with MPIIO", SPEC_IOR K "api: mpiio\n" K "collective: true\n", "" },
	{ "odirect is of POSIX", SPEC_IOR K "api: MPIIO\n" K "odirect: true\n",
	  "f:7:18: ior: odirect needs api: POSIX\n" },
	{ "odirect wants sectors",
	  SPEC_IOR K "odirect: true\n" K "transfer: 47008\n" K "block: 47008\n",
	  "f:6:18: warning: ior: odirect with a transfer of 47008 bytes is refused by file systems "
	  "that want whole sectors of 512 bytes\n" },
	{ "phases that run one by one are said by keys",
	  "runtime: native\ncontainers:\n  a:\n    before: {sync: true}\n    workload:\n      "
	  "ior:\n" K "options: [-v, -w]\n",
	  "f:7:18: ior: with before, -w cannot be among the options: use the keys write, read, "
	  "verify_write, verify_read, repetitions and keep\n" },
	{ "and have no pauses of IOR's own",
	  "runtime: native\ncontainers:\n  a:\n    before: {sync: true}\n    workload:\n      "
	  "ior:\n" K "delay_s: 2\n",
	  "f:7:18: warning: ior: delay_s is of no use with before: IOR runs anew for each "
	  "phase\n" },
	{ "wear_out needs a stonewall", SPEC_IOR K "wear_out: true\n",
	  "f:6:19: ior: wear_out needs stonewall_s\n" },
	{ "wear_out with a stonewall", SPEC_IOR K "wear_out: true\n" K "stonewall_s: 5\n", "" },
	{ "neither write nor read", SPEC_IOR K "write: false\n" K "read: false\n",
	  "f:6:16: ior: write and read are both off: nothing is left to do\n" },
	{ "write only", SPEC_IOR K "write: true\n", "" },
	{ "no read is write only", SPEC_IOR K "read: false\n", "" },
	{ "read needs a file", SPEC_IOR K "read: true\n",
	  "f:6:15: ior: without a file there is nothing to read: give file, or write: true\n" },
	{ "no write is read only", SPEC_IOR K "write: false\n",
	  "f:6:16: ior: without a file there is nothing to read: give file, or write: true\n" },
	{ "a check alone reads only", SPEC_IOR K "verify_read: true\n",
	  "f:6:22: ior: without a file there is nothing to read: give file, or write: true\n" },
	{ "a check of what was written", SPEC_IOR K "verify_write: true\n" K "write: true\n", "" },
	{ "read of a file", SPEC_IOR K "read: true\n" K "file: /x\n", "" },
	{ "options may say anything", SPEC_IOR K "read: true\n" K "options: [-w]\n", "" },
	{ "an empty launcher", SPEC_IOR K "launcher: ''\n", "f:6:19: ior: launcher is empty\n" },
	{ "a packet kind IOR does not know", SPEC_IOR K "data: zeros\n",
	  "f:6:15: data: expected one of offset, incompressible, timestamp, random, got "
	  "'zeros'\n" },
};

static void says_what_is_wrong(void **state)
{
	(void)state;
	spec_case_run_all(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
