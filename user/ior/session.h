/* SPDX-License-Identifier: Apache-2.0 */
/* A run from the first header line to the exit status, on every rank. */
#ifndef CBPF_IOR_SESSION_H
#define CBPF_IOR_SESSION_H

#include <stdio.h>

#include "ior/output.h"
#include "ior/phase.h"
#include "ior/row.h"

struct err;

struct session {
	const struct ior_options *options; /* borrowed, as the next one */
	const struct world *world;
	struct engine engine;
	char path[4096]; /* of this rank's own file, in this repetition */
	uint64_t *written; /* owned; transfers each rank wrote in this repetition, or NULL */
	uint64_t wrong_transfers; /* data errors of all ranks so far */
	uint64_t warnings; /* printed so far */
	/* Rank 0 only: */
	const struct output *output;
	FILE *results; /* owned unless stdout */
	FILE *log; /* stdout or stderr: whichever does not carry the results' JSON */
	struct report report;
	struct row *rows; /* owned; one per phase; grows */
	struct rank_result *all; /* owned; of the phase that just ended */
};

/* Collective. @command is the command line, borrowed. */
int session_init(struct session *s, const struct ior_options *o, const struct world *w,
		 const char *command, struct err *err);
/* All repetitions. Collective; every rank returns the same. */
int session_run(struct session *s, struct err *err);
/* Reports closing; a full disk under the results file shows only here. */
int session_close(struct session *s, struct err *err);

/* Rank 0: print "WARNING: ..." to the log and count it. */
__attribute__((format(printf, 2, 3))) void session_warn(struct session *s, const char *fmt, ...);

/*
 * After a phase: gather all ranks' results, agree on @rc, print warnings and
 * the row. Collective; every rank returns the same.
 */
int session_report(struct session *s, const struct phase *p, const struct rank_result *mine, int rc,
		   struct err *err);

#endif
