/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel's cgroup texts say, without touching a file. */
#ifndef CBPF_HOST_CGROUP_TEXT_H
#define CBPF_HOST_CGROUP_TEXT_H

#include "host/cgroup.h"

/*
 * Text of /proc/PID/mountinfo: everything of a layout except v2_controllers.
 * -ENOENT when it names no cgroup mount.
 */
int cgroup_layout_parse(const char *mountinfo, struct cgroup_layout *ret);

/*
 * Text of /proc/PID/cgroup: the directories of a ref, its ids left 0. A process
 * that is in a hierarchy's root, outside of what is mounted, or in a removed
 * cgroup has none there.
 */
void cgroup_proc_parse(const struct cgroup_layout *l, const char *text, struct cgroup_ref *ret);

/* Is @word one of the words of @list, which are separated by one of @seps? */
bool cgroup_has_word(const char *list, const char *word, const char *seps);

/* The number after "@key " at the start of a line of a flat keyed file. -ENOENT without. */
int cgroup_flat_key(const char *text, const char *key, uint64_t *ret);

#endif
