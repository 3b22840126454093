// SPDX-License-Identifier: Apache-2.0
/* What different kernels say of their preemption. */
#include "probe/preempted.h"

#include "unit.h"

static const struct {
	const char *why;
	const char *models, *version, *cmdline;
	bool preempted;
} cases[] = {
	{ "Debian's", "none (voluntary) full", "#1 SMP PREEMPT_DYNAMIC Debian 6.1.0", "quiet",
	  false },
	{ "told at boot", "none voluntary (full)", "#1 SMP PREEMPT_DYNAMIC", "preempt=full", true },
	{ "told later", "none (voluntary) full", "#1 SMP PREEMPT_DYNAMIC", "preempt=full", false },
	{ "since 6.13", "none voluntary full (lazy)", "#1 SMP PREEMPT_DYNAMIC", "", true },
	{ "without debugfs, told at boot", "", "#1 SMP PREEMPT_DYNAMIC", "a=b preempt=full c",
	  true },
	{ "the last one holds", "", "#1 SMP PREEMPT_DYNAMIC", "preempt=full preempt=none", false },
	{ "another key", "", "#1 SMP PREEMPT_DYNAMIC", "nopreempt=full", false },
	{ "not told", "", "#1 SMP PREEMPT_DYNAMIC", "", false },
	{ "made so", "", "#1 SMP PREEMPT Mon", "", true },
	{ "made for it", "", "#1 SMP PREEMPT_RT Mon", "", true },
	{ "made without", "", "#1 SMP Mon", "preempt=full", false },
	{ "nothing is known", "", "", "", false },
};

static void models_are_told_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (preempted_by(cases[i].models, cases[i].version, cases[i].cmdline) !=
		    cases[i].preempted)
			fail_msg("%s", cases[i].why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(models_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
