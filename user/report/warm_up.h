/* SPDX-License-Identifier: Apache-2.0 */
/* How long the begin of each phase, or of a run, was unlike the rest of it. */
#ifndef CBPF_REPORT_WARM_UP_H
#define CBPF_REPORT_WARM_UP_H

struct building;

#define WARM_UP_TICKS_LEAST 20 /* in which anything ended, below which nothing is said */

/*
 * targets[].warm_up, after targets[].phases: for each phase, or without phases for reads and writes
 * of the whole run,
 *
 *   {"op", "source": "calls", "iteration", "test", "begin_ns",
 *    "throughput": {"settled", "ticks", "mean_bytes_per_s", "warm_up_ticks", "until_ns", "until_s",
 *                   "steady_mean_bytes_per_s"},
 *    "latency": {..., "mean_ns", "steady_mean_ns"}}
 *
 * by stat_warm_up() over ticks that are wholly inside; what comes to rest is "not settled". Bytes per second go by the time between the
 * begins of sweeps; a tick's latency is the mean of what ended in it, and one in which nothing ended
 * has none. Means are of all that the ticks have, by time or by number. until_s is from begin_ns.
 * Without calls (no vfs probe) these are requests to devices. 0 or what it left in @b->err.
 */
int build_warm_up(struct building *b);

#endif
