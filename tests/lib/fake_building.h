/* SPDX-License-Identifier: Apache-2.0 */
/* One part of a report under test: built from rows that the test writes. */
#ifndef CBPF_TESTS_FAKE_BUILDING_H
#define CBPF_TESTS_FAKE_BUILDING_H

#include "fake_run.h"
#include "report/internal.h"

/*
 * A run with a target "victim" and two ticks, and a report that has nothing yet but the ids of two
 * targets. Failures are in @err.
 */
void fake_building_begin(struct building *b, struct fake_run *run, struct err *err);
void fake_building_end(struct building *b, struct fake_run *run);

/* Have the database of @run do that; the test fails if it does not. */
__attribute__((format(printf, 2, 3))) void fake_sql(const struct fake_run *run, const char *fmt,
						    ...);

#endif
