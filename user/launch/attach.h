/* SPDX-License-Identifier: Apache-2.0 */
/* The runtime "attach": containers and cgroups that run already, and are left as they are. */
#ifndef CBPF_LAUNCH_ATTACH_H
#define CBPF_LAUNCH_ATTACH_H

struct err;
struct str_map;

/*
 * Running containers with @label ("key" or "key=value") of the Docker engine, or of Podman
 * where there is no Docker: their names to their ids, added to @ret. -ENOENT with words when
 * there are none.
 */
int attach_find(const char *label, struct str_map *ret, struct err *err);

#endif
