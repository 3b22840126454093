// SPDX-License-Identifier: Apache-2.0
/* Options that do not fit each other. */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "ior/options.h"
#include "unit.h"

static int parse(struct ior_options *o, const char *line, struct err *err)
{
	char text[512], *argv[24] = { "cbpf-ior" };
	int argc = 1;

	snprintf(text, sizeof(text), "%s", line);
	for (char *one = strtok(text, " "); one; one = strtok(NULL, " "))
		argv[argc++] = one;
	return ior_options_parse(o, argc, argv, err);
}

static void count_warning(void *ctx, const char *text)
{
	(void)text;
	(*(int *)ctx)++;
}

static const struct {
	const char *why, *line;
	const char *words; /* NULL: accepted */
	int warnings;
} cases[] = {
	{ "presets fit", "", NULL, 0 },
	{ "a block of several transfers", "-b 1m -t 64k", NULL, 0 },
	{ "a block of one transfer", "-b 47008 -t 47008", NULL, 0 },
	{ "block not a multiple", "-b 1000k -t 64k", "must be a multiple of transfer size", 0 },
	{ "block smaller than transfer", "-b 4k -t 64k", "must not be smaller than transfer size",
	  0 },
	{ "transfer not in words", "-b 100 -t 100", "must be a multiple of 8 bytes", 0 },
	{ "no transfer", "-b 0 -t 0", "must be a multiple of 8 bytes, got 0", 0 },
	{ "transfer too large", "-b 4g -t 4g", "must be below 2g", 0 },
	{ "more than a file can hold", "-b 4096t -t 1m -s 4096", "exceeds 2^63 bytes", 0 },
	{ "constant and random reordering", "-C -Z", "choose one", 0 },
	{ "random and collective", "-a MPIIO -c -z", "cannot be combined with -c", 0 },
	{ "a view of random places", "-a MPIIO -z --mpiio.useFileView", "useFileView", 0 },
	{ "a directory per task for one file", "-u", "needs -F", 0 },
	{ "a directory per task", "-u -F", NULL, 0 },
	{ "wear-out without deadline", "-O stoneWallingWearOut=1", "needs a deadline", 0 },
	{ "wear-out with deadline", "-D 1 -O stoneWallingWearOut=1", NULL, 0 },
	{ "minimum and deadline", "-D 1 -O minTimeDuration=1", "cannot be combined with -D", 0 },
	{ "O_DIRECT through MPI", "-a MPIIO --posix.odirect", "needs -a POSIX", 0 },
	{ "fsync per write through MPI", "-a MPIIO -Y", "needs -a POSIX", 0 },
	{ "random data of unknown seed", "-r -R -l random", "needs its signature (-G)", 0 },
	{ "random data of known seed", "-r -R -l random -G 5", NULL, 0 },
	{ "random data of this run", "-w -r -R -l random", NULL, 0 },
	{ "collective POSIX is reset, as IOR does", "-c", NULL, 1 },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ior_options o;
		struct err err = { 0 };
		int warnings = 0, rc;

		assert_int_equal(parse(&o, cases[i].line, &err), 0);
		rc = ior_options_check(&o, count_warning, &warnings, &err);
		if (!!rc != !!cases[i].words || (rc && !strstr(err.text, cases[i].words)) ||
		    warnings != cases[i].warnings)
			fail_msg("%s: '%s': rc %d '%s', %d warnings", cases[i].why, cases[i].line,
				 rc, err.text, warnings);
		ior_options_fini(&o);
	}
}

static const struct {
	const char *why, *line;
	int write, read;
} phases[] = {
	{ "none given: both", "", 1, 1 },
	{ "-w alone", "-w", 1, 0 },
	{ "-r alone", "-r", 0, 1 },
	{ "-W alone writes nothing", "-W", 0, 0 },
	{ "-R alone writes nothing", "-R", 0, 0 },
};

static void test_phases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(phases) / sizeof(phases[0]); i++) {
		struct ior_options o;
		struct err err = { 0 };

		assert_int_equal(parse(&o, phases[i].line, &err), 0);
		assert_int_equal(ior_options_check(&o, NULL, NULL, &err), 0);
		if (o.write != phases[i].write || o.read != phases[i].read)
			fail_msg("%s", phases[i].why);
		ior_options_fini(&o);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_phases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
