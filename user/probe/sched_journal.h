/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of the kernel in which tasks wait for a file system's journal. */
#ifndef CBPF_PROBE_SCHED_JOURNAL_H
#define CBPF_PROBE_SCHED_JOURNAL_H

#include <linux/types.h>
#include <stddef.h>

#include "shared/sched.h"

struct losses;

/*
 * Where they are, from the file @path as /proc/kallsyms (NULL: that): of size 0 what is not
 * there, as with a file system whose module is not loaded yet.
 */
void sched_journal_find(const char *path, struct sched_code codes[SCHED_CODES]);

/*
 * What @codes lack of the file systems that the kernel has by now, as @file_systems, the text
 * of /proc/filesystems, names them: a loss for each.
 */
void sched_journal_losses(const struct sched_code codes[SCHED_CODES], const char *file_systems,
			  struct losses *losses);

#endif
