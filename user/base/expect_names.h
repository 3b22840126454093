/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of the numbers that a report has of a target below cgroup, pagecache, sched and profile, for
 * thresholds. What makes the report is in other layers, and has these: tests/unit/test_report_expect.c.
 */
#ifndef CBPF_BASE_EXPECT_NAMES_H
#define CBPF_BASE_EXPECT_NAMES_H

#include "base/option.h"

/* Each ends with a row of zeros; of a section without rows every name is taken. */
extern const struct option_row expect_cgroup_rows[];
extern const struct option_row expect_pagecache_rows[];
extern const struct option_row expect_sched_rows[];
extern const struct option_row expect_profile_rows[];

#endif
