/* SPDX-License-Identifier: Apache-2.0 */
/* The runs of a group (`matrix:`, `repeat:`) as one table: a row for each combination. */
#ifndef CBPF_REPORT_GROUP_H
#define CBPF_REPORT_GROUP_H

#include <jansson.h>

struct buf;
struct err;
struct report_group;
struct report_style;

/* NULL without memory. */
struct report_group *report_group_open(void);
/*
 * Add a run, by what report_build() made of it; nothing of it is kept. Only runs that ended "ok"
 * have a part in the numbers. 0 or -ENOMEM.
 */
int report_group_add(struct report_group *g, const json_t *report, struct err *err);
/*
 * Caller decrefs:
 *
 *   {"schema": 1, "group", "name", "runs": 5, "planned": 6, "axes": ["transfer"],
 *    "matrix": [{"axes": {"transfer": "4KiB"}, "ok": 2,
 *                "runs": [{"id", "status", "repetition", "started", "duration_s"}],
 *                "targets": [{"name", "hit_ratio", "accessed_pages",
 *                    "ops": [{"op": "write", "source": "tool",
 *                             "bw_mib_s": {"n", "mean", "min", "max", "stddev"}, "iops": {...},
 *                             "vfs_ns": {"count", "p50", "p99"}, "block_ns": {...},
 *                             "vfs_bytes": 67108864, "device_bytes": 67108864}]}],
 *                "metrics": what series_spread() made; its runs are indices of "runs"}]}
 *
 * bw_mib_s and iops are, per run, the mean over what the tool reported ("tool"), or else what the
 * target's file system calls moved while it ran ("calls"), and of these the mean over runs, with
 * the standard deviation of the sample where there are two or more. Percentiles are of all runs'
 * calls, or requests to devices, together. "metrics" is there with two runs or more that ended "ok",
 * in the order of time. vfs_bytes, device_bytes, accessed_pages: per run. What no run has
 * is absent.
 */
int report_group_json(const struct report_group *g, json_t **ret, struct err *err);
void report_group_close(struct report_group *g); /* takes NULL */

/* What report_group_json() made: for a terminal, and as CSV with a line per target and operation. */
int report_group_text(const json_t *group, const struct report_style *style, struct buf *out);
int report_group_csv(const json_t *group, struct buf *out);

#endif
