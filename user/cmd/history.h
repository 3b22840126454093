/* SPDX-License-Identifier: Apache-2.0 */
/* A history of many runs, for `cbpf compare`. */
#ifndef CBPF_CMD_HISTORY_H
#define CBPF_CMD_HISTORY_H

struct report_style;
struct str_list;

/*
 * What changed over the runs that @args mean (see cmd/sides.h), or all below @store_dir when there
 * are none, on stdout: as text in @style, or, NULL, as one JSON object. Runs that did not end well
 * have no part; one that cannot be read is told and left out. Returns an exit status.
 */
int history_print(const char *store_dir, int argc, char **args, const struct str_list *metrics,
		  const struct report_style *style);

#endif
