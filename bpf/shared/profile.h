/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What the profile probe keeps: where tasks of targets were, each time that a CPU was asked. */
#ifndef CBPF_SHARED_PROFILE_H
#define CBPF_SHARED_PROFILE_H

/* Frames kept of a stack, from where it was outwards; what is deeper is cut off. */
#define PROFILE_KERNEL 64
#define PROFILE_USER 96
#define PROFILE_COMM 16
#define PROFILE_NEWS 8192 /* stacks that may be new between two drains */

/* One place in one program that one process has become. */
struct profile_key {
	__u64 hash; /* of frames and comm */
	__u64 execs; /* of the process; times that it has become another program, as it inherited it */
	__u32 target; /* index */
	__u32 tgid; /* as the first pid namespace has it */
};

struct profile_stack {
	__u64 samples;
	__u64 first_ns; /* CLOCK_MONOTONIC */
	__u32 n_kernel, n_user; /* frames; 0 of user: none could be read */
	char comm[PROFILE_COMM];
	__u64 frames[PROFILE_KERNEL + PROFILE_USER]; /* addresses; user's from PROFILE_KERNEL on */
};

/* That a stack is new: what is mapped in its process will be asked for. */
struct profile_news {
	__u64 time_ns;
	__u32 target, tgid;
};

/* Samples taken on one CPU; the rest are targets'. */
struct profile_cpu {
	__u64 samples; /* all of them */
	__u64 idle; /* of these: the CPU had nothing to do */
	__u64 others; /* tasks of no target */
	__u64 untold; /* new, but no room to tell */
	__u64 fill[4]; /* to a cache line */
};

/* Of one target. */
struct profile_target {
	__u64 lost; /* samples for whose stack there is no room */
	__u64 stacks; /* that have found room, or nearly so; no more than stacks_each */
	__u64 fill[6]; /* to a cache line */
};

#endif
