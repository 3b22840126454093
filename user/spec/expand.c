// SPDX-License-Identifier: Apache-2.0
/* Expansion of environment variables, and of the axes of a matrix. */
#include "spec/expand.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"

/* Defaults within defaults; more is a mistake. */
#define MAX_DEPTH 8
#define MAX_NAME 255

struct expansion {
	const struct expand_names *names;
	bool secret;
	struct buf *out;
	struct err *err;
};

static int expand(struct expansion *e, const char *text, const char *end, int depth);

/* The "}" that closes what begins at @at, or NULL. */
static const char *closing(const char *at, const char *end)
{
	for (int depth = 1; at < end; at++) {
		if (at[0] == '$' && at + 1 < end && at[1] == '{')
			depth++;
		else if (*at == '}' && --depth == 0)
			return at;
	}
	return NULL;
}

static size_t name_len(const char *at, const char *end)
{
	size_t n = 0;

	while (at + n < end && (isalnum((unsigned char)at[n]) || at[n] == '_'))
		n++;
	return n && isdigit((unsigned char)at[0]) ? 0 : n;
}

static int axis(struct expansion *e, const char *at, const char *close)
{
	const char *value = NULL;
	char name[MAX_NAME + 1];

	if (close - at <= MAX_NAME) {
		memcpy(name, at, (size_t)(close - at));
		name[close - at] = '\0';
		value = e->names ? e->names->find(e->names->arg, name) : NULL;
	}
	if (!value && e->secret)
		return err_say(e->err, -EINVAL, "the matrix has no such axis");
	if (!value)
		return err_say(e->err, -EINVAL, "the matrix has no axis '%.*s'", (int)(close - at),
			       at);
	return buf_puts(e->out, value) ? err_say(e->err, -EINVAL, "the expanded value is too long")
				       : 0;
}

/* @at is after "${" and @close at its "}". */
static int variable(struct expansion *e, const char *at, const char *close, int depth)
{
	static const char prefix[] = "matrix.";
	size_t n = name_len(at, close);
	char name[MAX_NAME + 1];
	const char *value;

	if (!strncmp(at, prefix, sizeof(prefix) - 1))
		return axis(e, at + sizeof(prefix) - 1, close);
	if (!n || n > MAX_NAME || (at + n < close && strncmp(at + n, ":-", 2) != 0))
		return err_say(
			e->err, -EINVAL,
			"expected ${NAME}, ${NAME:-default} or ${matrix.AXIS}, got '${%.*s}'",
			e->secret ? 3 : (int)(close - at), e->secret ? "..." : at);
	memcpy(name, at, n);
	name[n] = '\0';
	value = getenv(name);
	if (at + n < close && (!value || !*value))
		return expand(e, at + n + 2, close, depth + 1);
	if (!value)
		return err_say(e->err, -EINVAL,
			       "the environment variable %s is not set; set it, or write "
			       "${%s:-default}",
			       name, name);
	return buf_puts(e->out, value) ? err_say(e->err, -EINVAL, "the expanded value is too long")
				       : 0;
}

static int expand(struct expansion *e, const char *text, const char *end, int depth)
{
	if (depth > MAX_DEPTH)
		return err_say(e->err, -EINVAL, "defaults of ${...} are nested more than %d deep",
			       MAX_DEPTH);
	while (text < end) {
		const char *close;
		int rc;

		if (end - text >= 3 && !strncmp(text, "$${", 3)) {
			(void)buf_puts(e->out, "${"); /* @failed is looked at below */
			text += 3;
		} else if (end - text >= 2 && !strncmp(text, "${", 2)) {
			close = closing(text + 2, end);
			if (!close && e->secret)
				return err_say(e->err, -EINVAL, "'${' without its '}'");
			if (!close)
				return err_say(e->err, -EINVAL, "'${' without its '}' in '%.*s'",
					       (int)(end - text), text);
			rc = variable(e, text + 2, close, depth);
			if (rc)
				return rc;
			text = close + 1;
		} else {
			(void)buf_put(e->out, text++, 1);
		}
	}
	if (e->out->failed)
		return err_say(e->err, -EINVAL, "the expanded value is too long");
	return 0;
}

int expand_env(const char *text, const struct expand_names *names, bool secret, struct buf *out,
	       struct err *err)
{
	struct expansion e = { names, secret, out, err };

	return expand(&e, text, text + strlen(text), 0);
}

void expand_escape(const char *text, struct buf *out)
{
	for (; *text; text++) {
		if (text[0] == '$' && text[1] == '{')
			(void)buf_puts(out, "$"); /* the caller looks at @failed */
		(void)buf_put(out, text, 1);
	}
}
