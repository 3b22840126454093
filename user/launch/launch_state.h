/* SPDX-License-Identifier: Apache-2.0 */
/* What a launcher holds; shared by launch.c and step.c only. */
#ifndef CBPF_LAUNCH_LAUNCH_STATE_H
#define CBPF_LAUNCH_LAUNCH_STATE_H

#include "base/strlist.h"
#include "launch/ranks.h"
#include "launch/runtime.h"

/* What is known of a target besides what others may see of it. */
struct launch_item {
	bool made; /* the runtime has something to remove */
	bool running; /* started, and its end was not seen yet */
	bool kill_sent;
	uint64_t term_ns; /* when it was told to end; 0: it was not */
	uint64_t next_check_ns; /* of readiness */
	char not_ready[256]; /* what the last check saw */
	struct before *before; /* under way; NULL: none is */
	size_t told; /* lines of it */
	bool prepared; /* it is over, for a target that has not started */
	struct str_list places; /* on the host, where its files are */
	bool elsewhere; /* and where they may be besides, as nobody knows */
	char cpus[512]; /* that it and its hosts may use; "" all */
	size_t gate; /* of the phase that comes next */
	int gate_fd; /* open while that waits; -1 */
};

struct launcher {
	struct launch_config config;
	const struct runtime *runtime;
	void *state; /* of the runtime */
	struct target_set set;
	struct launch_item *items; /* one per target */
	uint64_t begin_ns; /* of the first step; 0 before */
	struct ranks ranks;
};

/* step.c: a target fails with words; when it has @ended nothing more comes. */
__attribute__((format(printf, 4, 5))) void step_fail(struct target *t, bool ended, uint64_t now_ns,
						     const char *fmt, ...);
void step_tell_to_end(struct launcher *l, size_t i, bool at_once, uint64_t now_ns);

/* step_before.c: can this host do what is asked for before target @i? It is made already. */
int before_can(struct launcher *l, size_t i, struct err *err);
/* Before it starts: 1 when it may, 0 to wait; it may have failed instead. */
int before_target(struct launcher *l, size_t i, uint64_t now_ns);
/* While it runs: the next of its phases is prepared for, and let go. */
void before_phase(struct launcher *l, size_t i, uint64_t now_ns);
/* Whether before_phase() or before_target() have to be called soon. */
bool before_waits(const struct launcher *l, size_t i);
/* A phase that waits shall not begin. */
void before_stop(struct launcher *l, size_t i);
void before_end(struct launcher *l, size_t i);
/* The same, and what before_can() found. */
void before_forget(struct launcher *l, size_t i);

/* When launch_wait() would end at the latest if nothing happened; never before @now_ns. */
uint64_t launch_due_ns(const struct launcher *l, uint64_t now_ns, uint64_t until_ns);

#endif
