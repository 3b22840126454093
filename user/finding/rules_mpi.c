// SPDX-License-Identifier: Apache-2.0
/* What MPI itself complains of: its programs may end well all the same. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "finding/judging.h"
#include "finding/rules.h"

#define REFUSED "Read -1, expected "
#define FULL "enough space for /dev/shm"
#define WANTED "Space Requested:"
#define LEFT "Space Available:"
#define BUS_ERROR "Bus error"

/* The text of @from from @words on; NULL: it has them not. */
static const char *in_text(const json_t *from, const char *key, const char *words)
{
	const char *text = text_at(from, key);

	return text ? strstr(text, words) : NULL;
}

/* What it said with @words in it, from there on; NULL: it did not. */
static const char *said(const struct judging *j, const char *words)
{
	const char *name = text_at(j->target, "name"), *at;
	const json_t *e, *r;
	size_t i;

	json_array_foreach(json_object_get(j->report, "events"), i, e) {
		const char *what = text_at(e, "what"), *who = text_at(e, "target");

		if (!what || strcmp(what, "said") || !who || !name || strcmp(who, name))
			continue;
		at = in_text(e, "text", words);
		if (at)
			return at;
	}
	at = in_text(j->target, "failure", words);
	json_array_foreach(json_object_get(j->target, "results"), i, r)
		at = at ? at : in_text(r, "message", words);
	return at;
}

/* The number behind @words in @text; NAN: there is none. */
static double behind(const char *text, const char *words)
{
	const char *at = text ? strstr(text, words) : NULL;
	char *end;
	double value;

	if (!at)
		return NAN;
	at += strlen(words);
	value = strtod(at, &end);
	return end == at ? NAN : value;
}

#define SAID_ROWS                                                                                  \
	"SELECT text FROM event WHERE what = 'said' AND target = (SELECT name FROM target WHERE "  \
	"id = ?1)"

static void judge_cma(struct judging *j)
{
	const char *line = said(j, REFUSED);
	double bytes = behind(line, REFUSED), code = behind(line, "errno = ");

	if (!line)
		return;
	found(j, CONFIDENCE_HIGH, numbers("expected_bytes", bytes, "errno", code, NULL), SAID_ROWS,
	      "Open MPI says '%.80s': it may not read the memory of another rank", line);
}

const struct finding_rule rule_cma = {
	.id = "cma",
	.severity = "error",
	.title = "MPI may not copy between ranks at once",
	.why = "Ranks fail, or copy twice.",
	.advice = "give the container SYS_PTRACE (cap_add), or set "
		  "OMPI_MCA_btl_vader_single_copy_mechanism=none",
	.judge = judge_cma,
};

#define SIGBUS_EXIT 135 /* 128 + SIGBUS, as a shell tells it */

static void judge_shm(struct judging *j)
{
	double status = number_at(j->target, "exit_code");
	double wanted = behind(said(j, WANTED), WANTED), left = behind(said(j, LEFT), LEFT);

	if (said(j, FULL)) {
		char much[96] = "more shared memory than is free";

		if (!isnan(wanted) && !isnan(left))
			snprintf(much, sizeof(much),
				 "%.0f bytes of shared memory at once where %.0f are free", wanted,
				 left);
		found(j, CONFIDENCE_HIGH,
		      numbers("exit_code", status, "requested_bytes", wanted, "available_bytes",
			      left, NULL),
		      SAID_ROWS, "Open MPI wanted %s in /dev/shm", much);
		return;
	}
	if (status != SIGBUS_EXIT && !said(j, BUS_ERROR))
		return;
	found(j, CONFIDENCE_MEDIUM, numbers("exit_code", status, NULL),
	      "SELECT exit_code, failure FROM target WHERE id = ?1",
	      "it ended by a bus error, as programs do that use more shared memory than there is");
}

const struct finding_rule rule_shm = {
	.id = "shm",
	.severity = "error",
	.title = "/dev/shm is too small",
	.why = "MPI keeps its messages there, and containers get 64 MB unless told otherwise.",
	.advice = "give it more (shm_size: 1GiB)",
	.judge = judge_shm,
};
