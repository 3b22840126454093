/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of the host against files in a directory that plays the root. */
#ifndef CBPF_TESTS_FEATURE_CASE_H
#define CBPF_TESTS_FEATURE_CASE_H

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "host/feature.h"
#include "scratch.h"
#include "unit.h"

struct feature_case {
	const char *label;
	const char *id;
	struct {
		const char *path, *text;
	} files[6]; /* all that there is */
	enum feature_status status;
	const char *why; /* words in it */
};

/* Fails the test unless the answer is the case's; returned for what else is to be said of it. */
static inline struct feature_result feature_run(const struct feature *rows,
						const struct feature_case *c)
{
	struct feature_env env = { .store = "/nonexistent/runs", .path = "/nonexistent" };
	const struct feature *f = feature_find(rows, c->id);
	struct feature_result r = { 0 };
	char dir[64];

	assert_non_null(f);
	scratch_make(dir);
	for (size_t i = 0; i < 6 && c->files[i].path; i++)
		scratch_write(dir, c->files[i].path, c->files[i].text);
	env.root = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(env.root >= 0);
	f->check(f, &env, &r);
	close(env.root);
	assert_int_equal(fs_remove_tree(dir), 0);
	if (r.status != c->status || !strstr(r.why, c->why))
		fail_msg("%s: %s, '%s'", c->label, feature_status_name(r.status), r.why);
	return r;
}

/* On the real host: whatever the answer, it is one, with a reason. */
static inline void feature_run_real(const struct feature *rows)
{
	struct feature_env env = { .root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC),
				   .store = ".",
				   .path = getenv("PATH") };

	for (; rows->id; rows++) {
		struct feature_result r = { .status = (enum feature_status) - 1 };

		rows->check(rows, &env, &r);
		if (r.status > FEATURE_YES || !r.why[0] || (r.status == FEATURE_YES && r.fix[0]))
			fail_msg("%s: %d, '%s', '%s'", rows->id, (int)r.status, r.why, r.fix);
	}
	close(env.root);
}

#endif
