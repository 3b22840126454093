// SPDX-License-Identifier: Apache-2.0
/* Command lines of IOR: what is taken, what is refused and how it is named. */
#include "ior/options.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "unit.h"

#define MAX_ARGS 16

struct command {
	const char *argv[MAX_ARGS];
	int argc;
};

static void split(struct command *c, char *text)
{
	*c = (struct command){ .argv = { "cbpf-ior" }, .argc = 1 };
	for (char *one = strtok(text, " "); one && c->argc < MAX_ARGS; one = strtok(NULL, " "))
		c->argv[c->argc++] = one;
}

static int parse(struct ior_options *o, const char *line, struct err *err)
{
	struct command c;
	char text[512];

	snprintf(text, sizeof(text), "%s", line);
	split(&c, text);
	return ior_options_parse(o, c.argc, (char *const *)c.argv, err);
}

#define AT(field) offsetof(struct ior_options, field)

static const struct {
	const char *why, *line;
	size_t at;
	int64_t value;
} taken[] = {
	{ "block size is 1 MiB when not given", "", AT(block_bytes), 1 << 20 },
	{ "transfer size is 256 KiB when not given", "", AT(transfer_bytes), 256 << 10 },
	{ "one repetition when not given", "", AT(repetitions), 1 },
	{ "the task offset is one node when not given", "", AT(task_offset), 1 },
	{ "a size with a blank", "-b 4k", AT(block_bytes), 4096 },
	{ "a size without a blank", "-b4k", AT(block_bytes), 4096 },
	{ "a size with an equals sign", "-b=4k", AT(block_bytes), 4096 },
	{ "upper-case suffix", "-t 2M", AT(transfer_bytes), 2 << 20 },
	{ "a size in tebibytes", "-b 1t", AT(block_bytes), 1ll << 40 },
	{ "a size in bytes", "-t 47008", AT(transfer_bytes), 47008 },
	{ "combined flags: first", "-wrF", AT(write), 1 },
	{ "combined flags: last", "-wrF", AT(file_per_proc), 1 },
	{ "a value may follow combined flags", "-wFt1m", AT(transfer_bytes), 1 << 20 },
	{ "-v counts", "-vvv", AT(verbose), 3 },
	{ "-v counts over arguments", "-v -v", AT(verbose), 2 },
	{ "-v stops at five", "-vvvvvvv", AT(verbose), 5 },
	{ "-z -z is with replacement", "-z -z", AT(random_offset), 2 },
	{ "a repeated flag is still a flag", "-w -w", AT(write), 1 },
	{ "the last of two values wins", "-i 2 -i 5", AT(repetitions), 5 },
	{ "a negative seed", "-X -3", AT(reorder_seed), -3 },
	{ "a signature in hexadecimal", "-G 0x10", AT(signature), 16 },
	{ "the other backend", "-a MPIIO", AT(api), IOR_MPIIO },
	{ "backends in any case", "-a posix", AT(api), IOR_POSIX },
	{ "a packet kind by its initial", "-l i", AT(packet), PACKET_INCOMPRESSIBLE },
	{ "a packet kind by its name", "-l timestamp", AT(packet), PACKET_TIMESTAMP },
	{ "a long name with equals sign", "--blockSize=8k", AT(block_bytes), 8192 },
	{ "a long name with a separate value", "--blockSize 8k", AT(block_bytes), 8192 },
	{ "a long flag", "--posix.odirect", AT(odirect), 1 },
	{ "a long flag takes no value from the next argument", "--dryRun -w", AT(write), 1 },
	{ "a directive", "-O blockSize=8k", AT(block_bytes), 8192 },
	{ "the second of two directives", "-O readFile=1,checkRead=1", AT(check_read), 1 },
	{ "a directive in any case", "-O SUMMARYFORMAT=json", AT(format), FORMAT_JSON },
	{ "a directive without a blank", "-OstoneWallingWearOut=1", AT(wear_out), 1 },
	{ "a directive may switch a flag off", "-w -O writeFile=0", AT(write), 0 },
	{ "memory to be taken", "-O memoryPerTask=3m", AT(memory_bytes), 3 << 20 },
	{ "delay between calls", "-O interIODelay=250", AT(io_delay_us), 250 },
	{ "IO500's easy write", "-g -G 27 -k -e -C -Q 1 -t 2m -b 9920000m -F", AT(block_bytes),
	  9920000ll << 20 },
	{ "one file per repetition", "-m", AT(multi_file), 1 },
	{ "help", "-h", AT(help), 1 },
	{ "long help", "--help", AT(help), 1 },
};

