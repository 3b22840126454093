/* SPDX-License-Identifier: Apache-2.0 */
/* The two clocks: monotonic inside, wall only at the edge. */
#ifndef CBPF_BASE_CLOCK_H
#define CBPF_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#define NSEC_PER_SEC 1000000000ull
#define NSEC_PER_MSEC 1000000ull
#define NSEC_PER_USEC 1000ull

uint64_t clock_mono_ns(void); /* CLOCK_MONOTONIC, as bpf_ktime_get_ns() */
uint64_t clock_wall_ns(void); /* CLOCK_REALTIME since the epoch */

/* Sleep until CLOCK_MONOTONIC reaches @mono_ns; -EINTR on a signal. */
int clock_sleep_until(uint64_t mono_ns);

/* RFC 3339 in UTC with milliseconds: "2026-11-21T10:15:00.123Z" (24+NUL). */
void clock_rfc3339(uint64_t wall_ns, char *text, size_t size);

#endif
