/* SPDX-License-Identifier: Apache-2.0 */
/* Where on the host a process's files are. */
#ifndef CBPF_LAUNCH_NATIVE_PLACE_H
#define CBPF_LAUNCH_NATIVE_PLACE_H

#include <stddef.h>

struct err;
struct native_exec;
struct spec_container;

/*
 * The directory of IOR's file, else the source of the first volume that can be written, else the
 * working directory. -ENODEV: it is a tmpfs of its own.
 */
int native_place(const struct spec_container *c, const struct native_exec *x, char *path,
		 size_t size, struct err *err);

#endif
