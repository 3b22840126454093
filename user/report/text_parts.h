/* SPDX-License-Identifier: Apache-2.0 */
/* Sections of the report in a terminal. */
#ifndef CBPF_REPORT_TEXT_PARTS_H
#define CBPF_REPORT_TEXT_PARTS_H

#include <jansson.h>
#include <stdbool.h>

struct buf;
struct report_style;

/* A target of the run itself, not a bystander. */
bool is_own_target(const json_t *target);
int text_target(const json_t *target, const struct report_style *style, struct buf *out);
/* Sizes, order and errors of a target's requests. */
int text_access(const json_t *target, const struct report_style *style, struct buf *out);
/* File system calls and where their time went; nothing when no probe looked. */
int text_vfs(const json_t *target, const struct report_style *style, struct buf *out);
/* Scheduler and page cache; nothing when no probe looked. */
int text_tasks(const json_t *target, const struct report_style *style, struct buf *out);
/* Events that its tasks caused; nothing when none was counted. */
int text_perf(const json_t *target, const struct report_style *style, struct buf *out);
/* Sampled stacks; nothing when none were, or it never ran. */
int text_profile(const json_t *target, const struct report_style *style, struct buf *out);
/* What is missing of the samples that there should be; nothing when nothing is. */
int text_profile_gap(const json_t *report, const struct report_style *style, struct buf *out);
/* What the tool and the kernel say of each phase; nothing without phases. */
int text_phases(const json_t *target, const struct report_style *style, struct buf *out);
/* Where the begin of a phase was unlike the rest of it, and where not; nothing when nobody looked. */
int text_warm_up(const json_t *target, const struct report_style *style, struct buf *out);
/* How much the tool's repetitions in this run spread; nothing below two. */
int text_repetitions(const json_t *target, const struct report_style *style, struct buf *out);
/* Limits of its block I/O, and what was reached of them; nothing without any. */
int text_limits(const json_t *target, const struct report_style *style, struct buf *out);
int text_budget(const json_t *budget, const struct report_style *style, struct buf *out);
/* What the rules concluded, and what they could not judge; nothing when there is neither. */
int text_findings(const json_t *report, const struct report_style *style, struct buf *out);
int text_sharing(const json_t *report, const struct report_style *style, struct buf *out);
int text_accounting(const json_t *report, const struct report_style *style, struct buf *out);

#endif
