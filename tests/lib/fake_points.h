/* SPDX-License-Identifier: Apache-2.0 */
/* Points of a small table of measurements that is a test's own. */
#ifndef CBPF_TESTS_FAKE_POINTS_H
#define CBPF_TESTS_FAKE_POINTS_H

#include "sink/point.h"

/*
 * cbpf_block (tick): tags benchmark_id, target, target_id, kind, device, op; fields ios (requests), bytes,
 * queue_ns, depth (gauge), share (ratio, real), busy (%, real), total_p99 (quantile, ns),
 * cache_* (many, total, real), scheduler (fact, text), stacked (gauge, bool).
 */
extern const struct measurement fake_block;
/* cbpf_cgroup (tick): tags benchmark_id, target; total cpu_usage_ns, gauge memory_bytes. */
extern const struct measurement fake_cgroup;
/* cbpf_result (end): tags benchmark_id, target; fact bytes, and bw_mib_s (real, fact). */
extern const struct measurement fake_result;
/* benchmark_metrics (tick): tag container_name; gauge perf_cycles. */
extern const struct measurement fake_metrics;
/* All of these; ends with NULL. */
extern const struct measurement *const fake_measurements[];

/* An empty point. */
void fake_point(struct point *p, const struct measurement *m, int64_t seq);
/* The column @name of its measurement; the test fails when there is none. Borrows what it is given. */
void fake_tag(struct point *p, const char *name, const char *text);
void fake_int(struct point *p, const char *name, int64_t value);
void fake_real(struct point *p, const char *name, double value);
void fake_text(struct point *p, const char *name, const char *text);
void fake_bool(struct point *p, const char *name, bool value);
void fake_hist(struct point *p, const char *name, const struct hist *hist);

#endif
