/* SPDX-License-Identifier: Apache-2.0 */
/* ${NAME}, ${NAME:-default} and ${matrix.AXIS} in the scalars of a spec. */
#ifndef CBPF_SPEC_EXPAND_H
#define CBPF_SPEC_EXPAND_H

#include <stdbool.h>

struct buf;
struct err;

/* What the axes of a matrix stand for. */
struct expand_names {
	const char *(*find)(void *arg, const char *name); /* NULL: there is no such axis */
	void *arg;
};

/*
 * Append @text to @out with each ${NAME} replaced by its value in the
 * environment, and ${NAME:-default} by the default when NAME is unset or empty
 * (the default may hold further ones), and ${matrix.AXIS} by what @names (NULL: nothing)
 * finds. "$${" stands for "${"; any other $ is plain. -EINVAL for an unset name and for
 * what cannot be read, told in @err, of a @secret without quoting what is no name.
 */
int expand_env(const char *text, const struct expand_names *names, bool secret, struct buf *out,
	       struct err *err);

/* Append @text so that expand_env() gives it back. */
void expand_escape(const char *text, struct buf *out);

#endif
