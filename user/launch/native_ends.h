/* SPDX-License-Identifier: Apache-2.0 */
/* One descriptor that is readable while any of several processes has ended and was not waited for. */
#ifndef CBPF_LAUNCH_NATIVE_ENDS_H
#define CBPF_LAUNCH_NATIVE_ENDS_H

#include <sys/types.h>

/* -1: not on this host; then ends are looked for every few milliseconds. */
int native_ends_open(void);

/*
 * Watch a child that was not waited for yet. Returns its pidfd, to be dropped when it
 * was; -1 when it cannot be watched: then *@ends is closed and -1, since it would not
 * tell all.
 */
int native_ends_add(int *ends, pid_t pid);

/* Close *@fd unless it is -1, which it is then. */
void native_ends_drop(int *fd);

#endif
