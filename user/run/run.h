/* SPDX-License-Identifier: Apache-2.0 */
/* One run from plan to report: the only place where the stages meet. */
#ifndef CBPF_RUN_RUN_H
#define CBPF_RUN_RUN_H

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

struct err;
struct plan;

/* A `duration:` that is no bound. */
#define RUN_FOREVER "8760h"
#define RUN_FOREVER_NS (8760ull * 3600 * 1000000000)

struct run_config {
	const char *store_dir;
	bool quiet;
};

/* How a run ended; the order is that of importance. */
enum run_end {
	RUN_OK,
	RUN_THRESHOLD, /* an `expect:` did not hold */
	RUN_FAILED, /* a workload failed or its data was corrupt, or storing failed */
	RUN_HOST, /* something that was required is missing; nothing was started */
	RUN_INTERRUPTED,
};

struct run_outcome {
	enum run_end end;
	char dir[PATH_MAX]; /* of the run; "" when none was made */
	json_t *report; /* owned; NULL when there is none */
};

/*
 * Carry out @plan. Progress and warnings go to stderr. 0 when a report was
 * made, whatever @ret->end says; else -errno with words in @err, and @ret->end
 * tells which kind of failure. @ret is always set.
 */
int run_once(const struct run_config *config, const struct plan *plan, struct run_outcome *ret,
	     struct err *err);
void run_outcome_fini(struct run_outcome *o);

#endif
