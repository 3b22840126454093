/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* How programs know which tasks belong to the targets of a run. */
#ifndef CBPF_SHARED_TARGET_H
#define CBPF_SHARED_TARGET_H

/*
 * A target is a cgroup of the default (v2) hierarchy with all below it. Targets lie
 * at few different depths: what is not at one of these is told as not covered.
 */
#define TARGET_LEVELS 4

/*
 * With a target's index: who makes the container is in its cgroup, and its own program
 * has not begun. Until then nothing belongs to the target.
 */
#define TARGET_AWAITED 0x80000000u

struct target_levels {
	__u32 at[TARGET_LEVELS]; /* depths at which targets are; 0: no more */
};

#endif
