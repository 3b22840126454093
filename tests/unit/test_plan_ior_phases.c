// SPDX-License-Identifier: Apache-2.0
/* An IOR workload cut to phases, each an invocation of its own. */
#include <errno.h>

#include "base/err.h"
#include "plan/plan.h"
#include "spec_case.h"

#define K "        "

static const struct {
	const char *label, *yaml; /* keys below `ior:` */
	const char *phases; /* of the script: those lines that begin with "phase '" */
} cases[] = {
	{ "a write, which keeps its file, and a read", "",
	  "phase '/g/gate.0' 'cbpf-ior' '-i' '1' '-o' '/f' '-w' '-k'\n"
	  "phase '/g/gate.1' 'cbpf-ior' '-i' '1' '-o' '/f' '-r' '-E'\n" },
	{ "repetitions, each of one", K "repetitions: 2\n" K "delay_s: 3\n",
	  "phase '/g/gate.0' 'cbpf-ior' '-i' '1' '-o' '/f' '-w' '-k'\n"
	  "phase '/g/gate.1' 'cbpf-ior' '-i' '1' '-o' '/f' '-r' '-E'\n"
	  "phase '/g/gate.2' 'cbpf-ior' '-i' '1' '-o' '/f' '-w' '-k'\n"
	  "phase '/g/gate.3' 'cbpf-ior' '-i' '1' '-o' '/f' '-r' '-E'\n" },
	{ "only writes", K "write: true\n",
	  "phase '/g/gate.0' 'cbpf-ior' '-i' '1' '-o' '/f' '-w'\n" },
	{ "only reads, of what shall stay", K "write: false\n" K "file: /h\n" K "keep: true\n",
	  "phase '/g/gate.0' 'cbpf-ior' '-i' '1' '-o' '/h' '-r' '-k' '-E'\n" },
	{ "what a write looks like must be known to who verifies it later",
	  K "write: true\n" K "verify_read: true\n",
	  "phase '/g/gate.0' 'cbpf-ior' '-i' '1' '-o' '/f' '-w' '-k' '-G' '1'\n"
	  "phase '/g/gate.1' 'cbpf-ior' '-i' '1' '-o' '/f' '-R' '-G' '1' '-E'\n" },
	{ "a write is verified with it",
	  K "write: true\n" K "verify_write: true\n" K "options: [-G, 7]\n",
	  "phase '/g/gate.0' 'cbpf-ior' '-i' '1' '-o' '/f' '-w' '-W' '-G' '7'\n" },
	{ "where a write was stopped must be known to who reads", K "stonewall_s: 5\n",
	  "phase '/g/gate.0' 'cbpf-ior' '-i' '1' '-D' '5' '-o' '/f' '-w' '-k' '-O' "
	  "'stoneWallingStatusFile=/g/stonewall'\n"
	  "phase '/g/gate.1' 'cbpf-ior' '-i' '1' '-D' '5' '-o' '/f' '-r' '-O' "
	  "'stoneWallingStatusFile=/g/stonewall' '-E'\n" },
	{ "but not of a write that is not its own",
	  K "stonewall_s: 5\n" K "read: true\n" K "file: /h\n",
	  "phase '/g/gate.0' 'cbpf-ior' '-i' '1' '-D' '5' '-o' '/h' '-r' '-E'\n" },
	{ "words stay as they are", K "write: true\n" K "options: [\"it's $HOME\"]\n",
	  "phase '/g/gate.0' 'cbpf-ior' '-i' '1' '-o' '/f' '-w' 'it'\\''s $HOME'\n" },
};

static void scripts_are_made(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf yaml = BUF_INIT(4096), lines = BUF_INIT(65536);
		struct plan_ior how = { .default_file = "/f" };
		const struct spec_ior *ior;
		struct buf script = BUF_INIT(65536);
		struct spec *spec;
		struct err err = { 0 };
		char *rest, *line;

		buf_printf(&yaml, "%s%s", SPEC_IOR, cases[i].yaml);
		spec = spec_case_valid(buf_str(&yaml));
		ior = &((const struct spec_container *)spec->containers.v)->workload.ior;
		if (plan_ior_script(ior, &how, "/g", &script, &err))
			fail_msg("%s: %s", cases[i].label, err.text);
		rest = script.data;
		while ((line = strsep(&rest, "\n")))
			if (!strncmp(line, "phase '", 7))
				buf_printf(&lines, "%s\n", line);
		if (strcmp(buf_str(&lines), cases[i].phases) != 0)
			fail_msg("%s: got\n%s", cases[i].label, buf_str(&lines));
		buf_fini(&script);
		spec_free(spec);
		buf_fini(&yaml);
		buf_fini(&lines);
	}
}

static void phases_are_counted(void **state)
{
	struct spec_ior ior = { .repetitions = 3,
				.write = FLAG_UNSET,
				.read = FLAG_UNSET,
				.verify_write = FLAG_UNSET,
				.verify_read = FLAG_UNSET };
	struct plan_ior_phase p;

	(void)state;
	assert_int_equal(plan_ior_phases(&ior), 6);
	p = plan_ior_phase(&ior, 4);
	assert_true(p.write && p.repetition == 2 && !p.last);
	p = plan_ior_phase(&ior, 5);
	assert_true(!p.write && p.repetition == 2 && p.last);
	ior.read = FLAG_ON;
	assert_int_equal(plan_ior_phases(&ior), 3);
	p = plan_ior_phase(&ior, 0);
	assert_true(!p.write && p.last);
}

static void names_have_numbers(void **state)
{
	char path[64];

	(void)state;
	assert_int_equal(plan_ior_summary("/r/a.b.json", 12, path, sizeof(path)), 0);
	assert_string_equal(path, "/r/a.b.12.json");
	assert_int_equal(plan_ior_summary("s", 0, path, sizeof(path)), 0);
	assert_string_equal(path, "s.0");
	assert_int_equal(plan_ior_summary("/r/a.json", 0, path, 8), -ENAMETOOLONG);
	assert_int_equal(plan_ior_gate("/g", 3, path, sizeof(path)), 0);
	assert_string_equal(path, "/g/gate.3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scripts_are_made),
		cmocka_unit_test(phases_are_counted),
		cmocka_unit_test(names_have_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
