/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the kernel is preempted where it runs. */
#ifndef CBPF_PROBE_PREEMPTED_H
#define CBPF_PROBE_PREEMPTED_H

#include <stdbool.h>

/*
 * Are programs of fentry preempted here (PREEMPT_RT, preempt=full, preempt=lazy)? While one
 * waits in one task, the kernel does not run it for others: it misses some of what happens.
 * Those of tracepoints and kprobes are not. false, too, where that is not to be found out: a
 * kernel that can be either, has not been told at boot, and whose debugfs is not mounted.
 */
bool probe_preempted(void);

/*
 * The same from what a kernel says: its models with the one in use in parentheses, as debugfs has
 * them; its version as uname -v; and its command line. Each may be empty.
 */
bool preempted_by(const char *models, const char *version, const char *cmdline);

#endif
