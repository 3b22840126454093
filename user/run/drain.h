/* SPDX-License-Identifier: Apache-2.0 */
/* After the last workload: give its dirty pages a bounded time to reach the device. */
#ifndef CBPF_RUN_DRAIN_H
#define CBPF_RUN_DRAIN_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct err;

/*
 * syncfs() of every mounted file system that lies on a local block device, for
 * at most @limit_ns, or until @cancel is set. Returns 0 when all were synced,
 * -ETIMEDOUT when time ran out, -EINTR when cancelled; the first failure else.
 * Network file systems are left alone: they may hang and are not measured.
 */
int drain_dirty(uint64_t limit_ns, const atomic_bool *cancel, struct err *err);

/* Mount points to sync, one per device, from the text of a mountinfo file. For drain_dirty(). */
struct str_list;
int drain_mounts(const char *mountinfo, struct str_list *ret);

#endif
