/* SPDX-License-Identifier: Apache-2.0 */
/* The runs of a group, found in a store. */
#ifndef CBPF_CMD_GROUP_H
#define CBPF_CMD_GROUP_H

#include <jansson.h>

struct report_style;

/*
 * What report_group_json() makes of all runs below @store_dir whose group is that of run @run, or
 * is called @run (NULL: that of the latest). Returns an exit status and has told why it failed;
 * a run that cannot be read is told and left out. Caller decrefs.
 */
int group_build(const char *store_dir, const char *run, json_t **ret);
/* The same as text on stdout. */
int group_print(const char *store_dir, const char *run, const struct report_style *style);

#endif
