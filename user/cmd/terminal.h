/* SPDX-License-Identifier: Apache-2.0 */
/* What stdout can show. */
#ifndef CBPF_CMD_TERMINAL_H
#define CBPF_CMD_TERMINAL_H

#include <stdbool.h>

#include "report/report.h"

/* Colour and width are a terminal's (or COLUMNS'); blocks need a locale that has them. */
struct report_style terminal_style(bool no_colour);

#endif
