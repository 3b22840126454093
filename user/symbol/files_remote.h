/* SPDX-License-Identifier: Apache-2.0 */
/* File systems of which it may take forever to learn anything. */
#ifndef CBPF_SYMBOL_FILES_REMOTE_H
#define CBPF_SYMBOL_FILES_REMOTE_H

#include <stdbool.h>
#include <stdint.h>

/* Is it one of the network or of user space? @type as mountinfo has it: "fuse.sshfs". */
bool remote_type(const char *type);

/*
 * The same of the file system on device @major:@minor, by what @mountinfo (a file as /proc/PID/mountinfo)
 * tells, so that it is not asked itself. 1: it is; 0: it is not; -ENOENT: it is not mounted there; or -errno.
 */
int remote_device(const char *mountinfo, uint32_t major, uint32_t minor);

/* The same of what is open as @fd: asks it. */
bool remote_open(int fd);

#endif
