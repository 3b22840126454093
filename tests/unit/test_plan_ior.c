// SPDX-License-Identifier: Apache-2.0
/* From the keys of `ior:` to a command line. */
#include "base/err.h"
#include "plan/plan.h"
#include "spec_case.h"

#define K "        "
#define MPIRUN                                                                                     \
	"mpirun|-np|2|--oversubscribe|--bind-to|none|--mca|btl_vader_single_copy_mechanism|none|"

static const struct {
	const char *label, *yaml; /* keys below `ior:` */
	struct plan_ior how;
	const char *argv; /* words with | between */
} cases[] = {
	{ "no key is IOR alone", "", { .binary = "ior" }, "ior" },
	{ "the bundled program is the default", "", { 0 }, "cbpf-ior" },
	{ "the spec's program", K "binary: /opt/ior\n", { 0 }, "/opt/ior" },
	{ "launch has the last word on the program",
	  K "binary: ior\n",
	  { .binary = "/usr/bin/ior" },
	  "/usr/bin/ior" },
	{ "sizes are plain bytes",
	  K "transfer: 4KiB\n" K "block: 1g\n",
	  { 0 },
	  "cbpf-ior|-t|4096|-b|1073741824" },
	{ "numbers",
	  K "segments: 2\n" K "repetitions: 3\n" K "stonewall_s: 4\n" K "delay_s: 5\n",
	  { 0 },
	  "cbpf-ior|-s|2|-i|3|-D|4|-d|5" },
	{ "the backend", K "api: MPIIO\n" K "collective: true\n", { 0 }, "cbpf-ior|-a|MPIIO|-c" },
	{ "the spec's file", K "file: /a b\n", { .default_file = "/f" }, "cbpf-ior|-o|/a b" },
	{ "a default file", "", { .default_file = "/f" }, "cbpf-ior|-o|/f" },
	{ "write and read", K "write: true\n" K "read: true\n", { 0 }, "cbpf-ior|-w|-r" },
	{ "write only", K "write: true\n", { 0 }, "cbpf-ior|-w" },
	{ "no read is write only", K "read: false\n", { 0 }, "cbpf-ior|-w" },
	{ "no write is read only", K "write: false\n" K "file: f\n", { 0 }, "cbpf-ior|-o|f|-r" },
	{ "write and no read", K "write: true\n" K "read: false\n", { 0 }, "cbpf-ior|-w" },
	{ "checks alone stay alone",
	  K "file: f\n" K "write: false\n" K "verify_read: true\n",
	  { 0 },
	  "cbpf-ior|-o|f|-R" },
	{ "write and check", K "write: true\n" K "verify_write: true\n", { 0 }, "cbpf-ior|-w|-W" },
	{ "every switch",
	  K "file_per_process: true\n" K "reorder: true\n" K "random: true\n" K "fsync: true\n" K
	    "fsync_per_write: true\n" K "keep: true\n" K "barriers: true\n" K "odirect: true\n",
	  { 0 },
	  "cbpf-ior|-F|-C|-z|-e|-Y|-k|-g|--posix.odirect" },
	{ "switches that are off", K "fsync: false\n" K "odirect: false\n", { 0 }, "cbpf-ior" },
	{ "wear out",
	  K "stonewall_s: 1\n" K "wear_out: true\n",
	  { 0 },
	  "cbpf-ior|-D|1|-O|stoneWallingWearOut=1" },
	{ "packets", K "data: random\n", { 0 }, "cbpf-ior|-l|random" },
	{ "a summary",
	  "",
	  { .summary_file = "/s.json" },
	  "cbpf-ior|-O|summaryFile=/s.json|-O|summaryFormat=JSON" },
	{ "ranks beside it",
	  K "rank_details: true\n",
	  { .summary_file = "/r/a.json" },
	  "cbpf-ior|-O|summaryFile=/r/a.json|-O|summaryFormat=JSON|-O|"
	  "saveRankPerformanceDetailsCSV=/r/a.ranks.csv" },
	{ "but not without a summary", K "rank_details: true\n", { 0 }, "cbpf-ior" },
	{ "options come last",
	  K "options: [-v, '-j 1']\n",
	  { .summary_file = "/s" },
	  "cbpf-ior|-O|summaryFile=/s|-O|summaryFormat=JSON|-v|-j 1" },
	{ "one rank needs no launcher", K "ranks: 1\n", { 0 }, "cbpf-ior" },
	{ "two ranks", K "ranks: 2\n", { 0 }, MPIRUN "cbpf-ior" },
	{ "another mpirun",
	  K "ranks: 2\n",
	  { .mpirun = "/opt/mpirun", .as_root = 1 },
	  "/opt/mpirun|-np|2|--oversubscribe|--bind-to|none|--allow-run-as-root|--mca|"
	  "btl_vader_single_copy_mechanism|none|cbpf-ior" },
	{ "arguments of mpirun",
	  K "ranks: 2\n" K "mpirun: [--tag-output]\n",
	  { 0 },
	  MPIRUN "--tag-output|cbpf-ior" },
	{ "hosts, to which the environment is sent",
	  K "ranks: 2\n" K "hosts: [a, b]\n" K "env: {A: 1, B: 2}\n",
	  { 0 },
	  MPIRUN "--host|a,b|-x|A|-x|B|cbpf-ior" },
	{ "the name of the workload, too",
	  K "ranks: 2\n" K "hosts: [a:1, b:1]\n",
	  { .name = "w" },
	  MPIRUN "--host|a:1,b:1|-x|CBPF_WORKLOAD=w|cbpf-ior" },
	{ "any backend and its options",
	  K "api: BENCHFS\n" K "options: [--benchfs.registry=/r]\n",
	  { 0 },
	  "cbpf-ior|-a|BENCHFS|--benchfs.registry=/r" },
	{ "one rank on another host",
	  K "hosts: a\n",
	  { 0 },
	  "mpirun|-np|1|--oversubscribe|--bind-to|none|--mca|btl_vader_single_copy_mechanism|none|"
	  "--host|a|cbpf-ior" },
	{ "another launcher",
	  K "ranks: 2\n" K "launcher: srun -n 2\n" K "mpirun: [-x]\n",
	  { 0 },
	  "srun|-n|2|-x|cbpf-ior" },
	{ "a launcher with quotes",
	  K "launcher: \"a 'b c'  \\\"d\\\\\\\" e\\\" f\\\\ g '' \"\n",
	  { 0 },
	  "a|b c|d\" e|f g||cbpf-ior" },
};

