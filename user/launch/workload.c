// SPDX-License-Identifier: Apache-2.0
/* Choosing the program of a workload and collecting what it reported. */
#include "launch/workload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/result.h"
#include "launch/parse.h"
#include "launch/parse_tool.h"
#include "launch/target.h"
#include "plan/plan.h"

int workload_ior_binary(const struct spec_ior *ior, workload_find_fn find, void *arg,
			const char *where, char *path, size_t size, struct err *err)
{
	static const char *const known[] = { "ior", "cbpf-ior" };
	int rc = 0;

	if (ior->binary) {
		rc = find(arg, ior->binary, path, size, err);
		if (rc == 0)
			return err_say(err, -ENOENT, "the workload's program \"%s\" is not %s",
				       ior->binary, where);
		return rc < 0 ? rc : 0;
	}
	for (size_t i = 0; rc == 0 && i < ARRAY_SIZE(known); i++)
		rc = find(arg, known[i], path, size, err);
	if (rc == 0)
		return err_say(
			err, -ENOENT,
			"neither ior nor cbpf-ior is %s: build cbpf-ior with `make`, or name "
			"the program with `binary:`",
			where);
	return rc < 0 ? rc : 0;
}

void workload_set_binary(struct target *t, const char *path)
{
	const char *slash = strrchr(path, '/');

	snprintf(t->binary, sizeof(t->binary), "%s", slash ? slash + 1 : path);
}

struct text {
	const char *at; /* mapped; NULL when absent or empty */
	size_t len;
};

static void text_fini(struct text *t)
{
	if (t->at)
		munmap((void *)t->at, t->len);
}

#define cleanup_text __attribute__((cleanup(text_fini)))

/* A log can be long: it is mapped, not read. */
static struct text text_of(const char *path)
{
	cleanup_close int fd = *path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	struct text t = { 0 };
	struct stat st;
	void *at;

	if (fd < 0 || fstat(fd, &st) || st.st_size == 0)
		return t;
	at = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (at != MAP_FAILED)
		t = (struct text){ at, st.st_size };
	return t;
}

/* Neither text has results: say so in a set of their own. */
static void nothing_found(const struct target *t, bool is_ior, struct result_set *ret)
{
	result_set_fini(ret);
	snprintf(ret->tool, sizeof(ret->tool), "%s", is_ior ? "ior" : "command");
	if (!is_ior)
		return;
	ret->status = RESULT_FAILED;
	snprintf(ret->message, sizeof(ret->message),
		 "it left neither a summary nor output that could be read%s",
		 t->stopped ? ": it was stopped before its end" : "");
}

/* What IOR means by its exit status; NULL: nothing is known of it. */
static const char *ior_status_words(int code)
{
	switch (code) {
	case 1: return "it refused an option, or MPI ended it";
	case 134:
		return "it aborted, as it does when a write is refused: no space is left, or "
		       "O_DIRECT "
		       "is not aligned";
	case 137: return "it was killed";
	case 143: return "it was told to end";
	case 255: return "a file could not be opened, or a read was short";
	}
	return code > 0 && code % 2 == 0
		       ? "IOR's own status is twice the number of data errors, modulo 256"
		       : NULL;
}

static void tell_status(int code, bool is_ior, char *message, size_t size)
{
	const char *words = is_ior ? ior_status_words(code) : NULL;

	snprintf(message, size, "it exited with status %d%s%s", code, words ? ": " : "",
		 words ? words : "");
}

static void judge(const struct target *t, const struct text *log, struct result_set *ret)
{
	if (log->at &&
	    memmem(log->at, log->len, PARSE_CORRUPT_WORDS, strlen(PARSE_CORRUPT_WORDS))) {
		ret->status = RESULT_CORRUPT;
		if (!*ret->message)
			parse_say_corruption(log->at, log->len, ret->message, sizeof(ret->message));
	} else if (ret->status == RESULT_OK && t->exit_code != 0 && !t->stopped) {
		ret->status = RESULT_FAILED;
		tell_status(t->exit_code, !strcmp(ret->tool, "ior"), ret->message,
			    sizeof(ret->message));
	}
}

/* Takes the place of @out, which gave @rc, when it has more to tell. */
static int parse_log(const struct text *log, int rc, struct result_set *out, struct err *err)
{
	struct result_set from_log = { 0 };
	int log_rc = parse_results(log->at, log->len, &from_log, err);

	if (!log_rc && (rc || from_log.n)) {
		result_set_fini(out);
		*out = from_log;
		return 0;
	}
	result_set_fini(&from_log);
	return log_rc && log_rc != -EBADMSG ? log_rc : rc;
}

