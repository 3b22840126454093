/* SPDX-License-Identifier: Apache-2.0 */
/* What this host can do, one row per question, each answered by looking or trying. */
#ifndef CBPF_HOST_FEATURE_H
#define CBPF_HOST_FEATURE_H

#include <stdatomic.h>
#include <stdbool.h>

enum feature_status { FEATURE_NO, FEATURE_DEGRADED, FEATURE_YES };

struct feature_result {
	enum feature_status status;
	char why[256]; /* what was seen */
	char fix[256]; /* the command that would change it; "" when none would */
};

/* Where to look; the tests have a directory play the root. */
struct feature_env {
	int root; /* descriptor of "/" */
	const char *store; /* where runs are to be kept */
	const char *path; /* as PATH: where programs are looked for */
	const atomic_bool *cancel; /* borrowed; once set, checks that wait give up; may be NULL */
};

struct feature {
	const char *id; /* stable, for JSON and for other code: "btf" */
	const char *title; /* for people */
	void (*check)(const struct feature *self, const struct feature_env *env,
		      struct feature_result *ret);
	int arg; /* for rows that share a function */
};

/* Each table ends with a row without an id. */
extern const struct feature features_kernel[];
extern const struct feature features_caps[];
extern const struct feature features_bpf[];
extern const struct feature features_cgroup[];
extern const struct feature features_perf[];
extern const struct feature features_place[]; /* programs and space */

const char *feature_status_name(enum feature_status status); /* yes, no, degraded */

/* The row called @id of one table, or NULL. */
const struct feature *feature_find(const struct feature *rows, const char *id);

/* For checks. @fix may be NULL. */
__attribute__((format(printf, 2, 3))) void feature_yes(struct feature_result *ret, const char *fmt,
						       ...);
__attribute__((format(printf, 3, 4))) void feature_no(struct feature_result *ret, const char *fix,
						      const char *fmt, ...);
__attribute__((format(printf, 3, 4))) void feature_degraded(struct feature_result *ret,
							    const char *fix, const char *fmt, ...);

/* Is a file system of @type mounted? Its first mount point goes to @path, relative to the root. */
bool feature_mounted(const struct feature_env *env, const char *type, char *path, int size);
/* Does the kernel know file systems of @type? */
bool feature_has_fs(const struct feature_env *env, const char *type);

#endif
