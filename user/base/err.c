// SPDX-License-Identifier: Apache-2.0
/* Formatting of failures into a fixed buffer. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Append @more after ": "; shortens silently, since a cut message beats none. */
static void append(struct err *err, const char *more)
{
	size_t at = strlen(err->text);

	snprintf(err->text + at, sizeof(err->text) - at, ": %s", more);
}

int err_set(struct err *err, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	append(err, strerror(-code));
	return err->code = code;
}

int err_say(struct err *err, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return err->code = code;
}

int err_wrap(struct err *err, const char *fmt, ...)
{
	struct err inner = *err;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	append(err, inner.text);
	return err->code;
}
