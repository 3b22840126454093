/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces of the static HTML report. */
#ifndef CBPF_REPORT_HTML_PARTS_H
#define CBPF_REPORT_HTML_PARTS_H

#include <jansson.h>
#include <stddef.h>

struct buf;

/* @text as character data, safe between tags and within a quoted attribute; NULL is "". */
int html_text(struct buf *out, const char *text);
/* As html_text() of @len bytes. */
int html_bytes(struct buf *out, const char *text, size_t len);
/* A cell: <td>, with class "n" when @number. */
int html_cell(struct buf *out, int number, const char *text);
/* <tr> of <th> from a NULL-terminated list; those after the first are right-aligned. */
int html_head(struct buf *out, const char *const *cells);

/*
 * Queue, device and total time of one operation as one SVG over a logarithmic
 * axis; nothing when there is none.
 */
int html_histograms(struct buf *out, const json_t *op);

/* Who was in each device, and interference; nothing when the probe did not look. */
int html_sharing(struct buf *out, const json_t *report);

/* File system calls and where their time went; nothing when no probe looked. */
int html_vfs(struct buf *out, const json_t *target);
/* Scheduler, page cache and perf events; nothing when no probe looked. */
int html_tasks(struct buf *out, const json_t *target);
/*
 * Sampled stacks as a flame graph of at most @flame_max bytes, and the functions they were in; nothing when none
 * were. What is too narrow for so many bytes is left out, and how wide it was told.
 */
int html_profile(struct buf *out, const json_t *target, size_t flame_max);
/* What the tool and the kernel say of each phase; nothing without phases. */
int html_phases(struct buf *out, const json_t *target);
int html_budget(struct buf *out, const json_t *budget);

int html_target(struct buf *out, const json_t *target, size_t flame_max);

#endif
