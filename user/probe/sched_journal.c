// SPDX-License-Identifier: Apache-2.0
/* Where tasks wait for a journal: of jbd2 (ext4) and of XFS. */
#include "probe/sched_journal.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/loss.h"
#include "probe/kallsyms.h"

static const struct {
	const char *function, *file_system;
} journals[SCHED_CODES] = {
	{ "jbd2_log_wait_commit", "ext4" },
	{ "wait_transaction_locked", "ext4" },
	{ "__jbd2_log_wait_for_space", "ext4" },
	{ "xfs_log_force_seq", "xfs" },
};

void sched_journal_find(const char *path, struct sched_code codes[SCHED_CODES])
{
	struct kallsyms_function v[SCHED_CODES] = { 0 };

	for (size_t i = 0; i < SCHED_CODES; i++)
		v[i].name = journals[i].function;
	(void)kallsyms_find(path, v, SCHED_CODES); /* what is not found has no size */
	for (size_t i = 0; i < SCHED_CODES; i++)
		codes[i] = (struct sched_code){ v[i].from, v[i].size };
}

/* Lines are of "nodev" or nothing, a tab, and a name. */
static bool is_registered(const char *file_systems, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = file_systems; (at = strstr(at, name)); at += n)
		if (at > file_systems && at[-1] == '\t' && (at[n] == '\n' || !at[n]))
			return true;
	return false;
}

static void tell(const struct sched_code codes[SCHED_CODES], const char *file_system,
		 struct losses *losses)
{
	cleanup_buf struct buf missing = BUF_INIT(160), reason = BUF_INIT(512);
	size_t n = 0;

	for (size_t i = 0; i < SCHED_CODES; i++)
		if (!strcmp(journals[i].file_system, file_system) && !codes[i].size)
			(void)buf_printf(&missing, "%s%s", n++ ? ", " : "", journals[i].function);
	(void)buf_printf(&reason,
			 "where %s waits for its journal was not to be seen when the run began: "
			 "such waits are among others (%s)",
			 file_system, buf_str(&missing));
	loss_set(losses, "sched.journal", n, buf_str(&reason));
}

void sched_journal_losses(const struct sched_code codes[SCHED_CODES], const char *file_systems,
			  struct losses *losses)
{
	for (size_t i = 0; i < SCHED_CODES; i++) {
		const char *name = journals[i].file_system;

		if (i && !strcmp(name, journals[i - 1].file_system))
			continue;
		if (is_registered(file_systems, name))
			tell(codes, name, losses);
	}
}
