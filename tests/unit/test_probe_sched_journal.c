// SPDX-License-Identifier: Apache-2.0
/* Which waits for journals cannot be seen: by what the kernel had at first and has at the end. */
#include "probe/sched_journal.h"

#include <string.h>
#include <unistd.h>

#include "base/loss.h"
#include "scratch.h"
#include "unit.h"

#define JBD2                                                                                       \
	"ffffffff81000100 T jbd2_log_wait_commit\nffffffff81000200 t wait_transaction_locked\n"    \
	"ffffffff81000300 T __jbd2_log_wait_for_space\nffffffff81000400 T _etext\n"
#define XFS "ffffffffc0000100 t xfs_log_force_seq\t[xfs]\nffffffffc0000200 t next\t[xfs]\n"

static const struct {
	const char *why;
	const char *symbols, *file_systems;
	const char *told[3]; /* words of each loss */
} cases[] = {
	{ "all that there is", JBD2 XFS, "nodev\tproc\n\text4\n\txfs\n", { NULL } },
	{ "a file system that this kernel lacks", JBD2, "nodev\tproc\n\text4\n", { NULL } },
	{ "one whose module was loaded later",
	  JBD2,
	  "nodev\tproc\n\text4\n\txfs\n",
	  { "where xfs waits" } },
	{ "a function that is a part of another",
	  "ffffffff81000100 T jbd2_log_wait_commit\nffffffff81000300 T "
	  "__jbd2_log_wait_for_space\nffffffff81000400 T _etext\n",
	  "\text4\n",
	  { "(wait_transaction_locked)" } },
	{ "symbols that are not for us to see",
	  "",
	  "\text4\n\txfs",
	  { "where ext4", "where xfs" } },
	{ "names that others have in them", "", "\txfs2\n\tnxfs\nnodev\text4dev\n", { NULL } },
};

static void what_cannot_be_seen_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct losses losses = LOSSES_INIT;
		struct sched_code codes[SCHED_CODES];
		char dir[64], path[96];
		size_t n = 0;

		scratch_make(dir);
		scratch_write(dir, "kallsyms", cases[i].symbols);
		snprintf(path, sizeof(path), "%s/kallsyms", dir);
		sched_journal_find(path, codes);
		unlink(path);
		rmdir(dir);
		/* The last sweep may come more than once. */
		for (int k = 0; k < 2; k++)
			sched_journal_losses(codes, cases[i].file_systems, &losses);
		while (n < 3 && cases[i].told[n])
			n++;
		if (losses.n != n)
			fail_msg("%s: %zu losses, the first %s", cases[i].why, losses.n,
				 losses.v[0].reason);
		for (size_t k = 0; k < n; k++)
			if (losses.v[k].count > SCHED_CODES ||
			    !strstr(losses.v[k].reason, cases[i].told[k]))
				fail_msg("%s: %s", cases[i].why, losses.v[k].reason);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_cannot_be_seen_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