static int add_rows(struct result_set *to, const struct result_set *from, uint64_t repetition)
{
	for (size_t i = 0; i < from->n; i++) {
		struct result *r = result_add(to);

		if (!r)
			return -ENOMEM;
		*r = from->v[i];
		if (repetition != UINT64_MAX)
			r->iteration = (int)repetition;
	}
	return 0;
}

/* What each rank did, beside the summary @path, added to @out. @repetition: UINT64_MAX: as it says. */
static int add_ranks(const struct target *t, const char *path, uint64_t repetition,
		     struct result_set *out, struct err *err)
{
	struct result_set ranks = { 0 };
	char file[PATH_MAX];
	int rc = plan_ior_ranks(path, file, sizeof(file));
	cleanup_text struct text csv = text_of(rc ? "" : file);

	if (t->plan->c->workload.ior.rank_details != FLAG_ON || !csv.at)
		return 0;
	rc = parse_ior_rank_csv(csv.at, csv.len, &ranks, err);
	if (rc)
		return rc;
	if (ranks.status != RESULT_OK && out->status == RESULT_OK && !t->stopped) {
		out->status = ranks.status;
		snprintf(out->message, sizeof(out->message), "of its ranks: %.230s", ranks.message);
	}
	rc = add_rows(out, &ranks, repetition);
	result_set_fini(&ranks);
	return rc ? err_set(err, rc, "reading results of ranks") : 0;
}

/* The summary of one of several phases, added to @out; -ENOENT: it left none. */
static int parse_phase(const struct target *t, size_t k, struct result_set *out, struct err *err)
{
	struct plan_ior_phase phase = plan_ior_phase(&t->plan->c->workload.ior, k);
	struct result_set one = { 0 };
	char path[PATH_MAX];
	int rc = plan_ior_summary(t->summary_path, k, path, sizeof(path));
	cleanup_text struct text summary = text_of(rc ? "" : path);

	if (!summary.at)
		return -ENOENT;
	rc = parse_ior_json(summary.at, summary.len, &one, err);
	if (rc)
		return rc;
	if (!k) {
		*out = one;
		out->v = NULL;
		out->n = 0;
	} else if (one.status > out->status) {
		out->status = one.status;
		memcpy(out->message, one.message, sizeof(one.message));
	}
	rc = add_rows(out, &one, phase.repetition);
	result_set_fini(&one);
	return rc ? err_set(err, rc, "reading results")
		  : add_ranks(t, path, phase.repetition, out, err);
}

/* Of phases that ran one by one; what is missing is told. */
static int parse_phases(const struct target *t, struct result_set *out, struct err *err)
{
	for (size_t k = 0; k < t->phases; k++) {
		int rc = parse_phase(t, k, out, err);

		if (rc == -ENOENT && !k)
			return -EBADMSG;
		if (rc == -ENOENT && out->status == RESULT_OK && !t->stopped) {
			out->status = RESULT_FAILED;
			snprintf(out->message, sizeof(out->message),
				 "only %zu of its %zu phases left a summary", k, t->phases);
		}
		if (rc)
			return rc == -ENOENT ? 0 : rc;
	}
	return 0;
}

int workload_results(const struct target *t, struct result_set *ret, struct err *err)
{
	bool is_ior = t->plan->c->workload.has_ior == FLAG_ON && !t->plan->argv.n;
	cleanup_text struct text log = text_of(t->log_path);
	cleanup_text struct text summary = text_of(t->summary_path);
	struct result_set out = { 0 };
	int rc = -EBADMSG;

	if (!t->start_ns)
		return err_say(err, -ENOENT, "%s was not started", t->name);
	if (t->attached)
		return err_say(err, -ENOENT, "%s is not of this run", t->name);
	if (t->phases)
		rc = parse_phases(t, &out, err);
	else if (summary.at)
		rc = parse_ior_json(summary.at, summary.len, &out, err);
	/* A summary that was cut may have its rows in the log. */
	if ((rc == -EBADMSG || (!rc && !out.n)) && log.at)
		rc = parse_log(&log, rc, &out, err);
	if (!rc && !t->phases && *t->summary_path)
		rc = add_ranks(t, t->summary_path, UINT64_MAX, &out, err);
	if (rc && rc != -EBADMSG) {
		result_set_fini(&out);
		return rc;
	}
	if (rc)
		nothing_found(t, is_ior, &out);
	if (*t->binary)
		snprintf(out.binary, sizeof(out.binary), "%s", t->binary);
	judge(t, &log, &out);
	*ret = out;
	return 0;
}