static void test_taken(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		struct ior_options o;
		struct err err = { 0 };
		int rc = parse(&o, taken[i].line, &err);
		int64_t got = *(int64_t *)((char *)&o + taken[i].at);

		if (rc || got != taken[i].value)
			fail_msg("%s: '%s': rc %d (%s), got %lld", taken[i].why, taken[i].line, rc,
				 err.text, (long long)got);
		ior_options_fini(&o);
	}
}

static const struct {
	const char *why, *line, *words;
} refused[] = {
	{ "a reference number", "-A 3", "option -A (refNum) is not supported by cbpf-ior" },
	{ "a script", "-f x", "option -f (script) is not supported by cbpf-ior" },
	{ "hints", "-H", "option -H (showHints) is not supported by cbpf-ior" },
	{ "memory hog", "-M 1g", "option -M (memoryPerNode) is not supported by cbpf-ior" },
	{ "number of tasks", "-N 2", "option -N (numTasks) is not supported by cbpf-ior" },
	{ "minutes", "-T 1", "option -T (maxTimeDuration) is not supported by cbpf-ior" },
	{ "single attempt", "-x", "option -x (singleXferAttempt) is not supported by cbpf-ior" },
	{ "dual mount", "-y", "option -y (dualMount) is not supported by cbpf-ior" },
	{ "refused within combined flags", "-wx",
	  "option -x (singleXferAttempt) is not supported" },
	{ "refused as a directive", "-O memoryPerNode=1g",
	  "option -O memoryPerNode is not supported" },
	{ "GPU buffers", "-O allocateBufferOnGPU=1", "allocateBufferOnGPU is not supported" },
	{ "refused as a long option", "--posix.lustre.stripecount=4",
	  "option --posix.lustre.stripecount is not supported" },
	{ "strided datatype", "--mpiio.useStridedDatatype",
	  "option --mpiio.useStridedDatatype is not supported" },
	{ "a foreign backend", "-a HDF5",
	  "option -a (api): expected one of POSIX, MPIIO, got 'HDF5'" },
	{ "an unknown letter", "-q", "unknown option -q; -h lists the options" },
	{ "an unknown long option", "--nope", "unknown --nope" },
	{ "an unknown directive", "-O nope=1", "unknown -O nope" },
	{ "a directive without value", "-O readFile",
	  "option -O expects name=value, got 'readFile'" },
	{ "a missing value", "-b", "option -b needs a value" },
	{ "a missing value of a long option", "--blockSize", "option --blockSize needs a value" },
	{ "a size that is none", "-b 4q", "option -b (blockSize): expected a size" },
	{ "a negative size", "-t -1", "option -t (transferSize): expected a size" },
	{ "a number that is none", "-i x", "option -i (repetitions): expected a whole number" },
	{ "a number with rubbish behind", "-i 3x",
	  "option -i (repetitions): expected a whole number" },
	{ "too small a number", "-i 0", "option -i (repetitions): expected 1 to" },
	{ "too large a number", "-i 99999999999", "option -i (repetitions): expected 1 to" },
	{ "a packet kind that is none", "-l x",
	  "option -l (dataPacketType): expected one of generic" },
	{ "an empty path", "-o=", "option -o (testFile): expected a value" },
	{ "an argument without a dash", "file", "unexpected argument 'file'" },
	{ "a lone dash", "-", "unexpected argument '-'" },
};

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct ior_options o;
		struct err err = { 0 };
		int rc = parse(&o, refused[i].line, &err);

		if (rc >= 0 || !strstr(err.text, refused[i].words))
			fail_msg("%s: '%s': rc %d, said '%s'", refused[i].why, refused[i].line, rc,
				 err.text);
		ior_options_fini(&o);
	}
}

static void test_texts(void **state)
{
	struct ior_options o;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(parse(&o, "-o /a/b -o /c -O summaryFile=/s.json,stoneWallingStatusFile=/t",
			       &err),
			 0);
	assert_string_equal(o.test_file, "/c");
	assert_string_equal(o.summary_file, "/s.json");
	assert_string_equal(o.status_file, "/t");
	assert_null(o.rank_csv);
	ior_options_fini(&o);
	assert_null(o.test_file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
