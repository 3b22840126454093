// SPDX-License-Identifier: Apache-2.0
/* Asking the terminal, the locale and the environment. */
#include "cmd/terminal.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct report_style terminal_style(bool no_colour)
{
	struct report_style style = { .width = 80 };
	const char *columns = getenv("COLUMNS");
	struct winsize size;

	setlocale(LC_CTYPE, "");
	style.unicode = !strcmp(nl_langinfo(CODESET), "UTF-8");
	if (isatty(STDOUT_FILENO) && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_col)
		style.width = size.ws_col;
	else if (columns && atoi(columns) > 0)
		style.width = atoi(columns);
	if (style.width < 40)
		style.width = 40;
	style.colour = !no_colour && isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	return style;
}
