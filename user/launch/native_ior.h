/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of an IOR workload that runs on this host. */
#ifndef CBPF_LAUNCH_NATIVE_IOR_H
#define CBPF_LAUNCH_NATIVE_IOR_H

#include <stddef.h>

struct err;
struct native_exec;
struct str_list;
struct target;

/*
 * Appends to @x->argv, whose env must be filled, and sets the target's binary
 * and summary path. @file is the test file when the spec names none.
 */
int native_ior_argv(struct target *t, const char *file, const char *run_dir, struct native_exec *x,
		    struct err *err);

/*
 * Removes the test file @file, and those that -F and, when it is one of @options, -m make of its name.
 * IOR does so itself, unless it was ended before. "" is none; what is not there, and directories, are left.
 */
void native_ior_remove(const char *file, const struct str_list *options);

/* First executable called @name along the PATH of @x->env; 1, 0 or -errno. */
int native_find(const struct native_exec *x, const char *name, char *path, size_t size);

#endif
