/* SPDX-License-Identifier: Apache-2.0 */
/* What this host can do, joined over all folders: for `cbpf check`, and before a run. */
#ifndef CBPF_RUN_PREFLIGHT_H
#define CBPF_RUN_PREFLIGHT_H

#include <stdbool.h>

#include "host/feature.h"

struct err;
struct spec;

struct preflight_group {
	const char *title;
	const struct feature *rows; /* ends with a row without an id */
};

/* In the order of `cbpf check`; ends with a group without a title. */
extern const struct preflight_group preflight_groups[];

/* Environment of this process. @store: where runs go. Close ret->root. 0 or -errno. */
int preflight_env(const char *store, struct feature_env *ret);

/* Do what collectors that are on by preset need: is it one of those? */
bool preflight_is_needed(const char *id);

/* One answer. -ENOENT when nothing is called @id. */
int preflight_check(const struct feature_env *env, const char *id, struct feature_result *ret);

/*
 * Refuse what cannot work before anything is started: each collector that
 * @spec requires (`true`) and the runtime. -EOPNOTSUPP and @err names every
 * lack, why, and what would change it.
 */
int preflight_spec(const struct feature_env *env, const struct spec *spec, struct err *err);

/* Would collector @name ("block") work here? -EOPNOTSUPP and the lacks in @err. */
int preflight_collector(const struct feature_env *env, const char *name, struct err *err);

#endif
