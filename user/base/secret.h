/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens and passwords: where they come from, and that they are not told. */
#ifndef CBPF_BASE_SECRET_H
#define CBPF_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

struct err;

/* Stands for a secret wherever specs are stored or printed. */
#define SECRET_HIDDEN "***"

struct secret_source {
	const char *what; /* for messages: "token" */
	const char *given; /* NULL, "" and SECRET_HIDDEN: not given */
	const char *file; /* the whole content but a newline at its end; NULL: none */
	const char *credential; /* name in $CREDENTIALS_DIRECTORY (systemd.exec(5)) */
	const char *variable; /* of the environment */
};

/* Whether a value was given, and not only that there was one. */
bool secret_given(const char *given);

/*
 * From the first that has it, in the order of the struct; *ret is NULL when none has. Anything
 * that could not be part of a header of HTTP is refused. To be freed with secret_free().
 */
int secret_find(const struct secret_source *source, char **ret, struct err *err);
void secret_free(char *secret); /* overwrites it first; takes NULL */

/* Whether what is called that, a variable or a key, is taken for a secret: by PASSWORD, TOKEN, ... */
bool secret_has_name(const char *name);

/*
 * Whether the variable @name of the environment, with @value, is how cbpf itself is told secrets:
 * not to be passed on to what it starts.
 */
bool secret_is_ours(const char *name, const char *value);

/* What is shorter is no secret, and part of many a word. */
#define SECRET_MIN 4

/* Put SECRET_HIDDEN in the place of every occurrence of @secret in @text; NULL is none. */
void secret_hide(char *text, const char *secret);

#endif
