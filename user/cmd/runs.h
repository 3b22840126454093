/* SPDX-License-Identifier: Apache-2.0 */
/* Carrying out specs, for the commands that do so. */
#ifndef CBPF_CMD_RUNS_H
#define CBPF_CMD_RUNS_H

#include "base/option.h"

struct spec_set;

struct runs_options {
	const char *store; /* directory of runs */
	enum flag json, quiet, fail_fast;
	const char *junit; /* file for what became of each run and threshold; NULL: none */
};

/*
 * All combinations and repetitions, each reported on stdout; of a matrix the table at the end.
 * @name stands for the file in messages. An exit status.
 */
int runs_carry_out(const struct runs_options *o, const char *name, const struct spec_set *specs);

#endif
