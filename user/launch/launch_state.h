/* SPDX-License-Identifier: Apache-2.0 */
/* What a launcher holds; shared by launch.c and step.c only. */
#ifndef CBPF_LAUNCH_LAUNCH_STATE_H
#define CBPF_LAUNCH_LAUNCH_STATE_H

#include "launch/runtime.h"

/* What is known of a target besides what others may see of it. */
struct launch_item {
	bool made; /* the runtime has something to remove */
	bool running; /* started, and its end was not seen yet */
	bool kill_sent;
	uint64_t term_ns; /* when it was told to end; 0: it was not */
	uint64_t next_check_ns; /* of readiness */
	char not_ready[256]; /* what the last check saw */
};

struct launcher {
	struct launch_config config;
	const struct runtime *runtime;
	void *state; /* of the runtime */
	struct target_set set;
	struct launch_item *items; /* one per target */
	uint64_t begin_ns; /* of the first step; 0 before */
};

/* When launch_wait() would end at the latest if nothing happened; never before @now_ns. */
uint64_t launch_due_ns(const struct launcher *l, uint64_t now_ns, uint64_t until_ns);

#endif