static void command_lines_are_made(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf yaml = BUF_INIT(4096), line = BUF_INIT(4096);
		const struct spec_container *c;
		struct str_list argv = { 0 };
		struct spec *spec;
		struct err err = { 0 };

		buf_printf(&yaml, "%s%s", SPEC_IOR, cases[i].yaml);
		spec = spec_case_valid(buf_str(&yaml));
		c = spec->containers.v;
		if (plan_ior_argv(&c->workload.ior, &cases[i].how, &argv, &err))
			fail_msg("%s: %s", cases[i].label, err.text);
		for (size_t j = 0; j < argv.n; j++)
			buf_printf(&line, "%s%s", j ? "|" : "", argv.v[j]);
		if (strcmp(buf_str(&line), cases[i].argv) != 0)
			fail_msg("%s: got %s", cases[i].label, buf_str(&line));
		str_list_fini(&argv);
		spec_free(spec);
		buf_fini(&yaml);
		buf_fini(&line);
	}
}

static const struct {
	const char *label, *yaml;
	struct plan_ior how;
	const char *error;
} refused[] = {
	{ "a comma in the summary's path",
	  "",
	  { .summary_file = "/a,b" },
	  "planning IOR: the summary file '/a,b' holds a comma, which ends an IOR directive; use "
	  "another directory" },
	{ "an open quote", K "launcher: \"a 'b\"\n", { 0 }, "launcher: a quote is not closed" },
};

static void what_cannot_work_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct buf yaml = BUF_INIT(4096);
		const struct spec_container *c;
		struct str_list argv = { 0 };
		struct spec *spec;
		struct err err = { 0 };

		buf_printf(&yaml, "%s%s", SPEC_IOR, refused[i].yaml);
		spec = spec_case_valid(buf_str(&yaml));
		c = spec->containers.v;
		assert_true(plan_ior_argv(&c->workload.ior, &refused[i].how, &argv, &err) < 0);
		if (strcmp(err.text, refused[i].error) != 0)
			fail_msg("%s: got %s", refused[i].label, err.text);
		str_list_fini(&argv);
		spec_free(spec);
		buf_fini(&yaml);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(command_lines_are_made),
		cmocka_unit_test(what_cannot_work_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
