/* SPDX-License-Identifier: Apache-2.0 */
/* Single things that can be done to a host; each tells what it did in a line. */
#ifndef CBPF_LAUNCH_BEFORE_ACTION_H
#define CBPF_LAUNCH_BEFORE_ACTION_H

#include "launch/before.h"

struct err;

bool before_cancelled(const struct before_config *c);

/* 0 with @ret filled, or what went wrong with words. */
int before_governor(const struct before_config *c, struct before_line *ret, struct err *err);
int before_sync(const struct before_config *c, struct before_line *ret, struct err *err);
int before_drop_caches(const struct before_config *c, struct before_line *ret, struct err *err);
int before_trim(const struct before_config *c, struct before_line *ret, struct err *err);
/* Not idle in time is no failure, but told. */
int before_settle(const struct before_config *c, struct before_line *ret, struct err *err);

/* Whether the first two that need something of the host have it; nothing is done. */
int before_can_drop(const struct before_config *c, struct err *err);
int before_can_trim(const struct before_config *c, struct err *err);

#endif
