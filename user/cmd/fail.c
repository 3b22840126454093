// SPDX-License-Identifier: Apache-2.0
/* The one way a command says on stderr why it ended. */
#include <stdarg.h>
#include <stdio.h>

#include "cmd/command.h"

int fail(int status, const char *fmt, ...)
{
	va_list ap;

	(void)fflush(stdout); /* what was printed comes first, also in a shared file */
	fputs("cbpf: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return status;
}
